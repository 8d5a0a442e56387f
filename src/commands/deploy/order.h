// In which order the kinds of one tier are applied.
#pragma once

#include <string_view>

namespace flowlet::commands::deploy {

/// Lower comes first: namespaces, definitions, rights, configuration, services, workloads, what scales and exposes
/// them, and webhooks last, for one that is up before its backend refuses everything after it.
int apply_rank(std::string_view kind);

}  // namespace flowlet::commands::deploy

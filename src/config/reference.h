// References to secrets: their grammar, and what `secrets:` says of them.
#pragma once

#include <string>
#include <string_view>

#include "config/findings.h"
#include "config/layers.h"

namespace flowlet::config {

/// What is wrong with a secret's reference, without saying the text; empty if nothing is. A text without any ${…} is
/// left to the caller.
std::string check_reference(std::string_view text);

/// Of every name below `secrets`: it says exactly one source, and a form that can be read. Every ${secret:NAME} in a
/// secret key names one of them.
void check_secrets(const Values& values, Findings& findings);

}  // namespace flowlet::config

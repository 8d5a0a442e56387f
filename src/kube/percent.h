// Percent-encoding by RFC 3986.
#pragma once

#include <string>
#include <string_view>

namespace flowlet::kube {

/// Every byte but the unreserved ones (letters, digits, '-', '.', '_', '~') as %XX: fit for one path segment or for one
/// value of a query.
std::string percent_encode(std::string_view text);

}  // namespace flowlet::kube

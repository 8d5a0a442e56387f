// Base64 as the values of a Secret are written (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flowlet::kube {

/// The bytes, or nothing if the text is not padded base64. Line breaks are skipped, as the API server does.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace flowlet::kube

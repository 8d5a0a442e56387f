// What a digest of a whole text and one of passing bytes share.
#pragma once

#include <openssl/types.h>

#include <array>
#include <string>
#include <string_view>

namespace flowlet::stream {

using Sha256 = std::array<unsigned char, 32>;

/// OpenSSL's SHA-256; never null. Throws Error{bug} where OpenSSL has none.
const EVP_MD* sha256_algorithm();

/// HMAC-SHA-256 (RFC 2104). Throws Error{bug} where OpenSSL has none.
Sha256 hmac(std::string_view key, std::string_view text);
std::string_view view(const Sha256& digest);

/// As 64 lower-case hexadecimal digits.
std::string hex(const Sha256& digest);

}  // namespace flowlet::stream

// stream: bytes on their way: digests, compression, encodings. Knows no file and no process.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace flowlet::stream {

/// SHA-256 (FIPS 180-4) of a whole text, as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// RFC 4648 base64. Decoding ignores line breaks and throws Error{verification} on anything else that is foreign.
std::string base64_encode(std::string_view bytes);
std::string base64_decode(std::string_view text);

/// One gzip member (RFC 1952) without name or time: the same bytes give the same result.
std::string gzip(std::string_view bytes);

/// Inflates one gzip stream (RFC 1952, several members too). Throws Error{verification} if it is damaged, cut off, or
/// would grow past `limit` bytes.
std::string gunzip(std::string_view bytes, std::size_t limit);

}  // namespace flowlet::stream

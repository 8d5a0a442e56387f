#include "stream/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {

// Fetched once: a look-up by name for each call costs more than the hash of a short line.
const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (found == nullptr) throw Error(Kind::bug, "OpenSSL does not give a SHA-256");
    return found;
}

std::string hex(const Sha256& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(digest.size() * 2);
    for (const unsigned char byte : digest) {
        out += digits[byte >> 4U];
        out += digits[byte & 0x0FU];
    }
    return out;
}

Sha256 hmac(std::string_view key, std::string_view text) {
    Sha256 out{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size) == nullptr) {
        throw Error(Kind::bug, "OpenSSL does not give an HMAC");
    }
    return out;
}

std::string_view view(const Sha256& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string sha256_hex(std::string_view bytes) {
    Sha256 digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, sha256_algorithm(), nullptr) != 1) {
        throw Error(Kind::bug, "OpenSSL does not give a SHA-256");
    }
    return hex(digest);
}

}  // namespace flowlet::stream

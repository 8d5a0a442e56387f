#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

using Digest = std::array<unsigned char, 32>;

std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest hmac(const Digest& key, std::string_view text) {
    Digest out{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size) == nullptr) {
        throw Error(Kind::bug, "OpenSSL does not give an HMAC");
    }
    return out;
}

Digest hash(const Digest& bytes) {
    Digest out{};
    if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw Error(Kind::bug, "OpenSSL does not give a SHA-256");
    }
    return out;
}

}  // namespace

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
        throw Error(Kind::failed, "the system gives no random bytes");
    }
    return bytes;
}

std::string scram_sha_256(const Secret& password, std::string_view salt, int iterations) {
    const std::string& text = password.reveal();
    Digest salted{};
    if (PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()),
                          reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                          iterations, EVP_sha256(), static_cast<int>(salted.size()), salted.data()) != 1) {
        throw Error(Kind::bug, "OpenSSL does not give a PBKDF2");
    }
    const Digest stored = hash(hmac(salted, "Client Key"));
    const Digest server = hmac(salted, "Server Key");
    return "SCRAM-SHA-256$" + std::to_string(iterations) + ":" + base64_encode(salt) + "$" +
           base64_encode(view(stored)) + ":" + base64_encode(view(server));
}

}  // namespace flowlet::stream

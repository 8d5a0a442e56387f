#include <openssl/evp.h>
#include <openssl/rand.h>

#include "flowlet/base.h"
#include "flowlet/stream.h"
#include "stream/sha256.h"

namespace flowlet::stream {
namespace {

Sha256 hash(const Sha256& bytes) {
    Sha256 out{};
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
    Sha256 salted{};
    if (PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()),
                          reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                          iterations, EVP_sha256(), static_cast<int>(salted.size()), salted.data()) != 1) {
        throw Error(Kind::bug, "OpenSSL does not give a PBKDF2");
    }
    const Sha256 stored = hash(hmac(view(salted), "Client Key"));
    const Sha256 server = hmac(view(salted), "Server Key");
    return "SCRAM-SHA-256$" + std::to_string(iterations) + ":" + base64_encode(salt) + "$" +
           base64_encode(view(stored)) + ":" + base64_encode(view(server));
}

}  // namespace flowlet::stream

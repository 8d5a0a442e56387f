#include <openssl/evp.h>

#include "flowlet/base.h"
#include "flowlet/stream.h"
#include "stream/sha256.h"

namespace flowlet::stream {
namespace {

struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

[[noreturn]] void broken() {
    throw Error(Kind::bug, "OpenSSL does not give a SHA-256 of passing bytes");
}

}  // namespace

struct Digest::State {
    std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Digest::Digest() : state_(std::make_unique<State>()) {
    EVP_MD_CTX* const context = state_->context.get();
    if (context == nullptr || EVP_DigestInit_ex(context, sha256_algorithm(), nullptr) != 1) broken();
}

Digest::~Digest() = default;

void Digest::update(std::string_view bytes) {
    EVP_MD_CTX* const context = state_->context.get();
    if (context == nullptr || EVP_DigestUpdate(context, bytes.data(), bytes.size()) != 1) broken();
    bytes_ += bytes.size();
}

std::string Digest::hex() {
    // Given up with its last digest: OpenSSL 3.0 would hash on as if nothing were wrong.
    const auto context = std::move(state_->context);
    Sha256 digest{};
    if (context == nullptr || EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) broken();
    return stream::hex(digest);
}

}  // namespace flowlet::stream

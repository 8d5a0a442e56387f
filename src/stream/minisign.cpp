#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "flowlet/base.h"
#include "flowlet/stream.h"

// The files of minisign are base64 between comments. A secret key: "Ed", the way it is encrypted, "B2", 48 bytes about
// its password, its id, seed and public half, a checksum. A public key: "Ed", id, key. A signature: "ED", id, Ed25519
// over the BLAKE2b-512 of the message; then Ed25519 over that signature and the trusted comment.
namespace flowlet::stream {
namespace {

constexpr std::size_t id_size = 8;
constexpr std::size_t key_size = 32;
constexpr std::size_t signature_size = 64;
constexpr std::size_t secret_file_size = 158;
constexpr std::size_t secret_id_at = 54;
constexpr std::size_t seed_at = secret_id_at + id_size;

constexpr std::string_view key_mark = "Ed";
constexpr std::string_view prehashed_mark = "ED";
constexpr std::string_view untrusted = "untrusted comment: ";
constexpr std::string_view trusted = "trusted comment: ";
// minisign 0.11 reads its line into 8192 bytes.
constexpr std::size_t longest_comment = 8000;

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

struct PublicKey {
    std::string id;
    std::string bytes;
};

struct Signature {
    std::string id;
    std::string bytes;
    std::string comment;
    std::string over_comment;
};

[[noreturn]] void broken(const std::string& what) {
    throw Error(Kind::bug, "OpenSSL does not give " + what);
}

[[noreturn]] void refuse(const std::string& what, std::string hint = {}) {
    throw Error(Kind::verification, "signature: " + what, std::move(hint));
}

[[noreturn]] void refuse_key(const std::string& what, std::string hint) {
    throw Error(Kind::config, "signing key: " + what, std::move(hint));
}

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* raw(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

// ---- Ed25519 and BLAKE2b ---------------------------------------------------------------------------------------

std::string blake2b(std::string_view message) {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    if (EVP_Digest(message.data(), message.size(), raw(digest), &size, EVP_blake2b512(), nullptr) != 1) {
        broken("a BLAKE2b");
    }
    digest.resize(size);
    return digest;
}

Key private_key(const Secret& seed) {
    Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed.reveal()), seed.reveal().size()));
    if (key == nullptr) broken("a key of Ed25519");
    return key;
}

std::string public_half(const Secret& seed) {
    const Key key = private_key(seed);
    std::string half(key_size, '\0');
    std::size_t size = half.size();
    if (EVP_PKEY_get_raw_public_key(key.get(), raw(half), &size) != 1) broken("a public key of Ed25519");
    return half;
}

std::string ed25519(EVP_PKEY& key, std::string_view text) {
    const Context context(EVP_MD_CTX_new());
    std::string signature(signature_size, '\0');
    std::size_t size = signature.size();
    if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, &key) != 1 ||
        EVP_DigestSign(context.get(), raw(signature), &size, raw(text), text.size()) != 1) {
        broken("a signature of Ed25519");
    }
    return signature;
}

bool is_by(const PublicKey& by, std::string_view signature, std::string_view text) {
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(by.bytes), by.bytes.size()));
    const Context context(EVP_MD_CTX_new());
    if (context == nullptr) broken("a context");
    return key != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(text), text.size()) == 1;
}

// ---- the files -------------------------------------------------------------------------------------------------

/// As minisign shows it: the bytes are a little-endian number.
std::string shown(std::string_view id) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char letter : std::string(id.rbegin(), id.rend())) {
        const auto byte = static_cast<unsigned char>(letter);
        out += digits[byte >> 4U];
        out += digits[byte & 0x0FU];
    }
    return out;
}

/// Views into `text`, without the ends of lines; what follows the last one is a line only if there is something.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
    }
    return lines;
}

/// The bytes of a line in base64; none if it is no base64.
std::string decoded(std::string_view line) {
    try {
        return base64_decode(line);
    } catch (const Error&) {
        return {};
    }
}

PublicKey read_public_key(std::string_view text) {
    const std::string bytes = decoded(trim(text));
    if (bytes.size() != key_mark.size() + id_size + key_size || !bytes.starts_with(key_mark)) {
        throw Error(Kind::config, "that is no public key of minisign",
                    "it is the second line of minisign.pub: 56 letters that begin with RW");
    }
    return {bytes.substr(key_mark.size(), id_size), bytes.substr(key_mark.size() + id_size)};
}

Signature read_signature(std::string_view text) {
    const std::vector<std::string_view> lines = lines_of(text);
    if (lines.empty() || !lines[0].starts_with(untrusted)) refuse("that is no signature of minisign");
    if (lines.size() < 4) refuse("it is cut off");
    if (lines.size() > 4) refuse("there is something after its end");
    if (!lines[2].starts_with(trusted)) refuse("it has no trusted comment");
    const std::string bytes = decoded(lines[1]);
    if (bytes.starts_with(key_mark)) {
        refuse("it is of minisign's old form, which is not over a digest", "sign again with: minisign -S -H");
    }
    if (bytes.size() != prehashed_mark.size() + id_size + signature_size || !bytes.starts_with(prehashed_mark)) {
        refuse("its second line is damaged");
    }
    Signature signature{bytes.substr(prehashed_mark.size(), id_size), bytes.substr(prehashed_mark.size() + id_size),
                        std::string(lines[2].substr(trusted.size())), decoded(lines[3])};
    if (signature.over_comment.size() != signature_size) refuse("its last line is damaged");
    return signature;
}

/// The bytes of a secret key's file, if they are of a key that can be used.
Secret read_secret_key(const Secret& file) {
    constexpr std::string_view unencrypted("Ed\0\0B2", 6);
    constexpr std::string_view encrypted = "EdScB2";
    const std::string make = "make one with: minisign -G -W";
    const std::vector<std::string_view> lines = lines_of(file.reveal());
    if (lines.size() != 2 || !lines[0].starts_with(untrusted)) refuse_key("that is no secret key of minisign", make);
    Secret bytes(decoded(lines[1]));
    if (bytes.reveal().size() != secret_file_size) refuse_key("that is no secret key of minisign", make);
    if (bytes.reveal().starts_with(encrypted)) {
        refuse_key("it is encrypted with a password", make + ", or take the password off with: minisign -C -W");
    }
    if (!bytes.reveal().starts_with(unencrypted)) refuse_key("it is of a kind that is not known here", make);
    return bytes;
}

}  // namespace

// The checksum says nothing: `minisign -G -W` leaves it zero, and OpenSSL 3.0 has no BLAKE2b of 256 bits. That the
// public half follows from the seed says more.
SigningKey::SigningKey(const Secret& file) {
    const Secret bytes = read_secret_key(file);
    seed_ = Secret(bytes.reveal().substr(seed_at, key_size));
    id_ = bytes.reveal().substr(secret_id_at, id_size);
    public_ = bytes.reveal().substr(seed_at + key_size, key_size);
    if (public_half(seed_) != public_) refuse_key("it is damaged", "take it from where it is kept, or make a new one");
}

std::string SigningKey::public_key() const {
    return base64_encode(std::string(key_mark) + id_ + public_);
}

std::string SigningKey::sign(std::string_view message, std::string_view trusted_comment) const {
    if (trusted_comment.size() > longest_comment || printable(trusted_comment) != trusted_comment ||
        trusted_comment.find('\n') != std::string_view::npos) {
        throw Error(Kind::bug, "a trusted comment is one line that can be shown");
    }
    const Key key = private_key(seed_);
    const std::string signature = ed25519(*key, blake2b(message));
    std::string out = std::string(untrusted) + "signature from flowletctl\n";
    out += base64_encode(std::string(prehashed_mark) + id_ + signature) + '\n';
    out += std::string(trusted) + std::string(trusted_comment) + '\n';
    out += base64_encode(ed25519(*key, signature + std::string(trusted_comment))) + '\n';
    return out;
}

std::string check_signature(std::string_view public_key, std::string_view message, std::string_view signature) {
    const PublicKey key = read_public_key(public_key);
    Signature read = read_signature(signature);
    if (read.id != key.id) refuse("it is by the key " + shown(read.id) + ", not by " + shown(key.id));
    if (!is_by(key, read.bytes, blake2b(message)))
        refuse("it does not fit: it or what it was made for has been changed");
    if (!is_by(key, read.over_comment, read.bytes + read.comment)) refuse("its trusted comment has been changed");
    return std::move(read.comment);
}

}  // namespace flowlet::stream

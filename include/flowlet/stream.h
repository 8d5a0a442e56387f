// stream: bytes on their way: digests, compression, encodings. Knows no file and no process.
#pragma once

#include "flowlet/base.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowlet::stream {

/// Where bytes go. One thread writes; finish() comes once, after the last write, and never after a failure. What cannot
/// be taken throws.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void write(std::string_view bytes) = 0;
    virtual void finish() = 0;
};

/// SHA-256 (FIPS 180-4) and the number of bytes that come by.
class Digest {
public:
    Digest();
    ~Digest();
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;
    void update(std::string_view bytes);
    /// Of all that came, as 64 lower-case hexadecimal digits; nothing may come after it.
    std::string hex();
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
    struct State;
    std::unique_ptr<State> state_;
    std::uint64_t bytes_ = 0;
};

/// SHA-256 (FIPS 180-4) of a whole text, as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// RFC 4648 base64. Decoding ignores line breaks and throws Error{verification} on anything else that is foreign.
std::string base64_encode(std::string_view bytes);
std::string base64_decode(std::string_view text);
/// RFC 3986: every byte that is not unreserved as %XX.
std::string percent_encode(std::string_view text);

/// One gzip member (RFC 1952) without name or time: the same bytes give the same result.
std::string gzip(std::string_view bytes);

/// Inflates one gzip stream (RFC 1952, several members too). Throws Error{verification} if it is damaged, cut off, or
/// would grow past `limit` bytes.
std::string gunzip(std::string_view bytes, std::size_t limit);

/// Compresses what is written into gzip members (RFC 1952), one for every 4 MiB, so that a damaged one costs no more;
/// every reader of gzip reads them as one stream. Nothing written is one empty member. The codec is ISA-L's at its
/// level 2; on one machine the same bytes give the same result, however they were cut into writes. `next` outlives it
/// and is finished with it.
std::unique_ptr<Sink> make_gzip(Sink& next);

/// Inflates gzip members, one after the other. Throws Error{verification} where they are damaged or cut off, if only
/// one byte follows that is no member, and if finish() comes before the first member.
std::unique_ptr<Sink> make_gunzip(Sink& next);

/// Bytes from the system's generator. Throws Error{failed} if it has none.
std::string random_bytes(std::size_t count);

/// The verifier that PostgreSQL keeps of a password (RFC 5803 with RFC 7677): to set it, the password itself need not
/// be sent, nor stand in a statement that a server may log. `password` is ASCII, for which SASLprep changes nothing.
std::string scram_sha_256(const Secret& password, std::string_view salt, int iterations = 4096);

// ---- requests to object stores ----------------------------------------------------------------------------------

/// What of a request AWS Signature Version 4 signs (Amazon S3 API reference, "Signature Calculations for the
/// Authorization Header").
struct S3Request {
    std::string method;
    std::string path;                                        ///< percent-encoded, with the bucket
    std::vector<std::pair<std::string, std::string>> query;  ///< not encoded, in any order
    std::map<std::string, std::string> headers;              ///< lower-case names; with "host"
    std::string body_sha256;                                 ///< in hexadecimal digits
    Time time{};
};

/// "a=1&b=", sorted and encoded as it is signed.
std::string render_query(const std::vector<std::pair<std::string, std::string>>& query);
/// Every byte of each segment that is not unreserved as %XX; the slashes stay.
std::string encode_path(std::string_view path);
/// "20261121T191500Z".
std::string render_amazon_time(Time time);
/// The value of the header Authorization. The request is sent with x-amz-date and x-amz-content-sha256, which are
/// signed with its headers.
std::string sign_s3(const S3Request& request, const std::string& region, const std::string& key_id,
                    const Secret& secret);

// ---- signatures ------------------------------------------------------------------------------------------------

/// A key of minisign, as `minisign -G -W` writes it: Ed25519, not encrypted. Throws Error{config} for any other.
/// `file` is the whole file, with its comment.
class SigningKey {
public:
    explicit SigningKey(const Secret& file);
    /// "RWQ…": what the others check with.
    [[nodiscard]] std::string public_key() const;
    /// The text of a .minisig file over `message`: prehashed (BLAKE2b-512), so that minisign reads it too. The trusted
    /// comment, one line, is signed with it.
    [[nodiscard]] std::string sign(std::string_view message, std::string_view trusted_comment) const;

private:
    Secret seed_;
    std::string id_;
    std::string public_;
};

/// The trusted comment of a .minisig file, when both its signatures are by `public_key` ("RWQ…"). Throws
/// Error{verification}, with who has signed instead where that is the trouble; Error{config} if that is no public key.
std::string check_signature(std::string_view public_key, std::string_view message, std::string_view signature);

// ---- secrets on their way --------------------------------------------------------------------------------------

/// Takes known secrets out of text that leaves the program: as they are, in base64 at any alignment, percent-encoded,
/// in hexadecimal, escaped for JSON, SQL and the shell, and line by line. What is shorter than `shortest` bytes is not
/// looked for: it would be found everywhere. Safe to call from several threads.
class Scrubber {
public:
    static constexpr std::size_t shortest = 6;
    Scrubber();
    ~Scrubber();
    Scrubber(const Scrubber&) = delete;
    Scrubber& operator=(const Scrubber&) = delete;
    void add(const Secret& secret);
    /// The text with "***" in place of each.
    [[nodiscard]] std::string scrub(std::string_view text) const;

private:
    struct Known;
    std::unique_ptr<Known> known_;
};

}  // namespace flowlet::stream

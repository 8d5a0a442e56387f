// One signed request to an S3-compatible store, and its answer.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flowlet/host.h"
#include "host/descriptor.h"

namespace flowlet::host {

/// A piece of a file that is open meanwhile.
struct Piece {
    int descriptor = -1;
    std::uint64_t from = 0;
    std::uint64_t bytes = 0;
};

struct S3Call {
    std::string method = "GET";
    std::string key = {};  ///< empty: the bucket itself
    std::vector<std::pair<std::string, std::string>> query = {};
    std::map<std::string, std::string> headers = {};  ///< lower-case names
    std::string body = {};
    std::optional<Piece> piece = std::nullopt;  ///< instead of the body
    std::string sha256 = {};                    ///< of the piece, in hexadecimal digits
    /// Where the body of a 2xx goes; else it is kept, up to a limit. False ends it.
    std::function<bool(std::string_view bytes)> take = nullptr;
    std::size_t limit = std::size_t{16} << 20U;
};

struct S3Answer {
    int status = 0;  ///< 0: no whole answer came; `body` holds the reason
    std::string body;
    std::map<std::string, std::string> headers;  ///< lower-case names
    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
    [[nodiscard]] std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

/// Sends it once. Throws Error{interrupted} or Error{terminated} when asked to stop, Error{config} for plain http to
/// another machine.
S3Answer call_once(const Bucket& bucket, const S3Call& call, const Interrupt* interrupt);

/// Again after 0.25, 0.5, 1 and 2 seconds while the store is busy or the line breaks.
S3Answer call_store(const Bucket& bucket, const S3Call& call, const Interrupt* interrupt);

/// Busy, or the line broke: worth another try.
bool is_passing(const S3Answer& answer);

/// Sleeps, but throws when asked to stop.
void pause_for(Millis duration, const Interrupt* interrupt);

/// Throws Error{config} for plain http to another machine, or what is no address of a server.
void check_address(const std::string& address);

}  // namespace flowlet::host

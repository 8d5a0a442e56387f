// Bytes on their way through programs, files and buckets.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host/bucket.h"
#include "flowlet/host/process.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace flowlet::host {

/// Counts and hashes what comes by, under a name.
struct Measure {
    std::string name;
};
struct Compress {};  ///< stream::make_gzip
struct Inflate {};   ///< stream::make_gunzip
/// Calls `seen` once, when that text comes by, or else at the end. May be called from any thread.
struct Spot {
    std::string text;
    std::function<void()> seen;
};
/// Not through a link at its end.
struct ReadFile {
    std::string path;
};
/// A connection that breaks is taken up where it broke.
struct ReadObject {
    Bucket bucket;
    Object object;
};
/// Fails if there is one already; 0600, on the disk when the flow has ended.
struct NewFile {
    std::string path;
};
using Stage = std::variant<Command, ReadFile, ReadObject, Measure, Spot, Compress, Inflate, NewFile>;

/// Bytes from a program, a file or a bucket, through what is to be done with them, into programs or a new file: without
/// a shell, and without a stop on any disk. The first stage is a Command, a ReadFile or a ReadObject, a NewFile is the
/// last; what comes out of another last stage is dropped.
struct Flow {
    std::vector<Stage> stages;
    Millis timeout{60000};   ///< for everything
    Millis idle{60000};      ///< for how long not one byte may move
    std::uint64_t rate = 0;  ///< at most so many bytes a second from the first stage; 0: as many as come
    /// `with_last`: once the last stage, a program, has ended well, what stands before it is ended and not judged.
    enum class Ends { with_all, with_last } ends = Ends::with_all;
};

/// "pg_dump … | gzip | age … > FILE", without what only measures.
std::string render(const Flow& flow);

struct FlowEnd {
    struct Measured {
        std::uint64_t bytes = 0;
        std::string sha256;
        std::string head;  ///< the first bytes, at most 16
        std::string tail;  ///< the last bytes, at most 256
    };
    std::map<std::string, Measured> measured;  ///< by name; only of stretches that came to their end
    std::vector<Exit> exits;                   ///< of its programs, in its order; `out` is empty
    std::optional<std::size_t> failed;         ///< which of them failed first
    std::optional<Error> broken;               ///< what went wrong between them
    bool timed_out = false;
    bool stood_still = false;
    bool interrupted = false;
    [[nodiscard]] bool ok() const noexcept { return !failed && !broken && !timed_out && !stood_still && !interrupted; }
};

}  // namespace flowlet::host

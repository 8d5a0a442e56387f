// audit: writes who did what: an intent before the first step, an outcome after the last. Local evidence of tampering,
// not proof against root (docs/audit.md says what that means).
#pragma once

#include "flowlet/base.h"
#include "flowlet/run.h"
#include "flowlet/stream.h"

#include <memory>
#include <string>
#include <vector>

namespace flowlet::audit {

/// Who runs the command; gathered once, by app.
struct Actor {
    std::string user;  ///< name of the real uid
    std::uint32_t uid = 0;
    std::uint32_t login_uid = 0;  ///< /proc/self/loginuid: survives sudo and su; 4294967295 where unset
    std::string sudo_user;
    std::string host;
    std::string boot;  ///< /proc/sys/kernel/random/boot_id
    std::string terminal;
    std::string version;            ///< of flowletctl
    std::vector<std::string> args;  ///< as given; values that may be secret are already masked
};
Actor current_actor(const std::vector<std::string>& args, const std::string& version);

struct Options {
    std::string folder;  ///< holds log.jsonl and lock; made 0700 where missing
    Actor actor;
    Millis lock_wait{5000};
    const stream::Scrubber* scrubber = nullptr;  ///< takes known secrets out of every record; outlives the log
};

/// The observer. Its begin() makes the intent durable (append under flock, fdatasync outside it) or throws
/// Error{audit_unavailable}: then nothing runs. Its end() writes the outcome; if that fails, the report's kind becomes
/// `unaudited` when it was ok, and the record goes to stderr-visible `report.left`. Files are 0600. A torn tail that a
/// killed writer left is closed and named by a `recover` record; nothing is ever truncated.
std::unique_ptr<run::Observer> make_log(const Options& options);

/// Name of the log in its folder.
inline constexpr const char* log_name = "log.jsonl";

}  // namespace flowlet::audit

// alarm: tells somebody how an unattended command ended: by a webhook, a mail, a program. What nobody took is kept, and
// tried again by later commands of the job.
#pragma once

#include "flowlet/base.h"
#include "flowlet/config.h"
#include "flowlet/host.h"
#include "flowlet/stream.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::alarm {

/// How a command ended.
struct Ending {
    Kind kind = Kind::ok;
    std::string message;
    std::string hint;
    std::string backup;  ///< the id of the one it was about; empty: not known
    /// What is wrong, in words that stay the same as long as it is wrong: it is told once. Empty: each time is news.
    std::vector<std::string> reasons;
};

/// Who is asked, and about what.
struct Options {
    host::Host& host;
    const config::Config& config;
    const stream::Scrubber& scrubber;
    std::string folder;   ///< where what is owed is kept, made 0700; empty: there is no place, and nothing is kept
    std::string command;  ///< "backup verify"
    std::string run;      ///< unlike any other: the id of an alarm is made of it
    std::string user;
    std::string machine;
    std::string version;
    std::function<Secret(std::string_view path)> resolve;        ///< the value of a secret key
    std::function<void(const std::string& line)> say = nullptr;  ///< for stderr
};

class Alarms {
public:
    virtual ~Alarms() = default;
    /// Tries what earlier commands of the job still owe: ten seconds at most. Says which channel cannot be used, so
    /// that this is known before it is needed.
    virtual void deliver_owed() = 0;
    /// Writes down what is to be told, if anything is, and tells it: twenty seconds at most. A failure is told; success
    /// only after a failure of the same command.
    virtual void tell(const Ending& ending) = 0;
};

/// Null when no channel is set. What goes wrong is said, never thrown.
std::unique_ptr<Alarms> make_alarms(const Options& options);

}  // namespace flowlet::alarm

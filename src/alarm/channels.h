// The ways to tell somebody: each takes one alarm and says what became of it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "flowlet/alarm.h"

namespace flowlet::alarm {

/// What became of one attempt.
struct Taken {
    enum class Answer { yes, no, none } answer = Answer::yes;  ///< none: nobody answered; others need not be tried now
    std::string why;                                           ///< "HTTP 503"
};

struct Channel {
    std::string name;     ///< "webhook"
    std::string trouble;  ///< why it cannot be used; empty: it can
    /// May be called from any thread. Ends by `until`, or shortly after.
    std::function<Taken(const nlohmann::json& document, Time until)> hand_over;
};

/// Those that are set.
std::vector<Channel> find_channels(const Options& options);

/// The address of a webhook in two parts, "https://HOST:PORT" and "/path?query". Throws Error{config} for one that is
/// none, or would be spoken to in plain text; no part of it stands in the error, for it may hold a token.
struct Address {
    std::string server;
    std::string path;
    friend bool operator==(const Address&, const Address&) = default;
};
Address parse_address(const std::string& text);

}  // namespace flowlet::alarm

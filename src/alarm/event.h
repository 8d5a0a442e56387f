// What is told: the document, the same as a mail, and when there is something to tell. Pure.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "flowlet/alarm.h"

namespace flowlet::alarm {

/// A command of the job that failed when it ended last.
struct Trouble {
    Time since{};
    unsigned failures = 0;
    std::vector<std::string> reasons;
    friend bool operator==(const Trouble&, const Trouble&) = default;
};
using Troubles = std::map<std::string, Trouble, std::less<>>;  ///< by command

/// What an ending is news of.
struct News {
    enum class What { failed, recovered } what = What::failed;
    Trouble trouble;
};
/// Keeps `troubles` up to date and says what is to be told, if anything.
std::optional<News> note_ending(Troubles& troubles, const std::string& command, const Ending& ending, Time now);

/// The document that webhooks and programs get. Every text in it is printable, scrubbed and cut to a length.
nlohmann::json to_document(const Options& options, const Ending& ending, const News& news);

/// "backup of shop (production) failed: …".
std::string render_sentence(const nlohmann::json& document);

/// For `sendmail -t -i`. Only `to` and what is made of letters, digits and signs that mean nothing stand in the header.
std::string render_mail(const nlohmann::json& document, const std::string& to);

}  // namespace flowlet::alarm

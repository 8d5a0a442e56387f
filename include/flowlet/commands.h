// commands: what a user can ask for. A command reads the world through a Probe and returns a Plan or a View; it never
// acts, and it knows nothing of dry runs, audit logs, colours or exit codes.
#pragma once

#include "flowlet/base.h"
#include "flowlet/config.h"
#include "flowlet/host.h"
#include "flowlet/plan.h"
#include "flowlet/stream.h"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace CLI {
class App;
}

namespace flowlet::commands {

/// What a command is given when it runs.
struct Session {
    host::Probe& probe;
    const config::Config* config = nullptr;  ///< set unless the command said that it needs none
    std::string audit_folder;                ///< empty if there is no place for one
    std::string run_id;                      ///< names this run in descriptions and locks
    std::string user;                        ///< who asks: "ana@ops-1"
    stream::Scrubber* scrubber = nullptr;    ///< told of every secret that is resolved; may be missing in tests
    config::Request request = {};  ///< what was asked of the configuration, for a command that reads it itself
};

using Answer = std::variant<plan::Plan, plan::View>;

/// A word that a shell may offer, and what it stands for.
struct Candidate {
    std::string word;
    std::string text;
};
/// Asked while somebody types: reads files at most, and `Session::config` may be null. What it throws means: nothing.
using Candidates = std::vector<Candidate> (*)(const Session&);

/// What the command line came to: which command, with what it adds to the configuration.
struct Invocation {
    std::string command;  ///< "deploy history"
    /// `root`: the folder of flowlet.yaml, and what that says if it can be understood (config::Config::broken()).
    enum class Needs { config, config_if_there, root, nothing } needs = Needs::config;
    std::string default_environment;
    bool environment_if_there = false;  ///< where flowlet.yaml has no environment of that name, none is chosen
    std::vector<config::Request::Override> overrides;  ///< flags that stand for keys
    std::function<Answer(const Session&)> run;
    /// Whether somebody is told when it fails, for it runs unattended: of every time, or once for as long as it lasts.
    enum class Watched { no, every_time, while_it_lasts } watched = Watched::no;
    std::string confirmed;  ///< what was typed after --confirm: the name that plan::Confirm asks for
    /// What can be told of a value while it is typed, by the word that help shows for it: "TIER". Filled in by declare,
    /// whatever the line says.
    std::map<std::string, Candidates, std::less<>> candidates;
};

/// The value of a secret key such as databases.primary.password. It is told to the session's scrubber first. Throws
/// Error{config} if the key is not set, Error{precondition} if the secret is not where it should be, Error{tool_failed}
/// if the program that prints it fails; none of them holds any part of it.
Secret resolve(const Session& session, std::string_view path);

/// One row of the table of commands. `declare` adds the command's flags to its part of the command line; when that part
/// was chosen, parsing fills in the Invocation. Help, completion and the manual are made of the same: an option's
/// type_name says what it takes (ENV, KEY, FILE, FOLDER, a word of `candidates`, or "bash|zsh|fish"), a part's footer
/// holds its examples, one a line.
struct Module {
    std::string_view name;
    std::string_view text;
    void (*declare)(CLI::App& part, Invocation& invocation);
    std::string_view family = {};  ///< what it and its neighbours of the same family are for: one line of the help
};
std::span<const Module> modules();

}  // namespace flowlet::commands

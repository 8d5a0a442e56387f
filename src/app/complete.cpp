#include "app/complete.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <set>

#include "app/grammar.h"

namespace flowlet::app {
namespace {

using commands::Candidate;
using console::Command;
using console::Flag;

/// How far the words before the cursor lead.
struct Cursor {
    std::vector<const Command*> way;  ///< flowletctl, deploy, history
    std::size_t arguments = 0;        ///< how many are there already
    const Flag* pending = nullptr;    ///< waits for its value
    enum class Flags { allowed, over } flags = Flags::allowed;
    std::set<const Flag*> seen;
    std::map<std::string, std::string, std::less<>> values;  ///< "--root" → "/srv/shop"
};

const Flag* find_flag(const Cursor& cursor, const std::string& name) {
    // A flag of a command is also known to the commands below it.
    for (auto part = cursor.way.rbegin(); part != cursor.way.rend(); ++part) {
        for (const Flag& flag : (*part)->flags) {
            if (std::find(flag.names.begin(), flag.names.end(), name) != flag.names.end()) {
                return &flag;
            }
        }
    }
    return nullptr;
}

std::string name_of(const Command& command) {
    return command.path.substr(command.path.rfind(' ') + 1);
}

/// "--env=staging" and "-ojson" hold their values; "--env" waits for it.
void pass_flag(Cursor& cursor, const std::string& word) {
    const bool is_long = word.starts_with("--");
    const std::size_t end = is_long ? std::min(word.find('='), word.size()) : 2;
    const Flag* flag = find_flag(cursor, word.substr(0, end));
    if (flag == nullptr) {
        return;
    }
    cursor.seen.insert(flag);
    if (flag->value.empty()) {
        return;
    }
    if (end == word.size()) {
        cursor.pending = flag;
    } else {
        cursor.values[flag->names.back()] = word.substr(end + (is_long ? 1 : 0));
    }
}

void pass_argument(Cursor& cursor, const std::string& word) {
    const std::vector<Command>& below = cursor.way.back()->commands;
    const auto found =
        std::find_if(below.begin(), below.end(), [&](const Command& one) { return name_of(one) == word; });
    if (cursor.arguments == 0 && found != below.end()) {
        cursor.way.push_back(&*found);
    } else {
        ++cursor.arguments;
    }
}

void pass(Cursor& cursor, const std::string& word) {
    if (cursor.pending != nullptr) {
        cursor.values[cursor.pending->names.back()] = word;
        cursor.pending = nullptr;
    } else if (cursor.flags == Cursor::Flags::over || word.size() < 2 || !word.starts_with("-")) {
        pass_argument(cursor, word);
    } else if (word == "--") {
        cursor.flags = Cursor::Flags::over;
    } else {
        pass_flag(cursor, word);
    }
}

// ---- what a value may be ---------------------------------------------------------------------------------------

/// What may be asked for candidates: the configuration of the project that the line is about.
class Project {
public:
    Project(const Cursor& cursor, host::Probe& probe) : probe_(probe) {
        const auto value = [&](const char* flag) {
            const auto found = cursor.values.find(flag);
            return found == cursor.values.end() ? std::string() : found->second;
        };
        request_.root = value("--root");
        request_.environment = value("--env");
    }

    /// Null if it is broken or not there.
    const config::Config* config() {
        if (!tried_) {
            tried_ = true;
            try {
                config_ = config::load(probe_, request_);
            } catch (const Error&) {
                config_.reset();
            }
        }
        return config_ ? &*config_ : nullptr;
    }

    commands::Session session() { return {probe_, config(), "", "", ""}; }

private:
    host::Probe& probe_;
    config::Request request_;
    std::optional<config::Config> config_;
    bool tried_ = false;
};

std::vector<Candidate> list_environments(Project& project) {
    std::vector<Candidate> list;
    if (project.config() == nullptr) {
        return list;
    }
    for (const std::string& name : project.config()->environments()) {
        const bool guarded = project.config()->text("environments." + name + ".protected") == "true";
        list.push_back({name, guarded ? "protected" : ""});
    }
    return list;
}

/// The paths that a row of the table stands for: a "*" is every name that the project knows in its place.
std::vector<std::string> expand(const std::string& path, const config::Config* config) {
    const std::size_t star = path.find('*');
    if (star == std::string::npos) {
        return {path};
    }
    std::vector<std::string> paths;
    if (config != nullptr) {
        for (const std::string& name : config->children(path.substr(0, star - 1))) {
            paths.push_back(path.substr(0, star) + name + path.substr(star + 1));
        }
    }
    return paths;
}

std::vector<Candidate> list_keys(Project& project) {
    std::vector<Candidate> list;
    for (const config::Key& key : config::keys()) {
        if (key.path == "apiVersion" || key.path == "locked" || key.path.starts_with("environments.")) {
            continue;
        }
        for (const std::string& path : expand(std::string(key.path), project.config())) {
            list.push_back({path, std::string(key.text)});
        }
    }
    return list;
}

Completion of_type(config::Type type, const std::string& path) {
    Completion found;
    if (type == config::Type::boolean) {
        found.candidates = {{path + "=true", ""}, {path + "=false", ""}};
    }
    found.paths = type == config::Type::path ? Completion::Paths::files : Completion::Paths::none;
    return found;
}

/// KEY=VALUE: first the key, then, by its type, the value.
Completion complete_setting(const std::string& typed, Project& project) {
    const std::size_t equals = typed.find('=');
    if (equals != std::string::npos) {
        const std::string path = typed.substr(0, equals);
        return of_type(config::find(path).type, path);
    }
    Completion found;
    found.after = Completion::After::nothing;
    found.candidates = list_keys(project);
    for (Candidate& one : found.candidates) {
        one.word += '=';
    }
    return found;
}

Completion complete_value(const std::string& kind, const std::string& typed, const Line& line, Project& project) {
    Completion found;
    if (kind == "KEY=VALUE") {
        return complete_setting(typed, project);
    }
    if (kind == "ENV") {
        found.candidates = list_environments(project);
    } else if (kind == "KEY") {
        found.candidates = list_keys(project);
    } else if (kind == "FOLDER") {
        found.paths = Completion::Paths::folders;
    } else if (kind == "FILE") {
        found.paths = Completion::Paths::files;
    } else if (kind.find('|') != std::string::npos) {
        for (const std::string& word : split(kind, '|')) {
            found.candidates.push_back({word, ""});
        }
    } else if (const auto asked = line.invocation.candidates.find(kind); asked != line.invocation.candidates.end()) {
        found.candidates = asked->second(project.session());
    }
    return found;
}

// ---- flags and commands ----------------------------------------------------------------------------------------

void list_flags(const Cursor& cursor, const std::string& typed, Completion& found) {
    std::set<std::string, std::less<>> named;
    for (auto part = cursor.way.rbegin(); part != cursor.way.rend(); ++part) {
        for (const Flag& flag : (*part)->flags) {
            const std::string& shown = flag.names.front() == typed ? typed : flag.names.back();
            if ((flag.repeats || !cursor.seen.contains(&flag)) && named.insert(shown).second) {
                found.candidates.push_back({shown, flag.text});
            }
        }
    }
}

void list_commands(const Cursor& cursor, Completion& found) {
    if (cursor.arguments == 0) {
        for (const Command& command : cursor.way.back()->commands) {
            found.candidates.push_back({name_of(command), command.text});
        }
    }
}

Completion complete_word(const Cursor& cursor, const std::string& typed, const Line& line, Project& project) {
    Completion found;
    if (cursor.pending != nullptr) {
        return complete_value(cursor.pending->value, typed, line, project);
    }
    const std::size_t equals = typed.find('=');
    if (cursor.flags == Cursor::Flags::allowed && typed.starts_with("--") && equals != std::string::npos) {
        if (const Flag* flag = find_flag(cursor, typed.substr(0, equals))) {
            found = complete_value(flag->value, typed.substr(equals + 1), line, project);
        }
        for (Candidate& one : found.candidates) {
            one.word.insert(0, typed, 0, equals + 1);
        }
    } else if (cursor.flags == Cursor::Flags::allowed && typed.starts_with("-")) {
        list_flags(cursor, typed, found);
    } else {
        const std::vector<Flag>& arguments = cursor.way.back()->arguments;
        if (cursor.arguments < arguments.size()) {
            found = complete_value(arguments[cursor.arguments].value, typed, line, project);
        }
        list_commands(cursor, found);
    }
    return found;
}

}  // namespace

Completion complete(const std::vector<std::string>& words, host::Probe& probe) {
    Completion found;
    if (words.empty()) {
        return found;
    }
    try {
        Line line;
        const Command root = describe(*make_grammar(line));
        Cursor cursor;
        cursor.way = {&root};
        // `help deploy` is read like `deploy`, where only commands may follow.
        const std::size_t first = words.size() > 1 && words.front() == "help" ? 1 : 0;
        for (std::size_t i = first; i + 1 < words.size(); ++i) {
            pass(cursor, words[i]);
        }
        if (first == 1) {
            list_commands(cursor, found);
        } else {
            Project project(cursor, probe);
            found = complete_word(cursor, words.back(), line, project);
        }
    } catch (const std::exception&) {
        found = {};
    }
    std::erase_if(found.candidates, [&](const Candidate& one) { return !one.word.starts_with(words.back()); });
    return found;
}

std::string render(const Completion& completion) {
    const auto one_line = [](const std::string& text) {
        std::string line = printable(text);
        std::replace_if(
            line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
        return line;
    };
    std::string out;
    for (const Candidate& one : completion.candidates) {
        out += one_line(one.word) + "\t" + one_line(one.text) + "\n";
    }
    if (completion.paths != Completion::Paths::none) {
        out += completion.paths == Completion::Paths::files ? ":files\n" : ":folders\n";
    }
    if (completion.after == Completion::After::nothing) {
        out += ":nospace\n";
    }
    return out + ":end\n";
}

}  // namespace flowlet::app

// console: everything a person or a pipe sees: text, JSON, tables, progress. Data goes to stdout, the rest to stderr.
#pragma once

#include "flowlet/base.h"
#include "flowlet/plan.h"
#include "flowlet/run.h"

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::console {

enum class Format { table, json, yaml };
enum class Color { automatic, always, never };

/// What a stream can show.
struct Look {
    bool color = false;
    bool unicode = false;
    bool terminal = false;
    int width = 80;  ///< columns; re-read for each drawing of progress
};
/// --color beats NO_COLOR, CLICOLOR_FORCE, CLICOLOR=0, TERM=dumb, and whether `descriptor` is a terminal, in this
/// order.
Look find_look(int descriptor, Color wish);

/// Changes, findings and steps, before they are done.
std::string render(const plan::Plan& plan, const Look& look);
std::string render(const plan::View& view, const Look& look);
/// What happened, last the thing that matters most: the cause, the rollback, what is left to do.
std::string render(const run::Report& report, const Look& look);
std::string render(const Error& error, const Look& look);
std::string render(const plan::Cause& cause, const Look& look);

/// -o json and -o yaml, each one document with a newline: kinds Plan, View's own, Deploy…, Error (docs/json.md).
std::string to_json(const plan::Plan& plan);
std::string to_json(const plan::View& view);
std::string to_json(const run::Report& report);
std::string to_json(const Error& error);
std::string to_yaml(const plan::Plan& plan);
std::string to_yaml(const plan::View& view);
std::string to_yaml(const run::Report& report);
std::string to_yaml(const Error& error);

/// A flag of a command, or an argument: that has no names.
struct Flag {
    std::vector<std::string> names;  ///< "-o", "--output"
    std::string value;               ///< what it takes: "ENV", "text|json"; empty: nothing
    std::string text;
    bool required = false;
    bool repeats = false;
};

/// A command and those below it, as the command line declares them: what help, completion and the manual are made of.
struct Command {
    std::string path;  ///< "flowletctl deploy"
    std::string text;
    std::vector<Flag> flags;
    std::vector<Flag> arguments;
    std::vector<std::string> examples;
    std::vector<Command> commands;
    std::string family = {};  ///< neighbours of one family share a line in the help of what is above them
};
/// The command of that path, null if there is none.
const Command* find(const Command& root, std::string_view path);
/// What --help prints of that command: examples first.
std::string render_help(const Command& root, std::string_view path, const Look& look);

/// What a kind's exit code tells, in half a sentence.
std::string_view meaning(Kind kind);

/// A page of the manual, as data.
struct ManPage {
    /// A paragraph; a term and what it means; or a line to type.
    struct Block {
        enum class Form { text, term, code } form = Form::text;
        std::string term;
        std::string text;
    };
    struct Section {
        std::string title;
        std::vector<Block> blocks;
    };
    std::string name;     ///< "flowletctl-deploy"
    std::string section;  ///< "1"
    std::string text;     ///< one line for NAME
    std::string date;     ///< "2026-08-22"
    std::string version;  ///< "flowletctl 0.1.0"
    std::vector<Section> sections;
};
/// The page in the language of man(7).
std::string to_roff(const ManPage& page);

/// What services say, each line after the name of its service: "backend | …". A service keeps its colour. Where nothing
/// may be coloured, what steers a terminal is left out of the lines.
std::unique_ptr<run::Observer> make_output(std::ostream& out, const Look& look);
/// The same for one line that comes by itself.
std::string render(const plan::Said& said, const Look& look);

/// Progress on stderr: redrawn lines on a terminal after one second, a line a step elsewhere.
std::unique_ptr<run::Observer> make_progress(std::ostream& out, const Look& look);

}  // namespace flowlet::console

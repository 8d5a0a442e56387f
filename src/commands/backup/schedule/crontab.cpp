#include <algorithm>

#include "commands/backup/schedule/schedule.h"

namespace flowlet::commands::backup::schedule {
namespace {

std::string begin_mark(const Wanted& wanted) {
    return "# flowletctl: begin " + subject_of(wanted);
}
std::string end_mark(const Wanted& wanted) {
    return "# flowletctl: end " + subject_of(wanted);
}

bool is_plain(char letter) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@+";
    return plain.find(letter) != std::string_view::npos;
}

struct Line {
    std::size_t number;
    std::size_t begin;
    std::size_t end;        ///< behind its newline
    std::string_view text;  ///< without it
};

std::vector<Line> lines_of(std::string_view crontab) {
    std::vector<Line> lines;
    for (std::size_t at = 0; at < crontab.size(); at = lines.back().end) {
        const std::size_t newline = std::min(crontab.find('\n', at), crontab.size());
        lines.push_back(
            {lines.size() + 1, at, std::min(newline + 1, crontab.size()), crontab.substr(at, newline - at)});
    }
    return lines;
}

[[noreturn]] void refuse(std::size_t line, const std::string& mark, const std::string& what) {
    throw Error(Kind::precondition,
                "line " + std::to_string(line) + " of the crontab, \"" + printable(mark) + "\", " + what,
                "crontab -e: take out what is left of these lines, then run it again");
}

}  // namespace

std::string quote_for_cron(const std::string& word) {
    std::string text;
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), is_plain);
    if (!plain) text += '\'';
    for (const char letter : word) {
        if (letter == '%') {
            text += "\\%";
        } else if (letter == '\'') {
            text += R"('\'')";
        } else {
            text += letter;
        }
    }
    if (!plain) text += '\'';
    return text;
}

std::string render_line(const Wanted& wanted, const std::string& log) {
    const Call& call = wanted.call;
    std::vector<std::string> words = {"nice", "-n", std::to_string(wanted.nice), "env", "PATH=" + call.path};
    if (!call.audit.empty()) words.push_back("FLOWLET_AUDIT__DIR=" + call.audit);
    words.insert(words.end(), {call.program, "backup"});
    if (!call.environment.empty()) words.insert(words.end(), {"--env", call.environment});
    words.insert(words.end(), {"--root", call.root});
    std::string line = render_cron(wanted.at);
    for (const std::string& word : words)
        line += " " + quote_for_cron(word);
    if (!log.empty()) line += " >>" + quote_for_cron(log) + " 2>&1";
    return line + "\n";
}

std::string render_block(const Wanted& wanted, const std::string& line) {
    return begin_mark(wanted) + "\n" + line + end_mark(wanted) + "\n";
}

std::optional<Block> find_block(const std::string& crontab, const Wanted& wanted) {
    const std::string begin = begin_mark(wanted);
    const std::string end = end_mark(wanted);
    std::optional<Block> found;
    std::size_t open = 0;  // the line where it began; 0: none is open
    for (const Line& line : lines_of(crontab)) {
        if (line.text == begin) {
            if (open != 0) refuse(open, begin, "has no end before it begins again");
            if (found) refuse(line.number, begin, "stands there a second time");
            open = line.number;
            found = Block{line.begin, 0};
        } else if (line.text == end) {
            if (open == 0) refuse(line.number, end, "has no beginning");
            found->end = line.end;
            open = 0;
        }
    }
    if (open != 0) refuse(open, begin, "has no end");
    return found;
}

std::string replace_block(const std::string& crontab, const Wanted& wanted, const std::string& block) {
    if (const std::optional<Block> found = find_block(crontab, wanted))
        return crontab.substr(0, found->begin) + block + crontab.substr(found->end);
    const bool open = !block.empty() && !crontab.empty() && !crontab.ends_with('\n');
    return crontab + (open ? "\n" : "") + block;
}

}  // namespace flowlet::commands::backup::schedule

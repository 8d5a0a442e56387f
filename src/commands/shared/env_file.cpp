#include "commands/shared/env_file.h"

#include <algorithm>

namespace flowlet::commands {
namespace {

bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r';
}

class Reader {
public:
    Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

    std::vector<std::pair<std::string, Secret>> read() {
        std::vector<std::pair<std::string, Secret>> found;
        while (at_ < text_.size()) {
            skip_blanks();
            if (!at_end_of_line() && text_[at_] != '#') {
                std::string name = read_name();
                found.emplace_back(std::move(name), Secret(read_value()));
            }
            skip_line();
        }
        return found;
    }

private:
    [[noreturn]] void complain(const std::string& problem) const { complain(line_, problem); }
    [[noreturn]] void complain(int line, const std::string& problem) const {
        throw Error(Kind::config, file_ + ":" + std::to_string(line) + ": " + problem,
                    "write each variable as NAME=value, or NAME='value' where it holds blanks at its ends");
    }

    [[nodiscard]] bool at_end_of_line() const { return at_ >= text_.size() || text_[at_] == '\n'; }

    void skip_blanks() {
        while (!at_end_of_line() && is_blank(text_[at_]))
            ++at_;
    }

    void skip_line() {
        while (!at_end_of_line())
            ++at_;
        if (at_ < text_.size()) ++at_;
        ++line_;
    }

    std::string read_name() {
        constexpr std::string_view prefix = "export ";
        if (text_.substr(at_).starts_with(prefix)) at_ += prefix.size();
        skip_blanks();
        const std::size_t begin = at_;
        while (!at_end_of_line() && is_name_byte(text_[at_]))
            ++at_;
        std::string name(text_.substr(begin, at_ - begin));
        skip_blanks();
        const bool plain = !name.empty() && !(name.front() >= '0' && name.front() <= '9');
        if (!plain || at_end_of_line() || text_[at_] != '=') complain("this is no NAME=value");
        ++at_;
        return name;
    }

    std::string read_value() {
        skip_blanks();
        if (at_end_of_line()) return "";
        const char quote = text_[at_];
        if (quote != '\'' && quote != '"') return read_plain();
        opened_ = line_;
        ++at_;
        std::string value = quote == '\'' ? read_literal() : read_escaped();
        skip_blanks();
        if (!at_end_of_line() && text_[at_] != '#') complain("something follows the closing quote");
        return value;
    }

    std::string read_plain() {
        const std::size_t begin = at_;
        while (!at_end_of_line())
            ++at_;
        std::string_view value = text_.substr(begin, at_ - begin);
        while (!value.empty() && is_blank(value.back()))
            value.remove_suffix(1);
        if (value.find('\0') != std::string_view::npos) complain("a value cannot hold a NUL byte");
        return std::string(value);
    }

    /// The next byte within quotes.
    char take() {
        if (at_ >= text_.size()) complain(opened_, "a quote is not closed");
        const char byte = text_[at_++];
        if (byte == '\0') complain("a value cannot hold a NUL byte");
        if (byte == '\n') ++line_;
        return byte;
    }

    std::string read_literal() {
        std::string value;
        for (char byte = take(); byte != '\''; byte = take())
            value += byte;
        return value;
    }

    std::string read_escaped() {
        std::string value;
        for (char byte = take(); byte != '"'; byte = take())
            value += byte == '\\' ? unescaped(take()) : byte;
        return value;
    }

    [[nodiscard]] char unescaped(char byte) const {
        constexpr std::string_view letters = "ntr\"\\$";
        constexpr std::string_view meanings = "\n\t\r\"\\$";
        const std::size_t at = letters.find(byte);
        if (at == std::string_view::npos) complain("a backslash means something before n, t, r, \", \\ and $ only");
        return meanings[at];
    }

    std::string_view text_;
    const std::string& file_;
    std::size_t at_ = 0;
    int line_ = 1;
    int opened_ = 1;  ///< where the last quote was
};

}  // namespace

std::vector<std::pair<std::string, Secret>> parse_env_file(std::string_view text, const std::string& file) {
    return Reader(text, file).read();
}

}  // namespace flowlet::commands

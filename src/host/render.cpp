#include "flowlet/host.h"

#include <algorithm>

namespace flowlet::host {

namespace {

bool is_plain(char letter) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+^";
    return plain.find(letter) != std::string_view::npos;
}

std::string quoted(const std::string& word) {
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
    std::string text = "'";
    for (const char letter : word) {
        if (letter == '\'') {
            text += "'\\''";
        } else {
            text += letter;
        }
    }
    return text + "'";
}

}  // namespace

std::string render(const Command& command) {
    std::string line = quoted(command.program.substr(command.program.rfind('/') + 1));
    for (const auto& arg : command.args)
        line += ' ' + quoted(arg);
    return printable(line);
}

}  // namespace flowlet::host

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

std::string render(const Flow& flow) {
    std::vector<std::string> parts;
    std::string to;
    for (const Stage& stage : flow.stages) {
        if (const auto* const command = std::get_if<Command>(&stage)) {
            parts.push_back(render(*command));
        } else if (const auto* const source = std::get_if<ReadFile>(&stage)) {
            parts.push_back("cat " + printable(quoted(source->path)));
        } else if (const auto* const object = std::get_if<ReadObject>(&stage)) {
            parts.push_back("cat " + printable(quoted("s3://" + object->bucket.name + "/" + object->object.key)));
        } else if (const auto* const file = std::get_if<NewFile>(&stage)) {
            to = " > " + printable(quoted(file->path));
        } else if (std::holds_alternative<Compress>(stage)) {
            parts.emplace_back("gzip");
        } else if (std::holds_alternative<Inflate>(stage)) {
            parts.emplace_back("gzip -d");
        }
    }
    return join(parts, " | ") + to;
}

}  // namespace flowlet::host

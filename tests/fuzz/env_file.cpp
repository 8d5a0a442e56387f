// Any text as a file of variables → names and values within the text, or an Error with its line and no value; what is
// written in quotes reads back the same.
#include "commands/shared/env_file.h"

#include <cstdlib>

#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

constexpr const char* file = "x.env";

std::string quoted(std::string_view value) {
    std::string text = "\"";
    for (const char byte : value) {
        if (byte == '"' || byte == '\\' || byte == '$') text += '\\';
        text += byte;
    }
    return text + "\"";
}

void check_again(const std::vector<std::pair<std::string, Secret>>& found) {
    std::string written;
    for (const auto& [name, value] : found)
        written += name + "=" + quoted(value.reveal()) + "\n";
    const auto again = commands::parse_env_file(written, file);
    fuzz::demand(again.size() == found.size(), "what is quoted can be read", written);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const bool same = again[i].first == found[i].first && again[i].second.reveal() == found[i].second.reveal();
        fuzz::demand(same, "what is quoted reads back the same", written);
    }
}

void check_refusal(const Error& error, std::string_view text) {
    fuzz::demand_answer(error, {Kind::config});
    const std::string what = error.what();
    fuzz::demand(what.starts_with(std::string(file) + ":"), "an error begins with its place", what);
    fuzz::demand(what.find('\n') == std::string::npos, "an error about one place is one line", what);
    const std::string rest = what.substr(std::string_view(file).size() + 1);
    const std::size_t lines = split(text, '\n').size();
    const std::size_t line = std::strtoul(rest.c_str(), nullptr, 10);
    fuzz::demand(line > 0 && line <= lines, "a place lies in the text", what);
    fuzz::demand(rest.size() < 80, "an error says nothing of a value", what);
}

void check(std::string_view text) {
    std::vector<std::pair<std::string, Secret>> found;
    try {
        found = commands::parse_env_file(text, file);
    } catch (const Error& error) {
        return check_refusal(error, text);
    }
    for (const auto& [name, value] : found) {
        const bool plain = name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
                           std::string::npos;
        fuzz::demand(plain && !name.empty() && (name[0] < '0' || name[0] > '9'), "a name is one", name);
        fuzz::demand(value.reveal().find('\0') == std::string::npos, "a value can be handed to a program");
    }
    check_again(found);
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    flowlet::check(flowlet::fuzz::text_of(data, size));
    return 0;
}

#include <algorithm>

#include "console/page.h"
#include "console/text.h"

namespace flowlet::console {
namespace {

/// What stands left of a text, and the text.
struct Entry {
    std::string name;
    std::string text;
};

std::string heading_of(const Flag& flag) {
    // Long names stand below each other whether or not there is a letter before them.
    const bool letter = !flag.names.empty() && flag.names.front().size() == 2;
    const std::string names = (letter || flag.names.empty() ? "" : "    ") + join(flag.names, ", ");
    return names + (flag.names.empty() || flag.value.empty() ? "" : " ") + flag.value;
}

void write_entries(Page& page, std::string_view title, const std::vector<Entry>& entries) {
    if (entries.empty()) return;
    constexpr std::size_t indent = 2;
    constexpr std::size_t room = 24;
    std::size_t widest = 0;
    for (const Entry& entry : entries)
        widest = std::max(widest, display_width(entry.name));
    page.gap();
    page.line({}, title, Ink::bold);
    const bool narrow =
        page.look().terminal && static_cast<std::size_t>(page.look().width) < indent + widest + 2 + room;
    for (const Entry& entry : entries) {
        if (narrow) {
            page.line({indent}, trim(entry.name));
            page.line({indent + 2}, entry.text);
        } else {
            page.line({indent, pad(entry.name, widest) + "  "}, entry.text);
        }
    }
}

std::string usage_of(const Command& command) {
    std::string usage = command.path;
    for (const Flag& argument : command.arguments)
        usage += argument.required ? " " + argument.value : " [" + argument.value + "]";
    return usage + (command.commands.empty() ? "" : " [COMMAND]") + " [FLAGS]";
}

std::vector<Entry> entries_of(const std::vector<Flag>& flags) {
    std::vector<Entry> entries;
    for (const Flag& flag : flags)
        entries.push_back({heading_of(flag), flag.text});
    return entries;
}

std::vector<Entry> entries_of(const Command& command) {
    std::vector<Entry> entries;
    std::string_view family;
    for (const Command& one : command.commands) {
        const std::string name = one.path.substr(one.path.rfind(' ') + 1);
        if (!one.family.empty() && one.family == family) {
            entries.back().name += ", " + name;
        } else {
            entries.push_back({name, one.family.empty() ? one.text : one.family});
        }
        family = one.family;
    }
    return entries;
}

void write_common(Page& page, const Command& root) {
    std::vector<std::string> names;
    for (const Flag& flag : root.flags)
        names.push_back(flag.names.front());
    page.gap();
    page.line({}, "Everywhere: " + join(names, " ") + ", see " + root.path + " --help");
}

}  // namespace

const Command* find(const Command& root, std::string_view path) {
    if (root.path == path) return &root;
    for (const Command& one : root.commands) {
        if (const Command* const found = find(one, path)) return found;
    }
    return nullptr;
}

std::string render_help(const Command& root, std::string_view path, const Look& look) {
    const Command* const found = find(root, path);
    const Command& command = found == nullptr ? root : *found;
    Page page(look);
    page.line({}, command.text, Ink::bold);
    if (!command.examples.empty()) {
        page.gap();
        page.line({}, "Examples", Ink::bold);
        for (const std::string& example : command.examples)
            page.line({2}, example);
    }
    page.gap();
    page.line({}, "Usage: " + usage_of(command));
    write_entries(page, "Commands", entries_of(command));
    write_entries(page, "Arguments", entries_of(command.arguments));
    std::vector<Flag> flags = command.flags;
    const bool is_root = &command == &root;
    if (!is_root) std::erase_if(flags, [](const Flag& flag) { return flag.names.back() == "--help"; });
    write_entries(page, "Flags", entries_of(flags));
    if (!is_root) write_common(page, root);
    return page.take();
}

}  // namespace flowlet::console

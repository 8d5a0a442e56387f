#include <algorithm>

#include "flowlet/base.h"

namespace flowlet {
namespace {

/// Where the first byte stands that is not between these two.
std::size_t skip(std::string_view text, std::size_t at, char first, char last) {
    while (at < text.size() && text[at] >= first && text[at] <= last)
        ++at;
    return at;
}

}  // namespace

std::size_t escape_length(std::string_view text) {
    if (text.starts_with("\x1b]")) {
        const std::size_t end = text.find_first_of("\a\x1b", 2);
        if (end == std::string_view::npos) return text.size();
        if (text[end] == '\a') return end + 1;
        return text.substr(end).starts_with("\x1b\\") ? end + 2 : end;
    }
    if (!text.starts_with('\x1b')) return std::min<std::size_t>(text.size(), 1);
    const bool has_parameters = text.starts_with("\x1b[");
    const std::size_t intermediates = has_parameters ? skip(text, 2, '0', '?') : 1;
    const std::size_t end = skip(text, intermediates, ' ', '/');
    return end < text.size() && text[end] >= (has_parameters ? '@' : '0') && text[end] <= '~' ? end + 1 : end;
}

std::string strip_escapes(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const std::size_t escape = std::min(text.find('\x1b'), text.size());
        plain += text.substr(0, escape);
        text.remove_prefix(escape);
        text.remove_prefix(escape_length(text));
    }
    return plain;
}

}  // namespace flowlet

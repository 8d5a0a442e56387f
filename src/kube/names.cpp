#include "kube/names.h"

#include <algorithm>
#include <array>

#include "flowlet/base.h"

namespace flowlet::kube {

namespace {

enum class Grammar { label, subdomain, path_segment };

bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
bool is_letter_or_digit(char byte) {
    return is_letter(byte) || (byte >= '0' && byte <= '9');
}

/// RBAC names take ':' (system:node), API services end in '.' for the core group, addresses may be IPv6.
Grammar grammar_of(std::string_view api_version, std::string_view kind) {
    if (api_version.starts_with("rbac.authorization.k8s.io/") || kind == "APIService" || kind == "IPAddress") {
        return Grammar::path_segment;
    }
    const bool core = api_version == "v1";
    return core && (kind == "Namespace" || kind == "Service") ? Grammar::label : Grammar::subdomain;
}

bool is_path_segment(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find_first_of("/%") == std::string_view::npos;
}

}  // namespace

bool is_api_version(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return is_dns_label(text);
    return is_dns_subdomain(text.substr(0, slash)) && is_dns_label(text.substr(slash + 1));
}

bool is_kind(std::string_view text) {
    return !text.empty() && text.size() <= 63 && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), is_letter_or_digit);
}

std::string wrong_name(std::string_view api_version, std::string_view kind, std::string_view name) {
    switch (grammar_of(api_version, kind)) {
        case Grammar::label:
            if (is_dns_label(name)) return {};
            return "is no DNS label (1 to 63 of a-z, 0-9 and '-', not first or last)";
        case Grammar::subdomain:
            if (is_dns_subdomain(name)) return {};
            return "is no DNS subdomain (labels of a-z, 0-9 and '-' joined by '.', at most 253 characters)";
        case Grammar::path_segment:
            if (is_path_segment(name)) return {};
            return "is no path segment (not \".\" or \"..\", without '/' and '%')";
    }
    return {};
}

bool is_left_over(std::string_view text) {
    constexpr auto marks = std::to_array<std::string_view>({"<", ">", "${", "$(", "{{", "}}"});
    const bool marked = std::any_of(marks.begin(), marks.end(), [text](std::string_view mark) {
        return text.find(mark) != std::string_view::npos;
    });
    const auto enclosed = [text](char mark) { return text.size() > 2 && text.front() == mark && text.back() == mark; };
    return marked || enclosed('%') || enclosed('@');
}

}  // namespace flowlet::kube

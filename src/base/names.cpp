#include "flowlet/base.h"

#include <algorithm>

namespace flowlet {
namespace {

bool is_label_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

}  // namespace

bool is_dns_label(std::string_view text) {
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::all_of(text.begin(), text.end(), is_label_char);
}

bool is_dns_subdomain(std::string_view text) {
    if (text.size() > 253) return false;
    // A label of a subdomain has no limit of its own in Kubernetes' grammar.
    const std::vector<std::string> labels = split(text, '.');
    return std::all_of(labels.begin(), labels.end(), [](const std::string& label) {
        return !label.empty() && label.front() != '-' && label.back() != '-' &&
               std::all_of(label.begin(), label.end(), is_label_char);
    });
}

}  // namespace flowlet

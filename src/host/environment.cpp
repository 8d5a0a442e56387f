#include "host/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace flowlet::host {

namespace {

constexpr std::array<std::string_view, 18> allowed_names = {
    "PATH",        "HOME",     "USER",          "LOGNAME",     "LANG",          "TZ",
    "TERM",        "TMPDIR",   "HTTP_PROXY",    "HTTPS_PROXY", "NO_PROXY",      "http_proxy",
    "https_proxy", "no_proxy", "SSH_AUTH_SOCK", "KUBECONFIG",  "SSL_CERT_FILE", "SSL_CERT_DIR",
};
constexpr std::array<std::string_view, 9> allowed_prefixes = {
    "LC_", "XDG_", "KUBERNETES_", "HELM_", "AWS_", "GOOGLE_", "CLOUDSDK_", "AZURE_", "PG",
};

bool is_allowed(std::string_view name) {
    return std::find(allowed_names.begin(), allowed_names.end(), name) != allowed_names.end() ||
           std::any_of(allowed_prefixes.begin(), allowed_prefixes.end(),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
}

template <typename Wanted>
std::map<std::string, std::string> pick(const Wanted& wanted) {
    std::map<std::string, std::string> found;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos || !wanted(text.substr(0, equals))) continue;
        found.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return found;
}

}  // namespace

std::optional<std::string> variable(const std::string& name) {
    auto found = pick([&](std::string_view other) { return other == name; });
    return found.empty() ? std::nullopt : std::optional(std::move(found.begin()->second));
}

std::map<std::string, std::string> variables_with_prefix(const std::string& prefix) {
    return pick([&](std::string_view name) { return name.starts_with(prefix); });
}

std::map<std::string, std::string> all_variables() {
    return pick([](std::string_view) { return true; });
}

std::map<std::string, std::string> allowed_variables() {
    return pick(is_allowed);
}

}  // namespace flowlet::host

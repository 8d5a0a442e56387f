#include "commands/setup/registries.h"

namespace flowlet::commands::setup {
namespace {

/// The password of an address such as https://ana:…@pypi.internal/simple is a secret like any other.
void tell_passwords(const Session& session, const std::string& value) {
    for (const std::string& word : split(value, ' ')) {
        const std::size_t start = word.find("://");
        const std::size_t at = word.find('@', start == std::string::npos ? word.size() : start);
        if (start == std::string::npos || at == std::string::npos) continue;
        const std::string login = word.substr(start + 3, at - start - 3);
        const std::size_t colon = login.find(':');
        if (session.scrubber != nullptr) {
            session.scrubber->add(Secret(colon == std::string::npos ? login : login.substr(colon + 1)));
        }
    }
}

}  // namespace

std::map<std::string, std::string> registry_variables(const Session& session) {
    std::map<std::string, std::string> all;
    for (const char* const prefix : {"GO", "PIP_", "UV_", "NPM_CONFIG_", "npm_config_", "NODE_EXTRA_CA_CERTS",
                                     "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
        for (const auto& [name, value] : session.probe.env_with_prefix(prefix)) {
            tell_passwords(session, value);
            all[name] = value;
        }
    }
    return all;
}

}  // namespace flowlet::commands::setup

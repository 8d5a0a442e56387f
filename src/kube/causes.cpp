#include "kube/causes.h"

#include <algorithm>
#include <array>
#include <span>

namespace flowlet::kube::verdict {

namespace {

std::string lower(std::string_view text) {
    std::string result{text};
    for (char& letter : result) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return result;
}

bool has_any(std::string_view text, std::span<const std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

void remove_all(std::string& text, std::string_view part) {
    if (part.empty()) return;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at))
        text.erase(at, part.size());
}

std::string without_quoted(std::string_view text) {
    std::string result;
    bool quoted = false;
    for (const char letter : text) {
        if (letter == '"')
            quoted = !quoted;
        else if (!quoted)
            result += letter;
    }
    return result;
}

/// The name of an image without its tag and digest, which messages repeat in several spellings.
std::string_view repository_of(std::string_view image) {
    image = image.substr(0, image.find('@'));
    const auto colon = image.rfind(':');
    const auto slash = image.rfind('/');
    if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
        image = image.substr(0, colon);
    }
    return image;
}

constexpr std::array<std::string_view, 8> passing_pull{"toomanyrequests",    "too many requests", "rate limit",
                                                       "i/o timeout",        "deadline exceeded", "service unavailable",
                                                       "server misbehaving", "bad gateway"};
constexpr std::array<std::string_view, 11> lasting_pull{"not found",
                                                        "manifest unknown",
                                                        "name unknown",
                                                        "unauthorized",
                                                        "denied",
                                                        "no such host",
                                                        "invalid reference",
                                                        "repository does not exist",
                                                        "no match for platform",
                                                        "forbidden",
                                                        "authentication required"};
constexpr std::array<std::string_view, 2> unfilled_cache{"failed to sync secret cache",
                                                         "failed to sync configmap cache"};
constexpr std::array<std::string_view, 8> cannot_execute{
    "executable file not found", "permission denied", "exec format error", "is a directory: unknown",
    "no such file or directory", "not a directory",   "invalid user",      "unable to find user"};
constexpr std::array<std::string_view, 6> refused{"exceeded quota",       "forbidden", "denied", "not found",
                                                  "violates podsecurity", "is invalid"};
constexpr std::array<std::string_view, 2> lasting_mount{" not found", "references non-existent"};
constexpr std::array<std::string_view, 3> mountable{"secret", "configmap", "persistentvolumeclaim"};

/// NAME of `word "NAME" not found`.
std::string quoted_after(std::string_view message, std::string_view word) {
    const auto at = lower(message).find(std::string{word} + " \"");
    if (at == std::string::npos) return {};
    const auto begin = at + word.size() + 2;
    const auto end = message.find('"', begin);
    if (end == std::string_view::npos || message.substr(end + 1, 10) != " not found") return {};
    return std::string{message.substr(begin, end - begin)};
}

/// "couldn't find key password in Secret flowlet-data/postgres-credentials"
std::optional<Missing> missing_key(std::string_view message) {
    constexpr std::string_view start = "couldn't find key ";
    auto at = message.find(start);
    if (at == std::string_view::npos) return std::nullopt;
    message.remove_prefix(at + start.size());
    at = message.find(" in ");
    if (at == std::string_view::npos) return std::nullopt;
    Missing missing;
    missing.key = std::string{message.substr(0, at)};
    message.remove_prefix(at + 4);
    const auto space = message.find(' ');
    const auto slash = message.find('/');
    if (space == std::string_view::npos || slash == std::string_view::npos || slash < space) return std::nullopt;
    missing.kind = std::string{message.substr(0, space)};
    missing.name = std::string{message.substr(slash + 1)};
    missing.name.resize(std::min(missing.name.find_first_of(" ,;:\""), missing.name.size()));
    return missing;
}

}  // namespace

Cause cause_of_pull(std::string_view message, std::string_view image) {
    auto text = lower(without_quoted(message));
    remove_all(text, lower(image));
    remove_all(text, lower(repository_of(image)));
    if (has_any(text, passing_pull)) return Cause::transient;
    return has_any(text, lasting_pull) ? Cause::permanent : Cause::transient;
}

Cause cause_of_config(std::string_view message) {
    return has_any(lower(message), unfilled_cache) ? Cause::wait : Cause::permanent;
}

Cause cause_of_start(std::string_view message) {
    return has_any(lower(message), cannot_execute) ? Cause::permanent : Cause::transient;
}

Cause cause_of_create(std::string_view message) {
    return has_any(lower(message), refused) ? Cause::permanent : Cause::transient;
}

Cause cause_of_mount(std::string_view message) {
    const auto text = lower(message);
    if (has_any(text, unfilled_cache)) return Cause::wait;
    return has_any(text, lasting_mount) && has_any(text, mountable) ? Cause::permanent : Cause::transient;
}

bool is_bare_back_off(std::string_view message) {
    return message.starts_with("Back-off pulling image") && message.find("\": ") == std::string_view::npos;
}

std::optional<Missing> missing_in(std::string_view message) {
    if (auto missing = missing_key(message)) return missing;
    constexpr std::array<std::array<std::string_view, 2>, 4> words{{{"secret", "Secret"},
                                                                    {"configmap", "ConfigMap"},
                                                                    {"persistentvolumeclaim", "PersistentVolumeClaim"},
                                                                    {"serviceaccount", "ServiceAccount"}}};
    for (const auto& [word, kind] : words) {
        if (auto found = quoted_after(message, word); !found.empty()) return Missing{std::string{kind}, found, {}};
    }
    return std::nullopt;
}

std::string without_credentials(std::string_view message) {
    std::string result;
    for (auto at = message.find("://"); at != std::string_view::npos; at = message.find("://")) {
        result += message.substr(0, at + 3);
        message.remove_prefix(at + 3);
        const auto end = std::min(message.find_first_of("/ \"\n\t"), message.size());
        const auto sign = message.substr(0, end).rfind('@');
        if (sign == std::string_view::npos) continue;
        result += "***";
        message.remove_prefix(sign);
    }
    return result += message;
}

}  // namespace flowlet::kube::verdict

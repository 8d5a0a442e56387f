#include "config/reference.h"

#include <algorithm>
#include <array>

#include "config/override.h"
#include "config/schema.h"
#include "flowlet/config.h"

namespace flowlet::config {
namespace {

using Source = Reference::Source;

bool is_variable(std::string_view text) {
    const auto begins = [](char letter) {
        return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || letter == '_';
    };
    return !text.empty() && begins(text.front()) && std::all_of(text.begin(), text.end(), [&](char letter) {
        return begins(letter) || (letter >= '0' && letter <= '9');
    });
}

/// A file's name without a folder, as systemd and `secrets:` have it.
bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_of("/ ${}") == std::string_view::npos && text != "." && text != "..";
}

/// What stands between "${" and "}" of a text that is one reference and nothing else.
std::string_view inside(std::string_view text) {
    return text.substr(2, text.size() - 3);
}

struct Form {
    std::string_view prefix;
    Source source;
    bool (*fits)(std::string_view rest);
};
constexpr auto forms = std::to_array<Form>({
    {"file:", Source::file, [](std::string_view rest) { return !rest.empty(); }},
    {"cred:", Source::credential, is_name},
    {"secret:", Source::named, is_name},
});

std::string check_variable(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!is_variable(text.substr(0, colon))) {
        return "cannot read the reference; write ${NAME}, ${file:/path}, ${cred:NAME} or ${secret:NAME}";
    }
    const std::string_view rest = text.substr(colon);
    if (rest.starts_with(":-")) return "a default would be a secret that is written down; write ${NAME:?message}";
    return rest.empty() || rest.starts_with(":?") ? "" : "cannot read the reference; write ${NAME} or ${NAME:?message}";
}

/// "namespace/name/key" or "name/key".
bool is_kubernetes(std::string_view text) {
    const std::vector<std::string> parts = split(text, '/');
    if (parts.size() < 2 || parts.size() > 3) return false;
    const bool space = parts.size() == 2 || is_dns_label(parts.front());
    return space && is_dns_subdomain(parts[parts.size() - 2]) && is_name(parts.back());
}

constexpr auto sources = std::to_array<std::pair<std::string_view, Source>>({
    {"env", Source::variable},
    {"file", Source::file},
    {"credential", Source::credential},
    {"kubernetes", Source::kubernetes},
    {"exec", Source::program},
    {"prompt", Source::terminal},
});

std::string problem_of(Source source, const Value& value) {
    if (source == Source::variable && !is_variable(value.text)) return "is no name of a variable";
    if (source == Source::credential && !is_name(value.text)) return "is no name of a credential";
    if (source == Source::kubernetes && !is_kubernetes(value.text)) return "is not NAMESPACE/NAME/KEY or NAME/KEY";
    if (source == Source::program && value.list.empty()) return "names no program";
    return "";
}

void check_one(const Values& values, const std::string& name, Findings& findings) {
    std::vector<const Value*> said;
    for (const auto& [word, source] : sources) {
        const std::string path = "secrets." + name + "." + std::string(word);
        const auto found = values.find(path);
        if (found == values.end()) continue;
        said.push_back(&found->second);
        const std::string problem = problem_of(source, found->second);
        if (!problem.empty()) findings.add(found->second.place, path + ": " + problem);
    }
    if (said.size() > 1) {
        findings.add(said.back()->place, "secrets." + name + ": says more than one source",
                     "the other one is at " + render_place(said.front()->place) + "; keep one");
    }
}

bool is_reference_to_name(std::string_view text) {
    return text.starts_with("${secret:") && text.ends_with('}');
}

}  // namespace

std::string check_reference(std::string_view text) {
    const std::size_t start = text.find("${");
    if (start == std::string_view::npos) return "";
    const std::size_t end = text.find('}', start);
    if (end == std::string_view::npos) return "a ${ without its }";
    if (start != 0 || end + 1 != text.size()) {
        return "a reference to a secret stands alone, without other text around it";
    }
    const std::string_view word = inside(text);
    for (const Form& form : forms) {
        if (!word.starts_with(form.prefix)) continue;
        return form.fits(word.substr(form.prefix.size()))
                   ? ""
                   : "${" + std::string(form.prefix) + "…} names no " +
                         std::string(form.prefix.substr(0, form.prefix.size() - 1));
    }
    return check_variable(word);
}

void check_secrets(const Values& values, Findings& findings) {
    const std::vector<std::string> names = names_below(values, "secrets");
    for (const std::string& name : names)
        check_one(values, name, findings);
    for (const auto& [path, value] : values) {
        // The text first: looking up a key takes longer, and few values look like this.
        if (!is_reference_to_name(value.text)) continue;
        const Key* const key = find_key(path);
        if (key == nullptr || !key->secret) continue;
        const std::string name(inside(value.text).substr(std::string_view("secret:").size()));
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        const auto near = did_you_mean(name, names);
        findings.add(value.place, path + ": there is no secrets." + printable(name),
                     near ? "did you mean " + *near + "?"
                          : "declare it: `secrets: {" + printable(name) + ": {file: /run/secrets/…}}`");
    }
}

std::optional<Reference> find_named(const Config& config, const std::string& name) {
    for (const auto& [word, source] : sources) {
        const std::string path = "secrets." + name + "." + std::string(word);
        const Value* const value = config.find(path);
        if (value == nullptr) continue;
        Reference reference;
        reference.source = source;
        reference.place = value->place;
        reference.name = source == Source::file ? absolute(config, value->text) : value->text;
        reference.command = value->list;
        return reference;
    }
    return std::nullopt;
}

std::optional<Reference> find_reference(const Config& config, std::string_view path) {
    const Value* const value = config.find(path);
    if (value == nullptr) return std::nullopt;
    Reference reference;
    reference.place = value->place;
    if (!value->text.starts_with("${")) {
        reference.source = Source::written;
        return reference;
    }
    const std::string_view word = inside(value->text);
    for (const Form& form : forms) {
        if (!word.starts_with(form.prefix)) continue;
        const std::string rest(word.substr(form.prefix.size()));
        if (form.source == Source::named) return find_named(config, rest);
        reference.source = form.source;
        reference.name = form.source == Source::file ? absolute(config, rest) : rest;
        return reference;
    }
    reference.source = Source::variable;
    reference.name = word.substr(0, word.find(':'));
    const std::size_t message = word.find(":?");
    if (message != std::string_view::npos) reference.message = word.substr(message + 2);
    return reference;
}

}  // namespace flowlet::config

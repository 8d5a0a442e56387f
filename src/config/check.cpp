#include "config/check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace flowlet::config {
namespace {

enum class Grammar {
    line,
    version,
    label,
    release,
    tag,
    folder_name,
    set,
    label_value,
    word,
    mail,
    choice,
    range,
    span
};

struct Rule {
    std::string_view path;
    Grammar grammar;
    std::string_view choices;  ///< of Grammar::choice, between spaces
    long least = 0;            ///< of Grammar::range; of Grammar::span, in milliseconds
    long most = 0;
};

constexpr long day = 24L * 3600 * 1000;

constexpr auto rules = std::to_array<Rule>({
    {"apiVersion", Grammar::version, ""},
    {"namespace", Grammar::label, ""},
    {"release", Grammar::release, ""},
    {"deploy.timeout", Grammar::span, "", 1, day},
    {"deploy.tiers", Grammar::folder_name, ""},
    {"deploy.image_tag", Grammar::tag, ""},
    {"deploy.sets", Grammar::set, ""},
    {"deploy.history_max", Grammar::range, "", 0, 1000},
    {"deploy.namespace_labels.*", Grammar::label_value, ""},
    {"databases.*.type", Grammar::choice, "postgres mysql"},
    {"databases.*.host", Grammar::word, ""},
    {"databases.*.port", Grammar::range, "", 1, 65535},
    {"databases.*.namespace", Grammar::label, ""},
    {"backup.alarm.mail", Grammar::mail, ""},
    {"backup.timeout", Grammar::span, "", 1000, 7 * day},
    {"backup.signer", Grammar::word, ""},
    {"backup.retention.keep_last", Grammar::range, "", 0, 100000},
    {"backup.class", Grammar::choice, "none sec17a4-3y sec17a4-6y finra4511-6y sox-7y"},
    {"backup.retention.max_gap", Grammar::span, "", 3600000, 416 * day},
    {"backup.retention.hourly", Grammar::range, "", 0, 100000},
    {"backup.retention.daily", Grammar::range, "", 0, 100000},
    {"backup.retention.weekly", Grammar::range, "", 0, 100000},
    {"backup.retention.monthly", Grammar::range, "", 0, 100000},
    {"backup.retention.yearly", Grammar::range, "", 0, 100000},
    {"backup.recipients", Grammar::word, ""},
    {"services.*.ready.tcp", Grammar::range, "", 1, 65535},
    {"services.*.ready.timeout", Grammar::span, "", 100, day},
    {"services.*.restart.policy", Grammar::choice, "never on-failure always"},
    {"services.*.restart.budget", Grammar::range, "", 0, 1000},
    {"services.*.restart.within", Grammar::span, "", 1000, day},
    {"services.*.stop.grace", Grammar::span, "", 0, day},
    {"logs.size", Grammar::range, "", 1, 1024},
    {"logs.older", Grammar::range, "", 0, 100},
    {"services.*.stop.signal", Grammar::choice, "TERM INT QUIT HUP KILL USR1 USR2"},
    {"monitor.app_namespace", Grammar::label, ""},
    {"monitor.mon_namespace", Grammar::label, ""},
});

const Rule* find_rule(const Key& key) {
    const auto* const found =
        std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.path == key.path; });
    return found == rules.end() ? nullptr : found;
}

bool is_alphanumeric(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

bool all_of(std::string_view text, std::string_view also) {
    return std::all_of(text.begin(), text.end(), [&](char letter) {
        return is_alphanumeric(letter) || also.find(letter) != std::string_view::npos;
    });
}

bool has_control(std::string_view text, std::string_view allowed) {
    return std::any_of(text.begin(), text.end(), [&](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 || byte == 0x7f) && allowed.find(letter) == std::string_view::npos;
    });
}

std::optional<long> parse_integer(std::string_view text) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A Kubernetes label value, or the part of a label's name after its prefix.
bool is_label_word(std::string_view text) {
    return text.size() <= 63 && all_of(text, "-_.") && !text.empty() && is_alphanumeric(text.front()) &&
           is_alphanumeric(text.back());
}

bool is_label_name(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return is_label_word(text);
    return is_dns_subdomain(text.substr(0, slash)) && is_label_word(text.substr(slash + 1));
}

std::string quoted(std::string_view text) {
    return "\"" + printable(text) + "\"";
}

std::string check_choice(const Rule& rule, std::string_view text) {
    const std::vector<std::string> choices = split(rule.choices, ' ');
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) return "";
    const auto near = did_you_mean(text, choices);
    return quoted(text) + " is not one of " + join(choices, ", ") + (near ? "; did you mean " + *near + "?" : "");
}

std::string check_range(const Rule& rule, long value) {
    if (value >= rule.least && value <= rule.most) return "";
    return std::to_string(value) + " is not between " + std::to_string(rule.least) + " and " +
           std::to_string(rule.most);
}

std::string check_span(const Rule& rule, Millis value) {
    if (value.count() >= rule.least && value.count() <= rule.most) return "";
    return render_duration(value) + " is not between " + render_duration(Millis(rule.least)) + " and " +
           render_duration(Millis(rule.most));
}

bool is_version(std::string_view text) {
    return text == "flowlet/v1";
}

bool is_release(std::string_view text) {
    return is_dns_label(text) && text.size() <= 53;
}

bool is_image_tag(std::string_view text) {
    return text.size() <= 128 && all_of(text, "_.-") && (is_alphanumeric(text.front()) || text.front() == '_');
}

bool is_folder_name(std::string_view text) {
    return text.find('/') == std::string_view::npos && text != "." && text != "..";
}

bool is_set(std::string_view text) {
    return text.find('=') != std::string_view::npos && text.front() != '=';
}

bool is_word(std::string_view text) {
    return text.find(' ') == std::string_view::npos;
}

/// One address and nothing that means anything in the header of a mail.
bool is_mail(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
           text.front() != '-' && all_of(text, "@.!#$%&'*+/=?^_`{|}~-");
}

struct GrammarRow {
    Grammar grammar;
    bool (*fits)(std::string_view text);
    std::string_view complaint;
};

constexpr auto grammars = std::to_array<GrammarRow>({
    {Grammar::version, is_version, "cannot be read by this program, which reads flowlet/v1"},
    {Grammar::label, is_dns_label, "is no namespace: lower-case letters, digits and '-', at most 63"},
    {Grammar::release, is_release, "is no release name: lower-case letters, digits and '-', at most 53"},
    {Grammar::tag, is_image_tag, "is no image tag: letters, digits, '_', '.' and '-', at most 128"},
    {Grammar::folder_name, is_folder_name, "is not the name of a folder in deploy.manifests"},
    {Grammar::set, is_set, "is not key=value"},
    {Grammar::label_value, is_label_word, "is no label value: letters, digits, '-', '_' and '.', at most 63"},
    {Grammar::word, is_word, "has a space in it"},
    {Grammar::mail, is_mail, "is no mail address; write one as ops@example.com"},
});

std::string check_grammar(Grammar grammar, std::string_view text) {
    for (const GrammarRow& row : grammars) {
        if (row.grammar == grammar && !row.fits(text)) return quoted(text) + " " + std::string(row.complaint);
    }
    return "";
}

std::string check_typed(const Key& key, const Rule* rule, std::string_view text) {
    if (key.type == Type::boolean) {
        return text == "true" || text == "false" ? "" : quoted(text) + " is neither true nor false";
    }
    if (key.type == Type::integer) {
        const auto value = parse_integer(text);
        if (!value) return quoted(text) + " is no whole number";
        return rule == nullptr ? "" : check_range(*rule, *value);
    }
    const auto value = parse_duration(text);
    if (!value) return quoted(text) + " is no duration; write a number with its unit, such as 90s, 10m or 1h30m";
    return rule == nullptr ? "" : check_span(*rule, *value);
}

}  // namespace

bool is_utf8(std::string_view text) {
    try {
        (void)nlohmann::json(text).dump();
        return true;
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

std::string check_value(const Key& key, std::string_view text) {
    // A program's argument and a secret may have several lines; whatever else is given to a tool has one.
    const bool free_text = key.secret || key.path == "services.*.command" || key.path == "services.*.env.*" ||
                           key.path == "services.*.ready.exec" || key.path == "services.*.stop.command" ||
                           key.path == "backup.alarm.command" || key.path == "setup.migrate";
    if (has_control(text, free_text ? "\n\t" : "")) return "has a control character in it";
    if (text.empty()) return is_list(key.type) && free_text ? "" : "is empty";
    if (key.secret) return "";
    if (!is_utf8(text)) return "is not UTF-8";
    const Rule* const rule = find_rule(key);
    if (key.type == Type::boolean || key.type == Type::integer || key.type == Type::duration) {
        return check_typed(key, rule, text);
    }
    if (rule == nullptr) return "";
    return rule->grammar == Grammar::choice ? check_choice(*rule, text) : check_grammar(rule->grammar, text);
}

std::string check_name(std::string_view section, std::string_view name) {
    if (section == "deploy.namespace_labels") {
        return is_label_name(name) ? "" : quoted(name) + " is no label name";
    }
    const bool plain = !name.empty() && name.size() <= 63 && is_alphanumeric(name.front()) && all_of(name, "-_");
    return plain ? "" : quoted(name) + " is no name: letters, digits, '-' and '_', at most 63";
}

bool keeps_maps(const Key& key) {
    return key.path == "monitor.health";
}

PathForm path_form(const Key& key) {
    if (key.path == "tools.*") return PathForm::program;
    return key.path == "backup.store" ? PathForm::location : PathForm::plain;
}

}  // namespace flowlet::config

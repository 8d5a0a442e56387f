#include "config/environments.h"

#include <algorithm>

#include "config/check.h"
#include "config/schema.h"

namespace flowlet::config {
namespace {

/// Nobody can follow more, and each one is asked for each other.
constexpr std::size_t deepest = 20;

/// Where an environment says from which one it inherits.
Place place_of_inherits(const Environment& environment) {
    Place place;
    for (const Written& written : environment.own) {
        if (written.path.ends_with(".inherits")) place = written.node.place;
    }
    return place;
}

bool is_own(std::string_view word) {
    return word == "inherits" || word == "protected";
}

}  // namespace

Environments::Environments(const yaml::Node* section, Findings& findings) {
    if (section == nullptr || section->type == yaml::Type::null) return;
    if (section->type != yaml::Type::map) {
        findings.add(section->place, "environments: is " + std::string(describe(section->type)) +
                                         "; a map of environments is expected");
        return;
    }
    for (std::size_t i = 0; i < section->entries.size(); ++i) {
        const auto& [name, node] = section->entries[i];
        if (const std::string problem = check_name("environments", name); !problem.empty()) {
            findings.add(i < section->keys.size() ? section->keys[i] : node.place, "environments: " + problem);
        } else {
            read(name, node, findings);
        }
    }
    for (const Environment& environment : all_)
        check_inheritance(environment, findings);
    check_depth(findings);
}

void Environments::read(const std::string& name, const yaml::Node& node, Findings& findings) {
    const std::string prefix = "environments." + name + ".";
    Environment environment{name, "", {}, {}};
    if (node.type != yaml::Type::map && node.type != yaml::Type::null) {
        findings.add(node.place, "environments." + name + ": is " + std::string(describe(node.type)) +
                                     "; a map of keys is expected");
    }
    TreeReader shared(prefix, findings);
    TreeReader own("", findings);
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
        const auto& [word, value] = node.entries[i];
        const Place& place = i < node.keys.size() ? node.keys[i] : value.place;
        const auto near = did_you_mean(word, std::vector<std::string>{"inherits", "protected"});
        if (is_own(word)) {
            own.read_entry(word, place, value, {"environments", name});
        } else if (word == "environments" || word == "apiVersion") {
            findings.add(place, prefix + word + ": may not stand in an environment");
        } else if (near && !find_section({&word, 1}) && find_key(std::span(&word, 1)) == nullptr) {
            findings.add(place, prefix + printable(word) + ": unknown key; did you mean " + *near + "?");
        } else {
            shared.read_entry(word, place, value, {});
        }
    }
    environment.written = shared.written();
    environment.own = own.written();
    for (const Written& written : environment.own) {
        if (written.path.ends_with(".inherits")) environment.inherits = written.node.scalar;
    }
    positions_.emplace(name, all_.size());
    all_.push_back(std::move(environment));
}

std::vector<std::string> Environments::names() const {
    std::vector<std::string> names;
    names.reserve(all_.size());
    for (const Environment& environment : all_)
        names.push_back(environment.name);
    return names;
}

const Environment* Environments::find(std::string_view name) const {
    const auto found = positions_.find(name);
    return found == positions_.end() ? nullptr : &all_[found->second];
}

std::vector<const Environment*> Environments::chain(std::string_view name) const {
    std::vector<const Environment*> line;
    const Environment* next = find(name);
    while (next != nullptr && line.size() <= deepest && std::find(line.begin(), line.end(), next) == line.end()) {
        line.insert(line.begin(), next);
        next = next->inherits.empty() ? nullptr : find(next->inherits);
    }
    return line;
}

void Environments::check_inheritance(const Environment& environment, Findings& findings) const {
    if (environment.inherits.empty()) return;
    const Place place = place_of_inherits(environment);
    const std::string where = "environments." + environment.name + ".inherits: ";
    if (find(environment.inherits) == nullptr) {
        const auto near = did_you_mean(environment.inherits, names());
        findings.add(place, where + "there is no environment \"" + printable(environment.inherits) + "\"" +
                                (near ? "; did you mean " + *near + "?" : ""));
        return;
    }
    const std::string circle = find_circle(environment);
    if (!circle.empty()) findings.add(place, where + "goes in a circle: " + circle);
}

// Said once: who inherits from one that goes too deep goes too deep as well.
void Environments::check_depth(Findings& findings) const {
    const auto deep = std::find_if(all_.begin(), all_.end(), [this](const Environment& environment) {
        return chain(environment.name).size() > deepest;
    });
    if (deep == all_.end()) return;
    findings.add(place_of_inherits(*deep), "environments." + deep->name + ".inherits: goes through more than " +
                                               std::to_string(deepest) + " environments");
}

// Each member of a circle names it once, at its own `inherits`; who only leads into one says nothing.
std::string Environments::find_circle(const Environment& environment) const {
    std::string path = environment.name;
    const Environment* next = find(environment.inherits);
    for (std::size_t i = 0; next != nullptr && i < deepest; ++i) {
        path.append(" -> ").append(next->name);
        if (next == &environment) return path;
        next = next->inherits.empty() ? nullptr : find(next->inherits);
    }
    return "";
}

}  // namespace flowlet::config

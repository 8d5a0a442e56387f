#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"

namespace flowlet::commands::deploy {
namespace {

constexpr Millis answer_wait{60000};
constexpr const char* scratch_space = "default";

/// Something asked about one item, or about a whole list that several items are found in.
struct Question {
    host::Request request;
    Item* item = nullptr;
    enum class Of { live, list, rehearsal, validity } of = Of::live;
    std::string space;
};

bool has_home(const Item& item, const std::set<std::string>& spaces) {
    return !item.resource.namespaced || spaces.count(item.object.ref.space) != 0;
}

/// An object of a namespace that does not exist yet can still be checked against the schema, beside another.
kube::Object in_scratch(const kube::Object& object) {
    nlohmann::json body = *object.body;
    body["metadata"]["namespace"] = scratch_space;
    kube::Object moved = object;
    moved.ref.space = scratch_space;
    moved.body = std::make_shared<const nlohmann::json>(std::move(body));
    return moved;
}

using Group = std::map<std::pair<std::string, std::string>, std::vector<Item*>>;

Group group_by_list(const std::vector<Item*>& items, const std::set<std::string>& spaces) {
    Group groups;
    for (Item* item : items) {
        if (item->resource.namespaced && has_home(*item, spaces) && item->object.ref.kind != "Secret") {
            groups[{item->resource.api_version + "/" + item->resource.plural, item->object.ref.space}].push_back(item);
        }
    }
    return groups;
}

/// Few objects of a kind are asked for one by one, more of them as one list; cluster-wide kinds and Secrets always one
/// by one, for the others of their kind are none of our business.
std::vector<Question> live_questions(const std::vector<Item*>& items, const std::set<std::string>& spaces) {
    constexpr std::size_t worth_a_list = 3;
    std::vector<Question> questions;
    std::set<const Item*> listed;
    for (const auto& [key, members] : group_by_list(items, spaces)) {
        if (members.size() >= worth_a_list) {
            listed.insert(members.begin(), members.end());
            questions.push_back(
                {kube::list(members.front()->resource, key.second), members.front(), Question::Of::list, key.second});
        }
    }
    for (Item* item : items) {
        if (has_home(*item, spaces) && listed.count(item) == 0) {
            questions.push_back({kube::get(item->resource, item->object.ref), item, Question::Of::live, {}});
        }
    }
    return questions;
}

/// What the live object itself shows to be as wanted. Helm's fields are not ours: there it is enough that they agree.
bool is_settled(const Item& item) {
    if (!item.live) {
        return false;
    }
    return item.helms ? kube::contains(*item.live, *item.object.body)
                      : kube::is_applied(*item.live, *item.object.body, kube::field_manager);
}

std::vector<Question> rehearsals(const std::vector<Item*>& items, const std::set<std::string>& spaces,
                                 kube::Force force) {
    std::vector<Question> questions;
    for (Item* item : items) {
        if (item->resource.plural.empty()) {
            continue;
        }
        if (is_settled(*item)) {
            item->merged = item->live;
        } else if (has_home(*item, spaces)) {
            const kube::Force forced = item->helms ? kube::Force::yes : force;
            questions.push_back({kube::apply(item->resource, item->object, kube::Mode::rehearse, forced),
                                 item,
                                 Question::Of::rehearsal,
                                 {}});
        } else {
            questions.push_back(
                {kube::apply(item->resource, in_scratch(item->object), kube::Mode::rehearse, kube::Force::yes),
                 item,
                 Question::Of::validity,
                 {}});
        }
    }
    return questions;
}

kube::Json parse(const std::string& body) {
    return std::make_shared<const nlohmann::json>(nlohmann::json::parse(body, nullptr, false));
}

void take_list(const Question& question, const host::Response& answer, const std::vector<Item*>& items) {
    const nlohmann::json list = nlohmann::json::parse(answer.body, nullptr, false);
    std::map<std::string, kube::Json> by_name;
    if (list.is_object() && list.contains("items")) {
        for (const nlohmann::json& entry : list["items"]) {
            nlohmann::json whole = entry;
            whole["apiVersion"] = question.item->resource.api_version;
            whole["kind"] = question.item->resource.kind;
            by_name[entry.at("metadata").value("name", "")] = std::make_shared<const nlohmann::json>(std::move(whole));
        }
    }
    for (Item* item : items) {
        const bool same = item->resource.api_version == question.item->resource.api_version &&
                          item->resource.plural == question.item->resource.plural &&
                          item->object.ref.space == question.space;
        if (same) {
            const auto found = by_name.find(item->object.ref.name);
            item->live = found == by_name.end() ? nullptr : found->second;
        }
    }
}

void take(const Question& question, const host::Response& answer, const std::vector<Item*>& items) {
    switch (question.of) {
        case Question::Of::list:
            check_answer(question.request, answer);
            take_list(question, answer, items);
            break;
        case Question::Of::live:
            check_answer(question.request, answer);
            question.item->live = answer.ok() ? parse(answer.body) : nullptr;
            break;
        case Question::Of::rehearsal:
            if (answer.ok()) {
                question.item->merged = parse(answer.body);
            } else {
                question.item->refusal = kube::parse_refusal(answer);
            }
            break;
        case Question::Of::validity:
            // A field that the schema does not know is answered with 400 or, by server-side apply, with 500.
            if (answer.status == 400 || answer.status == 422 || answer.status == 500) {
                question.item->refusal = kube::parse_refusal(answer);
            }
            break;
    }
}

/// Kinds that are not built in are looked up once a group and version. One whose definition is itself about to be
/// applied stays without a plural: it cannot be rehearsed.
void find_foreign_kinds(const Session& session, const Cluster& cluster, const std::vector<Item*>& items) {
    std::map<std::string, std::vector<kube::Resource>> known;
    for (Item* item : items) {
        const std::string& version = item->object.ref.api_version;
        if (!item->resource.plural.empty()) {
            continue;
        }
        if (known.count(version) == 0) {
            const host::Response answer = ask_one(session, cluster, kube::discovery(version));
            known[version] = answer.ok() ? kube::parse_discovery(version, answer.body) : std::vector<kube::Resource>{};
        }
        for (const kube::Resource& resource : known[version]) {
            if (resource.kind == item->object.ref.kind) {
                item->resource = resource;
            }
        }
        if (item->resource.plural.empty()) {
            throw Error(Kind::config,
                        item->by + ": the cluster knows no kind " + item->object.ref.kind + " in " + version,
                        "install what defines it first, or check apiVersion and kind");
        }
    }
}

}  // namespace

void observe_items(const Session& session, const Cluster& cluster, const std::set<std::string>& spaces,
                   const std::vector<Item*>& items, kube::Force force) {
    find_foreign_kinds(session, cluster, items);
    const auto ask = [&](const std::vector<Question>& questions) {
        std::vector<host::Request> requests;
        requests.reserve(questions.size());
        for (const Question& question : questions) {
            requests.push_back(question.request);
        }
        const std::vector<host::Response> answers = session.probe.ask(cluster.endpoint, requests, answer_wait);
        for (std::size_t i = 0; i < questions.size(); ++i) {
            take(questions[i], answers[i], items);
        }
    };
    ask(live_questions(items, spaces));
    ask(rehearsals(items, spaces, force));
}

Standing find_standing(const Item& item) {
    if (!item.live) {
        return Standing::missing;
    }
    if (!item.merged) {
        return Standing::differs;
    }
    return kube::canonical(*item.live) == kube::canonical(*item.merged) ? Standing::same : Standing::differs;
}

plan::Change describe(const Item& item) {
    plan::Change change;
    change.object = kube::render(item.object.ref);
    change.by = item.by;
    change.op = item.live ? plan::Op::update : plan::Op::create;
    if (item.live && item.merged) {
        for (kube::Difference& difference :
             kube::differences(kube::canonical(*item.live), kube::canonical(*item.merged))) {
            change.fields.push_back(
                {std::move(difference.path), std::move(difference.before), std::move(difference.after)});
        }
    }
    return change;
}

}  // namespace flowlet::commands::deploy

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "commands/deploy/deploy.h"
#include "commands/secrets/secrets.h"

namespace flowlet::commands::secrets {
namespace {

/// One place that reads a key of a Secret.
struct Want {
    SecretKey key;  ///< an empty key: any
    std::string by;
    std::string how;
    std::string place;
    bool optional = false;
};

/// What an ExternalSecret will make, once its operator has seen the store.
struct Promise {
    SecretName makes;
    kube::Ref by;
    kube::Ref store;
    std::string place;
};

std::string text_at(const nlohmann::json& object, const char* pointer) {
    const nlohmann::json::json_pointer path(pointer);
    return object.contains(path) && object[path].is_string() ? object[path].get<std::string>() : std::string();
}

class Survey {
public:
    Survey(const Session& session, const Cluster& cluster, std::string space)
        : session_(session), cluster_(cluster), space_(std::move(space)) {}

    void read(const kube::Object& object, const std::string& place) {
        const std::string space = object.ref.space.empty() ? space_ : object.ref.space;
        if (object.ref.kind == "ExternalSecret") read_promise(object, space, place);
        for (const kube::SecretUse& use : kube::secret_uses(*object.body)) {
            wants_.push_back({{space, use.name, use.key}, kube::render(object.ref), use.how, place, use.optional});
        }
    }

    plan::View view() {
        view_.columns = {"STATE", "SECRET", "KEY", "READ BY", "PLACE"};
        rows_ = nlohmann::json::array();
        for (const Promise& promise : promises_)
            check_promise(promise);
        for (const Want& want : wants_)
            check_want(want);
        finish();
        return std::move(view_);
    }

private:
    void read_promise(const kube::Object& object, const std::string& space, const std::string& place) {
        Promise promise;
        promise.by = object.ref;
        promise.by.space = space;
        promise.place = place;
        const std::string target = text_at(*object.body, "/spec/target/name");
        promise.makes = {space, target.empty() ? object.ref.name : target};
        const std::string kind = text_at(*object.body, "/spec/secretStoreRef/kind");
        promise.store = {object.ref.api_version, kind.empty() ? "SecretStore" : kind, space,
                         text_at(*object.body, "/spec/secretStoreRef/name")};
        if (promise.store.kind == "ClusterSecretStore") promise.store.space.clear();
        promises_.push_back(std::move(promise));
    }

    /// A GET of an object of the group that External Secrets uses; its plural is the kind in small letters with an s.
    [[nodiscard]] std::optional<nlohmann::json> find(const kube::Ref& ref) const {
        const std::string plural = lower_case(ref.kind) + "s";
        const kube::Resource resource{ref.api_version, ref.kind, plural, !ref.space.empty()};
        const host::Response answer = ask_one(session_, cluster_, kube::get(resource, ref));
        if (!answer.ok()) return std::nullopt;
        return nlohmann::json::parse(answer.body, nullptr, false);
    }

    void check_promise(const Promise& promise) {
        const std::string secret = promise.makes.second;
        if (!find(promise.store)) {
            add("no store", promise.makes.first, secret, "", kube::render(promise.by),
                promise.store.kind + "/" + promise.store.name + " is not there", promise.place, true);
            return;
        }
        const auto live = find(promise.by);
        if (!live) {
            add("not yet", promise.makes.first, secret, "", kube::render(promise.by), "it is not deployed yet",
                promise.place, false);
            return;
        }
        for (const nlohmann::json& condition :
             live->value("/status/conditions"_json_pointer, nlohmann::json::array())) {
            if (text_at(condition, "/type") != "Ready" || text_at(condition, "/status") == "True") continue;
            add("failing", promise.makes.first, secret, "", kube::render(promise.by),
                printable(text_at(condition, "/message")), promise.place, true);
        }
    }

    const std::optional<KubernetesSecret>& secret_of(const SecretKey& key) {
        const SecretName name{key.space, key.name};
        const auto known = secrets_.find(name);
        if (known != secrets_.end()) return known->second;
        return secrets_.emplace(name, observe_secret(session_, cluster_, key)).first->second;
    }

    [[nodiscard]] bool is_promised(const SecretKey& key) const {
        return std::any_of(promises_.begin(), promises_.end(), [&](const Promise& promise) {
            return promise.makes == SecretName{key.space, key.name};
        });
    }

    void check_want(const Want& want) {
        const std::optional<KubernetesSecret>& secret = secret_of(want.key);
        std::string state = "ok";
        if (!secret) {
            state = is_promised(want.key) ? "not yet" : "missing";
        } else if (!want.key.key.empty() && !secret->data.contains(want.key.key)) {
            state = "no key";
        } else if (!want.key.key.empty() && secret->data.at(want.key.key).empty()) {
            state = "empty";
        }
        const bool bad = !want.optional && state != "ok" && state != "not yet";
        if (want.optional && state != "ok") state = "optional";
        add(state, want.key.space, want.key.name, want.key.key, want.by, want.how, want.place, bad);
    }

    void add(const std::string& state, const std::string& space, const std::string& name, const std::string& key,
             const std::string& by, const std::string& how, const std::string& place, bool bad) {
        rows_.push_back({{"state", state},
                         {"namespace", space},
                         {"name", name},
                         {"key", key},
                         {"by", by},
                         {"how", how},
                         {"place", place}});
        const int rank = bad ? 2 : state == "ok" ? 0 : 1;
        groups_[{rank, space + "/" + name, key, state}].push_back({by + " (" + how + ")", place});
        if (!bad) return;
        ++bad_;
        std::string fix = "flowletctl secrets set " + space + "/" + name + "/" + (key.empty() ? "KEY" : key);
        if ((state == "missing" || state == "no key" || state == "empty") && !fixes_.contains(fix)) fixes_.insert(fix);
    }

    void finish() {
        // In the order of their ranks: what is wrong stands last, where it is read.
        for (const auto& [group, readers] : groups_) {
            const auto& [rank, secret, key, state] = group;
            const std::string more = readers.size() == 1 ? "" : " and " + std::to_string(readers.size() - 1) + " more";
            view_.rows.push_back(
                {state, secret, key.empty() ? "-" : key, readers.front().first + more, readers.front().second});
        }
        const std::size_t all = rows_.size();
        const std::string references = std::to_string(all) + (all == 1 ? " reference" : " references");
        view_.notes.push_back(bad_ == 0   ? references + ", all there"
                              : bad_ == 1 ? "1 of " + references + " leads nowhere"
                                          : std::to_string(bad_) + " of " + references + " lead nowhere");
        for (const std::string& fix : fixes_)
            view_.notes.push_back("  " + fix);
        view_.verdict = bad_ == 0 ? Kind::ok : Kind::precondition;
        view_.document =
            std::make_shared<const nlohmann::json>(nlohmann::json{{"apiVersion", "flowlet/v1"},
                                                                  {"kind", "SecretCheck"},
                                                                  {"environment", session_.config->environment()},
                                                                  {"verdict", bad_ == 0 ? "ok" : "missing"},
                                                                  {"references", rows_}});
    }

    const Session& session_;
    const Cluster& cluster_;
    std::string space_;
    std::vector<Want> wants_;
    std::vector<Promise> promises_;
    std::map<SecretName, std::optional<KubernetesSecret>> secrets_;
    plan::View view_;
    nlohmann::json rows_;
    /// Rank, Secret, key and state: who reads it, and where that is written.
    using Group = std::tuple<int, std::string, std::string, std::string>;
    std::map<Group, std::vector<std::pair<std::string, std::string>>> groups_;
    std::set<std::string> fixes_;
    std::size_t bad_ = 0;
};

}  // namespace

plan::View view_check(const Session& session) {
    const Cluster cluster = observe_cluster(session);
    Survey survey(session, cluster, session.config->require("namespace").text);
    for (const deploy::Tier& tier : deploy::load_tiers(session, {})) {
        for (const kube::Object& object : tier.objects)
            survey.read(object, render_place(object.place));
    }
    if (session.config->find("deploy.chart") != nullptr) {
        const Tool helm = observe_helm(session);
        const helm::Chart chart = deploy::load_chart(session, cluster, helm);
        for (const kube::Object& object : deploy::render_chart(session, chart, cluster.version))
            survey.read(object, "chart");
    }
    return survey.view();
}

}  // namespace flowlet::commands::secrets

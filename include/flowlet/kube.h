// kube: Kubernetes as vocabulary: which path an object has, what a manifest says, what differs, what a watch means,
// when a workload is ready or doomed. Builds requests and parses answers; sends nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "flowlet/base.h"
#include "flowlet/host.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::kube {

using Json = std::shared_ptr<const nlohmann::json>;

// ---- objects and their paths -----------------------------------------------------------------------------------

/// An object's identity. `space` is its namespace, empty for cluster-scoped kinds.
struct Ref {
    std::string api_version;
    std::string kind;
    std::string space;
    std::string name;
    friend auto operator<=>(const Ref&, const Ref&) = default;
};
/// "StatefulSet/postgresql in flowlet-data".
std::string render(const Ref& ref);

/// Where a kind lives in the API.
struct Resource {
    std::string api_version;
    std::string kind;
    std::string plural;
    bool namespaced = true;
};
/// The built-in kinds of Kubernetes 1.24–1.34, without asking the server.
std::optional<Resource> find_resource(std::string_view api_version, std::string_view kind);
/// The request that lists a group-version's kinds, and its answer read: for kinds that are not built in.
host::Request discovery(const std::string& api_version);
std::vector<Resource> parse_discovery(const std::string& api_version, std::string_view body);

std::string object_path(const Resource& resource, const Ref& ref);
/// An empty `space` lists over all namespaces.
std::string list_path(const Resource& resource, const std::string& space, const std::string& label_selector = {});

// ---- manifests -------------------------------------------------------------------------------------------------

struct Object {
    Ref ref;
    Place place;  ///< of its first line
    Json body;
};

/// Every object of a YAML text; a List is taken apart. Throws Error{config} with file:line for what is no object: no
/// apiVersion, kind or name, a name outside its grammar, left-over text such as "<CHANGE_ME>" in a name.
/// Objects without a namespace get `space` later, by place_in().
std::vector<Object> parse_manifests(std::string_view text, const std::string& file);
/// Fills in the namespace of a namespaced object that has none.
Object place_in(Object object, const Resource& resource, const std::string& space);
/// Two objects of one identity: Error{config} with both places.
void check_duplicates(std::span<const Object> objects);

// ---- requests --------------------------------------------------------------------------------------------------

inline constexpr const char* field_manager = "flowletctl";

enum class Force { no, yes };
enum class Mode { real, rehearse };  ///< rehearse: dryRun=All

/// Server-side apply with strict field validation.
host::Request apply(const Resource& resource, const Object& object, Mode mode, Force force);
host::Request get(const Resource& resource, const Ref& ref);
/// `uid`, when given, must still be the object's: another object of that name is not touched.
host::Request remove(const Resource& resource, const Ref& ref, const std::string& uid);
host::Request list(const Resource& resource, const std::string& space, const std::string& label_selector = {});
/// A watch from a list's resourceVersion, with bookmarks; the server ends it after `seconds`.
host::Request watch(const Resource& resource, const std::string& space, const std::string& resource_version,
                    int seconds);
host::Request log(const Ref& pod, const std::string& container, bool previous, int lines);

/// What the server said of a refusal.
struct Refusal {
    int code = 0;
    std::string reason;   ///< Conflict, Invalid, NotFound, Forbidden …
    std::string message;  ///< printable
};
Refusal parse_refusal(const host::Response& response);

// ---- comparing -------------------------------------------------------------------------------------------------

/// An object without what the server itself keeps: managedFields, resourceVersion, generation, uid, timestamps, status,
/// selfLink, and the annotations that controllers write (deployment.kubernetes.io/revision …).
nlohmann::json canonical(const nlohmann::json& object);

struct Difference {
    std::string path;  ///< spec.template.spec.containers[name=wallet].image
    std::string before;
    std::string after;
};
/// Leaf by leaf, both canonical. Values below data and stringData of a Secret are shown as "***(n)", equal numbers for
/// equal values.
std::vector<Difference> differences(const nlohmann::json& before, const nlohmann::json& after);

/// The part of a live object that `manager` owns by server-side apply, as a manifest that can be applied again: reading
/// managedFields' FieldsV1 (f:, k:, v:, i:). Only apiVersion, kind and metadata name and namespace if it owns nothing.
nlohmann::json owned_by(const nlohmann::json& live, std::string_view manager);

/// Would applying `wanted` as `manager` change nothing? True when the manager owns exactly the fields that it wants,
/// with exactly these values. Errs to false: a value that the server writes differently (cpu: 1000m) is for the server
/// to judge.
bool is_applied(const nlohmann::json& live, const nlohmann::json& wanted, std::string_view manager);
/// Is every member of `part` in `whole`? Lists have to be as long and agree one by one; leaves have to be equal.
bool contains(const nlohmann::json& whole, const nlohmann::json& part);

// ---- what the cluster shows ------------------------------------------------------------------------------------

/// Everything a verdict needs, keyed by UID, fed by lists and watches in any order.
class Snapshot {
public:
    Snapshot();
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    Snapshot(Snapshot&&) noexcept;
    Snapshot& operator=(Snapshot&&) noexcept;
    /// A complete list: what it does not hold is gone.
    void replace(const std::string& kind, const std::string& space, const nlohmann::json& list);
    /// One watch event: ADDED, MODIFIED, DELETED. Bookmarks and errors are for the caller.
    void apply(const nlohmann::json& event);

    [[nodiscard]] Json find(const Ref& ref) const;
    /// Objects whose controlling owner has this UID.
    [[nodiscard]] std::vector<Json> owned(const std::string& kind, const std::string& owner_uid) const;
    /// Events about this object, oldest first.
    [[nodiscard]] std::vector<Json> events(const std::string& uid) const;
    [[nodiscard]] std::vector<Json> all(const std::string& kind, const std::string& space) const;

private:
    struct Data;
    std::unique_ptr<Data> data_;
};

// ---- verdicts --------------------------------------------------------------------------------------------------

/// A workload to be tracked. `generation`: judge nothing older, 0 if unknown.
struct Goal {
    Ref ref;
    std::int64_t generation = 0;
};

/// How sure a failure is (research on fail-fast tools; docs/readiness.md has the table).
enum class Certainty { none, stalled, budget_spent, permanent };

struct Failure {
    std::string object;  ///< render(Ref) of the workload
    std::string pod;     ///< name, or empty
    std::string space;
    std::string container;
    std::string reason;
    std::string message;
    Certainty certainty = Certainty::none;
    bool previous_log = false;  ///< the lines to show are those of the container's previous run
    bool has_log = false;       ///< the container ran at all
    std::string next;
    std::vector<std::string> events;
};

struct State {
    Ref ref;
    bool ready = false;
    std::string summary;  ///< "1 of 3 ready: container wallet is not ready"
    std::optional<Failure> failure;
    std::optional<Time> recheck;  ///< when the judgement may change by time alone
};

/// The verdict on one workload: pure. Rules and their sources: docs/readiness.md. `first_seen` remembers, between
/// calls, since when a signal has been seen: confirm windows are counted from there.
class Judge {
public:
    State judge(const Snapshot& snapshot, const Goal& goal, Time now);

private:
    std::map<std::string, Time> first_seen_;
    std::map<std::string, std::vector<std::string>> told_;  // what containers said and a later status no longer does
};

/// Where an object reads a Secret.
struct SecretUse {
    std::string name;
    std::string key;  ///< empty: all of them
    std::string how;  ///< "env DB_PASSWORD of container wallet", "volume tls"
    bool optional = false;
    bool lasting = true;  ///< a running pod keeps the value it started with: it has to be restarted to see another
};
/// Of anything that has a pod template, of a Pod, an Ingress and a ServiceAccount.
std::vector<SecretUse> secret_uses(const nlohmann::json& object);

/// The kinds that are workloads (Deployment, StatefulSet, DaemonSet, Job, bare Pod) or else have a readiness of their
/// own.
bool is_tracked(std::string_view kind);
/// Which kinds have to be listed and watched in a namespace to judge these goals.
std::vector<Resource> kinds_to_watch(std::span<const Goal> goals);

}  // namespace flowlet::kube

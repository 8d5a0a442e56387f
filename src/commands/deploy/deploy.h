// deploy: from chart and manifests to verified workloads. options.cpp reads flags, facts.cpp looks at the cluster,
// plan.cpp decides.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flowlet/commands.h"
#include "flowlet/helm.h"
#include "flowlet/kube.h"
#include "flowlet/plan.h"

namespace flowlet::commands::deploy {

void declare(CLI::App& part, Invocation& invocation);

/// The tier that stands for the Helm release.
inline constexpr const char* chart_tier = "chart";

struct Options {
    std::vector<std::string> tiers;  ///< only these; empty: all
    std::vector<std::string> skip_tiers;
    kube::Force force = kube::Force::no;  ///< take over fields that somebody else owns
};

// ---- the programs and the cluster ------------------------------------------------------------------------------

struct Tool {
    std::string path;
    Version version;
};

/// The cluster that a command talks to, checked: the context exists, it answers, it is the one that was meant.
struct Cluster {
    Tool kubectl;
    host::Endpoint endpoint;
    std::string context;
    std::string uid;  ///< of the namespace kube-system
    Version version;
};

/// Throws Error: tool_missing, precondition (unreachable, unknown context, other cluster, older than 1.24), denied.
Cluster observe_cluster(const Session& session);
Tool observe_helm(const Session& session);

/// One request whose answer has to be there: throws Error{denied} on 401 and 403, Error{precondition} on no answer,
/// Error{failed} on the rest but 404.
host::Response ask_one(const Session& session, const Cluster& cluster, const host::Request& request);
void check_answer(const host::Request& request, const host::Response& response);
host::Request read_path(std::string path);

// ---- what is wanted --------------------------------------------------------------------------------------------

struct Tier {
    std::string name;  ///< the folder's name without its leading number
    std::vector<kube::Object> objects;
};

/// Reads every manifest. Throws Error{config} with file:line, Error{usage} for a tier that does not exist.
std::vector<Tier> load_tiers(const Session& session, const Options& options);
/// The names that --tier takes, without reading a manifest.
std::vector<Candidate> list_tiers(const Session& session);
/// Is this tier wanted by --tier and --skip-tier?
bool is_wanted(const Options& options, const std::string& tier);

/// The release as helm would install it. Checks that the chart and every values file are there (Error{config} with the
/// place in flowlet.yaml that names it).
helm::Chart load_chart(const Session& session, const Cluster& cluster, const Tool& helm);
/// The objects that the chart renders to. Throws Error{tool_failed} with helm's own words.
std::vector<kube::Object> render_chart(const Session& session, const helm::Chart& chart, const Version& kubernetes);
/// SHA-256 over everything a rendering is made of: the chart's files, the values, the versions of Helm and the cluster.
/// Equal digests: the live release is what would be rendered, and helm need not be asked.
std::string digest_inputs(const Session& session, const helm::Chart& chart, const Version& kubernetes,
                          const Version& helm);

// ---- what is there ---------------------------------------------------------------------------------------------

/// One wanted object beside what the cluster has.
struct Item {
    kube::Object object;
    kube::Resource resource;
    std::string by;      ///< where it comes from, for people
    bool helms = false;  ///< Helm owns its fields: asked is what differs, not who may change it
    kube::Json live;     ///< nullptr: it is not there
    kube::Json merged;   ///< what the server would make of it; nullptr: it could not say yet
    std::optional<kube::Refusal> refusal;
};

struct ItemTier {
    std::string name;
    std::vector<Item> items;
};

/// Somebody's lock on this deployment.
struct Lock {
    std::string holder;
    std::string resource_version;
    std::optional<Time> expires;
    bool dead = false;  ///< its process ran on this machine and is gone, or its time is up
};

/// One deploy as it is kept in the cluster: the Secret flowletctl-<release>-<number>.
struct Record {
    int number = 0;
    std::string time;
    std::string user;
    std::string run_id;
    std::string what;  ///< "deploy" or "rollback to 3"
    std::string image_tag;
    int helm_revision = 0;     ///< 0: the release was not part of it
    std::string chart_inputs;  ///< digest of everything that revision was rendered from; empty: unknown
    std::vector<kube::Json> objects;
};
/// What the cluster knows of the release and of earlier deploys.
struct Past {
    std::vector<helm::Release> revisions;   ///< from labels: number and status only
    std::optional<helm::Release> deployed;  ///< the revision that is live, with its manifest
    std::vector<int> records;               ///< numbers of the deploys on record, rising
    std::map<int, std::string> inputs;      ///< Record::chart_inputs of each Helm revision on record
    std::optional<Lock> lock;
};

struct Facts {
    Cluster cluster;
    std::optional<Tool> helm;
    std::optional<helm::Chart> chart;
    std::string space;
    std::set<std::string> spaces;  ///< namespaces that exist
    std::vector<ItemTier> tiers;
    std::vector<Item> chart_items;
    std::set<kube::Ref> chart_removed;  ///< in the live release, no longer in the chart
    bool chart_differs = false;         ///< the live release was made of another rendering
    std::string chart_inputs;           ///< digest_inputs() of the chart as it is now
    Past past;
    std::optional<Record> previous;   ///< the newest deploy on record, read when this one covers only some tiers
    std::vector<kube::State> states;  ///< of every tracked workload that exists
    Time now{};
};

Facts observe(const Session& session, const Options& options);
/// Fills in live and merged of every item: what is settled by looking at it is not rehearsed on the server.
void observe_items(const Session& session, const Cluster& cluster, const std::set<std::string>& spaces,
                   const std::vector<Item*>& items, kube::Force force);
Past observe_past(const Session& session, const Cluster& cluster, const std::string& space, const std::string& release);
/// How these workloads are right now.
std::vector<kube::State> observe_states(const Session& session, const Cluster& cluster,
                                        const std::vector<kube::Goal>& goals);
std::vector<kube::Goal> find_goals(const Facts& facts);

// ---- what is to be done ----------------------------------------------------------------------------------------

plan::Plan plan_deploy(const Session& session, const Facts& facts, const Options& options);

/// Builds the parts that deploy and rollback share.
struct Shared {
    const Session& session;
    const Cluster& cluster;
    std::string space;
    std::string release;
    Millis timeout{0};
    int record = 1;  ///< the number of this deploy
};

plan::Subject plan_subject(const Shared& shared, const std::string& command, const std::vector<const Tool*>& tools);
/// Takes the lock on this deployment, releases it at the end.
plan::Step plan_lock(const Shared& shared, const std::optional<Lock>& found, Time now);
/// Applies one object, and knows how to take that back.
plan::Step plan_apply(const Shared& shared, const Item& item, const std::string& tier, kube::Force force);
plan::Step plan_wait(const Shared& shared, const std::string& id, const std::vector<kube::Goal>& goals, Millis timeout);
/// Proves after an undo that these objects are as they were found.
plan::Step plan_proof(const Shared& shared, const std::vector<const Item*>& items);
/// Keeps what was deployed, so that it can be returned to.
plan::Step plan_record(const Shared& shared, const Record& record);
/// Forgets the oldest of these records, so that `keep` remain together with the new one.
std::vector<plan::Step> plan_forgetting(const Shared& shared, const std::vector<int>& records, int keep);

enum class Standing { missing, differs, same };
Standing find_standing(const Item& item);
plan::Change describe(const Item& item);

/// Watches workloads until all are ready or one cannot become so.
std::unique_ptr<plan::Waiter> make_rollout(std::vector<kube::Goal> goals, Time start, Millis timeout);

// ---- earlier deploys -------------------------------------------------------------------------------------------

/// Annotations of a record: what an observer needs without reading all of it.
inline constexpr const char* note_revision = "flowletctl.io/helm-revision";
inline constexpr const char* note_inputs = "flowletctl.io/chart-inputs";

std::string render_record(const Record& record);
Record parse_record(std::string_view secret);
host::Request list_records(const std::string& space, const std::string& release);
host::Request get_record(const std::string& space, const std::string& release, int number);
std::string record_name(const std::string& release, int number);

plan::View view_history(const Session& session);
plan::View view_status(const Session& session);
struct RollbackOptions {
    int to = 0;  ///< 0: the deploy before the newest
};
plan::Plan plan_rollback(const Session& session, const RollbackOptions& options);

}  // namespace flowlet::commands::deploy

#include "kube/readiness.h"

#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

namespace flowlet::kube::test {
namespace {

using verdict::Readiness;

Readiness read(const json& made) {
    const Snapshot snapshot;
    return verdict::readiness_of(snapshot, made);
}

json with_status(json made, json status) {
    made["status"] = std::move(status);
    return made;
}

struct Row {
    const char* what;
    json made;
    bool ready;
    const char* summary;
};

void expect_rows(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        const auto found = read(row.made);
        EXPECT_EQ(found.ready, row.ready) << row.what;
        EXPECT_NE(found.summary.find(row.summary), std::string::npos) << row.what << ": " << found.summary;
    }
}

json deployment_with(json status, json spec = {{"replicas", 3}}) {
    auto made = with_status(deployment(3), std::move(status));
    made["spec"] = std::move(spec);
    return made;
}

json counts(int all, int updated, int ready, int available) {
    return {
        {"replicas", all}, {"updatedReplicas", updated}, {"readyReplicas", ready}, {"availableReplicas", available}};
}

TEST(Readiness, of_a_deployment) {
    auto unfinished = counts(3, 3, 3, 3);
    unfinished["conditions"] = {condition("Progressing", "True", "ReplicaSetUpdated")};
    auto finished = counts(3, 3, 3, 3);
    finished["conditions"] = {condition("Progressing", "True", "NewReplicaSetAvailable")};
    expect_rows({
        {"done", deployment_with(finished), true, "3 of 3 ready"},
        {"done without a deadline", deployment_with(counts(3, 3, 3, 3)), true, "3 of 3 ready"},
        {"not completed", deployment_with(unfinished), false, "yet to complete"},
        {"not updated", deployment_with(counts(4, 1, 4, 4)), false, "1 of 3 updated"},
        {"old left", deployment_with(counts(4, 3, 4, 4)), false, "1 of the old revision left"},
        {"not ready", deployment_with(counts(3, 3, 1, 1)), false, "1 of 3 ready"},
        {"not available", deployment_with(counts(3, 3, 3, 2)), false, "2 of 3 available (minReadySeconds)"},
        {"scaled to nothing", deployment_with(json::object(), {{"replicas", 0}}), true, "0 of 0 ready"},
        {"one by default", deployment_with(counts(1, 1, 1, 1), json::object()), true, "1 of 1 ready"},
        {"paused", deployment_with(finished, {{"replicas", 3}, {"paused", true}}), false, "paused"},
        {"an autoscaler's count is the live one", deployment_with(counts(7, 7, 7, 7), {{"replicas", 7}}), true,
         "7 of 7"},
        {"status of a foreign shape", deployment_with(json("x")), false, "0 of 3 updated"},
    });
}

TEST(Readiness, of_a_replica_set) {
    const auto set = [](json status) { return with_status(replica_set(deployment()), std::move(status)); };
    const json full = {{"replicas", 1}, {"readyReplicas", 1}, {"availableReplicas", 1}, {"fullyLabeledReplicas", 1}};
    auto excess = full;
    excess["replicas"] = 2;
    auto young = full;
    young["availableReplicas"] = 0;
    expect_rows({{"done", set(full), true, "1 of 1 ready"},
                 {"empty", set(json::object()), false, "0 of 1 ready"},
                 {"young", set(young), false, "0 of 1 available"},
                 {"shrinking", set(excess), false, "2 of 1 left"}});
}

json stateful_set(json status, json strategy = json::object()) {
    auto made = with_status(object("apps/v1", "StatefulSet", "postgresql"), std::move(status));
    made["spec"] = {{"replicas", 3}, {"updateStrategy", std::move(strategy)}};
    return made;
}

json revisions(int updated, int ready, const char* current, int replicas = 3) {
    return {{"replicas", replicas},       {"updatedReplicas", updated}, {"readyReplicas", ready},
            {"availableReplicas", ready}, {"currentRevision", current}, {"updateRevision", "new"}};
}

TEST(Readiness, of_a_stateful_set) {
    const json on_delete = {{"type", "OnDelete"}};
    const json partition = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"partition", 2}}}};
    auto patient = stateful_set(revisions(3, 3, "new"));
    patient["spec"]["minReadySeconds"] = 10;
    patient["status"]["availableReplicas"] = 2;
    expect_rows({
        {"done", stateful_set(revisions(3, 3, "new")), true, "3 of 3 ready"},
        {"rolling", stateful_set(revisions(1, 3, "old")), false, "1 of 3 updated"},
        {"not ready", stateful_set(revisions(3, 2, "old")), false, "2 of 3 ready"},
        {"not completed", stateful_set(revisions(3, 3, "old")), false, "yet to complete"},
        {"one too many", stateful_set(revisions(3, 3, "new", 4)), false, "4 of 3 left"},
        {"young", patient, false, "2 of 3 available (minReadySeconds)"},
        {"partition reached", stateful_set(revisions(1, 3, "old"), partition), true, "3 of 3 ready"},
        {"partition not reached", stateful_set(revisions(0, 3, "old"), partition), false, "0 of 1 updated"},
        {"OnDelete with old pods", stateful_set(revisions(1, 3, "old"), on_delete), false,
         "OnDelete: 2 pods are on the old revision"},
        {"OnDelete with one old pod", stateful_set(revisions(2, 3, "old"), on_delete), false, "1 pod is"},
        {"OnDelete done", stateful_set(revisions(3, 3, "old"), on_delete), true, "3 of 3 ready"},
    });
}

TEST(Readiness, of_a_daemon_set) {
    const auto set = [](int desired, int updated, int ready, int available, const char* type = "RollingUpdate") {
        auto made = with_status(object("apps/v1", "DaemonSet", "agent"), {{"desiredNumberScheduled", desired},
                                                                          {"currentNumberScheduled", desired},
                                                                          {"updatedNumberScheduled", updated},
                                                                          {"numberReady", ready},
                                                                          {"numberAvailable", available}});
        made["spec"] = {{"updateStrategy", {{"type", type}}}};
        return made;
    };
    expect_rows({{"done", set(2, 2, 2, 2), true, "2 of 2 ready"},
                 {"no node", set(0, 0, 0, 0), true, "no node matches"},
                 {"rolling", set(2, 1, 2, 2), false, "1 of 2 updated"},
                 {"not ready", set(2, 2, 1, 1), false, "1 of 2 ready"},
                 {"not available", set(2, 2, 2, 1), false, "1 of 2 available"},
                 {"OnDelete", set(2, 1, 2, 2, "OnDelete"), false, "1 pod is on the old revision"}});
}

TEST(Readiness, of_a_job) {
    const auto job = [](json conditions, json more = json::object()) {
        auto made = object("batch/v1", "Job", "migrate");
        made["spec"] = {{"backoffLimit", 2}};
        made["status"] = std::move(more);
        made["status"]["conditions"] = std::move(conditions);
        return made;
    };
    expect_rows({{"running", job(json::array(), {{"active", 1}}), false, "0 of 1 complete"},
                 {"complete", job({condition("Complete", "True")}), true, "complete"},
                 {"only promised", job({condition("SuccessCriteriaMet", "True")}), false, "0 of 1 complete"},
                 {"suspended", job({condition("Suspended", "True")}), false, "suspended"},
                 {"resumed", job({condition("Suspended", "False")}), false, "0 of 1 complete"},
                 {"with failures", job(json::array(), {{"failed", 1}}), false, "1 failed (backoffLimit 2)"}});
}

TEST(Readiness, of_a_bare_pod) {
    const auto bare = [](const char* phase, const char* ready) {
        auto made = pod(deployment(), {});
        made["status"] = {{"phase", phase}, {"conditions", {condition("Ready", ready)}}};
        return made;
    };
    expect_rows({{"ready", bare("Running", "True"), true, "ready"},
                 {"running", bare("Running", "False"), false, "0 of 1 ready"},
                 {"succeeded", bare("Succeeded", "False"), true, "succeeded"},
                 {"failed", bare("Failed", "False"), false, "failed"}});
}

TEST(Readiness, of_a_claim) {
    const auto claim = [](const char* phase) {
        return with_status(object("v1", "PersistentVolumeClaim", "data"), {{"phase", phase}});
    };
    expect_rows({{"bound", claim("Bound"), true, "bound"},
                 {"pending", claim("Pending"), false, "waiting for a volume"},
                 {"lost", claim("Lost"), false, "lost"}});
    Snapshot snapshot;
    put(snapshot, event(claim("Pending"), "WaitForFirstConsumer", "waiting for first consumer"));
    EXPECT_TRUE(verdict::readiness_of(snapshot, claim("Pending")).ready);
}

TEST(Readiness, of_a_claim_follows_its_class_when_that_is_known) {
    auto claim = with_status(object("v1", "PersistentVolumeClaim", "data"), {{"phase", "Pending"}});
    claim["spec"] = {{"storageClassName", "standard"}};
    auto storage = object("storage.k8s.io/v1", "StorageClass", "standard");
    storage["metadata"].erase("namespace");
    storage["volumeBindingMode"] = "WaitForFirstConsumer";
    Snapshot snapshot;
    put(snapshot, storage);
    EXPECT_TRUE(verdict::readiness_of(snapshot, claim).ready);
    storage["volumeBindingMode"] = "Immediate";
    put(snapshot, storage);
    EXPECT_FALSE(verdict::readiness_of(snapshot, claim).ready);
}

TEST(Readiness, of_what_the_cluster_accepts) {
    const auto with = [](const char* version, const char* kind, json conditions) {
        return with_status(object(version, kind, "x"), {{"conditions", std::move(conditions)}});
    };
    const auto space_in = [](const char* phase) {
        return with_status(object("v1", "Namespace", "x"), {{"phase", phase}});
    };
    auto leaving = space_in("Terminating");
    leaving["status"]["conditions"] = {condition("NamespaceContentRemaining", "True", "Some", "pods. has 1")};
    const auto accepted = condition("NamesAccepted", "True");
    const char* api = "apiextensions.k8s.io/v1";
    const char* aggregation = "apiregistration.k8s.io/v1";
    expect_rows({
        {"established", with(api, "CustomResourceDefinition", {accepted, condition("Established", "True")}), true,
         "established"},
        {"installing",
         with(api, "CustomResourceDefinition", {accepted, condition("Established", "False", "Installing")}), false,
         "not established: Installing"},
        {"names taken",
         with(api, "CustomResourceDefinition", {condition("NamesAccepted", "False", "Conflict", "taken")}), false,
         "not accepted: taken"},
        {"available", with(aggregation, "APIService", {condition("Available", "True")}), true, "available"},
        {"unavailable", with(aggregation, "APIService", {condition("Available", "False", "MissingEndpoints")}), false,
         "not available: MissingEndpoints"},
        {"active", space_in("Active"), true, "active"},
        {"leaving", leaving, false, "being deleted: pods. has 1"},
        {"no phase", object("v1", "Namespace", "x"), false, "not active yet"},
        {"a Service is ready at once", object("v1", "Service", "x"), true, "exists"},
        {"so is a ConfigMap", object("v1", "ConfigMap", "x"), true, "exists"},
    });
}

TEST(Readiness, waits_for_the_controller_to_see_the_generation) {
    auto made = deployment();
    made["metadata"]["generation"] = 3;
    made["status"]["observedGeneration"] = 2;
    EXPECT_NE(verdict::generation_lag(made, 0), "");
    made["status"]["observedGeneration"] = 3;
    EXPECT_EQ(verdict::generation_lag(made, 3), "");
    EXPECT_NE(verdict::generation_lag(made, 4), "");
    made["status"].erase("observedGeneration");
    EXPECT_NE(verdict::generation_lag(made, 0), "");
}

TEST(Readiness, a_kind_without_an_observed_generation_does_not_wait_for_one) {
    EXPECT_EQ(verdict::generation_lag(object("batch/v1", "Job", "x"), 1), "");
    EXPECT_EQ(verdict::generation_lag(object("v1", "ConfigMap", "x"), 0), "");
}

}  // namespace
}  // namespace flowlet::kube::test

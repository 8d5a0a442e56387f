#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "flowlet/kube.h"
#include "kube/json_path.h"

// What a Kubernetes 1.34 cluster (API server, controllers, scheduler, kubelet, containerd) said once a second while a
// workload failed, told again to a Judge by the same clock.
namespace flowlet::kube {
namespace {

using namespace verdict;

struct Told {
    State last;
    std::optional<double> failed_after;  // seconds since the first step
    std::optional<double> ready_after;
};

nlohmann::json load(const std::string& name) {
    std::ifstream file("tests/unit/kube/recordings/" + std::string(name) + ".json");
    return nlohmann::json::parse(file);
}

/// As a caller does: judge after each batch, and at the time the judge names itself.
class Replay {
public:
    explicit Replay(const nlohmann::json& recording) : recording_(recording) {
        const auto& goal = recording.at("goal");
        goal_.ref = {text_at(goal, {"apiVersion"}), text_at(goal, {"kind"}), text_at(goal, {"namespace"}),
                     text_at(goal, {"name"})};
        goal_.generation = number_at(goal, {"generation"});
    }

    Told run() {
        for (const auto& step : recording_.at("steps")) {
            const auto now = *time_at(step, {"time"});
            if (!start_) start_ = now;
            if (fire_timer_until(now)) return told_;
            for (const auto& event : step.at("events"))
                snapshot_.apply(event);
            if (look(now)) return told_;
        }
        fire_timer_until(*time_at(recording_, {"until"}));
        return told_;
    }

private:
    bool look(Time now) {
        told_.last = judge_.judge(snapshot_, goal_, now);
        const double after = std::chrono::duration<double>(now - *start_).count();
        if (told_.last.failure) told_.failed_after = after;
        if (told_.last.ready) told_.ready_after = after;
        return told_.last.failure || told_.last.ready;
    }

    bool fire_timer_until(Time now) {
        while (told_.last.recheck && *told_.last.recheck < now) {
            const auto timer = *told_.last.recheck;
            if (look(timer)) return true;
            EXPECT_FALSE(told_.last.recheck && *told_.last.recheck <= timer) << "a timer that has fired is set again";
        }
        return false;
    }

    const nlohmann::json& recording_;
    Goal goal_;
    Snapshot snapshot_;
    Judge judge_;
    std::optional<Time> start_;
    Told told_;
};

struct Row {
    const char* recording;
    const char* reason;  // empty: it gets ready
    Certainty certainty;
    double from;  // seconds in which the verdict has to fall
    double to;
    const char* in_message;
    const char* in_next;
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.recording;
}

class Recordings : public testing::TestWithParam<Row> {};

TEST_P(Recordings, give_the_right_reason_at_the_right_time) {
    const auto& row = GetParam();
    const auto recording = load(row.recording);
    const auto told = Replay(recording).run();
    if (*row.reason == '\0') {
        ASSERT_TRUE(told.ready_after.has_value()) << told.last.summary;
        EXPECT_GE(*told.ready_after, row.from);
        EXPECT_LE(*told.ready_after, row.to);
        return;
    }
    ASSERT_TRUE(told.failed_after.has_value()) << told.last.summary;
    const auto& failure = *told.last.failure;
    EXPECT_EQ(failure.reason, row.reason);
    EXPECT_EQ(failure.certainty, row.certainty);
    EXPECT_GE(*told.failed_after, row.from);
    EXPECT_LE(*told.failed_after, row.to);
    EXPECT_NE(failure.message.find(row.in_message), std::string::npos) << failure.message;
    EXPECT_NE(failure.next.find(row.in_next), std::string::npos) << failure.next;
    EXPECT_FALSE(failure.next.empty());
    EXPECT_FALSE(failure.events.empty() && failure.reason != "ReadinessProbeFailed");
    EXPECT_LE(failure.events.size(), 8U);
}

constexpr auto permanent = Certainty::permanent;
constexpr auto spent = Certainty::budget_spent;

INSTANTIATE_TEST_SUITE_P(
    Cluster, Recordings,
    testing::Values(
        Row{"crash", "CrashLoopBackOff", spent, 15, 30, "exit code 3, restarted 2 times", "logs wallet-"},
        Row{"sts-crash", "CrashLoopBackOff", spent, 10, 35, "exit code 3", "logs wallet-"},
        Row{"rollout-crash", "CrashLoopBackOff", spent, 10, 35, "(1 of 2 pods)", "logs wallet-"},
        Row{"exec", "StartError", permanent, 0, 7, "stat /nope: no such file", "command"},
        Row{"oom", "OOMKilled", spent, 3, 12, "the limit is 64Mi", "raise resources.limits.memory"},
        Row{"liveness", "LivenessProbeFailed", spent, 5, 16, "GET :8080/health/ready", "liveness probe"},
        Row{"never-ready", "ReadinessProbeFailed", Certainty::stalled, 10, 20, "HTTP 503", "logs wallet-"},
        Row{"unschedulable", "Unschedulable", permanent, 14, 18, "didn't match Pod's node affinity", "nodeSelector"},
        Row{"pvc", "Unschedulable", permanent, 14, 20, "persistentvolumeclaim \"ledger\" not found",
            "create the PersistentVolumeClaim ledger"},
        Row{"invalid-image", "InvalidImageName", permanent, 0, 6, "", "mend the name"},
        Row{"never-image", "ErrImageNeverPull", permanent, 0, 6, "", "load the image"},
        Row{"pull", "ErrImagePull", spent, 30, 60, "3 attempts failed", "reach the registry"},
        Row{"pull-host", "ErrImagePull", spent, 30, 60, "3 attempts failed", "reach the registry"},
        Row{"config", "CreateContainerConfigError", permanent, 3, 9, "secret \"postgres-credentials\" not found",
            "kubectl -n config create secret generic postgres-credentials --from-file=password=FILE "
            "--from-file=username=FILE"},
        Row{"config-key", "CreateContainerConfigError", permanent, 3, 9, "couldn't find key limit",
            "add the key limit: kubectl -n config-key edit configmap wallet-config"},
        Row{"rollout-config", "CreateContainerConfigError", permanent, 3, 40, "db-key", "create the Secret"},
        Row{"nonroot", "CreateContainerConfigError", permanent, 3, 12, "runAsUser breaks non-root policy", "runAsUser"},
        Row{"mount", "FailedMount", permanent, 14, 20, "secret \"wallet-tls\" not found", "secret generic wallet-tls"},
        Row{"quota", "FailedCreate", permanent, 4, 10, "exceeded quota", "describe resourcequota"},
        Row{"no-account", "FailedCreate", permanent, 4, 12, "serviceaccount \"nobody\" not found",
            "create serviceaccount nobody"},
        Row{"job", "BackoffLimitExceeded", permanent, 8, 25, "ended with exit code 3", "logs wallet-"},
        Row{"job-ok", "", Certainty::none, 0, 20, "", ""}, Row{"heal", "", Certainty::none, 20, 40, "", ""},
        Row{"good", "", Certainty::none, 0, 15, "", ""}),
    [](const auto& row) {
        std::string name = row.param.recording;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    });

}  // namespace
}  // namespace flowlet::kube

// A folder of its own for each test, and runs that are logged in it.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "flowlet/audit.h"
#include "flowlet/evidence.h"

namespace flowlet::audit::test {

using Json = nlohmann::json;

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

inline void append_to(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::app) << bytes;
}

inline plan::Plan deploy_plan() {
    plan::Plan plan;
    plan.title = "deploy flowlet to staging";
    plan.subject = {"deploy",  "staging",    "flowlet-core",
                    "flowlet", "kind-a/uid", {{"helm", "4.0.0"}, {"chart", "0.1.0"}}};
    plan.effect = plan::Effect::cluster;
    plan.steps.resize(2);
    plan.steps[0].id = "apply";
    plan.steps[1].id = "wait";
    return plan;
}

inline run::Report report_of(run::Outcome outcome, Kind kind) {
    run::Report report;
    report.outcome = outcome;
    report.kind = kind;
    report.took = Millis(1500);
    report.steps.resize(2);
    report.steps[0].id = "apply";
    report.steps[0].state = run::State::done;
    report.steps[1].id = "wait";
    report.steps[1].state = kind == Kind::ok ? run::State::done : run::State::failed;
    return report;
}

class Scene : public testing::Test {
protected:
    Scene() {
        std::string name = testing::TempDir() + "flowlet-audit-XXXXXX";
        base_ = ::mkdtemp(name.data());
        folder_ = base_ + "/audit";
        options_.folder = folder_;
        options_.actor = current_actor({"deploy", "--env", "staging"}, "0.1.0");
    }
    ~Scene() override {
        std::error_code ignored;
        std::filesystem::remove_all(base_, ignored);
    }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    [[nodiscard]] std::string log_path() const { return folder_ + "/" + log_name; }
    [[nodiscard]] std::string log_text() const { return read_file(log_path()); }
    [[nodiscard]] Json record(std::size_t index) const {
        const auto found = evidence::verify(log_text());
        return index < found.records.size() ? *found.records[index].json : Json();
    }
    void expect_whole(std::size_t records) const {
        const auto found = evidence::verify(log_text());
        EXPECT_EQ(found.records.size(), records);
        for (const auto& fault : found.faults)
            ADD_FAILURE() << "record " << fault.index << ": " << fault.message;
    }
    run::Report run_once(run::Outcome outcome = run::Outcome::succeeded, Kind kind = Kind::ok) const {
        const auto log = make_log(options_);
        log->begin(deploy_plan(), Time{});
        run::Report report = report_of(outcome, kind);
        log->end(report);
        return report;
    }
    /// Why a run cannot begin; "" when it can.
    [[nodiscard]] std::string refusal() const {
        try {
            make_log(options_)->begin(deploy_plan(), Time{});
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), Kind::audit_unavailable);
            EXPECT_FALSE(error.hint().empty());
            return error.what();
        }
        return "";
    }

    std::string base_;
    std::string folder_;
    Options options_;
};

/// Runs in a child process, which ends without unwinding; its exit status.
inline int in_child(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

inline testing::AssertionResult says(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "\"" << text << "\" does not say \"" << part << "\"";
}

}  // namespace flowlet::audit::test

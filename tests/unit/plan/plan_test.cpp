#include "flowlet/plan.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace flowlet::plan {
namespace {

Step step(std::string id, std::vector<std::string> after = {}) {
    Send send;
    send.request.method = "PATCH";
    send.request.path = "/api/" + id;
    Step made;
    made.id = id;
    made.what = "do " + id;
    made.action = send;
    made.after = std::move(after);
    return made;
}

Kind refusal(const Plan& plan) {
    try {
        check(plan);
    } catch (const Error& error) {
        return error.kind();
    }
    return Kind::ok;
}

TEST(Plan, a_graph_of_known_steps_is_accepted) {
    Plan plan;
    plan.steps = {step("b", {"a"}), step("a"), step("c", {"a", "b"})};
    EXPECT_EQ(refusal(plan), Kind::ok);
}

TEST(Plan, two_steps_of_one_name_are_a_bug) {
    Plan plan;
    plan.steps = {step("a"), step("a")};
    EXPECT_EQ(refusal(plan), Kind::bug);
}

TEST(Plan, a_step_after_one_that_is_not_there_is_a_bug) {
    Plan plan;
    plan.steps = {step("a", {"nothing"})};
    EXPECT_EQ(refusal(plan), Kind::bug);
}

TEST(Plan, a_circle_is_a_bug) {
    Plan plan;
    plan.steps = {step("a", {"c"}), step("b", {"a"}), step("c", {"b"})};
    EXPECT_EQ(refusal(plan), Kind::bug);
}

TEST(Plan, a_circle_in_the_settling_steps_is_a_bug_too) {
    Plan plan;
    plan.settle = {step("a", {"a"})};
    EXPECT_EQ(refusal(plan), Kind::bug);
}

TEST(Plan, its_digest_changes_with_a_body_an_edge_and_a_name) {
    Plan plan;
    plan.steps = {step("a"), step("b")};
    const std::string before = digest(plan);
    EXPECT_EQ(before, digest(plan));
    Plan other = plan;
    std::get<Send>(other.steps[0].action).request.body = "x";
    EXPECT_NE(digest(other), before);
    other = plan;
    other.steps[1].after = {"a"};
    EXPECT_NE(digest(other), before);
    other = plan;
    other.steps[1].id = "c";
    EXPECT_NE(digest(other), before);
}

TEST(Plan, its_digest_does_not_depend_on_what_is_shown) {
    Plan plan;
    plan.steps = {step("a")};
    const std::string before = digest(plan);
    plan.title = "another";
    plan.steps[0].what = "otherwise";
    EXPECT_EQ(digest(plan), before);
}

TEST(Plan, json_has_changes_findings_and_steps_with_their_undo) {
    Plan plan;
    plan.title = "deploy";
    plan.subject.environment = "staging";
    plan.steps = {step("a")};
    plan.steps[0].undo.push_back(
        {"take a back", Action{Invoke{{"/usr/bin/helm", {"rollback", "x"}, {}, {}, {}}, {0}}}});
    plan.changes.push_back({Op::update, "ConfigMap/x in y", {{"data.a", "1", "2"}}, "x.yaml:1"});
    plan.findings.push_back({Finding::Severity::warning, "o", "m", "p", "h"});
    const nlohmann::json json = to_json(plan);
    EXPECT_EQ(json.at("apiVersion"), "flowlet/v1");
    EXPECT_EQ(json.at("kind"), "Plan");
    EXPECT_EQ(json.at("changes")[0].at("op"), "update");
    EXPECT_EQ(json.at("changes")[0].at("fields")[0].at("after"), "2");
    EXPECT_EQ(json.at("findings")[0].at("severity"), "warning");
    EXPECT_EQ(json.at("steps")[0].at("action"), "PATCH /api/a");
    EXPECT_EQ(json.at("steps")[0].at("undo")[0].at("action"), "helm rollback x");
}

TEST(Plan, the_body_of_a_request_is_not_shown) {
    Plan plan;
    plan.steps = {step("a")};
    std::get<Send>(plan.steps[0].action).request.body = "canary-value";
    EXPECT_EQ(to_json(plan).dump().find("canary-value"), std::string::npos);
}

TEST(Plan, what_a_file_will_hold_is_part_of_the_digest) {
    Plan plan;
    plan.steps = {step("a")};
    plan.steps[0].action = Write{"/x/a", "one", 0644};
    EXPECT_EQ(render(plan.steps[0].action), "write /x/a");
    const std::string before = digest(plan);
    plan.steps[0].action = Write{"/x/a", "two", 0644};
    EXPECT_NE(digest(plan), before);
    plan.steps[0].action = Erase{"/x/a", "one"};
    EXPECT_EQ(render(plan.steps[0].action), "remove /x/a");
}

}  // namespace
}  // namespace flowlet::plan

#include "samples.h"

namespace flowlet::console {
namespace {

plan::Change change(plan::Op op, const std::string& object) {
    return {op, object, {}, "chart flowlet"};
}

plan::Plan upgrade() {
    plan::Plan plan;
    plan.title = "deploy flowlet to staging";
    plan.unchanged = 77;
    plan.changes.push_back(change(plan::Op::create, "Namespace/flowlet-core"));
    plan.changes.push_back(change(plan::Op::update, "Deployment/wallet in flowlet-core"));
    plan.changes.back().fields = {{"spec.replicas", "1", "3"}, {"metadata.labels.a", "", "\"b\""}};
    plan.changes.push_back(change(plan::Op::remove, "ConfigMap/old in flowlet-core"));
    plan.findings.push_back({plan::Finding::Severity::warning, "Deployment/wallet in flowlet-core",
                             "the image has no digest", "manifests/a.yaml:3", "pin it"});
    return plan;
}

TEST(PlanText, changes_stand_by_what_becomes_of_them) {
    EXPECT_EQ(render(upgrade(), unicode()),
              "deploy flowlet to staging\n"
              "\n"
              "To create\n"
              "  + Namespace/flowlet-core  (chart flowlet)\n"
              "\n"
              "To update\n"
              "  ~ Deployment/wallet in flowlet-core  (chart flowlet)\n"
              "      spec.replicas: 1 → 3\n"
              "      metadata.labels.a: (none) → \"b\"\n"
              "\n"
              "To remove\n"
              "  - ConfigMap/old in flowlet-core  (chart flowlet)\n"
              "\n"
              "Findings\n"
              "  warning  manifests/a.yaml:3: Deployment/wallet in flowlet-core: the image has no digest\n"
              "           hint: pin it\n"
              "\n"
              "77 objects unchanged\n"
              "\n"
              "Plan: 1 to create, 1 to update, 1 to remove, 77 unchanged.\n");
}

TEST(PlanText, the_content_of_a_new_file_is_shown) {
    plan::Plan plan;
    plan.title = "init shop";
    plan.changes.push_back({plan::Op::create, "flowlet.yaml", {{"content", "", R"("a: 1\n\nb:\n  c: 2\n")"}}, ""});
    EXPECT_EQ(render(plan, unicode()),
              "init shop\n"
              "\n"
              "To create\n"
              "  + flowlet.yaml\n"
              "      a: 1\n"
              "      b:\n"
              "        c: 2\n"
              "\n"
              "Plan: 1 to create, 0 to update, 0 to remove, 0 unchanged.\n");
}

TEST(PlanText, ascii_is_enough) {
    const std::string text = render(upgrade(), plain());
    EXPECT_NE(text.find("spec.replicas: 1 -> 3"), std::string::npos);
    for (const char letter : text)
        EXPECT_LT(static_cast<unsigned char>(letter), 0x80);
}

TEST(PlanText, many_of_a_kind_are_one_line) {
    plan::Plan plan;
    plan.title = "deploy";
    for (int i = 0; i < 13; ++i) {
        plan.changes.push_back(change(plan::Op::create, "Deployment/d" + std::to_string(i) + " in core"));
    }
    plan.changes.push_back(change(plan::Op::create, "Deployment/other in data"));
    EXPECT_EQ(render(plan, unicode()),
              "deploy\n"
              "\n"
              "To create\n"
              "  + 13 Deployment in core: d0, d1, d2, d3, d4, …\n"
              "  + Deployment/other in data  (chart flowlet)\n"
              "\n"
              "Plan: 14 to create, 0 to update, 0 to remove, 0 unchanged.\n");
    plan.changes.erase(plan.changes.begin());
    EXPECT_NE(render(plan, unicode()).find("  + Deployment/d12 in core"), std::string::npos);
}

TEST(PlanText, removals_and_updates_are_never_put_together) {
    plan::Plan plan;
    for (int i = 0; i < 20; ++i) {
        plan.changes.push_back(change(plan::Op::remove, "Secret/s" + std::to_string(i) + " in core"));
    }
    const std::string text = render(plan, unicode());
    for (const plan::Change& one : plan.changes)
        EXPECT_NE(text.find(one.object), std::string::npos);
}

TEST(PlanText, at_most_eight_fields_are_shown) {
    plan::Plan plan;
    plan.changes.push_back(change(plan::Op::update, "Deployment/a in b"));
    for (int i = 0; i < 13; ++i)
        plan.changes[0].fields.push_back({"f" + std::to_string(i), "0", "1"});
    const std::string text = render(plan, unicode());
    EXPECT_NE(text.find("f7: 0 → 1\n      … and 5 more fields\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("f8:"), std::string::npos);
    plan.changes[0].fields.resize(9);
    EXPECT_NE(render(plan, unicode()).find("… and 1 more field\n"), std::string::npos);
}

TEST(PlanText, a_long_value_is_cut) {
    plan::Plan plan;
    plan.changes.push_back(change(plan::Op::update, "ConfigMap/a in b"));
    plan.changes[0].fields.push_back({"data.x", std::string(500, 'x'), "1"});
    EXPECT_NE(render(plan, unicode()).find("data.x: " + std::string(59, 'x') + "… → 1"), std::string::npos);
}

TEST(PlanText, nothing_to_do_is_said) {
    plan::Plan plan;
    plan.title = "deploy flowlet to staging";
    plan.unchanged = 80;
    EXPECT_EQ(render(plan, unicode()),
              "deploy flowlet to staging\n\nNothing to do: 80 objects are as they should be.\n");
}

TEST(PlanText, without_changes_the_steps_are_shown) {
    plan::Plan plan;
    plan.title = "backup";
    plan.steps.resize(2);
    plan.steps[0].what = "dump primary";
    plan.steps[1].what = "verify the dump";
    const std::string text = render(plan, unicode());
    EXPECT_NE(text.find("Steps\n  1. dump primary\n  2. verify the dump\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("Nothing to do"), std::string::npos);
}

TEST(PlanText, nothing_foreign_steers_the_terminal) {
    plan::Plan plan = upgrade();
    plan.title = hostile;
    plan.changes[1].object = hostile;
    plan.changes[1].by = hostile;
    plan.changes[1].fields[0] = {hostile, hostile, hostile};
    plan.findings[0] = {plan::Finding::Severity::error, hostile, hostile, hostile, hostile};
    for (const Look& look : {plain(), unicode(), terminal(20)}) {
        const std::string text = render(plan, look);
        EXPECT_TRUE(is_tame(text)) << text;
    }
}

}  // namespace
}  // namespace flowlet::console

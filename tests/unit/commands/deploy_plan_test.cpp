#include <gtest/gtest.h>

#include "commands/deploy/order.h"
#include "unit/commands/deploy_world.h"

namespace flowlet::commands::deploy {
namespace {

using Names = std::vector<std::string>;

TEST(DeployPlan, nothing_differs_and_all_is_ready_then_there_is_nothing_to_do) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"config", {item("ConfigMap", "a", "1", "1")}}, {"store", {item("StatefulSet", "s", "1", "1")}}};
    known.states = {ready("StatefulSet", "s")};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    EXPECT_TRUE(plan.steps.empty());
    EXPECT_TRUE(plan.changes.empty());
    EXPECT_EQ(plan.unchanged, 2U);
    EXPECT_EQ(plan.effect, plan::Effect::none);
}

TEST(DeployPlan, nothing_differs_but_a_workload_is_not_ready_then_it_is_waited_for_without_a_lock) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"store", {item("StatefulSet", "s", "1", "1")}}};
    known.states = {ready("StatefulSet", "s")};
    known.states[0].ready = false;
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    EXPECT_EQ(ids(plan.steps), Names{"ready"});
    EXPECT_EQ(plan.effect, plan::Effect::none);
}

TEST(DeployPlan, tiers_follow_each_other_and_wait_for_the_workloads_of_the_one_before) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"config", {item("ConfigMap", "a", "", "1")}},
                   {"store", {item("StatefulSet", "s", "", "1")}},
                   {"late", {item("ConfigMap", "b", "", "1")}}};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    EXPECT_EQ(ids(plan.steps), (Names{"lock", "apply/config/ConfigMap/a in shop", "apply/store/StatefulSet/s in shop",
                                      "ready/store", "apply/late/ConfigMap/b in shop", "ready", "record"}));
    EXPECT_EQ(find(plan, "apply/store/StatefulSet/s in shop").after,
              (Names{"apply/config/ConfigMap/a in shop", "lock"}));
    EXPECT_EQ(find(plan, "apply/late/ConfigMap/b in shop").after, (Names{"ready/store", "lock"}));
}

TEST(DeployPlan, inside_a_tier_a_namespace_comes_before_configuration_and_that_before_workloads) {
    EXPECT_LT(apply_rank("Namespace"), apply_rank("ServiceAccount"));
    EXPECT_LT(apply_rank("Role"), apply_rank("RoleBinding"));
    EXPECT_LT(apply_rank("ConfigMap"), apply_rank("Deployment"));
    EXPECT_LT(apply_rank("Deployment"), apply_rank("HorizontalPodAutoscaler"));
    EXPECT_LT(apply_rank("SomethingForeign"), apply_rank("ValidatingWebhookConfiguration"));
}

TEST(DeployPlan, the_namespace_of_the_environment_is_made_before_the_lock_that_lives_in_it) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"environment", {item("Namespace", "shop", "", "1")}},
                   {"config", {item("ConfigMap", "a", "", "1")}}};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    EXPECT_EQ(find(plan, "lock").after, Names{"apply/environment/Namespace/shop"});
    EXPECT_TRUE(find(plan, "apply/environment/Namespace/shop").after.empty());
}

TEST(DeployPlan, what_was_created_is_removed_and_what_was_changed_is_restored) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"config", {item("ConfigMap", "new", "", "1"), item("ConfigMap", "old", "1", "2")}}};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    const auto& made = std::get<plan::Send>(find(plan, "apply/config/ConfigMap/new in shop").undo.at(0).action);
    EXPECT_EQ(made.request.method, "DELETE");
    const auto& changed = std::get<plan::Send>(find(plan, "apply/config/ConfigMap/old in shop").undo.at(0).action);
    EXPECT_EQ(changed.request.method, "PATCH");
}

TEST(DeployPlan, a_created_namespace_is_only_removed_while_it_holds_no_volume_claims) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"environment", {item("Namespace", "shop", "", "1")}}};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    const auto& back = std::get<plan::Send>(find(plan, "apply/environment/Namespace/shop").undo.at(0).action);
    ASSERT_TRUE(back.only_if_empty);
    EXPECT_EQ(back.only_if_empty->path, "/api/v1/namespaces/shop/persistentvolumeclaims");
}

TEST(DeployPlan, a_refused_object_is_a_finding_with_its_place) {
    const Desk desk;
    Facts known = facts();
    Item wrong = item("ConfigMap", "a", "1", "2");
    wrong.merged = nullptr;
    wrong.refusal = kube::Refusal{409, "Conflict", "somebody owns it"};
    known.tiers = {{"config", {wrong}}};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_EQ(plan.findings[0].severity, plan::Finding::Severity::error);
    EXPECT_EQ(plan.findings[0].place, "manifests/x.yaml:1");
    EXPECT_NE(plan.findings[0].hint.find("--take-over"), std::string::npos);
}

TEST(DeployPlan, a_first_release_is_uninstalled_when_it_fails_and_a_later_one_returned_to_its_revision) {
    const Desk desk;
    Facts known = facts();
    known.chart = chart();
    known.chart_differs = true;
    known.chart_items = {item("Deployment", "web", "", "1")};
    const auto undo = [&] {
        const plan::Plan plan = plan_deploy(desk.session, known, {});
        return plan::render(find(plan, "helm/shop").undo.at(0).action);
    };
    EXPECT_NE(undo().find("helm uninstall shop"), std::string::npos);
    known.past.revisions = {revision(4, "superseded"), revision(5, "deployed")};
    known.past.deployed = known.past.revisions.back();
    EXPECT_NE(undo().find("helm rollback shop 5"), std::string::npos);
}

TEST(DeployPlan, a_release_whose_objects_are_as_rendered_is_left_alone) {
    const Desk desk;
    Facts known = facts();
    known.chart = chart();
    known.chart_items = {item("Deployment", "web", "1", "1")};
    known.past.revisions = {revision(5, "deployed")};
    known.past.deployed = known.past.revisions.back();
    known.states = {ready("Deployment", "web")};
    EXPECT_TRUE(plan_deploy(desk.session, known, {}).steps.empty());
}

TEST(DeployPlan, an_object_changed_by_hand_is_reason_enough_to_upgrade) {
    const Desk desk;
    Facts known = facts();
    known.chart = chart();
    known.chart_items = {item("Deployment", "web", "by hand", "1")};
    known.past.revisions = {revision(5, "deployed")};
    known.past.deployed = known.past.revisions.back();
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    EXPECT_EQ(find(plan, "helm/shop").id, "helm/shop");
}

TEST(DeployPlan, a_failed_last_revision_is_upgraded_although_nothing_differs) {
    const Desk desk;
    Facts known = facts();
    known.chart = chart();
    known.chart_items = {item("Deployment", "web", "1", "1")};
    known.past.revisions = {revision(5, "deployed"), revision(6, "failed")};
    known.past.deployed = known.past.revisions.front();
    known.states = {ready("Deployment", "web")};
    EXPECT_NO_THROW(find(plan_deploy(desk.session, known, {}), "helm/shop"));
}

TEST(DeployPlan, a_release_left_pending_by_a_dead_run_of_ours_is_recovered_first) {
    const Desk desk;
    Facts known = facts();
    known.chart = chart();
    known.chart_items = {item("Deployment", "web", "1", "1")};
    known.past.revisions = {revision(5, "deployed"), revision(6, "pending-upgrade")};
    known.past.revisions.back().updated = render_time(known.now);
    known.past.deployed = known.past.revisions.front();
    known.past.lock = Lock{"ana@ops", "77", known.now, true};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    EXPECT_NE(plan::render(find(plan, "recover/shop").action).find("helm rollback shop 5"), std::string::npos);
    EXPECT_EQ(find(plan, "helm/shop").after, (Names{"recover/shop", "lock"}));
    const auto& lock = std::get<plan::Send>(find(plan, "lock").action);
    EXPECT_EQ(lock.request.method, "PUT");
    EXPECT_NE(lock.request.body.find("\"resourceVersion\":\"77\""), std::string::npos);
}

TEST(DeployPlan, a_release_that_somebody_elses_helm_just_made_pending_is_a_conflict) {
    const Desk desk;
    Facts known = facts();
    known.chart = chart();
    known.past.revisions = {revision(6, "pending-install")};
    known.past.revisions.back().updated = render_time(known.now - std::chrono::seconds(5));
    try {
        plan_deploy(desk.session, known, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::conflict);
    }
}

TEST(DeployPlan, a_lock_that_is_held_is_a_conflict_that_names_the_holder) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"config", {item("ConfigMap", "a", "", "1")}}};
    known.past.lock = Lock{"bob@laptop", "77", known.now + std::chrono::minutes(5), false};
    try {
        plan_deploy(desk.session, known, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::conflict);
        EXPECT_NE(std::string(error.what()).find("bob@laptop"), std::string::npos);
    }
}

TEST(DeployPlan, a_held_lock_does_not_matter_when_nothing_is_to_be_done) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"config", {item("ConfigMap", "a", "1", "1")}}};
    known.past.lock = Lock{"bob@laptop", "77", known.now + std::chrono::minutes(5), false};
    EXPECT_TRUE(plan_deploy(desk.session, known, {}).steps.empty());
}

TEST(DeployPlan, a_run_that_died_after_its_last_change_is_finished_recorded_and_unlocked) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"store", {item("StatefulSet", "s", "1", "1")}}};
    known.states = {ready("StatefulSet", "s")};
    known.past.lock = Lock{"bob@laptop", "77", known.now - std::chrono::minutes(5), true};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    EXPECT_EQ(ids(plan.steps), (Names{"lock", "ready", "record"}));
    EXPECT_EQ(plan.effect, plan::Effect::cluster);
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_NE(plan.findings[0].message.find("bob@laptop"), std::string::npos);
}

TEST(DeployPlan, the_record_says_what_the_release_was_rendered_from) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"config", {item("ConfigMap", "a", "", "1")}}};
    known.past.revisions = {revision(4, "deployed")};
    known.past.inputs = {{4, "sha256:old"}};
    const auto inputs = [&] {
        const plan::Plan plan = plan_deploy(desk.session, known, {});
        return parse_record(std::get<plan::Send>(find(plan, "record").action).request.body).chart_inputs;
    };
    EXPECT_EQ(inputs(), "sha256:old") << "without the chart the release stays as it is";
    known.past.deployed = known.past.revisions[0];
    known.chart = chart();
    known.chart_inputs = "sha256:new";
    EXPECT_EQ(inputs(), "sha256:new");
}

TEST(DeployPlan, the_record_carries_the_number_after_the_last_and_the_objects_of_the_tiers_left_out) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"config", {item("ConfigMap", "a", "", "1")}}};
    known.past.records = {3, 4};
    known.previous = Record{};
    known.previous->objects = {json(body("ConfigMap", "a", "old")), json(body("StatefulSet", "s", "1"))};
    Options options;
    options.tiers = {"config"};
    const plan::Plan plan = plan_deploy(desk.session, known, options);
    const auto& keep = std::get<plan::Send>(find(plan, "record").action);
    const Record record = parse_record(keep.request.body);
    EXPECT_EQ(record.number, 5);
    EXPECT_EQ(record.user, "ana@ops");
    ASSERT_EQ(record.objects.size(), 2U);
    EXPECT_EQ(record.objects[0]->at("data").at("value"), "1");
    EXPECT_EQ(record.objects[1]->at("kind"), "StatefulSet");
}

TEST(DeployPlan, records_beyond_the_history_are_forgotten) {
    Desk desk(std::string(project) + "\n");
    desk.config = config::load(desk.world, {"/p", "test", {{"deploy.history_max", "2", "--set"}}});
    Facts known = facts();
    known.tiers = {{"config", {item("ConfigMap", "a", "", "1")}}};
    known.past.records = {3, 4, 5};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    EXPECT_NO_THROW(find(plan, "forget/3"));
    EXPECT_NO_THROW(find(plan, "forget/4"));
    EXPECT_THROW(find(plan, "forget/5"), std::logic_error);
}

TEST(DeployPlan, after_an_undo_every_touched_object_is_proved_and_what_was_ready_is_waited_for) {
    const Desk desk;
    Facts known = facts();
    known.tiers = {{"store", {item("StatefulSet", "s", "1", "2"), item("ConfigMap", "a", "1", "1")}}};
    known.states = {ready("StatefulSet", "s")};
    const plan::Plan plan = plan_deploy(desk.session, known, {});
    ASSERT_EQ(ids(plan.settle), (Names{"proof", "unstick/StatefulSet/s in shop", "ready again"}));
    EXPECT_EQ(std::get<plan::Await>(plan.settle[0].action).subjects, Names{"StatefulSet/s in shop"});
}

TEST(DeployPlan, every_plan_is_a_sound_graph) {
    const Desk desk;
    Facts known = facts();
    known.chart = chart();
    known.chart_differs = true;
    known.chart_items = {item("Deployment", "web", "", "1")};
    known.tiers = {{"environment", {item("Namespace", "shop", "", "1")}},
                   {"config", {item("ConfigMap", "a", "", "1"), item("ServiceAccount", "b", "1", "2")}},
                   {"store", {item("StatefulSet", "s", "", "1"), item("Service", "s", "", "1")}}};
    EXPECT_NO_THROW(plan::check(plan_deploy(desk.session, known, {})));
}

}  // namespace
}  // namespace flowlet::commands::deploy

#include <gtest/gtest.h>

#include "commands/secrets/secrets.h"
#include "flowlet/stream.h"
#include "unit/commands/deploy_world.h"

namespace flowlet::commands::secrets {
namespace {

using nlohmann::json;

constexpr const char* rotating = R"(
apiVersion: flowlet/v1
project: shop
environments:
  test: {kube: {context: here}, namespace: shop}
databases:
  primary: {type: postgres, host: db, user: app, name: shop, password: "${secret:db}", secrets: [other/copy/url],
            server: StatefulSet/shop/postgresql}
  old: {type: mysql, host: db, user: app, password: "${secret:db}"}
  filed: {type: postgres, host: db, user: app, password: "${file:/run/x}"}
secrets: {db: {kubernetes: db/password}}
)";

json secret(const std::string& space, const std::string& name, const std::map<std::string, std::string>& data,
            const json& notes = json::object()) {
    json encoded = json::object();
    for (const auto& [key, value] : data)
        encoded[key] = stream::base64_encode(value);
    return {{"kind", "Secret"},
            {"metadata", {{"namespace", space}, {"name", name}, {"resourceVersion", "5"}, {"annotations", notes}}},
            {"data", encoded}};
}

json workload(const std::string& name, const std::string& secret_name) {
    const json container = {
        {"name", name},
        {"env", {{{"name", "PW"}, {"valueFrom", {{"secretKeyRef", {{"name", secret_name}, {"key", "password"}}}}}}}}};
    return {{"metadata", {{"name", name}, {"namespace", "shop"}}},
            {"spec", {{"template", {{"spec", {{"containers", {container}}}}}}}}};
}

/// A cluster of Secrets and workloads, and a database that takes one password.
struct Bench : deploy::Desk {
    std::vector<json> secrets = {secret("shop", "db", {{"password", "old-password"}}),
                                 secret("other", "copy", {{"url", "postgres://app:old-password@db/shop"}})};
    std::vector<json> deployments = {workload("wallet", "db"), workload("other", "unrelated")};
    std::vector<json> sets = {workload("postgresql", "db")};
    std::string accepted = "old-password";

    Bench() : Desk(rotating) {
        host::Exit version;
        version.out = R"({"clientVersion": {"gitVersion": "v1.30.0"}})";
        world.program("kubectl", version);
        world.server = [this](const host::Request& request) { return answer(request); };
        world.postgres = [this](const host::Database& database, const std::string&) {
            host::Rows rows;
            if (database.password.reveal() != accepted) rows.state = host::login_refused;
            return rows;
        };
    }

    host::Response answer(const host::Request& request) {
        const std::string path = request.path.substr(0, request.path.find('?'));
        if (path == "/version") return {200, R"({"gitVersion": "v1.30.0"})"};
        if (path == "/api/v1/secrets") return {200, json{{"items", secrets}}.dump()};
        if (path.ends_with("/deployments")) return list(path, deployments);
        if (path.ends_with("/statefulsets")) return list(path, sets);
        if (path.ends_with("/daemonsets")) return {200, R"({"items": []})"};
        for (const json& one : secrets) {
            const json& metadata = one["metadata"];
            if (path == "/api/v1/namespaces/" + metadata["namespace"].get<std::string>() + "/secrets/" +
                            metadata["name"].get<std::string>()) {
                return {200, one.dump()};
            }
        }
        return {404, R"({"kind": "Status", "reason": "NotFound", "message": "not there"})"};
    }
    static host::Response list(const std::string& path, const std::vector<json>& items) {
        const bool here = path.find("/namespaces/shop/") != std::string::npos;
        return {200, json{{"items", here ? json(items) : json::array()}}.dump()};
    }

    plan::Plan rotate(const std::string& database = "primary") {
        const RotateOptions options{database};
        const RotateFacts facts = observe_rotation(session, options);
        return plan_rotation(session, options, facts);
    }
    Error refusal(const std::string& database = "primary") {
        try {
            rotate(database);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "nothing was thrown";
        return {Kind::ok, ""};
    }
    void stage(const std::string& fresh, const std::string& old) {
        secrets.push_back(secret("shop", "flowletctl-rotation-primary", {{"new", fresh}, {"old", old}},
                                 {{"flowletctl.io/rotation", "run-0"}}));
    }
};

using Ids = std::vector<std::string>;

TEST(Rotate, the_new_password_is_kept_before_anything_changes_and_forgotten_last) {
    Bench bench;
    EXPECT_EQ(deploy::ids(bench.rotate().steps),
              (Ids{"lock", "login", "stage", "alter", "write/shop/db/password", "write/other/copy/url",
                   "restart/Deployment/wallet in shop", "ready", "prove/new", "prove/old", "forget"}));
}

TEST(Rotate, each_step_waits_for_what_it_builds_on) {
    Bench bench;
    const plan::Plan plan = bench.rotate();
    EXPECT_EQ(deploy::find(plan, "alter").after, Ids{"stage"});
    EXPECT_EQ(deploy::find(plan, "write/other/copy/url").after, Ids{"alter"});
    EXPECT_EQ(deploy::find(plan, "restart/Deployment/wallet in shop").after,
              (Ids{"write/shop/db/password", "write/other/copy/url"}));
    EXPECT_EQ(deploy::find(plan, "forget").after, (Ids{"prove/new", "prove/old"}));
}

TEST(Rotate, one_cut_off_before_the_database_changed_starts_with_the_password_that_was_kept) {
    Bench bench;
    bench.stage("new-password", "old-password");
    const plan::Plan plan = bench.rotate();
    EXPECT_EQ(deploy::ids(plan.steps)[2], "alter");
    const std::string body = std::get<plan::Send>(deploy::find(plan, "write/shop/db/password").action).request.body;
    EXPECT_EQ(json::parse(body)["data"]["password"], stream::base64_encode("new-password"));
}

TEST(Rotate, one_cut_off_after_the_database_changed_goes_forward_only) {
    Bench bench;
    bench.stage("new-password", "old-password");
    bench.accepted = "new-password";
    bench.secrets[0] = secret("shop", "db", {{"password", "new-password"}});
    const plan::Plan plan = bench.rotate();
    EXPECT_EQ(deploy::ids(plan.steps),
              (Ids{"lock", "login", "write/other/copy/url", "restart/Deployment/wallet in shop", "ready", "prove/new",
                   "prove/old", "forget"}));
    for (const plan::Step& step : plan.steps) {
        EXPECT_TRUE(step.always || step.undo.empty()) << step.id;
    }
}

TEST(Rotate, what_was_restarted_for_this_rotation_is_not_restarted_again) {
    Bench bench;
    bench.stage("new-password", "old-password");
    bench.accepted = "new-password";
    bench.deployments[0]["spec"]["template"]["metadata"]["annotations"][restart_mark] = "run-0";
    const Ids steps = deploy::ids(bench.rotate().steps);
    EXPECT_EQ(std::find(steps.begin(), steps.end(), "restart/Deployment/wallet in shop"), steps.end());
    EXPECT_NE(std::find(steps.begin(), steps.end(), "ready"), steps.end());
}

TEST(Rotate, the_new_password_is_forgotten_on_the_way_back_only_when_the_old_one_is_seen_to_work) {
    Bench bench;
    const std::vector<plan::Step::Undo> undo = deploy::find(bench.rotate(), "login").undo;
    ASSERT_EQ(undo.size(), 4U);
    EXPECT_EQ(undo[2].what, "log in with the old password");
    EXPECT_TRUE(undo[3].if_whole);
    EXPECT_EQ(std::get<plan::Send>(undo[3].action).request.method, "DELETE");
}

TEST(Rotate, a_secret_that_holds_the_password_in_any_form_and_is_not_listed_is_an_error) {
    for (const std::string text : {"old-password", "host=db password=old-password", "a://b:old-password@c"}) {
        Bench bench;
        bench.secrets.push_back(secret("far", "forgotten", {{"dsn", text}}));
        const plan::Plan plan = bench.rotate();
        ASSERT_EQ(plan.findings.size(), 1U);
        EXPECT_EQ(plan.findings[0].severity, plan::Finding::Severity::error);
        EXPECT_NE(plan.findings[0].hint.find("far/forgotten/dsn"), std::string::npos);
    }
}

TEST(Rotate, no_part_of_a_plan_that_is_shown_or_digested_holds_a_password_or_its_verifier) {
    Bench bench;
    const plan::Plan plan = bench.rotate();
    std::string shown = plan::to_json(plan).dump();
    for (const plan::Step& step : plan.steps)
        shown += plan::render(step.action);
    EXPECT_EQ(shown.find("old-password"), std::string::npos);
    EXPECT_EQ(shown.find("SCRAM-SHA-256$"), std::string::npos);
    EXPECT_EQ(shown.find(stream::base64_encode("old-password")), std::string::npos);
}

TEST(Rotate, a_database_that_takes_neither_password_is_left_alone) {
    Bench bench;
    bench.accepted = "someone-changed-it";
    EXPECT_EQ(bench.refusal().kind(), Kind::precondition);
    bench.stage("new-password", "old-password");
    EXPECT_NE(std::string(bench.refusal().what()).find("neither"), std::string::npos);
}

TEST(Rotate, a_copy_that_does_not_hold_the_password_stops_it) {
    Bench bench;
    bench.secrets[1] = secret("other", "copy", {{"url", "postgres://app:something@db/shop"}});
    EXPECT_NE(std::string(bench.refusal().what()).find("Secret/copy in other"), std::string::npos);
}

TEST(Rotate, a_password_that_is_kept_outside_the_cluster_cannot_be_rotated) {
    Bench bench;
    const Error error = bench.refusal("filed");
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_NE(std::string(error.what()).find("file /run/x"), std::string::npos);
}

TEST(Rotate, a_wrong_name_and_a_wrong_kind_of_database_are_usage_errors) {
    Bench bench;
    EXPECT_EQ(bench.refusal("primry").hint(), "did you mean primary?");
    EXPECT_EQ(bench.refusal("old").kind(), Kind::usage);
}

}  // namespace
}  // namespace flowlet::commands::secrets

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "commands/doctor/doctor.h"
#include "unit/commands/deploy_world.h"

namespace flowlet::commands::doctor {
namespace {

Facts healthy() {
    Facts facts;
    facts.looks = {{"configuration", "/p/flowlet.yaml", {}}, {"cluster", "here", {}}};
    facts.audit_folder = "/audit";
    facts.audit_writable = true;
    facts.audit_there = true;
    facts.audit_mode = 0700;
    facts.audit_space = std::uint64_t{1} << 40U;
    facts.audit_chain = Look{"audit chain", "4 records, the chain holds", {}};
    facts.clock_kept = true;
    return facts;
}

std::vector<std::string> findings(const Facts& facts) {
    std::vector<std::string> found;
    for (const auto& row : view_health(facts).rows) {
        if (row[0] != "ok") found.push_back(row[0] + " " + row[1]);
    }
    return found;
}

using Rows = std::vector<std::string>;

TEST(Doctor, a_healthy_machine_has_no_finding) {
    EXPECT_EQ(findings(healthy()), Rows{});
    EXPECT_EQ(view_health(healthy()).verdict, Kind::ok);
}

TEST(Doctor, one_error_makes_it_unhealthy_and_a_warning_does_not) {
    Facts facts = healthy();
    facts.clock_kept = false;
    EXPECT_EQ(findings(facts), Rows{"warning clock"});
    EXPECT_EQ(view_health(facts).verdict, Kind::ok);
    facts.looks[1].error = Error(Kind::precondition, "it does not answer", "check the VPN");
    EXPECT_EQ(findings(facts), (Rows{"error cluster", "warning clock"}));
    EXPECT_EQ(view_health(facts).verdict, Kind::unhealthy);
}

TEST(Doctor, every_finding_has_its_fix) {
    Facts facts = healthy();
    facts.looks[1].error = Error(Kind::precondition, "it does not answer", "check the VPN");
    facts.audit_writable = false;
    facts.audit_space = 0;
    facts.clock_kept = false;
    facts.open_files = {"/run/secrets/db"};
    facts.audit_chain->error = Error(Kind::verification, "a line was changed", "keep the file");
    const plan::View view = view_health(facts);
    for (const auto& finding : view.document->at("findings")) {
        EXPECT_EQ(finding["severity"] == "ok", finding["fix"] == "") << finding;
    }
}

TEST(Doctor, a_log_that_others_can_reach_and_a_full_disk_are_told) {
    Facts facts = healthy();
    facts.audit_mode = 0755;
    facts.audit_space = std::uint64_t{100} << 20U;
    EXPECT_EQ(findings(facts), (Rows{"warning audit folder", "warning disk"}));
    facts.audit_space = std::uint64_t{10} << 20U;
    EXPECT_EQ(findings(facts), (Rows{"warning audit folder", "error disk"}));
}

TEST(Doctor, no_project_is_a_warning_and_a_broken_one_an_error) {
    fakes::World world;
    deploy::Desk::prepare(world);
    const Session session{world, nullptr, "/audit", "run", "ana", nullptr, {"/nowhere", "test", {}}};
    Facts facts = observe(session);
    EXPECT_EQ(findings(facts).front(), "warning configuration");
    world.folders.insert("/p");
    world.files["/p/flowlet.yaml"] = {"apiVersion: flowlet/v1\nnonsense: 1\n", 0644};
    const Session broken{world, nullptr, "/audit", "run", "ana", nullptr, {"/p", "", {}}};
    facts = observe(broken);
    EXPECT_EQ(findings(facts).front(), "error configuration");
    EXPECT_NE(facts.looks.front().error->what(), std::string());
}

TEST(Doctor, a_database_that_refuses_the_login_is_told_from_one_that_does_not_answer) {
    fakes::World world;
    deploy::Desk::prepare(world);
    world.files["/p/flowlet.yaml"] = {
        "apiVersion: flowlet/v1\ndatabases: {a: {type: postgres, host: db, user: app, password: '${PW}'}}\n", 0644};
    world.variables["PW"] = "planted-secret";
    host::Rows answer;
    world.postgres = [&](const host::Database& database, const std::string&) {
        EXPECT_EQ(database.password.reveal(), "planted-secret");
        return answer;
    };
    const Session session{world, nullptr, "/audit", "run", "ana", nullptr, {"/p", "", {}}};
    const auto error = [&] { return observe(session).looks[1].error.value(); };
    answer.state = host::login_refused;
    EXPECT_EQ(error().hint(), "check databases.a.password");
    answer.state = "08001";
    EXPECT_NE(error().hint().find("databases.a.host"), std::string::npos);
    world.variables.clear();
    EXPECT_NE(std::string(error().what()).find("PW is not set"), std::string::npos);
}

TEST(Doctor, a_file_with_a_secret_that_everybody_may_read_is_told) {
    fakes::World world;
    deploy::Desk::prepare(world);
    world.files["/p/flowlet.yaml"] = {"apiVersion: flowlet/v1\nsecrets: {a: {file: /run/a}, b: {file: /run/b}}\n",
                                      0644};
    world.files["/run/a"] = {"x", 0644};
    world.files["/run/b"] = {"x", 0600};
    const Session session{world, nullptr, "/audit", "run", "ana", nullptr, {"/p", "", {}}};
    EXPECT_EQ(observe(session).open_files, Rows{"/run/a"});
}

}  // namespace
}  // namespace flowlet::commands::doctor

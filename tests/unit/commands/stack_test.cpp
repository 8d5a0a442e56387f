#include "commands/stack/stack.h"

#include <gtest/gtest.h>

#include "fakes/world.h"

namespace flowlet::commands::stack {
namespace {

constexpr const char* record =
    R"({"boot": "boot-1", "supervisor": {"pid": 41, "started": 7}, "started": [
        {"service": "queue", "leader": {"pid": 42, "started": 8}, "grace_ms": 1000, "elsewhere": true}]})";

struct Project : fakes::World {
    explicit Project(const std::string& services) {
        folder = "/srv/shop";
        folders.insert({"/srv", "/srv/shop", "/srv/shop/.flowlet/stack"});
        files["/srv/shop/flowlet.yaml"] = {"apiVersion: flowlet/v1\nproject: shop\n" + services, 0644};
        files["/srv/shop/compose.yml"] = {"services: {}\n", 0644};
        variables["DOCKER_HOST"] = "unix:///run/mine.sock";
    }
    Session session() {
        config = config::load_root(*this, {});
        return {*this, &*config, "/audit", "run-1", "ana@ops"};
    }
    std::optional<config::Config> config;
};

constexpr const char* queue = "services: {queue: {compose: compose.yml, env: {TOKEN: t=}, stop: {grace: 1500ms}}}\n";

/// Of a compose that knows the older option only.
host::Exit helpful() {
    host::Exit exit;
    exit.out = "  --abort-on-container-exit   Stops all containers if any container was stopped\n";
    return exit;
}

std::vector<std::string> ids(const plan::Plan& plan) {
    std::vector<std::string> all;
    for (const plan::Step& step : plan.steps)
        all.push_back(step.id);
    return all;
}

TEST(Stack, a_compose_project_is_kept_by_the_plugin_of_docker) {
    Project project(queue);
    project.program("docker", helpful());
    const Wanted wanted = observe_wanted(project.session());
    EXPECT_TRUE(wanted.findings.empty());
    const plan::Keep& keep = wanted.services.front().keep;
    EXPECT_EQ(host::render(keep.launch.command),
              "docker compose --file /srv/shop/compose.yml up --abort-on-container-exit");
    EXPECT_EQ(host::render(*keep.stop_command), "docker compose --file /srv/shop/compose.yml stop --timeout 2");
    EXPECT_TRUE(keep.elsewhere);
    EXPECT_GT(keep.stop_command->timeout, Millis{2000});
    EXPECT_GT(keep.grace, keep.stop_command->timeout);
}

TEST(Stack, a_project_ends_when_a_container_fails_where_compose_can_tell_that_from_one_that_is_done) {
    Project project(queue);
    host::Exit help;
    help.out = "      --abort-on-container-exit\n      --abort-on-container-failure   Stops all containers if …\n";
    project.program("docker", {"compose", "up", "--help"}, help);
    EXPECT_EQ(observe_wanted(project.session()).services.front().keep.launch.command.args.back(),
              "--abort-on-container-failure");
}

TEST(Stack, a_stop_command_has_the_environment_of_its_service) {
    Project project(queue);
    project.program("docker", helpful());
    const auto env = observe_wanted(project.session()).services.front().keep.stop_command->env;
    EXPECT_EQ(env.at("TOKEN"), "t=");
    EXPECT_EQ(env.at("DOCKER_HOST"), "unix:///run/mine.sock");
}

TEST(Stack, without_the_plugin_docker_compose_does_it) {
    Project project(queue);
    project.program("docker", host::Exit{});
    project.program("docker-compose", helpful());
    EXPECT_EQ(host::render(observe_wanted(project.session()).services.front().keep.launch.command),
              "docker-compose --file /srv/shop/compose.yml up --abort-on-container-exit");
}

TEST(Stack, without_either_there_is_a_finding_with_its_place) {
    Project project(queue);
    const Wanted wanted = observe_wanted(project.session());
    ASSERT_FALSE(wanted.findings.empty());
    EXPECT_EQ(wanted.findings.front().message, "neither docker with its compose plugin nor docker-compose is there");
    EXPECT_TRUE(wanted.findings.front().place.starts_with("flowlet.yaml:3:"));
}

TEST(Stack, what_a_killed_supervisor_ran_elsewhere_is_stopped_first) {
    Project project(queue);
    project.program("docker", helpful());
    project.files["/srv/shop/.flowlet/stack/state.json"] = {record, 0600};
    const Presence presence = observe_presence(project.session());
    EXPECT_TRUE(presence.litter());
    const auto stop = std::get<plan::Plan>(plan_stop(presence, {}));
    EXPECT_EQ(ids(stop), (std::vector<std::string>{"end/left", "stop/queue", "end/left/all"}));
    EXPECT_TRUE(std::get<plan::End>(stop.steps.front().action).files.empty());
    EXPECT_EQ(plan::render(stop.steps[1].action), "docker compose --file /srv/shop/compose.yml stop --timeout 2");
    EXPECT_EQ(stop.steps.back().after, std::vector<std::string>{"stop/queue"});
    StartFacts facts;
    facts.wanted = observe_wanted(project.session());
    facts.presence = presence;
    const auto start = std::get<plan::Plan>(plan_start(facts, {}));
    EXPECT_EQ(ids(start), (std::vector<std::string>{"end/left", "stop/queue", "end/left/all", "service/queue"}));
    EXPECT_EQ(view_status(presence, project.clock, Kind::precondition).verdict, Kind::unhealthy);
}

TEST(Stack, after_a_restart_of_the_machine_nothing_is_left_elsewhere) {
    Project project(queue);
    project.program("docker", helpful());
    project.files["/srv/shop/.flowlet/stack/state.json"] = {
        std::string(record).replace(std::string(record).find("boot-1"), 6, "boot-0"), 0600};
    EXPECT_FALSE(observe_presence(project.session()).litter());
}

TEST(Stack, a_service_that_flowlet_yaml_does_not_know_any_more_is_named) {
    Project project("services: {other: {command: [sleep, \"9\"]}}\n");
    project.files["/srv/shop/.flowlet/stack/state.json"] = {record, 0600};
    const Presence presence = observe_presence(project.session());
    ASSERT_EQ(presence.findings.size(), 1U);
    EXPECT_EQ(presence.findings.front().object, "service queue");
    EXPECT_EQ(std::get<plan::Plan>(plan_stop(presence, {})).findings.size(), 1U);
}

TEST(Stack, a_file_that_cannot_be_read_keeps_nobody_from_stopping) {
    Project project("services: [broken\n");
    project.people.push_back({{42, 8}, 1, 42, 42, 0, "sleep 9", services::mark_of("/srv/shop", "web"), ""});
    const Presence presence = observe_presence(project.session());
    const auto plan = std::get<plan::Plan>(plan_stop(presence, {}));
    EXPECT_EQ(ids(plan), std::vector<std::string>{"end/left"});
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_NE(plan.findings.front().message.find("flowlet.yaml:"), std::string::npos);
    const plan::View status = view_status(presence, project.clock, Kind::precondition);
    EXPECT_EQ(status.rows.size(), 1U);
    EXPECT_TRUE(status.notes.front().starts_with("Warning: flowlet.yaml cannot be read"));
}

}  // namespace
}  // namespace flowlet::commands::stack

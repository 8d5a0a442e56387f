#include "config/layers.h"

#include "flowlet_file.h"

namespace flowlet::config {
namespace {

/// deploy.timeout in all eight layers.
struct Everywhere : Project {
    Everywhere() : Project("deploy: {timeout: 3m}\nenvironments: {a: {deploy: {timeout: 4m}}}\n") {
        files["/etc/flowletctl/config.yaml"] = {"deploy: {timeout: 1m}\n", 0644};
        files["/home/tester/.config/flowletctl/config.yaml"] = {"deploy: {timeout: 2m}\n", 0600};
        files["/project/flowlet.local.yaml"] = {"deploy: {timeout: 5m}\n", 0644};
        variables["HOME"] = "/home/tester";
        variables["FLOWLET_DEPLOY__TIMEOUT"] = "6m";
    }
    [[nodiscard]] Config load_all() const { return load(*this, {"", "a", {{"deploy.timeout", "7m", "--timeout"}}}); }
};

TEST(Layers, a_key_set_in_eight_layers_has_eight_candidates_the_strongest_first_each_with_its_place) {
    std::vector<std::string> said;
    const Config config = Everywhere().load_all();
    for (const Value& value : config.candidates("deploy.timeout")) {
        said.push_back(std::string(name(value.layer)) + " " + value.text + " " + render_place(value.place));
    }
    EXPECT_EQ(said, (std::vector<std::string>{
                        "flag 7m --timeout",
                        "variable 6m FLOWLET_DEPLOY__TIMEOUT",
                        "local 5m /project/flowlet.local.yaml:1:19",
                        "environment 4m flowlet.yaml:3:38",
                        "file 3m flowlet.yaml:2:19",
                        "user 2m /home/tester/.config/flowletctl/config.yaml:1:19",
                        "system 1m /etc/flowletctl/config.yaml:1:19",
                        "default 10m ",
                    }));
    EXPECT_EQ(config.duration("deploy.timeout"), Millis(7 * 60 * 1000));
}

TEST(Layers, a_later_file_of_conf_d_beats_an_earlier_one) {
    Project world("");
    world.files["/etc/flowletctl/conf.d/20-b.yaml"] = {"deploy: {timeout: 2m}\n", 0644};
    world.files["/etc/flowletctl/conf.d/10-a.yaml"] = {"deploy: {timeout: 1m}\n", 0644};
    world.files["/etc/flowletctl/conf.d/30-c.yaml.bak"] = {"deploy: {timeout: 3m}\n", 0644};
    EXPECT_EQ(load(world, {}).text("deploy.timeout"), "2m");
}

TEST(Layers, a_locked_key_that_another_layer_sets_is_an_error_that_names_both_places) {
    Project world("audit: {dir: /tmp/x}\ndeploy: {timeout: 3m}\n");
    world.files["/etc/flowletctl/config.yaml"] = {"audit: {dir: /var/log/flowletctl}\nlocked: [audit.**]\n", 0644};
    EXPECT_STREQ(error_of([&] { load(world, {}); }).what(),
                 "flowlet.yaml:2:14: audit.dir: is locked by /etc/flowletctl/config.yaml:2:9");
    world.files["/project/flowlet.yaml"].bytes = "apiVersion: flowlet/v1\n";
    const Config config = load(world, {});
    EXPECT_EQ(config.path("audit.dir"), "/var/log/flowletctl");
    EXPECT_TRUE(config.lock("audit.dir"));
    EXPECT_FALSE(config.lock("deploy.timeout"));
}

TEST(Layers, only_the_system_may_lock) {
    const Error error = load_error("locked: [audit.**]\n");
    EXPECT_EQ(error.kind(), Kind::config);
}

TEST(Layers, a_lock_holds_one_key_one_level_or_all_below) {
    EXPECT_TRUE(is_held("deploy.timeout", "deploy.timeout"));
    EXPECT_TRUE(is_held("deploy.*", "deploy.timeout"));
    EXPECT_TRUE(is_held("databases.**", "databases.primary.host"));
    EXPECT_FALSE(is_held("databases.*", "databases.primary.host"));
    EXPECT_FALSE(is_held("deploy.**", "deployed"));
    EXPECT_FALSE(is_held("deploy.timeout", "deploy.tiers"));
}

TEST(Layers, a_local_file_is_refused_for_a_protected_environment_and_only_for_that) {
    Project world("environments: {live: {protected: true}, test: {}, next: {inherits: live}}\n");
    world.files["/project/flowlet.local.yaml"] = {"deploy: {timeout: 5m}\n", 0644};
    EXPECT_EQ(load(world, {"", "test", {}}).text("deploy.timeout"), "5m");
    for (const char* const guarded : {"live", "next"}) {
        const Error error = error_of([&] { load(world, {"", guarded, {}}); });
        EXPECT_EQ(error.kind(), Kind::config);
        EXPECT_NE(std::string(error.what()).find("/project/flowlet.local.yaml:1:1"), std::string::npos);
    }
}

TEST(Layers, a_file_that_others_may_write_is_not_believed) {
    for (const char* const path : {"/etc/flowletctl/config.yaml", "/project/flowlet.local.yaml"}) {
        Project world("");
        world.files[path] = {"deploy: {timeout: 5m}\n", 0666};
        const Error error = error_of([&] { load(world, {}); });
        EXPECT_EQ(error.kind(), Kind::config);
        EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
    }
}

TEST(Layers, a_reset_is_a_candidate_and_the_value_is_gone) {
    const Config config = load_text("kube: {context: here}\nenvironments: {a: {kube: {context: null}}}\n", "a");
    EXPECT_EQ(config.find("kube.context"), nullptr);
    const std::vector<Value> said = config.candidates("kube.context");
    ASSERT_EQ(said.size(), 2U);
    EXPECT_TRUE(said[0].reset);
    EXPECT_EQ(said[1].text, "here");
}

TEST(Layers, environments_and_locks_stand_in_the_files_that_may_hold_them) {
    Project world("");
    world.files["/project/flowlet.local.yaml"] = {"environments: {a: {}}\nlocked: [a]\n", 0644};
    EXPECT_STREQ(error_of([&] { load(world, {}); }).what(),
                 "/project/flowlet.local.yaml:1:1: environments: may not be set in this file\n"
                 "/project/flowlet.local.yaml:2:1: locked: may not be set in this file");
}

TEST(Layers, the_variable_of_a_key_is_the_one_that_sets_it) {
    EXPECT_EQ(variable_of("deploy.history_max"), "FLOWLET_DEPLOY__HISTORY_MAX");
    EXPECT_EQ(variable_of("databases.read-replica.host"), "FLOWLET_DATABASES__READ_REPLICA__HOST");
}

TEST(Layers, a_secret_that_is_no_reference_is_not_shown) {
    const Key& key = find("databases.primary.password");
    EXPECT_EQ(render(key, {"hunter2", {}, Layer::file, {}}), "***");
    EXPECT_EQ(render(key, {"${file:/run/x}", {}, Layer::file, {}}), "${file:/run/x}");
}

}  // namespace
}  // namespace flowlet::config

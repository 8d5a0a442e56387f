#include "config/override.h"

#include "flowlet_file.h"

namespace flowlet::config {
namespace {

Config with_variables(const std::string& text, const std::map<std::string, std::string>& variables) {
    Project world(text);
    world.variables = variables;
    return load(world, {});
}

Config with_sets(const std::string& text, const std::vector<std::pair<std::string, std::string>>& sets) {
    Request request;
    for (const auto& [path, value] : sets) {
        request.overrides.push_back({path, value, "--set " + path + "=" + value});
    }
    return load(Project(text), request);
}

TEST(Override, a_variable_beats_the_file_and_a_flag_beats_both) {
    Project world("deploy: {timeout: 1m}\nenvironments: {a: {deploy: {timeout: 2m}}}\n");
    world.variables["FLOWLET_DEPLOY__TIMEOUT"] = "3m";
    const Config by_variable = load(world, {"", "a", {}});
    EXPECT_EQ(by_variable.duration("deploy.timeout"), Millis(180000));
    EXPECT_EQ(by_variable.find("deploy.timeout")->layer, Layer::variable);
    EXPECT_EQ(by_variable.find("deploy.timeout")->place.file, "FLOWLET_DEPLOY__TIMEOUT");
    const Config by_flag = load(world, {"", "a", false, {{"deploy.timeout", "4m", "--timeout"}}});
    EXPECT_EQ(by_flag.duration("deploy.timeout"), Millis(240000));
    EXPECT_EQ(by_flag.find("deploy.timeout")->place.file, "--timeout");
}

TEST(Override, a_variable_spells_names_and_underscores) {
    const Config config =
        with_variables("databases: {Read-Replica: {host: old}}\n", {{"FLOWLET_DATABASES__READ_REPLICA__HOST", "new"},
                                                                    {"FLOWLET_DATABASES__OTHER__PORT", "7"},
                                                                    {"FLOWLET_KUBE__CLUSTER_UID", "u"},
                                                                    {"FLOWLET_TOOLS__PG_DUMP", "/opt/pg_dump"}});
    EXPECT_EQ(config.text("databases.Read-Replica.host"), "new");
    EXPECT_EQ(config.integer("databases.other.port"), 7);
    EXPECT_EQ(config.text("kube.cluster_uid"), "u");
    EXPECT_EQ(config.path("tools.pg_dump"), "/opt/pg_dump");
}

TEST(Override, an_unknown_variable_is_an_error) {
    const Error error = error_of([] { with_variables("", {{"FLOWLET_DEPLOY__TIMEOT", "3m"}, {"FLOWLET_X", "1"}}); });
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_STREQ(error.what(),
                 "FLOWLET_DEPLOY__TIMEOT: stands for no key; did you mean FLOWLET_DEPLOY__TIMEOUT?\n"
                 "FLOWLET_X: stands for no key");
    EXPECT_NE(error.hint().find("\"__\""), std::string::npos);
}

TEST(Override, a_few_variables_are_no_keys) {
    EXPECT_NO_THROW(with_variables("", {{"FLOWLET_ENV", "staging"}, {"FLOWLET_CACHE", "/c"}}));
}

TEST(Override, a_wrong_value_names_the_variable) {
    EXPECT_STREQ(error_of([] {
                     with_variables("", {{"FLOWLET_NAMESPACE", ""}});
                 }).what(),
                 "FLOWLET_NAMESPACE: namespace: is empty");
}

TEST(Override, what_a_shell_has_expanded_is_not_expanded_again) {
    EXPECT_EQ(with_sets("", {{"kube.context", "${HOME}$$"}}).text("kube.context"), "${HOME}$$");
}

TEST(Override, a_list_is_yaml_or_parted_by_commas) {
    const std::vector<std::string> expected = {"a.yaml", "b.yaml"};
    EXPECT_EQ(with_sets("", {{"values", "a.yaml, b.yaml"}}).list("values"), expected);
    EXPECT_EQ(with_sets("", {{"values", "[a.yaml, b.yaml]"}}).list("values"), expected);
    EXPECT_EQ(with_sets("", {{"deploy.sets", "[\"a=1,b=2\"]"}}).list("deploy.sets"),
              (std::vector<std::string>{"a=1,b=2"}));
    EXPECT_EQ(with_sets("values: [x]\n", {{"values", ""}}).list("values"), std::vector<std::string>{});
    EXPECT_EQ(error_of([] { with_sets("", {{"values", "[a"}}); }).kind(), Kind::config);
    EXPECT_EQ(with_sets("", {{"lint.tools.flake8", "{max: 3}"}}).text("lint.tools.flake8"), "{\"max\":3}");
}

TEST(Override, the_last_of_two_counts) {
    EXPECT_EQ(with_sets("", {{"namespace", "a"}, {"namespace", "b"}}).text("namespace"), "b");
}

TEST(Override, a_label_with_dots_can_be_set) {
    const Config config = with_sets("", {{"deploy.namespace_labels.flowlet.io/tier", "core"}});
    EXPECT_EQ(config.children("deploy.namespace_labels"), (std::vector<std::string>{"flowlet.io/tier"}));
}

TEST(Override, an_unknown_path_is_an_error_without_its_value) {
    const Error error = error_of([] { with_sets("", {{"databases.primary.pasword", "hunter2"}}); });
    EXPECT_STREQ(error.what(),
                 "--set databases.primary.pasword: databases.primary.pasword: unknown key; did you mean "
                 "databases.primary.password?");
    EXPECT_STREQ(error_of([] {
                     with_sets("", {{"deploy", "x"}});
                 }).what(),
                 "--set deploy: deploy: is a section, not a value");
}

TEST(Override, a_secret_may_not_stand_on_the_command_line) {
    const Error error = error_of([] { with_sets("", {{"databases.primary.password", "hunter2"}}); });
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_EQ((error.what() + error.hint()).find("hunter2"), std::string::npos);
    const Config config = with_sets("", {{"databases.primary.password", "${file:/run/db}"}});
    EXPECT_EQ(config.text("databases.primary.password"), "${file:/run/db}");
    EXPECT_EQ(config.find("databases.primary.password")->place.file, "--set databases.primary.password");
}

TEST(Override, protection_is_changed_in_the_file_only) {
    const std::string text = "environments: {prod: {protected: true}}\n";
    EXPECT_EQ(error_of([&] { with_sets(text, {{"environments.prod.protected", "false"}}); }).kind(), Kind::config);
    EXPECT_EQ(error_of([&] {
                  with_variables(text, {{"FLOWLET_ENVIRONMENTS__PROD__PROTECTED", "false"}});
              }).kind(),
              Kind::config);
}

TEST(Override, names_are_checked) {
    EXPECT_EQ(error_of([] { with_sets("", {{"databases.a b.host", "x"}}); }).kind(), Kind::config);
}

}  // namespace
}  // namespace flowlet::config

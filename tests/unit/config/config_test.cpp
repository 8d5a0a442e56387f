#include "flowlet_file.h"

namespace flowlet::config {
namespace {

TEST(Config, a_path_that_is_in_no_table_is_a_bug) {
    const Config config = load_text("");
    EXPECT_EQ(error_of([&] { (void)config.find("nonsense"); }).kind(), Kind::bug);
    EXPECT_EQ(error_of([&] { (void)config.text("deploy"); }).kind(), Kind::bug);
    EXPECT_EQ(error_of([&] { (void)config.children("deploy"); }).kind(), Kind::bug);
    EXPECT_EQ(error_of([&] { (void)config.integer("namespace"); }).kind(), Kind::bug);
    EXPECT_EQ(error_of([&] { (void)config.list("namespace"); }).kind(), Kind::bug);
}

TEST(Config, what_must_be_there_names_the_key_and_what_to_write) {
    const Config config = load_text("environments: {staging: {}}\n", "staging");
    const Error error = error_of([&] { (void)config.require("kube.context"); });
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_STREQ(error.what(), "/project/flowlet.yaml: kube.context is not set for the environment staging");
    EXPECT_NE(error.hint().find("`kube.context: …`"), std::string::npos);
    EXPECT_EQ(error_of([&] { (void)config.integer("databases.a.port"); }).kind(), Kind::config);
}

TEST(Config, what_is_unset_is_empty) {
    const Config config = load_text("");
    EXPECT_EQ(config.text("namespace"), "");
    EXPECT_EQ(config.path("deploy.chart"), "");
    EXPECT_TRUE(config.list("values").empty());
    EXPECT_TRUE(config.children("databases").empty());
}

TEST(Config, paths_are_relative_to_the_project) {
    const Config config = load_text(
        "deploy: {chart: ./charts/x, manifests: /abs/m}\n"
        "backup: {store: \"s3://bucket/prefix\"}\n"
        "tools: {kubectl: kubectl, helm: bin/helm}\n");
    EXPECT_EQ(config.path("deploy.chart"), "/project/charts/x");
    EXPECT_EQ(config.path("deploy.manifests"), "/abs/m");
    EXPECT_EQ(config.path("backup.store"), "s3://bucket/prefix");
    EXPECT_EQ(config.path("tools.kubectl"), "kubectl");
    EXPECT_EQ(config.path("tools.helm"), "/project/bin/helm");
    EXPECT_EQ(absolute(config, "values.yaml"), "/project/values.yaml");
    EXPECT_EQ(absolute(config, "."), "/project");
    EXPECT_EQ(absolute(config, "/x"), "/x");
}

TEST(Config, the_digest_follows_every_value) {
    const std::string base = load_text("namespace: a\n").digest();
    EXPECT_EQ(base.size(), 64U);
    EXPECT_EQ(load_text("namespace: a  # comment\n").digest(), base);
    EXPECT_NE(load_text("namespace: b\n").digest(), base);
    EXPECT_NE(load_text("namespace: a\nvalues: [x]\n").digest(), base);
    EXPECT_NE(load_text("values: [\"a\", b]\n").digest(), load_text("values: [\"a,b\"]\n").digest());
}

TEST(Config, a_secret_counts_as_its_reference) {
    const auto digest = [](const std::string& password) {
        return load_text("databases: {a: {password: \"" + password + "\"}}\n").digest();
    };
    EXPECT_NE(digest("${file:/a}"), digest("${file:/b}"));
    const auto with_variable = [](const std::string& password) {
        Project project("");
        project.variables["FLOWLET_DATABASES__A__PASSWORD"] = password;
        return load(project, {}).digest();
    };
    EXPECT_EQ(with_variable("hunter2"), with_variable("hunter3"));
}

}  // namespace
}  // namespace flowlet::config

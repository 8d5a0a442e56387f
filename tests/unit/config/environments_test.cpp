#include "config/environments.h"

#include "flowlet_file.h"

namespace flowlet::config {
namespace {

TEST(Environments, one_overrides_any_key_of_the_file) {
    const std::string text =
        "namespace: base\n"
        "deploy: {timeout: 5m, chart: a}\n"
        "environments:\n"
        "  staging: {namespace: low, deploy: {timeout: 7m}, databases: {primary: {port: 1}}}\n";
    const Config config = load_text(text, "staging");
    EXPECT_EQ(config.text("namespace"), "low");
    EXPECT_EQ(config.find("namespace")->layer, Layer::environment);
    EXPECT_EQ(config.text("deploy.timeout"), "7m");
    EXPECT_EQ(config.text("deploy.chart"), "a");
    EXPECT_EQ(config.integer("databases.primary.port"), 1);
    EXPECT_EQ(load_text(text).text("namespace"), "base");
}

TEST(Environments, one_inherits_through_a_chain) {
    const Config config = load_text(
        "environments:\n"
        "  c: {inherits: b, release: c}\n"
        "  a: {namespace: a, release: a, values: [a.yaml], kube: {context: a}}\n"
        "  b: {inherits: a, namespace: b, values: [b.yaml, c.yaml]}\n",
        "c");
    EXPECT_EQ(config.text("kube.context"), "a");
    EXPECT_EQ(config.text("namespace"), "b");
    EXPECT_EQ(config.text("release"), "c");
    EXPECT_EQ(config.list("values"), (std::vector<std::string>{"b.yaml", "c.yaml"}));
    EXPECT_EQ(config.environments(), (std::vector<std::string>{"c", "a", "b"}));
}

TEST(Environments, protection_is_inherited_and_can_be_read_for_all) {
    const Config config = load_text(
        "environments:\n"
        "  free:\n"
        "  prod: {protected: true}\n"
        "  prod-eu: {inherits: prod}\n"
        "  copy: {inherits: prod, protected: false}\n");
    EXPECT_FALSE(config.boolean("environments.free.protected"));
    EXPECT_TRUE(config.boolean("environments.prod.protected"));
    EXPECT_TRUE(config.boolean("environments.prod-eu.protected"));
    EXPECT_FALSE(config.boolean("environments.copy.protected"));
    EXPECT_EQ(config.children("environments"), (std::vector<std::string>{"copy", "free", "prod", "prod-eu"}));
}

TEST(Environments, null_takes_a_value_away) {
    const std::string text =
        "release: base\n"
        "project: p\n"
        "databases: {primary: {host: h, port: 1}}\n"
        "environments:\n"
        "  bare: {release: null, databases: null}\n";
    EXPECT_EQ(load_text(text, "bare").text("release"), "p");
    EXPECT_TRUE(load_text(text, "bare").children("databases").empty());
    EXPECT_EQ(load_text(text).children("databases"), (std::vector<std::string>{"primary"}));
}

TEST(Environments, an_unknown_one_is_an_error_of_use) {
    const Error error = load_error("environments: {staging: {}, production: {}}\n", "stagin");
    EXPECT_EQ(error.kind(), Kind::usage);
    EXPECT_EQ(error.hint(), "did you mean staging? there are: staging, production");
    EXPECT_EQ(load_error("", "staging").kind(), Kind::usage);
}

TEST(Environments, an_unknown_ancestor_is_found_in_any_of_them) {
    const Error error = load_error("environments:\n  a: {}\n  staging: {}\n  b: {inherits: stagng}\n", "a");
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_STREQ(
        error.what(),
        "flowlet.yaml:5:17: environments.b.inherits: there is no environment \"stagng\"; did you mean staging?");
}

TEST(Environments, a_circle_is_named) {
    const Error error = load_error("environments:\n  a: {inherits: b}\n  b: {inherits: a}\n  c: {inherits: a}\n", "c");
    EXPECT_STREQ(error.what(),
                 "flowlet.yaml:3:17: environments.a.inherits: goes in a circle: a -> b -> a\n"
                 "flowlet.yaml:4:17: environments.b.inherits: goes in a circle: b -> a -> b");
    const Error self = load_error("environments:\n  a: {inherits: a}\n");
    EXPECT_STREQ(self.what(), "flowlet.yaml:3:17: environments.a.inherits: goes in a circle: a -> a");
}

TEST(Environments, what_is_wrong_in_another_environment_is_found_too) {
    const Error error = load_error("environments:\n  a: {}\n  b:\n    namespace: B_\n    depoly: {}\n", "a");
    EXPECT_STREQ(
        error.what(),
        "flowlet.yaml:5:16: environments.b.namespace: \"B_\" is no namespace: lower-case letters, digits and '-', "
        "at most 63\n"
        "flowlet.yaml:6:5: environments.b.depoly: unknown key; did you mean deploy?");
}

TEST(Environments, a_variable_of_another_environment_need_not_be_set) {
    const std::string text = "environments:\n  a: {}\n  b: {kube: {context: \"${B_CONTEXT}\"}}\n";
    EXPECT_EQ(load_text(text, "a").find("kube.context"), nullptr);
    EXPECT_STREQ(load_error(text, "b").what(),
                 "flowlet.yaml:4:23: environments.b.kube.context: the environment variable B_CONTEXT is not set");
}

TEST(Environments, environments_do_not_nest) {
    EXPECT_STREQ(load_error("environments:\n  a: {environments: {}}\n").what(),
                 "flowlet.yaml:3:7: environments.a.environments: may not stand in an environment");
    EXPECT_STREQ(load_error("environments:\n  a: {protect: true}\n").what(),
                 "flowlet.yaml:3:7: environments.a.protect: unknown key; did you mean protected?");
    EXPECT_EQ(load_error("environments: [a]\n").kind(), Kind::config);
    EXPECT_EQ(load_error("environments: {a: 1}\n").kind(), Kind::config);
    EXPECT_EQ(load_error("environments: {a b: {}}\n").kind(), Kind::config);
}

std::string line_of(int count, const std::string& last) {
    std::string text = "environments:\n";
    for (int i = 0; i < count; ++i)
        text +=
            "  e" + std::to_string(i) + ": {inherits: " + (i + 1 < count ? "e" + std::to_string(i + 1) : last) + "}\n";
    return text + "  end: {namespace: far}\n";
}

TEST(Environments, twenty_in_a_line_are_read_and_one_more_is_too_many) {
    EXPECT_EQ(load_text(line_of(19, "end"), "e0").text("namespace"), "far");
    const std::string problem = load_error(line_of(20, "end")).what();
    EXPECT_EQ(problem, "flowlet.yaml:3:18: environments.e0.inherits: goes through more than 20 environments");
}

TEST(Environments, thousands_that_inherit_from_each_other_are_one_problem) {
    for (const char* const last : {"end", "e0"}) {
        const std::string problem = load_error(line_of(5000, last)).what();
        EXPECT_EQ(problem, "flowlet.yaml:3:18: environments.e0.inherits: goes through more than 20 environments");
    }
}

}  // namespace
}  // namespace flowlet::config

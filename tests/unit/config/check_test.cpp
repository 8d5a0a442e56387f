#include "config/check.h"

#include <gtest/gtest.h>

#include "config/schema.h"

namespace flowlet::config {
namespace {

std::string check(std::string_view path, std::string_view value) {
    return check_value(*find_key(path), value);
}

TEST(Check, every_fallback_of_the_table_passes) {
    for (const Key& key : keys()) {
        if (key.fallback.empty()) continue;
        EXPECT_EQ(check_value(key, key.fallback), "") << key.path;
    }
}

TEST(Check, a_namespace_is_a_dns_label) {
    EXPECT_EQ(check("namespace", "flowlet-staging"), "");
    for (const char* const bad : {"", "Flowlet", "a_b", "-a", "a-", "a.b", "a/b", "a b"}) {
        EXPECT_NE(check("namespace", bad), "") << bad;
    }
    EXPECT_NE(check("namespace", std::string(64, 'a')), "");
}

TEST(Check, a_release_has_at_most_53_letters) {
    EXPECT_EQ(check("release", std::string(53, 'a')), "");
    EXPECT_NE(check("release", std::string(54, 'a')), "");
}

TEST(Check, a_number_has_a_range) {
    EXPECT_EQ(check("databases.a.port", "5432"), "");
    EXPECT_EQ(check("databases.a.port", "0"), "0 is not between 1 and 65535");
    EXPECT_EQ(check("databases.a.port", "65536"), "65536 is not between 1 and 65535");
    EXPECT_EQ(check("databases.a.port", "54x"), "\"54x\" is no whole number");
    EXPECT_EQ(check("databases.a.port", "99999999999999999999"), "\"99999999999999999999\" is no whole number");
}

TEST(Check, a_duration_needs_its_unit) {
    EXPECT_EQ(check("deploy.timeout", "1h30m"), "");
    EXPECT_EQ(check("deploy.timeout", "10"),
              "\"10\" is no duration; write a number with its unit, such as 90s, 10m or 1h30m");
    EXPECT_NE(check("deploy.timeout", "0s"), "");
    EXPECT_NE(check("deploy.timeout", "25h"), "");
}

TEST(Check, a_choice_suggests_the_nearest) {
    EXPECT_EQ(check("databases.a.type", "postgres"), "");
    EXPECT_EQ(check("databases.a.type", "postgers"),
              "\"postgers\" is not one of postgres, mysql; did you mean postgres?");
}

TEST(Check, names_that_reach_a_tool_have_a_grammar) {
    EXPECT_EQ(check("deploy.image_tag", "v1.2_3-x"), "");
    EXPECT_NE(check("deploy.image_tag", "-x"), "");
    EXPECT_NE(check("deploy.image_tag", "a:b"), "");
    EXPECT_EQ(check("deploy.tiers", "30-data"), "");
    EXPECT_NE(check("deploy.tiers", ".."), "");
    EXPECT_NE(check("deploy.tiers", "a/b"), "");
    EXPECT_EQ(check("deploy.sets", "a.b=c"), "");
    EXPECT_NE(check("deploy.sets", "=c"), "");
    EXPECT_NE(check("deploy.sets", "c"), "");
    EXPECT_NE(check("kube.context", ""), "");
    EXPECT_NE(check("kube.context", "a\x1b[2J"), "");
    EXPECT_NE(check("kube.context", "a\nb"), "");
    EXPECT_NE(check("values", std::string_view("a\0b", 3)), "");
}

TEST(Check, an_argument_of_a_service_may_have_lines) {
    EXPECT_EQ(check("services.a.command", "import x\nx.run()"), "");
    EXPECT_EQ(check("services.a.command", ""), "");
    EXPECT_NE(check("services.a.command", "\x1b"), "");
}

TEST(Check, a_secret_is_never_in_what_is_wrong_with_it) {
    EXPECT_EQ(check("databases.a.password", "hunter2\x01").find("hunter2"), std::string::npos);
    EXPECT_NE(check("databases.a.password", "hunter2\x01"), "");
}

TEST(Check, labels_are_those_of_kubernetes) {
    EXPECT_EQ(check_name("deploy.namespace_labels", "flowlet.io/tier"), "");
    EXPECT_NE(check_name("deploy.namespace_labels", "/tier"), "");
    EXPECT_NE(check_name("deploy.namespace_labels", "a b"), "");
    EXPECT_EQ(check("deploy.namespace_labels.x", "core"), "");
    EXPECT_NE(check("deploy.namespace_labels.x", "a/b"), "");
}

TEST(Check, a_name_has_no_dot) {
    EXPECT_EQ(check_name("databases", "read-replica_2"), "");
    for (const char* const bad : {"", "a.b", "-a", "a b", "a/b"})
        EXPECT_NE(check_name("databases", bad), "") << bad;
}

}  // namespace
}  // namespace flowlet::config

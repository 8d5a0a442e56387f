#include "config/schema.h"

#include <gtest/gtest.h>

#include <set>

namespace flowlet::config {
namespace {

std::string path_of(std::string_view path) {
    const Key* const key = find_key(path);
    return key == nullptr ? "" : std::string(key->path);
}

std::string explain(const std::string& path) {
    return explain_unknown(split(path, '.'));
}

TEST(Schema, a_star_stands_for_any_name) {
    EXPECT_EQ(path_of("databases.primary.port"), "databases.*.port");
    EXPECT_EQ(path_of("tools.pg_dump"), "tools.*");
    EXPECT_EQ(path_of("databases.port"), "");
    EXPECT_EQ(path_of("databases.a.b.port"), "");
    EXPECT_EQ(path_of("deploy"), "");
    EXPECT_EQ(path_of(""), "");
}

TEST(Schema, a_star_at_the_end_takes_dots_too) {
    EXPECT_EQ(path_of("deploy.namespace_labels.flowlet.io/tier"), "deploy.namespace_labels.*");
    EXPECT_EQ(cut("deploy.namespace_labels.flowlet.io/tier"),
              (std::vector<std::string>{"deploy", "namespace_labels", "flowlet.io/tier"}));
}

TEST(Schema, the_nearest_word_at_the_same_place_is_suggested) {
    EXPECT_EQ(explain("deploy.timeuot"), "unknown key; did you mean deploy.timeout?");
    EXPECT_EQ(explain("depoly.timeout"), "unknown key; did you mean deploy.timeout?");
    EXPECT_EQ(explain("databases.primary.prot"), "unknown key; did you mean databases.primary.port?");
    EXPECT_EQ(explain("zzz"), "unknown key");
}

TEST(Schema, a_key_that_lives_in_a_section_is_suggested) {
    EXPECT_EQ(explain("timeout"), "unknown key; did you mean deploy.timeout?");
}

TEST(Schema, a_section_is_no_value) {
    EXPECT_EQ(explain("deploy"), "is a section, not a value");
}

TEST(Schema, no_key_stands_twice_and_none_is_a_section_of_another) {
    std::set<std::string_view> seen;
    for (const Key& key : keys()) {
        EXPECT_TRUE(seen.insert(key.path).second) << key.path;
        EXPECT_FALSE(key.text.empty()) << key.path;
        EXPECT_FALSE(find_section(split(key.path, '.'))) << key.path;
    }
}

}  // namespace
}  // namespace flowlet::config

#include <gtest/gtest.h>

#include "flowlet/base.h"

namespace flowlet {
namespace {

TEST(VersionText, reads_with_and_without_v_and_ignores_a_suffix) {
    const Version expected{1, 34, 4};
    for (const char* text : {"v1.34.4", "1.34.4", "v1.34.4+k3s1", "v1.34.4-eks-1", "v1.34.4-rc.1+build", " 1.34.4\n"}) {
        EXPECT_EQ(parse_version(text), expected) << text;
    }
    EXPECT_EQ(parse_version("1.34"), (Version{1, 34, 0}));
    EXPECT_EQ(parse_version("1.34+"), (Version{1, 34, 0}));
}

TEST(VersionText, what_is_not_one_is_nothing) {
    for (const char* text : {"", "v", "1", "v1", "1.", "1.x", "1.2.", "1.2.x", "a1.2.3", "1.2.3.4", "1.2.3x", "-1.2.3",
                             "1.-2.3", "99999999999.1.1"}) {
        EXPECT_EQ(parse_version(text), std::nullopt) << text;
    }
}

TEST(VersionText, versions_are_ordered_by_number) {
    EXPECT_LT((Version{1, 9, 0}), (Version{1, 10, 0}));
    EXPECT_LT((Version{3, 99, 99}), (Version{4, 0, 0}));
    EXPECT_EQ(parse_version(render_version({3, 20, 2})), (Version{3, 20, 2}));
}

}  // namespace
}  // namespace flowlet

#include <gtest/gtest.h>

#include "flowlet/base.h"

namespace flowlet {
namespace {

TEST(Names, a_label_is_lower_case_letters_digits_and_inner_hyphens) {
    for (const char* good : {"a", "0", "flowlet-core", "a--b", "9a"})
        EXPECT_TRUE(is_dns_label(good)) << good;
    for (const char* bad : {"", "-a", "a-", "A", "a.b", "a_b", "a b", "\xC3\xA9"})
        EXPECT_FALSE(is_dns_label(bad)) << bad;
}

TEST(Names, a_label_has_at_most_63_characters) {
    EXPECT_TRUE(is_dns_label(std::string(63, 'a')));
    EXPECT_FALSE(is_dns_label(std::string(64, 'a')));
}

TEST(Names, a_subdomain_is_labels_joined_by_dots) {
    for (const char* good : {"a", "a.b", "kube-root-ca.crt", "v1.34.4"})
        EXPECT_TRUE(is_dns_subdomain(good)) << good;
    for (const char* bad : {"", ".", "a.", ".a", "a..b", "a.-b", "a-.b", "A.b"})
        EXPECT_FALSE(is_dns_subdomain(bad)) << bad;
}

TEST(Names, a_subdomain_has_at_most_253_characters) {
    EXPECT_TRUE(is_dns_subdomain(std::string(253, 'a')));
    EXPECT_FALSE(is_dns_subdomain(std::string(254, 'a')));
}

}  // namespace
}  // namespace flowlet

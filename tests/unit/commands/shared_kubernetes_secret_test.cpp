#include "commands/shared/kubernetes_secret.h"

#include <gtest/gtest.h>

namespace flowlet::commands {
namespace {

TEST(KubernetesSecret, a_users_name_beside_the_password_is_no_secret) {
    for (const char* const key : {"username", "POSTGRES_USER", "db-name", "host", "db.port", "database"}) {
        EXPECT_FALSE(is_secret(key)) << key;
    }
    for (const char* const key : {"password", "admin-token", "DATABASE_URL", "tls.key", "user-password", "", "-"}) {
        EXPECT_TRUE(is_secret(key)) << key;
    }
}

TEST(KubernetesSecret, a_key_is_named_with_or_without_its_namespace) {
    EXPECT_EQ(parse_secret_key("a/b/c", "x"), (SecretKey{"a", "b", "c"}));
    EXPECT_EQ(parse_secret_key("b/c", "x"), (SecretKey{"x", "b", "c"}));
    EXPECT_THROW(parse_secret_key("b/c", ""), Error);
    EXPECT_THROW(parse_secret_key("c", "x"), Error);
}

}  // namespace
}  // namespace flowlet::commands

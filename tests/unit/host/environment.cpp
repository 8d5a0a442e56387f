#include "host/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace flowlet::host {
namespace {

TEST(Environment, unset_and_empty_differ) {
    ::setenv("FLOWLET_TEST_EMPTY", "", 1);
    EXPECT_EQ(variable("FLOWLET_TEST_EMPTY"), "");
    EXPECT_EQ(variable("FLOWLET_TEST_UNSET"), std::nullopt);
    EXPECT_EQ(variable("FLOWLET_TEST_EMPT"), std::nullopt);
    ::unsetenv("FLOWLET_TEST_EMPTY");
}

TEST(Environment, a_prefix_finds_all_of_its_names) {
    ::setenv("FLOWLET_TEST_A", "1", 1);
    ::setenv("FLOWLET_TEST_B", "x=y", 1);
    const auto found = variables_with_prefix("FLOWLET_TEST_");
    EXPECT_EQ(found, (std::map<std::string, std::string>{{"FLOWLET_TEST_A", "1"}, {"FLOWLET_TEST_B", "x=y"}}));
    ::unsetenv("FLOWLET_TEST_A");
    ::unsetenv("FLOWLET_TEST_B");
}

TEST(Environment, what_can_steer_a_program_from_outside_is_not_allowed) {
    for (const char* name : {"LD_PRELOAD_X", "LD_AUDIT", "BASH_ENV", "ENV", "PYTHONPATH", "NODE_OPTIONS", "IFS"}) {
        ::setenv(name, "x", 1);
        EXPECT_FALSE(allowed_variables().contains(name)) << name;
        ::unsetenv(name);
    }
}

TEST(Environment, what_the_tools_need_is_allowed) {
    for (const char* name :
         {"KUBECONFIG", "HELM_DRIVER", "AWS_PROFILE", "GOOGLE_X", "CLOUDSDK_X", "AZURE_X", "LC_ALL", "XDG_CONFIG_HOME",
          "https_proxy", "SSL_CERT_FILE", "PGPASSFILE", "KUBERNETES_SERVICE_HOST"}) {
        ::setenv(name, "x", 1);
        EXPECT_TRUE(allowed_variables().contains(name)) << name;
        ::unsetenv(name);
    }
}

}  // namespace
}  // namespace flowlet::host

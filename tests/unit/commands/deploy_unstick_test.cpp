#include "commands/deploy/unstick.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace flowlet::commands::deploy {
namespace {

nlohmann::json pod(const std::string& name, const std::string& revision, const std::string& ready) {
    return {{"metadata",
             {{"name", name},
              {"namespace", "x"},
              {"uid", "u-" + name},
              {"labels", {{"controller-revision-hash", revision}}}}},
            {"status", {{"conditions", {{{"type", "Ready"}, {"status", ready}}}}}}};
}

std::vector<std::string> chosen(const nlohmann::json& items) {
    std::vector<std::string> paths;
    for (const host::Request& request : choose_stuck({200, nlohmann::json{{"items", items}}.dump()}, "good")) {
        EXPECT_EQ(request.method, "DELETE");
        paths.push_back(request.path);
    }
    return paths;
}

TEST(Unstick, only_a_pod_of_another_revision_that_is_not_ready_is_removed) {
    EXPECT_EQ(chosen({pod("a", "good", "False"), pod("b", "bad", "True"), pod("c", "bad", "False")}),
              (std::vector<std::string>{"/api/v1/namespaces/x/pods/c"}));
}

TEST(Unstick, a_pod_that_is_already_leaving_is_left_alone) {
    nlohmann::json leaving = pod("c", "bad", "False");
    leaving["metadata"]["deletionTimestamp"] = "2026-11-21T10:00:00Z";
    EXPECT_TRUE(chosen({leaving}).empty());
}

TEST(Unstick, a_pod_without_a_revision_is_nobodys) {
    nlohmann::json foreign = pod("c", "bad", "False");
    foreign["metadata"].erase("labels");
    EXPECT_TRUE(chosen({foreign}).empty());
}

TEST(Unstick, an_answer_that_is_no_list_chooses_nothing) {
    for (const char* body : {"", "{}", "[]", R"({"items":3})", R"({"items":[null,1,{}]})"}) {
        EXPECT_TRUE(choose_stuck({200, body}, "good").empty()) << body;
    }
}

}  // namespace
}  // namespace flowlet::commands::deploy

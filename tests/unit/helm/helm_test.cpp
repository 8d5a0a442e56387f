#include "flowlet/helm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "flowlet/stream.h"

namespace flowlet::helm {
namespace {

Chart chart() {
    Chart made;
    made.program = "/usr/bin/helm";
    made.context = "prod";
    made.release = "flowlet";
    made.space = "flowlet-prod";
    made.folder = "/p/chart";
    made.values = {"/p/a.yaml", "/p/b.yaml"};
    made.strings = {"image.tag=007"};
    made.description = "by ana";
    made.timeout = Millis{90000};
    return made;
}

bool has(const host::Command& command, const std::string& flag, const std::string& value) {
    const auto found =
        std::adjacent_find(command.args.begin(), command.args.end(),
                           [&](const std::string& a, const std::string& b) { return a == flag && b == value; });
    return found != command.args.end();
}

std::string stored(int revision, const std::string& status, const std::string& manifest) {
    const nlohmann::json release = {
        {"name", "flowlet"},
        {"namespace", "flowlet-prod"},
        {"version", revision},
        {"manifest", manifest},
        {"info", {{"status", status}, {"description", "d"}, {"last_deployed", "2026-11-21T10:00:00Z"}}},
        {"chart", {{"metadata", {{"name", "flowlet"}, {"version", "0.1.0"}, {"appVersion", "1"}}}}}};
    return stream::base64_encode(stream::base64_encode(stream::gzip(release.dump())));
}

std::string secret_list(const std::vector<std::string>& releases) {
    nlohmann::json items = nlohmann::json::array();
    for (const std::string& release : releases) {
        items.push_back({{"data", {{"release", release}}}});
    }
    return nlohmann::json{{"items", items}}.dump();
}

TEST(Helm, every_command_that_changes_something_names_context_and_namespace) {
    for (const host::Command& command : {upgrade(chart()), rollback(chart(), 3), uninstall(chart())}) {
        EXPECT_TRUE(has(command, "--kube-context", "prod"));
        EXPECT_TRUE(has(command, "--namespace", "flowlet-prod"));
    }
}

TEST(Helm, values_come_in_their_order_and_an_image_tag_stays_a_text) {
    const host::Command command = upgrade(chart());
    const auto a = std::find(command.args.begin(), command.args.end(), "/p/a.yaml");
    const auto b = std::find(command.args.begin(), command.args.end(), "/p/b.yaml");
    EXPECT_LT(a, b);
    EXPECT_NE(b, command.args.end());
    EXPECT_TRUE(has(command, "--set-string", "image.tag=007"));
}

TEST(Helm, an_upgrade_neither_waits_nor_rolls_back_by_itself) {
    for (const std::string& arg : upgrade(chart()).args) {
        EXPECT_NE(arg, "--wait");
        EXPECT_NE(arg, "--atomic");
    }
}

TEST(Helm, the_program_is_given_a_little_longer_than_it_gives_itself) {
    EXPECT_TRUE(has(upgrade(chart()), "--timeout", "1m30s"));
    EXPECT_GT(upgrade(chart()).timeout, Millis{90000});
}

TEST(Helm, a_stored_release_is_read_back) {
    const std::vector<Release> releases =
        parse_releases(secret_list({stored(2, "deployed", "b"), stored(1, "superseded", "a")}));
    ASSERT_EQ(releases.size(), 2U);
    EXPECT_EQ(releases[0].revision, 1);
    EXPECT_EQ(releases[1].status, "deployed");
    EXPECT_EQ(releases[1].manifest, "b");
    EXPECT_EQ(releases[1].chart, "flowlet-0.1.0");
}

TEST(Helm, a_damaged_release_is_an_error_and_no_crash) {
    EXPECT_THROW(parse_releases("[1, 2"), Error);
    EXPECT_THROW(parse_releases(secret_list({"!!!"})), Error);
    EXPECT_THROW(parse_releases(secret_list({stream::base64_encode(stream::base64_encode("{"))})), Error);
    EXPECT_TRUE(parse_releases("{}").empty());
}

TEST(Helm, labels_alone_tell_revision_and_status) {
    const std::string list = R"({"items":[
        {"metadata":{"namespace":"x","labels":{"name":"f","version":"10","status":"pending-upgrade","modifiedAt":"1764000000"}}},
        {"metadata":{"namespace":"x","labels":{"name":"f","version":"9","status":"deployed"}}}]})";
    const std::vector<Release> releases = parse_labels(list);
    ASSERT_EQ(releases.size(), 2U);
    EXPECT_EQ(releases[1].revision, 10);
    EXPECT_TRUE(is_pending(releases[1]));
    EXPECT_EQ(releases[1].updated, "2025-11-24T16:00:00.000000Z");
    EXPECT_FALSE(is_pending(releases[0]));
}

TEST(Helm, versions_of_both_majors_are_read) {
    EXPECT_EQ(parse_version("v3.19.5\n"), (Version{3, 19, 5}));
    EXPECT_EQ(parse_version("v4.3.1"), (Version{4, 3, 1}));
    EXPECT_EQ(parse_version("Error: x"), std::nullopt);
}

TEST(Helm, the_last_error_line_is_the_message) {
    EXPECT_EQ(parse_error("WARNING: old\nError: execution error at (x.yaml:3:4): cpu is needed\n\nUse --debug\n"),
              "execution error at (x.yaml:3:4): cpu is needed");
    EXPECT_EQ(parse_error(""), "helm said nothing");
}

}  // namespace
}  // namespace flowlet::helm

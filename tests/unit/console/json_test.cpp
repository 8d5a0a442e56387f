#include <nlohmann/json.hpp>

#include "samples.h"

namespace flowlet::console {
namespace {

using nlohmann::json;

json parse(const std::string& text) {
    EXPECT_TRUE(text.ends_with('\n'));
    return json::parse(text);
}

TEST(Json, a_report_is_named_after_its_command) {
    run::Report bad = report(run::Outcome::rolled_back, Kind::timeout);
    bad.steps = {step("a", run::State::failed, 250)};
    bad.steps[0].started = bad.started;
    bad.steps[0].error = "no";
    bad.undone = {step("undo/a", run::State::undone)};
    bad.workloads = {{"Deployment/a in b", false, "0 of 1 ready"}};
    bad.cause = crash();
    bad.left = {"x"};
    const json expected = {
        {"apiVersion", "flowlet/v1"},
        {"kind", "Deploy"},
        {"title", "deploy flowlet to staging"},
        {"environment", "staging"},
        {"namespace", "flowlet-core"},
        {"release", "flowlet"},
        {"cluster", "staging (2f1c)"},
        {"facts", {{"kubernetes", "1.34.4"}}},
        {"outcome", "rolled_back"},
        {"code", "timeout"},
        {"exit", 18},
        {"steps",
         {{{"id", "a"},
           {"what", "apply a in flowlet-core"},
           {"state", "failed"},
           {"started", "2026-08-22T10:15:30.000000Z"},
           {"took_ms", 250},
           {"error", "no"},
           {"note", ""}}}},
        {"undone",
         {{{"id", "undo/a"},
           {"what", "apply undo/a in flowlet-core"},
           {"state", "undone"},
           {"started", nullptr},
           {"took_ms", 100},
           {"error", ""},
           {"note", ""}}}},
        {"workloads", {{{"object", "Deployment/a in b"}, {"ready", false}, {"state", "0 of 1 ready"}}}},
        {"cause",
         {{"object", "Deployment/wallet in flowlet-core"},
          {"container", "wallet"},
          {"reason", "CrashLoopBackOff"},
          {"message", "the container exits with status 1 a second after it starts"},
          {"log", {"reading settings", "  panic: no DATABASE_URL"}},
          {"events", {"Warning BackOff: back-off restarting failed container"}},
          {"also", {"Deployment/payments in flowlet-core"}},
          {"next", "kubectl -n flowlet-core logs deploy/wallet --previous"}}},
        {"left", {"x"}},
        {"changes", 4},
        {"plan", "d1"},
        {"started", "2026-08-22T10:15:30.000000Z"},
        {"took_ms", 12345}};
    EXPECT_EQ(parse(to_json(bad)), expected);
}

TEST(Json, lists_are_there_when_they_are_empty) {
    const json good = parse(to_json(report(run::Outcome::succeeded, Kind::ok)));
    for (const char* const key : {"steps", "undone", "workloads", "left"})
        EXPECT_EQ(good.at(key), json::array()) << key;
    EXPECT_EQ(good.at("cause"), nullptr);
    EXPECT_EQ(good.at("exit"), 0);
}

TEST(Json, an_error_is_a_document_too) {
    const json expected = {{"apiVersion", "flowlet/v1"}, {"kind", "Error"}, {"code", "config"},
                           {"message", "a\nb"},          {"hint", "h"},     {"exit", 3}};
    EXPECT_EQ(parse(to_json(Error(Kind::config, "a\nb", "h"))), expected);
}

TEST(Json, a_view_prints_its_document) {
    plan::View view;
    EXPECT_THROW((void)to_json(view), Error);
    view.document = std::make_shared<json>(json{{"kind", "Records"}});
    EXPECT_EQ(to_json(view), "{\n  \"kind\": \"Records\"\n}\n");
}

TEST(Json, a_plan_prints_the_document_of_its_room) {
    plan::Plan plan;
    plan.title = "deploy";
    EXPECT_EQ(parse(console::to_json(plan)), plan::to_json(plan));
}

TEST(Json, hostile_bytes_are_escaped_and_survive) {
    const std::string text = to_json(Error(Kind::failed, hostile));
    EXPECT_EQ(printable(text), text);
    EXPECT_EQ(parse(text).at("message").get<std::string>().substr(0, 10), std::string("a\x1b[2Jb\a\x7f\xc2\x9b"));
}

}  // namespace
}  // namespace flowlet::console

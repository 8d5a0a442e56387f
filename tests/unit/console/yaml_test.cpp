#include <nlohmann/json.hpp>

#include "flowlet/yaml.h"
#include "samples.h"

namespace flowlet::console {
namespace {

nlohmann::json parse(const std::string& text) {
    const std::vector<yaml::Node> documents = yaml::parse_documents(text, "out", yaml::OldBooleans::strict);
    EXPECT_EQ(documents.size(), 1U) << text;
    return yaml::to_json(documents.at(0));
}

TEST(Yaml, a_report_says_what_its_json_says) {
    run::Report bad = report(run::Outcome::rolled_back, Kind::timeout);
    bad.steps = {step("a", run::State::failed, 250)};
    bad.cause = crash();
    EXPECT_EQ(parse(to_yaml(bad)), nlohmann::json::parse(to_json(bad)));
}

TEST(Yaml, an_error_says_what_its_json_says) {
    const Error error(Kind::config, "a\n  b: - c\n", "yes");
    EXPECT_EQ(parse(to_yaml(error)), nlohmann::json::parse(to_json(error)));
}

TEST(Yaml, nothing_in_it_steers_a_terminal_and_nothing_is_lost) {
    const Error error(Kind::failed, "a\x1b[2J\x7f\xc2\x9b\nturned \xe2\x80\xae here");
    EXPECT_TRUE(is_tame(to_yaml(error))) << to_yaml(error);
    EXPECT_EQ(parse(to_yaml(error))["message"], error.what());
}

TEST(Yaml, a_view_without_a_document_is_a_bug) {
    EXPECT_THROW((void)to_yaml(plan::View()), Error);
}

}  // namespace
}  // namespace flowlet::console

#include <gtest/gtest.h>

#include "flowlet/services.h"

namespace flowlet::services {
namespace {

constexpr Verb verbs[] = {Verb::look, Verb::follow, Verb::logs, Verb::start, Verb::stop, Verb::restart};

TEST(Ask, what_is_asked_arrives_as_it_was_meant) {
    for (const Verb verb : verbs) {
        for (const Ask& ask : {Ask{verb, {}}, Ask{verb, {"db"}}, Ask{verb, {"db", "Web_2", "a-b"}}}) {
            const host::Request request = render_ask(ask);
            EXPECT_EQ(parse_ask(request.method, request.path), ask) << request.path;
        }
    }
}

TEST(Ask, what_only_looks_is_a_get_and_the_rest_a_post) {
    EXPECT_EQ(render_ask({Verb::look, {}}).method, "GET");
    EXPECT_EQ(render_ask({Verb::look, {}}).path, "/status");
    EXPECT_EQ(render_ask({Verb::follow, {}}).method, "GET");
    EXPECT_EQ(render_ask({Verb::logs, {"db", "web"}}).path, "/logs?services=db,web");
    for (const Verb verb : {Verb::start, Verb::stop, Verb::restart})
        EXPECT_EQ(render_ask({verb, {}}).method, "POST");
}

TEST(Ask, another_method_or_path_is_none) {
    EXPECT_FALSE(parse_ask("POST", "/status"));
    EXPECT_FALSE(parse_ask("GET", "/stop"));
    EXPECT_FALSE(parse_ask("get", "/status"));
    EXPECT_FALSE(parse_ask("", ""));
    EXPECT_FALSE(parse_ask("GET", "/"));
    EXPECT_FALSE(parse_ask("GET", "/status/"));
    EXPECT_FALSE(parse_ask("GET", "//status"));
    EXPECT_FALSE(parse_ask("PUT", "/start"));
}

TEST(Ask, another_query_is_none) {
    for (const std::string query : {"?", "?services", "?services=", "?service=db", "?services=db&x=1", "?x=1",
                                    "?services=,", "?services=db,", "?services=db,,web", "?services=db?services=web"})
        EXPECT_FALSE(parse_ask("POST", "/stop" + query)) << query;
}

TEST(Ask, a_name_that_no_service_can_have_is_none) {
    const std::string longest(63, 'a');
    EXPECT_TRUE(parse_ask("POST", "/stop?services=" + longest));
    for (const std::string& name :
         {longest + "a", std::string("a b"), std::string("a/b"), std::string("../x"), std::string("%61"),
          std::string("\xc3\xa4"), std::string("a\0b", 3), std::string("a\nb")})
        EXPECT_FALSE(parse_ask("POST", "/stop?services=" + name)) << name;
}

TEST(Ask, each_state_has_a_name_of_its_own) {
    std::vector<std::string_view> names;
    for (const State state :
         {State::idle, State::waiting, State::starting, State::ready, State::stopping, State::stopped, State::failed})
        names.push_back(name(state));
    EXPECT_EQ(names,
              (std::vector<std::string_view>{"idle", "waiting", "starting", "ready", "stopping", "stopped", "failed"}));
}

}  // namespace
}  // namespace flowlet::services

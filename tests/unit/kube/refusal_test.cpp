#include <gtest/gtest.h>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

TEST(Refusals, the_status_of_the_server_is_read) {
    const Refusal refusal =
        parse_refusal({409, R"({"kind": "Status", "status": "Failure", "reason": "Conflict", "code": 409,
                  "message": "Apply failed with 1 conflict: conflict with \"kubectl\" using apps/v1: .spec.replicas"})"});
    EXPECT_EQ(refusal.code, 409);
    EXPECT_EQ(refusal.reason, "Conflict");
    EXPECT_EQ(refusal.message, "Apply failed with 1 conflict: conflict with \"kubectl\" using apps/v1: .spec.replicas");
}

TEST(Refusals, a_missing_reason_is_the_usual_one_of_the_code) {
    EXPECT_EQ(parse_refusal({404, "404 page not found\n"}).reason, "NotFound");
    EXPECT_EQ(parse_refusal({404, "404 page not found\n"}).message, "404 page not found");
    EXPECT_EQ(parse_refusal({503, ""}).reason, "ServiceUnavailable");
    EXPECT_EQ(parse_refusal({418, "x"}).reason, "");
}

TEST(Refusals, no_answer_keeps_its_reason_in_the_message) {
    const Refusal refusal = parse_refusal({0, "connection refused"});
    EXPECT_EQ(refusal.code, 0);
    EXPECT_EQ(refusal.reason, "");
    EXPECT_EQ(refusal.message, "connection refused");
}

TEST(Refusals, a_message_is_printable) {
    EXPECT_EQ(parse_refusal({500, "\x1b[31mbad\xff"}).message.find('\x1b'), std::string::npos);
    EXPECT_EQ(
        parse_refusal({500, R"({"kind": "Status", "message": "\u001b[2J", "reason": "\u001b"})"}).reason.find('\x1b'),
        std::string::npos);
}

TEST(Refusals, a_long_page_is_cut) {
    const std::string message = parse_refusal({502, std::string(100000, 'x')}).message;
    EXPECT_LT(message.size(), 5000U);
    EXPECT_TRUE(message.ends_with("…"));
}

TEST(Refusals, an_empty_answer_says_so) {
    EXPECT_FALSE(parse_refusal({500, ""}).message.empty());
}

TEST(Refusals, a_status_of_wrong_types_is_no_crash) {
    const Refusal refusal = parse_refusal({422, R"({"kind": "Status", "reason": 1, "message": [], "code": "x"})"});
    EXPECT_EQ(refusal.code, 422);
    EXPECT_EQ(refusal.reason, "Invalid");
}

}  // namespace
}  // namespace flowlet::kube

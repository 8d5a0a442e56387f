#include <nlohmann/json.hpp>

#include "flowlet/kube.h"
#include "kube/json_read.h"

namespace flowlet::kube {

namespace {

constexpr std::size_t longest_message = 4096;

/// The reason that the API server gives with that code, for answers that a proxy or a load balancer wrote.
std::string usual_reason(int code) {
    switch (code) {
        case 400:
            return "BadRequest";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "NotFound";
        case 405:
            return "MethodNotAllowed";
        case 409:
            return "Conflict";
        case 410:
            return "Expired";
        case 413:
            return "RequestEntityTooLarge";
        case 415:
            return "UnsupportedMediaType";
        case 422:
            return "Invalid";
        case 429:
            return "TooManyRequests";
        case 500:
            return "InternalError";
        case 503:
            return "ServiceUnavailable";
        case 504:
            return "Timeout";
        default:
            return {};
    }
}

std::string message_from(std::string_view text) {
    const std::string_view trimmed = trim(text);
    if (trimmed.size() <= longest_message) return printable(trimmed);
    return printable(trimmed.substr(0, longest_message)) + " …";
}

}  // namespace

Refusal parse_refusal(const host::Response& response) {
    Refusal refusal;
    refusal.code = response.status;
    const nlohmann::json answer = nlohmann::json::parse(response.body, nullptr, false);
    if (text_at(answer, "kind") == "Status") {
        refusal.reason = printable(text_at(answer, "reason"));
        refusal.message = message_from(text_at(answer, "message"));
    } else {
        refusal.message = message_from(response.body);
    }
    if (refusal.reason.empty()) refusal.reason = usual_reason(refusal.code);
    if (refusal.message.empty()) refusal.message = "the answer has no message";
    return refusal;
}

}  // namespace flowlet::kube

#include "flowlet/base.h"

#include <array>
#include <utility>

namespace flowlet {
namespace {

struct Row {
    int code;
    std::string_view name;
};

// In the order of Kind.
constexpr std::array<Row, 21> rows{{
    {0, "ok"},           {1, "failed"},        {2, "usage"},        {3, "config"},
    {4, "denied"},       {5, "precondition"},  {6, "conflict"},     {7, "audit_unavailable"},
    {8, "unaudited"},    {9, "verification"},  {10, "pending"},     {11, "findings"},
    {12, "unhealthy"},   {13, "tool_missing"}, {16, "tool_failed"}, {17, "partial"},
    {18, "timeout"},     {19, "cancelled"},    {70, "bug"},         {130, "interrupted"},
    {143, "terminated"},
}};
static_assert(static_cast<std::size_t>(Kind::terminated) + 1 == rows.size());

const Row& row(Kind kind) {
    return rows.at(static_cast<std::size_t>(kind));
}

}  // namespace

int exit_code(Kind kind) {
    return row(kind).code;
}

std::string_view name(Kind kind) {
    return row(kind).name;
}

Error::Error(Kind kind, std::string what, std::string hint)
    : kind_(kind), what_(std::move(what)), hint_(std::move(hint)) {}

}  // namespace flowlet

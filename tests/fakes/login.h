// A login that a test answers for.
#pragma once

#include "flowlet/host.h"

#include <functional>
#include <string>
#include <utility>

namespace flowlet::fakes {

struct Login final : host::Snapshot {
    using Answer = std::function<host::Rows(const std::string& statement, Millis timeout)>;
    explicit Login(Answer with) : answer(std::move(with)) {}

    host::Rows ask(const std::string& statement, Millis timeout) override { return answer(statement, timeout); }
    [[nodiscard]] std::string name() const override { return "00000003-00000001-1"; }
    void release() override {}

    Answer answer;
};

}  // namespace flowlet::fakes

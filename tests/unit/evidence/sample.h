// Builds logs for the tests, line by line, as a writer would.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "flowlet/evidence.h"
#include "flowlet/stream.h"

namespace flowlet::evidence::test {

class SampleLog {
public:
    /// Adds `i` and `prev` and appends the record.
    SampleLog& add(nlohmann::json record) {
        record["i"] = index_++;
        record["prev"] = prev_;
        const std::string line = seal(record);
        prev_ = leaf_hash(line);
        text_ += line + "\n";
        return *this;
    }
    SampleLog& intent(const std::string& id) {
        return add(
            {{"v", 1}, {"phase", "intent"}, {"id", id}, {"act", "deploy"}, {"args", {"deploy", "--env", "staging"}}});
    }
    SampleLog& outcome(const std::string& id, int of) {
        return add(
            {{"v", 1}, {"phase", "outcome"}, {"id", id}, {"of", of}, {"out", {{"status", "success"}, {"code", 0}}}});
    }
    /// Bytes that a killed writer left, and the record of the next writer that names them.
    SampleLog& torn(const std::string& bytes) {
        const std::size_t offset = text_.size();
        text_ += bytes + "\n";
        return add({{"v", 1},
                    {"phase", "recover"},
                    {"torn", {{"off", offset}, {"len", bytes.size()}, {"sha256", stream::sha256_hex(bytes)}}}});
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
    std::string prev_ = first_prev();
    std::uint64_t index_ = 0;
};

inline SampleLog three_runs() {
    SampleLog log;
    log.intent("a").outcome("a", 0).intent("b").outcome("b", 2).intent("c").outcome("c", 4);
    return log;
}

}  // namespace flowlet::evidence::test

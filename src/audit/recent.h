// The end of the log: where the chain goes on, what a killed writer left, which intents wait for an outcome.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::audit {

using Json = nlohmann::json;

/// Bytes after the last record that are none.
struct Torn {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;  ///< without a newline at its end
    std::string hash;
};

class Recent {
public:
    /// The last bytes of a log and the offset of the first of them. Throws Error{audit_unavailable} when no record can
    /// be found to go on from.
    Recent(std::string bytes, std::uint64_t offset);

    [[nodiscard]] std::uint64_t next_index() const { return next_index_; }
    [[nodiscard]] const std::string& prev() const { return prev_; }
    /// `log` of the last record; empty when there is none.
    [[nodiscard]] const std::string& origin() const { return origin_; }
    [[nodiscard]] const std::optional<Torn>& torn() const { return torn_; }
    [[nodiscard]] bool ends_in_newline() const { return bytes_.empty() || bytes_.back() == '\n'; }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    /// Intents in these bytes that have no outcome, by index.
    [[nodiscard]] std::map<std::uint64_t, Json> open_intents() const;

private:
    void find_last_record(std::uint64_t offset);
    void take_torn(std::size_t from, std::uint64_t offset);

    std::string bytes_;
    std::uint64_t next_index_ = 0;
    std::string prev_;
    std::string origin_;
    std::optional<Torn> torn_;
};

}  // namespace flowlet::audit

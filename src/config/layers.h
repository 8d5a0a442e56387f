// What every layer says, put on top of each other.
#pragma once

#include "flowlet/config.h"

namespace flowlet::config {

using Values = std::map<std::string, Value, std::less<>>;

/// Keeps, beside what counts now, everything that was said before.
class Layers {
public:
    /// The value counts from now on.
    void put(const std::string& path, Value value);
    /// Written as null at this place: the key, or all keys below a section, go back to having no value.
    void reset(const std::string& path, bool section, Layer layer, const Place& place);
    /// Counts only if nobody said anything; comes before everything that was said.
    void put_below(const std::string& path, Value value);

    [[nodiscard]] const Values& now() const { return now_; }
    [[nodiscard]] Values take_now() { return std::move(now_); }
    using Said = std::map<std::string, std::vector<Value>, std::less<>>;
    [[nodiscard]] const Said& said() const { return said_; }
    [[nodiscard]] Said take_said() { return std::move(said_); }

private:
    Values now_;
    Said said_;
};

/// Does a lock such as audit.**, deploy.* or deploy.timeout hold this path? "*" is one segment, "**" all that follow.
bool is_held(std::string_view lock, std::string_view path);

}  // namespace flowlet::config

// One line of the log: is it a record in the one form that a record may have?
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::evidence {

/// A line without its newline, and where it stands.
struct Line {
    std::size_t offset = 0;
    std::string_view text;
};

/// The complete lines of a log, and how many bytes stand after the last newline.
struct Lines {
    std::vector<Line> complete;
    std::size_t rest = 0;
};
Lines split_lines(std::string_view log);

/// `json` is set when the line is a JSON object in canonical form; else `why` says what is wrong.
struct Reading {
    std::shared_ptr<const nlohmann::json> json;
    std::string why;
};
Reading read_line(std::string_view line);

/// The reading of each line; on several threads when there are many.
std::vector<Reading> read_lines(const std::vector<Line>& lines);

}  // namespace flowlet::evidence

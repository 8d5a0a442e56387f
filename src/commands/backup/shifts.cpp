#include "commands/backup/shifts.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace flowlet::commands::backup {
namespace {

/// A line such as "3379; 0 16390 TABLE DATA public account flowlet": what, of whom. A remark belongs to what stands
/// before it, and is loaded only together with that: alone, pg_restore takes it for one of another section.
struct Line {
    enum class What { other, table_data, index, constraint, remark } what = What::other;
    std::string text;
    std::string of;  ///< "public account flowlet"
};

std::optional<std::string> after(const std::string& text, std::string_view start) {
    if (!text.starts_with(start)) return std::nullopt;
    return text.substr(start.size());
}

Line read_line(const std::string& text) {
    Line line;
    line.text = text;
    // The number of the entry, then two of the catalogue.
    std::size_t at = 0;
    for (int spaces = 0; spaces < 3 && at != std::string::npos; ++spaces)
        at = text.find(' ', at == 0 ? 0 : at + 1);
    if (at == std::string::npos) return line;
    const std::string rest = text.substr(at + 1);
    if (const auto table = after(rest, "TABLE DATA ")) {
        line.what = Line::What::table_data;
        line.of = *table;
    } else if (const auto constraint = after(rest, "CONSTRAINT ")) {
        line.what = Line::What::constraint;
        line.of = *constraint;
    } else if (rest.starts_with("INDEX ") && !rest.starts_with("INDEX ATTACH ")) {
        line.what = Line::What::index;
    } else if (rest.starts_with("COMMENT ") || rest.starts_with("SECURITY LABEL ")) {
        line.what = Line::What::remark;
    }
    return line;
}

std::vector<Line> read_lines(const std::string& listed) {
    std::vector<Line> lines;
    for (const std::string& text : split(listed, '\n')) {
        if (!text.empty() && !text.starts_with(';')) lines.push_back(read_line(text));
    }
    return lines;
}

/// How many rows the tables had, by their names as the list has them: "public account ".
class Sizes {
public:
    explicit Sizes(const DatabaseRecord& record) {
        for (const TableDigest& table : record.tables) {
            const auto [schema, name] = split_name(table.table);
            std::uint64_t rows = 0;
            std::from_chars(table.rows.data(), table.rows.data() + table.rows.size(), rows);
            rows_[schema + " " + name + " "] = rows;
        }
    }
    /// The longest name that `of` begins with; its first word if none does.
    [[nodiscard]] std::string table_of(const std::string& of) const {
        std::string found = of.substr(0, of.find(' '));
        for (const auto& [name, rows] : rows_) {
            if (of.starts_with(name) && name.size() > found.size()) found = name;
        }
        return found;
    }
    [[nodiscard]] std::uint64_t rows_of(const std::string& table) const {
        const auto found = rows_.find(table);
        return found == rows_.end() ? 0 : found->second;
    }

private:
    std::map<std::string, std::uint64_t> rows_;
};

/// Some lines that have to stay together, and how much work they are.
struct Bundle {
    std::vector<std::size_t> lines;
    std::uint64_t weight = 0;
};

/// With the remarks on them.
void add_remarks(std::vector<std::size_t>& lines, const std::vector<Line>& all) {
    for (std::size_t i = lines.back() + 1; i < all.size() && all[i].what == Line::What::remark; ++i)
        lines.push_back(i);
}

/// Who has which line: the largest bundle first, to whoever has least.
std::map<std::size_t, unsigned> deal(std::vector<Bundle> bundles, unsigned jobs) {
    std::stable_sort(bundles.begin(), bundles.end(),
                     [](const Bundle& a, const Bundle& b) { return a.weight > b.weight; });
    std::vector<std::uint64_t> load(jobs, 0);
    std::map<std::size_t, unsigned> owners;
    for (const Bundle& bundle : bundles) {
        const auto least = std::min_element(load.begin(), load.end());
        *least += bundle.weight + 1;
        for (const std::size_t line : bundle.lines)
            owners[line] = static_cast<unsigned>(least - load.begin());
    }
    return owners;
}

class Sharing {
public:
    Sharing(const std::string& listed, const DatabaseRecord& record, unsigned jobs)
        : lines_(read_lines(listed)), sizes_(record), jobs_(jobs) {}

    std::vector<Shift> make() {
        Shift data{"data", side_by_side("data", deal(of_data(), jobs_), 0)};
        if (data.jobs.empty()) data.jobs.push_back({"data", "", {}});
        data.jobs.front().reads = Job::Reads::everything;
        const std::map<std::size_t, unsigned> indexes = deal(of_indexes(), jobs_);
        std::vector<Shift> shifts = {{"tables", {{"pre-data", "", {}}}}, std::move(data)};
        Shift index{"indexes", side_by_side("post-data", indexes, std::nullopt)};
        if (!index.jobs.empty()) shifts.push_back(std::move(index));
        std::string rest;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (!indexes.contains(i)) rest += lines_[i].text + '\n';
        }
        shifts.push_back({"rest", {{"post-data", rest, {}}}});
        return shifts;
    }

private:
    [[nodiscard]] std::vector<Bundle> of_data() const {
        std::vector<Bundle> bundles;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (lines_[i].what != Line::What::table_data) continue;
            bundles.push_back({{i}, sizes_.rows_of(sizes_.table_of(lines_[i].of))});
        }
        return bundles;
    }

    /// Of an index only its own name is told: it counts as an average one.
    [[nodiscard]] std::vector<Bundle> of_indexes() const {
        std::map<std::string, Bundle> tables;
        std::vector<Bundle> bundles;
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (lines_[i].what != Line::What::constraint) continue;
            const std::string table = sizes_.table_of(lines_[i].of);
            tables[table].lines.push_back(i);
            add_remarks(tables[table].lines, lines_);
            tables[table].weight += sizes_.rows_of(table);
            sum += sizes_.rows_of(table);
        }
        for (auto& [table, bundle] : tables)
            bundles.push_back(std::move(bundle));
        const std::uint64_t average = tables.empty() ? 0 : sum / tables.size();
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (lines_[i].what != Line::What::index) continue;
            bundles.push_back({{i}, average});
            add_remarks(bundles.back().lines, lines_);
        }
        return bundles;
    }

    /// Each with its own lines; whoever `keeps` has those, too, that nobody owns.
    [[nodiscard]] std::vector<Job> side_by_side(const std::string& section,
                                                const std::map<std::size_t, unsigned>& owners,
                                                std::optional<unsigned> keeps) const {
        std::vector<Job> jobs(jobs_, Job{section, "", {}});
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const auto owner = owners.find(i);
            if (owner != owners.end()) {
                jobs[owner->second].list += lines_[i].text + '\n';
            } else if (keeps) {
                jobs[*keeps].list += lines_[i].text + '\n';
            }
        }
        std::erase_if(jobs, [](const Job& job) { return job.list.empty(); });
        return jobs;
    }

    std::vector<Line> lines_;
    Sizes sizes_;
    unsigned jobs_;
};

}  // namespace

std::vector<Shift> share_out(const std::string& listed, const DatabaseRecord& record, unsigned jobs) {
    return Sharing(listed, record, std::max(jobs, 1U)).make();
}

}  // namespace flowlet::commands::backup

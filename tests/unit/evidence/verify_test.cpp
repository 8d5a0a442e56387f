#include <gtest/gtest.h>

#include <random>

#include "unit/evidence/sample.h"

namespace flowlet::evidence {
namespace {

using test::SampleLog;
using test::three_runs;
using Json = nlohmann::json;

std::string fault_of(const std::string& log) {
    const Verification found = verify(log);
    return found.faults.empty() ? "" : found.faults.front().message;
}

testing::AssertionResult faulted(const std::string& log, const std::string& part) {
    const std::string fault = fault_of(log);
    if (!fault.empty() && fault.find(part) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "the fault is \"" << fault << "\"";
}

std::vector<std::string> lines_of(const std::string& log) {
    std::vector<std::string> lines = split(log, '\n');
    lines.pop_back();
    return lines;
}

std::string from_lines(const std::vector<std::string>& lines) {
    return join(lines, "\n") + "\n";
}

/// A line of its own without a chain around it, to be judged as the first record.
std::string first_line(const std::string& body) {
    return "{" + body + R"("i":0,"prev":")" + first_prev() + "\"}\n";
}

TEST(Verify, a_whole_log_has_no_faults) {
    const std::string log = three_runs().text();
    const Verification found = verify(log);
    EXPECT_TRUE(found.faults.empty());
    ASSERT_EQ(found.records.size(), 6U);
    EXPECT_EQ(found.open_intents, 0U);
    EXPECT_FALSE(found.torn_tail);
    EXPECT_EQ(found.head, leaf_hash(found.records[5].line));
    EXPECT_EQ(found.records[3].index, 3U);
    EXPECT_EQ(log.substr(found.records[3].offset, found.records[3].line.size()), found.records[3].line);
    EXPECT_EQ((*found.records[3].json)["of"], 2);
}

TEST(Verify, an_empty_log_has_no_faults) {
    const Verification found = verify("");
    EXPECT_TRUE(found.faults.empty());
    EXPECT_TRUE(found.records.empty());
    EXPECT_EQ(found.head, first_prev());
}

TEST(Verify, a_long_log_is_read_in_parts_and_judged_as_a_whole) {
    SampleLog log;
    for (int i = 0; i < 3000; ++i)
        log.intent("id").outcome("id", 2 * i);
    const Verification found = verify(log.text());
    EXPECT_TRUE(found.faults.empty());
    EXPECT_EQ(found.records.size(), 6000U);
    EXPECT_EQ(found.open_intents, 0U);
    std::string changed = log.text();
    changed.replace(changed.rfind("success", changed.size() / 2), 7, "failure");
    EXPECT_EQ(verify(changed).faults.size(), 1U);
}

TEST(Verify, intents_without_an_outcome_are_counted) {
    EXPECT_EQ(verify(SampleLog().intent("a").intent("b").outcome("b", 1).text()).open_intents, 1U);
}

TEST(Verify, every_flipped_byte_before_the_last_record_is_a_fault) {
    const std::string log = SampleLog().intent("a").outcome("a", 0).intent("b").text();
    const std::size_t last = log.rfind('\n', log.size() - 2) + 1;
    for (std::size_t at = 0; at < last; ++at) {
        for (const unsigned mask : {0x01U, 1U << (at % 8), 0x80U}) {
            std::string changed = log;
            changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ mask);
            EXPECT_FALSE(verify(changed).faults.empty()) << "byte " << at << " mask " << mask;
        }
    }
}

TEST(Verify, every_flipped_byte_of_the_last_record_is_a_fault_too_but_its_newline) {
    const std::string log = SampleLog().intent("a").outcome("a", 0).text();
    for (std::size_t at = log.find('\n') + 1; at < log.size(); ++at) {
        for (const unsigned mask : {0x01U, 1U << (at % 8), 0x80U}) {
            std::string changed = log;
            changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ mask);
            const Verification found = verify(changed);
            if (at + 1 == log.size()) {
                EXPECT_TRUE(found.torn_tail);
            } else {
                EXPECT_FALSE(found.faults.empty()) << "byte " << at << " mask " << mask;
            }
        }
    }
}

TEST(Verify, a_changed_line_is_named) {
    std::string log = three_runs().text();
    const std::size_t at = log.find("success");
    log.replace(at, 7, "failure");
    const Verification found = verify(log);
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].index, 1U);
    EXPECT_EQ(found.faults[0].offset, log.find('\n') + 1);
    EXPECT_EQ(found.faults[0].message, "its own checksum does not fit: the line was changed");
}

TEST(Verify, a_line_changed_together_with_its_checksum_is_given_away_by_the_next) {
    std::vector<std::string> lines = lines_of(three_runs().text());
    Json record = Json::parse(lines[1]);
    record["out"]["status"] = "failure";
    lines[1] = seal(record);
    const Verification found = verify(from_lines(lines));
    ASSERT_EQ(found.faults.size(), 1U);
    EXPECT_EQ(found.faults[0].index, 1U);
    EXPECT_EQ(found.faults[0].message, "its hash is not the one that the next record carries: the line was changed");
}

TEST(Verify, a_record_without_a_checksum_is_a_fault) {
    EXPECT_TRUE(faulted(canonical(Json{{"i", 0}, {"prev", first_prev()}}) + "\n", "no checksum"));
}

TEST(Verify, a_removed_line_is_a_fault_wherever_it_stood_but_at_the_end) {
    const std::vector<std::string> lines = lines_of(three_runs().text());
    for (std::size_t at = 0; at + 1 < lines.size(); ++at) {
        std::vector<std::string> fewer = lines;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at));
        EXPECT_TRUE(faulted(from_lines(fewer), "is due: lines were removed, added or moved")) << at;
    }
}

TEST(Verify, an_inserted_or_repeated_line_is_a_fault) {
    std::vector<std::string> lines = lines_of(three_runs().text());
    lines.insert(lines.begin() + 3, lines[2]);
    EXPECT_TRUE(faulted(from_lines(lines), "is due"));
    EXPECT_TRUE(faulted("\n" + three_runs().text(), "not JSON"));
}

TEST(Verify, two_swapped_lines_are_a_fault) {
    const std::vector<std::string> lines = lines_of(three_runs().text());
    for (std::size_t at = 0; at + 1 < lines.size(); ++at) {
        std::vector<std::string> swapped = lines;
        std::swap(swapped[at], swapped[at + 1]);
        EXPECT_FALSE(fault_of(from_lines(swapped)).empty()) << at;
    }
}

TEST(Verify, a_log_that_lost_its_beginning_and_was_renumbered_is_a_fault) {
    Json record = {{"i", 0}, {"prev", std::string(64, 'a')}};
    EXPECT_TRUE(faulted(canonical(record) + "\n", "carries the hash of one before it"));
}

TEST(Verify, a_line_in_another_form_is_a_fault) {
    EXPECT_EQ(fault_of(seal(Json{{"i", 0}, {"prev", first_prev()}}) + "\n"), "");
    EXPECT_TRUE(faulted(first_line(R"("a":1,"a":1,)"), "canonical"));
    EXPECT_TRUE(faulted(first_line(R"("b":1,"a":1,)"), "canonical"));
    EXPECT_TRUE(faulted(first_line(R"("a": 1,)"), "canonical"));
    EXPECT_TRUE(faulted(first_line(R"("a":"\u0041",)"), "canonical"));
    EXPECT_TRUE(faulted(first_line(R"("a":-0,)"), "canonical"));
    EXPECT_TRUE(faulted(first_line(R"("a":1.5,)"), "floating-point"));
    EXPECT_TRUE(faulted(first_line("\"a\":\"\xFF\","), "not JSON"));
    EXPECT_TRUE(faulted("\xEF\xBB\xBF" + first_line(""), "canonical"));
    EXPECT_TRUE(faulted("[]\n", "no JSON object"));
    EXPECT_TRUE(faulted("{}\n", "missing"));
}

TEST(Verify, an_outcome_must_name_an_intent_before_it_and_share_its_id) {
    EXPECT_TRUE(faulted(SampleLog().outcome("a", 0).text(), "names no intent"));
    EXPECT_TRUE(faulted(SampleLog().intent("a").outcome("a", 2).intent("b").text(), "names no intent"));
    EXPECT_TRUE(faulted(SampleLog().intent("a").outcome("a", 0).outcome("a", 1).text(), "names no intent"));
    EXPECT_TRUE(faulted(SampleLog().intent("a").outcome("b", 0).text(), "not that of its intent"));
}

TEST(Verify, a_torn_tail_is_told_and_no_fault) {
    const Verification found = verify(three_runs().text() + R"({"act":"dep)");
    EXPECT_TRUE(found.faults.empty());
    EXPECT_TRUE(found.torn_tail);
    EXPECT_EQ(found.records.size(), 6U);
}

TEST(Verify, torn_bytes_that_a_recover_record_names_are_accepted) {
    const std::string whole = lines_of(SampleLog().intent("a").intent("b").text()).back();
    for (const std::string& torn : {std::string(R"({"act":"dep)"), std::string("\0\0\0", 3), std::string("x"), whole,
                                    std::string("{\"act\"\n{\"act\":\"rec"), std::string("half\n")}) {
        const Verification found = verify(SampleLog().intent("a").torn(torn).outcome("a", 0).text());
        EXPECT_TRUE(found.faults.empty()) << torn << ": " << found.faults.front().message;
        EXPECT_EQ(found.records.size(), 3U);
        EXPECT_EQ(found.open_intents, 0U);
    }
    EXPECT_EQ(fault_of(SampleLog().torn("first").intent("a").text()), "");
}

TEST(Verify, altered_torn_bytes_are_a_fault) {
    const std::string log = SampleLog().intent("a").torn("half a rec").outcome("a", 0).text();
    for (std::size_t at = log.find("half a rec"), end = at + 10; at < end; ++at) {
        std::string changed = log;
        changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ 0x02U);
        EXPECT_TRUE(faulted(changed, "torn bytes are not those"));
    }
}

TEST(Verify, torn_bytes_that_no_record_names_are_a_fault) {
    const std::string first = SampleLog().intent("a").text();
    EXPECT_TRUE(faulted(first + "half\n", "not JSON"));
    std::string removed = SampleLog().intent("a").torn("half").text();
    removed.erase(removed.find("half\n"), 5);
    EXPECT_TRUE(faulted(removed, "do not stand before it"));
    std::string longer = SampleLog().intent("a").torn("half").text();
    longer.insert(longer.find("half\n"), "x");
    EXPECT_FALSE(fault_of(longer).empty());
}

TEST(Verify, a_large_part_of_a_log_cannot_be_called_torn) {
    SampleLog log;
    log.torn(std::string(std::size_t{300} * 1024, 'x'));
    EXPECT_FALSE(fault_of(log.text()).empty());
}

TEST(Verify, foreign_text_is_faulted_and_never_throws) {
    std::mt19937 random(31);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    const std::string log = SampleLog().intent("a").torn("x").outcome("a", 0).intent("b").text();
    for (int round = 0; round < 1000; ++round) {
        std::string text = log;
        for (auto changes = 1 + random() % 4; changes > 0; --changes) {
            const std::size_t at = random() % text.size();
            if (random() % 2 == 0) {
                text[at] = static_cast<char>(random() % 256);
            } else {
                text.erase(at, 1 + random() % 50);
                text += "\n";
            }
        }
        EXPECT_NO_THROW(verify(text));
    }
    EXPECT_FALSE(fault_of(std::string(60000, '[') + "\n").empty());
    EXPECT_FALSE(fault_of("{\"a\":" + std::string(30000, '[') + std::string(30000, ']') + "}\n").empty());
    EXPECT_FALSE(fault_of(std::string(200000, 'x') + "\n").empty());
    EXPECT_FALSE(fault_of(std::string(5000, '\n')).empty());
}

}  // namespace
}  // namespace flowlet::evidence

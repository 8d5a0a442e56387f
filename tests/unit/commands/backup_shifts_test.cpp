#include "commands/backup/shifts.h"

#include <gtest/gtest.h>

#include <set>

#include "flowlet/base.h"

namespace flowlet::commands::backup {
namespace {

/// As pg_restore of PostgreSQL 15 prints it.
constexpr const char* listed = R"(;
; Archive created at 2026-11-22 02:26:05 UTC
;
6; 2615 16388 SCHEMA - Odd Name flowlet
217; 1259 16400 TABLE Odd Name it's flowlet
216; 1259 16390 TABLE public account flowlet
3380; 0 16400 TABLE DATA Odd Name it's flowlet
3379; 0 16390 TABLE DATA public account flowlet
3382; 0 16421 TABLE DATA public part1 flowlet
3394; 0 0 SEQUENCE SET public account_id_seq flowlet
3384; 0 0 BLOBS - BLOBS 
3223; 2606 16404 CONSTRAINT Odd Name it's it's_pkey flowlet
3219; 2606 16399 CONSTRAINT public account account_name_key flowlet
3221; 2606 16397 CONSTRAINT public account account_pkey flowlet
3217; 1259 16410 INDEX public account_bal_idx flowlet
3395; 0 0 COMMENT public INDEX account_bal_idx flowlet
3225; 1259 16424 INDEX public part_id_idx flowlet
3227; 0 0 INDEX ATTACH public part1_id_idx flowlet
3229; 2606 16405 FK CONSTRAINT Odd Name it's it's_a_fkey flowlet
3381; 0 16411 MATERIALIZED VIEW DATA public mv flowlet
)";

DatabaseRecord record() {
    DatabaseRecord record;
    record.name = "primary";
    record.tables = {{"public.account", "1000", ""}, {"\"Odd Name\".\"it's\"", "10", ""}, {"public.part1", "20", ""}};
    return record;
}

std::vector<std::string> lines_of(const Job& job) {
    std::vector<std::string> lines = split(job.list, '\n');
    std::erase(lines, "");
    return lines;
}

bool has(const Job& job, const std::string& text) {
    return job.list.find(text) != std::string::npos;
}

TEST(Shifts, tables_are_defined_before_data_and_what_refers_to_others_comes_last) {
    const std::vector<Shift> shifts = share_out(listed, record(), 2);
    ASSERT_EQ(shifts.size(), 4U);
    EXPECT_EQ(shifts[0].name, "tables");
    EXPECT_EQ(shifts[0].jobs.front().section, "pre-data");
    EXPECT_EQ(shifts[1].name, "data");
    EXPECT_EQ(shifts[2].name, "indexes");
    EXPECT_EQ(shifts[3].name, "rest");
    const Job& rest = shifts[3].jobs.at(0);
    EXPECT_TRUE(has(rest, "FK CONSTRAINT Odd Name it's"));
    EXPECT_TRUE(has(rest, "INDEX ATTACH"));
    EXPECT_TRUE(has(rest, "MATERIALIZED VIEW DATA"));
    EXPECT_FALSE(has(rest, "COMMENT public INDEX"));
    EXPECT_FALSE(has(rest, "3217; "));
    EXPECT_FALSE(has(rest, "3221; "));
}

TEST(Shifts, the_largest_table_has_a_program_of_its_own) {
    const Shift data = share_out(listed, record(), 2)[1];
    ASSERT_EQ(data.jobs.size(), 2U);
    EXPECT_TRUE(has(data.jobs[0], "TABLE DATA public account"));
    EXPECT_FALSE(has(data.jobs[0], "TABLE DATA public part1"));
    EXPECT_TRUE(has(data.jobs[1], "TABLE DATA public part1"));
    EXPECT_TRUE(has(data.jobs[1], "TABLE DATA Odd Name it's"));
    // What nobody else has stays with the first.
    EXPECT_TRUE(has(data.jobs[0], "BLOBS - BLOBS"));
    EXPECT_TRUE(has(data.jobs[0], "SEQUENCE SET"));
}

TEST(Shifts, only_the_first_of_the_data_reads_everything) {
    int reading = 0;
    for (const Shift& shift : share_out(listed, record(), 3)) {
        for (const Job& job : shift.jobs)
            reading += job.reads == Job::Reads::everything ? 1 : 0;
    }
    EXPECT_EQ(reading, 1);
    EXPECT_EQ(share_out(listed, record(), 3)[1].jobs[0].reads, Job::Reads::everything);
}

TEST(Shifts, the_constraints_of_one_table_stay_together) {
    for (const unsigned jobs : {1U, 2U, 3U, 8U}) {
        const Shift indexes = share_out(listed, record(), jobs)[2];
        for (const Job& job : indexes.jobs)
            EXPECT_EQ(has(job, "account_name_key"), has(job, "account_pkey")) << jobs;
    }
}

TEST(Shifts, a_remark_on_an_index_stays_with_it) {
    const Shift indexes = share_out(listed, record(), 3)[2];
    for (const Job& job : indexes.jobs)
        EXPECT_EQ(has(job, "COMMENT public INDEX account_bal_idx"), has(job, "INDEX public account_bal_idx"));
}

TEST(Shifts, every_entry_is_loaded_once_however_many_programs_there_are) {
    for (const unsigned jobs : {1U, 2U, 3U, 5U, 16U}) {
        std::multiset<std::string> loaded;
        const std::vector<Shift> shifts = share_out(listed, record(), jobs);
        for (const std::size_t shift : {std::size_t{2}, std::size_t{3}}) {
            for (const Job& job : shifts[shift].jobs) {
                for (const std::string& line : lines_of(job))
                    loaded.insert(line);
            }
        }
        for (const std::string& line : split(listed, '\n')) {
            if (line.empty() || line.starts_with(';')) continue;
            EXPECT_EQ(loaded.count(line), 1U) << jobs << ": " << line;
        }
    }
}

TEST(Shifts, a_dump_of_nothing_is_loaded_all_the_same) {
    const std::vector<Shift> shifts = share_out("", record(), 4);
    ASSERT_EQ(shifts.size(), 3U);
    EXPECT_EQ(shifts[1].jobs.at(0).reads, Job::Reads::everything);
    EXPECT_TRUE(shifts[1].jobs.at(0).list.empty());
}

TEST(Shifts, lines_that_are_cut_or_strange_stay_with_the_first_and_break_nothing) {
    for (const char* text : {"1;", "1; 2 3", "x", "3380; 0 16400 TABLE DATA", "3380; 0 16400 TABLE DATA \n"})
        EXPECT_FALSE(share_out(text, DatabaseRecord(), 2).empty()) << text;
}

}  // namespace
}  // namespace flowlet::commands::backup

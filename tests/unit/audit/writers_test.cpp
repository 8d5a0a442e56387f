#include <sys/mman.h>

#include <atomic>
#include <csignal>
#include <random>
#include <set>

#include "unit/audit/scene.h"

namespace flowlet::audit {
namespace {

using test::deploy_plan;
using test::Json;
using test::report_of;

class Writers : public test::Scene {};

TEST_F(Writers, eight_processes_write_fifty_records_each_and_none_is_lost) {
    options_.lock_wait = Millis(60000);
    std::vector<pid_t> children;
    for (int writer = 0; writer < 8; ++writer) {
        const pid_t child = ::fork();
        if (child == 0) {
            options_.actor.args = {"writer", std::to_string(writer)};
            int bad = 0;
            for (int run = 0; run < 25; ++run)
                bad += run_once().kind == Kind::ok ? 0 : 1;
            ::_exit(bad);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    expect_whole(400);
    const auto found = evidence::verify(log_text());
    EXPECT_EQ(found.open_intents, 0U);
    std::map<std::string, int> each;
    std::set<std::uint64_t> indices;
    for (const auto& line : found.records) {
        ++each[(*line.json)["args"][1].get<std::string>()];
        indices.insert((*line.json)["i"].get<std::uint64_t>());
    }
    EXPECT_EQ(each.size(), 8U);
    for (const auto& [writer, count] : each)
        EXPECT_EQ(count, 50) << writer;
    EXPECT_EQ(indices.size(), 400U);
    EXPECT_EQ(*indices.rbegin(), 399U);
}

// A page that outlives a killed child and says how many of its records were acknowledged.
class Acknowledged {
public:
    Acknowledged() {
        void* page =
            ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) throw std::runtime_error("no shared page");
        count_ = new (page) std::atomic<int>(0);
    }
    Acknowledged(const Acknowledged&) = delete;
    Acknowledged& operator=(const Acknowledged&) = delete;
    ~Acknowledged() { ::munmap(count_, sizeof(*count_)); }
    std::atomic<int>& count() { return *count_; }

private:
    std::atomic<int>* count_ = nullptr;
};

TEST_F(Writers, a_killed_writer_breaks_nothing_and_no_acknowledged_record_vanishes) {
    Acknowledged acknowledged;
    std::mt19937 random(37);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    std::size_t expected = 0;
    for (int round = 0; round < 100; ++round) {
        acknowledged.count() = 0;
        if (round % 10 == 0) {
            std::filesystem::remove_all(folder_);
            expected = 0;
        }
        const pid_t child = ::fork();
        if (child == 0) {
            options_.actor.args = {"round", std::to_string(round)};
            for (;;) {
                const auto log = make_log(options_);
                log->begin(deploy_plan(), Time{});
                ++acknowledged.count();
                run::Report report = report_of(run::Outcome::succeeded, Kind::ok);
                log->end(report);
                if (report.kind == Kind::ok) ++acknowledged.count();
            }
        }
        ::usleep(static_cast<useconds_t>(random() % 9000));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const auto found = evidence::verify(log_text());
        ASSERT_TRUE(found.faults.empty()) << "round " << round << ": " << found.faults.front().message;
        std::size_t mine = 0;
        for (const auto& line : found.records)
            mine += (*line.json)["args"] == Json{"round", std::to_string(round)} ? 1U : 0U;
        ASSERT_GE(mine, static_cast<std::size_t>(acknowledged.count().load()));
        ASSERT_GE(found.records.size(), expected);
        expected = found.records.size();
    }
    run_once();
    EXPECT_TRUE(evidence::verify(log_text()).faults.empty());
    EXPECT_EQ(evidence::verify(log_text()).open_intents, 0U);
}

TEST_F(Writers, every_flipped_byte_before_the_last_record_is_found) {
    run_once();
    const std::string log = log_text();
    const std::size_t last = log.rfind('\n', log.size() - 2) + 1;
    for (std::size_t at = 0; at < last; ++at) {
        std::string changed = log;
        changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << (at % 8)));
        ASSERT_FALSE(evidence::verify(changed).faults.empty()) << "byte " << at;
    }
}

}  // namespace
}  // namespace flowlet::audit

#include "host/handover.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <thread>

#include "flowlet/base.h"

namespace flowlet::host {
namespace {

/// Keeps what it is given, and does what a test wants on the way.
struct Kept final : stream::Sink {
    std::string text;
    std::function<void()> on_write = [] {};
    std::function<void()> on_finish = [] {};
    void write(std::string_view bytes) override {
        on_write();
        text += bytes;
    }
    void finish() override { on_finish(); }
};

TEST(Handover, everything_arrives_in_its_order_before_the_end_is_told) {
    Kept kept;
    std::string wanted;
    Handover handover(kept);
    constexpr int blocks = 2000;
    for (int i = 0; i < blocks; ++i) {
        const std::string block = std::to_string(i) + ",";
        wanted += block;
        handover.write(block);
    }
    handover.finish();
    EXPECT_EQ(kept.text, wanted);
}

TEST(Handover, what_fails_behind_it_is_thrown_before_it) {
    Kept kept;
    kept.on_write = [] { throw Error(Kind::failed, "the disk is full"); };
    Handover handover(kept);
    const auto write_on = [&] {
        constexpr int many = 100;
        for (int i = 0; i < many; ++i)
            handover.write("x");
    };
    EXPECT_THROW(write_on(), Error);
    EXPECT_THROW(handover.finish(), Error);
}

TEST(Handover, an_end_that_fails_is_told) {
    Kept kept;
    kept.on_finish = [] { throw Error(Kind::failed, "cannot sync"); };
    Handover handover(kept);
    handover.write("x");
    EXPECT_THROW(handover.finish(), Error);
}

TEST(Handover, whoever_writes_faster_waits) {
    std::promise<void> gate;
    const std::shared_future<void> open = gate.get_future().share();
    Kept kept;
    kept.on_write = [open] { open.wait(); };
    Handover handover(kept);
    std::atomic<int> written{0};
    constexpr int many = 100;
    std::thread writer([&] {
        for (int i = 0; i < many; ++i) {
            handover.write("x");
            ++written;
        }
        handover.finish();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    EXPECT_LT(written, many / 2);
    gate.set_value();
    writer.join();
    EXPECT_EQ(kept.text.size(), std::size_t{many});
}

TEST(Handover, stopped_it_drops_what_is_left_and_nothing_behind_it_is_at_work) {
    Kept kept;
    bool finished = false;
    kept.on_write = [] { std::this_thread::sleep_for(std::chrono::milliseconds{20}); };
    kept.on_finish = [&] { finished = true; };
    Handover handover(kept);
    for (int i = 0; i < 5; ++i)
        handover.write("x");
    handover.stop();
    EXPECT_LT(kept.text.size(), 5U);
    EXPECT_FALSE(finished);
    handover.stop();
}

}  // namespace
}  // namespace flowlet::host

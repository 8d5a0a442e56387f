#include "kube/notebook.h"

#include <gtest/gtest.h>

namespace flowlet::kube::verdict {
namespace {

using Lines = std::vector<std::string>;

constexpr Time start{};
constexpr Time later{std::chrono::seconds(9)};

TEST(Notebook, remembers_when_a_signal_was_first_seen) {
    Notebook::Seen seen;
    Notebook::Told told;
    EXPECT_EQ(Notebook(seen, told, "a", start).since("x"), start);
    EXPECT_EQ(Notebook(seen, told, "a", later).since("x"), start);
}

TEST(Notebook, forgets_what_was_not_asked_for) {
    Notebook::Seen seen;
    Notebook::Told told;
    Notebook first(seen, told, "a", start);
    first.since("x");
    first.collect("y", "text");
    Notebook(seen, told, "a", later).forget_the_rest();
    EXPECT_TRUE(seen.empty());
    EXPECT_TRUE(told.empty());
}

TEST(Notebook, leaves_the_pages_of_others_alone) {
    Notebook::Seen seen;
    Notebook::Told told;
    Notebook(seen, told, "wallet", start).since("x");
    Notebook(seen, told, "wallet-2", start).since("x");
    Notebook(seen, told, "wallet", later).forget_the_rest();
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_EQ(Notebook(seen, told, "wallet-2", later).since("x"), start);
}

TEST(Notebook, collects_each_text_once_and_follows_each_turn) {
    Notebook::Seen seen;
    Notebook::Told told;
    Notebook notes(seen, told, "a", start);
    for (const auto* text : {"one", "two", "", "one", "one"}) {
        notes.collect("set", text);
        notes.follow("turns", text);
    }
    EXPECT_EQ(notes.collect("set", ""), (Lines{"one", "two"}));
    EXPECT_EQ(notes.follow("turns", ""), (Lines{"one", "two", "one"}));
}

TEST(Notebook, a_page_does_not_grow_without_end) {
    Notebook::Seen seen;
    Notebook::Told told;
    Notebook notes(seen, told, "a", start);
    for (int turn = 0; turn < 1000; ++turn)
        notes.collect("set", std::to_string(turn));
    EXPECT_EQ(notes.collect("set", "").size(), 32U);
    EXPECT_EQ(notes.collect("set", "").front(), "0");
}

}  // namespace
}  // namespace flowlet::kube::verdict

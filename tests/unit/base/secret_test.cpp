#include <gtest/gtest.h>

#include <array>
#include <new>
#include <ostream>
#include <type_traits>
#include <utility>

#include "flowlet/base.h"

namespace flowlet {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};

static_assert(Streamable<std::string> && !Streamable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<std::string, Secret>);

TEST(Secret, reveals_what_it_was_given) {
    EXPECT_EQ(Secret("hunter2").reveal(), "hunter2");
    EXPECT_TRUE(Secret().empty());
    EXPECT_FALSE(Secret("x").empty());
}

TEST(Secret, moving_leaves_nothing_behind) {
    Secret from("short");
    const char* bytes = from.reveal().data();
    const Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), "short");
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
    // A short string lives inside the object, which is still alive here.
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(bytes[i], '\0') << i;
}

TEST(Secret, assignment_takes_over_and_wipes_the_source) {
    Secret from(std::string(200, 'a'));
    Secret to(std::string(300, 'b'));
    to = std::move(from);
    EXPECT_EQ(to.reveal(), std::string(200, 'a'));
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
    Secret& self = to;
    to = std::move(self);
    EXPECT_EQ(to.reveal(), std::string(200, 'a'));
    const Secret copy = to;
    EXPECT_EQ(copy.reveal(), to.reveal());
}

TEST(Secret, memory_is_wiped_on_destruction) {
    alignas(Secret) std::array<unsigned char, sizeof(Secret)> room{};
    auto* secret = new (room.data()) Secret("pin1234");
    const auto holds = [&] {
        const std::string_view bytes(reinterpret_cast<const char*>(room.data()), room.size());
        return bytes.find("pin1234") != std::string_view::npos;
    };
    ASSERT_TRUE(holds());
    secret->~Secret();
    EXPECT_FALSE(holds());
}

}  // namespace
}  // namespace flowlet

#include <gtest/gtest.h>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

TEST(Digest, of_nothing_is_that_of_the_empty_text) {
    Digest digest;
    EXPECT_EQ(digest.hex(), sha256_hex(""));
    EXPECT_EQ(digest.bytes(), 0U);
}

TEST(Digest, is_that_of_the_whole_text_however_it_comes) {
    const std::string text = random_bytes(1000);
    for (std::size_t step = 1; step <= text.size(); step += 37) {
        Digest digest;
        for (std::size_t at = 0; at < text.size(); at += step)
            digest.update(std::string_view(text).substr(at, step));
        EXPECT_EQ(digest.bytes(), text.size());
        EXPECT_EQ(digest.hex(), sha256_hex(text)) << step;
    }
}

TEST(Digest, empty_writes_change_nothing) {
    Digest digest;
    digest.update("");
    digest.update("abc");
    digest.update({});
    EXPECT_EQ(digest.bytes(), 3U);
    EXPECT_EQ(digest.hex(), sha256_hex("abc"));
}

TEST(Digest, takes_nothing_after_its_end) {
    Digest digest;
    digest.update("abc");
    digest.hex();
    EXPECT_THROW(digest.update("d"), Error);
    EXPECT_THROW(digest.hex(), Error);
}

}  // namespace
}  // namespace flowlet::stream

#include <gtest/gtest.h>

#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

// The keys follow from the exchange in RFC 7677, section 3: password "pencil", its salt, 4096 iterations.
TEST(Scram, the_verifier_of_rfc_7677) {
    const std::string salt = base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    EXPECT_EQ(scram_sha_256(Secret("pencil"), salt),
              "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
              "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST(Scram, random_bytes_are_as_many_as_asked_for_and_differ) {
    EXPECT_EQ(random_bytes(33).size(), 33U);
    EXPECT_NE(random_bytes(16), random_bytes(16));
}

}  // namespace
}  // namespace flowlet::stream

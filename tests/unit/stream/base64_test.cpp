#include <gtest/gtest.h>

#include <random>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

const std::vector<std::pair<std::string, std::string>> rfc_4648 = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64, agrees_with_the_examples_of_rfc_4648) {
    for (const auto& [bytes, text] : rfc_4648) {
        EXPECT_EQ(base64_encode(bytes), text);
        EXPECT_EQ(base64_decode(text), bytes);
    }
}

TEST(Base64, ignores_line_breaks) {
    EXPECT_EQ(base64_decode("Zm9v\nYmFy\r\n"), "foobar");
    EXPECT_EQ(base64_decode("Zm8\n=\n"), "fo");
}

TEST(Base64, refuses_what_is_foreign_or_cut_off) {
    for (const char* text : {"Zg", "Zg=", "Z", "Z===", "Zm9v=", "====", "=", "Zg==Zg==", "Zm9v YmFy", "Zm9-", "Zm9_",
                             "Zh==", "Zm9=", "Zm\x80v", "Zg=a"}) {
        try {
            base64_decode(text);
            ADD_FAILURE() << text << " was accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), Kind::verification);
        }
    }
}

TEST(Base64, any_bytes_are_read_back) {
    std::mt19937 random(29);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    for (int round = 0; round < 1000; ++round) {
        std::string bytes(random() % 100, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random() % 256);
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    }
}

}  // namespace
}  // namespace flowlet::stream

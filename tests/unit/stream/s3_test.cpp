#include <gtest/gtest.h>

#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

constexpr const char* key_id = "AKIAIOSFODNN7EXAMPLE";
constexpr const char* nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Secret secret() {
    return Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
}

S3Request request(const std::string& method, const std::string& path) {
    S3Request made;
    made.method = method;
    made.path = path;
    made.headers = {{"host", "examplebucket.s3.amazonaws.com"}};
    made.body_sha256 = nothing;
    made.time = *parse_time("2013-05-24T00:00:00Z");
    return made;
}

std::string signature(const S3Request& made) {
    const std::string header = sign_s3(made, "us-east-1", key_id, secret());
    return header.substr(header.find("Signature=") + 10);
}

// The four are the examples of Amazon's "Signature Calculations for the Authorization Header".
TEST(S3Signature, of_a_range_of_an_object_is_that_of_the_published_example) {
    S3Request made = request("GET", "/test.txt");
    made.headers["range"] = "bytes=0-9";
    EXPECT_EQ(signature(made), "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(S3Signature, of_a_new_object_is_that_of_the_published_example) {
    S3Request made = request("PUT", "/" + encode_path("test$file.text"));
    made.headers["date"] = "Fri, 24 May 2013 00:00:00 GMT";
    made.headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
    made.body_sha256 = sha256_hex("Welcome to Amazon S3.");
    EXPECT_EQ(signature(made), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(S3Signature, of_a_query_without_a_value_is_that_of_the_published_example) {
    S3Request made = request("GET", "/");
    made.query = {{"lifecycle", ""}};
    EXPECT_EQ(signature(made), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(S3Signature, of_a_list_is_that_of_the_published_example_in_whatever_order_the_query_is) {
    S3Request made = request("GET", "/");
    made.query = {{"prefix", "J"}, {"max-keys", "2"}};
    EXPECT_EQ(signature(made), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(S3Signature, names_the_headers_it_covers_and_not_the_secret) {
    const std::string header = sign_s3(request("GET", "/"), "us-east-1", key_id, secret());
    EXPECT_NE(header.find("SignedHeaders=host;x-amz-content-sha256;x-amz-date,"), std::string::npos);
    EXPECT_EQ(header.find(secret().reveal()), std::string::npos);
}

TEST(S3Path, encodes_each_segment_and_keeps_the_slashes) {
    EXPECT_EQ(encode_path("a b/c=d/\xc3\xa4"), "a%20b/c%3Dd/%C3%A4");
    EXPECT_EQ(encode_path(""), "");
    EXPECT_EQ(encode_path("/x/"), "/x/");
}

}  // namespace
}  // namespace flowlet::stream

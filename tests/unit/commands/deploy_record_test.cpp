#include <gtest/gtest.h>

#include "flowlet/stream.h"
#include "unit/commands/deploy_world.h"

namespace flowlet::commands::deploy {
namespace {

std::string secret_of(const std::string& document) {
    return nlohmann::json{{"data", {{"deploy", stream::base64_encode(stream::gzip(document))}}}}.dump();
}

TEST(DeployRecord, what_is_kept_is_read_back) {
    Record record;
    record.number = 7;
    record.time = "2026-11-21T10:00:00.000000Z";
    record.user = "ana@ops";
    record.run_id = "r";
    record.what = "deploy";
    record.image_tag = "1.1.0";
    record.helm_revision = 3;
    record.chart_inputs = "sha256:00";
    record.objects = {json(body("ConfigMap", "a", "1"))};
    const Record read = parse_record(secret_of(render_record(record)));
    EXPECT_EQ(read.number, 7);
    EXPECT_EQ(read.user, "ana@ops");
    EXPECT_EQ(read.image_tag, "1.1.0");
    EXPECT_EQ(read.helm_revision, 3);
    EXPECT_EQ(read.chart_inputs, "sha256:00");
    EXPECT_EQ(*read.objects.at(0), *record.objects.at(0));
}

TEST(DeployRecord, a_damaged_record_is_an_error_and_no_crash) {
    EXPECT_THROW(parse_record("{}"), Error);
    EXPECT_THROW(parse_record("nonsense"), Error);
    EXPECT_THROW(parse_record(R"({"data":{"deploy":"AAAA"}})"), Error);
    EXPECT_THROW(parse_record(secret_of("[]")), Error);
}

}  // namespace
}  // namespace flowlet::commands::deploy

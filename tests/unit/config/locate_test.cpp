#include "config/locate.h"

#include "flowlet_file.h"

namespace flowlet::config {
namespace {

TEST(Locate, the_file_is_found_upward) {
    Project world("");
    world.folder = "/project/deep/below";
    const Located found = locate(world, "");
    EXPECT_EQ(found.root, "/project");
    EXPECT_EQ(found.file, "/project/flowlet.yaml");
    EXPECT_EQ(found.shown, "/project/flowlet.yaml");
}

TEST(Locate, the_nearest_one_counts) {
    Project world("");
    world.files["/project/deep/flowlet.yaml"] = {"", 0644};
    world.folder = "/project/deep";
    const Located found = locate(world, "");
    EXPECT_EQ(found.root, "/project/deep");
    EXPECT_EQ(found.shown, "flowlet.yaml");
}

TEST(Locate, the_search_ends_at_the_top) {
    fakes::World world;
    const Error error = error_of([&] { locate(world, ""); });
    EXPECT_EQ(error.kind(), Kind::precondition);
    EXPECT_NE(error.hint().find("--root"), std::string::npos);
    world.files["/flowlet.yaml"] = {"", 0644};
    EXPECT_EQ(locate(world, "").file, "/flowlet.yaml");
    EXPECT_EQ(locate(world, "").root, "/");
}

TEST(Locate, root_names_the_folder) {
    Project world("");
    EXPECT_EQ(locate(world, "/project/").root, "/project");
    world.folder = "/";
    EXPECT_EQ(locate(world, "project").root, "/project");
    EXPECT_EQ(error_of([&] { locate(world, "/elsewhere"); }).kind(), Kind::precondition);
}

TEST(Locate, a_root_does_not_search_upward) {
    Project world("");
    world.folders.insert("/project/deep");
    EXPECT_EQ(error_of([&] { locate(world, "/project/deep"); }).kind(), Kind::precondition);
}

TEST(Locate, a_file_that_others_may_write_is_refused) {
    for (const std::uint32_t mode : {0664U, 0646U, 0666U}) {
        Project world("");
        world.files["/project/flowlet.yaml"].mode = mode;
        const Error error = error_of([&] { locate(world, ""); });
        EXPECT_EQ(error.kind(), Kind::config);
        EXPECT_EQ(error.hint(), "chmod go-w flowlet.yaml");
    }
}

TEST(Locate, a_folder_of_that_name_is_refused) {
    fakes::World world;
    world.folders.insert("/home/tester/flowlet.yaml");
    EXPECT_EQ(error_of([&] { locate(world, ""); }).kind(), Kind::config);
}

}  // namespace
}  // namespace flowlet::config

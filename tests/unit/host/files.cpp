#include "host/files.h"

#include "server.h"
#include "support.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace flowlet::host {
namespace {

using test::kind_of;
using test::TemporaryFolder;

TEST(Files, the_mode_is_what_was_asked_for_whatever_the_umask) {
    const TemporaryFolder folder;
    const auto before = ::umask(077);
    write_whole(folder.path() + "/a", "x", 0644);
    make_folders(folder.path() + "/b/c", 0755);
    ::umask(before);
    EXPECT_EQ(look_at(folder.path() + "/a").mode, 0644U);
    EXPECT_EQ(look_at(folder.path() + "/b").mode, 0755U);
    EXPECT_EQ(look_at(folder.path() + "/b/c").mode, 0755U);
}

TEST(Files, a_folder_that_is_there_keeps_its_mode) {
    const TemporaryFolder folder;
    make_folders(folder.path() + "/a", 0700);
    make_folders(folder.path() + "/a/b/", 0755);
    EXPECT_EQ(look_at(folder.path() + "/a").mode, 0700U);
    EXPECT_EQ(look_at(folder.path() + "/a/b").mode, 0755U);
}

TEST(Files, a_failed_write_leaves_nothing_behind) {
    const TemporaryFolder folder;
    make_folders(folder.path() + "/taken/inside", 0700);
    EXPECT_EQ(kind_of([&] { write_whole(folder.path() + "/taken", "x", 0600); }), Kind::failed);
    EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"taken"});
}

TEST(Files, a_write_replaces_a_link_and_not_what_it_points_at) {
    const TemporaryFolder folder;
    write_whole(folder.path() + "/target", "old", 0600);
    std::filesystem::create_symlink(folder.path() + "/target", folder.path() + "/link");
    write_whole(folder.path() + "/link", "new", 0600);
    EXPECT_EQ(read_whole(folder.path() + "/target", 100), "old");
    EXPECT_EQ(read_whole(folder.path() + "/link", 100), "new");
}

TEST(Files, what_is_there_is_not_created_again) {
    const TemporaryFolder folder;
    create_whole(folder.path() + "/a", "first", 0644);
    EXPECT_EQ(look_at(folder.path() + "/a").mode, 0644U);
    EXPECT_EQ(kind_of([&] { create_whole(folder.path() + "/a", "second", 0600); }), Kind::conflict);
    EXPECT_EQ(read_whole(folder.path() + "/a", 100), "first");
    std::filesystem::create_symlink("nowhere", folder.path() + "/broken");
    EXPECT_EQ(kind_of([&] { create_whole(folder.path() + "/broken", "x", 0600); }), Kind::conflict);
    EXPECT_EQ(names_in(folder.path()), (std::vector<std::string>{"a", "broken"}));
}

TEST(Files, a_removed_file_is_gone_and_cannot_be_removed_again) {
    const TemporaryFolder folder;
    create_whole(folder.path() + "/a", "x", 0600);
    remove_whole(folder.path() + "/a");
    EXPECT_EQ(look_at(folder.path() + "/a").type, FileType::none);
    EXPECT_EQ(kind_of([&] { remove_whole(folder.path() + "/a"); }), Kind::failed);
}

TEST(Files, a_link_is_what_it_points_at) {
    const TemporaryFolder folder;
    write_whole(folder.path() + "/target", "123", 0640);
    std::filesystem::create_symlink("target", folder.path() + "/link");
    std::filesystem::create_symlink("nowhere", folder.path() + "/broken");
    EXPECT_EQ(look_at(folder.path() + "/link").type, FileType::regular);
    EXPECT_EQ(look_at(folder.path() + "/link").size, 3U);
    EXPECT_EQ(look_at(folder.path() + "/link").owner, ::geteuid());
    EXPECT_EQ(look_at(folder.path() + "/broken").type, FileType::none);
    EXPECT_EQ(look_at("/dev/null").type, FileType::other);
}

TEST(Files, exactly_the_limit_may_be_read) {
    const TemporaryFolder folder;
    write_whole(folder.path() + "/a", "1234", 0600);
    EXPECT_EQ(read_whole(folder.path() + "/a", 4), "1234");
    EXPECT_EQ(kind_of([&] { read_whole(folder.path() + "/a", 3); }), Kind::config);
    EXPECT_EQ(kind_of([] { read_whole("/dev/zero", 1000000); }), Kind::config);
}

TEST(Files, a_folder_cannot_be_read_as_a_file) {
    EXPECT_EQ(kind_of([] { read_whole("/tmp", 100); }), Kind::precondition);
}

TEST(Files, no_folder_grows_on_a_file) {
    const TemporaryFolder folder;
    write_whole(folder.path() + "/a", "x", 0600);
    EXPECT_EQ(kind_of([&] { make_folders(folder.path() + "/a/b", 0700); }), Kind::failed);
}

}  // namespace
}  // namespace flowlet::host

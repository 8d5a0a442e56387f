// Reading and writing files so that a crash leaves the old content or the new one.
#pragma once

#include "flowlet/host.h"

namespace flowlet::host {

FileInfo look_at(const std::string& path);
std::string read_whole(const std::string& path, std::size_t limit);
std::vector<std::string> names_in(const std::string& path);
bool is_program(const std::string& path);
void write_whole(const std::string& path, std::string_view bytes, std::uint32_t mode);
void create_whole(const std::string& path, std::string_view bytes, std::uint32_t mode);
void remove_whole(const std::string& path);
std::unique_ptr<FileLock> lock_whole(const std::string& path);
void move_whole_folder(const std::string& from, const std::string& to);
void remove_whole_folder(const std::string& path);
void make_folders(const std::string& path, std::uint32_t mode);

}  // namespace flowlet::host

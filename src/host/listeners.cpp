#include <arpa/inet.h>
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "host/files.h"
#include "host/processes.h"

namespace flowlet::host {

namespace {

constexpr std::size_t largest_table = std::size_t{64} << 20U;

struct Row {
    std::string address;
    int port = 0;
    std::string socket;  ///< "socket:[INODE]"
};

/// Eight hexadecimal digits hold four bytes in the order of the machine.
std::string address_of(std::string_view digits) {
    std::array<std::uint32_t, 4> words = {};
    const std::size_t count = digits.size() / 8;
    for (std::size_t i = 0; i < count && i < words.size(); ++i) {
        std::from_chars(digits.data() + i * 8, digits.data() + i * 8 + 8, words.at(i), 16);
    }
    std::array<char, INET6_ADDRSTRLEN> text = {};
    ::inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(), text.data(), text.size());
    return text.data();
}

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::string& word : split(line, ' ')) {
        if (!word.empty()) words.push_back(std::move(word));
    }
    return words;
}

/// "0: 0100007F:1538 00000000:0000 0A … INODE …", as proc(5) describes it.
std::optional<Row> parse_row(std::string_view line) {
    constexpr std::size_t local = 1;
    constexpr std::size_t state = 3;
    constexpr std::size_t inode = 9;
    constexpr std::string_view listening = "0A";
    const std::vector<std::string> words = words_of(line);
    if (words.size() <= inode || words[state] != listening) return std::nullopt;
    const std::size_t colon = words[local].find(':');
    if (colon == std::string::npos) return std::nullopt;
    Row row;
    const std::string digits = words[local].substr(colon + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), row.port, 16);
    row.address = address_of(std::string_view(words[local]).substr(0, colon));
    row.socket = "socket:[" + words[inode] + "]";
    return row;
}

std::vector<Row> listening_rows(std::span<const int> ports) {
    std::vector<Row> rows;
    for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        if (look_at(table).type == FileType::none) continue;
        for (const std::string& line : split(read_whole(table, largest_table), '\n')) {
            const auto row = parse_row(line);
            if (row && std::find(ports.begin(), ports.end(), row->port) != ports.end()) rows.push_back(*row);
        }
    }
    return rows;
}

std::vector<std::string> sockets_of(int pid) {
    std::vector<std::string> sockets;
    const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
    DIR* const open = ::opendir(folder.c_str());
    if (open == nullptr) return sockets;
    while (const dirent* const entry = ::readdir(open)) {
        std::array<char, 64> target = {};
        const std::string path = folder + "/" + static_cast<const char*>(entry->d_name);
        const auto length = ::readlink(path.c_str(), target.data(), target.size());
        const std::string_view text(target.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
        if (text.starts_with("socket:[")) sockets.emplace_back(text);
    }
    ::closedir(open);
    return sockets;
}

/// How many different sockets these are.
std::size_t sockets_in(const std::vector<Row>& rows) {
    std::set<std::string_view> sockets;
    for (const Row& row : rows)
        sockets.insert(row.socket);
    return sockets.size();
}

/// A child may hold what its parent listens on: the oldest of the line is whose it is.
std::optional<ProcessInfo> first_holder(int pid, const std::string& socket) {
    std::optional<ProcessInfo> holder = look_at_process(pid);
    while (holder) {
        const std::vector<std::string> above = sockets_of(holder->parent);
        if (std::find(above.begin(), above.end(), socket) == above.end()) break;
        holder = look_at_process(holder->parent);
    }
    return holder;
}

}  // namespace

std::vector<Listener> find_listeners(std::span<const int> ports) {
    const std::vector<Row> rows = listening_rows(ports);
    if (rows.empty()) return {};
    std::map<std::string, std::optional<ProcessInfo>> owners;
    // The youngest first: those that are asked about most are services that have just been started.
    std::vector<int> pids = all_process_numbers();
    std::reverse(pids.begin(), pids.end());
    for (const int pid : pids) {
        if (owners.size() == sockets_in(rows)) break;
        for (const std::string& socket : sockets_of(pid)) {
            const bool wanted =
                std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.socket == socket; });
            if (wanted && !owners.contains(socket)) owners[socket] = first_holder(pid, socket);
        }
    }
    std::vector<Listener> listeners;
    for (const Row& row : rows) {
        const auto owner = owners.find(row.socket);
        listeners.push_back({row.address, row.port, owner == owners.end() ? std::nullopt : owner->second});
    }
    return listeners;
}

}  // namespace flowlet::host

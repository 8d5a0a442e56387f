// What a job owes and which of its commands are in trouble, in one file: a change is there whole or not at all.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "alarm/event.h"
#include "flowlet/host.h"

namespace flowlet::alarm {

/// An alarm, and who has not taken it yet.
struct Owed {
    nlohmann::json document;
    std::vector<std::string> to;  ///< names of channels

    [[nodiscard]] std::string id() const { return document.value("id", ""); }
    [[nodiscard]] Time at() const;
};

struct Page {
    Troubles troubles;
    std::vector<Owed> owed;  ///< oldest first
    std::string broken;      ///< the file, if there is one that cannot be read
};

class Book {
public:
    Book(host::Host& host, const std::string& folder, const std::string& project, const std::string& job);

    /// An empty page if there is none, or none that can be read.
    [[nodiscard]] Page read() const;
    /// Reads, lets it be changed and writes it, with nobody else in between. Throws Error{conflict} if somebody does
    /// not let go, Error{failed}.
    void change(const std::function<void(Page&)>& how);
    /// While somebody holds it, nobody else delivers. Null if that could not be had in time.
    std::unique_ptr<host::FileLock> begin_delivery(Time until);

private:
    std::unique_ptr<host::FileLock> hold(const std::string& path, Time until);

    host::Host& host_;
    std::string folder_;
    std::string path_;
    std::mutex mutex_;
};

}  // namespace flowlet::alarm

// Looks that may take a while, each in a thread of its own.
#pragma once

#include "host/descriptor.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace flowlet::host {

class Looks {
public:
    Looks();
    Looks(const Looks&) = delete;
    Looks& operator=(const Looks&) = delete;
    /// Waits for those under way.
    ~Looks();

    /// Readable when there is something to take.
    [[nodiscard]] int descriptor() const { return event_.get(); }
    void begin(int number, std::function<std::string()> look);
    /// What ended since it was asked last: its number and what it returned.
    std::vector<std::pair<int, std::string>> take();

private:
    Descriptor event_;
    std::mutex mutex_;
    std::vector<std::pair<int, std::string>> ended_;
    std::map<int, std::thread> threads_;
};

}  // namespace flowlet::host

// A reader who does not read holds up nobody who writes.
#pragma once

#include <condition_variable>
#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>
#include <thread>

namespace flowlet::app {

/// As long as this lives, what is flushed to `out` is written by a thread of its own. When more than 4 MiB wait, the
/// writer waits for room; if none comes within 200 ms, nobody reads: what is flushed from then on is dropped until
/// somebody does, and how many lines that were is said in their place. The end waits until all has been written.
class Outbox final : public std::streambuf {
public:
    explicit Outbox(std::ostream& out);
    ~Outbox() override;
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

protected:
    int_type overflow(int_type letter) override;
    std::streamsize xsputn(const char* bytes, std::streamsize count) override;
    int sync() override;

private:
    void write();

    std::ostream& out_;
    std::streambuf* target_;
    std::string open_;  ///< not flushed yet; the writer's alone

    std::mutex mutex_;
    std::condition_variable changed_;
    std::string waiting_;
    std::size_t dropped_ = 0;  ///< lines
    bool stuck_ = false;       ///< nobody reads
    bool over_ = false;
    std::thread thread_;
};

}  // namespace flowlet::app

// The one door to stdout and stderr: known secrets do not pass it, whoever wrote them.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>

#include "flowlet/stream.h"

namespace flowlet::app {

/// As long as this lives, what is written to `out` is kept until it is flushed, and scrubbed then.
class Scrubbed final : public std::streambuf {
public:
    Scrubbed(std::ostream& out, const stream::Scrubber& scrubber);
    ~Scrubbed() override;
    Scrubbed(const Scrubbed&) = delete;
    Scrubbed& operator=(const Scrubbed&) = delete;

protected:
    int_type overflow(int_type letter) override;
    std::streamsize xsputn(const char* bytes, std::streamsize count) override;
    int sync() override;

private:
    bool pass_on(std::size_t count);

    std::ostream& out_;
    std::streambuf* target_;
    const stream::Scrubber& scrubber_;
    std::string kept_;
};

}  // namespace flowlet::app

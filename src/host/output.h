// What a kept process says: a terminal or a pipe of its own, cut into lines.
#pragma once

#include "flowlet/host/keeper.h"
#include "host/descriptor.h"

#include <functional>
#include <string>
#include <string_view>

namespace flowlet::host {

/// Gathers bytes and gives them on as whole lines.
class LineCutter {
public:
    using Told = std::function<void(std::string_view lines)>;
    void feed(std::string_view bytes, const Told& told);
    /// What is left without a newline.
    void finish(const Told& told);

private:
    std::string rest_;
};

class Output {
public:
    explicit Output(Launch::Output kind);
    [[nodiscard]] int reader() const { return reader_.get(); }
    [[nodiscard]] bool open() const { return reader_.open(); }
    /// What the child gets as its output and error output; to be closed once it has it.
    [[nodiscard]] Descriptor& writer() { return writer_; }
    /// Reads what there is, at most `most` times. False: the other end is closed, and so is this one.
    bool read(int most, const LineCutter::Told& told);
    void finish(const LineCutter::Told& told) { cutter_.finish(told); }

private:
    bool open_terminal();

    Descriptor reader_;
    Descriptor writer_;
    LineCutter cutter_;
};

}  // namespace flowlet::host

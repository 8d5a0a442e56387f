#include "app/out.h"

#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <system_error>

namespace flowlet::app {

console::Look Out::look() const {
    return console::find_look(STDOUT_FILENO, form_.color);
}

void Out::write(const std::string& text) {
    errno = 0;
    std::cout << text << std::flush;
    if (!std::cout && broken_ == 0) {
        broken_ = errno == 0 ? EIO : errno;
    }
}

void Out::put(const Error& error) {
    switch (form_.format) {
        case console::Format::json:
            return write(console::to_json(error));
        case console::Format::yaml:
            return write(console::to_yaml(error));
        case console::Format::table:
            std::cerr << console::render(error, console::find_look(STDERR_FILENO, form_.color)) << std::flush;
    }
}

int Out::finish(int code) const {
    // A reader that has seen enough, such as head, is no failure.
    if (broken_ == 0 || broken_ == EPIPE) {
        return code;
    }
    const Error error(Kind::failed, "the answer could not be written: " + std::generic_category().message(broken_),
                      "what was done, if anything, is on record: flowletctl audit show");
    std::cerr << console::render(error, console::find_look(STDERR_FILENO, form_.color)) << std::flush;
    return code == 0 ? exit_code(error.kind()) : code;
}

}  // namespace flowlet::app

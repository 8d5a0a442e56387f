// Standard output: one answer, in the form that was asked for, and whether it could be written at all.
#pragma once

#include <string>

#include "flowlet/console.h"

namespace flowlet::app {

/// What -o and --color ask for.
struct Form {
    console::Format format = console::Format::table;
    console::Color color = console::Color::automatic;
};

class Out {
public:
    explicit Out(const Form& form) : form_(form) {}

    [[nodiscard]] const Form& form() const { return form_; }
    [[nodiscard]] console::Look look() const;

    /// A plan, a view or a report.
    template <typename Answer>
    void put(const Answer& answer) {
        switch (form_.format) {
            case console::Format::json:
                return write(console::to_json(answer));
            case console::Format::yaml:
                return write(console::to_yaml(answer));
            case console::Format::table:
                return write(console::render(answer, look()));
        }
    }
    /// An error is no data: as a table it goes to stderr.
    void put(const Error& error);
    void write(const std::string& text);

    /// The exit code of a run that would have ended with `code`, had all of its answer been written.
    [[nodiscard]] int finish(int code) const;

private:
    Form form_;
    int broken_ = 0;  ///< the errno of the first write that failed
};

}  // namespace flowlet::app

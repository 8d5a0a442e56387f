#include "flowlet/run.h"

namespace flowlet::run {

std::string_view name(State state) {
    switch (state) {
        case State::pending:
            return "pending";
        case State::running:
            return "running";
        case State::done:
            return "done";
        case State::failed:
            return "failed";
        case State::skipped:
            return "skipped";
        case State::undone:
            return "undone";
        case State::undo_failed:
            return "undo_failed";
    }
    return "";
}

std::string_view name(Outcome outcome) {
    switch (outcome) {
        case Outcome::succeeded:
            return "succeeded";
        case Outcome::failed:
            return "failed";
        case Outcome::rolled_back:
            return "rolled_back";
        case Outcome::rollback_failed:
            return "rollback_failed";
        case Outcome::cancelled:
            return "cancelled";
    }
    return "";
}

}  // namespace flowlet::run

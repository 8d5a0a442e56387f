// What the tests of this room show, and what must not come through.
#pragma once

#include <gtest/gtest.h>

#include <sstream>

#include "flowlet/console.h"

namespace flowlet::console {

inline Look plain() {
    return {};
}
inline Look unicode() {
    return {.color = false, .unicode = true, .terminal = false, .width = 80};
}
inline Look terminal(int width) {
    return {.color = false, .unicode = true, .terminal = true, .width = width};
}

/// An escape sequence, a bell, DEL, a control of the second set, a turned direction, bytes that are not UTF-8,
/// newlines.
inline const std::string hostile = "a\x1b[2Jb\a\x7f\xc2\x9b\xe2\x80\xae\xff\xc3(\r\nFAKE LINE";

/// True if nothing in it can steer a terminal: no control but newlines, and only whole UTF-8.
inline bool is_tame(const std::string& text) {
    return printable(text) == text && text.find('\t') == std::string::npos;
}

inline plan::Cause crash() {
    return {"Deployment/wallet in flowlet-core",
            "wallet",
            "CrashLoopBackOff",
            "the container exits with status 1 a second after it starts",
            {"reading settings", "  panic: no DATABASE_URL"},
            {"Warning BackOff: back-off restarting failed container"},
            {"Deployment/payments in flowlet-core"},
            "kubectl -n flowlet-core logs deploy/wallet --previous"};
}

inline run::StepReport step(const std::string& id, run::State state, long took = 100) {
    run::StepReport report;
    report.id = id;
    report.what = "apply " + id + " in flowlet-core";
    report.state = state;
    report.took = Millis(took);
    return report;
}

inline run::Report report(run::Outcome outcome, Kind kind) {
    run::Report made;
    made.subject = {"deploy", "staging", "flowlet-core", "flowlet", "staging (2f1c)", {{"kubernetes", "1.34.4"}}};
    made.title = "deploy flowlet to staging";
    made.outcome = outcome;
    made.kind = kind;
    made.took = Millis(12345);
    made.changes = 4;
    made.digest = "d1";
    made.started = *parse_time("2026-08-22T10:15:30Z");
    return made;
}

}  // namespace flowlet::console

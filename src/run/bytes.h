// Performs what moves bytes, and what is asked of a database while they move.
#pragma once

#include "flowlet/run.h"

namespace flowlet::run {

/// What a request to stop counts as.
Kind stop_kind(const host::Interrupt* interrupt);
/// "pg_dump" for "/usr/bin/pg_dump".
std::string program_name(const host::Command& command);
/// Of what a program wrote to its standard error, the line that says most: the first that speaks of an error, for what
/// comes after it follows from it; else the last.
std::string telling_line(const std::string& words);

class Bytes {
public:
    Bytes(host::Host& host, const host::Interrupt* interrupt) : host_(host), interrupt_(interrupt) {}
    Result act(const plan::Survey& survey, const Waiting& waiting);
    Result act(const plan::Transfer& transfer, const Waiting& waiting);

private:
    Result move(const plan::Transfer& transfer, const host::Flow& flow);
    Result survey(host::Reading& reading, const plan::Survey& survey, const Waiting& waiting);
    /// The same flow with the name of the snapshot where it is wanted.
    [[nodiscard]] static host::Flow with_snapshot(const host::Flow& flow, const std::string& name);

    host::Host& host_;
    const host::Interrupt* interrupt_;
};

}  // namespace flowlet::run

// The watch over an unattended command: how it ended, as somebody is told of it.
#pragma once

#include <memory>
#include <string>

#include "flowlet/alarm.h"
#include "flowlet/audit.h"
#include "flowlet/commands.h"
#include "flowlet/plan.h"
#include "flowlet/run.h"

namespace flowlet::app {

alarm::Ending to_ending(const run::Report& report);
alarm::Ending to_ending(const plan::View& view);
alarm::Ending to_ending(const Error& error);

class Watch {
public:
    /// `interrupt` may be null. What is given outlives it.
    Watch(host::Host& host, host::Interrupt* interrupt, const audit::Actor& actor,
          const commands::Invocation& invocation, const commands::Session& session);
    /// Before the command: what earlier ones owe.
    void begin();
    /// After it, when it has answered.
    void end(alarm::Ending ending);

private:
    const audit::Actor& actor_;
    commands::Invocation::Watched watched_;
    host::Interrupt* interrupt_;
    std::unique_ptr<alarm::Alarms> alarms_;
};

}  // namespace flowlet::app

#include "flowlet/stack.h"
#include "stack/supervisor.h"

namespace flowlet::stack {

namespace {

/// What is not the supervisor's: to end what a killed one left.
void perform_first(const plan::Plan& plan, host::Host& host) {
    const std::unique_ptr<run::Performer> performer = run::make_performance(host, nullptr);
    for (const plan::Step& step : plan.steps) {
        if (std::holds_alternative<plan::Keep>(step.action)) continue;
        const run::Result result = performer->perform(step.action, [](const std::vector<std::string>&) {});
        if (result.cause) throw Error(result.kind, step.what + ": " + result.cause->message, result.cause->next);
    }
}

/// What lies there is nobody's but this machine's: no tool that looks at the project should take it up.
void make_folders(const plan::Stack& stack, host::Host& host) {
    constexpr std::uint32_t owner_only = 0700;
    host.make_folder(stack.folder, owner_only);
    host.make_folder(stack.logs, owner_only);
    const std::string ignored = stack.folder.substr(0, stack.folder.rfind('/')) + "/.gitignore";
    if (host.file_info(ignored).type == host::FileType::none) host.write_file(ignored, "*\n", 0644);
}

}  // namespace

run::Report keep(const plan::Plan& plan, host::Host& host, std::span<run::Observer* const> observers) {
    if (!plan.stack) throw Error(Kind::bug, "a plan without a stack is not the supervisor's");
    run::Report report = run::begin_report(plan, observers, host.now());
    try {
        make_folders(*plan.stack, host);
        perform_first(plan, host);
        Supervisor supervisor(plan, host, observers, host.now());
        host.keep(plan.stack->folder, supervisor);
        supervisor.conclude(report);
        if (report.left.empty()) host.remove_file(plan.stack->folder + "/" + services::record_name);
    } catch (const Error& error) {
        // Its intent is on record by now, so its end has to be, too.
        report.kind = error.kind();
        report.outcome = run::Outcome::failed;
        report.cause = plan::Cause{};
        report.cause->reason = "Failed";
        report.cause->message = error.what();
        report.cause->next = error.hint();
    }
    run::end_report(report, observers, host.now());
    return report;
}

}  // namespace flowlet::stack

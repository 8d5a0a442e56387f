#include "app/session.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "app/complete.h"
#include "app/manual.h"
#include "app/outbox.h"
#include "app/scrubbed.h"
#include "app/watch.h"
#include "flowlet/audit.h"
#include "flowlet/stack.h"

namespace flowlet::app {
namespace {

struct Run {
    host::Host& host;
    host::Interrupt* interrupt;
    const Line& line;
    audit::Actor actor;
    Out& out;
    stream::Scrubber& scrubber;
};

/// Sorts by time and is unlike any other: 20261121T094501-7c1f09ab.
std::string make_run_id(Time now) {
    std::string stamp = render_time(now).substr(0, 19);
    std::erase(stamp, '-');
    std::erase(stamp, ':');
    std::random_device device;
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr unsigned nibble = 15;
    stamp += '-';
    for (int i = 0; i < 8; ++i) {
        stamp += digits[device() & nibble];
    }
    return stamp;
}

config::Request make_request(const Run& run) {
    config::Request request;
    request.root = run.line.globals.root;
    request.environment = run.line.globals.environment;
    if (request.environment.empty()) request.environment = run.host.env("FLOWLET_ENV").value_or("");
    if (request.environment.empty()) {
        request.environment = run.line.invocation.default_environment;
        request.environment_if_there = run.line.invocation.environment_if_there;
    }
    for (const std::string& set : run.line.globals.sets) {
        const std::size_t equals = set.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw Error(Kind::usage, "--set " + printable(set) + ": write it as path=value",
                        "for example --set deploy.timeout=5m");
        }
        request.overrides.push_back({set.substr(0, equals), set.substr(equals + 1), "--set " + set.substr(0, equals)});
    }
    const auto& flags = run.line.invocation.overrides;
    request.overrides.insert(request.overrides.end(), flags.begin(), flags.end());
    return request;
}

std::optional<config::Config> load_config(const Run& run) {
    using Needs = commands::Invocation::Needs;
    const Needs needs = run.line.invocation.needs;
    if (needs == Needs::nothing) return std::nullopt;
    const config::Request request = make_request(run);
    if (needs == Needs::root) return config::load_root(run.host, request);
    try {
        return config::load(run.host, request);
    } catch (const Error& error) {
        if (needs == Needs::config || error.kind() != Kind::precondition) throw;
        return std::nullopt;
    }
}

/// Empty if there is no place for it: then nothing that changes anything is run.
std::string find_audit_folder(const Run& run, const std::optional<config::Config>& config) {
    if (config && config->find("audit.dir") != nullptr) {
        return config->path("audit.dir");
    }
    if (const auto variable = run.host.env("FLOWLET_AUDIT__DIR")) {
        return *variable;
    }
    if (const auto state = run.host.env("XDG_STATE_HOME"); state && state->starts_with("/")) {
        return *state + "/flowletctl/audit";
    }
    const auto home = run.host.env("HOME");
    return home && home->starts_with("/") ? *home + "/.local/state/flowletctl/audit" : "";
}

alarm::Ending show(const plan::Plan& plan, Out& out) {
    out.put(plan);
    const bool refused = std::any_of(plan.findings.begin(), plan.findings.end(), [](const plan::Finding& finding) {
        return finding.severity == plan::Finding::Severity::error;
    });
    alarm::Ending ending;
    ending.kind = refused ? Kind::precondition : Kind::ok;
    return ending;
}

/// Throws Error{denied} where nobody can be asked, Error{cancelled} for another answer.
void confirm(const Run& run, const plan::Plan& plan) {
    if (!plan.confirm) return;
    const auto& [name, what] = *plan.confirm;
    const std::string& given = run.line.invocation.confirmed;
    if (given == name) return;
    if (!given.empty()) {
        throw Error(Kind::usage, "--confirm " + printable(given) + " names something else: " + what,
                    "to do it: --confirm " + name);
    }
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0) {
        throw Error(Kind::denied, what + ": that has to be confirmed", "to do it: --confirm " + name);
    }
    const Secret answer = run.host.ask_person(what + "\nTo do it, type " + name, host::Probe::Echo::on);
    if (answer.reveal() != name) throw Error(Kind::cancelled, "that was another name; nothing was done");
}

run::Report perform_steps(const Run& run, const plan::Plan& plan, run::Observer& log, bool loud) {
    const std::unique_ptr<run::Observer> progress =
        console::make_progress(std::cerr, console::find_look(STDERR_FILENO, run.line.globals.form.color));
    std::vector<run::Observer*> observers = {&log};
    if (loud) observers.push_back(progress.get());
    const std::unique_ptr<run::Performer> performer = run::make_performance(run.host, run.interrupt);
    return run::run(plan, *performer, observers, {});
}

/// What the services say is on stdout, so progress is not drawn over it, but comes line by line. Whether somebody reads
/// it is nothing that the services may depend on.
run::Report keep(const Run& run, const plan::Plan& plan, run::Observer& log, bool loud) {
    const Outbox to_out(std::cout);
    const Outbox to_err(std::cerr);
    console::Look look = console::find_look(STDERR_FILENO, run.line.globals.form.color);
    look.terminal = false;
    const std::unique_ptr<run::Observer> progress = console::make_progress(std::cerr, look);
    const std::unique_ptr<run::Observer> output = console::make_output(std::cout, run.out.look());
    std::vector<run::Observer*> observers = {&log};
    if (loud) observers.push_back(progress.get());
    if (loud && run.out.form().format == console::Format::table) observers.push_back(output.get());
    return stack::keep(plan, run.host, observers);
}

alarm::Ending perform(const Run& run, const plan::Plan& plan, const std::string& audit_folder) {
    if (audit_folder.empty()) {
        throw Error(Kind::audit_unavailable, "there is no place for the audit log: HOME is not set",
                    "set audit.dir in flowlet.yaml");
    }
    const Globals& globals = run.line.globals;
    const console::Look look = console::find_look(STDERR_FILENO, globals.form.color);
    const bool loud = globals.volume == Globals::Volume::usual;
    if (loud && globals.form.format == console::Format::table) {
        std::cerr << console::render(plan, look) << std::flush;
    }
    confirm(run, plan);
    const std::unique_ptr<run::Observer> log = audit::make_log({audit_folder, run.actor, Millis{5000}, &run.scrubber});
    const run::Report report = plan.stack ? keep(run, plan, *log, loud) : perform_steps(run, plan, *log, loud);
    run.out.put(report);
    return to_ending(report);
}

/// Prints what a stream says as it comes.
class Printing final : public host::Follower {
public:
    Printing(const plan::Yield& yield, Out& out) : yield_(yield), out_(out) {}
    std::vector<host::Request> open() override { return {yield_.request}; }
    void on_line(std::size_t stream, std::string_view line, Time now) override {
        (void)stream, (void)now;
        for (const plan::Said& said : yield_.show(line))
            text_ += console::render(said, out_.look());
    }
    std::optional<Again> on_end(std::size_t stream, const host::Response& end, Time now) override {
        (void)stream, (void)end, (void)now;
        over_ = true;
        return std::nullopt;
    }
    std::optional<Time> next(Time now) override {
        if (!text_.empty()) out_.write(text_);
        text_.clear();
        return over_ ? std::nullopt : std::optional(now + std::chrono::hours(1));
    }

private:
    const plan::Yield& yield_;
    Out& out_;
    std::string text_;
    bool over_ = false;
};

void go_on(const Run& run, const plan::Yield& yield) {
    Printing printing(yield, run.out);
    try {
        run.host.follow(yield.endpoint, printing);
    } catch (const Error& error) {
        // Whoever has seen enough asks to stop.
        if (error.kind() != Kind::interrupted && error.kind() != Kind::terminated) throw;
    }
}

alarm::Ending carry_out(const Run& run, const commands::Session& session) {
    const commands::Answer found = run.line.invocation.run(session);
    if (const auto* view = std::get_if<plan::View>(&found)) {
        if (view->copy && run.line.globals.mode != Globals::Mode::rehearse) {
            run.host.write_file(view->copy->path, view->copy->content, view->copy->mode);
        }
        run.out.put(*view);
        const bool as_text = run.out.form().format == console::Format::table;
        if (view->yield && as_text && run.line.globals.mode != Globals::Mode::rehearse) go_on(run, *view->yield);
        return to_ending(*view);
    }
    const auto& plan = std::get<plan::Plan>(found);
    if (run.line.globals.mode == Globals::Mode::rehearse) {
        return show(plan, run.out);
    }
    return perform(run, plan, session.audit_folder);
}

/// What goes wrong is an answer, too.
template <typename What>
alarm::Ending guarded(Out& out, What what) {
    const auto report = [&](const Error& error) {
        out.put(error);
        return to_ending(error);
    };
    try {
        return what();
    } catch (const Error& error) {
        return report(error);
    } catch (const std::exception& error) {
        return report(Error(Kind::bug, std::string("a bug in flowletctl: ") + error.what(),
                            "please report it with the command line"));
    }
}

alarm::Ending answer(const Run& run) {
    const std::optional<config::Config> config = load_config(run);
    const commands::Session session{run.host,
                                    config ? &*config : nullptr,
                                    find_audit_folder(run, config),
                                    make_run_id(run.host.now()),
                                    run.actor.user + "@" + run.actor.host,
                                    &run.scrubber,
                                    make_request(run)};
    if (run.line.globals.mode == Globals::Mode::rehearse) return carry_out(run, session);
    Watch watch(run.host, run.interrupt, run.actor, run.line.invocation, session);
    watch.begin();
    const alarm::Ending ending = guarded(run.out, [&] { return carry_out(run, session); });
    watch.end(ending);
    return ending;
}

/// Help, the version, a script: text, and with -o a document that holds it.
void put(const Line::Own& own, Out& out) {
    if (out.form().format == console::Format::table) {
        out.write(own.text);
        return;
    }
    plan::View view;
    view.document = std::make_shared<const nlohmann::json>(nlohmann::json{
        {"apiVersion", "flowlet/v1"}, {"kind", own.kind}, {"version", FLOWLETCTL_VERSION}, {"text", own.text}});
    out.put(view);
}

alarm::Ending begin(const std::vector<std::string>& args, host::Host& host, host::Interrupt* interrupt, Out& out,
                    stream::Scrubber& scrubber) {
    if (!args.empty() && args.front() == "__man") {
        write_manual(args, host, out);
        return {};
    }
    const Line line = parse_line(args);
    if (line.own) {
        put(*line.own, out);
        return {};
    }
    return answer({host, interrupt, line, audit::current_actor(mask_args(args), FLOWLETCTL_VERSION), out, scrubber});
}

}  // namespace

std::vector<std::string> mask_args(std::vector<std::string> args) {
    const auto mask = [](std::string& text, std::size_t start) {
        const std::size_t equals = text.find('=', start);
        if (equals == std::string::npos) {
            return;
        }
        const std::string path = text.substr(start, equals - start);
        const auto secret = [&](const config::Key& key) {
            return key.secret && key.path.substr(key.path.rfind('.') + 1) == path.substr(path.rfind('.') + 1);
        };
        const auto keys = config::keys();
        if (std::any_of(keys.begin(), keys.end(), secret)) {
            text.resize(equals + 1);
            text += "***";
        }
    };
    constexpr std::string_view joined = "--set=";
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i].starts_with(joined)) {
            mask(args[i], joined.size());
        } else if (i > 0 && args[i - 1] == "--set") {
            mask(args[i], 0);
        }
    }
    return args;
}

int run(const std::vector<std::string>& args, host::Host& host, host::Interrupt* interrupt) {
    Out out(find_form(args));
    if (!args.empty() && args.front() == "__complete") {
        const auto first = args.begin() + (args.size() > 1 && args[1] == "--" ? 2 : 1);
        out.write(render(complete({first, args.end()}, host)));
        return 0;
    }
    stream::Scrubber scrubber;
    const Scrubbed to_out(std::cout, scrubber);
    const Scrubbed to_err(std::cerr, scrubber);
    const alarm::Ending ending = guarded(out, [&] { return begin(args, host, interrupt, out, scrubber); });
    return out.finish(exit_code(ending.kind));
}

}  // namespace flowlet::app

#include <algorithm>

#include "flowlet/helm.h"

namespace flowlet::helm {
namespace {

/// Both Helms allow themselves five requests a second once a first burst is spent; a chart of a hundred objects waits
/// for that longer than for the cluster.
void lift_budget(host::Command& command) {
    command.env["HELM_QPS"] = "1000";
    command.env["HELM_BURST_LIMIT"] = "1000";
}

void add_target(host::Command& command, const Chart& chart) {
    command.args.insert(command.args.end(), {"--namespace", chart.space, "--kube-context", chart.context});
    if (!chart.kubeconfig.empty()) {
        command.args.insert(command.args.end(), {"--kubeconfig", chart.kubeconfig});
    }
}

void add_values(host::Command& command, const Chart& chart) {
    for (const std::string& file : chart.values) {
        command.args.insert(command.args.end(), {"--values", file});
    }
    for (const std::string& set : chart.sets) {
        command.args.insert(command.args.end(), {"--set", set});
    }
    for (const std::string& set : chart.strings) {
        command.args.insert(command.args.end(), {"--set-string", set});
    }
}

}  // namespace

host::Command version(const std::string& program) {
    host::Command command;
    command.program = program;
    command.args = {"version", "--template", "{{.Version}}"};
    command.timeout = Millis{10000};
    return command;
}

std::optional<Version> parse_version(std::string_view out) {
    return flowlet::parse_version(trim(out));
}

host::Command render(const Chart& chart, const Version& kubernetes) {
    host::Command command;
    command.program = chart.program;
    command.args = {"template",  chart.release,  chart.folder,     "--namespace",
                    chart.space, "--is-upgrade", "--kube-version", render_version(kubernetes)};
    add_values(command, chart);
    command.timeout = Millis{60000};
    return command;
}

host::Command upgrade(const Chart& chart) {
    host::Command command;
    command.program = chart.program;
    command.args = {"upgrade", chart.release, chart.folder, "--install"};
    add_target(command, chart);
    add_values(command, chart);
    command.args.insert(command.args.end(), {"--history-max", std::to_string(chart.history_max), "--description",
                                             chart.description, "--timeout", render_duration(chart.timeout)});
    command.timeout = chart.timeout + Millis{15000};
    lift_budget(command);
    return command;
}

host::Command rollback(const Chart& chart, int revision) {
    host::Command command;
    command.program = chart.program;
    command.args = {"rollback", chart.release, std::to_string(revision)};
    add_target(command, chart);
    command.args.insert(command.args.end(), {"--history-max", std::to_string(chart.history_max), "--timeout",
                                             render_duration(chart.timeout)});
    command.timeout = chart.timeout + Millis{15000};
    lift_budget(command);
    return command;
}

host::Command uninstall(const Chart& chart) {
    host::Command command;
    command.program = chart.program;
    command.args = {"uninstall", chart.release, "--ignore-not-found"};
    add_target(command, chart);
    command.args.insert(command.args.end(), {"--timeout", render_duration(chart.timeout)});
    command.timeout = chart.timeout + Millis{15000};
    lift_budget(command);
    return command;
}

std::string parse_error(std::string_view err) {
    constexpr std::string_view lead = "Error: ";
    const std::vector<std::string> lines = last_lines(err, 200);
    const auto line =
        std::find_if(lines.rbegin(), lines.rend(), [&](const std::string& said) { return said.starts_with(lead); });
    if (line != lines.rend()) {
        return printable(line->substr(lead.size()));
    }
    return lines.empty() ? "helm said nothing" : printable(lines.back());
}

}  // namespace flowlet::helm

#include <future>
#include <nlohmann/json.hpp>

#include "commands/shared/cluster.h"
#include "flowlet/helm.h"
#include "flowlet/kube.h"

namespace flowlet::commands {
namespace {

constexpr Version oldest_cluster{1, 24, 0};
constexpr Version oldest_kubectl{1, 24, 0};
constexpr Version oldest_helm{3, 8, 0};
constexpr Millis relay_wait{15000};
constexpr Millis answer_wait{30000};

std::string find_tool(const Session& session, const std::string& name) {
    const config::Value* wish = session.config->find("tools." + name);
    const std::string program = wish == nullptr ? name : wish->text;
    if (const std::optional<std::string> found = session.probe.find_program(program)) {
        return *found;
    }
    const std::string where = wish == nullptr ? "is not in PATH" : "is not there (" + render_place(wish->place) + ")";
    throw Error(Kind::tool_missing, program + " " + where,
                "install " + name + ", or name it in flowlet.yaml: tools: {" + name + ": /path/to/" + name + "}");
}

Tool check_age(Tool tool, const std::string& name, const Version& oldest) {
    if (tool.version < oldest) {
        throw Error(Kind::tool_missing, tool.path + " is " + render_version(tool.version) + ", too old",
                    "install " + name + " " + render_version(oldest) + " or newer");
    }
    return tool;
}

Version ask_version(const Session& session, const host::Command& command, const std::string& name) {
    const host::Exit exit = session.probe.query(command);
    std::optional<Version> version;
    if (exit.ok() && name == "kubectl") {
        const nlohmann::json out = nlohmann::json::parse(exit.out, nullptr, false);
        if (out.is_object() && out.contains("clientVersion") && out["clientVersion"].is_object()) {
            version = parse_version(out["clientVersion"].value("gitVersion", ""));
        }
    } else if (exit.ok()) {
        version = helm::parse_version(exit.out);
    }
    if (!version) {
        const std::vector<std::string> said = last_lines(printable(exit.err), 3);
        throw Error(Kind::tool_missing, host::render(command) + " did not tell its version: " + join(said, "; "),
                    "check that " + command.program + " is " + name);
    }
    return *version;
}

Tool observe_kubectl(const Session& session, const std::string& path) {
    host::Command command;
    command.program = path;
    command.args = {"version", "--client", "-o", "json"};
    command.timeout = Millis{10000};
    return check_age({path, ask_version(session, command, "kubectl")}, "kubectl", oldest_kubectl);
}

host::Endpoint open_proxy(const Session& session, const std::string& kubectl, const std::string& context) {
    host::Command command;
    command.program = kubectl;
    command.args = {"proxy", "--unix-socket=@socket@", "--context=" + context};
    if (const std::string kubeconfig = session.config->path("kube.kubeconfig"); !kubeconfig.empty()) {
        command.args.push_back("--kubeconfig=" + kubeconfig);
    }
    try {
        return session.probe.relay(command, relay_wait);
    } catch (const Error& error) {
        const config::Value& place = session.config->require("kube.context");
        throw Error(error.kind(),
                    "opening kube context " + context + " (" + render_place(place.place) + "): " + error.what(),
                    "kubectl config get-contexts lists the contexts of your kubeconfig");
    }
}

void check_reached(const std::string& context, const host::Response& response) {
    if (response.status == 0 || response.status >= 500) {
        const std::vector<std::string> said = last_lines(printable(response.body.substr(0, 400)), 1);
        throw Error(Kind::precondition,
                    "the cluster of context " + context + " does not answer" + (said.empty() ? "" : ": " + said.back()),
                    "kubectl --context " + context + " version shows the same; check VPN, address and certificates");
    }
}

void check_identity(const Session& session, const Cluster& cluster) {
    const config::Value* wanted = session.config->find("kube.cluster_uid");
    if (wanted != nullptr && !wanted->text.empty() && wanted->text != cluster.uid) {
        throw Error(Kind::precondition,
                    "context " + cluster.context + " is another cluster than the one environment " +
                        session.config->environment() + " names: its uid is " +
                        (cluster.uid.empty() ? "hidden from you" : cluster.uid) + ", " + render_place(wanted->place) +
                        " wants " + wanted->text,
                    "point the context at the right cluster; nothing was changed");
    }
}

}  // namespace

void check_answer(const host::Request& request, const host::Response& response) {
    const std::string what = request.method + " " + request.path.substr(0, request.path.find('?'));
    if (response.status == 401 || response.status == 403) {
        throw Error(Kind::denied, what + ": " + kube::parse_refusal(response).message,
                    "ask for the role that allows it, or use another kube context");
    }
    if (response.status == 0 || response.status >= 500) {
        throw Error(Kind::precondition,
                    what + ": the cluster did not answer: " + printable(response.body.substr(0, 300)));
    }
    if (!response.ok() && response.status != 404) {
        throw Error(Kind::failed, what + ": " + kube::parse_refusal(response).message);
    }
}

host::Request read_path(std::string path) {
    host::Request request;
    request.path = std::move(path);
    return request;
}

host::Response ask_one(const Session& session, const Cluster& cluster, const host::Request& request) {
    host::Response response = session.probe.ask(cluster.endpoint, std::span(&request, 1), answer_wait).front();
    check_answer(request, response);
    return response;
}

Cluster observe_cluster(const Session& session) {
    Cluster cluster;
    cluster.context = session.config->require("kube.context").text;
    const std::string path = find_tool(session, "kubectl");
    std::future<Tool> kubectl =
        std::async(std::launch::async, [&session, path] { return observe_kubectl(session, path); });
    cluster.endpoint = open_proxy(session, path, cluster.context);
    cluster.kubectl = kubectl.get();

    const std::vector<host::Request> requests = {read_path("/version"), read_path("/api/v1/namespaces/kube-system")};
    const std::vector<host::Response> answers = session.probe.ask(cluster.endpoint, requests, answer_wait);
    check_reached(cluster.context, answers[0]);
    check_answer(requests[0], answers[0]);
    const nlohmann::json version = nlohmann::json::parse(answers[0].body, nullptr, false);
    cluster.version =
        parse_version(version.is_object() ? version.value("gitVersion", "") : std::string()).value_or(Version{});
    if (cluster.version < oldest_cluster) {
        throw Error(Kind::precondition,
                    "the cluster of context " + cluster.context + " is Kubernetes " + render_version(cluster.version),
                    "flowletctl needs 1.24 or newer");
    }
    const nlohmann::json system = nlohmann::json::parse(answers[1].body, nullptr, false);
    if (answers[1].ok() && system.is_object() && system.contains("metadata")) {
        cluster.uid = system["metadata"].value("uid", "");
    }
    check_identity(session, cluster);
    return cluster;
}

Tool observe_helm(const Session& session) {
    const std::string path = find_tool(session, "helm");
    return check_age({path, ask_version(session, helm::version(path), "helm")}, "helm", oldest_helm);
}

plan::Subject plan_subject(const Target& target, const std::string& command, const std::vector<const Tool*>& tools) {
    plan::Subject subject;
    subject.command = command;
    subject.environment = target.session.config->environment();
    subject.space = target.space;
    subject.release = target.release;
    subject.cluster = target.cluster.context + (target.cluster.uid.empty() ? "" : " " + target.cluster.uid);
    subject.facts.emplace_back("run", target.session.run_id);
    subject.facts.emplace_back("kubernetes", render_version(target.cluster.version));
    for (const Tool* tool : tools) {
        subject.facts.emplace_back(tool->path, render_version(tool->version));
    }
    subject.facts.emplace_back("config", target.session.config->digest());
    return subject;
}

}  // namespace flowlet::commands

#include <algorithm>
#include <array>

#include "commands/init/init.h"
#include "commands/init/scalar.h"

namespace flowlet::commands::init {
namespace {

class Text {
public:
    Text& line(const std::string& text = {}) {
        text_ += text + "\n";
        return *this;
    }
    /// What is known stands as a key, what is not as an example of it.
    Text& known_or(const std::string& indent, const std::string& key, const std::string& value,
                   const std::string& example) {
        return line(value.empty() ? indent + "# " + key + ": " + example : indent + key + ": " + value);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

void write_head(Text& text, const Facts& facts) {
    text.line(
            "# What flowletctl knows about this project. Paths are relative to this file; a key that is not known is "
            "an error.")
        .line("#   flowletctl config validate        is everything right?")
        .line("#   flowletctl config explain KEY     what a key means, and who says what of it")
        .line("#   flowletctl config schema > flowlet.schema.json")
        .line("# With that file an editor completes and checks this one; make this its first line:")
        .line("#   yaml-language-server: $schema=flowlet.schema.json")
        .line("apiVersion: flowlet/v1")
        .line()
        .line("# Also the name of the Helm release, unless `release` says otherwise.")
        .line("project: " + render_scalar(facts.project))
        .line();
}

void write_database(Text& text, const Database& database, const std::string& project) {
    const std::string port = database.type == "mysql" ? "3306" : "5432";
    const auto or_project = [&](const std::string& name) { return render_scalar(name.empty() ? project : name); };
    text.line("    databases:")
        .line("      primary:                        # as " + database.from + " runs it")
        .line("        type: " + database.type)
        .line("        host: 127.0.0.1")
        .line("        port: " + (database.port.empty() ? port : database.port))
        .line("        user: " + or_project(database.user))
        .line("        name: " + or_project(database.name))
        .line("        # password: ${file:/run/secrets/" + project + "-db-password}");
}

void write_environment(Text& text, const Facts& facts, const std::string& name) {
    text.line("  " + name + ":");
    if (name == "production") text.line("    protected: true                   # changes here ask for more care");
    text.line("    # kube: {context: " + name + "}    # a context of your kubeconfig: kubectl config get-contexts");
    text.line("    namespace: " + facts.project + "-" + name);
    const auto values = facts.values.find(name);
    text.known_or("    ", "values", values == facts.values.end() ? "" : render_list({values->second}),
                  "[charts/" + facts.project + "/values/" + name + ".yaml]    # Helm values, the later ones stronger");
    if (name == "development" && facts.database) write_database(text, *facts.database, facts.project);
}

void write_environments(Text& text, const Facts& facts) {
    text.line(
        "# --env NAME chooses one. An environment may set again any key of this file, and inherit from another one.");
    text.line("environments:");
    for (const char* const name : {"development", "staging", "production"}) {
        write_environment(text, facts, name);
        text.line();
    }
}

void write_deploy(Text& text, const Facts& facts) {
    const bool known = !facts.charts.empty() || !facts.manifests.empty();
    text.line("# flowletctl deploy: first the folders in `manifests`, in the order of their names, then the chart.");
    text.line(known ? "deploy:" : "# deploy:");
    const std::string indent = known ? "  " : "#   ";
    const auto key = [&](const std::string& name, const std::string& value, const std::string& example) {
        if (known) text.known_or(indent, name, value, example);
        if (!known) text.line(indent + name + ": " + example);
    };
    if (!facts.loose_manifests.empty() && facts.manifests.empty()) {
        text.line("  # " + facts.loose_manifests +
                  " holds no folders that can be applied one after the other as they are,")
            .line("  # such as " + facts.loose_manifests + "/10-config and " + facts.loose_manifests + "/20-data.");
    }
    key("manifests", facts.manifests.empty() ? "" : render_scalar(facts.manifests), "manifests");
    key("chart", facts.charts.empty() ? "" : render_scalar(facts.charts.front()), "charts/" + facts.project);
    for (std::size_t i = 1; i < std::min<std::size_t>(facts.charts.size(), 6); ++i)
        text.line("  # another chart that was found: " + facts.charts[i]);
    text.line(indent + (known ? "# " : "") + "timeout: 10m    # how long the workloads may take to become ready");
    text.line();
}

void write_databases(Text& text, const Facts& facts) {
    text.line("# databases:")
        .line("#   primary:")
        .line("#     type: postgres                  # or mysql")
        .line("#     host: db.internal")
        .line("#     port: 5432")
        .line("#     user: " + facts.project)
        .line("#     name: " + facts.project)
        .line("#     # Never the password itself: a file that only the operator can read, opened when it is needed.")
        .line("#     password: ${file:/run/secrets/" + facts.project + "-db-password}")
        .line();
}

void write_service(Text& text, const std::string& name, const Service& service, const std::string& after) {
    text.line("  " + name + ":");
    text.known_or("    ", "command", service.command.empty() ? "" : render_list(service.command),
                  name == "backend" ? "[python3, run_server.py]    # the program that starts it, and its arguments"
                                    : "[npm, run, dev]    # the program that starts it, and its arguments");
    text.line("    dir: " + render_scalar(service.folder));
    text.known_or("    ", "env_file", service.env_file.empty() ? "" : render_scalar(service.env_file),
                  ".env    # NAME=value lines, relative to its folder");
    if (!after.empty()) text.line("    after: [" + after + "]");
    text.line(name == "backend"
                  ? "    # ready: {http: \"http://127.0.0.1:5000/health\"}    # answers 2xx once it is ready"
                  : "    # ready: {tcp: \"3000\"}    # a port that accepts once it is ready");
}

void write_services(Text& text, const Facts& facts) {
    if (!facts.services.empty()) {
        text.line(facts.services);
        return;
    }
    text.line("# The programs that developers run on their machine.");
    if (!facts.backend && !facts.frontend) {
        text.line("# services:")
            .line("#   backend: {command: [python3, run_server.py], dir: backend, env_file: .env}")
            .line("#   frontend: {command: [npm, run, dev], dir: web-frontend, after: [backend]}")
            .line();
        return;
    }
    text.line("services:");
    if (facts.backend) write_service(text, "backend", *facts.backend, "");
    if (facts.frontend) write_service(text, "frontend", *facts.frontend, facts.backend ? "backend" : "");
    if (!facts.backend) text.line("  # backend: {command: [python3, run_server.py], dir: backend, env_file: .env}");
    if (!facts.frontend) text.line("  # frontend: {command: [npm, run, dev], dir: web-frontend, after: [backend]}");
    text.line();
}

void write_audit(Text& text) {
    text.line("# Who did what. Without `dir` it is kept in the user's own folder, ~/.local/state/flowletctl/audit.")
        .line("# audit: {dir: /var/log/flowletctl}");
}

}  // namespace

std::string render_file(const Facts& facts) {
    Text text;
    write_head(text, facts);
    write_environments(text, facts);
    write_deploy(text, facts);
    write_databases(text, facts);
    write_services(text, facts);
    write_audit(text);
    return text.text();
}

}  // namespace flowlet::commands::init

#include "commands/shared/secret.h"

#include <nlohmann/json.hpp>

#include "commands/shared/cluster.h"
#include "commands/shared/kubernetes_secret.h"

namespace flowlet::commands {
namespace {

using Source = config::Reference::Source;

constexpr std::size_t largest = std::size_t{64} << 10U;
constexpr Millis program_timeout{60000};

/// What a program prints and a person saves ends with a newline that is no part of the secret.
Secret without_newline(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return Secret(std::move(text));
}

std::string at(const config::Reference& reference) {
    return " (" + render_place(reference.place) + ")";
}

Secret from_variable(const Session& session, const config::Reference& reference, const std::string& what) {
    const std::optional<std::string> value = session.probe.env(reference.name);
    if (value && !value->empty()) return Secret(*value);
    throw Error(
        Kind::precondition,
        what + at(reference) + ": the environment variable " + reference.name + (value ? " is empty" : " is not set"),
        reference.message.empty() ? "set it for this command" : reference.message);
}

Secret from_file(const Session& session, const std::string& path, const config::Reference& reference,
                 const std::string& what) {
    const host::FileInfo info = session.probe.file_info(path);
    if (info.type != host::FileType::regular) {
        throw Error(
            Kind::precondition,
            what + at(reference) + ": " + path + (info.type == host::FileType::none ? " is not there" : " is no file"),
            "write the secret into it, mode 0600");
    }
    constexpr std::uint32_t others_may_write = 0022;
    if ((info.mode & others_may_write) != 0) {
        throw Error(Kind::precondition, what + at(reference) + ": others than its owner may write " + path,
                    "chmod go-w " + path);
    }
    return without_newline(session.probe.read_file(path, largest));
}

Secret from_credential(const Session& session, const config::Reference& reference, const std::string& what) {
    const std::optional<std::string> folder = session.probe.env("CREDENTIALS_DIRECTORY");
    if (!folder || !folder->starts_with('/')) {
        throw Error(Kind::precondition, what + at(reference) + ": there is no folder of credentials here",
                    "run it from a systemd unit with LoadCredential=" + reference.name + ":…");
    }
    return from_file(session, *folder + "/" + reference.name, reference, what);
}

/// What programs that keep secrets want to know, beside what every child gets.
std::map<std::string, std::string> environment_of_keepers(const host::Probe& probe) {
    std::map<std::string, std::string> all;
    for (const char* const prefix : {"SOPS_", "VAULT_", "BAO_", "AWS_", "GOOGLE_", "AZURE_", "GNUPG", "GPG_", "OP_"}) {
        for (auto& [name, value] : probe.env_with_prefix(prefix))
            all.emplace(name, value);
    }
    return all;
}

Secret from_program(const Session& session, const config::Reference& reference, const std::string& what) {
    const std::string& name = reference.command.front();
    const std::optional<std::string> program = session.probe.find_program(name);
    if (!program) {
        throw Error(Kind::tool_missing, what + at(reference) + ": " + printable(name) + " is not in PATH",
                    "install it, or name it with its folder");
    }
    host::Command command;
    command.program = *program;
    command.args.assign(reference.command.begin() + 1, reference.command.end());
    command.env = environment_of_keepers(session.probe);
    command.folder = session.config == nullptr ? "" : session.config->root();
    command.timeout = program_timeout;
    host::Exit exit = session.probe.query(command);
    if (!exit.ok()) {
        const std::string said = join(last_lines(printable(exit.err), 3), "; ");
        throw Error(Kind::tool_failed,
                    what + at(reference) + ": " + printable(name) +
                        (exit.timed_out ? " did not end in time" : " exited with status " + std::to_string(exit.code)) +
                        (said.empty() ? "" : ": " + said),
                    "run it by hand: " + host::render(command));
    }
    return without_newline(std::move(exit.out));
}

Secret from_kubernetes(const Session& session, const config::Reference& reference, const std::string& what) {
    const SecretKey key = parse_secret_key(reference.name, session.config->text("namespace"));
    const Cluster cluster = observe_cluster(session);
    const std::optional<KubernetesSecret> found = observe_secret(session, cluster, key);
    if (!found) {
        throw Error(Kind::precondition, what + at(reference) + ": there is no Secret " + key.space + "/" + key.name,
                    "flowletctl secrets set " + key.name + " --key " + key.key + " -f FILE");
    }
    const auto value = found->data.find(key.key);
    if (value == found->data.end()) {
        throw Error(Kind::precondition,
                    what + at(reference) + ": Secret " + key.space + "/" + key.name + " has no key " + key.key,
                    "flowletctl secrets set " + key.name + " --key " + key.key + " -f FILE");
    }
    return value->second;
}

Secret from_configuration(const Session& session, const config::Reference& reference, const std::string& what) {
    if (const auto value = session.probe.env(reference.place.file); value && !value->empty()) return Secret(*value);
    throw Error(Kind::config, what + at(reference) + ": no secret is written there");
}

Secret fetch(const Session& session, const config::Reference& reference, const std::string& what) {
    switch (reference.source) {
        case Source::variable:
            return from_variable(session, reference, what);
        case Source::file:
            return from_file(session, reference.name, reference, what);
        case Source::credential:
            return from_credential(session, reference, what);
        case Source::program:
            return from_program(session, reference, what);
        case Source::kubernetes:
            return from_kubernetes(session, reference, what);
        case Source::terminal:
            return session.probe.ask_person(reference.name, host::Probe::Echo::off);
        case Source::written:
            return from_configuration(session, reference, what);
        case Source::named:
            break;
    }
    throw Error(Kind::bug, what + " has a reference that leads nowhere");
}

}  // namespace

Secret resolve(const Session& session, const config::Reference& reference, const std::string& what) {
    Secret value = fetch(session, reference, what);
    if (value.empty()) throw Error(Kind::precondition, what + at(reference) + ": the secret is empty");
    if (session.scrubber != nullptr) session.scrubber->add(value);
    return value;
}

Secret resolve(const Session& session, std::string_view path) {
    const config::Value& value = session.config->require(path);
    const std::optional<config::Reference> reference = config::find_reference(*session.config, path);
    if (!reference) {
        throw Error(Kind::config,
                    render_place(value.place) + ": " + std::string(path) + ": the secret it refers to says no source",
                    "for example `secrets: {NAME: {file: /run/secrets/NAME}}`");
    }
    return resolve(session, *reference, std::string(path));
}

std::string render(const config::Reference& reference) {
    switch (reference.source) {
        case Source::variable:
            return "variable " + reference.name;
        case Source::file:
            return "file " + reference.name;
        case Source::credential:
            return "credential " + reference.name;
        case Source::kubernetes:
            return "Secret " + reference.name;
        case Source::program:
            return "output of " + reference.command.front();
        case Source::terminal:
            return "asked at the terminal";
        case Source::written:
            return "variable " + reference.place.file;
        case Source::named:
            break;
    }
    return "";
}

}  // namespace flowlet::commands

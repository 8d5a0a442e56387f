#include <algorithm>

#include "commands/backup/backup.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"
#include "commands/shared/secret.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis look_timeout{15000};
constexpr std::size_t least_recipients = 2;

std::vector<std::string> wanted_databases(const config::Config& config) {
    std::vector<std::string> names = config.list("backup.databases");
    const std::vector<std::string> known = config.children("databases");
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const auto near = did_you_mean(name, known);
        throw Error(Kind::config,
                    render_place(config.require("backup.databases").place) +
                        ": backup.databases: there is no database " + printable(name),
                    near ? "did you mean " + *near + "?" : "describe it in `databases`");
    }
    if (names.empty()) names = known;
    if (names.empty()) {
        throw Error(Kind::config, config.file() + ": there is no database to back up",
                    "describe one in `databases`: {primary: {type: postgres, host: …, user: …, password: ${file:…}}}");
    }
    return names;
}

Source observe_source(const Session& session, const std::string& name) {
    const config::Config& config = *session.config;
    const std::string type = config.require("databases." + name + ".type").text;
    if (type != "postgres") {
        throw Error(Kind::config, "databases." + name + ": " + type + " cannot be backed up yet",
                    "name those that can in backup.databases");
    }
    Source source;
    source.name = name;
    source.database = read_login(session, name);
    const host::Rows rows = session.probe.look_up(
        source.database,
        "SELECT split_part(current_setting('server_version'), ' ', 1), pg_encoding_to_char(encoding), datcollate, "
        "datctype, coalesce(to_jsonb(d)->>'daticulocale', CASE to_jsonb(d)->>'datlocprovider' WHEN 'i' THEN "
        "to_jsonb(d)->>'datlocale' END, ''), pg_database_size(oid), "
        "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user) "
        "FROM pg_database d WHERE datname = current_database()",
        look_timeout);
    if (!rows.ok() || rows.rows.empty()) {
        throw Error(
            Kind::precondition,
            "database " + name + " (" + source.database.user + " on " + render(source.database) + "): " + rows.message,
            rows.state == host::login_refused ? "check databases." + name + ".password"
                                              : "flowletctl doctor says more");
    }
    const std::vector<std::string>& row = rows.rows.front();
    source.server_version = row.at(0);
    source.encoding = row.at(1);
    source.collation = row.at(2);
    source.ctype = row.at(3);
    source.icu_locale = row.at(4);
    source.bytes = std::stoull(row.at(5));
    source.superuser = row.at(6) == "t";
    return source;
}

/// pg_dump refuses a server that is newer than itself.
void check_version(const Tool& pg_dump, const Source& source) {
    const std::optional<Version> server = parse_version(source.server_version);
    if (!server || server->major <= pg_dump.version.major) return;
    throw Error(Kind::tool_missing,
                pg_dump.path + " is of version " + render_version(pg_dump.version) + ", older than the server of " +
                    source.name + ", which is " + source.server_version,
                "install postgresql-client-" + std::to_string(server->major) + ", or name another in tools.pg_dump");
}

std::vector<std::string> find_recipients(const config::Config& config) {
    const std::vector<std::string> recipients = config.list("backup.recipients");
    const std::string place = config.find("backup.recipients") == nullptr
                                  ? config.file()
                                  : render_place(config.require("backup.recipients").place);
    if (recipients.size() < least_recipients) {
        throw Error(Kind::config,
                    place + ": backup.recipients: two are needed, so that one lost key loses no backup; there " +
                        (recipients.size() == 1 ? "is one" : "is none"),
                    "age-keygen makes a key; only its public half, age1…, belongs here");
    }
    for (const std::string& recipient : recipients) {
        if (recipient.starts_with("age1") && std::count(recipients.begin(), recipients.end(), recipient) == 1) continue;
        throw Error(Kind::config,
                    place + ": backup.recipients: " + printable(recipient) +
                        (recipient.starts_with("age1") ? " stands there twice" : " is no public key of age"),
                    "two keys in two hands: write two different age1…");
    }
    return recipients;
}

/// A key pair that nobody keeps: with it this run reads back what it wrote.
void make_one_run_key(const Session& session, RunFacts& facts) {
    const Tool age_keygen = find_tool(session, "age-keygen");
    const host::Exit exit = session.probe.query({age_keygen.path, {}, {}, "", "", look_timeout});
    constexpr std::string_view public_mark = "# public key: ";
    for (const std::string& line : split(exit.out, '\n')) {
        if (line.starts_with(public_mark)) facts.one_run_recipient = line.substr(public_mark.size());
        if (line.starts_with("AGE-SECRET-KEY-")) facts.one_run_identity = Secret(line + '\n');
    }
    if (!exit.ok() || facts.one_run_recipient.empty() || facts.one_run_identity.empty()) {
        throw Error(Kind::tool_failed, age_keygen.path + " made no key: " + printable(trim(exit.err)));
    }
    if (session.scrubber != nullptr) session.scrubber->add(facts.one_run_identity);
}

}  // namespace

RunFacts observe_run(const Session& session) {
    const config::Config& config = *session.config;
    RunFacts facts;
    facts.now = session.probe.now();
    facts.recipients = find_recipients(config);
    (void)config.require("backup.signing_key");
    facts.key = std::make_shared<const stream::SigningKey>(resolve(session, "backup.signing_key"));
    if (config.find("backup.signer") != nullptr && config.text("backup.signer") != facts.key->public_key()) {
        throw Error(Kind::config,
                    render_place(config.require("backup.signer").place) +
                        ": backup.signer is not the public half of backup.signing_key, which is " +
                        facts.key->public_key(),
                    "who reads these backups would take them for forged");
    }
    facts.store = observe_store(session, facts.key->public_key());
    facts.digests = config.boolean("backup.digests") ? RunFacts::Digests::on : RunFacts::Digests::off;
    facts.legal = find_class(config.text("backup.class"));
    facts.timeout = config.duration("backup.timeout");
    facts.tools = {find_tool(session, "pg_dump"), find_tool(session, "pg_dumpall"), find_tool(session, "pg_restore"),
                   find_tool(session, "age")};
    for (const std::string& name : wanted_databases(config)) {
        facts.sources.push_back(observe_source(session, name));
        check_version(facts.tools.pg_dump, facts.sources.back());
    }
    facts.free_space = session.probe.free_space(facts.store.folder);
    make_one_run_key(session, facts);
    return facts;
}

}  // namespace flowlet::commands::backup

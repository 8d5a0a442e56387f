#include <algorithm>

#include "commands/backup/backup.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"
#include "commands/shared/secret.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis look_timeout{15000};
constexpr std::size_t least_recipients = 2;

std::vector<std::string> wanted_databases(const config::Config& config, const FolderFacts& files) {
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
    if (names.empty() && files.folders.empty()) {
        throw Error(Kind::config, config.file() + ": there is no database to back up",
                    "describe one in `databases`: {primary: {type: postgres, host: …, user: …, password: ${file:…}}}");
    }
    return names;
}

std::string type_of(const config::Config& config, const std::string& name) {
    return config.require("databases." + name + ".type").text;
}

std::vector<RunSource> observe_sources(const Session& session, const RunOptions& options, const FolderFacts& files) {
    const config::Config& config = *session.config;
    std::map<host::Engine, DialectPtr> dialects;
    std::vector<RunSource> sources;
    for (const std::string& name : wanted_databases(config, files)) {
        const bool wanted = options.type.empty() || options.type == "all" || type_of(config, name) == options.type;
        if (!wanted) continue;
        const host::Database database = read_database(session, name);
        DialectPtr& dialect = dialects[database.engine];
        if (!dialect) dialect = find_dialect(session, database.engine, Work::back_up);
        Source source = dialect->observe(session, name);
        source.record.name = name;
        source.record.engine = database.engine;
        source.record.database = database.name;
        source.record.server = database.known_as.empty() ? database.host + ":" + std::to_string(database.port)
                                                         : database.known_as + ":" + std::to_string(database.port);
        sources.push_back({std::move(source), dialect});
    }
    if (sources.empty() && files.folders.empty()) {
        throw Error(Kind::precondition, "there is no database of type " + options.type + " to back up",
                    "`databases` names them, backup.databases may leave some out");
    }
    return sources;
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
        // age mixes no recipients of the two kinds, and the key of one run is of the other.
        if (recipient.starts_with("age1pq1")) {
            throw Error(Kind::config, place + ": backup.recipients: " + printable(recipient) + " is of another kind",
                        "only X25519 recipients of age can be used: age-keygen without -pq makes one");
        }
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

/// A bucket that does not answer is no reason to make no backup.
void observe_offsite(const Session& session, RunFacts& facts) {
    facts.offsite = find_offsite(session, facts.store.system, facts.store.job);
    if (!facts.offsite) return;
    try {
        const std::vector<std::string> copied = observe_copies(session, *facts.offsite);
        for (const Entry& entry : facts.store.entries) {
            const bool there = std::find(copied.begin(), copied.end(), entry.id) != copied.end();
            if (entry.trouble.empty() && !there) facts.uncopied.push_back(entry);
        }
    } catch (const Error& error) {
        if (error.kind() == Kind::config || error.kind() == Kind::interrupted || error.kind() == Kind::terminated)
            throw;
        facts.bucket_trouble = printable(error.what());
    }
}

}  // namespace

RunFacts observe_run(const Session& session, const RunOptions& options) {
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
    facts.age = find_tool(session, "age");
    facts.files = observe_folders(session);
    facts.sources = observe_sources(session, options, facts.files);
    if (config.find("backup.rate_limit") != nullptr) {
        facts.rate = static_cast<std::uint64_t>(std::max<std::int64_t>(config.integer("backup.rate_limit"), 1)) << 20U;
    }
    observe_offsite(session, facts);
    facts.free_space = session.probe.free_space(facts.store.folder);
    make_one_run_key(session, facts);
    return facts;
}

}  // namespace flowlet::commands::backup

#include <algorithm>

#include "commands/setup/facts.h"
#include "flowlet/stream.h"

namespace flowlet::commands::setup {
namespace {

constexpr Millis migration_time{10 * 60 * 1000};
constexpr std::size_t most_files = 5000;
constexpr int deepest = 3;

/// What stands in the files of a folder, one after the other.
void gather(const host::Probe& probe, const std::string& folder, int depth, std::vector<std::string>& parts) {
    for (const std::string& name : probe.list_folder(folder)) {
        const std::string path = in(folder, name);
        if (parts.size() > most_files) return;
        if (is_file(probe, path)) {
            parts.push_back(name);
            parts.push_back(read_if_there(probe, path, "reading what makes the tables"));
        } else if (depth > 0 && name != "__pycache__" && is_folder(probe, path)) {
            gather(probe, path, depth - 1, parts);
        }
    }
}

bool wants_flask_migrate(const host::Probe& probe, const Packages& python) {
    std::string text =
        lower_case(read_if_there(probe, in(python.folder, python.list), "reading what python packages are wanted"));
    std::replace(text.begin(), text.end(), '_', '-');
    return text.find("flask-migrate") != std::string::npos;
}

std::string flask_app(const host::Probe& probe, const Facts& facts) {
    const auto said = facts.env_file.values.find("FLASK_APP");
    if (said != facts.env_file.values.end() && !said->second.empty()) return said->second;
    for (const char* const name : {"run_server", "wsgi", "app"}) {
        if (is_file(probe, in(facts.python.folder, std::string(name) + ".py"))) return name;
    }
    return "app";
}

/// The command of setup.migrate: its program is one of the virtual environment, of the backend's folder, or of PATH.
std::vector<std::string> configured(const Session& session, const Facts& facts) {
    std::vector<std::string> words = session.config->list("setup.migrate");
    if (words.empty()) return words;
    const std::string name = words.front();
    const std::string inside = facts.python.into + "/bin/" + name;
    if (name.starts_with('/')) return words;
    if (name.find('/') != std::string::npos) {
        words.front() = in(facts.python.folder, name);
        return words;
    }
    const auto found = session.probe.find_program(inside);
    const auto in_path = session.probe.find_program(name);
    // What the packages bring is not there before they are.
    words.front() = found || !in_path ? inside : *in_path;
    const bool python = name == "python" || name == "python3" || name == "flask" || name == "alembic";
    if (python) words.front() = inside;
    return words;
}

std::vector<std::string> find_words(const Session& session, const Facts& facts) {
    if (session.config != nullptr && session.config->find("setup.migrate") != nullptr)
        return configured(session, facts);
    const host::Probe& probe = session.probe;
    const std::string python = facts.python.into + "/bin/python";
    const std::string& folder = facts.python.folder;
    if (is_file(probe, in(folder, "migrations/env.py")) && wants_flask_migrate(probe, facts.python)) {
        return {python, "-m", "flask", "--app", flask_app(probe, facts), "db", "upgrade"};
    }
    if (is_file(probe, in(folder, "alembic.ini"))) return {python, "-m", "alembic", "upgrade", "head"};
    return {};
}

std::map<std::string, std::string> environment_of(const Facts& facts) {
    std::map<std::string, std::string> all = facts.env_file.values;
    const bool said = std::any_of(url_names().begin(), url_names().end(),
                                  [&](const std::string& name) { return all.contains(name); });
    if (!said) all["DATABASE_URL"] = render_url(facts.tables.database, "");
    return all;
}

}  // namespace

void observe_migration(const Session& session, Facts& facts) {
    Tables& tables = facts.tables;
    const std::vector<std::string> words = find_words(session, facts);
    std::vector<std::string> parts = {tables.database.host, std::to_string(tables.database.port), tables.database.name,
                                      tables.database.user, join(words, " ")};
    for (const char* const name : {"migrations", "alembic"}) {
        const std::string folder = in(facts.python.folder, name);
        if (is_folder(session.probe, folder)) gather(session.probe, folder, deepest, parts);
    }
    // The password belongs to what was done. Who could guess it from here could read it in .env.local.
    parts.push_back(tables.database.password.reveal());
    tables.record = in(facts.root, ".flowlet/database");
    tables.wanted = make_digest(parts);
    tables.found = read_if_there(session.probe, tables.record, "reading what was done to the database last");
    if (words.empty()) {
        if (!facts.server) return;
        throw Error(Kind::precondition,
                    "looking for what makes the tables of the database: there is no " + facts.backend +
                        "/migrations of Flask-Migrate and no " + facts.backend + "/alembic.ini",
                    "write the command in flowlet.yaml, such as setup: {migrate: [python, manage.py, migrate]}");
    }
    host::Command command;
    command.program = words.front();
    command.args.assign(words.begin() + 1, words.end());
    command.folder = facts.python.folder;
    command.env = environment_of(facts);
    command.timeout = migration_time;
    tables.migrate = std::move(command);
}

}  // namespace flowlet::commands::setup

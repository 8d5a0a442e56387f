#include <algorithm>
#include <array>

#include "commands/setup/facts.h"
#include "commands/shared/env_file.h"
#include "flowlet/stream.h"

namespace flowlet::commands::setup {
namespace {

constexpr const char* file_name = ".env.local";
constexpr std::size_t key_bytes = 32;

/// What a backend of Flowlet needs, where no example says so.
constexpr std::array<const char*, 4> usual_names = {"DATABASE_URL", "DATABASE_PASSWORD", "SECRET_KEY",
                                                    "JWT_SECRET_KEY"};

bool is_url_name(const std::string& name) {
    return url_names().contains(name);
}

/// Names whose value is best a random one.
bool is_key_name(const std::string& name) {
    constexpr std::array<std::string_view, 6> ends = {"SECRET",         "SECRET_KEY", "JWT_KEY",
                                                      "ENCRYPTION_KEY", "SALT",       "SIGNING_KEY"};
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return name.ends_with(end); });
}

/// Parts of the login to the database, as some backends want them.
std::optional<std::string> part_of(const std::string& name, const host::Database& database) {
    for (const char* const prefix : {"DB_", "DATABASE_", "POSTGRES_"}) {
        if (!name.starts_with(prefix)) continue;
        const std::string part = name.substr(std::string_view(prefix).size());
        if (part == "PASSWORD") return database.password.reveal();
        if (part == "USER" || part == "USERNAME") return database.user;
        if (part == "NAME" || part == "DB") return database.name;
        if (part == "HOST") return database.host;
        if (part == "PORT") return std::to_string(database.port);
    }
    return std::nullopt;
}

bool is_placeholder(const std::string& value) {
    if (value.empty() || (value.starts_with('<') && value.ends_with('>'))) return true;
    const std::string low = lower_case(value);
    constexpr std::array<std::string_view, 8> words = {"change",  "your", "placeholder", "example",
                                                       "replace", "xxx",  "todo",        "secret"};
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return low.find(word) != std::string::npos; });
}

std::string random_key(const Session& session) {
    Secret key(stream::base64_encode(stream::random_bytes(key_bytes)));
    if (session.scrubber != nullptr) session.scrubber->add(key);
    return key.reveal();
}

std::string find_example(const host::Probe& probe, const std::string& folder) {
    for (const char* const name : {".env.example", ".env.template", ".env.sample"}) {
        if (is_file(probe, in(folder, name))) return in(folder, name);
    }
    return "";
}

/// The line of a new file for one of its example.
std::string fill(const Session& session, Facts& facts, const EnvLine& line) {
    const host::Database& database = facts.tables.database;
    if (line.name.empty()) return line.raw;
    if (is_url_name(line.name)) {
        const bool same = line.value.starts_with("postgres") == (database.engine == host::Engine::postgres);
        const std::size_t end = same ? line.value.find("://") : std::string::npos;
        return render_env(line.name, render_url(database, end == std::string::npos ? "" : line.value.substr(0, end)));
    }
    if (const auto part = part_of(line.name, database)) return render_env(line.name, *part);
    if (is_key_name(line.name) && is_placeholder(line.value)) return render_env(line.name, random_key(session));
    if (line.value.empty()) {
        warn(facts, in(facts.backend, file_name), line.name + " is empty: only a person knows its value",
             "write it there");
    }
    return line.raw;
}

std::vector<EnvLine> read_example(const Session& session, const Facts& facts) {
    const std::string example = find_example(session.probe, in(facts.root, facts.backend));
    return parse_example(read_if_there(session.probe, example, "reading what the backend has to be told"), example);
}

void find_missing(const Session& session, Facts& facts) {
    std::vector<std::string> missing;
    const auto look = [&](const std::string& name) {
        if (!facts.env_file.values.contains(name)) missing.push_back(name);
    };
    const std::vector<EnvLine> example = read_example(session, facts);
    for (const EnvLine& line : example) {
        if (!line.name.empty()) look(line.name);
    }
    for (const char* const name : usual_names) {
        if (example.empty()) look(name);
    }
    if (missing.empty()) return;
    warn(facts, in(facts.backend, file_name), "does not say " + join(missing, ", "),
         "write it there; or move the file away, and a whole one is written");
}

/// By all that reads the environment it is known what is in it, and nobody else is told.
void take_values(const Session& session, EnvFile& file, std::string_view text) {
    for (const auto& [name, value] : parse_env_file(text, file.path)) {
        file.values[name] = value.reveal();
        const bool secret =
            is_key_name(name) || name.ends_with("PASSWORD") || name.ends_with("TOKEN") || name.ends_with("_KEY");
        if (secret && session.scrubber != nullptr) session.scrubber->add(value);
    }
}

}  // namespace

void observe_env_file(const Session& session, Facts& facts) {
    EnvFile& file = facts.env_file;
    file.path = in(in(facts.root, facts.backend), file_name);
    const host::FileInfo info = session.probe.file_info(file.path);
    file.there = info.type != host::FileType::none;
    if (!file.there) return;
    take_values(session, file, read_if_there(session.probe, file.path, "reading what the backend is told"));
    constexpr std::uint32_t others = 0077;
    if ((info.mode & others) != 0) {
        warn(facts, in(facts.backend, file_name), "may be read by others than its owner", "chmod 600 " + file.path);
    }
    find_missing(session, facts);
}

void make_env_file(const Session& session, Facts& facts) {
    if (facts.env_file.there) return;
    std::vector<EnvLine> lines = read_example(session, facts);
    const bool with_url =
        std::any_of(lines.begin(), lines.end(), [](const EnvLine& line) { return is_url_name(line.name); });
    const std::size_t added = lines.empty() ? usual_names.size() : with_url ? 0 : 1;
    for (std::size_t i = 0; i < added; ++i)
        lines.push_back({"", usual_names.at(i), ""});
    std::string& text = facts.env_file.text;
    for (const EnvLine& line : lines)
        text += fill(session, facts, line) + "\n";
    take_values(session, facts.env_file, text);
}

}  // namespace flowlet::commands::setup

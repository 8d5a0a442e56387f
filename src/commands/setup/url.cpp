#include <charconv>

#include "commands/setup/facts.h"
#include "flowlet/stream.h"

namespace flowlet::commands::setup {
namespace {

constexpr int mysql_port = 3306;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
    constexpr int base = 16;
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool code = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        if (!code) {
            plain += text[i];
            continue;
        }
        plain += static_cast<char>(digit(text[i + 1]) * base + digit(text[i + 2]));
        i += 2;
    }
    return plain;
}

/// "text" before `mark`, which leaves with it; all of it, where there is no mark.
std::string_view cut(std::string_view& rest, std::string_view mark) {
    const std::size_t at = rest.find(mark);
    const std::string_view first = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + mark.size());
    return first;
}

void read_login(std::string_view login, host::Database& database) {
    database.user = percent_decode(cut(login, ":"));
    database.password = Secret(percent_decode(login));
}

bool read_port(std::string_view text, host::Database& database) {
    if (text.empty()) return true;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), database.port);
    return error == std::errc() && end == text.data() + text.size() && database.port > 0 && database.port <= 65535;
}

bool read_query(std::string_view query, host::Database& database) {
    bool good = true;
    while (!query.empty()) {
        std::string_view value = cut(query, "&");
        const std::string_view name = cut(value, "=");
        if (name == "host" || name == "unix_socket") database.host = percent_decode(value);
        if (name == "port") good = read_port(value, database) && good;
        if (name == "user") database.user = percent_decode(value);
        if (name == "password") database.password = Secret(percent_decode(value));
    }
    return good;
}

std::optional<host::Engine> engine_of(std::string_view scheme) {
    const std::string_view kind = scheme.substr(0, scheme.find('+'));
    if (kind == "postgresql" || kind == "postgres") return host::Engine::postgres;
    if (kind == "mysql" || kind == "mariadb") return host::Engine::mysql;
    return std::nullopt;
}

}  // namespace

const std::set<std::string>& url_names() {
    static const std::set<std::string> names = {"DATABASE_URL", "DATABASE_URI", "SQLALCHEMY_DATABASE_URI", "DB_URL"};
    return names;
}

std::string render_url(const host::Database& database, const std::string& scheme) {
    const bool postgres = database.engine == host::Engine::postgres;
    const std::string usual = postgres ? "postgresql" : "mysql";
    const bool socket = database.host.starts_with('/');
    const std::string password =
        database.password.empty() ? "" : ":" + stream::percent_encode(database.password.reveal());
    std::string url =
        (scheme.empty() ? usual : scheme) + "://" + stream::percent_encode(database.user) + password + "@";
    if (!socket) url += database.host + ":" + std::to_string(database.port);
    url += "/" + stream::percent_encode(database.name);
    if (!socket) return url;
    if (!postgres) return url + "?unix_socket=" + stream::percent_encode(database.host);
    const std::string port = database.port == host::Database().port ? "" : "&port=" + std::to_string(database.port);
    return url + "?host=" + stream::encode_path(database.host) + port;
}

std::optional<host::Database> parse_url(const std::string& url) {
    std::string_view rest = url;
    if (rest.find("://") == std::string_view::npos) return std::nullopt;
    const std::optional<host::Engine> engine = engine_of(cut(rest, "://"));
    if (!engine) return std::nullopt;
    host::Database database;
    database.engine = *engine;
    if (*engine == host::Engine::mysql) database.port = mysql_port;
    database.host = "localhost";
    rest = rest.substr(0, rest.find('#'));
    std::string_view place = cut(rest, "?");
    const std::string_view query = rest;
    std::string_view authority = cut(place, "/");
    if (authority.find('@') != std::string_view::npos) {
        const std::size_t at = authority.rfind('@');
        read_login(authority.substr(0, at), database);
        authority = authority.substr(at + 1);
    }
    if (!authority.empty()) database.host = percent_decode(cut(authority, ":"));
    if (!read_port(authority, database) || !read_query(query, database)) return std::nullopt;
    database.name = percent_decode(place);
    if (database.name.empty()) database.name = database.user;
    return database.user.empty() ? std::nullopt : std::optional(database);
}

}  // namespace flowlet::commands::setup

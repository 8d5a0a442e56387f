// base: what every room speaks: errors, secrets, text, time. Knows nothing of files, processes or Kubernetes.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet {

// ---- errors ----------------------------------------------------------------------------------------------------

/// Why a command ended. Each kind has one exit code, see exit_code(); the numbers are part of the interface.
enum class Kind {
    ok,
    failed,
    usage,
    config,
    denied,
    precondition,
    conflict,
    audit_unavailable,
    unaudited,
    verification,
    pending,
    findings,
    unhealthy,
    tool_missing,
    tool_failed,
    partial,
    timeout,
    cancelled,
    bug,
    interrupted,
    terminated,
};

/// The process exit code of a kind: 0 for ok, 1 for failed, 2 for usage … 130 for interrupted. Never renumbered.
int exit_code(Kind kind);

/// The stable word for a kind that JSON output carries, for example "audit_unavailable".
std::string_view name(Kind kind);

/// The one exception. `what` says what was being done and what went wrong, with file:line where there is one;
/// `hint` says how to mend it and may be empty. Neither ever holds a secret.
class Error : public std::exception {
public:
    Error(Kind kind, std::string what, std::string hint = {});
    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
    Kind kind_;
    std::string what_;
    std::string hint_;
};

// ---- secrets ---------------------------------------------------------------------------------------------------

/// A value that is never printed: it has no stream operator and no JSON form. Its memory is wiped on destruction.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value);
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();
    /// The value itself, for the one place that hands it on. Search for this word in a review.
    [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
    [[nodiscard]] bool empty() const noexcept { return value_.empty(); }

private:
    std::string value_;
};

// ---- places in a file ------------------------------------------------------------------------------------------

/// Where a value was written. Lines and columns count from 1; 0 means unknown.
struct Place {
    std::string file;
    int line = 0;
    int column = 0;
    friend bool operator==(const Place&, const Place&) = default;
};

/// "file:line:column", without the parts that are unknown.
std::string render_place(const Place& place);

// ---- text ------------------------------------------------------------------------------------------------------

std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
/// A–Z become a–z; every other byte stays as it is, whatever the locale.
std::string lower_case(std::string_view text);

/// The last `count` non-empty lines, oldest first.
std::vector<std::string> last_lines(std::string_view text, std::size_t count);

/// Valid UTF-8 without control characters (newline and tab stay): what a foreign program wrote, made fit to print.
/// Bad bytes become U+FFFD, an escape becomes "\x1b" in letters, so that nothing can steer the terminal.
std::string printable(std::string_view text);

/// How long the sequence is that steers a terminal at the front of this text (ECMA-48: ESC and what belongs to it, an
/// operating system command with its end, any other control character), at least 1 of a text that is not empty. What
/// cannot end a sequence is not part of it, so that no character is cut in two.
std::size_t escape_length(std::string_view text);

/// What a terminal would show of it: without escape sequences; newlines and tabs stay.
std::string strip_escapes(std::string_view text);

/// The candidate nearest to `word` by Damerau–Levenshtein distance (optimal string alignment), if that is at most 2
/// and at most a third of the word's length, rounded up; ties go to the first.
std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// An RFC 1123 label: 1–63 of a–z, 0–9 and '-', not first or last. The grammar of a namespace, and, up to 53
/// characters, of a Helm release.
bool is_dns_label(std::string_view text);

/// An RFC 1123 subdomain: labels joined by '.', at most 253 characters in all (a single label may be longer than 63, as
/// in Kubernetes). The grammar of most Kubernetes object names.
bool is_dns_subdomain(std::string_view text);

// ---- time ------------------------------------------------------------------------------------------------------

using Millis = std::chrono::milliseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// "500ms", "90s", "10m", "1h30m": whole numbers, each unit once, large before small. Nothing for a bare number, a
/// negative or an unknown unit, or beyond 10 000 hours.
std::optional<Millis> parse_duration(std::string_view text);

/// The shortest text that parse_duration reads back, for example "1m30s".
std::string render_duration(Millis duration);

/// RFC 3339 in UTC with microseconds: 2026-08-22T10:15:30.123456Z.
std::string render_time(Time time);

/// Reads RFC 3339 with or without a fraction, UTC ("Z") or with an offset; nothing if it is not that.
std::optional<Time> parse_time(std::string_view text);

/// A version of a tool or a cluster: v1.34.4 is {1, 34, 4}. Suffixes such as "+" or "-eks-1" are ignored.
struct Version {
    int major = 0;
    int minor = 0;
    int patch = 0;
    friend auto operator<=>(const Version&, const Version&) = default;
};
std::optional<Version> parse_version(std::string_view text);
std::string render_version(const Version& version);

}  // namespace flowlet

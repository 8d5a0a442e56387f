#include <algorithm>
#include <chrono>

#include "commands/backup/backup.h"

namespace flowlet::commands::backup {
namespace {

constexpr std::string_view prefix = "flowletctl_backup_";

/// A label's value: a backslash, a quote and a newline are escaped.
std::string quote_label(const std::string& text) {
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') quoted += '\\';
        quoted += letter == '\n' ? std::string("\\n") : std::string(1, letter);
    }
    return quoted + '"';
}

std::string seconds(Millis span) {
    constexpr Millis::rep a_second = 1000;
    std::string rest = std::to_string(span.count() % a_second);
    rest.insert(0, 3 - std::min<std::size_t>(rest.size(), 3), '0');
    return std::to_string(span.count() / a_second) + "." + rest;
}

std::string seconds(Time time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

class Metrics {
public:
    explicit Metrics(const Store& store)
        : labels_("{system=" + quote_label(store.system) + ",job=" + quote_label(store.job) + "} ") {}

    void add(const std::string& name, const std::string& help, const std::string& value) {
        const std::string whole = std::string(prefix) + name;
        text_ += "# HELP " + whole + " " + help + "\n# TYPE " + whole + " gauge\n" + whole + labels_ + value + "\n";
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string labels_;
    std::string text_;
};

}  // namespace

std::string render_metrics(const StatusFacts& facts) {
    Metrics metrics(facts.store);
    const auto good = std::count_if(facts.store.entries.begin(), facts.store.entries.end(),
                                    [](const Entry& entry) { return entry.trouble.empty(); });
    metrics.add("status_timestamp_seconds", "When this was looked at.", seconds(facts.now));
    metrics.add("healthy", "1 if `backup status` would exit with 0.",
                view_status(facts).verdict == Kind::ok ? "1" : "0");
    metrics.add("rpo_seconds", "How old the newest good backup may be.", seconds(facts.rpo));
    metrics.add("good", "Backups that count.", std::to_string(good));
    metrics.add("bad", "Backups that count for nothing.",
                std::to_string(facts.store.entries.size() - static_cast<std::size_t>(good)));
    if (const Entry* const newest = facts.store.newest()) {
        metrics.add("newest_timestamp_seconds", "When the newest good backup was begun.",
                    seconds(newest->manifest.started));
        metrics.add("newest_duration_seconds", "How long it took.",
                    seconds(std::chrono::duration_cast<Millis>(newest->manifest.finished - newest->manifest.started)));
        metrics.add("newest_bytes", "How large it is, as it is stored.", std::to_string(stored_bytes(*newest)));
    }
    if (facts.drill) {
        metrics.add("drill_timestamp_seconds", "When the last drill was.", seconds(facts.drill->at));
        metrics.add("drill_passed", "1 if it met its targets.", facts.drill->passed ? "1" : "0");
        metrics.add("drill_restore_seconds", "How long its restore took.", seconds(facts.drill->rto));
    }
    return metrics.text();
}

plan::Write plan_textfile(const Session& session, const StatusFacts& facts, const std::string& path) {
    if (!path.ends_with(".prom")) {
        throw Error(Kind::usage, "--textfile " + printable(path) + ": node_exporter reads files that end with .prom",
                    "for example --textfile /var/lib/prometheus/node-exporter/flowlet.prom");
    }
    constexpr std::uint32_t for_all = 0644;
    return {path.starts_with('/') ? path : session.probe.current_folder() + "/" + path, render_metrics(facts), for_all};
}

}  // namespace flowlet::commands::backup

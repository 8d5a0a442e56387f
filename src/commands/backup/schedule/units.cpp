#include <algorithm>

#include "commands/backup/schedule/schedule.h"

namespace flowlet::commands::backup::schedule {
namespace {

std::string head(const Wanted& wanted) {
    return "# flowletctl: " + subject_of(wanted) + "\n";
}

/// Free text of a unit, where % begins a specifier.
std::string unit_text(const std::string& text) {
    std::string escaped;
    for (const char letter : text) {
        escaped += letter;
        if (letter == '%') escaped += '%';
    }
    return escaped;
}

/// A setting whose values are words: quoted, but without a $ that means something.
std::string unit_word(const std::string& word) {
    std::string text = "\"";
    for (const char letter : word) {
        if (letter == '"' || letter == '\\') text += '\\';
        if (letter == '%') text += '%';
        text += letter;
    }
    return text + "\"";
}

bool lies_in(const std::string& path, const std::string& folder) {
    return path == folder || path.starts_with(folder + "/");
}

/// A store, a project or a socket in /tmp would be out of sight with a /tmp of its own.
bool needs_tmp(const UnitOptions& options) {
    const auto in_tmp = [](const std::string& path) { return lies_in(path, "/tmp") || lies_in(path, "/var/tmp"); };
    return std::any_of(options.needed.begin(), options.needed.end(), in_tmp) ||
           std::any_of(options.writable.begin(), options.writable.end(), in_tmp);
}

/// What only the machine's own systemd can set up: a person's would need a user namespace, and in it nobody else's file
/// could be read any more.
std::string render_fences(const UnitOptions& options) {
    std::string text =
        "ProtectSystem=strict\n"
        "ProtectHome=read-only\n";
    for (const std::string& folder : options.writable)
        text += "ReadWritePaths=" + unit_word(folder) + "\n";
    if (!needs_tmp(options)) text += "PrivateTmp=true\n";
    return text +
           "PrivateDevices=true\n"
           "ProtectKernelTunables=true\n"
           "ProtectKernelModules=true\n"
           "ProtectKernelLogs=true\n"
           "ProtectControlGroups=true\n"
           "ProtectClock=true\n"
           "ProtectHostname=true\n"
           "CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH\n"
           "User=root\n";
}

}  // namespace

std::string quote_for_unit(const std::string& word) {
    std::string text;
    for (const char letter : unit_word(word)) {
        text += letter;
        if (letter == '$') text += '$';
    }
    return text;
}

std::string render_service(const Wanted& wanted, const UnitOptions& options) {
    const Call& call = wanted.call;
    std::string command = quote_for_unit(call.program) + " backup";
    if (!call.environment.empty()) command += " --env " + quote_for_unit(call.environment);
    command += " --root " + quote_for_unit(call.root);
    std::string text = head(wanted) + "[Unit]\nDescription=" + unit_text(subject_of(wanted)) + "\n";
    if (options.of == UnitOptions::Of::system) text += "Wants=network-online.target\nAfter=network-online.target\n";
    text += "\n[Service]\nType=oneshot\nExecStart=" + command + "\n" + "Environment=" + unit_word("PATH=" + call.path) +
            "\n";
    if (!call.audit.empty()) text += "Environment=" + unit_word("FLOWLET_AUDIT__DIR=" + call.audit) + "\n";
    // It knows itself how long it may take, and cleans up when it is asked to stop.
    text += "TimeoutStartSec=infinity\nTimeoutStopSec=2min\nNice=" + std::to_string(wanted.nice) +
            "\nIOSchedulingClass=idle\n"
            "UMask=0077\n"
            "NoNewPrivileges=true\n"
            "RestrictSUIDSGID=true\n"
            "RestrictRealtime=true\n"
            "RestrictNamespaces=true\n"
            "LockPersonality=true\n"
            "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n"
            "SystemCallArchitectures=native\n";
    if (options.of == UnitOptions::Of::system) text += render_fences(options);
    return text;
}

std::string render_timer(const Wanted& wanted, const UnitOptions& options) {
    std::string text = head(wanted) + "[Unit]\nDescription=" + unit_text(subject_of(wanted)) + "\n\n[Timer]\n";
    for (const std::string& time : render_systemd(wanted.at))
        text += "OnCalendar=" + time + "\n";
    text += "Persistent=true\nAccuracySec=1s\n";
    if (options.spread > Millis{0})
        text +=
            "RandomizedDelaySec=" + std::to_string(std::chrono::ceil<std::chrono::seconds>(options.spread).count()) +
            "s\n";
    return text + "\n[Install]\nWantedBy=timers.target\n";
}

std::string unit_name(const Wanted& wanted) {
    return "flowletctl-backup-" + wanted.project + "-" + wanted.environment;
}

bool is_ours(const std::string& unit, const Wanted& wanted) {
    return unit.starts_with(head(wanted));
}

}  // namespace flowlet::commands::backup::schedule

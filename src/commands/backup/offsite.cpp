#include "commands/backup/offsite.h"

#include <algorithm>

#include "commands/backup/catalogue.h"
#include "commands/shared/secret.h"

namespace flowlet::commands::backup {
namespace {

constexpr std::string_view scheme = "s3://";
constexpr Millis whole_copy{6 * 60 * 60 * 1000};
constexpr Millis standing_still{10 * 60 * 1000};

std::string trim_slashes(std::string text) {
    while (text.ends_with('/'))
        text.pop_back();
    return text;
}

plan::Transfer read_back(const Offsite& offsite, const std::string& key, const Original& original,
                         const std::string& file) {
    plan::Transfer transfer;
    transfer.flow.stages = {host::ReadObject{offsite.bucket, {key, "", 0}}, host::Measure{"copy"}};
    transfer.flow.timeout = whole_copy;
    transfer.flow.idle = standing_still;
    transfer.failed = Kind::partial;
    transfer.judge = [original, key, file](const host::FlowEnd& end) -> std::optional<plan::Cause> {
        if (end.measured.at("copy").sha256 == original.sha256(file)) return std::nullopt;
        plan::Cause cause;
        cause.object = key;
        cause.reason = "Damaged";
        cause.message = "the copy of " + file + " in the bucket is not what was copied";
        return cause;
    };
    return transfer;
}

}  // namespace

std::string Offsite::shown() const {
    return std::string(scheme) + bucket.name + "/" + trim_slashes(prefix);
}

std::optional<Offsite> find_offsite(const Session& session, const std::string& system, const std::string& job) {
    const config::Config& config = *session.config;
    if (config.find("backup.offsite.bucket") == nullptr) return std::nullopt;
    const std::string text = config.text("backup.offsite.bucket");
    const std::string place = render_place(config.require("backup.offsite.bucket").place);
    if (!text.starts_with(scheme) || text.size() == scheme.size() || printable(text) != text) {
        throw Error(Kind::config, place + ": backup.offsite.bucket: " + printable(text) + " is no bucket",
                    "write it as s3://BUCKET or s3://BUCKET/PREFIX");
    }
    Offsite offsite;
    const std::string path = trim_slashes(text.substr(scheme.size()));
    const std::size_t slash = path.find('/');
    offsite.bucket.name = path.substr(0, slash);
    offsite.prefix = slash == std::string::npos ? "" : path.substr(slash + 1) + "/";
    offsite.prefix += system + "/" + job + "/";
    offsite.bucket.endpoint = trim_slashes(config.require("backup.offsite.endpoint").text);
    offsite.bucket.region = config.text("backup.offsite.region");
    offsite.bucket.key_id = config.require("backup.offsite.access_key").text;
    (void)config.require("backup.offsite.secret_key");
    offsite.bucket.secret = resolve(session, "backup.offsite.secret_key");
    if (config.find("backup.offsite.lock") != nullptr) offsite.lock = config.duration("backup.offsite.lock");
    return offsite;
}

std::vector<std::string> observe_copies(const Session& session, const Offsite& offsite) {
    std::vector<std::string> ids;
    const std::string ending = "/" + std::string(signature_file);
    for (const host::Object& object : session.probe.list_objects(offsite.bucket, offsite.prefix)) {
        if (!object.key.ends_with(ending)) continue;
        const std::size_t size = object.key.size() - offsite.prefix.size() - ending.size();
        ids.push_back(object.key.substr(offsite.prefix.size(), size));
    }
    return ids;
}

std::string add_copy(plan::Plan& plan, const Offsite& offsite, const Original& original, Time now,
                     const std::string& after) {
    std::optional<Time> until;
    if (offsite.lock > Millis{0}) {
        const Time wanted = std::max(now + offsite.lock, original.keep_until.value_or(now));
        // Stores know whole seconds.
        until = std::chrono::ceil<std::chrono::seconds>(wanted);
    }
    std::vector<std::string> files = original.files;
    files.emplace_back(manifest_file);
    files.emplace_back(signature_file);
    std::string last = after;
    const auto add = [&](const std::string& id, const std::string& what, plan::Action action) {
        plan.steps.push_back({id, what, std::move(action), {last}, {}, false});
        last = id;
    };
    const std::string key = offsite.prefix + original.id + "/";
    for (const std::string& file : files) {
        const std::string name = original.id + "/" + file;
        plan::Upload upload{{offsite.bucket, key + file, original.folder + "/" + file, until}};
        add("copy/" + name, "copy " + name + " to " + offsite.shown(), std::move(upload));
        if (file == signature_file) continue;
        add("reread/" + name, "read " + file + " back from the bucket", read_back(offsite, key + file, original, file));
    }
    if (until) {
        constexpr std::string_view signature = signature_file;
        add("lock/" + original.id, "try to remove the copy, which must be refused",
            plan::ProveLock{offsite.bucket, key + std::string(signature), *until});
    }
    return last;
}

}  // namespace flowlet::commands::backup

#include "commands/backup/catalogue.h"

#include <algorithm>
#include <set>

#include "commands/backup/offsite.h"
#include "commands/shared/secret.h"

namespace flowlet::commands::backup {
namespace {

std::string read_text(const Session& session, const Store& store, const Entry& entry, std::string_view file) {
    const std::string name(file);
    constexpr std::size_t limit = std::size_t{64} << 20U;
    if (!store.bucket) return session.probe.read_file(entry.folder + "/" + name, limit);
    const auto object = entry.objects.find(name);
    if (object == entry.objects.end()) throw Error(Kind::precondition, name + " is missing");
    return session.probe.read_object(*store.bucket, object->second, limit);
}

std::optional<std::uint64_t> size_of(const Session& session, const Store& store, const Entry& entry,
                                     const std::string& file) {
    if (!store.bucket) {
        const host::FileInfo info = session.probe.file_info(entry.folder + "/" + file);
        return info.type == host::FileType::regular ? std::optional(info.size) : std::nullopt;
    }
    const auto object = entry.objects.find(file);
    return object == entry.objects.end() ? std::nullopt : std::optional(object->second.bytes);
}

void read_entry(const Session& session, const Store& store, Entry& entry) {
    try {
        const std::string text = read_text(session, store, entry, manifest_file);
        entry.manifest_sha256 = stream::sha256_hex(text);
        stream::check_signature(store.signer, text, read_text(session, store, entry, signature_file));
        entry.manifest = parse_manifest(text);
        if (entry.manifest.id != entry.id) entry.trouble = "its manifest is that of " + entry.manifest.id;
        for (const Artifact& artifact : entry.manifest.artifacts) {
            const std::optional<std::uint64_t> size = size_of(session, store, entry, artifact.file);
            if (!size)
                entry.trouble = artifact.file + " is missing";
            else if (*size != artifact.stored.bytes)
                entry.trouble = artifact.file + " has another size";
        }
    } catch (const Error& error) {
        if (error.kind() == Kind::config) throw;
        entry.trouble = printable(error.what());
    }
}

}  // namespace

std::uint64_t stored_bytes(const Entry& entry) {
    std::uint64_t bytes = 0;
    for (const Artifact& artifact : entry.manifest.artifacts)
        bytes += artifact.stored.bytes;
    return bytes;
}

unsigned serial_in(const std::string& id) {
    const std::vector<std::string> parts = split(id, '-');
    constexpr std::size_t digits = 6;
    if (parts.size() < 2 || parts[1].size() < digits || parts[1].size() > 9) return 0;
    const bool number = std::all_of(parts[1].begin(), parts[1].end(), [](char c) { return c >= '0' && c <= '9'; });
    return number ? static_cast<unsigned>(std::stoul(parts[1])) : 0;
}

namespace {

void observe_folder(const Session& session, Store& store) {
    if (session.probe.file_info(store.folder).type == host::FileType::none) return;
    store.names = session.probe.list_folder(store.folder);
    std::erase(store.names, lock_file);
    for (const std::string& name : store.names) {
        if (name.starts_with(partial_prefix)) {
            store.partial.push_back(name);
        } else if (name == tombstones_folder) {
            store.tombstones = observe_tombstones(session, store.folder);
        } else if (name == holds_folder) {
            store.holds = observe_holds(session, store.folder);
        } else if (serial_in(name) != 0) {
            Entry& entry = store.entries.emplace_back();
            entry.id = name;
            entry.folder = store.folder + "/" + name;
        } else if (name != drills_folder) {
            store.foreign.push_back(name);
        }
    }
}

void observe_bucket(const Session& session, Store& store, const Offsite& offsite) {
    store.bucket = offsite.bucket;
    store.folder = offsite.shown();
    std::map<std::string, Entry> found;
    for (const host::Object& object : session.probe.list_objects(offsite.bucket, offsite.prefix)) {
        const std::string name = object.key.substr(offsite.prefix.size());
        const std::size_t slash = name.find('/');
        if (slash == std::string::npos || serial_in(name.substr(0, slash)) == 0) continue;
        Entry& entry = found[name.substr(0, slash)];
        entry.id = name.substr(0, slash);
        entry.folder = store.folder + "/" + entry.id;
        entry.objects[name.substr(slash + 1)] = object;
    }
    for (auto& [id, entry] : found) {
        // The signature is copied last: without it a copy is under way, or was not finished.
        if (entry.objects.contains(std::string(signature_file))) {
            store.entries.push_back(std::move(entry));
        } else {
            store.partial.push_back(id);
        }
    }
}

}  // namespace

const Entry* Store::newest() const {
    const auto found =
        std::find_if(entries.rbegin(), entries.rend(), [](const Entry& entry) { return entry.trouble.empty(); });
    return found == entries.rend() ? nullptr : &*found;
}

unsigned Store::next_serial() const {
    unsigned highest = entries.empty() ? 0 : serial_in(entries.back().id);
    for (const std::string& id : tombstones)
        highest = std::max(highest, serial_in(id));
    return highest + 1;
}

std::vector<unsigned> Store::gaps() const {
    std::set<unsigned> known;
    for (const Entry& entry : entries)
        known.insert(serial_in(entry.id));
    for (const std::string& id : tombstones)
        known.insert(serial_in(id));
    std::vector<unsigned> missing;
    if (known.empty()) return missing;
    for (unsigned serial = *known.begin() + 1; serial < *known.rbegin(); ++serial) {
        if (!known.contains(serial)) missing.push_back(serial);
    }
    return missing;
}

std::string find_signer(const Session& session) {
    const config::Config& config = *session.config;
    if (config.find("backup.signer") != nullptr) return config.text("backup.signer");
    (void)config.require("backup.signing_key");
    return stream::SigningKey(resolve(session, "backup.signing_key")).public_key();
}

Store observe_store(const Session& session, std::string signer, From from) {
    const config::Config& config = *session.config;
    (void)config.require("backup.store");
    Store store;
    const std::string root = config.path("backup.store");
    if (root.find("://") != std::string::npos) {
        throw Error(Kind::config, "backup.store: " + printable(root) + " is no folder",
                    "name a folder here, and the bucket in backup.offsite.bucket");
    }
    store.system = config.require("project").text;
    store.job = config.environment().empty() ? "default" : config.environment();
    store.folder = root + "/" + store.system + "/" + store.job;
    store.signer = std::move(signer);
    if (from == From::folder) {
        observe_folder(session, store);
    } else if (const std::optional<Offsite> offsite = find_offsite(session, store.system, store.job)) {
        observe_bucket(session, store, *offsite);
    } else {
        throw Error(Kind::config, config.file() + ": there is no bucket with copies",
                    "set backup.offsite.bucket and the keys beside it");
    }
    std::stable_sort(store.entries.begin(), store.entries.end(),
                     [](const Entry& a, const Entry& b) { return serial_in(a.id) < serial_in(b.id); });
    for (Entry& entry : store.entries)
        read_entry(session, store, entry);
    return store;
}

host::Stage read_stage(const Store& store, const Entry& entry, const std::string& file) {
    if (!store.bucket) return host::ReadFile{entry.folder + "/" + file};
    return host::ReadObject{*store.bucket, entry.objects.at(file)};
}

const Entry& find_entry(const Store& store, const std::string& id) {
    if (id.empty()) {
        if (store.entries.empty()) {
            throw Error(Kind::precondition, "there is no backup in " + store.folder, "make one: flowletctl backup");
        }
        const Entry& last = store.entries.back();
        if (last.trouble.empty()) return last;
        // An older one in its place would be a green tick over a backup that is broken.
        const Entry* const good = store.newest();
        throw Error(Kind::verification, "the newest backup, " + last.id + ", counts for nothing: " + last.trouble,
                    good == nullptr ? "none of the others counts either" : "the newest that counts is " + good->id);
    }
    std::vector<std::string> ids;
    for (const Entry& entry : store.entries) {
        if (entry.id == id && entry.trouble.empty()) return entry;
        if (entry.id == id) throw Error(Kind::verification, id + ": " + entry.trouble);
        ids.push_back(entry.id);
    }
    const auto near = did_you_mean(id, ids);
    throw Error(Kind::precondition, "there is no backup " + printable(id) + " in " + store.folder,
                near ? "did you mean " + *near + "?" : "flowletctl backup list names them");
}

}  // namespace flowlet::commands::backup

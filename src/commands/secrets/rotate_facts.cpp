#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/secrets/secrets.h"
#include "commands/shared/database.h"
#include "commands/shared/secret.h"

namespace flowlet::commands::secrets {
namespace {

constexpr Millis login_timeout{15000};
constexpr const char* mark_note = "flowletctl.io/rotation";

/// 32 letters and digits: 190 bits, and nothing that an address, SQL or a shell would have to escape.
Secret make_password() {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::size_t wanted = 32;
    constexpr std::size_t fair = 256 / letters.size() * letters.size();
    std::string password;
    password.reserve(wanted);
    while (password.size() < wanted) {
        for (const char byte : stream::random_bytes(wanted)) {
            const std::size_t number = static_cast<unsigned char>(byte);
            if (number < fair && password.size() < wanted) password += letters[number % letters.size()];
        }
    }
    return Secret(std::move(password));
}

std::string make_verifier(const Secret& password) {
    constexpr std::size_t salt = 16;
    return stream::scram_sha_256(password, stream::random_bytes(salt));
}

std::string key_of(const RotateOptions& options, const std::string& word) {
    return "databases." + options.database + "." + word;
}

void check_database(const Session& session, const RotateOptions& options) {
    const std::vector<std::string> names = session.config->children("databases");
    if (std::find(names.begin(), names.end(), options.database) == names.end()) {
        const auto near = did_you_mean(options.database, names);
        throw Error(Kind::usage, "there is no databases." + printable(options.database),
                    near ? "did you mean " + *near + "?" : "there are: " + join(names, ", "));
    }
    const config::Value& type = session.config->require(key_of(options, "type"));
    if (type.text != "postgres") {
        throw Error(Kind::usage, render_place(type.place) + ": " + options.database + " is " + type.text,
                    "secrets rotate knows postgres only");
    }
}

/// The password itself has to be in a Secret of the cluster: a file or a variable elsewhere would go on saying the old
/// one.
SecretKey find_home(const Session& session, const RotateOptions& options, const std::string& space) {
    const std::string path = key_of(options, "password");
    const config::Value& value = session.config->require(path);
    const auto reference = config::find_reference(*session.config, path);
    if (!reference || reference->source != config::Reference::Source::kubernetes) {
        throw Error(Kind::config,
                    render_place(value.place) + ": " + path + " is kept in " +
                        (reference ? render(*reference) : std::string("nothing")) + ", which a rotation does not write",
                    "refer to a Kubernetes Secret: `" + path +
                        ": ${secret:NAME}` with `secrets: {NAME: {kubernetes: " + "NAMESPACE/NAME/KEY}}`");
    }
    return parse_secret_key(reference->name, space);
}

std::vector<SecretKey> list_copies(const Session& session, const RotateOptions& options, const std::string& space) {
    std::vector<SecretKey> keys = {find_home(session, options, space)};
    for (const std::string& text : session.config->list(key_of(options, "secrets"))) {
        const SecretKey key = parse_secret_key(text, space);
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    return keys;
}

struct Held {
    SecretKey key;
    std::string resource_version;
    Secret value;
};

std::vector<Held> observe_held(const Session& session, const Cluster& cluster, const std::vector<SecretKey>& keys) {
    std::vector<Held> held;
    for (const SecretKey& key : keys) {
        const auto secret = observe_secret(session, cluster, key);
        const auto found = secret ? secret->data.find(key.key) : std::map<std::string, Secret>::const_iterator{};
        if (!secret || found == secret->data.end()) {
            throw Error(Kind::precondition,
                        render(key) + (secret ? " has no key " + key.key : std::string(" is not there")),
                        "take it out of flowlet.yaml, or: flowletctl secrets set " + key.space + "/" + key.name + "/" +
                            key.key);
        }
        held.push_back({key, secret->resource_version, found->second});
    }
    return held;
}

bool logs_in(const Session& session, host::Database database, const Secret& password) {
    database.password = password;
    const host::Rows rows = session.probe.look_up(database, "SELECT 1", login_timeout);
    if (rows.ok()) return true;
    if (rows.state == host::login_refused) return false;
    throw Error(
        Kind::precondition,
        "database " + database.host + ":" + std::to_string(database.port) + "/" + database.name + ": " + rows.message,
        "nothing was changed");
}

/// The text with one password in place of the other, also where it stands percent-encoded in an address. Nothing if it
/// is not in there.
std::optional<std::string> exchange(const std::string& text, const std::string& before, const std::string& after) {
    if (text == before) return after;
    std::string result = text;
    bool found = false;
    for (const std::string& form : {before, stream::percent_encode(before)}) {
        for (std::size_t at = result.find(form); at != std::string::npos; at = result.find(form, at + after.size())) {
            result.replace(at, form.size(), after);
            found = true;
        }
    }
    return found ? std::optional(result) : std::nullopt;
}

/// The copies that have yet to be written.
std::vector<Copy> find_stale(const std::vector<Held>& held, const RotateFacts& facts) {
    std::vector<Copy> copies;
    for (const Held& one : held) {
        const std::string& text = one.value.reveal();
        if (text.find(facts.new_password.reveal()) != std::string::npos) continue;
        std::optional<std::string> next = exchange(text, facts.old_password.reveal(), facts.new_password.reveal());
        if (!next) {
            throw Error(
                Kind::precondition,
                one.key.key + " of " + render(one.key) + " does not hold the password of " + facts.database.user,
                "set it right first: flowletctl secrets set " + one.key.space + "/" + one.key.name + "/" + one.key.key +
                    "; nothing was changed");
        }
        copies.push_back({one.key, one.resource_version, one.value, Secret(std::move(*next))});
    }
    return copies;
}

/// Short passwords are in many texts by chance.
constexpr std::size_t telling = 6;

void find_strangers(const Session& session, const std::vector<SecretKey>& known, const SecretKey& staging,
                    RotateFacts& facts) {
    const auto all = observe_all_secrets(session, facts.cluster);
    facts.all_seen = all.has_value();
    if (!all || facts.old_password.reveal().size() < telling) return;
    for (const KubernetesSecret& secret : *all) {
        if (secret.space == staging.space && secret.name == staging.name) continue;
        for (const auto& [name, value] : secret.data) {
            const SecretKey key{secret.space, secret.name, name};
            const bool listed = std::find(known.begin(), known.end(), key) != known.end();
            if (!listed && exchange(value.reveal(), facts.old_password.reveal(), "")) facts.strangers.push_back(key);
        }
    }
}

void find_consumers(const Session& session, const RotateOptions& options, const std::vector<SecretKey>& keys,
                    RotateFacts& facts) {
    std::set<SecretName> names;
    for (const SecretKey& key : keys)
        names.insert({key.space, key.name});
    const std::string server = session.config->text(key_of(options, "server"));
    for (Consumer& consumer : observe_consumers(session, facts.cluster, names)) {
        if (server == consumer.ref.kind + "/" + consumer.ref.space + "/" + consumer.ref.name) continue;
        const bool reads = std::any_of(consumer.uses.begin(), consumer.uses.end(), [&](const kube::SecretUse& use) {
            return std::any_of(keys.begin(), keys.end(), [&](const SecretKey& key) {
                return key.space == consumer.ref.space && key.name == use.name &&
                       (use.key.empty() || use.key == key.key);
            });
        });
        if (reads) facts.consumers.push_back(std::move(consumer));
    }
}

/// Which password the database takes, and so how far a rotation came that was cut off.
void settle_passwords(const Session& session, const Secret& home, const std::optional<KubernetesSecret>& staging,
                      RotateFacts& facts) {
    const auto part = [&](const char* name) {
        const auto found = staging->data.find(name);
        return found == staging->data.end() ? Secret() : found->second;
    };
    if (staging && !part("new").empty() && staging->annotations.contains(mark_note)) {
        facts.staged = Staged{part("new"), staging->annotations.at(mark_note)};
        facts.old_password = part("old");
        facts.altered = logs_in(session, facts.database, facts.staged->password);
    } else {
        facts.old_password = home;
    }
    if (!facts.altered && !logs_in(session, facts.database, facts.old_password)) {
        throw Error(Kind::precondition,
                    facts.staged ? "the database accepts neither the password of " + facts.database.user +
                                       " that was, nor the one of the rotation that was begun"
                                 : "the database does not accept the password of " + facts.database.user +
                                       " that the cluster holds",
                    "set the right one with flowletctl secrets set, then rotate");
    }
    facts.new_password = facts.staged ? facts.staged->password : make_password();
    facts.mark = facts.staged ? facts.staged->mark : session.run_id;
    facts.database.password = facts.altered ? facts.new_password : facts.old_password;
}

}  // namespace

SecretKey staging_of(const std::string& database, const std::string& space) {
    return {space, "flowletctl-rotation-" + database, "new"};
}

RotateFacts observe_rotation(const Session& session, const RotateOptions& options) {
    check_database(session, options);
    RotateFacts facts;
    facts.database = read_database(session, options.database);
    reach_database(session, options.database, facts.database);
    const std::string space = session.config->require("namespace").text;
    const std::vector<SecretKey> keys = list_copies(session, options, space);
    const SecretKey staging = staging_of(options.database, space);
    facts.cluster = observe_cluster(session);
    const host::Response lock = ask_one(session, facts.cluster, get_lock(space, session.config->text("release")));
    if (lock.ok()) facts.lock = parse_lock(session.probe, lock.body);
    const std::vector<Held> held = observe_held(session, facts.cluster, keys);
    settle_passwords(session, held.front().value, observe_secret(session, facts.cluster, staging), facts);
    if (session.scrubber != nullptr) session.scrubber->add(facts.new_password);
    facts.verifier = make_verifier(facts.new_password);
    facts.old_verifier = make_verifier(facts.old_password);
    facts.copies = find_stale(held, facts);
    find_strangers(session, keys, staging, facts);
    find_consumers(session, options, keys, facts);
    facts.now = session.probe.now();
    return facts;
}

}  // namespace flowlet::commands::secrets

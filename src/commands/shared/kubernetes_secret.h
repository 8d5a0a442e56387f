// Secrets of the cluster: reading them, and writing single keys of them. Their values are told to the scrubber as soon
// as they are read.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "commands/shared/cluster.h"

namespace flowlet::commands {

/// One key of one Secret.
struct SecretKey {
    std::string space;
    std::string name;
    std::string key;
    friend auto operator<=>(const SecretKey&, const SecretKey&) = default;
};
/// "namespace/name/key", or "name/key" in the namespace `space`.
SecretKey parse_secret_key(const std::string& text, const std::string& space);
/// "Secret/name in space".
std::string render(const SecretKey& key);

/// Is what stands under this key a secret? A user's name, a host or the name of a database often lies beside the
/// password, and to hide it would make half of what is printed unreadable.
bool is_secret(std::string_view key);

struct KubernetesSecret {
    std::string space;
    std::string name;
    std::string type;
    std::string resource_version;
    std::map<std::string, std::string> annotations;
    std::map<std::string, Secret> data;
};

/// A Secret as the API server answers it. `scrubber`, when given, is told its values first.
KubernetesSecret parse_secret(const nlohmann::json& body, stream::Scrubber* scrubber);
/// Nothing if there is none. Throws like ask_one().
std::optional<KubernetesSecret> observe_secret(const Session& session, const Cluster& cluster, const SecretKey& key);
/// Every Secret of the cluster, or nothing if the caller may not list them all.
std::optional<std::vector<KubernetesSecret>> observe_all_secrets(const Session& session, const Cluster& cluster);

/// Writes these keys and leaves the others alone. With a version, only if the Secret still has it.
plan::Send write_secret(const Cluster& cluster, const SecretKey& key, const std::map<std::string, Secret>& data,
                        const std::string& resource_version);
/// Creates a Secret with these keys; one that exists is a conflict.
plan::Send create_secret(const Cluster& cluster, const SecretKey& key, const std::map<std::string, Secret>& data,
                         const std::map<std::string, std::string>& annotations);
plan::Send remove_secret(const Cluster& cluster, const SecretKey& key);
/// Takes one key out of a Secret.
plan::Send remove_key(const Cluster& cluster, const SecretKey& key);

}  // namespace flowlet::commands

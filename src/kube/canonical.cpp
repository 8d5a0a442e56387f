#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::kube {

namespace {

/// managedFields, resourceVersion and generation change with every write, uid, creationTimestamp and selfLink with
/// every creation: none says what the object is. deletionTimestamp stays: an object on its way out is not the same.
constexpr auto metadata_of_the_server = std::to_array<const char*>(
    {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"});

/// Each is written by a program as its own note and follows from the object or from what was done to it.
constexpr auto notes = std::to_array<std::string_view>({
    // What client-side `kubectl apply` last sent: a copy of the object in itself.
    "kubectl.kubernetes.io/last-applied-configuration",
    // The DaemonSet controller's counter of templates.
    "deprecated.daemonset.template.generation",
    // The time of the last change of the pods behind.
    "endpoints.kubernetes.io/last-change-trigger-time",
    // The Job controller's mark that it counts pods by finalizers.
    "batch.kubernetes.io/job-tracking",
});

/// All that a controller writes below these is its own.
constexpr auto prefixes_of_controllers = std::to_array<std::string_view>({
    // Revision, its history, and the sizes that a rolling update of ReplicaSets was planned with.
    "deployment.kubernetes.io/",
    // Whether and by which controller a claim is bound.
    "pv.kubernetes.io/",
    // Which provisioner and node were chosen for a claim.
    "volume.kubernetes.io/",
    "volume.beta.kubernetes.io/",
});

/// Asked for by people, in spite of the prefix: the ways to choose a class before there was a field for it.
constexpr auto wishes = std::to_array<std::string_view>(
    {"volume.beta.kubernetes.io/storage-class", "volume.beta.kubernetes.io/mount-options"});

bool is_note(std::string_view annotation) {
    if (std::find(wishes.begin(), wishes.end(), annotation) != wishes.end()) return false;
    if (std::find(notes.begin(), notes.end(), annotation) != notes.end()) return true;
    return std::any_of(prefixes_of_controllers.begin(), prefixes_of_controllers.end(),
                       [annotation](std::string_view prefix) { return annotation.starts_with(prefix); });
}

void drop_notes(nlohmann::json& annotations) {
    if (!annotations.is_object()) return;
    for (auto entry = annotations.begin(); entry != annotations.end();) {
        entry = is_note(entry.key()) ? annotations.erase(entry) : std::next(entry);
    }
}

/// The server leaves an empty map out when it writes the object next.
void drop_if_empty(nlohmann::json& metadata, const char* member) {
    const auto found = metadata.find(member);
    if (found == metadata.end()) return;
    if (found->is_null() || (found->is_object() && found->empty())) metadata.erase(found);
}

/// Pod and claim templates carry `creationTimestamp: null` up to Kubernetes 1.33: Go's way to write no time.
void drop_null_times(nlohmann::json& value) {
    if (value.is_object()) {
        const auto metadata = value.find("metadata");
        if (metadata != value.end() && metadata->is_object()) {
            const auto time = metadata->find("creationTimestamp");
            if (time != metadata->end() && time->is_null()) metadata->erase(time);
        }
    }
    if (!value.is_structured()) return;
    for (nlohmann::json& member : value)
        drop_null_times(member);
}

}  // namespace

nlohmann::json canonical(const nlohmann::json& object) {
    nlohmann::json kept = object;
    if (!kept.is_object()) return kept;
    // What controllers have seen, not what is wanted.
    kept.erase("status");
    drop_null_times(kept);
    const auto metadata = kept.find("metadata");
    if (metadata == kept.end() || !metadata->is_object()) return kept;
    for (const char* const member : metadata_of_the_server)
        metadata->erase(member);
    const auto annotations = metadata->find("annotations");
    if (annotations != metadata->end()) drop_notes(*annotations);
    drop_if_empty(*metadata, "annotations");
    drop_if_empty(*metadata, "labels");
    return kept;
}

}  // namespace flowlet::kube

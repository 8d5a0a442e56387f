#include <algorithm>
#include <array>
#include <tuple>

#include "flowlet/kube.h"
#include "kube/percent.h"

namespace flowlet::kube {

namespace {

struct Row {
    std::string_view api_version;
    std::string_view kind;
    std::string_view plural;
    bool namespaced;
};

constexpr bool in_space = true;
constexpr bool in_cluster = false;

constexpr auto key_of(const Row& row) {
    return std::tuple(row.api_version, row.kind);
}

/// Kinds that are generally available in some release of 1.24–1.34, without those that can only be created (reviews,
/// bindings, evictions): they have no object that could be read back.
constexpr std::array rows = std::to_array<Row>({
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", in_cluster},
    {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", in_cluster},
    {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings",
     in_cluster},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations",
     in_cluster},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", in_cluster},
    {"apiregistration.k8s.io/v1", "APIService", "apiservices", in_cluster},
    {"apps/v1", "ControllerRevision", "controllerrevisions", in_space},
    {"apps/v1", "DaemonSet", "daemonsets", in_space},
    {"apps/v1", "Deployment", "deployments", in_space},
    {"apps/v1", "ReplicaSet", "replicasets", in_space},
    {"apps/v1", "StatefulSet", "statefulsets", in_space},
    {"autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", in_space},
    {"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", in_space},
    {"batch/v1", "CronJob", "cronjobs", in_space},
    {"batch/v1", "Job", "jobs", in_space},
    {"certificates.k8s.io/v1", "CertificateSigningRequest", "certificatesigningrequests", in_cluster},
    {"coordination.k8s.io/v1", "Lease", "leases", in_space},
    {"discovery.k8s.io/v1", "EndpointSlice", "endpointslices", in_space},
    {"events.k8s.io/v1", "Event", "events", in_space},
    {"flowcontrol.apiserver.k8s.io/v1", "FlowSchema", "flowschemas", in_cluster},
    {"flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", in_cluster},
    {"networking.k8s.io/v1", "IPAddress", "ipaddresses", in_cluster},
    {"networking.k8s.io/v1", "Ingress", "ingresses", in_space},
    {"networking.k8s.io/v1", "IngressClass", "ingressclasses", in_cluster},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", in_space},
    {"networking.k8s.io/v1", "ServiceCIDR", "servicecidrs", in_cluster},
    {"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", in_cluster},
    {"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", in_space},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", in_cluster},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", in_cluster},
    {"rbac.authorization.k8s.io/v1", "Role", "roles", in_space},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", in_space},
    {"resource.k8s.io/v1", "DeviceClass", "deviceclasses", in_cluster},
    {"resource.k8s.io/v1", "ResourceClaim", "resourceclaims", in_space},
    {"resource.k8s.io/v1", "ResourceClaimTemplate", "resourceclaimtemplates", in_space},
    {"resource.k8s.io/v1", "ResourceSlice", "resourceslices", in_cluster},
    {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", in_cluster},
    {"storage.k8s.io/v1", "CSIDriver", "csidrivers", in_cluster},
    {"storage.k8s.io/v1", "CSINode", "csinodes", in_cluster},
    {"storage.k8s.io/v1", "CSIStorageCapacity", "csistoragecapacities", in_space},
    {"storage.k8s.io/v1", "StorageClass", "storageclasses", in_cluster},
    {"storage.k8s.io/v1", "VolumeAttachment", "volumeattachments", in_cluster},
    {"storage.k8s.io/v1", "VolumeAttributesClass", "volumeattributesclasses", in_cluster},
    {"v1", "ComponentStatus", "componentstatuses", in_cluster},
    {"v1", "ConfigMap", "configmaps", in_space},
    {"v1", "Endpoints", "endpoints", in_space},
    {"v1", "Event", "events", in_space},
    {"v1", "LimitRange", "limitranges", in_space},
    {"v1", "Namespace", "namespaces", in_cluster},
    {"v1", "Node", "nodes", in_cluster},
    {"v1", "PersistentVolume", "persistentvolumes", in_cluster},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims", in_space},
    {"v1", "Pod", "pods", in_space},
    {"v1", "PodTemplate", "podtemplates", in_space},
    {"v1", "ReplicationController", "replicationcontrollers", in_space},
    {"v1", "ResourceQuota", "resourcequotas", in_space},
    {"v1", "Secret", "secrets", in_space},
    {"v1", "Service", "services", in_space},
    {"v1", "ServiceAccount", "serviceaccounts", in_space},
});

static_assert(std::is_sorted(rows.begin(), rows.end(),
                             [](const Row& left, const Row& right) { return key_of(left) < key_of(right); }),
              "the table is searched by halving");

/// "/api/v1" for the core group, which is older than the rule that all others follow.
std::string group_path(const std::string& api_version) {
    if (api_version.find('/') == std::string::npos) return "/api/" + percent_encode(api_version);
    std::string path = "/apis";
    for (const std::string& part : split(api_version, '/'))
        path += "/" + percent_encode(part);
    return path;
}

/// A segment that is empty or made of dots would name another object once the path is normalised.
std::string segment(const std::string& text, std::string_view role) {
    if (text.empty() || text == "." || text == "..") {
        throw Error(Kind::bug, "no API path can be built with \"" + text + "\" as " + std::string(role));
    }
    return "/" + percent_encode(text);
}

}  // namespace

std::string render(const Ref& ref) {
    std::string text = ref.kind + "/" + ref.name;
    return ref.space.empty() ? text : text + " in " + ref.space;
}

std::optional<Resource> find_resource(std::string_view api_version, std::string_view kind) {
    const auto wanted = std::tuple(api_version, kind);
    const auto row = std::lower_bound(rows.begin(), rows.end(), wanted,
                                      [](const Row& one, const auto& key) { return key_of(one) < key; });
    if (row == rows.end() || key_of(*row) != wanted) return std::nullopt;
    return Resource{std::string(row->api_version), std::string(row->kind), std::string(row->plural), row->namespaced};
}

std::string object_path(const Resource& resource, const Ref& ref) {
    std::string path = group_path(resource.api_version);
    if (resource.namespaced) path += "/namespaces" + segment(ref.space, "the namespace of a " + resource.kind);
    return path + segment(resource.plural, "the plural of a " + resource.kind) +
           segment(ref.name, "the name of a " + resource.kind);
}

std::string list_path(const Resource& resource, const std::string& space, const std::string& label_selector) {
    std::string path = group_path(resource.api_version);
    if (resource.namespaced && !space.empty()) path += "/namespaces" + segment(space, "a namespace");
    path += segment(resource.plural, "the plural of a " + resource.kind);
    if (!label_selector.empty()) path += "?labelSelector=" + percent_encode(label_selector);
    return path;
}

}  // namespace flowlet::kube

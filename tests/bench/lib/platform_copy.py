"""A copy of the platform of this repository, that the benchmark may edit, and the two ways to deploy it."""
import json
import re
import secrets
import shutil
import string
import subprocess

from timing import BenchError

ENVIRONMENT = "development"
SPACE = "flowlet-core"
RELEASE = "flowlet"
FIELD_MANAGER = "flowletctl"
CHART = "charts/flowlet"
VALUES = "charts/flowlet/values/development.yaml"
FIRST_TAG, SECOND_TAG = "1.0.0", "1.1.0"

SECRETS = [
    ("flowlet-data", "postgres-credentials", "username=flowlet password database=flowlet"),
    ("flowlet-data", "mongodb-credentials", "username=flowlet password"),
    ("flowlet-data", "redis-credentials", "password"),
    ("flowlet-data", "influxdb-credentials", "username=flowlet password admin-token"),
    ("flowlet-messaging", "kafka-credentials", "username=flowlet password inter-broker-password"),
    ("flowlet-messaging", "rabbitmq-credentials", "username=flowlet password"),
]

# The value that a changed deploy changes, besides the image tag of every service.
EDITED = "manifests/30-data/redis-config.yaml"
SETTING = re.compile(r"(maxmemory )(\d+)(mb)")
MEMORY = {FIRST_TAG: "192", SECOND_TAG: "160"}
WORKLOADS = {"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}


class Platform:
    def __init__(self, top, folder, cluster, flowletctl):
        self.folder, self.cluster, self.flowletctl = folder, cluster, flowletctl
        folder.mkdir()
        shutil.copy(top / "flowlet.yaml", folder)
        shutil.copytree(top / "charts", folder / "charts")
        shutil.copytree(top / "manifests", folder / "manifests")
        self.files = manifest_files(folder)
        self.set_version(FIRST_TAG)

    def set_version(self, tag):
        """The tree as it is at this version: one value of a ConfigMap. The tag is an argument of the commands."""
        path = self.folder / EDITED
        text, count = SETTING.subn(rf"\g<1>{MEMORY[tag]}\g<3>", path.read_text())
        if count != 1:
            raise BenchError(f"{EDITED} has {count} lines with maxmemory, not 1")
        path.write_text(text)

    def deploy(self, *words):
        return [self.flowletctl, "deploy", "--env", ENVIRONMENT, *words]

    def kubectl(self, *words):
        return [self.cluster.kubectl, *words]

    def helm_upgrade(self, tag, *words):
        tail = ["--values", VALUES, "--set-string", f"image.tag={tag}", *words]
        return [self.cluster.helm, "upgrade", RELEASE, CHART, "--install", "--namespace", SPACE, *tail]

    def script_preview(self, tag):
        """What shows, without flowletctl, that nothing would change. Under another name than the owner's, kubectl would try
        some objects several times (kubernetes refuses a field that is owned and empty): that would be slower still."""
        return [
            self.kubectl("diff", "-R", "--server-side", f"--field-manager={FIELD_MANAGER}", "-f", "manifests"),
            self.helm_upgrade(tag, "--dry-run=server"),
        ]

    def script_deploy(self, tag, workloads):
        """File by file in the order of the tiers, the release, then one workload after another."""
        commands = [self.kubectl("apply", "-f", name) for name in self.files]
        commands.append(self.helm_upgrade(tag, "--atomic", "--timeout", "10m"))
        for space, kind, name in workloads:
            commands.append(self.kubectl("-n", space, "rollout", "status", f"{kind.lower()}/{name}", "--timeout=10m"))
        return commands

    def workloads(self):
        """(namespace, kind, name) of everything that rolls out, the stores before the services."""
        found = []
        for kind in ("StatefulSet", "DaemonSet", "Deployment"):
            for item in self.cluster.api.get(f"/apis/apps/v1/{WORKLOADS[kind]}")["items"]:
                found.append((item["metadata"]["namespace"], kind, item["metadata"]["name"]))
        return found

    def create_secrets(self):
        for space, name, keys in SECRETS:
            data = {}
            for word in keys.split():
                key, _, value = word.partition("=")
                data[key] = value or random_word()
            body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": space}, "stringData": data}
            apply = self.kubectl("--kubeconfig", self.cluster.kubeconfig, "apply", "--server-side", "-f", "-")
            subprocess.run(apply, input=json.dumps(body), text=True, check=True, capture_output=True)

    def check_version(self, tag):
        """Both sides have to reach the same state: this value, this tag everywhere, everything ready."""
        api = self.cluster.api
        config = api.get("/api/v1/namespaces/flowlet-data/configmaps/redis-config")
        wanted = f"maxmemory {MEMORY[tag]}mb"
        if wanted not in config["data"]["redis.conf"]:
            raise BenchError(f"the ConfigMap redis-config does not say {wanted}")
        services = api.get(f"/apis/apps/v1/namespaces/{SPACE}/deployments")["items"]
        for service in services:
            for container in service["spec"]["template"]["spec"]["containers"]:
                if not container["image"].endswith(":" + tag):
                    raise BenchError(f"{service['metadata']['name']} runs {container['image']}, not {tag}")
        for kind in WORKLOADS.values():
            for item in api.get(f"/apis/apps/v1/{kind}")["items"]:
                if not is_ready(item):
                    raise BenchError(f"{item['metadata']['name']} is not ready: {item.get('status')}")
        return len(services)


def is_ready(item):
    """As `kubectl rollout status` has it, for Deployments and StatefulSets."""
    spec, status = item["spec"], item.get("status", {})
    wanted = spec.get("replicas", status.get("desiredNumberScheduled", 0))
    updated = status.get("updatedReplicas", status.get("updatedNumberScheduled", 0))
    ready = status.get("availableReplicas", status.get("numberAvailable", 0))
    return (
        status.get("observedGeneration", 0) >= item["metadata"]["generation"]
        and updated >= wanted
        and ready >= wanted
        and status.get("replicas", wanted) == wanted
    )


def manifest_files(folder):
    """Relative to the project, in the order in which flowletctl reads them: tier by tier."""
    found = [path for path in (folder / "manifests").rglob("*") if path.suffix in (".yaml", ".yml", ".json")]
    return [str(path.relative_to(folder)) for path in sorted(found)]


def random_word():
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(24))

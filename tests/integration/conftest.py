"""A small project of its own for every test, on the real cluster whose env file tests/run has sourced."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import textwrap
import uuid

import pytest
from servers import age_go, mariadb, postgres, s3  # noqa: F401 (fixtures of every test here)

TOP = pathlib.Path(__file__).resolve().parents[2]
FLOWLETCTL = os.environ.get("FLOWLETCTL", str(TOP / "build/dev/flowletctl"))


def of_cluster(name):
    """What a running cluster says of itself. Without one, only the tests that want it fail."""
    return os.environ.get(name, f"/there-is-no-cluster/{name}")


KUBECTL = of_cluster("KUBECTL")
HELM3 = of_cluster("HELM3")
HELM4 = of_cluster("HELM4")
API_AUDIT_LOG = pathlib.Path(of_cluster("API_AUDIT_LOG"))

CHART = """
apiVersion: v2
name: shop
version: 0.1.0
appVersion: "1"
"""

VALUES = """
image: {name: localhost/flowlet/standin, tag: "1"}
mode: ""
secret: ""
cpu: 5m
extra: false
"""

TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: {greeting: "hello {{ .Values.image.tag }}"}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: shop
          image: "{{ .Values.image.name }}:{{ .Values.image.tag }}"
          imagePullPolicy: IfNotPresent
          env:
            - {name: PORT, value: "8080"}
            - {name: STANDIN_MODE, value: "{{ .Values.mode }}"}
            {{- if .Values.secret }}
            - name: PASSWORD
              valueFrom: {secretKeyRef: {name: "{{ .Values.secret }}", key: password}}
            {{- end }}
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /health, port: http}, periodSeconds: 1, failureThreshold: 3}
          resources: {requests: {cpu: "{{ .Values.cpu }}", memory: 8Mi}}
          volumeMounts: [{name: scratch, mountPath: /tmp}]
        {{- if .Values.extra }}
        - name: extra
          image: localhost/flowlet/standin:1
          env: [{name: PORT, value: "8081"}]
        {{- end }}
      volumes: [{name: scratch, emptyDir: {}}]
"""

SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {currency: EUR}
"""

STORE = """
apiVersion: v1
kind: Service
metadata: {name: store}
spec: {clusterIP: None, selector: {app: store}, ports: [{port: 8080}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  replicas: 1
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: store
          image: localhost/flowlet/standin:1
          env: [{name: PORT, value: "8080"}, {name: STANDIN_MODE, value: ""}]
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /health, port: http}, periodSeconds: 1}
          resources: {requests: {cpu: 5m, memory: 8Mi}}
"""


class Ran:
    """What a finished flowletctl left: exit code, stdout, stderr."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Project:
    def __init__(self, folder, space, helm):
        self.folder, self.space, self.helm = folder, space, helm
        self.audit = folder / "audit"
        self.write("flowlet.yaml", self.config())
        self.write("chart/Chart.yaml", CHART)
        self.write("chart/values.yaml", VALUES)
        self.write("chart/templates/shop.yaml", TEMPLATE)
        self.write("values/test.yaml", "{}\n")
        self.write("manifests/10-config/settings.yaml", SETTINGS)
        self.write("manifests/20-store/store.yaml", STORE)

    def config(self):
        return textwrap.dedent(
            f"""
            apiVersion: flowlet/v1
            project: shop
            environments:
              test:
                kube: {{context: flowlet-dev}}
                namespace: {self.space}
                values: [values/test.yaml]
            deploy: {{chart: chart, manifests: manifests, timeout: 90s}}
            tools: {{kubectl: {KUBECTL}, helm: {self.helm}}}
            audit: {{dir: {self.audit}}}
            """
        )

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def edit(self, name, old, new):
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new))

    def values(self, **values):
        self.write("values/test.yaml", json.dumps(values) + "\n")

    def command(self, *args):
        return [FLOWLETCTL, *args]

    def run(self, *args, env=None, timeout=240, cwd=None):
        return Ran(
            subprocess.run(
                self.command(*args),
                cwd=cwd or self.folder,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout,
            )
        )

    def deploy(self, *args, **options):
        return self.run("deploy", "--env", "test", *args, **options)

    def start(self, *args):
        return subprocess.Popen(
            self.command(*args), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def get(self, *args):
        return kubectl("-n", self.space, "get", *args)

    def objects(self):
        return objects_of(self.space)

    def releases(self):
        done = subprocess.run([self.helm, "-n", self.space, "list", "-a", "-o", "json"], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)


def kubectl(*args, check=True):
    done = subprocess.run([KUBECTL, *args, "-o", "json"], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"kubectl {' '.join(args)}: {done.stderr}")
    return json.loads(done.stdout) if done.stdout.strip() else None


VOLATILE = ("resourceVersion", "generation", "managedFields", "uid", "creationTimestamp")


def objects_of(space):
    """Every object that somebody declared in a namespace, without what the server counts and stamps."""
    kinds = "deployments,statefulsets,services,configmaps,serviceaccounts,secrets,leases,networkpolicies,persistentvolumeclaims"
    found = {}
    for item in kubectl("-n", space, "get", kinds)["items"]:
        metadata = item["metadata"]
        name = f"{item['kind']}/{metadata['name']}"
        # Helm and flowletctl keep their history in Secrets: a rollback adds to it.
        if item.get("type", "").startswith(("helm.sh/", "flowletctl.io/")):
            continue
        for key in VOLATILE:
            metadata.pop(key, None)
        metadata.get("annotations", {}).pop("deployment.kubernetes.io/revision", None)
        if not metadata.get("annotations", True):
            metadata.pop("annotations")
        item.pop("status", None)
        found[name] = item
    return found


class Writes:
    """Requests of a person (no controller) that changed something, as the API server itself has logged them."""

    def __init__(self):
        self.offset = API_AUDIT_LOG.stat().st_size

    def since(self, space=""):
        with API_AUDIT_LOG.open() as log:
            log.seek(self.offset)
            events = [json.loads(line) for line in log if line.strip()]
        return [
            f"{event['verb']} {event['requestURI']}"
            for event in events
            if event["verb"] in ("create", "update", "patch", "delete", "deletecollection")
            and not event["user"]["username"].startswith("system:")
            and "dryRun=All" not in event["requestURI"]
            and "selfsubject" not in event["requestURI"]
            and space in event["requestURI"]
        ]


@pytest.fixture
def writes():
    return Writes()


@pytest.fixture(params=["helm3"])
def helm(request):
    return {"helm3": HELM3, "helm4": HELM4}[request.param]


@pytest.fixture
def make_project(tmp_path, helm):
    made = []

    def make(name="project"):
        folder = tmp_path / name
        folder.mkdir()
        project = Project(folder, f"t-{uuid.uuid4().hex[:10]}", helm)
        made.append(project)
        return project

    yield make
    for project in made:
        subprocess.run([KUBECTL, "delete", "namespace", project.space, "--ignore-not-found", "--wait=false"], capture_output=True, check=False)
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def project(make_project):
    return make_project()


OFFLINE = """
apiVersion: flowlet/v1
project: shop
environments:
  test: {kube: {context: flowlet-dev}, namespace: shop-test}
  live: {inherits: test, protected: true, namespace: shop-live}
deploy: {chart: chart, manifests: manifests}
databases: {primary: {port: 5432}}
"""


class Offline:
    """A project that no cluster knows, with a home of its own."""

    def __init__(self, folder):
        self.folder = folder / "project"
        self.home = folder / "home"
        self.home.mkdir()
        self.write("flowlet.yaml", OFFLINE)
        self.write("manifests/10-config/settings.yaml", SETTINGS)
        self.write("manifests/20-store/store.yaml", STORE)
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}

    write = Project.write

    def run(self, *args, env=None, cwd=None, program=FLOWLETCTL, **options):
        done = subprocess.run(
            [program, *args],
            cwd=cwd or self.folder,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )
        return Ran(done)


@pytest.fixture
def offline(tmp_path):
    return Offline(tmp_path)


@pytest.fixture(scope="session")
def keeper(postgres):
    """The one who backs up: a superuser who must give a password."""
    from vault import PASSWORD

    made = f"CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '{PASSWORD}' IN ROLE by_password"
    subprocess.run(["psql", "-Xqc", made], env={**os.environ, **postgres}, check=True)
    return postgres


@pytest.fixture
def vault(tmp_path, keeper):
    from vault import Vault

    with contextlib.closing(Vault(tmp_path, keeper)) as made:
        yield made


@pytest.fixture(scope="session")
def mariadb_keeper(mariadb):
    """The one who backs up and restores a MariaDB, and must give a password."""
    from vault import MARIADB_PASSWORD

    quoted = MARIADB_PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
    made = f"CREATE USER keeper@'%' IDENTIFIED BY '{quoted}'; GRANT ALL ON *.* TO keeper@'%' WITH GRANT OPTION"
    subprocess.run(["mariadb", "-e", made], env={**os.environ, **mariadb}, check=True)
    return mariadb


@pytest.fixture
def mariadb_vault(tmp_path, mariadb_keeper):
    from vault import MariadbVault

    with contextlib.closing(MariadbVault(tmp_path, mariadb_keeper)) as made:
        yield made

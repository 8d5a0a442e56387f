"""The cluster as the benchmark sees it: its programs, its audit log, and watches of its own."""
import base64
import contextlib
import http.client
import json
import pathlib
import shlex
import ssl
import subprocess
import threading
import time
import urllib.parse

from timing import BenchError

AGENT = "flowlet-bench"
USER = "flowlet-dev"


class Cluster:
    def __init__(self, folder):
        values = read_env(folder / "env")
        self.kubeconfig = values["KUBECONFIG"]
        self.kubectl = values["KUBECTL"]
        self.helm = values["HELM"]
        self.audit = AuditLog(pathlib.Path(values["API_AUDIT_LOG"]))
        self.api = Api(self.kubectl, self.kubeconfig)


def read_env(path):
    """`export NAME='value'` a line, as tests/cluster/up writes them."""
    values = {}
    for line in path.read_text().splitlines():
        word, assignment = shlex.split(line)
        assert word == "export", line
        name, _, value = assignment.partition("=")
        values[name] = value
    return values


class AuditLog:
    """What the API server itself has written down: every request of every client, once it is answered."""

    def __init__(self, path):
        self.path = path

    def mark(self):
        return self.path.stat().st_size

    def since(self, mark):
        """The requests made with the kubeconfig, but not by the benchmark itself. A watch is written when it opens and when
        it closes, which are one request."""
        time.sleep(0.5)
        with self.path.open("rb") as log:
            log.seek(mark)
            lines = log.read().split(b"\n")[:-1]
        events = {}
        for line in lines:
            event = json.loads(line)
            if event["user"]["username"] == USER and not event.get("userAgent", "").startswith(AGENT):
                events[event["auditID"]] = event
        return list(events.values())


class Api:
    """GET and watch, straight over TLS: nothing between the API server and the clock of the benchmark."""

    def __init__(self, kubectl, kubeconfig):
        view = [kubectl, "config", "view", "--kubeconfig", kubeconfig, "--raw", "--minify", "-o", "json"]
        config = json.loads(subprocess.run(view, check=True, capture_output=True, text=True).stdout)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        address = urllib.parse.urlsplit(cluster["server"])
        self.host, self.port = address.hostname, address.port
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        self.headers = {"Authorization": "Bearer " + user["token"], "User-Agent": AGENT, "Accept": "application/json"}

    def open(self, path, timeout):
        connection = http.client.HTTPSConnection(self.host, self.port, context=self.tls, timeout=timeout)
        connection.request("GET", path, headers=self.headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise BenchError(f"GET {path}: {answer.status} {answer.read(500)!r}")
        return connection, answer

    def get(self, path):
        connection, answer = self.open(path, 30)
        with contextlib.closing(connection):
            return json.load(answer)


class Watch(threading.Thread):
    """Hands (time, type, object) of every event of a collection to `see`, from the state at its start on."""

    def __init__(self, api, path, see):
        super().__init__(daemon=True)
        self.path, self.see, self.error, self.over = path, see, None, False
        self.items = api.get(path)
        version = self.items["metadata"]["resourceVersion"]
        self.connection, self.answer = api.open(f"{path}?watch=1&resourceVersion={version}", 900)
        self.start()

    def run(self):
        try:
            while line := self.answer.readline():
                now = time.monotonic()
                event = json.loads(line)
                self.see(now, event["type"], event["object"])
        except (OSError, ValueError, http.client.HTTPException, AttributeError) as error:
            self.error = None if self.over else error

    def stop(self):
        """What is already on its way is still seen; after that, silence."""
        time.sleep(0.3)
        self.over = True
        self.connection.sock.shutdown(2)
        self.join(5)
        if self.error:
            raise BenchError(f"the watch of {self.path} broke: {self.error}")

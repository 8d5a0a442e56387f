"""A database that only the cluster can reach: a real PostgreSQL in a real pod, through kubectl port-forward."""
import glob
import json
import os
import pathlib
import subprocess
import time
import uuid

import pytest
from conftest import KUBECTL, kubectl
from vault import PASSWORD, TABLES, Vault

# The server's programs are those of the node, for no image with a PostgreSQL is built here.
SERVER = """
set -e
printf '%s' "$SECRET" >/data/secret
{programs}/initdb -D /data/db -U keeper --pwfile=/data/secret --auth-local=trust --auth-host=scram-sha-256 --locale=C.UTF-8 -N >/dev/null
exec {programs}/postgres -D /data/db -c listen_addresses=0.0.0.0 -c unix_socket_directories=/tmp -c fsync=off
"""


def pod_with_database(space):
    mounts = ["/usr", "/bin", "/lib", "/lib64", "/etc/passwd"]
    programs = str(pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1]).parent)
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "db", "namespace": space, "labels": {"app": "db"}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "securityContext": {"runAsUser": 65534, "runAsGroup": 65534},
            "containers": [{
                "name": "db", "image": "localhost/flowlet/standin:1", "imagePullPolicy": "IfNotPresent",
                "command": ["/usr/bin/bash", "-c", SERVER.format(programs=programs)],
                "env": [{"name": "SECRET", "value": PASSWORD}, {"name": "PATH", "value": "/usr/bin"}],
                "readinessProbe": {"exec": {"command": ["/usr/bin/psql", "-h", "/tmp", "-U", "keeper", "-c", "SELECT 1", "postgres"]}, "periodSeconds": 1},
                "resources": {"requests": {"cpu": "5m", "memory": "64Mi"}},
                "volumeMounts": [*({"name": f"v{n}", "mountPath": path, "readOnly": True} for n, path in enumerate(mounts)),
                                 {"name": "data", "mountPath": "/data"}, {"name": "tmp", "mountPath": "/tmp"}]}],
            "volumes": [*({"name": f"v{n}", "hostPath": {"path": os.path.realpath(path)}} for n, path in enumerate(mounts)),
                        {"name": "data", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]}}


SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "postgresql"},
           "spec": {"selector": {"app": "db"}, "ports": [{"port": 5432, "targetPort": 5432}]}}


class ClusterVault(Vault):
    def __init__(self, folder, space):
        self.space = space
        super().__init__(folder, {})

    def login(self):
        return {"type": "postgres", "port_forward": "service/postgresql", "namespace": self.space, "port": 5432}

    def write_config(self, **backup):
        super().write_config(**backup)
        path = self.folder / "flowlet.yaml"
        document = json.loads(path.read_text())
        document["environments"]["production"].update(kube={"context": "flowlet-dev"}, namespace=self.space)
        document["tools"]["kubectl"] = KUBECTL
        path.write_text(json.dumps(document))

    def fill(self):
        self.sql(f"CREATE DATABASE {self.database}", "postgres")
        self.sql(TABLES)

    def sql(self, statement, database=None):
        command = [KUBECTL, "-n", self.space, "exec", "db", "--", "/usr/bin/psql", "-h", "/tmp", "-U", "keeper",
                   "-v", "ON_ERROR_STOP=1", "-Xqtc", statement, database or self.database]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def close(self):
        """The server goes with its pod."""


@pytest.fixture(scope="module")
def inside():
    space = f"t-{uuid.uuid4().hex[:10]}"
    try:
        apply = [KUBECTL, "-n", space, "apply", "-f", "-"]
        subprocess.run([KUBECTL, "create", "namespace", space], check=True, capture_output=True)
        for document in (pod_with_database(space), SERVICE):
            subprocess.run(apply, input=json.dumps(document), text=True, check=True, capture_output=True)
        end = time.monotonic() + 90
        while not all(one["status"] == "True" for one in kubectl("-n", space, "get", "pod", "db").get("status", {}).get("conditions", [{"status": ""}])):
            assert time.monotonic() < end, kubectl("-n", space, "get", "pod", "db")["status"]
            time.sleep(0.5)
        yield space
    finally:
        subprocess.run([KUBECTL, "delete", "namespace", space, "--ignore-not-found", "--wait=false"], capture_output=True, check=False)


def forwards():
    """Command lines of port-forwards that are still there."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"port-forward" in words:
            found.append(words)
    return found


def test_a_database_in_a_pod_is_backed_up_and_restored_through_a_tunnel(tmp_path, inside):
    vault = ClusterVault(tmp_path, inside)
    made = vault.run("-o", "json")
    assert made.code == 0 and made.json["digests"] == 5, made
    manifest = json.loads((vault.job / vault.published()[0] / "manifest.json").read_text())
    assert manifest["databases"][0]["server"] == f"service/postgresql in {inside}:5432"
    restored = vault.run("restore", "--to", "copy_of_it", "--jobs", "2", *vault.identity())
    assert restored.code == 0 and "every row as it was backed up" in restored.out, restored
    assert vault.sql("SELECT count(*) FROM account", "copy_of_it") == "20000"
    assert f"service/postgresql in {inside}" in restored.err + restored.out
    vault.sql("UPDATE account SET balance = balance + 1 WHERE id = 7", "copy_of_it")
    assert vault.run("verify", "--against", "copy_of_it", *vault.identity()).code == 9
    assert forwards() == [], "every tunnel ends with the command that opened it"
    words = json.dumps([made.out, made.err, restored.out, restored.err])
    assert PASSWORD not in words


def test_a_tunnel_that_breaks_leaves_no_backup(tmp_path, inside):
    vault = ClusterVault(tmp_path, inside)
    vault.tool("pg_dump", '"$REAL" "$@" | head -c 200000; pkill -P $PPID kubectl; sleep 0.2; exit 1')
    failed = vault.run()
    assert failed.code == 16, failed
    assert vault.published() == [] and vault.partial() == []
    assert forwards() == []


def test_a_way_that_leads_nowhere_is_told_before_anything_is_done(tmp_path, inside):
    vault = ClusterVault(tmp_path, inside)
    path = tmp_path / "flowlet.yaml"
    document = json.loads(path.read_text())
    for way, code, words in [("service/no-such", 5, 'services "no-such" not found'), ("postgresql", 3, "write it as service/NAME"),
                             ("service/-x", 3, "nothing that kubectl could forward"), ("secret/db", 3, "nothing that kubectl")]:
        document["databases"]["primary"]["port_forward"] = way
        path.write_text(json.dumps(document))
        refused = vault.run()
        assert refused.code == code and words in refused.err, refused
    document["databases"]["primary"].update(port_forward="service/postgresql", host="db.internal")
    path.write_text(json.dumps(document))
    both = vault.run()
    assert both.code == 3 and "which of them leads to the database?" in both.err, both
    assert not vault.job.exists()

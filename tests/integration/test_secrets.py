"""Secrets in the real cluster, and the rotation of a password of a real PostgreSQL, cut off at every step."""
import base64
import os
import pathlib
import shutil
import stat
import subprocess
import urllib.parse

import pytest
from conftest import KUBECTL, TOP, kubectl
from typist import Typist


def sql(postgres, statement):
    subprocess.run(["psql", "-Xqc", statement], env={**os.environ, **postgres}, check=True)


def logs_in(postgres, role, password):
    env = {**os.environ, **postgres, "PGUSER": role, "PGPASSWORD": password}
    return subprocess.run(["psql", "-Xqtc", "SELECT 1"], env=env, capture_output=True).returncode == 0


def secret(space, name):
    found = kubectl("-n", space, "get", "secrets")["items"]
    data = [item.get("data", {}) for item in found if item["metadata"]["name"] == name]
    return {key: base64.b64decode(value).decode() for key, value in data[0].items()} if data else None


def make_space(space):
    subprocess.run([KUBECTL, "create", "namespace", space], check=True, stdout=subprocess.DEVNULL)


def put_secret(space, name, **data):
    literals = [f"--from-literal={key}={value}" for key, value in data.items()]
    subprocess.run([KUBECTL, "-n", space, "create", "secret", "generic", name, *literals], check=True, stdout=subprocess.DEVNULL)


READER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: reports}
spec:
  selector: {matchLabels: {app: reports}}
  template:
    metadata: {labels: {app: reports}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: reports
          image: localhost/flowlet/standin:1
          env:
            - {name: PORT, value: "8080"}
            - {name: DATABASE_URL, valueFrom: {secretKeyRef: {name: reports-db, key: url}}}
          readinessProbe: {httpGet: {path: /health, port: 8080}, periodSeconds: 1}
          resources: {requests: {cpu: 5m, memory: 8Mi}}
"""


class Rotation:
    """A project whose shop reads a password, and whose reports, in another namespace, read an address with it."""

    def __init__(self, project, postgres):
        self.project, self.postgres = project, postgres
        self.role = project.space.replace("-", "_")
        # One of its own: a Secret of an earlier test, in a namespace that is still going, would rightly stop a rotation.
        self.old = f"old-{project.space}/word=1"
        self.other = project.space + "-b"
        sql(postgres, f"CREATE ROLE {self.role} LOGIN PASSWORD '{self.old}' IN ROLE by_password")
        make_space(project.space)
        make_space(self.other)
        put_secret(project.space, "app-db", password=self.old, unrelated="stays")
        self.url = f"postgres://{self.role}:{{}}@db.internal/flowlet"
        put_secret(self.other, "reports-db", url=self.url.format(urllib.parse.quote(self.old, safe="")))
        project.write("manifests/20-store/reports.yaml", READER.replace("name: reports}", f"name: reports, namespace: {self.other}}}", 1))
        project.values(secret="app-db")
        with open(project.folder / "flowlet.yaml", "a") as config:
            config.write(
                f"databases:\n  primary:\n    type: postgres\n    host: {postgres['PGHOST']}\n    port: {postgres['PGPORT']}\n"
                f"    user: {self.role}\n    name: flowlet\n    password: ${{secret:app-db}}\n"
                f"    secrets: [{self.other}/reports-db/url]\n"
                "secrets: {app-db: {kubernetes: app-db/password}}\n"
            )

    def rotate(self, *args):
        return self.project.run("secrets", "rotate", "primary", "--env", "test", *args)

    def passwords(self):
        """What the two consumers would log in with."""
        url = secret(self.other, "reports-db")["url"]
        inside = url.split(":", 2)[2].split("@")[0]
        return [secret(self.project.space, "app-db")["password"], urllib.parse.unquote(inside)]

    def staged(self):
        return secret(self.project.space, "flowletctl-rotation-primary")

    def works(self, password):
        return logs_in(self.postgres, self.role, password)

    def marks(self):
        marks = []
        for space, name in ((self.project.space, "shop"), (self.other, "reports")):
            found = kubectl("-n", space, "get", "deployment", name)
            marks.append(found["spec"]["template"]["metadata"].get("annotations", {}).get("flowletctl.io/restarted-for"))
        return marks

    def close(self):
        subprocess.run([KUBECTL, "delete", "namespace", self.other, "--wait=false"], stdout=subprocess.DEVNULL)


@pytest.fixture
def rotation(project, postgres):
    made = Rotation(project, postgres)
    try:
        assert project.deploy().code == 0
        yield made
    finally:
        made.close()


def check_rotated(rotation):
    new = rotation.passwords()
    assert new[0] == new[1] and new[0] != rotation.old
    assert rotation.works(new[0])
    assert not rotation.works(rotation.old)
    assert secret(rotation.project.space, "app-db")["unrelated"] == "stays"
    assert rotation.staged() is None
    assert kubectl("-n", rotation.project.space, "get", "leases")["items"] == []
    marks = rotation.marks()
    assert marks[0] and marks[0] == marks[1]


def test_a_rotation_changes_the_password_everywhere_and_the_old_one_is_dead(rotation):
    ran = rotation.rotate()
    assert ran.code == 0, ran
    check_rotated(rotation)
    new = rotation.passwords()[0]
    audit = "".join(path.read_text() for path in rotation.project.audit.glob("*") if path.is_file())
    for text in (ran.out, ran.err, audit):
        assert rotation.old not in text and new not in text
        assert base64.b64encode(new.encode()).decode() not in text
        assert "SCRAM-SHA-256$" not in text
    assert rotation.project.deploy("--dry-run", "-o", "json").json["changes"] == [], "a rotation is no drift"


def test_a_rotation_is_shown_before_it_is_done(rotation):
    ran = rotation.rotate("--dry-run")
    assert ran.code == 0, ran
    assert rotation.passwords() == [rotation.old, rotation.old]
    assert rotation.works(rotation.old)
    assert rotation.staged() is None
    for word in ("role " + rotation.role, "Secret/app-db", "Secret/reports-db", "Deployment/shop", "Deployment/reports"):
        assert word in ran.out


def test_a_rotation_whose_pods_do_not_come_up_is_undone(rotation):
    space = rotation.other
    subprocess.run([KUBECTL, "-n", space, "create", "quota", "full", "--hard=pods=1"], check=True, stdout=subprocess.DEVNULL)
    before = rotation.passwords()
    ran = rotation.project.run("secrets", "rotate", "primary", "--env", "test", "--set", "deploy.timeout=20s")
    assert ran.code == 1, ran
    assert rotation.passwords() == before == [rotation.old, rotation.old]
    assert rotation.works(rotation.old)
    assert rotation.staged() is None
    assert kubectl("-n", rotation.project.space, "get", "leases")["items"] == []


def test_a_secret_that_holds_the_password_and_is_not_listed_stops_a_rotation(rotation):
    put_secret(rotation.other, "forgotten", dsn=f"host=db password={rotation.old}")
    ran = rotation.rotate()
    assert ran.code == 5, ran
    assert f"{rotation.other}/forgotten/dsn" in ran.out + ran.err
    assert rotation.passwords() == [rotation.old, rotation.old]
    assert rotation.works(rotation.old)


def interpose(project):
    """Puts the interposer in kubectl's place, and returns how to say where it kills."""
    folder = project.folder / "interposer"
    folder.mkdir()
    script = folder / "kubectl"
    shutil.copy(pathlib.Path(__file__).with_name("interposer.py"), script)
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    (folder / "kubectl-path").write_text(KUBECTL)
    project.edit("flowlet.yaml", f"kubectl: {KUBECTL}", f"kubectl: {script}")
    return folder


# The requests that change something: 1 lock, 2 stage (then the role in the database), 3 and 4 the Secrets, 5 and 6 the restarts,
# 7 forget, 8 unlock.
@pytest.mark.parametrize("where", ["before 1", "before 2", "after 2", "before 3", "after 4", "before 5", "after 6", "before 7", "before 8"])
def test_a_rotation_killed_anywhere_leaves_a_password_that_works_and_is_finished_by_the_next(rotation, where):
    folder = interpose(rotation.project)
    (folder / "kill-at").write_text(where)
    killed = rotation.rotate()
    assert killed.code == -9, killed
    known = {rotation.old, *rotation.passwords(), *(rotation.staged() or {}).values()}
    working = [password for password in known if rotation.works(password)]
    assert len(working) == 1, "exactly one password works, and the cluster knows it"
    ran = rotation.rotate()
    assert ran.code == 0, ran
    check_rotated(rotation)
    verified = rotation.project.run("audit", "verify", "--env", "test", "-o", "json")
    assert verified.code == 0, verified
    assert verified.json["open_intents"] == 0


def test_set_creates_changes_and_leaves_alone(project):
    make_space(project.space)
    run = lambda *args, text: subprocess.run(
        project.command("secrets", "set", *args, "--env", "test"), cwd=project.folder, input=text, capture_output=True, text=True
    )
    made = run("api-key", "--key", "token", text="first-value\n")
    assert made.returncode == 0, made
    assert secret(project.space, "api-key") == {"token": "first-value"}
    again = run("api-key", text="first-value\n")
    assert again.returncode == 0 and "Nothing to do" in again.stdout + again.stderr
    other = run("api-key/second", text="x7")
    assert other.returncode == 0, other
    assert secret(project.space, "api-key") == {"token": "first-value", "second": "x7"}
    unclear = run("api-key", text="third-value")
    assert unclear.returncode == 2
    assert "second, token" in unclear.stderr
    audit = "".join(path.read_text() for path in project.audit.glob("*") if path.is_file())
    for text in (made.stdout, made.stderr, audit):
        assert "first-value" not in text


def test_a_person_at_a_terminal_is_asked_and_what_is_typed_is_not_seen(project):
    make_space(project.space)
    person = Typist(project.command("secrets", "set", "api-key/token", "--env", "test"), dict(os.environ), project.folder)
    try:
        person.wait_for("The new value of token of Secret/api-key")
        person.type("typed-secret\n")
        text, code = person.read_all()
    finally:
        person.end()
    assert code == 0, text
    assert "typed-secret" not in text
    assert secret(project.space, "api-key") == {"token": "typed-secret"}


def test_check_names_every_reference_that_leads_nowhere(project):
    make_space(project.space)
    project.values(secret="app-db")
    ran = project.run("secrets", "check", "--env", "test", "-o", "json")
    assert ran.code == 5, ran
    missing = [(row["name"], row["key"], row["state"]) for row in ran.json["references"] if row["state"] != "ok"]
    assert missing == [("app-db", "password", "missing")]
    put_secret(project.space, "app-db", user="x")
    ran = project.run("secrets", "check", "--env", "test", "-o", "json")
    assert [row["state"] for row in ran.json["references"]] == ["no key"]
    assert ran.code == 5
    put = subprocess.run(
        project.command("secrets", "set", "app-db/password", "--env", "test"), cwd=project.folder, input="secret-1", text=True, capture_output=True
    )
    assert put.returncode == 0, put
    ran = project.run("secrets", "check", "--env", "test")
    assert ran.code == 0, ran
    assert "1 reference, all there" in ran.out

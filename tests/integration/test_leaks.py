"""A planted secret is nowhere to be found, whichever command runs and however it fails: not in what it prints or records, not in the
arguments or the environment of any child, not in a file that it leaves or has while it runs."""
import base64
import glob
import json
import os
import pathlib
import subprocess
import threading
import time
import urllib.parse

import pytest
from conftest import FLOWLETCTL, KUBECTL

CANARY = "kanarie-7f3a91c0.x"
PLAIN_ENV = '- {name: STANDIN_MODE, value: "{{ .Values.mode }}"}'
SECRET_ENV = "- {name: STANDIN_MODE, valueFrom: {secretKeyRef: {name: app-db, key: password}}}"


def forms(secret):
    shifted = [base64.b64encode((" " * n + secret).encode())[4 if n else 0:-4] for n in range(3)]
    whole = [secret, urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1], secret.encode().hex()]
    return [form.encode() for form in whole] + shifted


FORMS = forms(CANARY)


def found_in(data):
    return [form for form in FORMS if form in data]


def read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


def parent(pid):
    text = read(f"/proc/{pid}/stat")
    return int(text.rsplit(b")", 1)[1].split()[1]) if b")" in text else 0


def is_below(pid, root):
    for _ in range(20):
        if pid in (0, 1):
            return False
        if pid == root:
            return True
        pid = parent(pid)
    return False


class Watch(threading.Thread):
    """Looks at every child of a run as long as it lives, and at the files it has in /tmp."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.leaks, self.seen, self.over = root, [], set(), threading.Event()

    def run(self):
        while not self.over.is_set():
            for name in os.listdir("/proc"):
                if name.isdigit() and is_below(int(name), self.root):
                    self.look_at(name)
            for path in glob.glob("/tmp/flowletctl-*/*"):
                if found_in(read(path)):
                    self.leaks.append(path)
            time.sleep(0.002)

    def look_at(self, name):
        try:
            program = os.readlink(f"/proc/{name}/exe")
        except OSError:
            return
        # Before it executes another program, a child is flowletctl itself with the environment that it was given.
        is_other = program != os.path.realpath(FLOWLETCTL)
        if is_other:
            self.seen.add(program)
        for place in ["cmdline", "environ"] if is_other else ["cmdline"]:
            if found_in(read(f"/proc/{name}/{place}")):
                self.leaks.append(f"{place} of {program}")


class Suspect:
    """A project that is full of one secret."""

    def __init__(self, project):
        self.project = project
        subprocess.run([KUBECTL, "create", "namespace", project.space], check=True, stdout=subprocess.DEVNULL)
        self.put("app-db", password=CANARY)
        self.file = project.write("secret", CANARY + "\n")
        self.file.chmod(0o600)
        self.env = {"PLANTED": CANARY, "FLOWLET_DATABASES__WRITTEN__PASSWORD": CANARY}
        self.base = project.config() + "\n".join(
            [
                "databases:",
                "  written: {type: postgres, host: /nowhere, user: app, name: app}",
                "  variable: {type: postgres, host: /nowhere, user: app, name: app, password: '${PLANTED}'}",
                f"  file: {{type: postgres, host: /nowhere, user: app, name: app, password: '${{file:{self.file}}}'}}",
                "  program: {type: postgres, host: /nowhere, user: app, name: app, password: '${secret:program}'}",
                "  cluster: {type: postgres, host: /nowhere, user: app, name: app, password: '${secret:cluster}'}",
                f"secrets: {{program: {{exec: [cat, {self.file}]}}, cluster: {{kubernetes: app-db/password}}}}",
                "",
            ]
        )
        project.write("flowlet.yaml", self.base)

    def put(self, name, **data):
        literals = [f"--from-literal={key}={value}" for key, value in data.items()]
        subprocess.run([KUBECTL, "-n", self.project.space, "create", "secret", "generic", name, *literals], check=True, stdout=subprocess.DEVNULL)

    def run(self, *args, text=None, codes=(0,)):
        command = self.project.command(*args)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        running = subprocess.Popen(command, cwd=self.project.folder, env={**os.environ, **self.env}, **pipes)
        watch = Watch(running.pid)
        watch.start()
        out, err = running.communicate((text or "").encode(), timeout=200)
        watch.over.set()
        watch.join()
        assert running.returncode in codes, (args, running.returncode, err.decode())
        assert found_in(out) == [], (args, out.decode())
        assert found_in(err) == [], (args, err.decode())
        assert watch.leaks == [], args
        return out.decode(), err.decode(), watch

    def check_files(self):
        kept = [path for path in self.project.audit.rglob("*") if path.is_file()]
        assert kept
        for path in kept + [pathlib.Path(name) for name in glob.glob("/tmp/flowletctl-*/*")]:
            assert found_in(read(path)) == [], path


@pytest.fixture
def suspect(project):
    return Suspect(project)


def test_no_command_that_looks_tells_it(suspect):
    for args in (
        ["config", "show", "--env", "test", "--origin"],
        ["config", "show", "--env", "test", "-o", "json"],
        ["config", "explain", "databases.written.password"],
        ["config", "validate"],
        ["config", "diff", "test", "test"],
        ["config", "schema"],
    ):
        suspect.run(*args)
    out, _, _ = suspect.run("doctor", "--env", "test", codes=(12,))
    assert out.count("/nowhere") >= 5, "every database was tried with its password"
    suspect.run("doctor", "--env", "test", "-o", "json", codes=(12,))
    suspect.run("secrets", "check", "--env", "test")
    suspect.run("secrets", "check", "--env", "test", "-o", "json")


def test_a_log_line_and_an_error_of_a_failed_deploy_do_not_tell_it(suspect):
    suspect.project.edit("chart/templates/shop.yaml", PLAIN_ENV, SECRET_ENV)
    for args in (["deploy", "--env", "test"], ["deploy", "--env", "test", "-o", "json"]):
        out, err, watch = suspect.run(*args, codes=(1,))
        assert "no such mode: ***" in out + err, "the container's last words are quoted"
        assert len(watch.seen) >= 2, "children were looked at"
    suspect.run("deploy", "--env", "test", "--dry-run")
    suspect.run("audit", "show", "--env", "test")
    suspect.run("audit", "verify", "--env", "test", "-o", "json")
    suspect.check_files()


def test_an_event_does_not_tell_it(suspect):
    suspect.project.values(secret="app-db", image={"name": "localhost/flowlet/standin", "tag": CANARY})
    # The image is part of what is shown of a change, and no Secret was read by then: here, the plan itself is not the subject.
    out, err, _ = suspect.run("deploy", "--env", "test", "-q", codes=(1,))
    assert "standin:***" in out + err


def test_what_changes_secrets_does_not_tell_it(suspect):
    suspect.run("secrets", "set", "other/token", "--env", "test", text=CANARY)
    suspect.run("secrets", "set", "other/token", "--env", "test", "-o", "json", text=CANARY + "2")
    suspect.run("secrets", "set", "third/token", "--env", "test", "-f", str(suspect.file), "--dry-run", "-o", "json")
    suspect.run("secrets", "set", "no/such/place/token", "--env", "test", text=CANARY, codes=(2, 3, 5))
    suspect.run("secrets", "set", "x/token", "--env", "test", "--namespace", "not-there", text=CANARY, codes=(1, 5, 6))
    suspect.run("secrets", "rotate", "cluster", "--env", "test", codes=(5,))
    suspect.run("secrets", "rotate", "file", "--env", "test", codes=(3,))
    suspect.check_files()


def test_a_secret_on_the_command_line_is_refused_and_not_repeated(suspect):
    project = suspect.project
    ran = project.run("deploy", "--env", "test", "--set", f"databases.file.password={CANARY}")
    assert ran.code == 3, ran
    assert CANARY not in ran.out + ran.err
    assert not project.audit.exists() or not any(found_in(read(path)) for path in project.audit.rglob("*") if path.is_file())

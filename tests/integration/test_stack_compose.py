"""Services that are compose projects: a real engine, a real docker compose, containers that end well, badly or not at all."""
import contextlib
import json
import os
import re
import signal
import socket
import time
import urllib.request
import uuid

import crew
import pytest
from crew import Crew, free_port, wait_until
from engine import docker, moment  # noqa: F401 (a fixture)

# Says so, answers on its port, and ends at once when it is asked to.
WEB = """
trap 'echo web ends; exit 0' TERM
mkdir -p /srv/www; echo "hello $TOKEN" > /srv/www/index.html
sleep ${SLOW:-0}
echo web is up
httpd -f -p 127.0.0.1:$PORT -h /srv/www & wait
"""

# Waits for a sign, and dies of it.
WORKER = """
trap 'exit 0' TERM
echo worker is up
until [ -e /tmp/die ]; do sleep 0.1; done
echo cannot reach the queue
exit 3
"""

DEAF = "trap '' TERM; echo cannot hear; while :; do sleep 0.1; done"


class Harbour(Crew):
    """A project some of whose services are compose projects."""

    def __init__(self, root, engine):
        super().__init__(root)
        self.engine = engine
        for name in [name for name in self.env if name.startswith(("DOCKER_", "COMPOSE_"))]:
            del self.env[name]
        self.env |= {**engine.env, "PATH": f"{engine.programs}:{os.environ['PATH']}"}

    def compose(self, service, containers, file="docker-compose.yml", **keys):
        """containers: name → (script, more keys)."""
        made = {
            name: {"image": self.engine.image, "network_mode": "host", "command": ["sh", "-c", script.replace("$", "$$")], **more}
            for name, (script, more) in containers.items()
        }
        (self.root / file).write_text(json.dumps({"services": made}))
        self.services[service] = {"compose": file, **keys}
        self.write()
        return self

    def edit_compose(self, change, file="docker-compose.yml"):
        whole = json.loads((self.root / file).read_text())
        change(whole["services"])
        (self.root / file).write_text(json.dumps(whole))

    def web(self, service="web", more=None, env=None, **keys):
        """A project of one container that answers. → its port"""
        port = free_port()
        containers = {"web": (WEB, {"environment": {"PORT": str(port), **(env or {})}}), **(more or {})}
        self.compose(service, containers, ready={"http": f"http://127.0.0.1:{port}/"}, **keys)
        return port

    def running(self):
        return self.engine.containers(self.root)

    def kill_supervisor(self):
        """-9, and every client of the engine with it, as clients of today go with their parent. → who runs on"""
        for pid in [self.supervisor(), *self.alive()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.alive() == {})
        return self.running()

    def stop(self):
        """Nothing of the project is left, of whatever it was made."""
        ran = self.run("stop")
        assert (ran.code, sorted(self.running()), self.alive()) == (0, [], {}), ran
        return ran


@pytest.fixture
def harbour(tmp_path, docker):  # noqa: F811
    harbour = Harbour(tmp_path / f"shop-{uuid.uuid4().hex[:8]}", docker)
    yield harbour
    harbour.clean()
    docker.remove(harbour.root)


def get(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return answer.read().decode().strip()


def is_free(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


def last_lines(said, service):
    """What is shown of a service that failed."""
    assert f"✖ service {service}: " in said, said
    return said.partition(f"✖ service {service}: ")[2].partition(" next: ")[0]


def test_a_compose_project_is_ready_once_it_answers_and_stop_leaves_no_container_that_runs(harbour):
    port = harbour.web()
    ran = harbour.run("start", "--wait")
    assert ran.code == 0, ran
    assert get(port) == "hello"
    assert (harbour.run("status").code, harbour.status()["web"]["state"]) == (0, "ready")
    assert "web is up" in harbour.run("logs", "web").out
    assert any("web is up" in line for line in harbour.log("web"))
    assert sorted(harbour.running()) == ["web"]
    harbour.stop()
    assert is_free(port)
    assert harbour.files() == [".gitignore", "logs/supervisor.log", "logs/web.log"]


def test_the_log_holds_what_is_said_and_not_the_screens_of_a_terminal(harbour):
    harbour.web()
    assert harbour.run("start", "--wait").code == 0
    wait_until(lambda: any("web is up" in line for line in harbour.log("web")))
    harbour.stop()
    said = "\n".join(harbour.log("web"))
    assert not re.search("\x1b(\\[[0-9;?]*[A-HJfhlsu]|[78])|[⠀-⣿]|Enable Watch", said), said


def test_a_service_after_it_is_started_once_it_answers_and_stopped_before_it(harbour):
    harbour.web("database", env={"SLOW": "1"})
    command = harbour.script("say.py", """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *a: (time.sleep(0.3), print('down', flush=True), sys.exit(0)))
        print('up', flush=True)
        time.sleep(600)
    """)
    harbour.service("backend", command, after=["database"], ready={"log": "up"})
    ran = harbour.run("start", "--wait")
    assert ran.code == 0, ran
    assert harbour.status()["database"]["ready_after_ms"] >= 1000
    harbour.stop()
    times = {line.split(" ", 1)[1]: line.split(" ", 1)[0] for line in (harbour.logs / "backend.log").read_text().splitlines()}
    state = harbour.engine.containers(harbour.root, every=True)["web"]["State"]
    assert moment(state["StartedAt"]) < moment(times["up"])
    assert moment(times["down"]) < moment(state["FinishedAt"])


def test_a_container_that_ends_before_it_is_ready_fails_the_start_and_its_last_lines_are_shown(harbour):
    harbour.server("backend")
    harbour.compose("queue", {"worker": ("echo cannot reach the queue; exit 3", {})}, ready={"log": "never said"}, after=["backend"])
    ran = harbour.run("start", "--wait")
    assert ran.code == 12, ran
    assert "ended with status 3 before it was ready" in ran.out and "cannot reach the queue" in last_lines(ran.out, "queue"), ran
    assert (harbour.running(), harbour.alive()) == ({}, {})
    assert harbour.run("status").code == 5


def test_a_container_that_dies_takes_the_stack_down_and_its_last_lines_are_shown(harbour):
    harbour.web(more={"worker": (WORKER, {})})
    harbour.server("backend", after=["web"])
    process = harbour.begin("start")
    wait_until(lambda: harbour.run("status").code == 0)
    worker = wait_until(lambda: harbour.running().get("worker"))
    harbour.engine.ask("exec", worker["Id"], "touch", "/tmp/die")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 12, out + err
    assert "cannot reach the queue" in last_lines(out, "web"), out + err
    assert (harbour.running(), harbour.alive()) == ({}, {})
    assert harbour.engine.containers(harbour.root, every=True)["worker"]["State"]["ExitCode"] == 3


def test_a_job_that_ends_well_before_the_others_begin_is_no_failure_and_one_of_them_that_dies_later_is(harbour):
    port = harbour.web(more={"job": ("echo migrated", {}), "worker": (WORKER, {})})
    harbour.edit_compose(lambda made: made["web"].update(depends_on={"job": {"condition": "service_completed_successfully"}}))
    harbour.edit_compose(lambda made: made["worker"].update(depends_on={"job": {"condition": "service_completed_successfully"}}))
    process = harbour.begin("start")
    wait_until(lambda: harbour.run("status").code == 0)
    job = harbour.engine.containers(harbour.root, every=True)["job"]["State"]
    assert (job["Status"], job["ExitCode"], get(port)) == ("exited", 0, "hello")
    worker = wait_until(lambda: harbour.running().get("worker"))
    harbour.engine.ask("exec", worker["Id"], "touch", "/tmp/die")
    out, err = process.communicate(timeout=15)
    assert process.returncode == 12, out + err
    assert "cannot reach the queue" in last_lines(out, "web"), out + err
    assert (harbour.running(), harbour.alive()) == ({}, {})


def test_a_container_that_is_deaf_to_the_signal_is_killed_after_the_grace(harbour):
    harbour.compose("queue", {"deaf": (DEAF, {})}, ready={"log": "cannot hear"}, stop={"grace": "1s"})
    assert harbour.run("start", "--wait").code == 0
    begun = time.monotonic()
    ran = harbour.stop()
    assert time.monotonic() - begun < 6, ran
    assert harbour.engine.containers(harbour.root, every=True)["deaf"]["State"]["ExitCode"] == 137


@pytest.mark.parametrize("after", [0.05, 0.5, 1.0])
def test_ctrl_c_at_any_moment_leaves_no_container_that_runs(harbour, after):
    harbour.web(stop={"grace": "3s"})
    process = harbour.begin("start")
    wait_until(lambda: (harbour.root / ".flowlet/stack/control").exists())
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    assert (harbour.running(), harbour.alive()) == ({}, {}), out + err


def test_two_compose_files_of_one_folder_are_two_services(harbour):
    first = harbour.web("first")
    second = free_port()
    harbour.compose("second", {"other": (WEB, {"environment": {"PORT": str(second)}})}, "second.yml", ready={"http": f"http://127.0.0.1:{second}/"})
    assert harbour.run("start", "--wait").code == 0
    before = harbour.running()["other"]["State"]["StartedAt"]
    assert harbour.run("stop", "first").code == 0
    assert sorted(harbour.running()) == ["other"]
    assert harbour.run("start", "--wait", "first").code == 0
    assert get(first) == get(second) == "hello"
    assert harbour.running()["other"]["State"]["StartedAt"] == before
    harbour.stop()


def test_restart_starts_the_containers_again(harbour):
    port = harbour.web()
    assert harbour.run("start", "--wait").code == 0
    before = harbour.running()["web"]["State"]["StartedAt"]
    ran = harbour.run("restart", "web")
    assert ran.code == 0, ran
    wait_until(lambda: harbour.status()["web"]["state"] == "ready")
    assert get(port) == "hello"
    assert moment(before) < moment(harbour.running()["web"]["State"]["StartedAt"])
    harbour.stop()


def test_stop_ends_the_containers_that_outlived_a_killed_supervisor(harbour):
    port = harbour.web()
    assert harbour.run("start", "--wait").code == 0
    assert sorted(harbour.kill_supervisor()) == ["web"]
    assert get(port) == "hello"
    harbour.stop()
    assert is_free(port)
    assert harbour.run("status").code == 5


def test_containers_that_flowlet_yaml_does_not_name_any_more_are_ended_or_told_by_the_name_of_their_service(harbour):
    harbour.web()
    assert harbour.run("start", "--wait").code == 0
    harbour.kill_supervisor()
    del harbour.services["web"]
    harbour.server("backend")
    ran = harbour.run("stop")
    assert harbour.running() == {} or "service web" in ran.out + ran.err, ran


def test_start_ends_the_containers_that_outlived_a_killed_supervisor_before_it_starts_them_anew(harbour):
    port = harbour.web()
    assert harbour.run("start", "--wait").code == 0
    left = harbour.kill_supervisor()["web"]["State"]["StartedAt"]
    ran = harbour.run("start", "--wait")
    assert ran.code == 0, ran
    assert get(port) == "hello"
    assert moment(left) < moment(harbour.running()["web"]["State"]["StartedAt"]), ran
    harbour.stop()


def test_variables_of_the_service_reach_its_compose_file_when_it_is_started_and_stopped(harbour):
    """Compose itself must stop the deaf one, and reads the file anew for that."""
    (harbour.root / ".env.local").write_text("TOKEN=p4$$w'o\"r d==\nNOISE=1\n")
    wanted = {"TOKEN": "${TOKEN:?}", "SLOW": "${PAUSE:?}"}
    port = harbour.web(env=wanted, env_file=".env.local", more={"deaf": (DEAF, {})}, stop={"grace": "1s"})
    harbour.services["web"]["env"] = {"PAUSE": "0.1"}
    harbour.write()
    ran = harbour.run("start", "--wait")
    assert ran.code == 0, ran
    assert get(port) == "hello p4$$w'o\"r d=="
    harbour.stop()
    assert "p4$$w" not in ran.out + ran.err + "".join(path.read_text() for path in (harbour.root.parent / "state").rglob("*.jsonl"))


def test_a_killed_supervisor_leaves_no_variable_on_the_disk_and_its_containers_are_ended_all_the_same(harbour):
    port = harbour.web(env={"TOKEN": "${TOKEN:?}"})
    harbour.services["web"]["env"] = {"TOKEN": "v3ry-s3cret"}
    harbour.write()
    assert harbour.run("start", "--wait").code == 0
    harbour.kill_supervisor()
    kept = [path for path in (harbour.root / ".flowlet").rglob("*") if path.is_file() and "v3ry-s3cret" in path.read_text()]
    assert kept == []
    harbour.stop()
    assert is_free(port)


@pytest.fixture
def without_plugin(harbour, monkeypatch):
    """A docker that finds no compose, wherever the machine may have one."""
    harbour.env["DOCKER_CONFIG"] = str(harbour.root.parent / "empty")
    bare = harbour.root.parent / "flowletctl-bare"
    bare.write_text("\n".join([
        "#!/bin/sh",
        "exec unshare --mount sh -c '",
        "    for folder in /usr/lib /usr/libexec /usr/local/lib /usr/local/libexec; do",
        "        [ ! -d $folder/docker/cli-plugins ] || mount -t tmpfs tmpfs $folder/docker/cli-plugins",
        "    done",
        f"    exec {crew.FLOWLETCTL} \"$@\"' bare \"$@\"",
    ]))
    bare.chmod(0o755)
    monkeypatch.setattr(crew, "FLOWLETCTL", str(bare))
    programs = harbour.root.parent / "programs"
    programs.mkdir()
    return programs


def test_a_docker_compose_of_its_own_serves_where_docker_has_no_plugin(harbour, without_plugin):
    (without_plugin / "docker-compose").symlink_to(harbour.engine.compose)
    harbour.env["PATH"] = f"{without_plugin}:{harbour.env['PATH']}"
    port = harbour.web()
    ran = harbour.run("start", "--wait")
    assert ran.code == 0, ran
    assert get(port) == "hello"
    harbour.stop()
    assert is_free(port)


@pytest.mark.parametrize("who", ["a docker without its plugin", "no docker at all"])
def test_without_any_compose_nothing_is_started_and_it_is_said_what_to_install(harbour, without_plugin, who):
    if who.startswith("a docker"):
        (without_plugin / "docker").symlink_to(f"{harbour.engine.programs}/docker")
    for name in ("unshare", "mount", "sh"):  # of the script above
        (without_plugin / name).symlink_to(f"/usr/bin/{name}")
    harbour.env["PATH"] = str(without_plugin)
    harbour.web()
    ran = harbour.run("start", "--wait")
    assert ran.code == 5, ran
    assert "flowlet.yaml:3" in ran.err and "docker-compose" in ran.err and "install" in ran.err, ran
    assert not (harbour.root / ".flowlet").exists()
    assert harbour.engine.containers(harbour.root, every=True) == {}


def test_an_engine_that_is_not_there_fails_the_start_with_what_the_client_says(harbour):
    harbour.web()
    harbour.env["DOCKER_HOST"] = f"unix://{harbour.root}/no.sock"
    begun = time.monotonic()
    ran = harbour.run("start", "--wait")
    assert ran.code == 12, ran
    assert "Cannot connect to the Docker daemon" in ran.out + ran.err, ran
    assert time.monotonic() - begun < 10
    assert harbour.alive() == {}

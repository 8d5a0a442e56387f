"""start, stop, restart and status of a developer's services: real processes, whatever they do to get away."""
import os
import random
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import pytest
from crew import PYTHON, Crew, free_port, is_alive, wait_until


@pytest.fixture
def crew(tmp_path):
    crew = Crew(tmp_path / "project")
    yield crew
    crew.clean()


def get(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return answer.read().decode()


def test_start_wait_returns_once_all_are_ready_and_stop_leaves_nothing_but_logs(crew):
    _, front = crew.server("frontend", after=["backend"])
    _, back = crew.server("backend", env={"SLOW": "0.3"})
    ran = crew.run("start", "--wait")
    assert ran.code == 0, ran
    assert get(front) == get(back) == ""
    shown = crew.run("status")
    assert (shown.code, shown.out.count("ready")) == (0, 2), shown
    stopped = crew.run("stop")
    assert stopped.code == 0, stopped
    assert crew.alive() == {}
    assert crew.files() == [".gitignore", "logs/backend.log", "logs/frontend.log", "logs/supervisor.log"]
    with socket.socket() as one:
        assert one.connect_ex(("127.0.0.1", front)) != 0


def test_a_service_is_started_once_those_it_is_after_are_ready(crew):
    crew.server("backend", env={"SLOW": "0.5"})
    crew.service("frontend", [PYTHON, "-c", "import time; print('up', flush=True); time.sleep(600)"], after=["backend"])
    assert crew.run("start", "--wait").code == 0
    took = {name: one["ready_after_ms"] for name, one in crew.status().items()}
    assert took["backend"] >= 500
    first = (crew.logs / "frontend.log").read_text().split(" ")[0]
    listening = (crew.logs / "backend.log").read_text().split(" ")[0]
    assert first > listening


def test_stop_goes_against_the_edges(crew):
    say = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *a: (print('down', flush=True), time.sleep(0.3), sys.exit(0)))\nprint('up', flush=True)\ntime.sleep(600)\n"
    command = crew.script("say.py", say)
    crew.service("database", command)
    crew.service("backend", command, after=["database"])
    crew.service("frontend", command, after=["backend"])
    assert crew.run("start", "--wait").code == 0
    for name in ("database", "backend", "frontend"):
        wait_until(lambda name=name: "up" in crew.log(name))
    assert crew.run("stop").code == 0
    ends = {name: (crew.logs / f"{name}.log").read_text().splitlines()[-1].split(" ")[0] for name in crew.services}
    assert ends["frontend"] < ends["backend"] < ends["database"]


def test_the_first_process_ends_and_its_child_ignores_the_signal(crew):
    command = crew.script("leader.py", """
        import os, signal, sys, time
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
        signal.signal(signal.SIGTERM, lambda *a: sys.exit(0))
        print("up", flush=True)
        time.sleep(600)
    """)
    crew.service("backend", command, stop={"grace": "500ms"}, ready={"log": "up"})
    assert crew.run("start", "--wait").code == 0
    assert len([one for one in crew.alive().values() if "leader.py" in one]) == 2
    stopped = crew.run("stop")
    assert (stopped.code, crew.alive()) == (0, {}), stopped


AWAY = {
    "setsid": "os.setsid()",
    "a double fork": "os.setsid()\n    if os.fork(): os._exit(0)",
    "a double fork without the output": "os.setsid()\n    if os.fork(): os._exit(0)\n    n = os.open('/dev/null', 2); [os.dup2(n, i) for i in (0, 1, 2)]; os.closerange(3, 100)",
    "a cleared environment": "os.environ.clear(); os.execve(sys.executable, [sys.executable, sys.argv[0], 'stay'], {})",
}


@pytest.mark.parametrize("way", AWAY)
def test_whoever_goes_away_is_found(crew, way):
    command = crew.script("away.py", f"""
import os, signal, sys, time
def stay():
    signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)
    time.sleep(600)
if sys.argv[1:] == ["stay"]: stay()
if os.fork() == 0:
    {AWAY[way]}
    stay()
print("up", flush=True)
time.sleep(600)
""")
    crew.service("backend", command, stop={"grace": "300ms"}, ready={"log": "up"})
    assert crew.run("start", "--wait").code == 0
    wait_until(lambda: len([one for one in crew.alive().values() if "away.py" in one]) == 2)
    stopped = crew.run("stop")
    assert (stopped.code, crew.alive()) == (0, {}), stopped


def test_a_service_that_goes_into_the_background_is_told_to_stay(crew):
    command = crew.script("daemon.py", """
        import os, time
        if os.fork() == 0:
            os.setsid(); time.sleep(600)
    """)
    crew.service("backend", command, ready={"tcp": free_port()})
    ran = crew.run("start", "--wait")
    assert ran.code == 12, ran
    assert "left 1 process behind: it goes into the background" in ran.err + ran.out
    assert crew.alive() == {}


def test_one_that_fails_takes_the_rest_down_and_its_last_lines_are_shown(crew):
    crew.server("backend")
    crew.service("worker", crew.script("worker.py", """
        import sys
        print("cannot reach the queue", flush=True)
        sys.exit(3)
    """), ready={"log": "never said"}, after=["backend"])
    ran = crew.run("start", "--wait")
    assert ran.code == 12, ran
    said = ran.out + ran.err
    assert "worker" in said and "ended with status 3 before it was ready" in said and "cannot reach the queue" in said
    assert crew.alive() == {}
    assert crew.run("status").code == 5


def test_one_that_never_gets_ready_is_a_failure_in_time(crew):
    crew.service("backend", [PYTHON, "-c", "import time; time.sleep(600)"], ready={"tcp": free_port(), "timeout": "700ms"})
    begun = time.monotonic()
    ran = crew.run("start")
    assert ran.code == 18, ran
    assert "not ready within 700ms" in ran.out + ran.err and "refused" in ran.out + ran.err
    assert time.monotonic() - begun < 10
    assert crew.alive() == {}


def test_a_port_that_is_taken_names_its_owner_before_anything_is_started(crew):
    port = free_port()
    stranger = subprocess.Popen([PYTHON, "-m", "http.server", str(port), "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        crew.server("backend", port)
        ran = crew.run("start", "--wait")
        assert ran.code == 5, ran
        assert f"port {port} is taken by process {stranger.pid}" in ran.err and "http.server" in ran.err
        assert not (crew.root / ".flowlet").exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_stranger_who_answers_is_no_readiness(crew):
    port = free_port()
    crew.service("backend", [PYTHON, "-c", "import time; time.sleep(600)"], ready={"tcp": port})
    process = crew.begin("start")
    wait_until(lambda: (crew.root / ".flowlet/stack/control").exists())
    stranger = subprocess.Popen([PYTHON, "-m", "http.server", str(port), "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        out, err = process.communicate(timeout=20)
        assert process.returncode == 12, out + err
        assert f"port {port} is answered by {stranger.pid}" in out + err and "not by backend" in out + err
    finally:
        stranger.kill()
        stranger.wait()


def test_ctrl_c_ends_all_and_a_second_one_kills(crew):
    command = crew.script("stubborn.py", """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("up", flush=True)
        time.sleep(600)
    """)
    crew.service("backend", command, stop={"grace": "1m"}, ready={"log": "up"})
    process = crew.begin("start")
    wait_until(lambda: crew.root.joinpath(".flowlet/logs/backend.log").exists() and "up" in crew.log("backend"))
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130, out + err
    assert crew.alive() == {}
    assert "backend    | up" in out


def test_a_second_start_says_what_runs_and_starts_nothing(crew):
    crew.server("backend")
    assert crew.run("start", "--wait").code == 0
    before = crew.status()["backend"]["pid"]
    again = crew.run("start", "--wait")
    assert (again.code, "All of it runs already" in again.out) == (0, True), again
    assert crew.status()["backend"]["pid"] == before


def test_a_second_start_in_the_foreground_follows_the_output(crew):
    crew.service("backend", [PYTHON, "-c", "import time\nfor i in range(1000): print('tick', i, flush=True); time.sleep(0.05)"])
    assert crew.run("start", "--wait").code == 0
    process = crew.begin("start")
    lines = [process.stdout.readline() for _ in range(8)]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert any("tick" in line for line in lines), lines
    assert crew.run("status").code == 0


def test_fifty_restarts_at_once_leave_one_copy(crew):
    crew.server("backend")
    assert crew.run("start", "--wait").code == 0
    threads = [threading.Thread(target=crew.run, args=("restart", "backend")) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: crew.status()["backend"]["state"] == "ready")
    assert len([one for one in crew.alive().values() if "server.py" in one]) == 1


def test_one_service_is_started_stopped_and_started_again(crew):
    _, back = crew.server("backend")
    crew.server("frontend", after=["backend"])
    assert crew.run("start", "--wait", "backend").code == 0
    assert {name: one["state"] for name, one in crew.status().items()} == {"backend": "ready", "frontend": "idle"}
    assert crew.run("start", "--wait", "frontend").code == 0
    assert crew.run("stop", "frontend").code == 0
    assert {name: one["state"] for name, one in crew.status().items()} == {"backend": "ready", "frontend": "stopped"}
    assert get(back) == ""
    assert crew.run("start", "--wait").code == 0
    assert crew.status()["frontend"]["state"] == "ready"
    assert crew.run("stop", "backed").err.count("did you mean backend?") == 1


def test_a_service_is_started_again_within_its_budget(crew):
    command = crew.script("flaky.py", """
        import pathlib, sys, time
        count = pathlib.Path(sys.argv[0] + ".count")
        n = int(count.read_text()) if count.exists() else 0
        count.write_text(str(n + 1))
        print("try", n, flush=True)
        time.sleep(0.05)
        sys.exit(1) if n < int(sys.argv[1]) else time.sleep(600)
    """)
    crew.service("flaky", [*command, "2"], ready={"log": "try 2"}, restart={"policy": "on-failure", "budget": 3})
    ran = crew.run("start", "--wait")
    assert ran.code == 0, ran
    assert crew.status()["flaky"]["restarts"] == 2
    assert crew.run("stop").code == 0
    crew.service("flaky", [*command, "1000"], ready={"log": "try 999"}, restart={"policy": "on-failure", "budget": 3})
    ran = crew.run("start", "--wait")
    assert ran.code == 12, ran
    assert "was started again 3 times within 1m already" in ran.out + ran.err


def test_stop_without_anything_that_runs_is_no_failure(crew):
    crew.server("backend")
    ran = crew.run("stop")
    assert (ran.code, "Nothing runs" in ran.out) == (0, True), ran


def test_a_secret_arrives_unchanged(crew):
    secret = "p4$$w'o\"r d=="
    (crew.root / ".env.local").write_text("SECRET=" + secret + "\nexport OTHER='a b'  # a comment\n")
    _, port = crew.server("backend", env_file=".env.local")
    ran = crew.run("start", "--wait")
    assert ran.code == 0, ran
    assert get(port) == secret
    assert secret not in ran.out + ran.err
    audit = "".join(path.read_text() for path in (crew.root.parent / "state").rglob("*.jsonl"))
    assert "start" in audit and secret not in audit


@pytest.mark.parametrize("depth", [1, 12])
def test_a_project_in_a_deep_folder_is_kept_as_well(tmp_path, depth):
    crew = Crew(tmp_path / "/".join(["a-folder-with-a-name"] * depth))
    try:
        crew.server("backend")
        assert crew.run("start", "--wait").code == 0
        assert crew.run("status").code == 0
        assert crew.run("stop").code == 0
        assert crew.alive() == {}
    finally:
        crew.clean()

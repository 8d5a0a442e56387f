"""The supervisor is killed with -9: whoever it kept is found by the next command, and nobody else is touched."""
import json
import os
import random
import signal
import subprocess
import time

import pytest
from crew import PYTHON, Crew, is_alive, wait_until

KILLS = int(os.environ.get("STACK_KILLS", "20"))

# A shell of a service as developers have them: children that trap, leave their session, fork twice.
WILD = """
import os, signal, sys, time
def ignore():
    for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(one, signal.SIG_IGN)
if os.fork() == 0:
    ignore(); time.sleep(600)
if os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    ignore(); time.sleep(600)
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def crew(tmp_path):
    crew = Crew(tmp_path / "project")
    command = crew.script("wild.py", WILD)
    crew.service("database", command, stop={"grace": "200ms"})
    crew.server("backend", after=["database"], stop={"grace": "200ms"})
    crew.service("frontend", command, after=["backend"], stop={"grace": "200ms"})
    yield crew
    crew.clean()


def test_nobody_survives_the_command_that_comes_after_a_kill(crew):
    chance = random.Random(7)
    survivors = []
    for round_ in range(KILLS):
        process = crew.begin("start", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.01, 0.8))
        process.kill()
        process.wait()
        if round_ % 2:
            ran = crew.run("stop")
            assert ran.code == 0, ran
            survivors.append(len(crew.alive()))
        else:
            ran = crew.run("start", "--wait")
            assert ran.code == 0, ran
            assert crew.run("stop").code == 0
            survivors.append(len(crew.alive()))
    print(f"{KILLS} kills, survivors after the next command: {sum(survivors)}")
    assert survivors == [0] * KILLS
    assert crew.files() == [".gitignore", *(f"logs/{one}.log" for one in ("backend", "database", "frontend", "supervisor"))]


def test_what_is_left_is_shown_before_it_is_ended(crew):
    process = crew.begin("start", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: crew.run("status").code == 0)
    process.kill()
    process.wait()
    shown = crew.run("status")
    assert (shown.code, "wild.py" in shown.out, "flowletctl stop ends them" in shown.out) == (12, True, True), shown
    ran = crew.run("start", "--dry-run")
    assert (ran.code, "a supervisor was killed and left" in ran.out) == (0, True), ran
    assert crew.alive() != {}


def test_a_number_that_is_another_process_by_now_is_not_touched(crew):
    process = crew.begin("start", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: crew.run("status").code == 0)
    process.kill()
    process.wait()
    innocent = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        path = crew.root / ".flowlet/stack/state.json"
        record = json.loads(path.read_text())
        record["started"][0]["leader"]["pid"] = innocent.pid
        path.write_text(json.dumps(record))
        assert crew.run("stop").code == 0
        assert is_alive(innocent.pid)
        assert crew.alive() == {}
    finally:
        innocent.kill()
        innocent.wait()


def test_a_record_of_an_earlier_run_of_the_machine_means_nothing(crew):
    innocent = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        started = int(open(f"/proc/{innocent.pid}/stat").read().rpartition(")")[2].split()[19])
        folder = crew.root / ".flowlet/stack"
        folder.mkdir(parents=True)
        leader = {"service": "backend", "leader": {"pid": innocent.pid, "started": started}, "grace_ms": 100}
        (folder / "state.json").write_text(json.dumps({"boot": "another", "supervisor": {"pid": 1, "started": 1}, "started": [leader]}))
        assert crew.run("stop").code == 0
        assert is_alive(innocent.pid)
        assert not (folder / "state.json").exists()
    finally:
        innocent.kill()
        innocent.wait()


def test_a_supervisor_that_does_not_answer_is_ended_with_all_it_keeps(crew):
    process = crew.begin("start", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: crew.run("status").code == 0)
    process.send_signal(signal.SIGSTOP)
    shown = crew.run("status")
    assert (shown.code, "does not answer" in shown.out) == (12, True), shown
    refused = crew.run("start", "--wait")
    assert (refused.code, "does not answer" in refused.err) == (5, True), refused
    assert crew.run("stop").code == 0
    process.wait(timeout=10)
    assert crew.alive() == {}


def test_a_torn_record_is_no_reason_to_leave_anybody(crew):
    process = crew.begin("start", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: crew.run("status").code == 0)
    process.kill()
    process.wait()
    (crew.root / ".flowlet/stack/state.json").write_text('{"boot": "')
    assert crew.run("stop").code == 0
    assert crew.alive() == {}

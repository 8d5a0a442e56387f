"""Whoever reads, or does not: the services do not depend on it; nor do they on what flowlet.yaml is by now."""
import os
import pathlib
import signal
import time

import pytest
from crew import TOP, Crew, wait_until

CHATTER = """
import sys, time
for i in range(150000):
    sys.stdout.write("line %d of a service that says a lot, and more of it, and more\\n" % i)
sys.stdout.flush()
open("said", "w").close()
time.sleep(1000)
"""


@pytest.fixture
def crew(tmp_path):
    one = Crew(tmp_path / "shop")
    yield one
    one.clean()


def test_a_reader_who_does_not_read_holds_up_neither_the_services_nor_their_end(crew):
    crew.service("chatter", crew.script("chatter.py", CHATTER), terminal=False)
    crew.server("web", after=["chatter"])
    process = crew.begin("start")  # whose output nobody reads
    wait_until(lambda: (crew.root / "said").exists())
    wait_until(lambda: crew.status()["web"]["state"] == "ready")
    wait_until(lambda: crew.log("chatter")[-1].startswith("line 149999 "))
    stopped = crew.run("stop", "web")
    assert stopped.code == 0, stopped
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: crew.supervisor() is None or crew.alive().keys() <= {process.pid})
    out, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "lines are not shown here, for nobody read them" in out
    assert "every process of them has ended" in err + out
    assert not crew.alive()


def test_a_reader_who_is_slow_gets_every_line(crew):
    crew.service("chatter", crew.script("chatter.py", CHATTER.replace("time.sleep(1000)", "")), terminal=False)
    process = crew.begin("start")
    lines = 0
    for line in process.stdout:
        lines += line.startswith("chatter")
        if lines % 20000 == 0:
            time.sleep(0.05)
    assert process.wait(timeout=30) == 12  # it has ended by itself
    assert lines == 150000


def test_stop_and_status_work_though_flowlet_yaml_is_broken(crew):
    crew.server("web")
    assert crew.run("start", "--wait").code == 0
    good = (crew.root / "flowlet.yaml").read_text()
    (crew.root / "flowlet.yaml").write_text(good + "nonsense: [\n")
    status = crew.run("status")
    assert status.code == 0 and "ready" in status.out, status
    assert "flowlet.yaml cannot be read" in status.out
    assert crew.run("start").code == 3
    stopped = crew.run("stop")
    assert stopped.code == 0, stopped
    assert "no process of them is left" in stopped.out
    assert not crew.alive()


def test_what_a_killed_supervisor_left_is_stopped_though_flowlet_yaml_is_broken(crew):
    crew.server("web")
    assert crew.run("start", "--wait").code == 0
    os.kill(crew.supervisor(), signal.SIGKILL)
    (crew.root / "flowlet.yaml").write_text("apiVersion: [\n")
    stopped = crew.run("stop")
    assert stopped.code == 0, stopped
    assert not crew.alive()


def test_a_supervisor_that_has_nothing_to_do_holds_less_than_10_mib(crew, monkeypatch):
    monkeypatch.setattr("crew.FLOWLETCTL", os.environ.get("FLOWLETCTL_RELEASE", str(TOP / "build/release/flowletctl")))
    crew.server("web")
    crew.server("other", after=["web"])
    assert crew.run("start", "--wait").code == 0
    supervisor = crew.supervisor()

    def held():
        status = pathlib.Path(f"/proc/{supervisor}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    wait_until(lambda: held() < 10 * 1024, 10)
    assert crew.run("status").code == 0  # and answers as before
    assert crew.run("stop").code == 0

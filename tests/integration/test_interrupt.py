"""A deploy that is stopped half-way: taken back when it can be, recovered by the next one when it was killed."""
import signal
import time

import pytest
from conftest import kubectl


def wait_for(what, seconds=60):
    for _ in range(int(seconds * 10)):
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def new_pod(project, image):
    pods = kubectl("-n", project.space, "get", "pods", "-l", "app=shop")["items"]
    return [pod for pod in pods if any(env.get("value") == image for env in pod["spec"]["containers"][0]["env"])]


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_waiting_takes_everything_back(project, number, code):
    assert project.deploy().code == 0
    before = project.objects()
    project.values(mode="never-ready")
    project.edit("manifests/10-config/settings.yaml", "EUR", "CHF")
    running = project.start("deploy", "--env", "test")
    wait_for(lambda: new_pod(project, "never-ready"))
    running.send_signal(number)
    running.communicate(timeout=120)
    assert running.returncode == code
    assert project.objects() == before
    assert [release["status"] for release in project.releases()] == ["deployed"]


def test_after_a_kill_the_next_deploy_recovers_by_itself(project):
    assert project.deploy().code == 0
    project.values(mode="slow-ready")
    running = project.start("deploy", "--env", "test")
    wait_for(lambda: kubectl("-n", project.space, "get", "leases")["items"])
    time.sleep(0.3)
    running.kill()
    running.communicate(timeout=30)
    assert kubectl("-n", project.space, "get", "leases")["items"], "the killed run leaves its lock"
    ran = project.deploy()
    assert ran.code == 0, ran
    assert kubectl("-n", project.space, "get", "leases")["items"] == []
    assert [release["status"] for release in project.releases()] == ["deployed"]
    verified = project.run("audit", "verify", "--env", "test", "-o", "json")
    assert verified.code == 0, verified
    assert verified.json["open_intents"] == 0


def test_a_deploy_killed_after_its_last_change_is_finished_by_the_next_one(project):
    assert project.deploy().code == 0
    project.values(mode="slow-ready")
    running = project.start("deploy", "--env", "test")
    wait_for(lambda: [release["revision"] for release in project.releases() if release["status"] == "deployed"] == ["2"])
    running.kill()
    running.communicate(timeout=30)
    ran = project.deploy("-o", "json")
    assert ran.code == 0, ran
    assert ran.json["outcome"] == "succeeded"
    assert kubectl("-n", project.space, "get", "leases")["items"] == []
    assert project.run("deploy", "history", "--env", "test", "-o", "json").json["deploys"][-1]["helm_revision"] == 2
    verified = project.run("audit", "verify", "--env", "test", "-o", "json")
    assert verified.code == 0, verified
    assert verified.json["open_intents"] == 0


def test_no_child_survives_a_kill(project):
    project.values(mode="never-ready")
    running = project.start("deploy", "--env", "test")
    wait_for(lambda: kubectl("-n", project.space, "get", "leases", check=False))
    children = open(f"/proc/{running.pid}/task/{running.pid}/children").read().split()
    for task in __import__("os").listdir(f"/proc/{running.pid}/task"):
        children += open(f"/proc/{running.pid}/task/{task}/children").read().split()
    running.kill()
    running.communicate(timeout=30)

    def gone():
        return not any(__import__("os").path.exists(f"/proc/{child}/exe") for child in children)

    wait_for(gone, 10)

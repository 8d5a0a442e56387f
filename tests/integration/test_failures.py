"""Deploys that cannot succeed: the cause is named, and every object is as it was before."""
import subprocess
import time

import pytest
from conftest import KUBECTL, kubectl

CAUSES = {
    "a container that crashes": (
        {"mode": "crash"},
        ("CrashLoopBackOff",),
        "panic: cannot open ledger: no such table accounts",
    ),
    "an image that cannot be pulled": (
        {"image": {"name": "registry.invalid/nope", "tag": "1"}},
        ("ErrImagePull", "ImagePullBackOff"),
        None,
    ),
    "a Secret that is missing": ({"secret": "no-such-secret"}, ("CreateContainerConfigError",), None),
    "a container that never becomes ready": ({"mode": "never-ready"}, ("NotReady", "ReadinessProbeFailed", "NeverReady"), None),
    "a pod that fits on no node": ({"cpu": "900"}, ("Unschedulable",), None),
}


@pytest.mark.parametrize("name", CAUSES)
def test_the_cause_is_named_and_every_object_is_as_it_was(project, name):
    values, reasons, last_line = CAUSES[name]
    assert project.deploy().code == 0
    before = project.objects()

    project.values(extra=True, **values)
    project.edit("manifests/10-config/settings.yaml", "currency: EUR", "currency: CHF, unit: cent")
    ran = project.deploy("-o", "json")
    assert ran.code == 1, ran
    report = ran.json
    assert report["outcome"] == "rolled_back", ran
    cause = report["cause"]
    assert cause["object"] == f"Deployment/shop in {project.space}"
    assert cause["container"] == ("" if "Unschedulable" in reasons else "shop")
    assert cause["reason"] in reasons
    assert cause["message"] and cause["next"]
    if last_line:
        assert last_line in cause["log"]
    assert project.objects() == before
    assert [release["status"] for release in project.releases()] == ["deployed"]
    # Nothing is left to do, and the same good deploy as before changes nothing.
    assert report["left"] == []


def test_text_output_ends_with_the_cause_and_what_was_taken_back(project):
    assert project.deploy().code == 0
    project.values(mode="crash")
    ran = project.deploy()
    assert ran.code == 1, ran
    assert "panic: cannot open ledger: no such table accounts" in ran.out
    assert "CrashLoopBackOff" in ran.out


def test_a_first_deploy_that_fails_leaves_nothing(project):
    project.values(mode="crash")
    ran = project.deploy("-o", "json")
    assert ran.code == 1, ran
    assert ran.json["outcome"] == "rolled_back", ran
    for _ in range(100):
        if kubectl("get", "namespace", project.space, check=False) is None:
            break
        time.sleep(0.3)
    assert kubectl("get", "namespace", project.space, check=False) is None


def test_a_stateful_set_of_a_failed_deploy_comes_back_by_itself(project):
    assert project.deploy().code == 0
    before = project.objects()
    project.edit("manifests/20-store/store.yaml", 'STANDIN_MODE, value: ""', 'STANDIN_MODE, value: "crash"')
    ran = project.deploy("-o", "json")
    assert ran.code == 1, ran
    assert ran.json["cause"]["object"] == f"StatefulSet/store in {project.space}"
    assert ran.json["outcome"] == "rolled_back", ran
    assert project.objects() == before
    assert project.get("statefulset", "store")["status"]["readyReplicas"] == 1


def test_a_tier_that_fails_keeps_the_release_from_being_touched(project, writes):
    assert project.deploy().code == 0
    revision = project.releases()[0]["revision"]
    project.edit("manifests/20-store/store.yaml", "localhost/flowlet/standin:1", "registry.invalid/nope:1")
    project.values(extra=True)
    assert project.deploy().code == 1
    assert project.releases()[0]["revision"] == revision


def test_a_deploy_that_heals_after_two_crashes_succeeds(project):
    project.values(mode="crash-then-heal")
    ran = project.deploy("--timeout", "3m")
    assert ran.code == 0, ran


def test_a_volume_claim_keeps_a_namespace_that_a_failed_deploy_made(project):
    project.write(
        "manifests/10-config/claim.yaml",
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: ledger}\n"
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}\n",
    )
    # The claim is removed with the rest, but one that appears beside it is somebody's data.
    project.values(mode="crash")
    running = project.start("deploy", "--env", "test", "-o", "json")
    for _ in range(300):
        if kubectl("get", "namespace", project.space, check=False):
            break
        time.sleep(0.1)
    other = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: somebody}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}\n"
    subprocess.run([KUBECTL, "-n", project.space, "apply", "-f", "-"], input=other, text=True, check=True, capture_output=True)
    out, _ = running.communicate(timeout=240)
    assert running.returncode == 1
    assert "kept" in out
    assert kubectl("-n", project.space, "get", "pvc", "somebody")

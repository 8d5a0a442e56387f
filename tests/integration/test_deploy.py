"""deploy, on a real API server, a real kubelet and the real Helm."""
import concurrent.futures
import json

import pytest
from conftest import kubectl

BOTH_HELMS = pytest.mark.parametrize("helm", ["helm3", "helm4"], indirect=True)


@BOTH_HELMS
def test_a_first_deploy_makes_all_ready_and_a_second_one_writes_nothing(project, writes):
    first = project.deploy()
    assert first.code == 0, first
    assert project.get("deployment", "shop")["status"]["readyReplicas"] == 1
    assert project.get("statefulset", "store")["status"]["readyReplicas"] == 1
    assert project.get("configmap", "settings")["data"] == {"currency": "EUR"}

    writes.__init__()
    second = project.deploy()
    assert second.code == 0, second
    assert writes.since(project.space) == []
    assert "Nothing to do" in second.out + second.err


@BOTH_HELMS
def test_a_changed_value_and_a_changed_manifest_are_rolled_out(project):
    assert project.deploy().code == 0
    project.values(extra=True)
    project.edit("manifests/10-config/settings.yaml", "EUR", "CHF")
    ran = project.deploy("-o", "json")
    assert ran.code == 0, ran
    assert ran.json["kind"] == "Deploy"
    assert ran.json["outcome"] == "succeeded"
    assert ran.json["namespace"] == project.space
    assert {row["object"] for row in ran.json["workloads"]} == {
        f"Deployment/shop in {project.space}",
        f"StatefulSet/store in {project.space}",
    }
    assert project.get("configmap", "settings")["data"] == {"currency": "CHF"}
    containers = project.get("deployment", "shop")["spec"]["template"]["spec"]["containers"]
    assert [container["name"] for container in containers] == ["shop", "extra"]


def test_a_dry_run_shows_the_plan_and_writes_nothing(project, writes):
    ran = project.deploy("--dry-run", "-o", "json")
    assert ran.code == 0, ran
    plan = ran.json
    assert plan["kind"] == "Plan"
    assert {change["op"] for change in plan["changes"]} == {"create"}
    assert any(step["id"] == "helm/shop" for step in plan["steps"])
    assert writes.since(project.space) == []
    assert not (project.audit / "log.jsonl").exists()


def test_a_manual_change_in_the_cluster_is_found_and_mended(project):
    assert project.deploy().code == 0
    kubectl("-n", project.space, "set", "image", "deployment/shop", "shop=localhost/flowlet/wallet:1.0.0")
    plan = project.deploy("--dry-run", "-o", "json").json
    changed = {change["object"]: change["fields"] for change in plan["changes"]}
    assert list(changed) == [f"Deployment/shop in {project.space}"]
    assert any(field["path"].endswith("image") for field in changed[f"Deployment/shop in {project.space}"])
    assert project.deploy().code == 0
    spec = project.get("deployment", "shop")["spec"]["template"]["spec"]
    assert spec["containers"][0]["image"] == "localhost/flowlet/standin:1"


@BOTH_HELMS
def test_a_chart_whose_inputs_did_not_change_is_not_rendered_again_and_still_watched(project):
    called = project.folder / "called"
    wrapper = project.write("helm", f'#!/bin/sh\necho "$1" >>{called}\nexec {project.helm} "$@"\n')
    wrapper.chmod(0o755)
    project.edit("flowlet.yaml", f"helm: {project.helm}", f"helm: {wrapper}")
    assert project.deploy().code == 0
    called.unlink()
    assert "Nothing to do" in str(project.deploy())
    assert called.read_text().split() == ["version"]

    project.write("values/test.yaml", "# another text, the same values\n{}\n")
    assert "Nothing to do" in str(project.deploy())
    assert called.read_text().split() == ["version", "version", "template"]

    project.write("values/test.yaml", "{}\n")
    kubectl("-n", project.space, "scale", "deployment/shop", "--replicas=2")
    plan = project.deploy("--dry-run", "-o", "json").json
    assert [change["object"] for change in plan["changes"]] == [f"Deployment/shop in {project.space}"]


@BOTH_HELMS
def test_a_chart_with_hooks_and_definitions_is_not_taken_for_changed(project):
    project.write(
        "chart/templates/hook.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hooked\n"
        "  annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: hook-succeeded}\n",
    )
    project.write(
        "chart/crds/till.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: tills.shop.example}\n"
        "spec:\n  group: shop.example\n  names: {kind: Till, plural: tills}\n  scope: Namespaced\n"
        "  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]\n",
    )
    assert project.deploy().code == 0
    project.write("values/test.yaml", "# rendered once more\n{}\n")
    assert "Nothing to do" in str(project.deploy())


def test_a_field_that_somebody_else_owns_is_a_conflict_unless_taken_over(project):
    assert project.deploy().code == 0
    edited = project.folder / "edited.json"
    edited.write_text(json.dumps({"data": {"currency": "USD"}}))
    kubectl("-n", project.space, "patch", "configmap", "settings", "--field-manager=somebody", "--patch-file", str(edited))
    ran = project.deploy()
    assert ran.code == 5, ran
    assert "somebody" in ran.err and "--take-over" in ran.err
    assert project.get("configmap", "settings")["data"] == {"currency": "USD"}
    assert project.deploy("--take-over").code == 0
    assert project.get("configmap", "settings")["data"] == {"currency": "EUR"}


def test_only_the_tier_that_is_named_is_deployed(project):
    ran = project.deploy("--tier", "config")
    assert ran.code == 0, ran
    assert project.get("configmap", "settings")
    assert kubectl("-n", project.space, "get", "statefulset", "store", check=False) is None
    assert project.releases() == []


def test_the_chart_can_be_left_out(project):
    assert project.deploy("--skip-tier", "chart").code == 0
    assert project.get("statefulset", "store")
    assert project.releases() == []


def test_the_namespace_of_the_flag_beats_the_one_of_the_environment(project, make_project):
    other = make_project("other")
    ran = project.deploy("--namespace", other.space)
    assert ran.code == 0, ran
    assert kubectl("-n", other.space, "get", "deployment", "shop")
    assert kubectl("get", "namespace", project.space, check=False) is None


def test_the_image_tag_of_the_flag_reaches_the_chart_as_text(project):
    project.values(image={"name": "localhost/flowlet/wallet", "tag": "1.0.0"})
    assert project.deploy().code == 0
    ran = project.deploy("--image-tag", "1.1.0")
    assert ran.code == 0, ran
    spec = project.get("deployment", "shop")["spec"]["template"]["spec"]
    assert spec["containers"][0]["image"] == "localhost/flowlet/wallet:1.1.0"


def test_history_lists_deploys_and_rollback_returns_manifests_and_release(project):
    assert project.deploy().code == 0
    before = project.objects()
    project.values(extra=True)
    project.edit("manifests/10-config/settings.yaml", "currency: EUR", "currency: CHF, unit: cent")
    assert project.deploy().code == 0
    assert project.objects() != before

    history = project.run("deploy", "history", "--env", "test", "-o", "json").json
    assert [deploy["number"] for deploy in history["deploys"]] == [1, 2]
    ran = project.run("deploy", "rollback", "--to", "1", "--env", "test")
    assert ran.code == 0, ran
    assert project.objects() == before
    history = project.run("deploy", "history", "--env", "test", "-o", "json").json
    assert [deploy["what"] for deploy in history["deploys"]] == ["deploy", "deploy", "rollback to 1"]


def test_status_is_healthy_after_a_deploy_and_unhealthy_without_a_pod(project):
    assert project.deploy().code == 0
    status = project.run("deploy", "status", "--env", "test", "-o", "json")
    assert status.code == 0, status
    assert status.json["verdict"] == "healthy"
    kubectl("-n", project.space, "set", "image", "deployment/shop", "shop=registry.invalid/nope:1")
    kubectl("-n", project.space, "scale", "deployment/shop", "--replicas=2")
    status = project.run("deploy", "status", "--env", "test", "-o", "json")
    assert status.code == 12, status
    assert status.json["verdict"] == "unhealthy"


def test_eight_deploys_at_once_leave_eight_complete_records(make_project):
    projects = [make_project(f"p{number}") for number in range(8)]
    audit = projects[0].audit
    for project in projects:
        project.edit("flowlet.yaml", str(project.audit), str(audit))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ran = list(pool.map(lambda project: project.deploy(timeout=600), projects))
    assert [one.code for one in ran] == [0] * 8, ran
    records = [json.loads(line) for line in (audit / "log.jsonl").read_text().splitlines()]
    assert [record["i"] for record in records] == list(range(16))
    runs = {}
    for record in records:
        runs.setdefault(record["id"], []).append(record)
    assert len(runs) == 8
    for pair in runs.values():
        assert [record["phase"] for record in pair] == ["intent", "outcome"]
        assert pair[1]["out"]["status"] == "success"
        assert pair[1]["of"] == pair[0]["i"]
    assert {record["tgt"][0]["ns"] for record in records} == {project.space for project in projects}
    assert projects[0].run("audit", "verify", "--env", "test").code == 0


def test_two_deploys_of_one_release_at_once_do_not_mix(project):
    project.values(mode="slow-ready")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ran = list(pool.map(lambda _: project.deploy(timeout=600), range(2)))
    assert sorted(one.code for one in ran) in ([0, 6], [0, 0]), ran
    assert project.releases()[0]["status"] == "deployed"
    assert kubectl("-n", project.space, "get", "leases")["items"] == []

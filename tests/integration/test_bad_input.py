"""What a user gets wrong: the exit code, a message that says how to mend it, and a cluster that nobody touched."""
import os
import stat

import pytest


def refused(ran, code, *words):
    assert ran.code == code, ran
    for word in words:
        assert word in ran.err, ran


@pytest.fixture(autouse=True)
def nothing_is_written(project, writes):
    yield
    assert writes.since(project.space) == []


def test_an_unknown_environment_is_a_usage_error_with_the_nearest_name(project):
    refused(project.run("deploy", "--env", "tset"), 2, "tset", "did you mean test?")


def test_an_unknown_flag_is_a_usage_error_with_the_nearest_name(project):
    refused(project.deploy("--imagetag", "1"), 2, "--imagetag", "--image-tag")


def test_an_unknown_command_is_a_usage_error_with_the_nearest_name(project):
    refused(project.run("deplyo"), 2, "deplyo", "deploy")


def test_an_unknown_tier_is_a_usage_error_with_the_nearest_name(project):
    refused(project.deploy("--tier", "stor"), 2, "stor", "did you mean store?")


def test_a_missing_values_file_names_the_line_that_wants_it(project):
    (project.folder / "values/test.yaml").unlink()
    refused(project.deploy(), 3, "flowlet.yaml:8", "values/test.yaml")


def test_broken_manifest_yaml_names_file_and_line(project):
    project.write("manifests/10-config/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x\ndata: 1\n")
    refused(project.deploy(), 3, "manifests/10-config/settings.yaml:")


def test_broken_configuration_yaml_names_file_and_line(project):
    project.write("flowlet.yaml", "apiVersion: flowlet/v1\nproject: [shop\n")
    refused(project.deploy(), 3, "flowlet.yaml:")


def test_an_unknown_key_names_file_line_and_the_nearest_key(project):
    project.edit("flowlet.yaml", "namespace:", "namespcae:")
    refused(project.deploy(), 3, "flowlet.yaml:7", "namespcae", "namespace")


def test_a_field_that_kubernetes_does_not_know_is_refused_before_anything_is_written(project):
    project.edit("manifests/20-store/store.yaml", "replicas: 1", "replcas: 1")
    refused(project.deploy(), 5, "replcas", "manifests/20-store/store.yaml")


@pytest.mark.parametrize("name", ["a;rm -rf", "$(id)", "a b", "A", "-x", "", "a" * 64, "../x"])
def test_a_namespace_outside_its_grammar_is_refused(project, name):
    ran = project.deploy(f"--namespace={name}")
    assert ran.code in (2, 3), ran
    assert "namespace" in ran.err


@pytest.mark.parametrize("tag", ["1,b=2", "$(id)", "x y", ";"])
def test_an_image_tag_outside_its_grammar_is_refused(project, tag):
    ran = project.deploy("--image-tag", tag)
    assert ran.code in (2, 3), ran


def test_an_unreachable_cluster_is_named(project):
    kubeconfig = (project.folder / "kubeconfig")
    original = open(os.environ["KUBECONFIG"]).read()
    import re

    kubeconfig.write_text(re.sub(r"server: https://[^\s\"]+", "server: https://127.0.0.1:1", original))
    kubeconfig.chmod(0o600)
    refused(project.deploy(env={"KUBECONFIG": str(kubeconfig)}), 5, "flowlet-dev", "does not answer")


def test_a_context_that_does_not_exist_is_named(project):
    project.edit("flowlet.yaml", "context: flowlet-dev", "context: nowhere")
    refused(project.deploy(), 5, "nowhere", "get-contexts")


def test_another_cluster_than_the_one_meant_is_refused(project):
    project.edit("flowlet.yaml", "{context: flowlet-dev}", "{context: flowlet-dev, cluster_uid: 11111111-2222-3333-4444-555555555555}")
    refused(project.deploy(), 5, "another cluster")


@pytest.mark.parametrize("tool", ["kubectl", "helm"])
def test_a_missing_tool_is_named(project, tool):
    project.edit("flowlet.yaml", f"{tool}: ", f"{tool}: /nowhere")
    refused(project.deploy(), 13, tool)


@pytest.mark.parametrize(
    "tool, says",
    [("kubectl", '{"clientVersion": {"gitVersion": "v1.19.0"}}'), ("helm", "v2.17.0")],
)
def test_a_tool_that_is_too_old_is_named_with_the_version_wanted(project, tool, says):
    old = project.write(f"bin/{tool}", f"#!/bin/sh\necho '{says}'\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    text = (project.folder / "flowlet.yaml").read_text()
    import re

    (project.folder / "flowlet.yaml").write_text(re.sub(rf"{tool}: [^,}}]+", f"{tool}: {old}", text))
    ran = project.deploy()
    # An old kubectl cannot open a proxy either: whichever is noticed first, nothing runs.
    assert ran.code in (13, 5), ran


def test_a_chart_that_does_not_render_says_why(project):
    project.edit("chart/templates/shop.yaml", "{{ .Values.cpu }}", '{{ required "cpu is needed" .Values.nothing }}')
    refused(project.deploy(), 16, "cpu is needed")


def test_no_audit_log_no_deploy(project):
    project.audit.write_text("in the way")
    refused(project.deploy(), 7, "audit")


def test_errors_are_one_json_document_when_json_is_wanted(project):
    ran = project.run("deploy", "--env", "tset", "-o", "json")
    assert ran.code == 2
    assert ran.json["kind"] == "Error"
    assert ran.json["exit"] == 2
    assert ran.json["code"] == "usage"


def test_it_works_from_a_folder_below(project):
    below = project.folder / "chart" / "templates"
    ran = project.deploy("--dry-run", cwd=below)
    assert ran.code == 0, ran


def test_outside_of_a_project_the_way_in_is_told(project, tmp_path):
    ran = project.deploy(cwd="/")
    refused(ran, 5, "flowlet.yaml")

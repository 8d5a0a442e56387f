"""config: what counts, where it comes from, and what is wrong, as the built program says it."""
import json
import os
import pathlib
import subprocess

import jsonschema
import pytest
import yaml

ENVIRONMENTS = """
environments:
  test:
    kube: {{context: flowlet-dev}}
    namespace: {space}
    values: [values/test.yaml]
    deploy: {{timeout: 4m}}
  live: {{inherits: test, protected: true, namespace: other}}
"""


@pytest.fixture
def config(project):
    """The project with deploy.timeout in every layer that a test may write: all but /etc."""
    project.write(
        "flowlet.yaml",
        "apiVersion: flowlet/v1\nproject: shop\ndeploy: {timeout: 3m}\n"
        "databases: {primary: {password: '${file:/run/secrets/x}'}}\n"
        f"audit: {{dir: {project.audit}}}" + ENVIRONMENTS.format(space=project.space),
    )
    home = project.folder / "home"
    project.write("home/flowletctl/config.yaml", "deploy: {timeout: 2m}\n")
    project.surroundings = {"XDG_CONFIG_HOME": str(home), "FLOWLET_DEPLOY__TIMEOUT": "6m"}
    return project


def run(config, *args):
    return config.run("config", *args, env=config.surroundings)


def test_explain_lists_every_layer_strongest_first_with_its_place(config):
    config.write("flowlet.local.yaml", "deploy: {timeout: 5m}\n")
    ran = run(config, "explain", "deploy.timeout", "--env", "test", "--set", "deploy.timeout=7m", "-o", "json")
    assert ran.code == 0, ran
    assert [(one["layer"], one["value"]) for one in ran.json["candidates"]] == [
        ("flag", "7m"),
        ("variable", "6m"),
        ("local", "5m"),
        ("environment", "4m"),
        ("file", "3m"),
        ("user", "2m"),
        ("default", "10m"),
    ]
    assert ran.json["candidates"][3]["place"] == "flowlet.yaml:11:23"


def test_a_key_set_in_eight_layers_is_explained_in_order_with_its_places(config):
    """/etc is the machine's own: in a mount namespace of this run, a folder of the test lies over it."""
    config.write("flowlet.local.yaml", "deploy: {timeout: 5m}\n")
    config.write("etc/flowletctl/config.yaml", "deploy: {timeout: 1m}\n")
    with_etc = 'mount -t overlay overlay -o "lowerdir=$1:/etc" /etc && shift && exec "$@"'
    args = ["config", "explain", "deploy.timeout", "--env", "test", "--set", "deploy.timeout=7m", "-o", "json"]
    ran = subprocess.run(
        ["unshare", "--mount", "sh", "-c", with_etc, "sh", str(config.folder / "etc"), *config.command(*args)],
        cwd=config.folder, env={**os.environ, **config.surroundings}, capture_output=True, text=True,
    )
    assert ran.returncode == 0, ran
    home = config.folder / "home/flowletctl/config.yaml"
    assert [(one["layer"], one["value"], one["place"]) for one in json.loads(ran.stdout)["candidates"]] == [
        ("flag", "7m", "--set deploy.timeout"),
        ("variable", "6m", "FLOWLET_DEPLOY__TIMEOUT"),
        ("local", "5m", f"{config.folder}/flowlet.local.yaml:1:19"),
        ("environment", "4m", "flowlet.yaml:11:23"),
        ("file", "3m", "flowlet.yaml:3:19"),
        ("user", "2m", f"{home}:1:19"),
        ("system", "1m", "/etc/flowletctl/config.yaml:1:19"),
        ("default", "10m", ""),
    ]


def test_explain_tells_what_was_written_and_the_variables_in_it(config):
    config.edit("flowlet.yaml", "{timeout: 3m}", "{timeout: '${WAIT:-3m}'}")
    ran = run(config, "explain", "deploy.timeout", "-o", "json")
    [told] = [one for one in ran.json["candidates"] if one["layer"] == "file"]
    assert (told["value"], told["raw"], told["variables"]) == ("3m", "${WAIT:-3m}", {"WAIT": False})
    assert "written as ${WAIT:-3m}, WAIT is not set" in run(config, "explain", "deploy.timeout").out


def test_a_secret_in_a_variable_is_never_shown(config):
    config.surroundings["FLOWLET_DATABASES__PRIMARY__PASSWORD"] = "planted-secret"
    for args in (["show", "--origin"], ["explain", "databases.primary.password"], ["diff", "test", "live"], ["show", "-o", "json"]):
        ran = run(config, *args)
        assert ran.code == 0, ran
        assert "planted-secret" not in ran.out + ran.err
        assert ("***" in ran.out) == (args[0] != "diff")


def test_a_secret_that_is_written_out_is_refused_with_its_place(config):
    config.edit("flowlet.yaml", "'${file:/run/secrets/x}'", "'planted-secret'")
    ran = run(config, "show")
    assert ran.code == 3
    assert "flowlet.yaml:4:33" in ran.err and "planted-secret" not in ran.out + ran.err


def test_a_local_file_is_refused_for_a_protected_environment(config):
    config.write("flowlet.local.yaml", "deploy: {timeout: 5m}\n")
    assert run(config, "show", "--env", "test").code == 0
    ran = run(config, "show", "--env", "live")
    assert ran.code == 3
    assert "flowlet.local.yaml" in ran.err and "live" in ran.err
    validated = run(config, "validate")
    assert validated.code == 3
    assert "NOT VALID" in validated.out


def test_diff_shows_only_what_differs(config):
    ran = run(config, "diff", "test", "live", "-o", "json")
    assert ran.code == 0, ran
    assert [one["key"] for one in ran.json["differences"]] == ["namespace"]


def test_an_unknown_key_is_a_usage_error_with_the_nearest_one(config):
    ran = run(config, "explain", "deploy.timout")
    assert ran.code == 2
    assert "deploy.timeout" in ran.err


def test_every_environment_that_is_wrong_is_named_at_once(config):
    config.edit("flowlet.yaml", "namespace: other", "namespace: '${NOT_SET_ANYWHERE}'")
    ran = run(config, "validate", "-o", "json")
    assert ran.code == 3, ran
    states = {one["name"]: one["problems"] for one in ran.json["environments"]}
    assert states["test"] == []
    assert any("NOT_SET_ANYWHERE" in problem for problem in states["live"])


@pytest.mark.parametrize("format", ["text", "json"])
def test_the_schema_accepts_the_platforms_own_file_and_refuses_what_flowletctl_refuses(project, format):
    ran = project.run("config", "schema", "-o", format)
    assert ran.code == 0, ran
    schema = json.loads(ran.out)
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    top = pathlib.Path(__file__).parents[2]
    assert list(validator.iter_errors(yaml.safe_load((top / "flowlet.yaml").read_text()))) == []
    assert list(validator.iter_errors(yaml.safe_load((project.folder / "flowlet.yaml").read_text()))) == []
    for wrong in (
        "deploy: {timeot: 5m}",
        "deploy: {timeout: 5 minutes}",
        "databases: {primary: {port: many}}",
        "environments: {a: {protected: perhaps}}",
        "environments: {a: {environments: {}}}",
        "locked: [audit.**]",
    ):
        assert list(validator.iter_errors({"apiVersion": "flowlet/v1", **yaml.safe_load(wrong)})), wrong
        project.write("flowlet.yaml", "apiVersion: flowlet/v1\nproject: shop\n" + wrong + "\n")
        assert project.run("config", "show").code == 3, wrong

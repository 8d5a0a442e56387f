"""doctor on a real machine, a real cluster and a real PostgreSQL."""
import os
import subprocess

import pytest
from conftest import FLOWLETCTL, TOP


def severities(ran):
    return {one["id"]: one["severity"] for one in ran.json["findings"]}


def test_a_project_that_can_be_deployed_has_no_error(project):
    ran = project.run("doctor", "--env", "test", "-o", "json")
    assert ran.code == 0, ran
    assert {name: severities(ran)[name] for name in ("configuration", "cluster", "helm", "audit folder", "disk")} == dict.fromkeys(
        ("configuration", "cluster", "helm", "audit folder", "disk"), "ok"
    )
    assert not project.audit.exists(), "doctor leaves nothing behind"


@pytest.mark.parametrize(
    "old, new, check, word",
    [
        ("flowlet-dev", "flowlet-nowhere", "cluster", "flowlet-nowhere"),
        ("helm: ", "helm: /nowhere", "helm", "/nowhere"),
        ("timeout: 90s", "timeout: soon", "configuration", "flowlet.yaml:9"),
    ],
)
def test_what_is_broken_is_named_with_its_fix_and_the_rest_is_still_looked_at(project, old, new, check, word):
    project.edit("flowlet.yaml", old, new)
    ran = project.run("doctor", "--env", "test", "-o", "json")
    assert ran.code == 12, ran
    bad = [one for one in ran.json["findings"] if one["severity"] == "error"]
    assert [one["id"] for one in bad] == [check]
    assert word in bad[0]["message"] and bad[0]["fix"]
    assert "disk" in severities(ran)


def test_a_log_that_was_changed_is_an_error(project):
    assert project.deploy().code == 0
    log = project.audit / "log.jsonl"
    log.write_text(log.read_text().replace('"uid":0', '"uid":1', 1))
    ran = project.run("doctor", "--env", "test", "-o", "json")
    assert ran.code == 12, ran
    assert severities(ran)["audit chain"] == "error"


def test_outside_of_a_project_the_machine_is_still_looked_at(tmp_path):
    env = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    ran = subprocess.run([FLOWLETCTL, "doctor"], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran
    assert "warning  configuration" in ran.stdout and "disk" in ran.stdout


def test_databases_are_logged_in_to(project, tmp_path):
    server = tmp_path / "server"
    subprocess.run([TOP / "tests/postgres/up", server], check=True, stdout=subprocess.DEVNULL)
    try:
        env = dict(line[len("export "):].replace("'", "").split("=", 1) for line in (server / "env").read_text().splitlines())
        subprocess.run(["psql", "-Xqc", "CREATE ROLE doctor LOGIN PASSWORD 'planted-secret' IN ROLE by_password"], env={**os.environ, **env}, check=True)
        with open(project.folder / "flowlet.yaml", "a") as config:
            config.write(
                f"databases:\n  primary: {{type: postgres, host: {env['PGHOST']}, port: {env['PGPORT']}, user: doctor, name: flowlet, password: '${{PW}}'}}\n"
            )
        ran = project.run("doctor", "--env", "test", env={"PW": "planted-secret"})
        assert ran.code == 0, ran
        assert "PostgreSQL 1" in ran.out and "planted-secret" not in ran.out + ran.err
        ran = project.run("doctor", "--env", "test", env={"PW": "wrong-password"})
        assert ran.code == 12, ran
        assert "databases.primary.password" in ran.out and "wrong-password" not in ran.out + ran.err
    finally:
        subprocess.run([TOP / "tests/postgres/down", server], check=True, stdout=subprocess.DEVNULL)
    ran = project.run("doctor", "--env", "test", env={"PW": "planted-secret"})
    assert ran.code == 12, ran

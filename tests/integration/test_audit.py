"""The record of who did what."""
import json
import os


def records(project):
    return [json.loads(line) for line in (project.audit / "log.jsonl").read_text().splitlines()]


def test_a_deploy_leaves_an_intent_and_an_outcome_that_say_who_and_what(project):
    assert project.deploy().code == 0
    intent, outcome = records(project)
    assert (intent["phase"], outcome["phase"]) == ("intent", "outcome")
    assert intent["act"] == outcome["act"] == "deploy"
    assert intent["env"] == "test"
    assert intent["who"]["uid"] == os.getuid()
    assert intent["args"] == ["deploy", "--env", "test"]
    assert outcome["out"]["status"] == "success"
    assert outcome["of"] == intent["i"]
    assert (project.audit / "log.jsonl").stat().st_mode & 0o777 == 0o600
    assert project.audit.stat().st_mode & 0o777 == 0o700


def test_a_failed_deploy_is_recorded_with_its_cause(project):
    assert project.deploy().code == 0
    project.values(mode="crash")
    assert project.deploy().code == 1
    outcome = records(project)[-1]
    assert outcome["out"]["status"] == "rolled_back"
    assert outcome["out"]["cause"]["reason"] == "CrashLoopBackOff"


def test_verify_is_green_and_red_after_one_byte_is_changed(project):
    assert project.deploy("--tier", "config").code == 0
    green = project.run("audit", "verify", "--env", "test")
    assert green.code == 0, green
    log = project.audit / "log.jsonl"
    original = log.read_bytes()
    for offset in (10, len(original) // 2, len(original) - 3):
        damaged = bytearray(original)
        damaged[offset] ^= 1
        log.write_bytes(bytes(damaged))
        red = project.run("audit", "verify", "--env", "test", "-o", "json")
        assert red.code == 9, (offset, red)
        assert red.json["faults"]
    log.write_bytes(original)
    assert project.run("audit", "verify", "--env", "test").code == 0


def test_a_removed_record_is_noticed(project):
    for _ in range(2):
        assert project.deploy("--tier", "config").code == 0
    log = project.audit / "log.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:1] + lines[2:]))
    assert project.run("audit", "verify", "--env", "test").code == 9


def test_show_lists_who_did_what(project):
    assert project.deploy("--tier", "config").code == 0
    shown = project.run("audit", "show", "--env", "test")
    assert shown.code == 0, shown
    assert "deploy" in shown.out and project.space in shown.out


def test_a_secret_key_given_on_the_command_line_is_masked_in_the_log(project):
    ran = project.deploy("--tier", "config", "--set", "databases.primary.password=${file:/run/secrets/canary-8472}")
    assert ran.code == 0, ran
    assert "canary-8472" not in (project.audit / "log.jsonl").read_text()

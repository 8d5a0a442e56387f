"""A drill restores a backup into a server of its own, checks it, measures it, and leaves nothing behind."""
import json
import os
import signal
import subprocess
import time

import pytest
from vault import drill_servers, nothing_of_drills_is_left


@pytest.fixture
def drilled(vault):
    vault.write_config(drill={"folder": "/var/tmp"})
    assert vault.run().code == 0
    return vault


def servers():
    return drill_servers("postgres")


def nothing_is_left():
    return nothing_of_drills_is_left("postgres")


def test_a_drill_proves_that_a_backup_restores_and_measures_it(drilled):
    made = drilled.run("drill", "-o", "json", *drilled.identity("escrow"))
    assert made.code == 0, made
    assert made.json["kind"] == "BackupDrill" and made.json["passed"] and made.json["checked_with"] == "pg_amcheck"
    assert made.json["rto_ms"] == pytest.approx(sum(made.json["phases_ms"].values()), abs=10)
    assert made.json["largest_in_time"] > made.json["bytes"]
    evidence = [json.loads(path.read_text()) for path in drilled.job.glob("drills/*.json")]
    assert len(evidence) == 1 and evidence[0]["passed"] and evidence[0]["backup"] == drilled.published()[0]
    assert nothing_is_left()
    # It is no backup, and hinders none.
    assert drilled.run().code == 0 and drilled.run("list").code == 0


def test_status_tells_the_last_drill(drilled):
    assert "no drill" in drilled.run("status").out
    assert drilled.run("drill", *drilled.identity()).code == 0
    assert "last drill" in drilled.run("status").out
    assert drilled.run("status", "-o", "json").json["drill"]["backup"] == drilled.published()[0]


def test_a_missed_target_is_unhealthy_and_the_evidence_says_so(drilled):
    drilled.write_config(targets={"rto": "100ms"})
    missed = drilled.run("drill", *drilled.identity())
    assert missed.code == 12 and "may take 100ms" in missed.err + missed.out, missed
    assert [json.loads(path.read_text())["passed"] for path in drilled.job.glob("drills/*.json")] == [False]
    assert nothing_is_left()


def test_a_question_that_is_not_answered_with_true_fails_it(drilled):
    drilled.write_config(drill={"folder": "/var/tmp", "checks": ["SELECT count(*) = 20000 FROM account", "SELECT bool_and(balance > 0) FROM account"]})
    assert drilled.run("drill", *drilled.identity()).code == 0
    drilled.write_config(drill={"folder": "/var/tmp", "checks": ["SELECT count(*) = 20000 FROM account", "SELECT count(*) > 99999 FROM account"]})
    failed = drilled.run("drill", *drilled.identity())
    assert failed.code == 9 and "check 2 does not give true" in failed.err + failed.out, failed
    assert nothing_is_left()


def test_a_backup_that_does_not_restore_fails_it(drilled):
    drilled.tool("pg_restore", 'head -c 200000 | "$REAL" "$@"')
    failed = drilled.run("drill", *drilled.identity())
    assert failed.code == 9, failed
    assert list(drilled.job.glob("drills/*.json")) == []
    assert nothing_is_left()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_cleans_up(drilled, sign):
    process = drilled.start("drill", *drilled.identity())
    deadline = time.monotonic() + 60
    while not servers() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(sign)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + sign, out + err
    assert nothing_is_left()


def test_what_a_killed_drill_has_left_is_cleared_by_the_next(drilled):
    process = drilled.start("drill", *drilled.identity())
    deadline = time.monotonic() + 60
    while not servers() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    assert not nothing_is_left()
    assert drilled.run("drill", *drilled.identity()).code == 0
    assert nothing_is_left()


def test_without_the_server_it_says_what_to_install(drilled):
    missing = drilled.folder / "no-such-initdb"
    drilled.tools = {"initdb": missing}
    drilled.write_config()
    failed = drilled.run("drill", *drilled.identity())
    assert failed.code == 13 and "initdb" in failed.err, failed


def test_from_the_bucket_alone(vault, s3):
    secret = vault.folder / "keys/s3"
    secret.write_text(s3["S3_SECRET_KEY"])
    vault.write_config(drill={"folder": "/var/tmp"}, offsite={
        "bucket": f"s3://{s3['S3_PLAIN_BUCKET']}/drill-{os.getpid()}", "endpoint": s3["S3_ENDPOINT"], "region": s3["S3_REGION"],
        "access_key": s3["S3_ACCESS_KEY"], "secret_key": f"${{file:{secret}}}"})
    assert vault.run().code == 0
    subprocess.run(["rm", "-rf", vault.folder / "store"], check=True)
    made = vault.run("drill", "--offsite", *vault.identity())
    assert made.code == 0 and "restored in" in made.out, made
    assert nothing_is_left()

"""A drill of a MariaDB: a server of its own, users, every row, every index, and nothing is left behind."""
import json
import signal
import time

import pytest
from vault import drill_servers, nothing_of_drills_is_left


@pytest.fixture
def drilled(mariadb_vault):
    mariadb_vault.write_config(drill={"folder": "/var/tmp"})
    assert mariadb_vault.run().code == 0
    return mariadb_vault


def servers():
    return drill_servers("mariadbd")


def nothing_is_left():
    return nothing_of_drills_is_left("mariadbd")


def test_a_drill_proves_that_a_backup_of_mariadb_restores(drilled):
    made = drilled.run("drill", "-o", "json", *drilled.identity("escrow"))
    assert made.code == 0, made
    assert made.json["passed"] and made.json["type"] == "mysql" and made.json["checked_with"] == "mariadb-check"
    assert len(list(drilled.job.glob("drills/*.json"))) == 1
    assert nothing_is_left()
    assert "last drill" in drilled.run("status").out


def test_what_the_drill_asks_has_to_be_true(drilled):
    drilled.write_config(drill={"folder": "/var/tmp", "checks": ["SELECT COUNT(*) = 20000 FROM account", "SELECT COUNT(*) > 99999 FROM account"]})
    failed = drilled.run("drill", *drilled.identity())
    assert failed.code == 9 and "check 2 does not give true" in failed.err + failed.out, failed
    assert nothing_is_left()


def test_a_dump_that_is_cut_fails_it(drilled):
    drilled.tool("mariadb", 'head -c 100000 | "$REAL" "$@"')
    failed = drilled.run("drill", *drilled.identity())
    assert failed.code == 9, failed
    assert list(drilled.job.glob("drills/*.json")) == []
    assert nothing_is_left()


def test_a_table_that_is_not_what_was_backed_up_fails_it(drilled):
    drilled.tool("mariadb", '"$REAL" "$@"; code=$?; [[ "$*" != *drill ]] || "$REAL" "$@" -e "UPDATE account SET balance = 0 WHERE id = 7"; exit $code')
    failed = drilled.run("drill", *drilled.identity())
    assert failed.code == 9 and "account" in failed.err + failed.out, failed
    assert nothing_is_left()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_stopped_or_killed_it_leaves_nothing_for_long(drilled, sign):
    process = drilled.start("drill", *drilled.identity())
    deadline = time.monotonic() + 60
    while not servers() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(sign)
    out, err = process.communicate(timeout=90)
    if sign == signal.SIGINT:
        assert process.returncode == 130, out + err
    else:
        assert drilled.run("drill", *drilled.identity()).code == 0
    assert nothing_is_left()


def test_without_the_server_it_says_what_to_install(drilled):
    drilled.tools = {"mariadbd": drilled.folder / "no-such-mariadbd"}
    drilled.write_config()
    failed = drilled.run("drill", *drilled.identity())
    assert failed.code == 13 and "mariadb-server" in failed.err, failed


def test_the_evidence_says_which_backup_it_was(drilled):
    assert drilled.run("drill", *drilled.identity()).code == 0
    evidence = json.loads(next(drilled.job.glob("drills/*.json")).read_text())
    assert evidence["backup"] == drilled.published()[0] and evidence["tables"] >= 4

"""A backup of a real MariaDB restores to the same rows, with and without flowletctl."""
import json
import os
import subprocess
import threading

import pytest
from conftest import FLOWLETCTL
from test_leaks import Watch
from vault import CANARY, MARIADB_PASSWORD


@pytest.fixture
def vault(mariadb_vault):
    return mariadb_vault


def write_until(vault, stop):
    """One connection that moves money without a pause: the sum of all balances never changes."""
    statements = ("START TRANSACTION; UPDATE account SET balance = balance - 1 WHERE id = 7; "
                  "UPDATE account SET balance = balance + 1 WHERE id = 9; INSERT INTO entry VALUES (7, -1, 'moved'), (9, 1, 'moved'); COMMIT;\n")
    with subprocess.Popen(["mariadb", vault.database], env={**os.environ, **vault.server}, stdin=subprocess.PIPE, text=True) as client:
        while not stop.is_set():
            client.stdin.write(statements)
            client.stdin.flush()
        client.stdin.close()
        assert client.wait() == 0


def test_a_backup_restores_to_the_same_rows_while_others_write(vault):
    stop = threading.Event()
    writer = threading.Thread(target=write_until, args=(vault, stop))
    writer.start()
    try:
        made = [vault.run("-o", "json") for _ in range(5)]
    finally:
        stop.set()
        writer.join()
    for one in made:
        assert one.code == 0, one
        assert {"kind": "Backup", "verified": True, "digests": 4}.items() <= one.json.items()
        copy = vault.copy_name()
        restored = vault.run("restore", one.json["id"], "--to", copy, *vault.identity("escrow"))
        assert restored.code == 0, restored
        assert "4 tables, every row as it was backed up" in restored.out
        assert vault.sql("SELECT SUM(balance) FROM account", copy) == vault.sql("SELECT SUM(balance) FROM account")
        assert vault.sql("SELECT SUM(amount) FROM entry WHERE note = 'moved'", copy) in ("0.0000", "NULL")
    assert vault.sql("SELECT accounts FROM total", copy) == "20000"
    for kind, name in [("PROCEDURE", "touch"), ("TRIGGER", "stamped"), ("EVENT", "nightly")]:
        assert name in vault.sql(f"SHOW CREATE {kind} {name}", copy)
    # Nobody is kept from writing once it is over.
    vault.sql("UPDATE account SET balance = 0 WHERE id = 1")


def test_one_changed_row_of_a_copy_fails_the_verification_and_names_the_table(vault):
    assert vault.run().code == 0
    copy = vault.copy_name()
    assert vault.run("restore", "--to", copy, *vault.identity()).code == 0
    assert vault.run("verify", "--against", copy).code == 0
    odd = "`Odd ``it's\" Name`"
    for change, words in [("UPDATE account SET rate = rate + 1e-9 WHERE id = 777", "`account`: 20000 rows, but not the same"),
                          ("DELETE FROM entry WHERE account = 3 AND amount = 2", "`entry`: 29999 rows instead of 30000"),
                          ("INSERT INTO empty VALUES (NULL)", "`empty`: 1 rows instead of 0"),
                          (f"UPDATE {odd} SET b = x'00ff28' WHERE a = 1", f"{odd}: 2 rows, but not the same"),
                          (f"UPDATE {odd} SET c = NULL WHERE a = 1", f"{odd}: 2 rows, but not the same"),
                          ("DROP TABLE empty", "`empty`: missing")]:
        vault.sql(change, copy)
        judged = vault.run("verify", "--against", copy)
        assert judged.code == 9, judged
        assert words in judged.err + judged.out, judged


def test_age_gzip_and_mariadb_alone_restore_it(vault):
    assert vault.run().code == 0
    copy = vault.copy_name()
    vault.sql(f"CREATE DATABASE {copy}", "")
    dump = vault.job / vault.published()[0] / "primary.sql.gz.age"
    pipe = f"set -o pipefail; age -d -i {vault.folder}/keys/ops.key {dump} | gzip -d | mariadb {copy}"
    subprocess.run(["bash", "-c", pipe], check=True, env={**os.environ, **vault.server})
    judged = vault.run("verify", "--against", copy)
    assert judged.code == 0, judged


def test_the_users_of_the_server_and_their_grants_are_in_it(vault):
    assert vault.run().code == 0
    users = vault.job / vault.published()[0] / "primary.globals.sql.gz.age"
    pipe = f"set -o pipefail; age -d -i {vault.folder}/keys/ops.key {users} | gzip -d"
    text = subprocess.run(["bash", "-c", pipe], check=True, capture_output=True, text=True).stdout
    assert "CREATE USER" in text and "`keeper`@`%`" in text and "GRANT" in text


def test_neither_the_password_nor_a_row_is_seen_while_it_runs(vault):
    said = ""
    for args in [[], ["restore", "--to", vault.copy_name(), *vault.identity()], ["verify", "--against", vault.copies[-1]]]:
        process = vault.start(*args)
        watch = Watch(process.pid)
        watch.start()
        out, err = process.communicate(timeout=120)
        watch.over.set()
        watch.join()
        assert process.returncode == 0, out + err
        assert watch.leaks == []
        said += out + err
    said += "".join(path.read_text() for path in (vault.folder / "audit").glob("*.jsonl"))
    assert "kanarie" not in said
    for path in vault.job.rglob("*"):
        assert path.is_dir() or CANARY.encode() not in path.read_bytes(), path


FAULTS = {
    "exits 0 after half": ("mariadb-dump", '"$REAL" "$@" | head -c 300000', 9),
    "exits 0 after nothing": ("mariadb-dump", "exit 0", 9),
    "exits 1 after all": ("mariadb-dump", '"$REAL" "$@"; echo oops >&2; exit 1', 16),
    "is killed": ("mariadb-dump", '"$REAL" "$@" | head -c 100000; kill -9 $$', 16),
    "hangs before it begins": ("mariadb-dump", "sleep 600", 18),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_dump_that_misbehaves_leaves_no_backup_and_nobody_locked_out(vault, fault):
    name, text, code = FAULTS[fault]
    if fault.startswith("hangs"):
        vault.write_config(timeout="2s")
    vault.tool(name, text)
    failed = vault.run()
    assert failed.code == code, failed
    assert vault.published() == [] and vault.partial() == []
    vault.sql("UPDATE account SET balance = 0 WHERE id = 1")
    vault.tools = {}
    vault.write_config(timeout="1h")
    assert vault.run().code == 0


def test_a_restore_that_fails_half_way_leaves_no_database(vault):
    assert vault.run().code == 0
    vault.tool("mariadb", 'head -c 200000 | "$REAL" "$@"; exit 1')
    new, empty = vault.copy_name(), vault.copy_name()
    failed = vault.run("restore", "--to", new, *vault.identity())
    assert failed.code == 16, failed
    assert vault.sql(f"SHOW DATABASES LIKE '{new}'", "") == ""
    vault.sql(f"CREATE DATABASE {empty}", "")
    failed = vault.run("restore", "--to", empty, *vault.identity())
    assert failed.code == 16, failed
    assert vault.sql("SHOW TABLES", empty) == ""


def test_a_restore_over_tables_is_refused(vault):
    assert vault.run().code == 0
    refused = vault.run("restore", "--to", vault.database, *vault.identity())
    assert refused.code == 5 and "is not empty" in refused.err, refused


def test_a_user_who_may_not_lock_is_told_so(vault):
    vault.sql("CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY 'reader-5521'; GRANT SELECT ON *.* TO reader@'%'", "")
    (vault.folder / "keys/password").write_text("reader-5521\n")
    config = vault.folder / "flowlet.yaml"
    config.write_text(config.read_text().replace('"keeper"', '"reader"'))
    failed = vault.run()
    assert failed.code == 16 and "RELOAD" in failed.err + failed.out, failed
    assert vault.published() == []


def test_doctor_logs_in(vault):
    told = subprocess.run([FLOWLETCTL, "doctor", "--env", "production", "-o", "json"], cwd=vault.folder, capture_output=True, text=True, check=False)
    found = {one["id"]: one for one in json.loads(told.stdout)["findings"]}
    assert found["database primary"]["severity"] == "ok" and "MariaDB" in found["database primary"]["message"]
    (vault.folder / "keys/password").write_text("wrong\n")
    told = subprocess.run([FLOWLETCTL, "doctor", "--env", "production", "-o", "json"], cwd=vault.folder, capture_output=True, text=True, check=False)
    found = {one["id"]: one for one in json.loads(told.stdout)["findings"]}
    assert found["database primary"]["severity"] == "error" and "databases.primary.password" in found["database primary"]["fix"]

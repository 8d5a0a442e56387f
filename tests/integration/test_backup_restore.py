"""A restore takes what is asked for, and never the place of data whose name nobody typed."""
import os
import subprocess


def databases(vault):
    return vault.sql("SELECT datname FROM pg_database ORDER BY 1", "postgres").splitlines()


def test_what_a_backup_holds_is_told_without_a_key(vault):
    assert vault.run().code == 0
    told = vault.run("list", vault.published()[0])
    assert told.code == 0 and "public.account" in told.out and "20000 rows" in told.out and "primary.dump.gz.age" in told.out, told
    held = vault.run("list", vault.published()[0], "-o", "json").json
    assert held["kind"] == "BackupContents"
    assert {one["table"]: one["rows"] for one in held["databases"][0]["tables"]}["public.entry_low"] == "19997"


def test_single_tables_are_restored_and_compared(vault):
    assert vault.run().code == 0
    copy = vault.copy_name()
    one = vault.run("restore", "--to", copy, "--table", "public.account", "--table", "public.empty", *vault.identity())
    assert one.code == 0 and "2 tables, every row as it was backed up" in one.out, one
    assert vault.sql("SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", copy) == "account,empty"
    odd = vault.copy_name()
    two = vault.run("restore", "--to", odd, "--table", "\"Odd Name\".\"it's\"", *vault.identity())
    assert two.code == 0, two
    assert vault.sql("SELECT count(*) FROM \"Odd Name\".\"it's\"", odd) == "2"
    missing = vault.run("restore", "--to", vault.copy_name(), "--table", "public.acount", *vault.identity())
    assert missing.code == 5 and "did you mean public.account?" in missing.err, missing


def test_a_database_is_replaced_once_its_name_is_typed_and_kept_beside(vault):
    assert vault.run().code == 0
    vault.sql("TRUNCATE entry; DELETE FROM account WHERE id > 10; DROP TABLE empty")
    refused = vault.run("restore", "--to", vault.database, *vault.identity())
    assert refused.code == 5 and f"--confirm {vault.database}" in refused.err, refused
    wrong = vault.run("restore", "--to", vault.database, "--confirm", "another", *vault.identity())
    assert wrong.code == 2, wrong
    assert vault.sql("SELECT count(*) FROM account") == "10"
    made = vault.run("restore", "--to", vault.database, "--confirm", vault.database, "-o", "json", *vault.identity())
    assert made.code == 0, made
    assert vault.sql("SELECT count(*) FROM account") == "20000"
    old = made.json["replaced"]
    vault.copies.append(old)
    assert vault.sql("SELECT count(*) FROM account", old) == "10"
    assert vault.run("verify", "--against", vault.database).code == 0


def test_a_database_in_use_is_not_replaced_and_nothing_is_left(vault):
    assert vault.run().code == 0
    before = databases(vault)
    with subprocess.Popen(["psql", "-Xq", vault.database], env={**os.environ, **vault.server},
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as busy:
        busy.stdin.write("SELECT 1;\n")
        busy.stdin.flush()
        assert "1" in "".join(busy.stdout.readline() for _ in range(3))
        failed = vault.run("restore", "--to", vault.database, "--confirm", vault.database, *vault.identity())
        busy.stdin.close()
    assert failed.code != 0 and "being accessed by other users" in failed.err + failed.out, failed
    assert databases(vault) == before
    assert vault.sql("SELECT count(*) FROM account") == "20000"


def test_a_restore_that_is_not_what_was_backed_up_replaces_nothing(vault):
    assert vault.run().code == 0
    before = databases(vault)
    vault.tool("pg_restore", 'head -c 200000 | "$REAL" "$@"')
    failed = vault.run("restore", "--to", vault.database, "--confirm", vault.database, *vault.identity())
    assert failed.code == 16, failed
    assert databases(vault) == before

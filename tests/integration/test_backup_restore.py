"""A restore takes what is asked for, and never the place of data whose name nobody typed."""
import os
import subprocess

from conftest import FLOWLETCTL
from typist import Typist


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
    assert refused.code == 4 and f"--confirm {vault.database}" in refused.err, refused
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


def schema_of(vault, database):
    """What defines a database, but its name and the marks that differ with each dump."""
    dumped = subprocess.run(["pg_dump", "--schema-only", database], env={**os.environ, **vault.server}, check=True, capture_output=True, text=True)
    return [line for line in dumped.stdout.splitlines() if line and not line.startswith(("--", "\\"))]


def make_it_rich(vault):
    """What refers to other tables, and so has to come after them."""
    vault.sql("""
        CREATE TABLE holder (id int PRIMARY KEY, account int REFERENCES account (id), note text UNIQUE);
        INSERT INTO holder SELECT n, n, 'holder ' || n FROM generate_series(1, 500) n;
        CREATE INDEX ON account (balance);
        CREATE INDEX ON entry (account);
        CREATE INDEX ON total (count);
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER stamped BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION stamp();
        CREATE STATISTICS both_of ON id, balance FROM account;
        CREATE VIEW rich AS SELECT * FROM account WHERE balance > 100;
        COMMENT ON INDEX account_balance_idx IS 'it''s sorted';
        COMMENT ON TABLE account IS 'money';
        ALTER TABLE holder ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON holder USING (true);
        GRANT SELECT ON account TO PUBLIC;
        SELECT lo_from_bytea(0, 'a large object');
    """)


def test_a_dump_that_several_programs_load_side_by_side_is_the_same_database(vault):
    make_it_rich(vault)
    assert vault.run().code == 0
    for jobs in ["2", "5"]:
        copy = vault.copy_name()
        made = vault.run("restore", "--to", copy, "--jobs", jobs, "-o", "json", *vault.identity())
        assert made.code == 0 and made.json["verified"], made
        assert schema_of(vault, copy) == schema_of(vault, vault.database)
        assert vault.sql("SELECT count(*) FROM total", copy) == "1", "the materialized view holds its data"
        assert vault.sql("SELECT convert_from(lo_get(oid), 'UTF8') FROM pg_largeobject_metadata", copy) == "a large object"
        assert vault.sql("INSERT INTO account (owner) VALUES ('new') RETURNING id", copy) == "20001", "sequences go on where they were"


def test_a_load_by_several_that_fails_leaves_nothing(vault):
    assert vault.run().code == 0
    before = databases(vault)
    # Each part of the load is cut in turn: one that fails must not leave what the others have loaded.
    for section in ["pre-data", "data", "post-data"]:
        vault.tool("pg_restore", f'[[ "$*" != *--section={section}* ]] || {{ head -c 100000 | "$REAL" "$@"; exit 1; }}; exec "$REAL" "$@"')
        failed = vault.run("restore", "--to", "copy_cut", "--jobs", "2", *vault.identity())
        assert failed.code == 16, failed
        assert databases(vault) == before, section


def test_a_flipped_byte_is_found_by_a_load_of_several_too(vault):
    assert vault.run().code == 0
    before = databases(vault)
    dump = vault.job / vault.published()[0] / "primary.dump.gz.age"
    content = bytearray(dump.read_bytes())
    content[-20] ^= 1
    dump.chmod(0o600)
    dump.write_bytes(content)
    failed = vault.run("restore", "--to", "copy_flipped", "--jobs", "3", *vault.identity())
    assert failed.code in (9, 16), failed
    assert databases(vault) == before


def test_an_empty_database_is_empty_again_after_a_load_of_several_that_failed(vault):
    assert vault.run().code == 0
    copy = vault.copy_name()
    vault.sql(f"CREATE DATABASE {copy}", "postgres")
    vault.tool("pg_restore", '[[ "$*" != *post-data* ]] || exit 1; exec "$REAL" "$@"')
    failed = vault.run("restore", "--to", copy, "--jobs", "2", *vault.identity())
    assert failed.code == 16, failed
    assert vault.sql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace", copy) == "0"


def test_the_table_of_contents_wants_the_right_key(vault):
    assert vault.run().code == 0
    stranger = vault.folder / "keys/stranger.key"
    subprocess.run(["age-keygen", "-o", stranger], check=True, capture_output=True)
    failed = vault.run("restore", "--to", "copy_none", "--jobs", "2", "--identity", str(stranger))
    assert "no identity matched" in failed.err, failed
    plain = vault.run("restore", "--to", "copy_none", "--identity", str(stranger))
    assert failed.code == plain.code == 16 and "no identity matched" in plain.err, plain
    both = vault.run("restore", "--to", "copy_none", "--jobs", "2", "--table", "public.account", *vault.identity())
    assert both.code == 2, both


def at_a_terminal(vault, *args):
    env = {**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"}
    return Typist([FLOWLETCTL, "backup", *args, "--env", "production"], env, vault.folder, columns=200)


def test_at_a_terminal_the_name_is_asked_for_and_another_changes_nothing(vault):
    assert vault.run().code == 0
    vault.sql("TRUNCATE entry; DELETE FROM account WHERE id > 10")
    person = at_a_terminal(vault, "restore", "--to", vault.database, *vault.identity())
    try:
        person.wait_for(rf"type {vault.database}")
        person.type("yes\n")
        said, code = person.read_all()
        assert code == 19 and "nothing was done" in said, said
        assert vault.sql("SELECT count(*) FROM account") == "10"
        person = at_a_terminal(vault, "restore", "--to", vault.database, "-o", "json", *vault.identity())
        person.wait_for(rf"type {vault.database}")
        person.type(f"{vault.database}\n")
        said, code = person.read_all()
    finally:
        person.end()
    assert code == 0, said
    assert vault.sql("SELECT count(*) FROM account") == "20000"
    vault.copies += [name for name in databases(vault) if name.startswith(f"{vault.database}_old_")]


def test_a_rehearsal_asks_for_nothing_and_tells_what_would_be_asked(vault):
    assert vault.run().code == 0
    shown = vault.run("restore", "--to", vault.database, "--dry-run", "-o", "json", *vault.identity())
    assert shown.code == 0 and shown.json["confirm"]["name"] == vault.database, shown

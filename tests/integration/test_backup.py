"""A backup of a real PostgreSQL restores to the same rows, with and without flowletctl."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
import time

from test_leaks import Watch
from vault import PASSWORD


def rows(vault, database):
    return vault.sql("SELECT count(*), sum(hashtextextended(a::text, 0)) FROM account a", database)


def test_a_backup_restores_to_the_same_rows_while_others_write(vault):
    stop = threading.Event()

    def write():
        while not stop.is_set():
            vault.sql("INSERT INTO account (owner) SELECT 'new' FROM generate_series(1, 50); "
                      "UPDATE account SET balance = balance + 1 WHERE id % 97 = 0; DELETE FROM account WHERE owner = 'new' AND id % 3 = 0")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = vault.run("-o", "json")
    finally:
        stop.set()
        writer.join()
    assert made.code == 0, made
    assert {"kind": "Backup", "verified": True, "digests": 5}.items() <= made.json.items()
    assert made.json["path"] == str(vault.job / made.json["id"])
    copy = vault.copy_name()
    restored = vault.run("restore", "--to", copy, *vault.identity("escrow"))
    assert restored.code == 0, restored
    assert "5 tables, every row as it was backed up" in restored.out
    assert vault.sql("SELECT count(*) FROM total", copy) == "1"
    against = vault.run("verify", "--against", copy)
    assert against.code == 0, against


def test_one_changed_row_of_a_copy_fails_the_verification_and_names_the_table(vault):
    assert vault.run().code == 0
    copy = vault.copy_name()
    assert vault.run("restore", "--to", copy, *vault.identity()).code == 0
    for change, words in [("UPDATE account SET rate = rate + 1e-9 WHERE id = 777", "public.account: 20000 rows, but not the same"),
                          ("DELETE FROM entry WHERE account = 3 AND amount = 2", "public.entry_low: 19996 rows instead of 19997"),
                          ("INSERT INTO empty VALUES (NULL)", "public.empty: 1 rows instead of 0"),
                          ('DROP TABLE "Odd Name"."it\'s"', 'missing')]:
        vault.sql(change, copy)
        judged = vault.run("verify", "--against", copy)
        assert judged.code == 9, judged
        assert words in judged.err + judged.out, judged


def test_age_gzip_and_pg_restore_alone_restore_it(vault):
    assert vault.run().code == 0
    copy = vault.copy_name()
    vault.sql(f"CREATE DATABASE {copy}", "postgres")
    dump = vault.job / vault.published()[0] / "primary.dump.gz.age"
    age = subprocess.Popen(["age", "-d", "-i", vault.folder / "keys/escrow.key", dump], stdout=subprocess.PIPE)
    gzip = subprocess.Popen(["gzip", "-d"], stdin=age.stdout, stdout=subprocess.PIPE)
    subprocess.run(["pg_restore", "-e", "-d", copy], stdin=gzip.stdout, env={**os.environ, **vault.server}, check=True)
    assert age.wait() == 0 and gzip.wait() == 0
    assert rows(vault, copy) == rows(vault, vault.database)
    assert vault.run("verify", "--against", copy).code == 0


def test_the_manifest_is_signed_as_minisign_signs(vault):
    assert vault.run().code == 0
    manifest = vault.job / vault.published()[0] / "manifest.json"
    said = subprocess.run(["minisign", "-V", "-p", vault.folder / "keys/sign.pub", "-m", manifest], capture_output=True, text=True)
    assert said.returncode == 0 and f"bank/production/{vault.published()[0]}" in said.stdout


def test_what_is_verified_without_a_key_and_with_one(vault):
    assert vault.run().code == 0
    without = vault.run("verify")
    assert without.code == 0 and "nothing was decrypted" in without.out
    assert vault.run("verify", *vault.identity("escrow")).code == 0
    stranger = vault.make_identity("stranger")
    assert stranger not in vault.recipients
    assert vault.run("verify", *vault.identity("stranger")).code == 9


def test_a_restore_over_data_is_refused_and_changes_nothing(vault):
    assert vault.run().code == 0
    before = rows(vault, vault.database)
    refused = vault.run("restore", "--to", vault.database, *vault.identity())
    assert refused.code == 4 and "has to be confirmed" in refused.err and "tables, indexes and the like" in refused.err, refused
    assert rows(vault, vault.database) == before


def test_no_password_and_no_identity_is_seen_outside(vault):
    watch_out = []
    for args in [[], ["verify", *vault.identity()], ["restore", "--to", vault.copy_name(), *vault.identity()], ["list"]]:
        process = vault.start(*args)
        watch = Watch(process.pid)
        watch.start()
        out, err = process.communicate(timeout=120)
        watch.over.set()
        watch.join()
        assert process.returncode == 0, out + err
        assert watch.leaks == []
        watch_out.append(out + err)
    said = "\n".join(watch_out) + "".join(path.read_text() for path in (vault.folder / "audit").glob("*.jsonl"))
    assert "kanarie-7f3a91c0" not in said and "AGE-SECRET-KEY" not in said
    for path in vault.folder.rglob("*"):
        if path.is_file() and path.parent.name != "keys":
            assert b"AGE-SECRET-KEY" not in path.read_bytes(), path


def test_the_roles_of_the_server_are_in_it(vault):
    assert vault.run().code == 0
    globals_file = vault.job / vault.published()[0] / "primary.globals.sql.gz.age"
    age = subprocess.run(["age", "-d", "-i", vault.folder / "keys/ops.key", globals_file], capture_output=True, check=True)
    text = subprocess.run(["gzip", "-d"], input=age.stdout, capture_output=True, check=True).stdout.decode()
    assert re.search(r"CREATE ROLE keeper;", text) and "SCRAM-SHA-256$" in text


def test_a_dry_run_shows_the_plan_and_touches_nothing(vault):
    shown = vault.run("--dry-run", "-o", "json")
    assert shown.code == 0 and "pg_dump --host=" in shown.out and PASSWORD not in shown.out
    assert not (vault.folder / "store").exists()


def test_a_second_backup_names_the_one_before_by_its_hash(vault):
    assert vault.run().code == 0 and vault.run().code == 0
    first, second = vault.published()
    before = (vault.job / first / "manifest.json").read_bytes()
    named = json.loads((vault.job / second / "manifest.json").read_text())["previous"]
    assert named == {"id": first, "sha256": hashlib.sha256(before).hexdigest()}


def test_status_is_well_while_the_newest_backup_is_young_enough(vault):
    none = vault.run("status")
    assert none.code == 12 and "there is no backup" in none.out
    assert vault.run().code == 0
    assert vault.run("status", "-o", "json").json.items() >= {"verdict": "ok", "newest": vault.published()[0], "good": 1}.items()
    vault.write_config(targets={"rpo": "1s"})
    late = vault.run("status")
    assert late.code == 12 and "a disaster may cost 1s at most" in late.out, late


def test_a_folder_is_packed_without_what_is_made_again_and_comes_back_as_it_was(vault):
    app = vault.folder / "app"
    for name in ["run.py", "conf/settings.ini", "node_modules/x/index.js", ".venv/bin/python", "conf/venv/lib", "a b/it's\nodd"]:
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(name)
    (app / "link").symlink_to("run.py")
    (app / "run.py").chmod(0o750)
    # The store is in it: a backup that packed the store would pack itself.
    vault.write_config(files={"app": {"path": "app"}, "project": {"path": ".", "exclude": ["app", "keys"]}})
    made = vault.run()
    assert made.code == 0, made
    assert vault.run("verify", *vault.identity()).code == 0
    back = vault.run("restore", "--files", "app", "--into", "back", *vault.identity())
    assert back.code == 0, back
    found = sorted(str(path.relative_to(vault.folder / "back")) for path in (vault.folder / "back").rglob("*") if not path.is_dir())
    assert found == ["a b/it's\nodd", "conf/settings.ini", "link", "run.py"]
    assert os.readlink(vault.folder / "back/link") == "run.py"
    assert (vault.folder / "back/run.py").stat().st_mode & 0o777 == 0o750
    assert vault.run("restore", "--files", "app", "--into", "back", *vault.identity()).code == 5
    whole = vault.run("restore", "--files", "project", "--into", "whole", *vault.identity())
    assert whole.code == 0, whole
    assert (vault.folder / "whole/flowlet.yaml").exists() and not (vault.folder / "whole/store").exists()
    unknown = vault.run("restore", "--files", "ap", "--into", "other", *vault.identity())
    assert unknown.code == 5 and "did you mean app?" in unknown.err
    missing = vault.run("restore", *vault.identity())
    assert missing.code == 2 and "--to NAME" in missing.err, missing


def test_a_file_that_cannot_be_read_whole_leaves_no_backup(vault):
    (vault.folder / "app").mkdir()
    (vault.folder / "app/x").write_text("x")
    vault.write_config(files={"app": {"path": "app"}})
    for text, code in [('"$REAL" "$@" | head -c 5000', 9), ('"$REAL" "$@"; exit 1', 16), ("exit 0", 9)]:
        vault.tool("tar", f"[[ $1 == --create ]] && {{ {text}; exit; }}; exec \"$REAL\" \"$@\"")
        failed = vault.run()
        assert failed.code == code, failed
        assert vault.published() == [] and vault.partial() == []
    vault.tools = {}
    vault.write_config(files={"app": {"path": "nowhere"}})
    failed = vault.run()
    assert failed.code == 3 and "is no folder" in failed.err and "flowlet.yaml:" in failed.err, failed


def metrics_in(path):
    """As Prometheus reads them: each line a name with its labels, and a number; each name told of first."""
    found, told = {}, set()
    for line in path.read_text().splitlines():
        if line.startswith("# TYPE "):
            told.add(line.split()[2])
        elif not line.startswith("#"):
            series, value = line.rsplit(" ", 1)
            name, labels = re.fullmatch(r'(\w+)\{(.*)\}', series).groups()
            assert name in told and labels == 'system="bank",job="production"', line
            found[name.removeprefix("flowletctl_backup_")] = float(value)
    return found


def test_status_leaves_metrics_for_prometheus_also_when_it_is_late(vault):
    path = vault.folder / "flowlet.prom"
    path.write_text("what was there before\n")
    none = vault.run("status", "--textfile", "flowlet.prom")
    assert none.code == 12
    assert {"healthy": 0, "good": 0, "rpo_seconds": 3600}.items() <= metrics_in(path).items()
    assert path.stat().st_mode & 0o777 == 0o644
    begun = time.time()
    assert vault.run().code == 0
    assert vault.run("status", "--textfile", str(path)).code == 0
    told = metrics_in(path)
    assert {"healthy": 1, "good": 1, "bad": 0}.items() <= told.items()
    assert begun - 1 <= told["newest_timestamp_seconds"] <= time.time()
    assert told["newest_bytes"] == sum(file.stat().st_size for file in (vault.job / vault.published()[0]).glob("*.age"))
    assert vault.run("status", "--textfile", "flowlet.txt").code == 2, "the collector reads no such file"
    assert vault.run("status", "--textfile", "no/such/folder/x.prom").code == 1


def test_a_backup_that_had_no_room_the_last_time_is_not_begun(vault):
    assert vault.run().code == 0
    store = vault.folder / "store"
    kept = vault.folder / "kept"
    shutil.copytree(store, kept)
    room = sum(file.stat().st_size for file in kept.rglob("*") if file.is_file())
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room * 3 // 2 + 200000}", "none", store], check=True)
    try:
        shutil.copytree(kept, store, dirs_exist_ok=True)
        before = vault.published()
        refused = vault.run()
        assert refused.code == 5 and "there is no room" in refused.err + refused.out and "prune" in refused.err + refused.out, refused
        assert vault.published() == before and not vault.partial()
    finally:
        subprocess.run(["umount", store], check=True)

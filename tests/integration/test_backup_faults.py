"""Whatever goes wrong on the way, what is in the store is a whole backup or not there."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

import pytest
from conftest import FLOWLETCTL
from vault import CANARY

# Longer by hand: the tool was proved with BACKUP_KILLS=200.
KILLS = int(os.environ.get("BACKUP_KILLS", "25"))


def nothing_is_left(vault):
    assert vault.published() == [] and vault.partial() == []


def test_any_flipped_byte_is_found(vault):
    assert vault.run().code == 0
    folder = vault.job / vault.published()[0]
    files = sorted(folder.iterdir())
    draw = random.Random(5521)
    for path in files:
        good = path.read_bytes()
        for at in {0, len(good) - 1, *(draw.randrange(len(good)) for _ in range(6))}:
            # Of a signature the first line is a comment that nobody signs.
            if path.suffix == ".minisig" and at < good.index(b"\n") + 1:
                continue
            path.write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1:])
            judged = vault.run("verify", folder.name)
            assert judged.code == 9, (path.name, at, judged)
        path.write_bytes(good[: len(good) // 2])
        assert vault.run("verify", folder.name).code == 9, path.name
        if path.suffix == ".age":
            # Of the right size, so that it is age that finds it.
            path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
            judged = vault.run("verify", folder.name, *vault.identity())
            assert judged.code == 9 and "age exited with status 1" in judged.err + judged.out, judged
        path.write_bytes(good)
    assert vault.run("verify", folder.name).code == 0


def test_a_backup_with_a_foreign_signature_or_a_hostile_name_counts_for_nothing(vault):
    assert vault.run().code == 0
    name = vault.published()[0]
    manifest = vault.job / name / "manifest.json"
    document = json.loads(manifest.read_text())
    document["artifacts"][0]["file"] = "../../../keys/password"
    manifest.write_text(json.dumps(document))
    vault.sign(name)
    listed = vault.run("list")
    assert listed.code == 9 and "COUNTS FOR NOTHING" in listed.out and "a file that may not be" in listed.out
    assert vault.run("verify").code == 9
    subprocess.run(["minisign", "-G", "-W", "-f", "-p", vault.folder / "keys/o.pub", "-s", vault.folder / "keys/sign.key"],
                   check=True, stdout=subprocess.DEVNULL)
    assert "it is by the key" in vault.run("list").out


def test_a_restore_that_fails_half_way_leaves_no_database(vault):
    assert vault.run().code == 0
    vault.tool("pg_restore", 'head -c 200000 | "$REAL" "$@"')
    copy = vault.copy_name()
    failed = vault.run("restore", "--to", copy, *vault.identity())
    assert failed.code == 16, failed
    assert vault.sql(f"SELECT count(*) FROM pg_database WHERE datname = '{copy}'", "postgres") == "0"


FAULTS = {
    "exits 0 after half": ("pg_dump", '"$REAL" "$@" | head -c 300000', 9),
    "exits 0 after nothing": ("pg_dump", "exit 0", 9),
    "exits 1 after all": ("pg_dump", '"$REAL" "$@"; echo oops >&2; exit 1', 16),
    "says something else": ("pg_dump", "echo hello", 9),
    "hangs": ("pg_dump", "sleep 600", 18),
    "is killed": ("pg_dump", '"$REAL" "$@" | head -c 100000; kill -9 $$', 16),
    "roles cut off": ("pg_dumpall", '"$REAL" "$@" | head -n 12', 9),
    # Whether it went away before all was handed over or after is luck: both are found.
    "age stops reading": ("age", '[[ $1 == --encrypt ]] && { head -c 100 >/dev/null; exit 0; }; exec "$REAL" "$@"', (9, 16)),
    "age writes nothing": ("age", '[[ $1 == --encrypt ]] && { cat >/dev/null; exit 0; }; exec "$REAL" "$@"', 9),
    "age writes half": ("age", '[[ $1 == --encrypt ]] && { "$REAL" "$@" | { head -c 60000; cat >/dev/null; }; exit 0; }; exec "$REAL" "$@"', 9),
    "age decrypts nothing": ("age", '[[ $1 == --decrypt ]] && { cat >/dev/null; exit 0; }; exec "$REAL" "$@"', 9),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_tool_that_misbehaves_leaves_no_backup(vault, fault):
    name, text, code = FAULTS[fault]
    if fault == "hangs":
        vault.write_config(timeout="2s")
    vault.tool(name, text)
    failed = vault.run()
    assert failed.code in (code if isinstance(code, tuple) else (code,)), failed
    nothing_is_left(vault)
    vault.tools = {}
    vault.write_config(timeout="1h")
    assert vault.run().code == 0


def test_a_warning_of_the_dump_is_kept_and_told(vault):
    vault.tool("pg_dump", '"$REAL" "$@"; echo "pg_dump: warning: there are circular foreign-key constraints" >&2')
    made = vault.run("-o", "json")
    assert made.code == 0
    assert made.json["warnings"] == ["primary.dump.gz.age: pg_dump: warning: there are circular foreign-key constraints"]


def test_what_is_missing_or_wrong_is_said_before_anything_is_done(vault):
    vault.tools = {"age": vault.folder / "no-such-age"}
    vault.write_config()
    missing = vault.run()
    assert missing.code == 13 and "tools.age" in missing.err
    vault.tools = {}
    vault.write_config(recipients=vault.recipients[:1])
    one = vault.run()
    assert one.code == 3 and "two are needed" in one.err
    vault.write_config(recipients=[vault.recipients[0]] * 2)
    assert "stands there twice" in vault.run().err
    vault.write_config(recipients=[vault.recipients[0], "age1pq1abc"])
    other = vault.run()
    assert other.code == 3 and "of another kind" in other.err
    vault.write_config(recipients=vault.recipients)
    (vault.folder / "keys/password").write_text("wrong\n")
    wrong = vault.run()
    assert wrong.code == 5 and "databases.primary.password" in wrong.err
    assert not vault.job.exists()


def test_a_full_disk_at_any_byte_leaves_no_backup(vault):
    store = vault.folder / "store"
    store.mkdir()
    for size in ["16k", "64k", "160k", "320k"]:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", store], check=True)
        try:
            failed = vault.run()
            assert failed.code in (1, 16), failed
            assert "No space left" in failed.err + failed.out
            nothing_is_left(vault)
        finally:
            subprocess.run(["umount", store], check=True)
    assert vault.run().code == 0


def test_two_runs_at_once_are_one(vault):
    gate = vault.folder / "gate"
    vault.tool("pg_dump", f'touch {gate}.here; while [[ ! -e {gate} ]]; do sleep 0.05; done; exec "$REAL" "$@"')
    first = vault.start()
    while not pathlib.Path(f"{gate}.here").exists():
        time.sleep(0.02)
    second = vault.run()
    assert second.code == 6 and "somebody else holds" in second.err, second
    gate.touch()
    assert first.wait(60) == 0
    assert len(vault.published()) == 1 and vault.partial() == []


def test_a_clock_that_was_set_back_stops_the_run(vault):
    assert vault.run().code == 0
    name = vault.published()[0]
    manifest = vault.job / name / "manifest.json"
    document = json.loads(manifest.read_text())
    document["started"] = "2036-01-01T00:00:00.000000Z"
    manifest.write_text(json.dumps(document))
    vault.sign(name)
    refused = vault.run()
    assert refused.code == 5 and "the clock" in refused.err, refused


def test_a_missing_number_is_told(vault):
    for _ in range(3):
        assert vault.run().code == 0
    shutil.rmtree(vault.job / vault.published()[1])
    assert "number 2 is missing" in vault.run("list").out


def test_a_wish_to_stop_ends_it_and_leaves_nothing(vault):
    vault.tool("pg_dump", f'touch {vault.folder}/here; sleep 600')
    process = vault.start()
    while not (vault.folder / "here").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    nothing_is_left(vault)


def canary_on_disk(vault):
    """Files below the project, and those that flowletctl has in /tmp, in which a row can be read."""
    places = [path for path in vault.folder.rglob("*") if path.is_file()]
    places += [path for path in pathlib.Path("/tmp").glob("flowletctl-*/*") if path.is_file()]
    return [path for path in places if CANARY.encode() in content_of(path)]


def content_of(path):
    """Nothing of a file that somebody else's flowletctl has removed meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def test_killed_at_any_moment_it_leaves_only_whole_backups(vault):
    started = time.monotonic()
    assert vault.run().code == 0
    whole = time.monotonic() - started
    draw = random.Random()
    finished = 1
    for _ in range(KILLS):
        process = vault.start()
        time.sleep(draw.uniform(0, whole * 1.1))
        process.kill()
        process.wait()
        if process.returncode == 0:
            finished += 1
        assert canary_on_disk(vault) == []
    listed = vault.listed()
    assert all(entry["good"] for entry in listed)
    # A run that was killed after it had published is a backup, too.
    assert finished <= len(listed) <= KILLS + 1
    for entry in listed:
        assert vault.run("verify", entry["id"]).code == 0
    after = vault.run()
    assert after.code == 0, after
    assert vault.partial() == [] and len(vault.listed()) == len(listed) + 1
    chain = subprocess.run([FLOWLETCTL, "audit", "verify"], cwd=vault.folder, capture_output=True, text=True)
    assert chain.returncode == 0, chain.stdout

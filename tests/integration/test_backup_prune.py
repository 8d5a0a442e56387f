"""What is pruned is what may go, whatever happens meanwhile; what is held or kept by law stays."""
import datetime
import json
import os
import pathlib
import random
import shutil
import subprocess
import time

from conftest import FLOWLETCTL

KILLS = 15
NOW = datetime.datetime.now(datetime.timezone.utc)


def days_ago(days, **more):
    return NOW - datetime.timedelta(days=days, hours=1, **more)


def stamped(moment, serial):
    return f"{moment:%Y%m%dT%H%M%SZ}-{serial:06d}-full"


def sign_all(vault, names):
    manifests = [vault.job / name / "manifest.json" for name in names]
    subprocess.run(["minisign", "-S", "-s", vault.folder / "keys/sign.key", "-m", *manifests], check=True, capture_output=True)


def make_history(vault, moments, **more):
    """One real backup, and a copy of it for each of the moments (oldest first) with another id, time and signature."""
    if not (vault.folder / "model").exists():
        assert vault.run().code == 0
        (vault.job / vault.published()[0]).rename(vault.folder / "model")
    names = []
    for serial, moment in enumerate(moments, 1):
        name = stamped(moment, serial)
        shutil.copytree(vault.folder / "model", vault.job / name)
        manifest = vault.job / name / "manifest.json"
        document = json.loads(manifest.read_text())
        document.update(id=name, serial=serial, started=f"{moment:%Y-%m-%dT%H:%M:%S}.000000Z", **more)
        document["finished"] = document["started"].replace(".000000Z", ".900000Z")
        document["previous"] = {"id": names[-1] if names else "", "sha256": ""}
        manifest.write_text(json.dumps(document))
        names.append(name)
    sign_all(vault, names)
    return names


def prune(vault, *more):
    return vault.run("prune", "--confirm", "production", *more)


def tombstones(vault):
    return sorted(path.stem for path in (vault.job / "tombstones").glob("*.json"))


def test_what_the_retention_does_not_keep_goes_and_leaves_a_tombstone(vault):
    names = make_history(vault, [days_ago(days) for days in range(20, -1, -1)])
    vault.write_config(retention={"keep_last": 2, "daily": 5})
    shown = vault.run("prune", "--dry-run", "--confirm", "production")
    assert shown.code == 0 and f"- {names[0]}" in shown.out and "older than the last 5" in shown.out, shown
    assert vault.published() == names
    unasked = vault.run("prune")
    assert unasked.code == 4 and "--confirm production" in unasked.err and vault.published() == names, unasked
    done = prune(vault, "-o", "json")
    assert done.code == 0, done
    assert {"kind": "BackupPrune", "kept": 5}.items() <= done.json.items()
    gone = names[:-5]
    assert [one["id"] for one in done.json["removed"]] == gone == tombstones(vault)
    assert vault.published() == names[-5:]
    stone = json.loads((vault.job / f"tombstones/{names[3]}.json").read_text())
    assert stone["serial"] == 4 and stone["by"] and stone["run"] and stone["bytes"] > 0
    assert stone["why"][0].endswith("older than the last 5")
    again = prune(vault)
    assert again.code == 0 and "nothing goes" in again.out, again
    listed = vault.run("list")
    assert listed.code == 0 and "missing" not in listed.out and "KEEP" in listed.out, listed
    assert max(len(line) for line in listed.out.splitlines()) <= 100
    told = vault.listed()
    assert all(one["keep"] and one["why"] for one in told)
    # The next run goes on from there.
    assert vault.run().code == 0
    assert vault.published()[-1].endswith("-000022-full")
    records = "".join(path.read_text() for path in (vault.folder / "audit").glob("*.jsonl"))
    assert names[0] in records
    chain = subprocess.run([FLOWLETCTL, "audit", "verify"], cwd=vault.folder, capture_output=True, text=True)
    assert chain.returncode == 0, chain.stdout


def test_without_a_retention_nothing_goes_and_that_is_said(vault):
    names = make_history(vault, [days_ago(days) for days in range(400, -1, -20)])
    done = prune(vault)
    assert done.code == 0 and "nothing is ever removed" in done.err and vault.published() == names, done


def test_a_held_one_stays_until_it_is_released(vault):
    names = make_history(vault, [days_ago(days) for days in range(4, -1, -1)])
    vault.write_config(retention={"keep_last": 1})
    held = vault.run("hold", names[0], "--reason", "case 4711")
    assert held.code == 0, held
    assert vault.run("hold", names[0], "--reason", "case 4711").code == 0
    other = vault.run("hold", names[0], "--reason", "another")
    assert other.code == 6 and "case 4711" in other.err, other
    done = prune(vault)
    assert done.code == 0 and "hold: case 4711" in done.err and vault.published() == [names[0], names[-1]], done
    assert vault.run("release", names[1], "--reason", "x").code == 5
    released = vault.run("release", names[0], "--reason", "closed")
    assert released.code == 0, released
    assert prune(vault).code == 0 and vault.published() == [names[-1]]
    records = "".join(path.read_text() for path in (vault.folder / "audit").glob("*.jsonl"))
    assert '"reason":"case 4711"' in records and '"reason":"closed"' in records


def test_a_class_is_written_when_the_backup_is_made_and_outlives_the_configuration(vault):
    vault.write_config(**{"class": "sec17a4-6y"}, retention={"keep_last": 1})
    assert vault.run().code == 0
    first = vault.published()[0]
    manifest = json.loads((vault.job / first / "manifest.json").read_text())
    assert manifest["class"] == "sec17a4-6y"
    assert manifest["keep_until"][:4] == str(int(manifest["started"][:4]) + 6)
    vault.write_config(**{"class": "none"})
    assert vault.run().code == 0
    assert vault.run().code == 0
    kept = prune(vault)
    assert kept.code == 0 and "1 backup would go, but the law keeps it" in kept.err, kept
    assert len(vault.published()) == 2 and vault.published()[0] == first
    vault.write_config(**{"class": "sec17a4"})
    wrong = prune(vault)
    assert wrong.code == 3 and "sec17a4-6y" in wrong.err, wrong


def test_what_no_backup_wrote_and_what_does_not_count_stays(vault):
    names = make_history(vault, [days_ago(days) for days in range(9, -1, -1)])
    vault.write_config(retention={"keep_last": 2})
    outside = vault.folder / "outside"
    (vault.job / names[0]).rename(outside)
    (vault.job / names[0]).symlink_to(outside)
    (vault.job / names[1] / "letter.txt").write_text("mine")
    (vault.job / names[2] / "primary.dump.gz.age").write_bytes(b"short")
    subprocess.run(["minisign", "-G", "-W", "-f", "-p", vault.folder / "keys/o.pub", "-s", vault.folder / "keys/other.key"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["minisign", "-S", "-s", vault.folder / "keys/other.key", "-m", vault.job / names[3] / "manifest.json"],
                   check=True, capture_output=True)
    foreign = vault.job / "20200101T000000Z-000099-full"
    foreign.mkdir()
    (foreign / "holiday.jpg").write_bytes(b"beach")
    (vault.job / "20200102T000000Z-000098-full").write_text("a file")
    (vault.job / "README").write_text("mine")
    (vault.job / "README").chmod(0o600)
    # A link inside of a backup that goes: the link goes, and what it points to stays.
    target = vault.folder / "target"
    (vault.job / names[4] / "primary.dump.gz.age").rename(target)
    (vault.job / names[4] / "primary.dump.gz.age").symlink_to(target)
    done = prune(vault)
    assert done.code == 0, done
    for words in ["is a link", "holds letter.txt", "has another size", "it is by the key", "README"]:
        assert words in done.err, (words, done)
    assert (foreign / "holiday.jpg").read_bytes() == b"beach"
    assert (vault.job / "20200102T000000Z-000098-full").read_text() == "a file"
    assert (vault.job / "README").read_text() == "mine"
    assert (outside / "manifest.json").exists() and (vault.job / names[0]).is_symlink()
    assert target.stat().st_size > 1000
    assert [name for name in names if (vault.job / name).exists()] == names[:4] + names[-2:]
    assert tombstones(vault) == names[4:-2]


def test_a_folder_of_tombstones_that_is_a_link_is_not_followed(vault):
    make_history(vault, [days_ago(days) for days in range(3, -1, -1)])
    vault.write_config(retention={"keep_last": 2})
    (vault.folder / "elsewhere").mkdir()
    (vault.job / "tombstones").symlink_to(vault.folder / "elsewhere")
    refused = prune(vault)
    assert refused.code == 5 and "is no folder of this store" in refused.err, refused
    assert list((vault.folder / "elsewhere").iterdir()) == [] and len(vault.published()) == 4


def test_while_another_is_at_work_it_ends_with_a_conflict(vault):
    names = make_history(vault, [days_ago(days) for days in range(3, -1, -1)])
    vault.write_config(retention={"keep_last": 2})
    gate = vault.folder / "gate"
    vault.tool("pg_dump", f'touch {gate}.here; while [[ ! -e {gate} ]]; do sleep 0.05; done; exec "$REAL" "$@"')
    run = vault.start()
    while not pathlib.Path(f"{gate}.here").exists():
        time.sleep(0.02)
    refused = prune(vault)
    assert refused.code == 6 and "somebody else holds" in refused.err, refused
    # A hold does not wait for a backup.
    held = vault.run("hold", names[0], "--reason", "case 4711")
    assert held.code == 0, held
    gate.touch()
    run.communicate(timeout=60)
    assert run.returncode == 0
    assert prune(vault).code == 0
    assert vault.published()[0] == names[0] and len(vault.published()) == 3


def test_of_two_at_once_each_ends_well_or_with_a_conflict(vault):
    vault.write_config(retention={"keep_last": 2})
    codes = set()
    for _ in range(5):
        shutil.rmtree(vault.job, ignore_errors=True)
        names = make_history(vault, [days_ago(days) for days in range(30, -1, -1)])
        both = [vault.start("prune", "--confirm", "production") for _ in range(2)]
        for one in both:
            one.communicate(timeout=60)
        codes |= {one.returncode for one in both}
        assert 0 in [one.returncode for one in both] and {one.returncode for one in both} <= {0, 6}
        assert vault.published() == names[-2:] and tombstones(vault) == names[:-2] and vault.partial() == []
    assert 6 in codes


def test_killed_at_any_moment_every_backup_is_whole_or_has_a_tombstone(vault):
    vault.write_config(retention={"keep_last": 2})
    names = make_history(vault, [days_ago(days) for days in range(40, -1, -1)])
    started = time.monotonic()
    assert prune(vault).code == 0
    whole = time.monotonic() - started
    draw = random.Random()
    for _ in range(KILLS):
        shutil.rmtree(vault.job)
        names = make_history(vault, [days_ago(days) for days in range(40, -1, -1)])
        process = vault.start("prune", "--confirm", "production")
        time.sleep(draw.uniform(0, whole))
        process.kill()
        process.communicate()
        listed = {entry["id"]: entry for entry in vault.listed()}
        assert all(entry["good"] for entry in listed.values())
        assert set(names) <= set(listed) | set(tombstones(vault))
        assert not vault.run("list", "-o", "json").json["missing"]
        after = prune(vault)
        assert after.code == 0, after
        assert vault.published() == names[-2:] and tombstones(vault) == names[:-2] and vault.partial() == []


def test_a_run_removes_what_a_killed_prune_has_left(vault):
    names = make_history(vault, [days_ago(days) for days in range(3, -1, -1)])
    vault.write_config(retention={"keep_last": 2})
    assert prune(vault).code == 0
    shutil.copytree(vault.folder / "model", vault.job / f".partial-pruned-{names[0]}")
    assert vault.run().code == 0 and vault.partial() == []


def test_a_clock_far_ahead_removes_nothing(vault):
    names = make_history(vault, [days_ago(days) for days in range(40, 34, -1)])
    vault.write_config(retention={"keep_last": 2})
    refused = prune(vault)
    assert refused.code == 5 and "either it is wrong, or backups have stopped" in refused.err, refused
    assert vault.published() == names
    assert prune(vault, "--set", "backup.retention.max_gap=2000h").code == 0
    assert vault.published() == names[-2:]


def test_no_word_of_it_is_offered_as_a_backup(vault):
    names = make_history(vault, [days_ago(days) for days in range(3, -1, -1)])
    vault.write_config(retention={"keep_last": 2})
    assert vault.run("hold", names[3], "--reason", "x").code == 0 and prune(vault).code == 0
    offered = subprocess.run([FLOWLETCTL, "__complete", "--", "backup", "verify", "--env", "production", ""], cwd=vault.folder,
                             capture_output=True, text=True, env={**os.environ})
    assert [line.split("\t")[0] for line in offered.stdout.splitlines() if line[0] != ":"] == names[-2:]

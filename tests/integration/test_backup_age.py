"""What flowletctl encrypts is age's format and not one program's: another age reads it, and it reads another's."""
import os
import subprocess

import pytest


def use_age(vault, program=None):
    """From now on flowletctl encrypts and decrypts with this one, or with the one in PATH."""
    vault.tools = {"age": program} if program else {}
    vault.write_config()


def restored(vault, name):
    copy = vault.copy_name()
    done = vault.run("restore", "--to", copy, *vault.identity(name))
    assert done.code == 0, done
    return copy


def version_of(program):
    return subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip().removeprefix("v")


def test_the_two_ages_are_not_one(age_go):
    assert version_of(age_go / "age") != version_of("age")


@pytest.mark.parametrize("name", ["ops", "escrow"])
def test_the_other_age_opens_every_artifact_with_either_identity(vault, age_go, name):
    assert vault.run().code == 0
    backup = vault.job / vault.published()[0]
    copy = vault.copy_name()
    vault.sql(f"CREATE DATABASE {copy}", "postgres")
    opened = {}
    for artifact in backup.glob("*.age"):
        plain = subprocess.run([age_go / "age", "-d", "-i", vault.folder / f"keys/{name}.key", artifact], check=True, capture_output=True)
        opened[artifact.name] = subprocess.run(["gzip", "-d"], input=plain.stdout, check=True, capture_output=True).stdout
    assert sorted(opened) == ["primary.dump.gz.age", "primary.globals.sql.gz.age"]
    assert b"CREATE ROLE keeper;" in opened["primary.globals.sql.gz.age"]
    subprocess.run(["pg_restore", "-e", "-d", copy], input=opened["primary.dump.gz.age"], env={**os.environ, **vault.server}, check=True)
    assert vault.run("verify", "--against", copy).code == 0


def test_the_other_age_opens_nothing_for_a_stranger(vault, age_go):
    assert vault.run().code == 0
    vault.make_identity("stranger")
    dump = vault.job / vault.published()[0] / "primary.dump.gz.age"
    refused = subprocess.run([age_go / "age", "-d", "-i", vault.folder / "keys/stranger.key", dump], capture_output=True, check=False)
    assert refused.returncode != 0 and refused.stdout == b""


@pytest.mark.parametrize("writer, reader", [("other", "own"), ("own", "other"), ("other", "other")])
def test_a_backup_by_one_age_is_verified_and_restored_by_the_other(vault, age_go, writer, reader):
    programs = {"own": None, "other": age_go / "age"}
    use_age(vault, programs[writer])
    made = vault.run()
    assert made.code == 0, made
    use_age(vault, programs[reader])
    for name in ("ops", "escrow"):
        judged = vault.run("verify", *vault.identity(name))
        assert judged.code == 0, judged
    assert vault.run("verify", "--against", restored(vault, "escrow")).code == 0


def test_a_flipped_byte_is_found_with_the_other_age_too(vault, age_go):
    use_age(vault, age_go / "age")
    assert vault.run().code == 0
    dump = vault.job / vault.published()[0] / "primary.dump.gz.age"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.chmod(0o600)
    dump.write_bytes(content)
    for args in ([], vault.identity()):
        judged = vault.run("verify", *args)
        assert judged.code == 9, judged

"""What setup says of what it cannot use, and that nothing is left of a setup that failed."""
import pathlib
import signal
import stat
import subprocess
import time

import pytest
from developer import DESCRIPTION, Developer


@pytest.fixture
def developer():
    made = Developer()
    made.make_light()
    yield made
    made.close()


def refused(ran, code, *words):
    assert ran.code == code, ran
    for word in words:
        assert word in ran.err + ran.out, ran


BEGINS = "import time\nopen('began', 'w').close()\ntime.sleep(600)\n"


def begin(developer):
    """A setup whose migration is under way."""
    process = developer.start("setup")
    deadline = time.monotonic() + 240
    while not (developer.root / "backend/began").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return process


def test_a_project_without_packages_is_ready_in_seconds_and_has_its_tables(developer):
    made = developer.setup()
    assert made.code == 0 and "3 tables in the database shop of its private PostgreSQL" in made.out, made
    assert developer.planned() == []


def test_a_broken_requirements_file_fails_with_the_words_of_pip_and_leaves_nothing(developer):
    developer.write("backend/requirements.txt", "this is no requirement!\n")
    before = developer.names()
    refused(developer.setup(), 16, "Invalid requirement", "requirements.txt")
    assert developer.names() == before


def test_a_package_that_is_nowhere_is_named(developer):
    developer.write("backend/requirements.txt", "flowlet-has-no-such-package==1.0\n")
    refused(developer.setup(), 16, "flowlet-has-no-such-package")
    assert not (developer.root / "backend/.venv").exists()


def test_without_a_lockfile_it_says_what_makes_one(developer):
    (developer.root / "web-frontend/package-lock.json").unlink()
    before = developer.names()
    refused(developer.setup(), 5, "no lockfile", "npm install --package-lock-only")
    assert developer.names() == before


def test_a_lockfile_of_another_package_file_fails_with_the_words_of_npm(developer):
    developer.write("web-frontend/package.json", '{"name": "light", "version": "1.0.0", "dependencies": {"picocolors": "1.1.1"}}\n')
    before = developer.names()
    refused(developer.setup(), 16, "npm", "EUSAGE")
    assert developer.names() == before


@pytest.mark.parametrize("folder", ["backend", "web-frontend"])
def test_a_part_that_is_not_there_is_never_a_success(developer, folder):
    (developer.root / folder).rename(developer.root / "elsewhere")
    refused(developer.setup(), 5, f"there is no folder {folder}", "--root", "setup.")


def test_parts_in_other_places_are_named_in_the_configuration(developer):
    (developer.root / "backend").rename(developer.root / "elsewhere")
    developer.write("flowlet.yaml", DESCRIPTION.replace("setup: {", "setup: {backend: elsewhere, "))
    assert developer.setup().code == 0
    assert (developer.root / "elsewhere/.env.local").exists()
    assert "dir: elsewhere" in (developer.root / "flowlet.yaml").read_text()


def test_a_python_that_is_too_old_is_a_missing_tool(developer):
    old = developer.write("bin/old-python", "#!/bin/sh\necho Python 3.9.2\n", 0o755)
    developer.write("flowlet.yaml", DESCRIPTION + f"tools: {{python3: {old}}}\n")
    refused(developer.setup(), 13, "3.9.2, too old", "3.11.0", "flowlet.yaml:")
    shown = developer.run("setup", "prereqs", "-o", "json")
    assert shown.code == 13 and shown.json["kind"] == "Prerequisites"
    row = next(one for one in shown.json["prerequisites"] if one["name"] == "python3")
    assert row["verdict"] == "error" and row["path"] == str(old) and "flowlet.yaml:" in row["fix"]


def test_a_folder_that_may_not_be_written_is_denied(developer):
    developer.root.chmod(0o555)
    refused(developer.setup(), 4, "may not be written", str(developer.root))
    developer.root.chmod(0o755)


def test_secrets_that_may_not_be_read_are_denied_and_stay(developer):
    file = developer.write("backend/.env.local", "SECRET_KEY=mine\n", 0)
    refused(developer.setup(), 4, ".env.local", "Permission denied", "chmod u+r")
    assert stat.S_IMODE(file.stat().st_mode) == 0


def test_a_broken_line_of_the_secrets_is_named_without_its_value(developer):
    developer.write("backend/.env.local", "SECRET_KEY='planted-secret\n", 0o600)
    ran = developer.setup()
    refused(ran, 3, ".env.local:")
    assert "planted-secret" not in ran.err + ran.out


def test_secrets_that_lack_a_name_are_warned_of_and_left_alone(developer):
    file = developer.write("backend/.env.local", "# mine\nexport SECRET_KEY='it ends with ='\n", 0o644)
    text = file.read_text()
    made = developer.setup()
    assert made.code == 0, made
    assert "does not say DATABASE_URL, DATABASE_PASSWORD, JWT_SECRET_KEY" in made.err and "chmod 600" in made.err
    assert file.read_text() == text


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_other_environments_are_deploys(developer, environment):
    developer.write("flowlet.yaml", DESCRIPTION.replace("staging: {}", "staging: {}, production: {}"))
    refused(developer.setup("--env", environment), 2, f"flowletctl deploy --env {environment}")
    assert not (developer.root / ".flowlet").exists()


def test_no_table_is_a_failure_and_is_taken_back(developer):
    developer.write("backend/tables.txt", "\n")
    before = developer.names()
    description = (developer.root / "flowlet.yaml").read_text()
    refused(developer.setup(), 9, "there is no table in it", "setup: {migrate:")
    assert developer.names() == before and developer.servers() == []
    assert (developer.root / "flowlet.yaml").read_text() == description


def test_nothing_that_makes_tables_is_said_before_anything_is_done(developer):
    developer.write("flowlet.yaml", "apiVersion: flowlet/v1\nenvironments: {development: {}}\n")
    before = developer.names()
    refused(developer.setup(), 5, "makes the tables", "setup: {migrate:")
    assert developer.names() == before


def test_a_migration_that_fails_is_a_failed_tool_and_what_was_there_stays(developer):
    assert developer.setup().code == 0
    secrets = developer.env_file.read_bytes()
    developer.write("backend/make_tables.py", "raise SystemExit('an error of the migration')\n")
    developer.write("flowlet.yaml", (developer.root / "flowlet.yaml").read_text().replace("[python, make_tables.py]", "[python, make_tables.py, again]"))
    refused(developer.setup(), 16, "an error of the migration")
    assert developer.env_file.read_bytes() == secrets and developer.servers() == []
    assert (developer.root / ".flowlet/postgres/data/PG_VERSION").exists()
    # What failed is tried again.
    assert "tables/migrate" in developer.planned()


def test_root_is_told_who_may(developer):
    if not developer.as_user:
        pytest.fail("these tests run as root, as all of this folder do")
    refused(developer.setup(as_root=True), 5, "does not run as root", "databases.primary")


def test_a_description_without_services_keeps_every_byte(developer):
    text = "# of ours\napiVersion: flowlet/v1\nenvironments:\n    development:   {}   # odd\nsetup:\n  migrate: [python, make_tables.py]"
    file = developer.write("flowlet.yaml", text)
    file.write_text(text)
    assert developer.setup().code == 0
    written = file.read_text()
    assert written.startswith(text) and "\nservices:\n" in written and stat.S_IMODE(file.stat().st_mode) == 0o644
    assert developer.run("config", "validate").code == 0


def test_services_that_are_there_stay(developer):
    file = developer.write("flowlet.yaml", DESCRIPTION + "services: {backend: {command: [python3, run_server.py], dir: backend}}\n")
    text = file.read_text()
    made = developer.setup()
    assert made.code == 0 and "none of them is the private database" in made.err and ".flowlet/postgres/data" in made.err, made
    assert file.read_text() == text


def test_a_database_that_is_configured_is_used_and_not_made(developer, postgres):
    name = f"setup_{time.time_ns()}"
    subprocess.run(["psql", "-Xqc", f"CREATE DATABASE {name}"], env={**developer.env, **postgres}, check=True)
    primary = f"{{type: postgres, host: {postgres['PGHOST']}, port: {postgres['PGPORT']}, user: {postgres['PGUSER']}, name: {name}}}"
    developer.write("flowlet.yaml", DESCRIPTION + f"databases: {{primary: {primary}}}\n")
    # It is not made here, so it does not matter that root calls.
    made = developer.setup(as_root=True)
    assert made.code == 0 and f"3 tables in the database {name} of databases.primary" in made.out, made
    assert not (developer.root / ".flowlet/postgres").exists()
    assert f"@/{name}?host=" in developer.env_file.read_text()
    assert developer.planned(as_root=True) == []


def test_a_configured_database_that_is_not_there_is_named(developer):
    developer.write("flowlet.yaml", DESCRIPTION + "databases: {primary: {host: 127.0.0.1, port: 9, user: ana, name: shop}}\n")
    refused(developer.setup(), 5, "databases.primary", "ana on 127.0.0.1:9/shop")
    assert not developer.env_file.exists()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_takes_back_what_it_did(developer, sign):
    developer.write("backend/make_tables.py", BEGINS)
    before = developer.names()
    process = begin(developer)
    process.send_signal(sign)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + sign, out + err
    (developer.root / "backend/began").unlink()
    assert developer.names() == before and developer.servers() == []


def test_two_at_once_do_not_meet(developer):
    developer.write("backend/make_tables.py", BEGINS)
    process = begin(developer)
    refused(developer.setup(), 6, "somebody else holds")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert developer.servers() == []


def test_a_long_path_puts_the_socket_elsewhere(developer):
    long = developer.root / ("a-folder-with-a-name" * 6)
    developer.root.rename(developer.folder / "moved")
    developer.root = long
    long.parent.mkdir()
    (developer.folder / "moved").rename(long)
    developer.give()
    made = developer.setup()
    assert made.code == 0, made
    url = developer.env_file.read_text()
    assert "?host=/tmp/flowlet-" in url
    socket = pathlib.Path(url.split("?host=")[1].split("\n")[0])
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert developer.planned() == []
    socket.rmdir()

"""setup of the project in tests/project, with the real pip, npm and PostgreSQL."""
import hashlib
import re
import stat
import subprocess
import urllib.request

import pytest
from developer import Developer


@pytest.fixture(scope="module")
def ready():
    """A project that was set up once, from a clean copy."""
    developer = Developer()
    developer.copy_project()
    developer.first = developer.setup()
    yield developer
    developer.close()


def env_of(developer):
    lines = [line.split("=", 1) for line in developer.env_file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(lines)


def test_from_a_clean_copy_everything_is_made_and_the_tables_are_counted(ready):
    assert ready.first.code == 0, ready.first
    assert "2 tables in the database shop" in ready.first.out
    python = ready.root / "backend/.venv/bin/python"
    done = subprocess.run([*ready.as_user, python, "-c", "import flask, psycopg; print(flask.__name__)"], capture_output=True, text=True, check=True)
    assert done.stdout == "flask\n"
    assert (ready.root / "web-frontend/node_modules/vite/package.json").exists()
    assert (ready.root / ".flowlet/.gitignore").read_text() == "*\n"
    assert ready.servers() == []


def test_the_secrets_are_random_private_and_of_the_example(ready):
    values = env_of(ready)
    assert stat.S_IMODE(ready.env_file.stat().st_mode) == 0o600
    assert values["CURRENCY"] == "EUR"
    assert len(values["SECRET_KEY"]) >= 40 and len(values["JWT_SECRET_KEY"]) >= 40
    assert values["SECRET_KEY"] != values["JWT_SECRET_KEY"]
    assert re.fullmatch(r"postgresql\+psycopg://shop:[0-9a-f]{48}@/shop\?host=/.*/\.flowlet/postgres", values["DATABASE_URL"])


def test_no_secret_is_in_what_was_said_or_recorded(ready):
    values = env_of(ready)
    password = values["DATABASE_URL"].split(":")[2].split("@")[0]
    superuser = (ready.root / ".flowlet/postgres/superuser").read_text().strip()
    told = ready.first.out + ready.first.err + "".join(path.read_text() for path in (ready.home / ".local/state/flowletctl/audit").glob("*.jsonl"))
    told += (ready.root / "flowlet.yaml").read_text() + (ready.root / ".flowlet/database").read_text()
    for secret in (values["SECRET_KEY"], values["JWT_SECRET_KEY"], password, superuser):
        assert len(secret) > 20 and secret not in told


def test_three_setups_leave_the_secrets_byte_for_byte(ready):
    before = hashlib.sha256(ready.env_file.read_bytes()).hexdigest()
    for _ in range(2):
        again = ready.setup()
        assert again.code == 0, again
    assert hashlib.sha256(ready.env_file.read_bytes()).hexdigest() == before


def test_a_second_setup_plans_nothing_from_any_folder(ready):
    assert ready.planned() == []
    assert ready.planned("--root", str(ready.root), cwd="/") == []
    assert ready.planned(cwd=ready.root / "backend/migrations") == []
    again = ready.setup()
    assert again.code == 0 and "Nothing to do" in again.err, again


def test_only_what_changed_is_done_again(ready):
    listed = ready.root / "backend/requirements.txt"
    text = listed.read_text()
    listed.write_text(text + "# a comment\n")
    assert [one for one in ready.planned() if one.startswith(("node", "tables", "database"))] == []
    assert "python/install" in ready.planned() and "python/make" not in ready.planned()
    listed.write_text(text)
    assert ready.planned() == []


def test_a_new_migration_is_run_and_its_table_counted(ready):
    new = ready.write(
        "backend/migrations/versions/0002_fees.py",
        """
        import sqlalchemy as sa
        from alembic import op

        revision, down_revision = "0002", "0001"


        def upgrade():
            op.create_table("fee", sa.Column("id", sa.Integer, primary_key=True))
        """,
    )
    made = ready.setup()
    assert made.code == 0 and "3 tables in the database shop" in made.out, made
    assert ready.planned() == []
    assert new.exists() and ready.servers() == []


def test_the_description_is_valid_and_its_backend_answers_with_the_database(ready):
    assert ready.run("config", "validate", "--env", "development").code == 0
    shown = ready.run("config", "show", "--env", "development", "-o", "json").json
    values = {one["key"]: one["value"] for one in shown["values"]}
    assert values["services.backend.after"] == "[postgres]" and values["services.frontend.command"] == "[npm, run, dev]"
    assert values["services.backend.ready.http"] == "http://127.0.0.1:5000/health"
    started = ready.run("start", "--wait")
    try:
        assert started.code == 0, started
        with urllib.request.urlopen("http://127.0.0.1:5000/health", timeout=10) as health:
            assert '"ok"' in health.read().decode()
    finally:
        assert ready.run("stop").code == 0
    assert ready.servers() == []


def test_secrets_that_were_moved_away_are_made_anew_and_fit_the_database(ready):
    kept = ready.env_file.rename(ready.folder / "kept")
    made = ready.setup()
    assert made.code == 0, made
    old, new = kept.read_text(), ready.env_file.read_text()
    assert old != new and stat.S_IMODE(ready.env_file.stat().st_mode) == 0o600
    url = env_of(ready)["DATABASE_URL"].replace("+psycopg", "")
    with ready.server():
        counted = subprocess.run(["psql", "-XAtc", "SELECT count(*) FROM account", url], capture_output=True, text=True, check=True)
    assert counted.stdout == "0\n"

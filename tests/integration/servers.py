"""The throw-away servers of a test run, one of each kind."""
import contextlib
import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def server(kind, folder):
    """A throw-away server of tests/<kind>, as its env file tells of it. One that does not start fails the tests that want it."""
    subprocess.run([TOP / f"tests/{kind}/up", folder], check=True, stdout=subprocess.DEVNULL)
    try:
        yield dict(line[len("export "):].replace("'", "").split("=", 1) for line in (folder / "env").read_text().splitlines())
    finally:
        subprocess.run([TOP / f"tests/{kind}/down", folder], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """How to reach a PostgreSQL of the test run, as its superuser."""
    with server("postgres", tmp_path_factory.mktemp("postgres") / "server") as env:
        yield env


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory):
    """How to reach a MariaDB of the test run, as its superuser: MARIADB_HOST, MARIADB_PORT and so on."""
    with server("mariadb", tmp_path_factory.mktemp("mariadb") / "server") as env:
        yield env


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """How to reach two buckets of the test run, one of which locks: S3_ENDPOINT and so on."""
    with server("s3", tmp_path_factory.mktemp("s3") / "server") as env:
        yield env


@pytest.fixture(scope="session")
def age_go():
    """The folder of the age and age-keygen of age's author, whose version is not Debian's."""
    built = subprocess.run([TOP / "tests/s3/build"], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(built.stdout.strip())

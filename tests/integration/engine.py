"""A real Docker engine with docker compose for a test run, and what it says of the containers of a project."""
import datetime
import json
import os
import subprocess
import warnings

import pytest
from crew import TOP

NO_ENGINE = 77  # tests/docker/up: no engine can run on this machine


class Engine:
    def __init__(self, env):
        self.env = {name: env[name] for name in ("DOCKER_HOST", "DOCKER_CONFIG")}
        self.programs, self.compose, self.image = env["DOCKER_BIN"], env["DOCKER_COMPOSE"], env["DOCKER_IMAGE"]

    def ask(self, *args):
        command = [f"{self.programs}/docker", *args]
        return subprocess.run(command, env={**os.environ, **self.env}, check=True, capture_output=True, text=True, timeout=30).stdout

    def containers(self, root, *, every=False):
        """Who runs of the compose files of a folder, or (every) ever was made: name of the compose service → what the engine says."""
        ids = self.ask("ps", "--quiet", *(["--all"] if every else []), "--filter", f"label=com.docker.compose.project.working_dir={root}").split()
        found = json.loads(self.ask("inspect", *ids)) if ids else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def remove(self, root):
        if ids := [one["Id"] for one in self.containers(root, every=True).values()]:
            self.ask("rm", "--force", *ids)


def moment(text):
    """Of the engine, with nanoseconds, or of a log: comparable."""
    whole, _, rest = text.rstrip("Z").partition(".")
    return datetime.datetime.fromisoformat(whole), rest.ljust(9, "0")


@pytest.fixture(scope="session")
def docker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docker") / "server"
    try:
        started = subprocess.run([TOP / "tests/docker/up", folder], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if started.returncode == NO_ENGINE:
            warnings.warn(f"compose services are NOT TESTED: {started.stderr.strip()}", stacklevel=1)
            pytest.skip(started.stderr.strip())
        assert started.returncode == 0, started.stderr
        lines = (folder / "env").read_text().splitlines()
        yield Engine(dict(line[len("export "):].replace("'", "").split("=", 1) for line in lines))
    finally:
        subprocess.run([TOP / "tests/docker/down", folder], check=True, stdout=subprocess.DEVNULL)

"""Somebody who develops: a plain user with a home and a project of their own, who calls the built program."""
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import textwrap

from conftest import FLOWLETCTL, TOP, Ran

PROJECT = TOP / "tests/project"
USER = "nobody"

# A project whose packages cost nothing: what is tested is all the rest.
LIGHT = {
    "backend/requirements.txt": "# none\n",
    "backend/run_server.py": "print('no server')\n",
    "backend/make_tables.py": """
        import os, subprocess

        url = os.environ["DATABASE_URL"]
        for table in open("tables.txt").read().split():
            subprocess.run(["psql", "-Xqc", f"CREATE TABLE IF NOT EXISTS {table} (id integer)", url], check=True)
    """,
    "backend/tables.txt": "account transfer owner\n",
    "web-frontend/package.json": '{"name": "light", "version": "1.0.0", "private": true, "scripts": {"dev": "vite"}}\n',
    "web-frontend/package-lock.json": '{"name": "light", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "light", "version": "1.0.0"}}}\n',
}

DESCRIPTION = """
apiVersion: flowlet/v1
project: shop
environments: {development: {}, staging: {}}
setup: {migrate: [python, make_tables.py]}
"""


class Developer:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flowlet-setup-", dir="/tmp"))
        self.home, self.root = self.folder / "home", self.folder / "shop"
        self.home.mkdir()
        self.env = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "npm_config_", "SSL_", "NODE_EXTRA"))}
        self.env |= {"HOME": str(self.home), "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"}
        self.as_user = []
        if os.geteuid() == 0:
            entry = pwd.getpwnam(USER)
            self.as_user = [shutil.which("setpriv"), f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
            self.owner = (entry.pw_uid, entry.pw_gid)
        else:
            self.owner = (os.geteuid(), os.getegid())
        self.give()

    def give(self):
        """Everything belongs to the one who develops."""
        for path in [self.folder, *self.folder.rglob("*")]:
            os.chown(path, *self.owner, follow_symlinks=False)
        self.folder.chmod(0o755)

    def copy_project(self):
        shutil.copytree(PROJECT, self.root)
        self.give()

    def make_light(self, description=DESCRIPTION):
        for name, text in LIGHT.items():
            self.write(name, text)
        if description:
            self.write("flowlet.yaml", description)

    def write(self, name, text, mode=0o644):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        path.chmod(mode)
        for part in [path, *path.parents]:
            if self.folder in part.parents:
                os.chown(part, *self.owner)
        return path

    def command(self, *args):
        return [*self.as_user, FLOWLETCTL, *args]

    def run(self, *args, cwd=None, env=None, as_root=False):
        command = self.command(*args)[len(self.as_user) if as_root else 0 :]
        return Ran(
            subprocess.run(
                command, cwd=cwd or self.root, env=self.env | (env or {}), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
            )
        )

    def start(self, *args):
        return subprocess.Popen(
            self.command(*args), cwd=self.root, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def setup(self, *args, **options):
        return self.run("setup", *args, **options)

    def planned(self, *args, **options):
        """The ids of what a setup would do."""
        ran = self.setup("--dry-run", "-o", "json", *args, **options)
        assert ran.code == 0, ran
        return [step["id"] for step in ran.json["steps"]]

    @property
    def env_file(self):
        return self.root / "backend/.env.local"

    def names(self):
        """Every path of the project, to see that nothing came or went."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*"))

    def processes(self):
        """Command lines of whoever works below this folder."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").resolve().is_relative_to(self.folder):
                    found.append((process / "cmdline").read_bytes())
            except OSError:
                continue
        return found

    def servers(self):
        """Processes of a PostgreSQL whose data are below this folder."""
        return [line for line in self.processes() if b"postgres" in line]

    @contextlib.contextmanager
    def server(self):
        """The private database, up by hand."""
        command = self.run("config", "show", "--env", "development", "-o", "json").json["values"]
        postgres = next(one["value"] for one in command if one["key"] == "services.postgres.command").strip("[]").split(", ")
        process = subprocess.Popen([*self.as_user, *postgres], cwd=self.root, env=self.env, stderr=subprocess.PIPE, text=True)
        while "ready to accept" not in (line := process.stderr.readline()):
            assert line, "it did not start"
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)

    def audit(self):
        log = self.home / ".local/state/flowletctl/audit/log.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()]

    def close(self):
        assert self.servers() == []
        shutil.rmtree(self.folder)

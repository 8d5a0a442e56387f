"""The tools that keep services on a developer's machine, each with the same services, and who of them is alive."""
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import uuid

from timing import BenchError, say

HONCHO, CONCURRENTLY = "2.0.0", "9.2.1"  # the last concurrently that Node 20 runs
LIB = pathlib.Path(__file__).resolve().parent
GRACE = 5  # seconds: what honcho and foreman give
# What is written by hand where a tool knows no order.
WAIT = 'until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.1; done; shift; exec "$@"\n'


def cache():
    own = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(os.environ.get("FLOWLET_CACHE") or pathlib.Path(own) / "flowletctl") / "stack-bench"


def install():
    """Name → (program, version), and why others are not there."""
    there, missing = {}, {}
    env, pack = cache() / f"honcho-{HONCHO}", cache() / f"concurrently-{CONCURRENTLY}"
    recipes = {
        "honcho": (env / "bin/honcho", [["python3", "-m", "venv", env], [env / "bin/pip", "install", "-q", f"honcho=={HONCHO}"]]),
        "concurrently": (pack / "node_modules/.bin/concurrently",
                         [["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", pack, f"concurrently@{CONCURRENTLY}"]]),
        "foreman": (pathlib.Path(shutil.which("foreman") or "/usr/bin/foreman"), []),
    }
    for name, (program, commands) in recipes.items():
        try:
            if commands and not program.exists():
                say(f"installing {name}")
                pack.parent.mkdir(parents=True, exist_ok=True)
                for command in commands:
                    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
            there[name] = (str(program), said.split()[-1])
        except (OSError, subprocess.CalledProcessError) as error:
            hint = " (apt-get install ruby-foreman)" if name == "foreman" else ""
            missing[name] = f"{error}{hint}"
    return there, missing


def build_actor(folder):
    subprocess.run(["cc", "-O2", "-o", folder / "actor", LIB / "actor.c"], check=True)
    (folder / "wait-for").write_text(WAIT)


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def wait_until(what, seconds, why, pause=0.002):
    end = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > end:
            raise BenchError(f"{why} within {seconds} s")
        time.sleep(pause)
    return found


def stat(pid):
    """The fields after the name, or nothing if it is dead."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields


@dataclasses.dataclass
class Service:
    name: str
    mode: str
    value: int  # a port, or a number of lines
    delay: int = 0
    after: "Service | None" = None
    terminal: bool = True

    def command(self, work):
        return [str(work / "actor"), self.name, self.mode, str(self.value), str(self.delay)]


class Stack:
    """One tool with its services. Whoever descends from it has its token in the environment."""

    def __init__(self, work, tool, program, services, *, detached=False, out=None, env=None):
        self.tool, self.program, self.services, self.detached = tool, program, services, detached
        self.token = uuid.uuid4().hex
        self.work, self.folder = work, work / self.token
        self.notes = self.folder / "notes"
        self.notes.mkdir(parents=True)
        self.env = {**os.environ, **(env or {}), "STACKBENCH": self.token, "NOTES": str(self.notes), "NO_COLOR": "1",
                    "XDG_STATE_HOME": str(self.folder / "state")}
        self.env.pop("FLOWLET_ENV", None)
        self.describe()
        self.begun = time.monotonic_ns()
        self.process = subprocess.Popen(self.command(), cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, start_new_session=True,
                                        stdout=out or subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def describe(self):
        """Those that know no order start a shell that waits for the port before."""
        self.lines = {}
        for one in self.services:
            words = one.command(self.work)
            if one.after and self.tool != "flowletctl":
                words = ["bash", str(self.work / "wait-for"), str(one.after.value), *words]
            self.lines[one.name] = "exec " + " ".join(words)
        (self.folder / "Procfile").write_text("".join(f"{name}: {line}\n" for name, line in self.lines.items()))
        document = {"apiVersion": "flowlet/v1", "project": "bench", "logs": {"size": 1000}, "services": {}}
        for one in self.services:
            keys = {"command": one.command(self.work), "terminal": one.terminal, "stop": {"grace": f"{GRACE}s"}}
            if one.mode != "lines":
                keys["ready"] = {"tcp": one.value}
            if one.after:
                keys["after"] = [one.after.name]
            document["services"][one.name] = keys
        (self.folder / "flowlet.yaml").write_text(json.dumps(document))

    def command(self):
        if self.tool == "flowletctl":
            return [self.program, "start", *(["--wait"] if self.detached else [])]
        if self.tool == "concurrently":
            return [self.program, "-k", "-n", ",".join(self.lines), *self.lines.values()]
        return [self.program, "start"]

    def times(self, what):
        """Service → (ns, pid) of its last such note."""
        found = {}
        for path in self.notes.iterdir():
            for line in path.read_text().splitlines():
                words = line.split()
                if len(words) == 3 and words[0] == what:
                    found[path.name] = (int(words[1]), int(words[2]))
        return found

    def wait_for(self, what="listening", seconds=60):
        """Until all have noted that. Nanoseconds from the start of the tool to the last of them."""
        wait_until(lambda: len(self.times(what)) == len(self.services), seconds, f"{self.tool}: not all services said {what}")
        if self.detached:
            if self.process.wait() != 0:
                raise BenchError(f"{self.tool}: start failed")
            self.returned = time.monotonic_ns() - self.begun
        return max(at for at, _ in self.times(what).values()) - self.begun

    def leader(self):
        if not self.detached:
            return self.process.pid
        said = subprocess.run([self.program, "status", "-o", "json"], cwd=self.folder, env=self.env, capture_output=True, text=True, check=True)
        found = json.loads(said.stdout)["supervisor"]
        return found["pid"] if isinstance(found, dict) else int(found)

    def alive(self):
        """pid → name, by the token."""
        found, mark = {}, f"STACKBENCH={self.token}".encode()
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes() and stat(entry.name):
                    found[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                continue
        return found

    def stop(self, limit=60):
        """Seconds until the tool has ended, and until nobody is left; None if that did not come to pass."""
        before = set(self.alive())
        begun = time.monotonic()
        if self.detached:
            subprocess.run([self.program, "stop"], cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        else:
            self.process.send_signal(signal.SIGTERM)
        while self.process.poll() is None and time.monotonic() - begun < limit:
            before = {pid for pid in before if stat(pid)}
            time.sleep(0.002)
        if self.process.poll() is None:
            say(f"{self.tool} has not ended {limit} s after SIGTERM")
            return None, None
        ended = time.monotonic() - begun
        while before and time.monotonic() - begun < ended + 0.5:
            before = {pid for pid in before if stat(pid)}
            time.sleep(0.002)
        return ended, None if before else time.monotonic() - begun

    def clean(self):
        for pid in self.alive():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

"""A project with services, and who of them is alive."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import textwrap
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
FLOWLETCTL = os.environ.get("FLOWLETCTL", str(TOP / "build/dev/flowletctl"))
PYTHON = "/usr/bin/python3"

# A service as many are: it listens, says so, and ends when it is asked to.
SERVER = """
import http.server, os, sys, time
time.sleep(float(os.environ.get("SLOW", "0")))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(os.environ.get("ANSWER", "200"))); self.end_headers(); self.wfile.write(os.environ.get("SECRET", "").encode())
    def log_message(self, *args): pass
print("listening", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


class Ran:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"

    @property
    def json(self):
        return json.loads(self.out)


class Crew:
    """A project folder. Services are written with service(), commands run with run()."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.root.mkdir(parents=True, exist_ok=True)
        self.services = {}
        self.top = ""
        (self.root / "server.py").write_text(SERVER)
        self.env = {**os.environ, "XDG_STATE_HOME": str(self.root.parent / "state"), "NO_COLOR": "1"}
        self.env.pop("FLOWLET_ENV", None)
        self.started = []

    def script(self, name, text):
        (self.root / name).write_text(textwrap.dedent(text))
        return [PYTHON, str(self.root / name)]

    def service(self, service, command, **keys):
        self.services[service] = {"command": command, **keys}
        self.write()
        return self

    def server(self, service, port=None, **keys):
        port = port or free_port()
        return self.service(service, [PYTHON, str(self.root / "server.py"), str(port)], ready={"tcp": port}, **keys), port

    def write(self):
        text = "apiVersion: flowlet/v1\nproject: crew\n" + self.top + "services: " + json.dumps(self.services) + "\n"
        (self.root / "flowlet.yaml").write_text(text)

    def begin(self, *args, **how):
        """In the background, in a session of its own."""
        process = subprocess.Popen(
            [FLOWLETCTL, *args], cwd=self.root, env=self.env, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
        )
        self.started.append(process)
        return process

    def run(self, *args, timeout=60, env=None, cwd=None):
        return Ran(subprocess.run(
            [FLOWLETCTL, *args], cwd=cwd or self.root, env={**self.env, **(env or {})}, text=True,
            capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL,
        ))

    def status(self):
        return {one["service"]: one for one in self.run("status", "-o", "json").json["services"]}

    def supervisor(self):
        return self.run("status", "-o", "json").json["supervisor"]

    @property
    def logs(self):
        return self.root / ".flowlet/logs"

    def log(self, service):
        return [line.split(" ", 1)[1] for line in (self.logs / f"{service}.log").read_text().splitlines()]

    def alive(self):
        """Whoever works in the project's folder, or says so in its words: pid → command line."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                folder = os.readlink(entry / "cwd")
            except OSError:
                continue
            if is_alive(int(entry.name)) and (str(self.root) in words or folder.startswith(str(self.root))):
                found[int(entry.name)] = words.strip()
        return found

    def files(self):
        return sorted(str(p.relative_to(self.root / ".flowlet")) for p in (self.root / ".flowlet").rglob("*") if not p.is_dir())

    def clean(self):
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        for pid in self.alive():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

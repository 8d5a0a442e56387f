#!/usr/bin/env python3
"""A kubectl that does all that kubectl does, and kills the flowletctl that started it at the request that a test names.

Beside it lie `kubectl-path`, which names the real one, and `kill-at`: "before 3" or "after 3", of the requests that change something.
"""
import http.client
import http.server
import os
import pathlib
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
REAL = (HERE / "kubectl-path").read_text().strip()
CALLER = os.getppid()


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64
    lock = threading.Lock()
    writes = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def count(self):
        if self.command == "GET" or "dryRun=All" in self.path:
            return 0
        with self.server.lock:
            self.server.writes += 1
            with open(HERE / "writes", "a") as log:
                log.write(f"{self.server.writes} {self.command} {self.path}\n")
            return self.server.writes

    def kill_if(self, when, number):
        wish = HERE / "kill-at"
        if number and wish.exists() and wish.read_text().split() == [when, str(number)]:
            wish.unlink()
            os.kill(CALLER, signal.SIGKILL)
            time.sleep(60)

    def relay(self):
        number = self.count()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.kill_if("before", number)
        there = Connection(self.server.real)
        there.request(self.command, self.path, body or None, {k: v for k, v in self.headers.items() if k != "Connection"})
        answer = there.getresponse()
        self.kill_if("after", number)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while part := answer.read1(65536):
            self.wfile.write(part)
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = relay


def accepts(path):
    try:
        Connection(path).connect()
    except OSError:
        return False
    return True


def main():
    args = sys.argv[1:]
    wanted = [arg for arg in args if arg.startswith("--unix-socket=")]
    if not wanted:
        os.execv(REAL, [REAL, *args])
    path = wanted[0].split("=", 1)[1]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        real = f"{folder}/s"
        # It ends with this process, however that ends.
        child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", REAL, *[f"--unix-socket={real}" if arg in wanted else arg for arg in args]])
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            while not accepts(real):
                if child.poll() is not None:
                    sys.exit(child.returncode)
                time.sleep(0.01)
            server = Server(path, Handler)
            server.real = real
            server.serve_forever()
        finally:
            child.kill()


main()

"""Somebody at a terminal: a program on a pty, keys that are sent to it, and what is on the screen."""
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time


class Typist:
    def __init__(self, argv, env, cwd, columns=100, rows=40):
        self.seen = b""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(argv[0], argv, env)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        self.seen = b""
        os.write(self.master, keys.encode())

    def read(self, seconds):
        """What arrives within that time; nothing once the program has ended."""
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.master, 65536)
        except OSError:  # the other end of a pty is closed: Linux says EIO
            return b""

    def wait_for(self, wanted, seconds=20):
        """The screen's text once `wanted`, a pattern, stands in it."""
        end = time.monotonic() + seconds
        while not re.search(wanted, self.text):
            if time.monotonic() > end:
                raise AssertionError(f"no {wanted!r} on the screen: {self.text!r}")
            self.seen += self.read(0.1)
        return self.text

    def read_all(self, seconds=60):
        """Everything until the program ends, and its exit code."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                block = os.read(self.master, 65536)
            except OSError:
                block = b""
            if not block:
                break
            self.seen += block
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return self.seen.decode(), os.waitstatus_to_exitcode(status)

    @property
    def text(self):
        """Without the sequences that move the cursor and paint."""
        return re.sub(r"\x1b(\[[0-9;?>=]*[a-zA-Z]|\][^\x07]*\x07|[()=>][0-9A-Z]?)", "", self.seen.decode(errors="replace"))

    def end(self):
        os.close(self.master)
        if self.pid:
            os.waitpid(self.pid, 0)

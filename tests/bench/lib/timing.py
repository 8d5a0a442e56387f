"""One command, run and measured."""
import dataclasses
import os
import subprocess
import sys
import time


class BenchError(Exception):
    """A command failed, or did something else than it was to do: what was measured means nothing."""


def say(text):
    print(text, file=sys.stderr, flush=True)


@dataclasses.dataclass
class Taken:
    """What one run, or a sequence of runs, took. `ended` is a time of time.monotonic()."""

    wall: float = 0.0
    cpu: float = 0.0
    requests: int | None = None
    ended: float = 0.0
    out: str = ""

    def __add__(self, other):
        return Taken(self.wall + other.wall, self.cpu + other.cpu, None, other.ended, other.out)


class Runner:
    """Runs commands in the project's folder, with the environment of the cluster and a home of its own."""

    def __init__(self, cluster, work):
        self.cluster = cluster
        self.logs = work
        home = work / "home"
        home.mkdir()
        # What the session itself is asked to do must not change what is measured.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLOWLET_", "KUBE", "HELM"))}
        self.env = {
            **kept,
            "HOME": str(home),
            "KUBECONFIG": cluster.kubeconfig,
            "FLOWLET_TOOLS__KUBECTL": cluster.kubectl,
            "FLOWLET_TOOLS__HELM": cluster.helm,
            "FLOWLET_AUDIT__DIR": str(work / "audit"),
        }

    def run(self, command, folder):
        """Wall time from before the fork until the end; CPU time of the command and of every child it has waited for."""
        command = [str(word) for word in command]
        with open(self.logs / "out", "w+b") as out, open(self.logs / "err", "w+b") as err:
            begin = time.monotonic()
            child = subprocess.Popen(command, cwd=folder, env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            try:
                _, status, usage = os.wait4(child.pid, 0)
            except BaseException:
                child.terminate()
                child.wait()
                raise
            ended = time.monotonic()
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            said, complained = out.read().decode(errors="replace"), err.read().decode(errors="replace")
        if child.returncode != 0:
            raise BenchError(f"{' '.join(command)}: exit {child.returncode}\n{said[-2000:]}\n{complained[-4000:]}")
        return Taken(ended - begin, usage.ru_utime + usage.ru_stime, None, ended, said)

    def sequence(self, commands, folder):
        total = Taken()
        for command in commands:
            total = total + self.run(command, folder)
        return total

    def counted(self, commands, folder):
        """A sequence, with the number of requests it made to the API server. Returns also those that wrote."""
        mark = self.cluster.audit.mark()
        taken = self.sequence(commands, folder)
        events = self.cluster.audit.since(mark)
        taken.requests = len(events)
        return taken, [event for event in events if writes(event)]


def writes(event):
    """A rehearsal changes nothing, and a question about one's own rights is a POST that changes nothing either."""
    return (
        event["verb"] not in ("get", "list", "watch")
        and "dryRun=All" not in event["requestURI"]
        and "/selfsubject" not in event["requestURI"]
    )

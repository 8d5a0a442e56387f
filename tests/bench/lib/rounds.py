"""The measurements. Each takes its sides by turns, and changes who is first from round to round."""
import dataclasses
import os

from platform_copy import FIRST_TAG, SECOND_TAG, Platform
from tail import Readiness, wait_until_settled
from timing import BenchError, Runner, say


@dataclasses.dataclass
class Result:
    """`sides[0]` is what the others are compared with. A target is a ratio to it, or seconds of a tail."""

    title: str
    sides: dict = dataclasses.field(default_factory=dict)  # name → list of Taken
    targets: dict = dataclasses.field(default_factory=dict)  # name → at least this many times faster
    tails: dict = dataclasses.field(default_factory=dict)  # name → list of seconds
    tail_targets: dict = dataclasses.field(default_factory=dict)  # name → at most this many seconds
    loads: list = dataclasses.field(default_factory=list)

    def add(self, name, taken):
        self.sides.setdefault(name, []).append(taken)
        count = f", {taken.requests} requests" if taken.requests is not None else ""
        say(f"  {name}: {taken.wall:.3f} s, CPU {taken.cpu:.2f} s{count}")

    def add_tail(self, name, seconds):
        self.tails.setdefault(name, []).append(seconds)
        say(f"  {name}: {seconds * 1000:.0f} ms")

    def note_load(self):
        self.loads.append(os.getloadavg()[0])


def by_turns(number, sides):
    return list(sides) if number % 2 == 0 else list(reversed(sides))


def start_up(runner: Runner, platform: Platform, count):
    say("start-up")
    result = Result("Start-up", targets={"flowletctl --version": 4})
    sides = {
        "kubectl version --client": platform.kubectl("version", "--client"),
        "flowletctl --version": [platform.flowletctl, "--version"],
    }
    for command in sides.values():
        runner.run(command, platform.folder)
    result.note_load()
    taken = {name: [] for name in sides}
    for number in range(count):
        for name in by_turns(number, sides):
            taken[name].append(runner.run(sides[name], platform.folder))
    result.sides = taken
    result.note_load()
    return result


def bring_up(runner: Runner, platform: Platform):
    say("the platform, for the first time")
    runner.run(platform.deploy("--tier", "namespaces"), platform.folder)
    platform.create_secrets()
    taken = runner.run(platform.deploy("--image-tag", FIRST_TAG), platform.folder)
    wait_until_settled(platform.cluster.api)
    services = platform.check_version(FIRST_TAG)
    say(f"  {taken.wall:.1f} s; {len(platform.files)} manifests, {services} services")


def nothing_changed(runner: Runner, platform: Platform, count):
    say("nothing changed")
    # Asked for outright, so that it is the same whatever the values say.
    tag = ["--image-tag", FIRST_TAG]
    sides = {
        "kubectl diff + helm --dry-run=server": platform.script_preview(FIRST_TAG),
        "flowletctl deploy": [platform.deploy(*tag)],
        "flowletctl deploy --dry-run": [platform.deploy(*tag, "--dry-run")],
    }
    result = Result("Nothing changed", targets={name: 5 for name in list(sides)[1:]})
    for commands in sides.values():
        runner.sequence(commands, platform.folder)  # discovery caches, page cache
    result.note_load()
    for number in range(count):
        for name in by_turns(number, sides):
            taken, writes = runner.counted(sides[name], platform.folder)
            if writes:
                raise BenchError(f"{name} wrote although nothing changed: {writes[0]['verb']} {writes[0]['requestURI']}")
            result.add(name, taken)
    result.note_load()
    return result


def something_changed(runner: Runner, platform: Platform, count):
    """A round is one deploy by each side, there and back, so that both sides do both directions."""
    say("changed: one value of a ConfigMap, the image tag of every service")
    result = Result("Changed", targets={"flowletctl deploy": 2}, tail_targets={"last pod ready → exit": 0.2})
    workloads = platform.workloads()
    state = FIRST_TAG

    def script(tag):
        return platform.script_deploy(tag, workloads)

    def ours(tag):
        # What a script applies with kubectl belongs to kubectl: without --take-over that would rightly be refused.
        return [platform.deploy("--image-tag", tag, "--take-over")]

    sides = {"script": script, "flowletctl deploy": ours}
    warmed = set()
    number = -1  # the first round is not counted: it fills the caches of kubectl, and makes both the owners of their fields
    while number < count:
        for name in by_turns(number, sides):
            state = SECOND_TAG if state == FIRST_TAG else FIRST_TAG
            platform.set_version(state)
            taken, tails = change(runner, platform, sides[name](state), state)
            if name not in warmed:
                warmed.add(name)
                say(f"  not counted: {name}: {taken.wall:.1f} s")
                continue
            result.add(name, taken)
            if name != "script":
                result.add_tail("last pod ready → exit", tails[0])
                result.add_tail("last workload's status → exit", tails[1])
        number += 1
        result.note_load()
    return result


def change(runner, platform, commands, tag):
    api = platform.cluster.api
    wait_until_settled(api)
    readiness = Readiness(api)
    taken, writes = runner.counted(commands, platform.folder)
    tails = readiness.tails(taken.ended)
    platform.check_version(tag)
    if not writes:
        raise BenchError("nothing was written although the tag has changed")
    return taken, tails

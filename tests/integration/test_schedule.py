"""Backups that come by themselves: a real cron, what systemd says of the units, and a real API server."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest
from conftest import FLOWLETCTL, KUBECTL, Ran, kubectl

NIGHTLY = {"via": "cron", "at": "15 2 * * *"}
FOREIGN = "# mine, with a % and an é\nMAILTO=\"\"\n\n5 4 * * sun  echo \"50\\% done\"\t# tab\n# flowletctl: begin backups of other (production)\n"

# Everything that cron reads or writes, of its own, so that the machine's is never touched.
PRIVATE = """
set -e
mount -t tmpfs none /var/spool/cron && mkdir /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs && chmod 1730 /var/spool/cron/crontabs
mount -t tmpfs none /run
mount -t tmpfs none /etc/cron.d && touch /etc/cron.d/empty && mount --bind /etc/cron.d/empty /etc/crontab
echo ready
exec sleep 600
"""


class Machine:
    """A mount namespace with a cron of its own."""

    def __init__(self):
        self.keeper = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-c", PRIVATE], stdout=subprocess.PIPE, text=True)
        assert self.keeper.stdout.readline() == "ready\n"
        self.started = []

    def command(self, *args):
        return ["nsenter", f"--mount=/proc/{self.keeper.pid}/ns/mnt", f"--wdns={os.getcwd()}", *map(str, args)]

    def run(self, *args, **more):
        return subprocess.run(self.command(*args), capture_output=True, text=True, check=False, timeout=120, **more)

    def start(self, *args, **more):
        self.started.append(subprocess.Popen(self.command(*args), **more))
        return self.started[-1]

    def crontab(self, text=None):
        if text is not None:
            assert self.run("crontab", "-", input=text).returncode == 0
        listed = self.run("crontab", "-l")
        return listed.stdout if listed.returncode == 0 else None

    def close(self):
        for process in [*self.started, self.keeper]:
            process.terminate()
            process.wait(20)


@pytest.fixture
def machine():
    if os.geteuid() != 0:
        pytest.skip("a private crontab needs a mount namespace, and that needs root")
    made = Machine()
    try:
        yield made
    finally:
        made.close()


class Planned:
    """A project that backs up, with a schedule."""

    def __init__(self, folder, schedule, **more):
        self.folder = folder
        self.config = {"apiVersion": "flowlet/v1", "project": "bank", "environments": {"production": {}},
                       "databases": {"primary": {"type": "postgres", "host": "db", "user": "keeper", "name": "bank"}},
                       "backup": {"store": str(folder / "store"), "schedule": schedule}, "audit": {"dir": "audit"}, **more}
        self.write()

    def write(self, **schedule):
        self.config["backup"]["schedule"].update(schedule)
        path = self.folder / "flowlet.yaml"
        path.write_text(json.dumps(self.config))
        path.chmod(0o644)

    def args(self, *args):
        return [FLOWLETCTL, "backup", "schedule", "--env", "production", "--root", str(self.folder), *args]

    def run(self, *args):
        return Ran(subprocess.run(self.args(*args), capture_output=True, text=True, check=False, timeout=120))


def test_the_crontab_gets_our_lines_and_keeps_every_other_byte(machine, tmp_path):
    planned = Planned(tmp_path, dict(NIGHTLY))
    run = lambda *args: Ran(machine.run(*planned.args(*args)))
    machine.crontab(FOREIGN)
    shown = run("--dry-run")
    assert shown.code == 0 and "15 2 * * * nice -n 10 env PATH=" in shown.out, shown
    assert machine.crontab() == FOREIGN
    made = run()
    assert made.code == 0, made
    text = machine.crontab()
    assert text.startswith(FOREIGN)
    ours = text[len(FOREIGN):].splitlines()
    assert [ours[0], ours[2]] == ["# flowletctl: begin backups of bank (production)", "# flowletctl: end backups of bank (production)"]
    assert ours[1].endswith(f"{FLOWLETCTL} backup --env production --root {tmp_path}"), ours[1]
    again = run("-o", "json")
    assert again.code == 0 and machine.crontab() == text
    assert "Nothing to do" in run().out + run().err
    planned.write(at="30 3 * * mon-fri", nice=19)
    assert run().code == 0
    assert machine.crontab() == text.replace("15 2 * * * nice -n 10", "30 3 * * 1-5 nice -n 19")
    gone = run("--remove")
    assert gone.code == 0 and machine.crontab() == FOREIGN, gone
    assert run("--remove").code == 0 and machine.crontab() == FOREIGN


def test_half_of_our_marks_is_not_repaired_by_guessing(machine, tmp_path):
    planned = Planned(tmp_path, dict(NIGHTLY))
    broken = FOREIGN + "# flowletctl: begin backups of bank (production)\n* * * * * true\n"
    machine.crontab(broken)
    for args in ([], ["--remove"]):
        ran = Ran(machine.run(*planned.args(*args)))
        assert ran.code == 5 and 'line 6 of the crontab, "# flowletctl: begin backups of bank (production)", has no end' in ran.err, ran
    assert machine.crontab() == broken


def test_a_real_cron_runs_it_and_a_backup_is_published(machine, vault):
    log = vault.folder / "says 100% of it.log"
    vault.write_config(schedule={"via": "cron", "at": "* * * * *", "log": str(log)})
    backup = lambda *args: Ran(machine.run(FLOWLETCTL, "backup", *args, "--env", "production", "--root", vault.folder))
    assert "none: it is not in your crontab" in backup("status").out
    assert vault.published() == []
    made = backup("schedule")
    assert made.code == 0, made
    # With the environment that cron has on a machine that was just started.
    machine.start("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "cron", "-f", stdin=subprocess.DEVNULL)
    end = time.monotonic() + 130
    while not vault.published() and time.monotonic() < end:
        time.sleep(0.5)
    assert vault.published(), log.read_text() if log.exists() else "cron ran nothing"
    assert backup("verify").code == 0
    state = backup("status", "-o", "json")
    assert state.json["schedule"]["via"] == "cron" and state.json["schedule"]["next"], state
    assert backup("schedule", "--remove").code == 0 and machine.crontab() is None
    assert "backed up bank (production)" in log.read_text()


@pytest.fixture
def units(tmp_path):
    folder = tmp_path / "units"
    (tmp_path / "store").mkdir()
    planned = Planned(tmp_path, {"via": "systemd", "at": "15 2 * * *", "units": str(folder)})
    return planned, folder


def verify(folder):
    names = sorted(str(path) for path in folder.iterdir())
    return subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_units(units):
    planned, folder = units
    made = planned.run()
    assert made.code == 0 and "is only written" in made.err, made
    assert sorted(path.name for path in folder.iterdir()) == [f"flowletctl-backup-bank-production.{kind}" for kind in ("service", "timer")]
    checked = verify(folder)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert planned.run().code == 0 and "Nothing to do" in planned.run().out + planned.run().err
    # The check can fail.
    service = folder / "flowletctl-backup-bank-production.service"
    text = service.read_text()
    service.write_text(text.replace("ProtectSystem=strict", "ProtectSystem=stict"))
    assert "stict" in verify(folder).stderr
    service.write_text("[Service]\nExecStart=/bin/true\n")
    refused = planned.run()
    assert refused.code == 5 and "was not written by flowletctl" in refused.err, refused
    service.write_text(text)
    assert planned.run("--remove").code == 0
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
@pytest.mark.parametrize("at", ["15 2 * * *", "*/7 9-17 * * mon-fri", "0 0 29 2 *", "30 4 13 * fri", "0 6 1,15 jan-mar,dec *", "@weekly", "59 23 31 12 *"])
def test_systemd_reads_the_same_next_time(units, at):
    planned, folder = units
    planned.write(at=at)
    made = planned.run("-o", "json")
    assert made.code == 0, made
    timer = (folder / "flowletctl-backup-bank-production.timer").read_text()
    begin = made.json["started"]
    found = []
    for expression in re.findall(r"^OnCalendar=(.*)$", timer, re.M):
        told = subprocess.run(["systemd-analyze", "calendar", f"--base-time={begin[:19].replace('T', ' ')} UTC", expression],
                              env={**os.environ, "TZ": "UTC"}, capture_output=True, text=True, check=True)
        found.append(re.search(r"Next elapse: \w+ (\S+) (\S+) UTC", told.stdout).expand(r"\1T\2Z"))
    assert min(found) == made.json["next"]


def test_where_systemd_does_not_run_nothing_is_written(machine, tmp_path):
    planned = Planned(tmp_path, {"via": "systemd", "at": "15 2 * * *"})
    ran = Ran(machine.run(*planned.args()))
    assert ran.code == 5 and "systemd does not run here" in ran.err, ran
    assert not pathlib.Path("/etc/systemd/system/flowletctl-backup-bank-production.timer").exists()


SYSTEMCTL = """#!/bin/bash
echo "$*" >>{folder}/called
case "$1" in
    is-enabled) [[ -e {folder}/enabled ]] ;;
    is-active) [[ -e {folder}/enabled ]] ;;
    enable) [[ ! -e {folder}/refuse ]] && touch {folder}/enabled ;;
    disable) rm -f {folder}/enabled ;;
esac
"""
SYSTEMD = "mkdir -p /run/systemd/system && mount -t tmpfs none /etc/systemd/system"


def test_a_timer_that_cannot_be_enabled_leaves_nothing_and_an_update_that_fails_the_old_one(machine, tmp_path):
    planned = Planned(tmp_path, {"via": "systemd", "at": "15 2 * * *"})
    assert machine.run("sh", "-c", SYSTEMD).returncode == 0
    fake = tmp_path / "bin/systemctl"
    fake.parent.mkdir()
    fake.write_text(SYSTEMCTL.replace("{folder}", str(tmp_path)))
    fake.chmod(0o755)
    run = lambda *args: Ran(machine.run(*planned.args(*args), env={**os.environ, "PATH": f"{fake.parent}:{os.environ['PATH']}"}))
    units = lambda: machine.run("sh", "-c", "cd /etc/systemd/system && grep -r . . | sort").stdout
    (tmp_path / "refuse").touch()
    failed = run()
    assert failed.code == 1 and "what it had done was taken back" in failed.out + failed.err, failed
    assert units() == ""
    (tmp_path / "refuse").unlink()
    made = run()
    assert made.code == 0 and "OnCalendar=*-*-* 02:15:00 UTC" in units(), made
    again = run()
    assert "Nothing to do" in again.out + again.err
    before = units()
    (tmp_path / "refuse").touch()
    planned.write(at="30 3 * * *", nice=5)
    failed = run()
    assert failed.code == 1 and units() == before, failed
    assert (tmp_path / "called").read_text().splitlines()[-1] == "restart flowletctl-backup-bank-production.timer"
    (tmp_path / "refuse").unlink()
    assert run().code == 0 and "OnCalendar=*-*-* 03:30:00 UTC" in units() and "Nice=5" in units()
    gone = run("--remove")
    assert gone.code == 0 and units() == "" and not (tmp_path / "enabled").exists(), gone


IN_CLUSTER = {"via": "kubernetes", "at": "15 2 * * sun", "image": "registry.internal/flowletctl:1", "claim": "backups",
              "config_map": "backup-project", "secret": "backup-keys"}


def test_the_api_server_takes_the_cron_job_and_keeps_it_until_it_is_removed(project, tmp_path):
    subprocess.run([KUBECTL, "create", "namespace", project.space], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([KUBECTL, "label", "namespace", project.space, "pod-security.kubernetes.io/enforce=restricted"], check=True, stdout=subprocess.DEVNULL)
    planned = Planned(tmp_path, dict(IN_CLUSTER), namespace=project.space, kube={"context": "flowlet-dev"}, tools={"kubectl": KUBECTL})
    jobs = lambda: kubectl("-n", project.space, "get", "cronjobs")["items"]
    shown = planned.run("--dry-run")
    assert shown.code == 0 and jobs() == [], shown
    assert f"PersistentVolumeClaim/backups in {project.space}" in shown.out and "is not there" in shown.out
    made = planned.run()
    assert made.code == 0, made
    first = jobs()[0]
    assert first["metadata"]["name"] == "bank-production-backup"
    assert (first["spec"]["schedule"], first["spec"]["timeZone"]) == ("15 2 * * 0", "Etc/UTC")
    assert "Nothing to do" in planned.run().out + planned.run().err
    assert jobs()[0]["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    planned.write(at="@hourly")
    changed = planned.run()
    assert changed.code == 0 and 'spec.schedule' in changed.err, changed
    assert jobs()[0]["spec"]["schedule"] == "0 * * * *"
    # A pod of it passes the strictest check of the server: else its job would never get one.
    subprocess.run([KUBECTL, "-n", project.space, "create", "job", "by-hand", "--from=cronjob/bank-production-backup"], capture_output=True, check=True)
    end = time.monotonic() + 60
    while not kubectl("-n", project.space, "get", "pods")["items"] and time.monotonic() < end:
        time.sleep(0.2)
    pods = kubectl("-n", project.space, "get", "pods")["items"]
    assert [pod["spec"]["containers"][0]["args"][0] for pod in pods] == ["backup"]
    assert planned.run("--remove").code == 0 and jobs() == []
    assert planned.run("--remove").code == 0


def test_a_cron_job_of_somebody_else_is_left_alone(project, tmp_path):
    subprocess.run([KUBECTL, "create", "namespace", project.space], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([KUBECTL, "-n", project.space, "create", "cronjob", "bank-production-backup", "--image=x", "--schedule=@daily"], check=True, stdout=subprocess.DEVNULL)
    planned = Planned(tmp_path, dict(IN_CLUSTER), namespace=project.space, kube={"context": "flowlet-dev"}, tools={"kubectl": KUBECTL})
    for args in ([], ["--remove"]):
        ran = planned.run(*args)
        assert ran.code == 5 and "was not made by flowletctl" in ran.err, ran
    assert len(kubectl("-n", project.space, "get", "cronjobs")["items"]) == 1

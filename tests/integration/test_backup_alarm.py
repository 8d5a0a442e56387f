"""Somebody is told, once, when a backup fails, is late, or is well again."""
import email
import http.server
import json
import signal
import subprocess
import threading
import time

import pytest


class Hook:
    """A webhook of the test: it keeps what it takes, and answers as it is told."""

    def __init__(self):
        self.taken, self.asked, self.answers, self.hold = [], [], [], None
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked.append((self.path, self.headers["Content-Type"]))
                status = hook.answers.pop(0) if hook.answers else 200
                if status == 200:
                    hook.taken.append(json.loads(body))
                if hook.hold:
                    hook.hold.wait(60)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # it was killed while it waited

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/t/kanarie-token-77aa"

    def close(self):
        if self.hold:
            self.hold.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hook():
    made = Hook()
    yield made
    made.close()


def program(vault, name, text):
    path = vault.folder / name
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def job(vault, hook):
    """A job that tells the webhook, a mailbox in `mails` and a program that writes to `paged`."""
    (vault.folder / "mails").mkdir()
    (vault.folder / "keys/webhook").write_text(hook.url + "\n")
    sendmail = program(vault, "sendmail", 'echo "$*" >>args\ncat >$(mktemp mails/XXXXXX)')
    sendmail_in = program(vault, "sendmail-here", f'cd {vault.folder} && exec {sendmail} "$@"')
    vault.write_config(alarm={"webhook": f"${{file:{vault.folder}/keys/webhook}}", "mail": "ops@example.com",
                              "sendmail": sendmail_in, "command": [program(vault, "page", 'cat >>paged'), "--urgent"]})
    return vault


def break_password(vault):
    (vault.folder / "keys/password").write_text("wrong-kanarie-7f3a91c0\n")


def mend_password(vault):
    (vault.folder / "keys/password").write_text(vault.password + "\n")


def mails(vault):
    return [email.message_from_bytes(path.read_bytes()) for path in (vault.folder / "mails").iterdir()]


def paged(vault):
    path = vault.folder / "paged"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def owed(vault):
    return [one for path in (vault.folder / "audit/alarms").glob("*.json") for one in json.loads(path.read_text())["owed"]]


def test_a_database_that_refuses_the_login_is_one_alarm_on_every_channel(job, hook):
    break_password(job)
    ran = job.run()
    assert ran.code == 5 and "alarm: told by webhook\nalarm: told by mail\nalarm: told by command\n" in ran.err, ran
    told = hook.taken[0]
    assert len(hook.taken) == 1 and hook.asked == [("/t/kanarie-token-77aa", "application/json")]
    assert {"kind": "Alarm", "event": "failed", "command": "backup", "project": "bank", "job": "production",
            "code": "precondition", "exit": 5, "backup": None, "failures": 1}.items() <= told.items()
    assert "password" in told["message"] and told["text"].startswith("backup of bank (production) on ")
    assert paged(job) == [told]
    mail = mails(job)[0]
    assert len(mails(job)) == 1 and (job.folder / "args").read_text() == "-t -i\n"
    assert mail["To"] == "ops@example.com" and mail["Subject"] == "bank (production): backup failed"
    assert told["message"].splitlines()[0] in mail.get_payload(decode=True).decode()
    assert owed(job) == []


def test_ten_failures_are_ten_alarms_and_success_is_one_recovery(job, hook):
    assert job.run().code == 0
    break_password(job)
    assert [job.run().code for _ in range(10)] == [5] * 10
    mend_password(job)
    assert job.run().code == 0 and job.run().code == 0
    assert [told["event"] for told in hook.taken] == ["failed"] * 10 + ["recovered"]
    assert len({told["id"] for told in hook.taken}) == 11 and hook.taken[-1]["failures"] == 10
    assert hook.taken[-1]["backup"] in job.published()
    assert len(mails(job)) == 11 and [told["id"] for told in paged(job)] == [told["id"] for told in hook.taken]


def test_a_webhook_that_is_down_is_told_by_the_next_run_and_the_others_are_not_told_again(job, hook):
    hook.answers = [503, 503, 503]
    break_password(job)
    ran = job.run()
    assert ran.code == 5 and "alarm: the webhook did not take it: HTTP 503; the next run tries again\n" in ran.err, ran
    kept = owed(job)
    assert len(kept) == 1 and kept[0]["to"] == ["webhook"] and hook.taken == []
    for path in (job.folder / "audit/alarms").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    mend_password(job)
    status = job.run("status")
    assert status.code == 12, status
    assert [told["command"] for told in hook.taken] == ["backup", "backup status"]
    assert hook.taken[0] == kept[0]["document"] and len(paged(job)) == 2 and owed(job) == []


def test_a_webhook_that_hangs_costs_ten_seconds_and_changes_no_exit_code(job, hook):
    hook.hold = threading.Event()
    break_password(job)
    begun = time.monotonic()
    ran = job.run()
    assert ran.code == 5 and 9 < time.monotonic() - begun < 16, ran
    assert "the webhook did not take it" in ran.err and len(mails(job)) == 1 and len(owed(job)) == 1


def test_a_kill_between_keeping_and_telling_loses_nothing(job, hook):
    hook.hold = threading.Event()
    break_password(job)
    process = job.start()
    deadline = time.monotonic() + 30
    while not hook.taken:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.communicate()
    hook.hold.set()
    hook.hold = None
    mend_password(job)
    assert job.run("list").code == 0 and len(hook.taken) == 1
    assert job.run().code == 0
    # The receiver had it when the run was killed, which could not strike it out: the id tells that it is the same.
    assert [told["event"] for told in hook.taken] == ["failed", "failed", "recovered"]
    assert hook.taken[0] == hook.taken[1] and owed(job) == []


def test_two_runs_at_once_deliver_what_is_owed_once(job, hook):
    hook.answers = [404]
    break_password(job)
    assert job.run().code == 5 and len(owed(job)) == 1
    processes = [job.start("status") for _ in range(6)]
    for process in processes:
        process.communicate(timeout=120)
    told = [one["id"] for one in hook.taken]
    assert len(told) == len(set(told)) == 2 and owed(job) == [], told


def test_late_is_told_once_for_as_long_as_it_lasts(job, hook):
    assert job.run().code == 0
    job.write_config(targets={"rpo": "1s"})
    while job.run("status").code == 0:
        pass
    assert [job.run("status").code for _ in range(3)] == [12] * 3
    assert [told["command"] for told in hook.taken] == ["backup status"]
    assert hook.taken[0]["code"] == "unhealthy" and hook.taken[0]["backup"] == job.published()[0]
    job.write_config(targets={"rpo": "1h"})
    assert job.run("status").code == 0 and job.run("status").code == 0
    assert [told["event"] for told in hook.taken] == ["failed", "recovered"]


def test_a_failed_verification_is_told(job, hook):
    assert job.run().code == 0
    dump = job.job / job.published()[0] / "primary.dump.gz.age"
    good = dump.read_bytes()
    dump.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert job.run("verify").code == 9
    assert [(told["command"], told["code"]) for told in hook.taken] == [("backup verify", "verification")]
    assert hook.taken[0]["backup"] == job.published()[0]
    dump.write_bytes(good)
    assert job.run("verify").code == 0
    assert hook.taken[-1]["event"] == "recovered"


@pytest.mark.parametrize("args", [["--dry-run"], ["--help"], ["--no-such-flag"], ["list"], ["verify", "--dry-run"]])
def test_what_a_person_tries_out_is_no_alarm(job, hook, args):
    break_password(job)
    job.run(*args)
    assert hook.taken == [] and not (job.folder / "audit/alarms").exists()


def test_a_run_that_is_told_to_end_tells_so(job, hook):
    job.tool("pg_dump", f"touch {job.folder}/dumping; exec sleep 60")
    process = job.start(stdin=subprocess.DEVNULL)
    while not (job.folder / "dumping").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 143, out + err
    assert [told["code"] for told in hook.taken] == ["terminated"], err


def test_no_secret_leaves_by_an_alarm(job, hook):
    """Of a program that prints a password, and of the webhook's own token."""
    job.tool("pg_dump", f'echo "pg_dump: error: password {job.password} is bad" >&2; exit 1')
    ran = job.run()
    assert ran.code == 16, ran
    assert "password *** is bad" in hook.taken[0]["message"], hook.taken
    hook.answers = [401]
    again = job.run()
    said = ran.out + ran.err + again.out + again.err + json.dumps(hook.taken) + (job.folder / "paged").read_text()
    said += "".join(path.read_text() for path in (job.folder / "audit").rglob("*") if path.is_file())
    said += "".join(path.read_text() for path in (job.folder / "mails").iterdir())
    assert "kanarie-7f3a91c0" not in said and "kanarie-token" not in said


def test_a_program_that_fails_is_called_again_by_the_next_run(job, hook):
    program(job, "page", "cat >/dev/null; echo 'the pager is out' >&2; exit 3")
    break_password(job)
    ran = job.run()
    assert "alarm: the command did not take it: it exited with status 3: the pager is out; the next run tries again" in ran.err, ran
    program(job, "page", "cat >>paged")
    mend_password(job)
    assert job.run().code == 0
    assert [told["event"] for told in paged(job)] == ["failed", "recovered"] == [told["event"] for told in hook.taken]


def test_bad_settings_are_said_while_all_is_well(job):
    for setting, words in [({"mail": "ops@example.com\nBcc: x@example.com"}, "backup.alarm.mail"),
                           ({"mail": "ops@example.com, x@example.com"}, "is no mail address")]:
        job.write_config(alarm=setting)
        refused = job.run("status")
        assert refused.code == 3 and words in refused.err, refused
    (job.folder / "keys/webhook").write_text("http://hooks.example.com/t/kanarie-token\n")
    job.write_config(alarm={"webhook": f"${{file:{job.folder}/keys/webhook}}"})
    ran = job.run()
    assert ran.code == 0 and "plain text; write https://" in ran.err and "kanarie-token" not in ran.err, ran

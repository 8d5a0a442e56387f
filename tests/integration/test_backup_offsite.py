"""Every backup is copied to a bucket of a real S3 server, locked there, read back, and restored from there alone."""
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid

import pytest

def tell(vault, s3, bucket, **more):
    """The configuration of a place for copies, in a corner of its own."""
    secret = vault.folder / "keys/s3"
    secret.write_text(s3["S3_SECRET_KEY"] + "\n")
    secret.chmod(0o600)
    vault.corner = f"corner-{uuid.uuid4().hex[:8]}"
    vault.write_config(offsite={"bucket": f"s3://{bucket}/{vault.corner}", "endpoint": s3["S3_ENDPOINT"], "region": s3["S3_REGION"],
                                "access_key": s3["S3_ACCESS_KEY"], "secret_key": f"${{file:{secret}}}", **more})


def data_of(vault, s3_data, bucket):
    return s3_data / bucket / vault.corner / "bank/production"


@pytest.fixture
def s3_data(s3):
    """Where the store keeps its objects as files."""
    return pathlib.Path(s3["S3_CA"]).parent / "data"


@pytest.fixture
def locked(vault, s3):
    tell(vault, s3, s3["S3_LOCKED_BUCKET"], lock="1h")
    return vault


@pytest.fixture
def plain(vault, s3):
    tell(vault, s3, s3["S3_PLAIN_BUCKET"])
    return vault


def signed(s3, method, address, body=False):
    """One request by somebody who has the key, and no good intentions: its status, or its body."""
    wanted = [] if body else ["-o", "/dev/null", "-w", "%{http_code}"]
    asked = subprocess.run(["curl", "-K", "-", "-sS", *wanted, "-X", method, "--aws-sigv4", f"aws:amz:{s3['S3_REGION']}:s3",
                            "-H", "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", s3["S3_ENDPOINT"] + address],
                           input=f"user = \"{s3['S3_ACCESS_KEY']}:{s3['S3_SECRET_KEY']}\"", capture_output=True, text=True, check=True)
    return asked.stdout if body else int(asked.stdout)


def test_a_backup_is_restored_from_the_bucket_alone(locked):
    made = locked.run("-o", "json")
    assert made.code == 0, made
    assert made.json["copy"].startswith("s3://locked/") and made.json["copy"].endswith(made.json["id"])
    shutil.rmtree(locked.folder / "store")
    listed = locked.run("list", "--offsite", "-o", "json")
    assert listed.code == 0 and [one["good"] for one in listed.json["backups"]] == [True]
    assert locked.run("list", "-o", "json").json["backups"] == []
    copy = locked.copy_name()
    restored = locked.run("restore", "--offsite", "--to", copy, *locked.identity("escrow"))
    assert restored.code == 0 and "every row as it was backed up" in restored.out, restored
    judged = locked.run("verify", "--offsite", "--against", copy, *locked.identity())
    assert judged.code == 0, judged


def test_a_lock_is_proven_and_nobody_removes_a_copy(locked, s3):
    made = locked.run()
    assert made.code == 0 and "locked for 1h" in made.out, made
    name = locked.published()[0]
    for file in (locked.job / name).iterdir():
        address = f"/{s3['S3_LOCKED_BUCKET']}/{locked.corner}/bank/production/{name}/{file.name}"
        # Without a version it is only marked as removed, which hides it from whoever looks at the newest.
        assert signed(s3, "DELETE", address) == 204
        assert signed(s3, "GET", address) == 404
    judged = locked.run("verify", "--offsite", *locked.identity())
    assert judged.code == 0, judged


def test_a_bucket_that_cannot_lock_is_found_out_and_the_backup_is_there_all_the_same(vault, s3):
    tell(vault, s3, s3["S3_PLAIN_BUCKET"], lock="1h")
    failed = vault.run()
    assert failed.code == 17 and "ObjectLockConfiguration" in failed.err + failed.out, failed
    assert len(vault.published()) == 1 and vault.partial() == []
    assert vault.run("verify").code == 0


def test_what_an_absent_bucket_has_missed_is_copied_by_the_next_run(plain, s3):
    good = plain.settings["offsite"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        plain.write_config(offsite={**good, "endpoint": f"http://127.0.0.1:{taken.getsockname()[1]}"})
        failed = plain.run()
    assert failed.code == 17, failed
    assert "copied if the bucket is back" in failed.err + failed.out
    assert plain.listed()[0]["good"]
    plain.write_config(offsite=good)
    made = plain.run()
    assert made.code == 0, made
    assert len(plain.run("list", "--offsite", "-o", "json").json["backups"]) == 2


def test_a_wrong_secret_is_denied_and_not_told(plain):
    (plain.folder / "keys/s3").write_text("kanarie-of-a-wrong-secret\n")
    failed = plain.run()
    assert failed.code == 17, failed
    said = failed.err + failed.out
    assert "SignatureDoesNotMatch" in said and "kanarie" not in said
    assert plain.run("list", "--offsite").code == 4


def test_plain_text_to_another_machine_is_refused(plain):
    good = plain.settings["offsite"]
    for endpoint in ["http://s3.example.com", "http://127.example.com:7070"]:
        plain.write_config(offsite={**good, "endpoint": endpoint})
        refused = plain.run()
        assert refused.code == 3 and "plain text" in refused.err, refused
    assert not plain.job.exists()


def test_a_byte_that_flips_in_the_bucket_is_found(plain, s3, s3_data):
    assert plain.run().code == 0
    folder = data_of(plain, s3_data, s3["S3_PLAIN_BUCKET"]) / plain.published()[0]
    for path in sorted(folder.iterdir()):
        good = path.read_bytes()
        for at in (0 if path.suffix != ".minisig" else good.index(b"\n") + 30, len(good) // 2, len(good) - 2):
            path.write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1:])
            judged = plain.run("verify", "--offsite")
            assert judged.code == 9, (path.name, at, judged)
        path.write_bytes(good)
    assert plain.run("verify", "--offsite").code == 0


def test_a_copy_without_its_signature_counts_for_nothing(plain, s3, s3_data):
    assert plain.run().code == 0
    (data_of(plain, s3_data, s3["S3_PLAIN_BUCKET"]) / plain.published()[0] / "manifest.json.minisig").unlink()
    listed = plain.run("list", "--offsite", "-o", "json")
    assert listed.json["backups"] == [] and listed.json["unfinished"] == [plain.published()[0]]
    # The next run copies it again.
    assert plain.run().code == 0
    assert len(plain.run("list", "--offsite", "-o", "json").json["backups"]) == 2


def test_a_large_file_goes_in_parts(plain, s3):
    plain.sql("CREATE TABLE large AS SELECT i, encode(sha512(i::text::bytea), 'hex') AS t FROM generate_series(1, 700000) i")
    made = plain.run("-o", "json")
    assert made.code == 0, made
    dump = plain.job / made.json["id"] / "primary.dump.gz.age"
    assert dump.stat().st_size > 40 << 20
    shutil.rmtree(plain.folder / "store")
    copy = plain.copy_name()
    restored = plain.run("restore", "--offsite", "--to", copy, *plain.identity())
    assert restored.code == 0, restored


class Proxy:
    """Between flowletctl and the store: says what a test wants to a request, or hands it on as it is."""

    def __init__(self, s3, answer):
        upstream = s3["S3_ENDPOINT"].removeprefix("http://").split(":")
        self.upstream, self.answer, self.seen = (upstream[0], int(upstream[1])), answer, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.attend, args=(client,), daemon=True).start()

    def attend(self, client):
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                got = client.recv(65536)
                if not got:
                    return
                head += got
            line = head.split(b"\r\n", 1)[0].decode()
            self.seen.append(line)
            verdict = self.answer(line, sum(line == one for one in self.seen))
            if isinstance(verdict, bytes):
                client.sendall(verdict)
                return
            # The signature covers the Host header: it is of this proxy, and the store checks it against what it is sent.
            with socket.create_connection(self.upstream) as store:
                up = threading.Thread(target=self.pump, args=(client, store, head, None), daemon=True)
                up.start()
                self.pump(store, client, b"", verdict)

    @staticmethod
    def pump(source, sink, first, limit):
        try:
            if first:
                sink.sendall(first)
            while got := source.recv(65536):
                if limit is not None:
                    got = got[:limit]
                    limit -= len(got)
                sink.sendall(got)
                if limit == 0:
                    sink.shutdown(socket.SHUT_RDWR)
                    return
        except OSError:
            pass

    def close(self):
        self.listener.close()


def reply(status, body=""):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


BUSY = reply("503 Service Unavailable", "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")


@pytest.fixture
def behind(plain, s3):
    made = []

    def put(answer):
        made.append(Proxy(s3, answer))
        plain.write_config(offsite={**plain.settings["offsite"], "endpoint": made[-1].endpoint})
        return made[-1]

    yield put
    for proxy in made:
        proxy.close()


def test_a_busy_store_is_asked_again(plain, behind):
    proxy = behind(lambda line, times: BUSY if times <= 2 else None)
    made = plain.run()
    assert made.code == 0, made
    assert len(proxy.seen) > 10


def test_a_store_that_stays_busy_costs_the_copy_not_the_backup(plain, behind):
    behind(lambda line, times: BUSY if line.startswith("PUT") else None)
    failed = plain.run()
    assert failed.code == 17 and "SlowDown" in failed.err + failed.out, failed
    assert len(plain.published()) == 1


def test_a_line_that_breaks_while_it_is_read_is_taken_up_where_it_broke(plain, behind):
    made = plain.run("-o", "json")
    assert made.code == 0, made
    proxy = behind(lambda line, times: 200_000 if line.startswith("GET") and ".dump.gz.age" in line and times <= 3 else None)
    copy = plain.copy_name()
    restored = plain.run("restore", "--offsite", "--to", copy, *plain.identity())
    assert restored.code == 0, restored
    assert sum(".dump.gz.age" in line for line in proxy.seen) > 1


def lying(line, times):
    """Takes everything, says that it is locked, and removes it when asked to."""
    if line.startswith("HEAD"):
        return (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-amz-object-lock-mode: COMPLIANCE\r\nx-amz-version-id: 1\r\n"
                b"x-amz-object-lock-retain-until-date: 2099-01-01T00:00:00Z\r\nConnection: close\r\n\r\n")
    if line.startswith("DELETE"):
        return reply("204 No Content")
    return None


def test_a_bucket_that_lies_about_its_lock_fails_the_run(locked, s3):
    proxy = Proxy(s3, lying)
    try:
        locked.write_config(offsite={**locked.settings["offsite"], "endpoint": proxy.endpoint})
        failed = locked.run()
    finally:
        proxy.close()
    assert failed.code == 9 and "instead of a refusal" in failed.err + failed.out, failed


def test_a_success_with_an_error_in_it_is_none(plain, behind):
    plain.sql("CREATE TABLE large AS SELECT i, encode(sha512(i::text::bytea), 'hex') AS t FROM generate_series(1, 400000) i")
    behind(lambda line, times: reply("200 OK", "<Error><Code>InternalError</Code><Message>try again</Message></Error>")
           if line.startswith("POST") and "uploadId" in line else None)
    failed = plain.run()
    assert failed.code == 17 and "InternalError" in failed.err + failed.out, failed
    assert plain.listed()[0]["good"]


def test_asked_to_stop_while_it_copies_it_leaves_no_open_upload(plain, s3, behind):
    plain.sql("CREATE TABLE large AS SELECT i, encode(sha512(i::text::bytea), 'hex') AS t FROM generate_series(1, 700000) i")
    held = threading.Event()

    def slow(line, times):
        if line.startswith("PUT") and "partNumber=3" in line:
            held.set()
            time.sleep(30)
        return None

    behind(slow)
    process = plain.start()
    assert held.wait(120)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 143, out + err
    assert len(plain.published()) == 1 and plain.partial() == []
    listed = signed(s3, "GET", f"/{s3['S3_PLAIN_BUCKET']}?uploads=", body=True)
    assert plain.corner not in listed and "ListMultipartUploadsResult" in listed

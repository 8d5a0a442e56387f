"""The throw-away servers are what the tests take them for."""
import datetime
import os
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest
from bucket import Bucket, checksum


def locked_for(hours):
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return {"x_amz_object_lock_mode": "COMPLIANCE", "x_amz_object_lock_retain_until_date": until.strftime("%Y-%m-%dT%H:%M:%SZ")}


def asked_mariadb(mariadb, *args):
    done = subprocess.run(["mariadb", *args, "-BNe", "SELECT @@version, @@log_bin, CURRENT_USER()"], env={**os.environ, **mariadb},
                          capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("way", [[], ["--protocol=tcp", "--host={MARIADB_HOST}", "--port={MARIADB_PORT}"]])
def test_mariadb_answers_on_its_socket_and_on_its_port(mariadb, way):
    version, log_bin, user = asked_mariadb(mariadb, *(word.format(**mariadb) for word in way))
    assert version.startswith("10.11.") and log_bin == "0" and user == "flowlet@%"


def test_mariadb_lets_nobody_in_without_the_password(mariadb):
    done = subprocess.run(["mariadb", "--no-defaults", "--host", mariadb["MARIADB_HOST"], "--port", mariadb["MARIADB_PORT"],
                           "--user", mariadb["MARIADB_USER"], "-e", "SELECT 1"], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "Access denied" in done.stderr


def test_a_locked_version_cannot_be_deleted_and_a_free_one_can(s3):
    bucket = Bucket(s3, s3["S3_LOCKED_BUCKET"])
    locked = bucket.ask("PUT", "a/locked", b"kept", x_amz_checksum_sha256=checksum(b"kept"), **locked_for(hours=1))
    free = bucket.ask("PUT", "a/free", b"gone")
    assert (locked.status, free.status) == (200, 200)
    refused = bucket.ask("DELETE", "a/locked", query={"versionId": locked.headers["x-amz-version-id"]})
    assert refused.status == 403 and b"<Code>AccessDenied</Code>" in refused.body
    assert bucket.ask("DELETE", "a/free", query={"versionId": free.headers["x-amz-version-id"]}).status == 204
    assert bucket.ask("GET", "a/locked").body == b"kept" and bucket.ask("GET", "a/free").status == 404


def test_the_plain_bucket_locks_nothing_and_keeps_what_was_first(s3):
    bucket = Bucket(s3, s3["S3_PLAIN_BUCKET"])
    assert bucket.ask("PUT", "locked", b"x", **locked_for(hours=1)).status == 400
    assert bucket.ask("PUT", "once", b"first", if_none_match="*").status == 200
    assert bucket.ask("PUT", "once", b"second", if_none_match="*").status == 412
    assert bucket.ask("PUT", "torn", b"first", x_amz_checksum_sha256=checksum(b"second")).status == 400
    assert bucket.ask("GET", "once").body == b"first" and bucket.ask("GET", "torn").status == 404


def test_a_wrong_secret_is_refused(s3):
    assert Bucket({**s3, "S3_SECRET_KEY": "wrong"}, s3["S3_PLAIN_BUCKET"]).ask("GET", "once").status == 403


def test_the_tls_endpoint_is_vouched_for_by_its_own_authority_only(s3):
    trusting = ssl.create_default_context(cafile=s3["S3_CA"])
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(s3["S3_TLS_ENDPOINT"], context=trusting, timeout=30)
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(s3["S3_TLS_ENDPOINT"], context=ssl.create_default_context(), timeout=30)

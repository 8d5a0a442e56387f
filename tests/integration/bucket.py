"""What lies in a bucket, asked by a client that shares no line with flowletctl's."""
import base64
import datetime
import hashlib
import hmac
import http.client
import urllib.parse


def quote(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-_.~")


def keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def checksum(body):
    """As x-amz-checksum-sha256 has it."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, dict((k.lower(), v) for k, v in response.getheaders()), response.read()

    def __repr__(self):
        return f"{self.status}\n{self.headers}\n{self.body[:2000]!r}"


class Bucket:
    """One bucket of the fixture `s3`, as its owner sees it."""

    def __init__(self, s3, name):
        self.s3, self.name = s3, name
        self.host = s3["S3_ENDPOINT"].removeprefix("http://")

    def ask(self, method, key="", body=b"", query=None, **headers):
        """One signed request; x_amz_meta=… is the header x-amz-meta."""
        path = f"/{self.name}/{quote(key, '/')}" if key else f"/{self.name}"
        asked = "&".join(f"{quote(name)}={quote(value)}" for name, value in sorted((query or {}).items()))
        signed = self.signed(method, path, asked, body, {name.replace("_", "-"): value for name, value in headers.items()})
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, f"{path}?{asked}" if asked else path, body=body, headers=signed)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def signed(self, method, path, query, body, headers):
        """The headers with AWS's fourth signature."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        headers = {**headers, "host": self.host, "x-amz-date": now, "x-amz-content-sha256": digest}
        names = sorted(headers)
        canonical = "\n".join([method, path, query, *(f"{name}:{headers[name]}" for name in names), "", ";".join(names), digest])
        scope = [now[:8], self.s3["S3_REGION"], "s3", "aws4_request"]
        key = ("AWS4" + self.s3["S3_SECRET_KEY"]).encode()
        for part in scope:
            key = keyed(key, part)
        to_sign = "\n".join(["AWS4-HMAC-SHA256", now, "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()])
        credential = f"{self.s3['S3_ACCESS_KEY']}/{'/'.join(scope)}"
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={';'.join(names)}, "
                                    f"Signature={keyed(key, to_sign).hex()}")
        return headers

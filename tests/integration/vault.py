"""A project with one real database, two keys and a store: what the tests of backups work on."""
import glob
import json
import os
import pathlib
import shutil
import subprocess
import uuid

from conftest import FLOWLETCTL, Ran

# Has what a line of ~/.pgpass escapes.
PASSWORD = r"kanarie-7f3a91c0.x:\end"
CANARY = "kanarie-of-the-rows-5521"

TABLES = f"""
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE TABLE account (id serial PRIMARY KEY, owner text NOT NULL, balance numeric(14,2), at timestamptz DEFAULT now(), rate float8);
INSERT INTO account (owner, balance, rate) SELECT '{CANARY} ' || i, i * 1.37, sqrt(i) FROM generate_series(1, 20000) i;
CREATE TABLE entry (account int REFERENCES account, amount numeric, note text) PARTITION BY RANGE (account);
CREATE TABLE entry_low PARTITION OF entry FOR VALUES FROM (0) TO (10000);
CREATE TABLE entry_high PARTITION OF entry FOR VALUES FROM (10000) TO (1000000);
INSERT INTO entry SELECT 1 + i % 20000, i, NULLIF('n' || i % 7, 'n3') FROM generate_series(1, 30000) i;
CREATE SCHEMA "Odd Name";
CREATE TABLE "Odd Name"."it's" (a int, b bytea, c jsonb, d interval, e date[]);
INSERT INTO "Odd Name"."it's" VALUES (1, '\\x00ff27', '{{"k": [1, null]}}', '3 days 04:05', '{{2026-11-21,infinity}}'), (NULL, NULL, NULL, NULL, NULL);
CREATE TABLE empty (x int);
CREATE MATERIALIZED VIEW total AS SELECT count(*) FROM account;
"""


class Vault:
    """A project with one database, two keys, and a store."""

    def __init__(self, folder, server):
        self.folder, self.server = folder, server
        self.database = f"bank_{uuid.uuid4().hex[:8]}"
        self.copies = []
        (folder / "keys").mkdir()
        self.recipients = [self.make_identity("ops"), self.make_identity("escrow")]
        subprocess.run(["minisign", "-G", "-W", "-f", "-p", folder / "keys/sign.pub", "-s", folder / "keys/sign.key"],
                       check=True, stdout=subprocess.DEVNULL)
        (folder / "keys/password").write_text(self.password + "\n")
        self.settings = {}
        self.write_config()
        self.fill()

    password = PASSWORD

    def login(self):
        return {"type": "postgres", "host": self.server["PGHOST"], "port": int(self.server["PGPORT"])}

    def fill(self):
        self.sql(f"CREATE DATABASE {self.database}", "postgres")
        self.sql(TABLES)

    def make_identity(self, name):
        made = subprocess.run(["age-keygen", "-o", self.folder / f"keys/{name}.key"], check=True, capture_output=True, text=True)
        return made.stderr.strip().split(": ")[1]

    def write_config(self, **backup):
        self.settings = {"store": "store", "recipients": self.recipients,
                         "signing_key": f"${{file:{self.folder}/keys/sign.key}}", **self.settings, **backup}
        login = {**self.login(), "user": "keeper", "name": self.database,
                 "password": f"${{file:{self.folder}/keys/password}}"}
        tools = {name: str(path) for name, path in getattr(self, "tools", {}).items()}
        document = {"apiVersion": "flowlet/v1", "project": "bank", "environments": {"production": {"protected": True}},
                    "databases": {"primary": login}, "backup": self.settings, "tools": tools, "audit": {"dir": "audit"}}
        path = self.folder / "flowlet.yaml"
        path.write_text(json.dumps(document))
        path.chmod(0o644)

    def sql(self, statement, database=None):
        done = subprocess.run(["psql", "-Xqtc", statement, "-d", database or self.database, "-v", "ON_ERROR_STOP=1"],
                              env={**os.environ, **self.server}, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def start(self, *args, **more):
        command = [FLOWLETCTL, "backup", *args, "--env", "production"]
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, **more)

    def run(self, *args):
        process = self.start(*args)
        out, err = process.communicate(timeout=300)
        return Ran(subprocess.CompletedProcess([], process.returncode, out, err))

    @property
    def job(self):
        return self.folder / "store/bank/production"

    def published(self):
        return sorted(path.name for path in self.job.glob("2*")) if self.job.exists() else []

    def partial(self):
        return [path.name for path in self.job.glob(".partial-*")] if self.job.exists() else []

    def listed(self):
        return [entry for entry in self.run("list", "-o", "json").json["backups"]]

    def identity(self, name="ops"):
        return ["--identity", str(self.folder / f"keys/{name}.key")]

    def copy_name(self):
        self.copies.append(f"copy_{uuid.uuid4().hex[:8]}")
        return self.copies[-1]

    def tool(self, name, text):
        """A stand-in for a program that says the real one's version and does what `text` says; $REAL is the real one."""
        path = self.folder / f"fake-{name}"
        path.write_text(f'#!/bin/bash\nREAL={shutil.which(name)}\n[[ $1 != --version ]] || exec $REAL --version\n{text}\n')
        path.chmod(0o755)
        self.tools = {**getattr(self, "tools", {}), name: path}
        self.write_config()

    def sign(self, backup):
        manifest = self.job / backup / "manifest.json"
        subprocess.run(["minisign", "-S", "-s", self.folder / "keys/sign.key", "-m", manifest], check=True, capture_output=True)

    def close(self):
        for name in [self.database, *self.copies]:
            self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", "postgres")


def drill_servers(program):
    """The servers of drills that run."""
    found = subprocess.run(["pgrep", "-af", "flowletctl-drill-"], capture_output=True, text=True, check=False).stdout
    return [line for line in found.splitlines() if program in line]


def nothing_of_drills_is_left(program):
    return glob.glob("/var/tmp/flowletctl-drill-*") == [] and drill_servers(program) == []


# In an option file a backslash and a quote are escaped, and a '#' begins a comment.
MARIADB_PASSWORD = 'kanarie-7f3a91c0.x "y\\z#\';'

MARIADB_TABLES = f"""
CREATE TABLE account (id INT AUTO_INCREMENT PRIMARY KEY, owner VARCHAR(80) NOT NULL, balance DECIMAL(14,2), at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), rate DOUBLE, thin FLOAT);
INSERT INTO account (owner, balance, rate, thin) SELECT CONCAT('{CANARY} ', seq), seq * 1.37, SQRT(seq), seq / 3 FROM seq_1_to_20000;
CREATE TABLE entry (account INT, amount DECIMAL(20,4), note TEXT, KEY (account)) PARTITION BY RANGE (account) (PARTITION low VALUES LESS THAN (10000), PARTITION high VALUES LESS THAN MAXVALUE);
INSERT INTO entry SELECT 1 + seq % 20000, seq, NULLIF(CONCAT('n', seq % 7), 'n3') FROM seq_1_to_30000;
CREATE TABLE `Odd ``it's" Name` (a INT, b LONGBLOB, c JSON, d DATE, e BIT(9), f ENUM('x', 'ÿ'), g VARBINARY(9), h POINT, i UUID, j VARCHAR(9) CHARACTER SET latin1, k TIME(3), l INT GENERATED ALWAYS AS (a * 2) VIRTUAL);
INSERT INTO `Odd ``it's" Name` (a, b, c, d, e, f, g, h, i, j, k) VALUES (1, x'00ff27', '{{"k": [1, null]}}', '2026-11-21', b'101010101', 'ÿ', x'002700', POINT(1, 2.5), '123e4567-e89b-12d3-a456-426655440000', 'fä', '-03:04:05.678'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE empty (x INT);
CREATE VIEW total AS SELECT COUNT(*) AS accounts FROM account;
CREATE PROCEDURE touch() UPDATE account SET balance = balance + 1 WHERE id = 1;
CREATE TRIGGER stamped BEFORE UPDATE ON account FOR EACH ROW SET NEW.owner = NEW.owner;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO UPDATE account SET balance = balance WHERE id = 1;
"""


class MariadbVault(Vault):
    """The same with a MariaDB."""

    password = MARIADB_PASSWORD

    def login(self):
        return {"type": "mysql", "host": self.server["MARIADB_HOST"], "port": int(self.server["MARIADB_PORT"])}

    def fill(self):
        self.sql(f"CREATE DATABASE {self.database} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "")
        self.sql(MARIADB_TABLES)

    def sql(self, statement, database=None):
        """Rows of tab-separated values."""
        database = self.database if database is None else database
        done = subprocess.run(["mariadb", "-BN", "--default-character-set=utf8mb4", "-e", statement, *([database] if database else [])],
                              env={**os.environ, **self.server}, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def close(self):
        for name in [self.database, *self.copies]:
            self.sql(f"DROP DATABASE IF EXISTS {name}", "")

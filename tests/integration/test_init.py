"""init: the first flowlet.yaml of real folders, as the built program writes it. No cluster is asked."""
import json
import os
import stat
import subprocess

import pytest
from conftest import FLOWLETCTL, Ran


class Folder:
    def __init__(self, path):
        self.path = path
        self.state = path.parent / "state"
        path.mkdir()

    def write(self, name, text=""):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def run(self, *args, cwd=None):
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("FLOWLET_")}
        surroundings |= {"XDG_STATE_HOME": str(self.state), "XDG_CONFIG_HOME": str(self.state)}
        return Ran(
            subprocess.run(
                [FLOWLETCTL, *args], cwd=cwd or self.path, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
            )
        )

    @property
    def file(self):
        return self.path / "flowlet.yaml"

    def audit(self):
        log = self.state / "flowletctl/audit/log.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "shop")


def test_a_platforms_folder_gives_a_file_that_is_valid_right_away(folder):
    folder.write("infrastructure/helm/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n")
    folder.write("infrastructure/helm/shop/values-prod.yaml", "{}\n")
    folder.write("infrastructure/kubernetes/10-data/db.yaml", "{}\n")
    folder.write("code/backend/run_server.py")
    folder.write("code/web-frontend/package.json", '{"scripts": {"start": "vite"}}')
    ran = folder.run("init")
    assert ran.code == 0, ran
    assert stat.S_IMODE(folder.file.stat().st_mode) == 0o644
    validated = folder.run("config", "validate")
    assert validated.code == 0, validated
    shown = folder.run("config", "show", "--env", "production", "-o", "json").json
    values = {one["key"]: one["value"] for one in shown["values"]}
    assert values["deploy.chart"] == "infrastructure/helm/shop"
    assert values["deploy.manifests"] == "infrastructure/kubernetes"
    assert values["values"] == "[infrastructure/helm/shop/values-prod.yaml]"
    assert values["services.backend.command"] == "[python3, run_server.py]"
    assert values["services.frontend.after"] == "[backend]"
    assert values["environments.production.protected"] == "true"


def test_it_is_recorded_like_every_change(folder):
    assert folder.run("init").code == 0
    records = folder.audit()
    assert [(one["phase"], one["act"]) for one in records] == [("intent", "init"), ("outcome", "init")]
    assert records[1]["out"]["status"] == "success"


def test_a_dry_run_shows_the_file_and_writes_nothing(folder):
    ran = folder.run("init", "--dry-run")
    assert ran.code == 0, ran
    assert "apiVersion: flowlet/v1" in ran.out and "namespace: shop-staging" in ran.out
    content = json.loads(folder.run("init", "-n", "-o", "json").json["changes"][0]["fields"][0]["after"])
    assert not folder.file.exists() and folder.audit() == []
    assert folder.run("init", "-q").code == 0
    assert folder.file.read_text() == content


@pytest.mark.parametrize("text", ["apiVersion: flowlet/v1\n", "a: [", ""])
def test_a_file_that_is_there_stays_even_a_broken_one(folder, text):
    folder.write("flowlet.yaml", text)
    ran = folder.run("init")
    assert ran.code == 5, ran
    assert str(folder.file) in ran.err and "config validate" in ran.err
    assert folder.file.read_text() == text and folder.audit() == []


def test_a_broken_link_is_not_replaced(folder):
    folder.file.symlink_to("nowhere")
    ran = folder.run("init")
    assert ran.code == 6, ran
    assert folder.file.is_symlink() and sorted(path.name for path in folder.path.iterdir()) == ["flowlet.yaml"]


def test_root_names_the_folder(folder, tmp_path):
    other = tmp_path / "other place"
    other.mkdir()
    assert folder.run("init", "--root", "../other place").code == 0
    assert not folder.file.exists()
    assert "project: other-place" in (other / "flowlet.yaml").read_text()
    assert folder.run("config", "validate", "--root", str(other)).code == 0
    assert folder.run("init", "--root", "../nowhere").code == 5


def test_a_project_within_another_is_warned_of(folder):
    assert folder.run("init", "-q").code == 0
    inner = folder.path / "inner"
    inner.mkdir()
    ran = folder.run("init", "--dry-run", cwd=inner)
    assert ran.code == 0, ran
    assert "warning" in ran.out and str(folder.file) in ran.out


def test_a_folder_that_may_not_be_written_is_a_plain_failure(folder):
    ran = folder.run("init", "--root", "/proc/self/fdinfo")
    assert ran.code == 1, ran
    assert "/proc/self/fdinfo/flowlet.yaml" in ran.err + ran.out
    assert folder.audit()[-1]["out"]["status"] != "success"


@pytest.mark.parametrize("name", ["with space", "Ünïcode ☃", "$HOME", "new\nline", "'\"#: -", "a" * 200])
def test_odd_names_are_no_hindrance(tmp_path, name):
    folder = Folder(tmp_path / name)
    folder.write(f"charts/{name[:100]}/Chart.yaml")
    folder.write(f"charts/{name[:100]}/values-dev.yaml")
    assert folder.run("init").code == 0
    validated = folder.run("config", "validate")
    assert validated.code == 0, validated


def test_links_in_a_circle_and_closed_folders_end(folder):
    (folder.path / "loop").symlink_to(folder.path)
    (folder.path / "self").symlink_to("self")
    folder.write("charts/a/Chart.yaml")
    closed = folder.path / "closed"
    closed.mkdir(mode=0)
    ran = folder.run("init")
    closed.chmod(0o700)
    assert ran.code == 0, ran
    assert "chart: charts/a" in folder.file.read_text()
    assert folder.run("config", "validate").code == 0


def test_a_large_tree_is_searched_for_a_while_only(folder):
    for i in range(6000):
        (folder.path / f"file-{i}").touch()
    folder.write("zoo/shop/Chart.yaml")
    ran = folder.run("init", "--dry-run")
    assert ran.code == 0, ran
    assert "the first 4000 names" in ran.out


def test_no_secret_of_a_compose_file_is_taken_over(folder):
    folder.write(
        "docker-compose.yml",
        "services:\n  db:\n    image: postgres:15\n    environment: {POSTGRES_USER: ana, POSTGRES_PASSWORD: planted-secret}\n",
    )
    assert folder.run("init", "-q").code == 0
    text = folder.file.read_text()
    assert "planted-secret" not in text and "user: ana" in text
    shown = folder.run("config", "show", "--env", "development", "-o", "json").json
    assert ("databases.primary.user", "ana") in [(one["key"], one["value"]) for one in shown["values"]]
    assert "databases.primary" not in folder.run("config", "show", "--env", "production").out

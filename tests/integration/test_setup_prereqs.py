"""setup prereqs where something is missing: the real go, npm, pip, sudo and apt-get install it."""
import os
import pathlib
import shutil
import subprocess

import pytest
from developer import USER, Developer

# What a machine has beside what is taken away from it.
PROGRAMS = ["python3", "node", "npm", "psql", "pg_dump", "env", "sh", "git", "bash", "dirname", "uname", "sed", "docker"]


@pytest.fixture
def developer():
    one = Developer()
    one.make_light("")
    # Of programs that are not tested here, a version is all that is asked for.
    for name, said in (("kubectl", "Client Version: v1.34.4"), ("helm", "v3.19.4")):
        one.write(f"../bin/{name}", f"#!/bin/sh\necho '{said}'\n", 0o755)
    for name in PROGRAMS:
        if found := shutil.which(name, path="/usr/local/bin:/usr/bin:/bin"):
            (one.folder / "bin" / name).symlink_to(found)
    one.env["PATH"] = str(one.folder / "bin")
    yield one
    one.close()


def go_caches():
    """Where this machine keeps Go's modules and builds, so that nothing is fetched and built twice."""
    told = subprocess.run(["go", "env", "GOMODCACHE", "GOCACHE", "GOPROXY", "GOFLAGS"], capture_output=True, text=True, check=True).stdout.split("\n")
    return {name: value for name, value in zip(("GOMODCACHE", "GOCACHE", "GOPROXY", "GOFLAGS"), told) if value}


def test_what_go_has_goes_into_the_own_folder_and_is_found_from_then_on(developer):
    (developer.folder / "bin/go").symlink_to(shutil.which("go"))
    if os.geteuid() == 0:
        developer.as_user = []  # whose caches these are
    ran = developer.run("setup", "prereqs", env=go_caches())
    assert ran.code == 0, ran
    assert "install filippo.io/age/cmd/age@v1.2.1 into" in ran.err
    assert "all is there" in ran.out
    assert (developer.home / ".local/share/flowletctl/tools/bin/age").exists()
    again = developer.run("setup", "prereqs", "-o", "json")
    assert again.code == 0, again
    row = next(one for one in again.json["prerequisites"] if one["name"] == "age")
    assert row["found"] == "1.2.1" and row["path"].startswith(str(developer.home))


def test_managers_that_a_lockfile_wants_are_installed_by_npm_and_pip(developer):
    (developer.folder / "bin/age").symlink_to(shutil.which("age"))
    developer.write("web-frontend/pnpm-lock.yaml", "lockfileVersion: '9.0'\n")
    developer.write("backend/uv.lock", "version = 1\n")
    ran = developer.run("setup", "prereqs")
    assert ran.code == 0, ran
    tools = developer.home / ".local/share/flowletctl/tools"
    assert (tools / "bin/pnpm").exists() and (tools / "python/bin/uv").exists()
    again = developer.run("setup", "prereqs", "-o", "json")
    found = {one["name"]: one["found"] for one in again.json["prerequisites"]}
    assert (found["pnpm"], found["uv"]) == ("9.15.9", "0.8.17")
    assert [step for step in developer.run("setup", "prereqs", "--dry-run", "-o", "json").json.get("steps", [])] == []


def test_what_nobody_here_can_install_is_no_success(developer):
    ran = developer.run("setup", "prereqs")
    assert ran.code == 13, ran
    assert "sudo apt-get install --yes --no-install-recommends age" in ran.out


def in_a_machine_of_its_own(developer, *args, sudoers):
    """With other rules for sudo, and an apt-get that makes age appear in PATH: only for this one process."""
    rules, hooks = developer.folder / "sudoers.d", developer.folder / "apt.conf.d"
    rules.mkdir()
    (rules / "test").write_text(sudoers)
    (rules / "test").chmod(0o440)
    shutil.copytree("/etc/apt/apt.conf.d", hooks)
    (hooks / "zz-test").write_text(f'APT::Update::Post-Invoke {{"ln -s /usr/bin/age {developer.folder}/bin/age";}};\n')
    script = f'/bin/mount --bind {rules} /etc/sudoers.d && /bin/mount --bind {hooks} /etc/apt/apt.conf.d && exec "$@"'
    return subprocess.run(
        [shutil.which("unshare"), "--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh", *developer.command(*args)],
        cwd=developer.root, env=developer.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False,
    )


@pytest.fixture
def sudoer(developer):
    if os.geteuid() != 0:
        pytest.skip("only root can give this test rules for sudo")
    for name in ("sudo", "apt-get"):
        (developer.folder / "bin" / name).symlink_to(f"/usr/bin/{name}")
    for path in pathlib.Path(developer.folder / "bin").iterdir():
        os.chown(path, 0, 0, follow_symlinks=False)
    return developer


def test_with_sudo_apt_get_installs_and_the_program_is_asked_for_its_version(sudoer):
    ran = in_a_machine_of_its_own(sudoer, "setup", "prereqs", "--sudo", sudoers=f"{USER} ALL=(root) NOPASSWD: ALL\n")
    assert ran.returncode == 0, ran
    assert "install age" in ran.stderr and "all is there" in ran.stdout


def test_a_sudo_that_asks_for_a_password_is_told_before_anything_is_done(sudoer):
    ran = in_a_machine_of_its_own(sudoer, "setup", "prereqs", "--sudo", sudoers=f"{USER} ALL=(root) ALL\n")
    assert ran.returncode == 4, ran
    assert "a password is required" in ran.stderr and "sudo -v" in ran.stderr
    assert not (sudoer.folder / "bin/age").exists()


def test_without_sudo_nothing_is_installed_for_all(sudoer):
    ran = in_a_machine_of_its_own(sudoer, "setup", "prereqs", sudoers=f"{USER} ALL=(root) NOPASSWD: ALL\n")
    assert ran.returncode == 13, ran
    assert not (sudoer.folder / "bin/age").exists()

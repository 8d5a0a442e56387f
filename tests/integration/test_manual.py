"""The manual: one page a command and one for flowlet.yaml, and nothing that a linter of manuals finds."""
import re
import subprocess

import pytest

from conftest import TOP


@pytest.fixture
def pages(offline):
    folder = offline.home / "man"
    ran = offline.run("__man", str(folder), env={"SOURCE_DATE_EPOCH": "1790000000"})
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    return folder


def read(page):
    """The page as `man` shows it, on one line."""
    done = subprocess.run(["mandoc", "-Tutf8", "-Owidth=200", page], capture_output=True, text=True, check=True)
    return re.sub(r"\s+", " ", re.sub(".\b", "", done.stdout))


def test_mandoc_finds_nothing_to_warn_of(pages):
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", *sorted(pages.iterdir())], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_every_command_has_a_page(offline, pages):
    def commands(path):
        lines = offline.run(*path, "--help").out.split("\nCommands\n")
        heads = [re.split(r"  +", line.strip())[0] for line in lines[1].split("\n\n")[0].splitlines()] if len(lines) == 2 and path != ["help"] else []
        names = [name for head in heads for name in head.split(", ")]
        return [path] + [below for name in names for below in commands([*path, name])]

    wanted = {"-".join(["flowletctl", *path]) + ".1" for path in commands([])}
    assert len(wanted) > 12
    assert {page.name for page in pages.iterdir()} == wanted | {"flowlet.yaml.5"}


def test_a_page_holds_every_section_and_every_flag(offline, pages):
    text = read(pages / "flowletctl-deploy-rollback.1")
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "FILES"):
        assert section in text
    assert "--to NUMBER" in text
    assert "flowletctl deploy rollback --env production --to 12" in text


def test_the_exit_status_is_what_the_documentation_says(pages):
    text = read(pages / "flowletctl.1")
    rows = re.findall(r"^\| ([\d, ]+) \| ([a-z_, ]+) \| (.*) \|$", (TOP / "docs/exit-codes.md").read_text(), re.M)
    assert len(rows) > 18
    for codes, words, meaning in rows:
        for code, word in zip(codes.split(", "), words.split(", ")):
            assert f"{code} ({word})" in text
        if "," not in codes:
            assert f"({words}) {meaning}." in text


def test_every_key_of_flowlet_yaml_is_explained(offline, pages):
    text = read(pages / "flowlet.yaml.5")
    keys = [line.split("\t")[0] for line in offline.run("__complete", "--", "config", "explain", "").out.splitlines()[:-1]]
    assert len(keys) > 20
    for key in keys:
        if "primary" not in key:
            assert key in text
    assert "databases.*.password" in text
    assert "by default 10m" in text


def test_the_date_is_the_one_that_the_builder_names(pages):
    assert '"2026-09-21"' in (pages / "flowletctl.1").read_text()


def test_without_a_folder_the_first_page_is_printed(offline, pages):
    ran = offline.run("__man", env={"SOURCE_DATE_EPOCH": "1790000000"})
    assert ran.out == (pages / "flowletctl.1").read_text()

"""Completion: what flowletctl offers, and that real shells write it into the line."""
import os
import shlex
import subprocess

import pytest

from conftest import FLOWLETCTL, TOP
from typist import Typist

RELEASE = os.environ.get("FLOWLETCTL_RELEASE", str(TOP / "build/release/flowletctl"))


# Completes like flowletctl; run as a command, it shows its words as the shell has cut them.
ECHO = """#!/bin/sh
case $1 in
__complete) exec {program} "$@" ;;
esac
printf '[%s]' "$@"
echo ' ran'
"""


@pytest.fixture
def shop(offline):
    """The project, and a flowletctl in the PATH as a shell finds it."""
    program = offline.home / "bin/flowletctl"
    program.parent.mkdir()
    program.write_text(ECHO.format(program=FLOWLETCTL))
    program.chmod(0o755)
    offline.env["PATH"] = f"{program.parent}:{offline.env['PATH']}"
    for shell in ("bash", "zsh", "fish"):
        offline.write(f"script.{shell}", offline.run("completion", shell).out)
    return offline


def ask(project, *words, **options):
    ran = project.run("__complete", "--", *words, **options)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[-1] == ":end"
    return lines[:-1]


def offered(project, *words, **options):
    return [line.split("\t")[0] for line in ask(project, *words, **options) if "\t" in line]


# ---- what is offered ---------------------------------------------------------------------------------------------


def test_commands_are_offered_with_what_they_do(offline):
    assert "deploy\tDeploy the platform, roll it back, say how it is" in ask(offline, "")
    assert offered(offline, "dep") == ["deploy"]
    assert offered(offline, "deploy", "") == ["history", "status", "rollback"]
    assert offered(offline, "help", "config", "ex") == ["explain"]


def test_flags_of_the_command_and_those_that_every_command_has_are_offered(offline):
    flags = offered(offline, "deploy", "rollback", "--")
    assert {"--to", "--namespace", "--env", "--dry-run", "--help"} <= set(flags)
    assert len(flags) == len(set(flags))


def test_a_flag_that_was_given_is_not_offered_again_unless_it_may_be(offline):
    flags = offered(offline, "deploy", "--env", "test", "--set", "release=x", "--")
    assert "--env" not in flags
    assert "--set" in flags


@pytest.mark.parametrize("words, wanted", [(("-o", ""), ["table", "json", "yaml"]), (("--output=j",), ["--output=json"]), (("--color", "al"), ["always"])])
def test_the_words_of_a_choice_are_offered(offline, words, wanted):
    assert offered(offline, "config", "show", *words)[: len(wanted)] == wanted


def test_environments_come_from_flowlet_yaml_wherever_the_shell_stands(offline):
    below = offline.folder / "manifests/10-config"
    assert ask(offline, "deploy", "--env", "", cwd=below) == ["test\t", "live\tprotected"]
    assert offered(offline, "deploy", "--env=l", cwd=below) == ["--env=live"]
    assert offered(offline, "deploy", "--root", str(offline.folder), "--env", "t", cwd="/") == ["test"]
    assert offered(offline, "config", "diff", "live", "te") == ["test"]


def test_keys_come_from_the_table_with_the_names_that_the_project_has(offline):
    keys = offered(offline, "config", "explain", "d")
    assert "deploy.timeout" in keys
    assert "databases.primary.port" in keys
    assert not [key for key in keys if "*" in key]


def test_a_setting_is_completed_in_two_steps(offline):
    assert ask(offline, "--set", "deploy.timeo") == ["deploy.timeout=\tHow long the workloads may take to become ready", ":nospace"]
    assert offered(offline, "--set=release") == ["--set=release="]
    assert ask(offline, "--set", "deploy.chart=") == [":files"]
    assert ask(offline, "--root", "") == [":folders"]


def test_tiers_are_the_folders_of_the_manifests_and_the_chart(offline):
    assert ask(offline, "deploy", "--tier", "") == ["config\tmanifests/10-config", "store\tmanifests/20-store", "chart\tthe Helm release"]


@pytest.mark.parametrize("words", [("deploy", "--env", ""), ("deploy", "--tier", ""), ("--set", "nonsense="), ("nonsense", "--nonsense="), ()])
def test_where_nothing_can_be_told_nothing_is_offered_and_nothing_is_said(offline, words):
    offline.write("flowlet.yaml", "environments: [broken\n")
    assert ask(offline, *words) == []


def test_a_name_that_would_steer_the_terminal_is_made_printable(offline):
    offline.write("flowlet.yaml", 'apiVersion: flowlet/v1\nenvironments:\n  "a\\tb\\e[31m": {namespace: x}\n')
    assert "\x1b" not in "".join(ask(offline, "--env", ""))


def test_nothing_is_written_and_no_socket_is_opened(offline):
    before = sorted(offline.home.rglob("*"))
    trace = offline.folder / "trace"
    subprocess.run(
        ["strace", "-f", "-o", trace, "-e", "trace=socket,connect,execve,mkdir,rename,unlink", RELEASE, "__complete", "--", "deploy", "--env", ""],
        cwd=offline.folder,
        env=offline.env,
        check=True,
        capture_output=True,
    )
    calls = [line for line in trace.read_text().splitlines() if "(" in line]
    assert len(calls) == 1 and "execve(" in calls[0], calls
    assert sorted(offline.home.rglob("*")) == before


# ---- shells ------------------------------------------------------------------------------------------------------

BASH = """
source {script}
COMP_LINE={line}
COMP_POINT=${{#COMP_LINE}}
COMP_TYPE=9
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_flowletctl flowletctl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def bash_reply(project, line, words):
    """What the function that is registered puts into COMPREPLY, with the words as bash itself cuts them."""
    text = BASH.format(script="script.bash", line=shlex.quote(line), words=" ".join(shlex.quote(word) for word in words))
    done = subprocess.run(["bash", "--norc", "-c", text], cwd=project.folder, env=project.env, capture_output=True, text=True, check=True)
    # compopt says that no completion runs: here that is true.
    assert [one for one in done.stderr.splitlines() if "compopt" not in one] == []
    return done.stdout.split()


def test_the_scripts_pass_a_linter(shop):
    subprocess.run(["shellcheck", "-s", "bash", "script.bash"], cwd=shop.folder, check=True)
    subprocess.run(["zsh", "-n", "script.zsh"], cwd=shop.folder, check=True)
    subprocess.run(["fish", "--no-execute", "script.fish"], cwd=shop.folder, check=True)


@pytest.mark.parametrize(
    "line, words, wanted",
    [
        ("flowletctl dep", ["flowletctl", "dep"], ["deploy"]),
        ("flowletctl deploy --env ", ["flowletctl", "deploy", "--env", ""], ["test", "live"]),
        ("flowletctl deploy --env=", ["flowletctl", "deploy", "--env", "="], ["test", "live"]),
        ("flowletctl deploy --env=l", ["flowletctl", "deploy", "--env", "=", "l"], ["live"]),
        ("flowletctl --set audit.d", ["flowletctl", "--set", "audit.d"], ["audit.dir="]),
        ("flowletctl  'deploy' his", ["flowletctl", "'deploy'", "his"], ["history"]),
    ],
)
def test_the_function_for_bash_replies_with_what_stands_behind_the_last_break(shop, line, words, wanted):
    assert bash_reply(shop, line, words) == wanted


def test_what_is_typed_is_never_run(shop):
    bash_reply(shop, "flowletctl --root $(touch ran) --env ", ["flowletctl", "--root", "$(touch ran)", "--env", ""])
    assert not (shop.folder / "ran").exists()


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], ". ./script.bash"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit; compinit -u -D; . ./script.zsh"),
    "fish": (["fish", "--no-config", "-i"], "source script.fish"),
}


@pytest.fixture
def typist(shop, request):
    argv, prepare = SHELLS[request.param]
    typist = Typist(argv, {**shop.env, "TERM": "xterm"}, shop.folder)
    typist.type(prepare + "; echo loa''ded\r")
    typist.wait_for("loaded")
    yield typist
    typist.end()


@pytest.mark.parametrize("typist", SHELLS, indirect=True)
def test_a_tab_writes_the_word_into_the_line(typist):
    for typed, ran in [
        ("dep", "[deploy][END]"),
        ("deploy --en", "[deploy][--env][END]"),
        ("deploy --env l", "[deploy][--env][live][END]"),
        ("deploy --env=l", "[deploy][--env=live][END]"),
        ("--set audit.d", "[--set][audit.dir=END]"),
        ("--root ../pro", "[--root][../project/END]"),
        ("--root=../pro", "[--root=../project/END]"),
        ("deploy --tier sto", "[deploy][--tier][store][END]"),
        ("deploy --timeout script.b", "[deploy][--timeout][script.bEND]"),
    ]:
        typist.type(f"flowletctl {typed}\tEND\r")
        assert ran in typist.wait_for(r"\] ran"), typed


@pytest.mark.parametrize("typist", SHELLS, indirect=True)
def test_a_second_tab_lists_what_there_is_with_what_it_means(typist):
    typist.type("flowletctl deploy \t\t")
    text = typist.wait_for("rollback")
    assert "The deploys on record" in typist.wait_for("history"), text


def test_fish_completes_without_a_terminal(shop):
    def complete(line):
        done = subprocess.run(["fish", "--no-config", "-c", f"source script.fish; complete -C {shlex.quote(line)}"], cwd=shop.folder, env=shop.env, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout.splitlines()

    assert complete("flowletctl dep") == ["deploy\tDeploy the platform, roll it back, say how it is"]
    assert complete("flowletctl deploy --env=") == ["--env=live\tprotected", "--env=test"]
    assert complete("flowletctl --root '../pro") == ["../project/"]

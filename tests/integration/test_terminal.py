"""What stdout, stderr and the machine around are like, and that flowletctl fits in."""
import json
import os
import subprocess

import pytest
import yaml

from conftest import FLOWLETCTL, TOP
from typist import Typist

ESCAPE = "\x1b["
COMMANDS = [
    [],
    ["deploy"],
    ["deploy", "history"],
    ["deploy", "status"],
    ["deploy", "rollback"],
    ["config"],
    ["config", "show"],
    ["config", "explain"],
    ["config", "validate"],
    ["config", "diff"],
    ["config", "schema"],
    ["audit"],
    ["audit", "show"],
    ["audit", "verify"],
    ["completion"],
    ["doctor"],
    ["init"],
    ["secrets"],
    ["secrets", "set"],
    ["secrets", "check"],
    ["secrets", "rotate"],
    ["version"],
    ["backup"],
    ["backup", "run"],
    ["backup", "list"],
    ["backup", "status"],
    ["backup", "verify"],
    ["backup", "restore"],
]


def on_terminal(project, *args, columns=100, env=None):
    typist = Typist([FLOWLETCTL, *args], {**project.env, "TERM": "xterm", **(env or {})}, project.folder, columns=columns)
    try:
        text, code = typist.read_all()
        return text.replace("\r\n", "\n"), code
    finally:
        typist.end()


# ---- formats -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [["config", "show"], ["config", "explain", "deploy.timeout"], ["config", "validate"], ["config", "schema"], ["version"], ["completion", "bash"], ["--help"], ["deploy", "--help"]])
def test_yaml_says_what_json_says(offline, args):
    as_json, as_yaml = offline.run(*args, "-o", "json"), offline.run(*args, "-o", "yaml")
    assert (as_json.code, as_json.err, as_yaml.code, as_yaml.err) == (0, "", 0, "")
    assert yaml.safe_load(as_yaml.out) == json.loads(as_json.out)


@pytest.mark.parametrize("flag", [["-o", "yaml"], ["-oyaml"], ["--output=yaml"], ["--output", "yaml"]])
@pytest.mark.parametrize(
    "args, code, word",
    [(["nonsense"], 2, "usage"), (["config", "show", "--env", "nowhere"], 2, "usage"), (["audit", "show"], 5, "precondition"), (["config", "explain", "x"], 2, "usage")],
)
def test_a_failure_is_one_yaml_document_too(offline, args, code, word, flag):
    ran = offline.run(*args, *flag)
    assert (ran.code, ran.err) == (code, "")
    error = yaml.safe_load(ran.out)
    assert (error["kind"], error["code"], error["exit"]) == ("Error", word, code)


def test_text_is_the_old_word_for_table(offline):
    table = offline.run("config", "show", "-o", "table")
    assert table.code == 0 and table.out.startswith("KEY ")
    assert offline.run("config", "show", "-o", "text").out == table.out == offline.run("config", "show").out


def test_a_format_that_there_is_not_is_a_usage_error(offline):
    ran = offline.run("config", "show", "-o", "xml")
    assert ran.code == 2 and "yaml" in ran.err


# ---- help --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "flowletctl")
def test_help_begins_with_examples_and_fits_on_a_screen(offline, command):
    ran = offline.run(*command, "--help")
    lines = ran.out.splitlines()
    assert (ran.code, ran.err, lines[2]) == (0, "", "Examples"), ran
    examples = lines[3 : lines.index("", 3)]
    assert 2 <= len(examples) <= 3
    assert all(line.startswith("  " + " ".join(["flowletctl", *command])) for line in examples) or not command[1:], examples
    assert len(lines) <= (30 if not command else 24), ran
    assert offline.run("help", *command).out == ran.out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "flowletctl")
def test_every_example_is_a_line_that_parses(offline, command):
    for example in offline.run(*command, "--help").out.split("\n\n")[1].splitlines()[1:]:
        words = example.split(">")[0].split()[1:]
        # --help wins over what a command would do, but not over a flag that there is not.
        ran = offline.run(*words, "--help") if words[0] != "help" else offline.run(*words)
        assert ran.code == 0, (example, ran)
        assert offline.run(*words, "--no-such-flag").code == 2


# ---- colours and letters -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "env, flags, painted",
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": ""}, [], True),
        ({"CLICOLOR": "0"}, [], False),
        ({"TERM": "dumb"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({}, ["--color=never"], False),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, [], False),
    ],
)
@pytest.mark.parametrize("args", [["config", "show"], ["config", "shwo"], ["--help"]])
def test_what_is_painted_on_a_terminal(offline, args, env, flags, painted):
    text, _ = on_terminal(offline, *args, *flags, env=env)
    assert (ESCAPE in text) == painted, text


@pytest.mark.parametrize("env, flags, painted", [({}, [], False), ({"CLICOLOR_FORCE": "1"}, [], True), ({"CLICOLOR_FORCE": "0"}, [], False), ({}, ["--color", "always"], True)])
def test_a_pipe_is_painted_only_if_somebody_insists(offline, env, flags, painted):
    assert (ESCAPE in offline.run("config", "show", *flags, env=env).out) == painted
    assert ESCAPE not in offline.run("config", "show", *flags, "-o", "json", env=env).out


@pytest.mark.parametrize("language", [{"LANG": "C"}, {"LANG": "C.UTF-8", "LC_ALL": "POSIX"}, {"LANG": ""}])
@pytest.mark.parametrize("args", [["config", "show", "--origin"], ["config", "explain", "values"], ["deploy", "--help"], ["--help"], ["audit", "show"], ["nonsense"]])
def test_outside_utf_8_every_sign_is_ascii(offline, args, language):
    offline.write("flowlet.yaml", (offline.folder / "flowlet.yaml").read_text() + "values: [{a: b}]\nlint: {tools: {a: {b: c}}}\n")
    ran = offline.run(*args, env=language)
    assert (ran.out + ran.err).isascii(), ran


# ---- narrow ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [["config", "show", "--origin", "--env", "live"], ["config", "explain", "deploy.timeout"], ["config", "diff", "test", "live"], ["deploy", "--help"], ["--help"], ["nonsense"]])
def test_on_twenty_columns_only_a_word_that_is_wider_passes_the_edge(offline, args):
    text, _ = on_terminal(offline, *args, columns=20, env={"NO_COLOR": "1"})
    too_long = [line for line in text.splitlines() if len(line) > 20 and len(line.split()) > 1]
    assert too_long == []


def test_a_table_that_does_not_fit_becomes_a_record_a_row(offline):
    text, _ = on_terminal(offline, "config", "diff", "test", "live", columns=30, env={"NO_COLOR": "1"})
    assert text.split("\n\n")[0].splitlines() == ["KEY   namespace", "test  shop-test", "live  shop-live"]


# ---- odd surroundings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]])
@pytest.mark.parametrize("args, code", [(["config", "show"], 0), (["nonsense"], 2)])
def test_closed_streams_change_no_exit_code_and_no_file_takes_their_place(offline, args, code, closed):
    before = {path: path.read_bytes() for path in offline.folder.rglob("*") if path.is_file()}
    done = subprocess.run(
        ["sh", "-c", '"$@" ' + " ".join(f"{number}>&-" for number in closed), "sh", FLOWLETCTL, *args],
        cwd=offline.folder,
        env=offline.env,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done
    assert {path: path.read_bytes() for path in offline.folder.rglob("*") if path.is_file()} == before


def test_an_answer_that_cannot_be_written_is_a_failure(offline):
    with open("/dev/full", "w") as full:
        done = subprocess.run([FLOWLETCTL, "config", "show"], cwd=offline.folder, env=offline.env, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "could not be written: No space left on device" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_failure(offline):
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", '"$0" config schema | (exec <&-; sleep 0.2)', FLOWLETCTL], cwd=offline.folder, env=offline.env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_removed_working_directory_is_named_and_root_still_works(offline, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()

    def run(*args):
        return subprocess.run(["sh", "-c", 'rmdir "$0" 2>/dev/null; exec "$@"', gone, FLOWLETCTL, *args], cwd=gone, env=offline.env, capture_output=True, text=True, check=False)

    lost = run("config", "show")
    assert lost.returncode == 5
    assert "current folder" in lost.stderr and "--root" in lost.stderr
    gone.mkdir()
    assert run("config", "show", "--root", str(offline.folder)).returncode == 0
    gone.mkdir()
    assert run("--help").returncode == 0


def test_without_a_home_everything_that_needs_none_works(offline):
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        offline.env.pop(name, None)
    assert offline.run("config", "show").code == 0
    assert offline.run("version").code == 0
    shown = offline.run("audit", "show")
    assert shown.code == 5 and "HOME" in shown.err
    assert offline.run("config", "show", env={"HOME": "not/absolute"}).code == 0


@pytest.mark.parametrize("name", ["with spaces", "with\nnewline", "with \x1b[31m escape", "größe", "-dash", "$(touch x)"])
def test_a_project_may_lie_in_a_folder_of_any_name(offline, name):
    folder = offline.folder.parent / name
    os.rename(offline.folder, folder)
    below = folder / "manifests"
    for cwd, args in [(folder, []), (below, []), ("/", ["--root", str(folder)])]:
        ran = offline.run("config", "show", "--env", "test", "--origin", *args, cwd=cwd)
        assert ran.code == 0, ran
        assert ESCAPE not in ran.out
        assert all("flowlet.yaml" in line or "default" in line or line.startswith("KEY") for line in ran.out.splitlines()), ran
    (folder / "flowlet.yaml").write_text("nonsense: 1\n")
    broken = offline.run("config", "show", cwd=below)
    assert broken.code == 3 and "nonsense" in broken.err and ESCAPE not in broken.err
    assert list(folder.parent.glob("**/x")) == []


def test_the_repository_s_own_configuration_is_valid(offline):
    assert offline.run("config", "validate", "--root", str(TOP)).code == 0

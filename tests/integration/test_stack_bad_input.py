"""What cannot be started is told with its place before anything is started."""
import os
import pathlib

import pytest
from crew import PYTHON, Crew, free_port


@pytest.fixture
def crew(tmp_path):
    crew = Crew(tmp_path / "project")
    yield crew
    crew.clean()


SLEEP = [PYTHON, "-c", "import time; time.sleep(600)"]

WRONG = {
    "a program that is not there": ({"command": ["nodee"]}, 5, "its program nodee is not there"),
    "a program in a folder that is not there": ({"command": ["./run.sh"]}, 5, "looked up from"),
    "a folder that is not there": ({"command": SLEEP, "dir": "backendd"}, 5, "backendd is not there"),
    "an environment file that is not there": ({"command": SLEEP, "env_file": ".env.local"}, 5, ".env.local"),
    "no command": ({"dir": "."}, 5, "it has no command"),
    "an edge to nowhere": ({"command": SLEEP, "after": ["databse"]}, 5, "there is no such service"),
    "a URL that is none": ({"command": SLEEP, "ready": {"http": "localhost:5000"}}, 5, "no http:// or https:// address"),
    "a port that is none": ({"command": SLEEP, "ready": {"tcp": 70000}}, 3, "65535"),
    "a database that is none": ({"command": SLEEP, "ready": {"postgres": "primry"}}, 5, "no name of `databases`"),
    "an unknown key": ({"command": SLEEP, "read": {"tcp": 1}}, 3, "ready"),
    "a compose file that is not there": ({"compose": "docker-compose.yml"}, 5, "docker-compose.yml is not there"),
    "an unknown policy": ({"command": SLEEP, "restart": {"policy": "sometimes"}}, 3, "on-failure"),
}


@pytest.mark.parametrize("what", WRONG)
def test_it_is_told_with_its_place_and_nothing_is_started(crew, what):
    keys, code, said = WRONG[what]
    crew.services["backend"] = keys
    crew.write()
    ran = crew.run("start", "--wait")
    assert ran.code == code, ran
    assert said in ran.err and "flowlet.yaml:3" in ran.err and "hint:" in ran.err or code == 3 and "flowlet.yaml:3" in ran.err, ran
    assert not (crew.root / ".flowlet").exists()


def test_all_that_is_wrong_is_told_at_once(crew):
    crew.service("backend", ["nodee"], dir="nowhere").service("frontend", ["npmm"])
    ran = crew.run("start")
    assert ran.code == 5 and "nodee" in ran.err and "nowhere" in ran.err and "npmm" in ran.err, ran


def test_services_that_wait_for_each_other_are_named(crew):
    crew.service("a", SLEEP, after=["c"]).service("b", SLEEP, after=["a"]).service("c", SLEEP, after=["b"])
    ran = crew.run("start")
    assert ran.code == 5 and "they wait for each other: a → c → b → a" in ran.err, ran


def test_a_line_of_an_environment_file_that_is_none_has_its_number_and_no_value(crew):
    (crew.root / ".env").write_text("A=1\nTOKEN='s3cret\n")
    crew.service("backend", SLEEP, env_file=".env")
    ran = crew.run("start")
    assert ran.code == 5 and ".env:2: a quote is not closed" in ran.err.replace(".env:3", ".env:2") and "s3cret" not in ran.err, ran


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's file needs root")
def test_an_environment_file_that_may_not_be_read_is_told(crew):
    (crew.root / ".env").mkdir()
    crew.service("backend", SLEEP, env_file=".env")
    ran = crew.run("start")
    assert ran.code == 5 and ".env" in ran.err, ran


def test_no_services_is_a_way_out(crew):
    (crew.root / "flowlet.yaml").write_text("apiVersion: flowlet/v1\nproject: crew\n")
    ran = crew.run("start")
    assert ran.code == 5 and "has no services" in ran.err and "flowletctl setup" in ran.err, ran


def test_one_of_two_environment_files_is_stronger_and_env_is_strongest(crew):
    (crew.root / "a.env").write_text("ONE=a\nTWO=a\nTHREE=a\n")
    (crew.root / "b.env").write_text("TWO=b\nTHREE=b\n")
    crew.service("backend", [PYTHON, "-c", "import os, time; print(os.environ['ONE'], os.environ['TWO'], os.environ['THREE'], os.environ['PWD'], flush=True); time.sleep(600)"],
                 env_file=["a.env", "b.env"], env={"THREE": "c"}, ready={"log": "a b c"})
    assert crew.run("start", "--wait").code == 0
    assert crew.log("backend") == [f"a b c {crew.root}"]


def test_a_check_by_a_program_has_the_services_folder_and_environment(crew):
    folder = crew.root / "backend"
    folder.mkdir()
    check = crew.script("check.py", """
        import os, sys
        ok = os.path.exists("made") and os.environ.get("TOKEN") == "t"
        print("not made yet", file=sys.stderr)
        sys.exit(0 if ok else 1)
    """)
    crew.service("backend", [PYTHON, "-c", "import time; time.sleep(0.5); open('made', 'w'); time.sleep(600)"], dir="backend",
                 env={"TOKEN": "t"}, ready={"exec": check})
    assert crew.run("start", "--wait").code == 0
    assert crew.run("stop").code == 0
    crew.service("backend", SLEEP, ready={"exec": check, "timeout": "1s"})
    ran = crew.run("start")
    assert ran.code == 18 and "ended with status 1: not made yet" in ran.out + ran.err, ran


def test_a_url_that_answers_something_else_is_not_ready(crew):
    port = free_port()
    crew.service("backend", [PYTHON, str(crew.root / "server.py"), str(port)], env={"ANSWER": "503"},
                 ready={"http": f"http://127.0.0.1:{port}/", "timeout": "1s"})
    ran = crew.run("start")
    assert ran.code == 18 and "answers with status 503" in ran.out + ran.err, ran
    crew.service("backend", [PYTHON, str(crew.root / "server.py"), str(port)], ready={"http": f"http://127.0.0.1:{port}/"})
    assert crew.run("start", "--wait").code == 0


def test_a_stop_command_is_run_before_the_signal(crew):
    crew.service("backend", SLEEP, stop={"command": ["/usr/bin/touch", "told"]})
    assert crew.run("start", "--wait").code == 0
    assert crew.run("stop").code == 0
    assert (crew.root / "told").exists()
    assert crew.alive() == {}

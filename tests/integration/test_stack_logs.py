"""What services say: line by line, nothing lost, kept, rotated, followed."""
import hashlib
import os
import re
import signal
import time

import pytest
from crew import PYTHON, Crew, free_port, wait_until


@pytest.fixture
def crew(tmp_path):
    crew = Crew(tmp_path / "project")
    yield crew
    crew.clean()


def writer(crew, lines):
    return crew.script("writer.py", f"""
        import sys, time
        name = sys.argv[1]
        sys.stdout.write("".join(f"{{name}} {{i:07d}} " + "x" * 60 + "\\n" for i in range({lines})))
        sys.stdout.flush()
        print("written", flush=True)
        time.sleep(600)
    """)


@pytest.mark.parametrize("terminal", [True, False])
def test_eight_writers_lose_no_line_and_mix_none(crew, terminal):
    lines = 20000
    command = writer(crew, lines)
    for i in range(8):
        crew.service(f"writer{i}", [*command, f"writer{i}"], ready={"log": "written"}, terminal=terminal)
    process = crew.begin("start", stdout=open(crew.root.parent / "out", "w"), stderr=open(crew.root.parent / "err", "w"))
    wait_until(lambda: crew.run("status").code == 0, 60)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    wanted = {f"writer{i}": "".join(f"writer{i} {n:07d} " + "x" * 60 + "\n" for n in range(lines)) + "written\n" for i in range(8)}
    shown = {name: "" for name in wanted}
    for line in (crew.root.parent / "out").read_text().splitlines():
        name, bar, text = line.partition(" | ")
        if name.strip() in shown:
            shown[name.strip()] += text + "\n"
    digest = lambda texts: {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    assert digest(shown) == digest(wanted)
    assert digest({name: "\n".join(crew.log(name)) + "\n" for name in wanted}) == digest(wanted)


def test_a_hundred_megabytes_are_kept_within_their_bounds(crew):
    crew.top = "logs: {size: 8, older: 2}\n"
    crew.service("loud", ["/bin/sh", "-c", f"yes {'y' * 99} | head -n 1000000; echo over; sleep 600"], ready={"log": "over", "timeout": "2m"})
    ran = crew.run("start", "--wait", timeout=120)
    assert ran.code == 0, ran
    assert crew.run("stop").code == 0
    sizes = {path.name: path.stat().st_size for path in crew.logs.iterdir() if path.name.startswith("loud")}
    assert sorted(sizes) == ["loud.log", "loud.log.1", "loud.log.2"]
    assert all(size <= 8 << 20 for size in sizes.values()) and sizes["loud.log.1"] > 7 << 20
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in crew.logs.glob("loud*"))
    told = crew.run("logs", "loud", "--tail", "3")
    assert told.out.splitlines()[-1].endswith("| over")
    assert "earlier lines are not shown" in told.out


def test_logs_are_of_one_service_of_some_time_or_of_all_in_their_order(crew):
    crew.service("a", [PYTHON, "-c", "import time; print('a1', flush=True); time.sleep(0.4); print('a2', flush=True); time.sleep(600)"])
    crew.service("b", [PYTHON, "-c", "import time; time.sleep(0.2); print('b1', flush=True); time.sleep(600)"])
    assert crew.run("start", "--wait").code == 0
    wait_until(lambda: "a2" in crew.run("logs").out)
    assert re.findall(r"[ab]\d", crew.run("logs").out) == ["a1", "b1", "a2"]
    assert re.findall(r"[ab]\d", crew.run("logs", "b").out) == ["b1"]
    time.sleep(1.1)
    assert crew.run("logs", "--since", "1s").out == ""
    assert re.findall(r"[ab]\d", crew.run("logs", "--since", "10m").out) == ["a1", "b1", "a2"]
    lines = crew.run("logs", "-o", "json").json["lines"]
    assert [(one["service"], one["text"]) for one in lines] == [("a", "a1"), ("b", "b1"), ("a", "a2")]
    assert crew.run("logs", "c").code == 2 and crew.run("logs", "--since", "yesterday").code == 2


def test_follow_goes_on_where_the_files_end(crew):
    crew.service("ticker", [PYTHON, "-c", "import time\nfor i in range(100000):\n print('tick', i, flush=True)\n time.sleep(0.002)"])
    assert crew.run("start", "--wait").code == 0
    time.sleep(0.5)
    process = crew.begin("logs", "-f", "--tail", "0")
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0, err
    numbers = [int(n) for n in re.findall(r"tick (\d+)", out)]
    assert len(numbers) > 300 and numbers == list(range(len(numbers)))


def test_logs_can_be_read_after_the_stack_has_ended(crew):
    crew.service("a", [PYTHON, "-c", "import time; print('said', flush=True); time.sleep(600)"], ready={"log": "said"})
    assert crew.run("start", "--wait").code == 0
    assert crew.run("stop").code == 0
    assert "a          | said" in crew.run("logs").out
    assert "Nothing runs, so nothing follows" in crew.run("logs", "-f").out


def test_colours_are_kept_for_a_terminal_and_nothing_else_steers_it(crew):
    crew.service("a", crew.script("loud.py", r"""
        import sys, time
        print("tty" if sys.stdout.isatty() else "pipe", flush=True)
        print("\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2Jgone\x07", flush=True)
        time.sleep(600)
    """), ready={"log": "gone"})
    assert crew.run("start", "--wait").code == 0
    plain = crew.run("logs").out
    assert "tty" in plain and "red gone" in plain and "\x1b" not in plain
    colored = crew.run("logs", "--color", "always").out
    assert "\x1b[31mred\x1b[0m gone\x1b[0m" in colored and "title" not in colored and "\x1b[2J" not in colored


def test_a_service_without_a_terminal_says_the_rest_when_it_ends(crew):
    crew.service("a", crew.script("rest.py", """
        import sys, time
        sys.stdout.write("no newline at the end"); sys.stdout.flush()
        sys.exit(4)
    """), terminal=False, ready={"tcp": free_port()})
    ran = crew.run("start", "--wait")
    assert ran.code == 12 and "no newline at the end" in ran.out + ran.err, ran


def test_a_service_that_closes_its_output_runs_on(crew):
    crew.service("a", crew.script("mute.py", """
        import os, time
        print("up", flush=True)
        for n in (0, 1, 2): os.close(n)
        time.sleep(600)
    """), ready={"log": "up"})
    assert crew.run("start", "--wait").code == 0
    time.sleep(0.3)
    assert crew.status()["a"]["state"] == "ready"
    assert crew.run("stop").code == 0
    assert crew.alive() == {}


def test_a_log_that_cannot_be_written_is_told_and_stops_nothing(crew):
    crew.service("a", [PYTHON, "-c", "import time; print('up', flush=True); time.sleep(600)"], ready={"log": "up"})
    (crew.logs / "a.log").mkdir(parents=True)
    ran = crew.run("start", "--wait")
    assert ran.code == 0, ran
    assert crew.run("stop").code == 0
    said = (crew.logs / "supervisor.log").read_text()
    assert "a.log" in said and "Is a directory" in said

"""A newcomer's first hour: a clean copy of a Flask, Vite and PostgreSQL project, set up, started, stopped."""
import socket
import urllib.request

import pytest
from crew import wait_until
from developer import Developer

BACKEND, FRONTEND = 5000, 5173


@pytest.fixture
def developer():
    developer = Developer()
    developer.copy_project()
    yield developer
    developer.run("stop")
    developer.close()


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.status, answer.read().decode()


def is_free(port):
    with socket.socket() as four, socket.socket(socket.AF_INET6) as six:
        return four.connect_ex(("127.0.0.1", port)) != 0 and six.connect_ex(("::1", port)) != 0


def state(developer):
    folder = developer.root / ".flowlet"
    return sorted(str(path.relative_to(folder)) for path in (folder / "stack").rglob("*"))


def test_setup_start_and_stop_of_a_real_project(developer):
    set_up = developer.setup()
    assert set_up.code == 0 and "2 tables in the database shop" in set_up.out, set_up
    before = developer.names()
    started = developer.run("start", "--wait")
    assert started.code == 0, started
    shown = developer.run("status")
    assert (shown.code, shown.out.count("ready")) == (0, 3), shown
    assert get(f"http://127.0.0.1:{BACKEND}/health") == (200, '{"status":"ok"}\n')
    status, page = get(f"http://localhost:{FRONTEND}/")
    assert status == 200 and "main.js" in page
    assert get(f"http://localhost:{FRONTEND}/api/accounts")[1] == '{"accounts":[]}\n'
    stopped = developer.run("stop")
    assert stopped.code == 0, stopped
    assert developer.processes() == []
    assert is_free(BACKEND) and is_free(FRONTEND)
    new = set(developer.names()) - set(before)
    assert all(name.startswith((".flowlet/logs", ".flowlet/postgres", "web-frontend/node_modules")) or name == ".flowlet/stack" or "__pycache__" in name for name in new), new
    assert state(developer) == []
    print(set_up.out + started.out + shown.out + stopped.out)


def test_a_restart_of_the_backend_leaves_the_others_alone(developer):
    assert developer.setup().code == 0
    assert developer.run("start", "--wait").code == 0
    pids = lambda: {one["service"]: one["pid"] for one in developer.run("status", "-o", "json").json["services"]}
    before = pids()
    assert developer.run("restart", "backend").code == 0
    after = pids()
    assert before["backend"] != after["backend"]
    assert {name for name in before if before[name] == after[name]} == {"postgres", "frontend"}
    assert get(f"http://127.0.0.1:{BACKEND}/health")[0] == 200

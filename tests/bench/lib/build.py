"""How long the release build takes, from nothing and after a change of one source, without ccache."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from timing import BenchError, say

TOUCHED = "src/commands/deploy/plan.cpp"
CLEAN_LIMIT, REBUILD_LIMIT = 300, 15


def timed(command, top, env):
    load = os.getloadavg()[0]
    begin = time.monotonic()
    done = subprocess.run(command, cwd=top, env=env, capture_output=True, text=True, check=False)
    taken = time.monotonic() - begin
    if done.returncode != 0:
        raise BenchError(f"the build failed: {done.stdout[-3000:]}")
    say(f"  {taken:.1f} s")
    return taken, load


def measure(top):
    """(what, seconds, load before, limit) a line. A copy of the sources is built, so that nobody else's build sees the change."""
    env = {**os.environ, "CCACHE_DISABLE": "1"}
    with tempfile.TemporaryDirectory(prefix="flowlet-build.") as folder:
        copy = pathlib.Path(folder)
        for name in ("CMakeLists.txt", "CMakePresets.json"):
            shutil.copy(top / name, copy)
        for name in ("cmake", "include", "src"):
            shutil.copytree(top / name, copy / name)
        say("a clean build")
        subprocess.run(["cmake", "--preset", "release"], cwd=copy, env=env, check=True, stdout=subprocess.DEVNULL)
        build = ["cmake", "--build", "--preset", "release", "-j", "2"]
        clean, load = timed(build, copy, env)
        lines = [("release, from nothing", clean, load, CLEAN_LIMIT)]
        (copy / TOUCHED).touch()
        rebuild, load = timed(build, copy, env)
        lines.append((f"after a change of {TOUCHED}", rebuild, load, REBUILD_LIMIT))
    return lines

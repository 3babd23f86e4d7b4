"""What holds the processes of the grading: each limit is tried, and so is its absence."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from machine import lacks
from notebook_checks import ROOT

from classroom.grading import confine, namespaces, trial

LIMITED = ("network", "files", "processes", "memory")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux's")

# A container that refuses namespaces, in which the grading is process 1.
INSIDE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "sh", "-c"]
REFUSING = """
for kind in user mnt net pid; do echo 0 > /proc/sys/user/max_${kind}_namespaces; done
exec "$0" "$@"
"""


def in_new_process(code: str, *before: str) -> subprocess.CompletedProcess[str]:
    """Run a program that can be forked from, as one that pytest holds cannot."""
    program = (
        "import types\nfrom classroom.grading import confine, namespaces, trial\n"
        + textwrap.dedent(code)
    )
    return subprocess.run(
        [*before, sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


def refusing() -> list[str]:
    """Return what starts a program in a container that refuses namespaces."""
    if not shutil.which("unshare"):
        lacks("namespaces", "there is no unshare")
    before = [*INSIDE, REFUSING]
    tried = subprocess.run([*before, "unshare", "--net", "true"], capture_output=True, text=True)
    if "No space left on device" not in tried.stderr:
        lacks("namespaces", f"no container can be made here that refuses them: {tried.stderr}")
    return before


def test_nothing_is_limited_where_nothing_is_confined() -> None:
    """Catches a trial that would find limits everywhere."""
    with trial.open_to_all() as here:
        found = trial.in_force(here, 10**8)
    assert here.port
    assert os.getcwd() in here.places
    assert [name for name in LIMITED if found[name]] == []
    assert os.getcwd() in found["written"]
    assert "Not limited" in trial.words(found)


@linux
def test_all_is_limited_where_the_system_allows_it_and_the_words_say_it() -> None:
    found = confine.prepare()
    if not any(found[name] for name in ("network", "files", "processes")):
        lacks("namespaces", trial.words(found))
    assert [name for name in LIMITED if not found[name]] == []
    assert found["refused"] == []
    assert "Not limited" not in trial.words(found)


TRIED = """
import json, os
with trial.open_to_all() as here:
    read, write = os.pipe()
    if not os.fork():
        libc = namespaces._libc()
        def mount(*given):
            return -1 if given[1] == REFUSED else libc.mount(*given)
        stub = types.SimpleNamespace(mount=mount, prctl=libc.prctl, unshare=libc.unshare)
        namespaces._libc = lambda: stub
        namespaces.leave(namespaces.NEW | (namespaces.USER if os.geteuid() else 0))
        namespaces.go_on_in_child(apart=True)
        namespaces.only_writable(FOLDER)
        os.write(write, json.dumps(trial.in_force(here, 10**8)).encode())
        os._exit(0)
    os.close(write)
    print(os.read(read, 10**6).decode())
"""


def tried(folder: Path, refused: str) -> dict[str, Any]:
    """What a trial finds in a process for which the system refuses a mount."""
    code = TRIED.replace("REFUSED", repr(os.fsencode(refused))).replace("FOLDER", repr(str(folder)))
    done = in_new_process(code)
    if not done.stdout.strip():
        lacks("namespaces", done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@linux
def test_a_mount_that_is_refused_is_told_and_what_it_leaves_open(tmp_path: Path) -> None:
    """Catches a mount whose return value nobody reads, and a look at `/` alone."""
    whole = tried(tmp_path, refused="/nowhere")
    assert (whole["files"], whole["written"], whole["refused"]) == (True, [], [])
    found = tried(tmp_path, refused=(place := another_file_system()))
    assert (found["files"], found["written"], found["refused"]) == (False, [place], [place])
    assert f"files (such as those in {place})" in trial.words(found)
    assert tried(tmp_path, refused="/proc")["processes"] is False


def another_file_system() -> str:
    """A place besides `/` on which something is mounted, and where one can write."""
    points = {*namespaces.mount_points()} - {"/", *namespaces.OWN}
    with trial.open_to_all() as here:
        found = [place for place in here.places if place in points]
    return found[0] if found else lacks("namespaces", "there is no second place to write to")


SLEEP = f"sleep 60.{os.getpid()}"  # by which this run's own are known
DAEMON = f"setsid setsid {SLEEP} >/dev/null 2>&1 & setsid sh -c '{SLEEP}; true' & "
ENDED = f"""
import os, psutil
FIRST
confine.prepare()
limits = confine.Limits(seconds=3, memory=2 * 10**9)
print(confine.call(limits, "os:system", {DAEMON!r}))
print(confine.call(limits, "os:system", {DAEMON + SLEEP!r}))
print(confine.call(limits, "os:abort"))
others = [one for one in psutil.process_iter(["cmdline"]) if one.pid != os.getpid()]
print("left:", [one.pid for one in others if {SLEEP!r} in " ".join(one.info["cmdline"] or "")])
print(trial.words(confine.in_force))
"""


def ended(first: str, *before: str) -> str:
    """Start daemons in some manners, and see that none is left; return what was said."""
    done = in_new_process(ENDED.replace("FIRST", first), *before)
    assert done.returncode == 0, done.stderr
    assert "Outcome(result=0, failure='')" in done.stdout
    assert "took longer than 3 s" in done.stdout
    assert "ended the process (SIG" in done.stdout
    assert "left: []" in done.stdout, done.stdout
    return done.stdout


@linux
def test_all_that_a_process_started_ends_with_it() -> None:
    ended("")


@linux
@pytest.mark.long
def test_without_namespaces_too() -> None:
    """Catches a system that refuses them, where daemons would outlive their notebook."""
    said = ended("confine._namespaces[:] = [0]")
    assert "Not limited, as the system does not allow it: network, files" in said
    assert "processes" in said.partition("Not limited")[2]


@linux
@pytest.mark.long
def test_as_process_1_of_a_container_that_refuses_namespaces_too() -> None:
    """Catches a low number of a process that is taken for a namespace of its own."""
    said = ended("print('I am', os.getpid())", *refusing())
    assert "I am 1\n" in said
    assert "processes" in said.partition("Not limited")[2]


@linux
@pytest.mark.long
def test_interrupted_it_leaves_nothing() -> None:
    """Catches descendants that outlive an interrupted run, without namespaces above all."""
    code = f"""
    import psutil, threading, time
    confine._namespaces[:] = [0]
    confine.prepare()
    limits = confine.Limits(seconds=60, memory=2 * 10**9)
    given = limits, "os:system", {DAEMON + SLEEP!r}
    call = threading.Thread(target=confine.call, args=given)
    call.start()
    def mine():
        running = psutil.process_iter(["cmdline"])
        return [one.pid for one in running if one.info["cmdline"] == {SLEEP.split()!r}]
    while len(mine()) < 3:
        time.sleep(0.1)
    confine.stop()
    call.join()
    print(mine(), confine.call(limits, "os:getpid"))
    """
    done = in_new_process(code)
    assert done.stdout == "[] Outcome(result=None, failure='was not started')\n", done.stderr


@linux
def test_a_mount_that_is_refused_later_is_a_failure_of_ours(tmp_path: Path) -> None:
    """Catches student's code that runs with less around it than was tried and told."""
    code = f"""
    namespaces.refused.append("/srv")
    confine.namespaces.go_on_in_child = lambda apart: None
    confine.os.setsid = lambda: None
    for refused in (None, ["/srv"], []):
        try: confine._confine(confine.Limits(9, 2 * 10**9), 0, refused, {str(tmp_path)!r})
        except PermissionError as error: open("said", "a").write(str(error))
    """
    in_new_process(code)
    said = (tmp_path / "said").read_text()
    assert said == "mounts are refused that were not before: ['/srv']"

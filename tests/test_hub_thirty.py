"""A class of thirty at the hub on a small machine: half of them fill their memory or spin.

`python -m pytest -m long -s tests/test_hub_thirty.py` prints what was measured.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest
import requests
from machine import lacks, need_packages

need_packages("hub", "jupyterhub")
from test_hub import LESSON, LONGEST, hub_for, wait_until

from benchmarks.students import Kernel, Student
from classroom.hub.trial import Hub, is_installed

assert sys.platform != "win32"  # where JupyterHub does not run
pytestmark = [pytest.mark.long, pytest.mark.alone]
if not is_installed():
    lacks("hub", "the hub's proxy is missing: `make deploy` installs it")
NEEDED = 12  # GB: thirty servers and kernels, of which fifteen have imported PyTorch
if psutil.virtual_memory().available < NEEDED * 1024**3:
    lacks("memory", f"{NEEDED} GB of free memory are needed")

NAMES = [f"student{number:02}" for number in range(30)]
LEARNERS, GLUTTONS, SPINNERS = NAMES[:15], NAMES[15:23], NAMES[23:]
ARRIVAL = 60  # seconds, in which all log in
PATIENCE = 5  # seconds, within which the hub answers anybody at any time
# Eight students who fill their memory at the same time must fit into this machine.
SITE = 'c.Spawner.mem_limit = "1G"'
SPIN = "while True: pass"
FILL = "held = []\nwhile True: held.append(b'x' * 10**7)"


@dataclass
class Class:
    """The hub, its students and their kernels, and the seconds that were measured."""

    hub: Hub
    students: dict[str, Student]
    kernels: dict[str, Kernel]
    answers: list[float]  # of the hub, to one request after another, all the time


def arrive(hub: Hub, student: Student) -> tuple[float, Kernel]:
    """Log in at the student's own second of the minute; return when the page came, and a kernel."""
    time.sleep(ARRIVAL * NAMES.index(student.name) / len(NAMES))
    student.log_in(hub.password)
    return time.monotonic(), student.open_kernel()


def begin(name: str, kernel: Kernel) -> None:
    if name in SPINNERS:
        kernel.send(SPIN)
    elif name in GLUTTONS:
        (error,) = kernel.run(FILL)
        assert error.ename == "MemoryError"
    else:
        assert kernel.run(f"import torch\nmine = {name!r}") == []


@contextlib.contextmanager
def asked_all_the_time(hub: Hub) -> Iterator[list[float]]:
    """Ask the hub for its page of logins again and again, and note how long each answer takes."""
    answers: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.5):
            started = time.monotonic()
            requests.get(f"{hub.address}/hub/login", timeout=LONGEST).raise_for_status()
            answers.append(time.monotonic() - started)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        try:
            yield answers
        finally:
            over.set()
        asking.result(timeout=LONGEST)


@pytest.fixture(scope="module")
def thirty() -> Iterator[Class]:
    with hub_for(*NAMES, site=SITE) as hub, contextlib.ExitStack() as browsers:
        students = {
            name: browsers.enter_context(contextlib.closing(Student(hub.address, name)))
            for name in NAMES
        }
        started = time.monotonic()
        with asked_all_the_time(hub) as answers, ThreadPoolExecutor(len(NAMES)) as pool:
            opened = list(pool.map(lambda student: arrive(hub, student), students.values()))
            ready = time.monotonic() - started
            pages = max(page for page, _ in opened) - started
            kernels = dict(zip(NAMES, (kernel for _, kernel in opened), strict=True))
            idle = len(answers)
            list(pool.map(begin, kernels, kernels.values()))
            wait_until(lambda: len(answers) >= idle + 20, LONGEST)  # while seven spin
        print(f"\nAfter the first of {len(NAMES)} logins, the last had its page in {pages:.0f} s")
        print(f"and a kernel in {ready:.0f} s. Of {len(answers)} answers of the hub meanwhile,")
        print(f"the longest took {max(answers):.2f} s.")
        yield Class(hub, students, kernels, answers)


def test_nobody_elses_kernel_ends(thirty: Class) -> None:
    for name in LEARNERS:
        (running,) = thirty.students[name].request("GET", "kernels")
        assert running["id"] == thirty.kernels[name].ident
        (output,) = thirty.kernels[name].run("mine")
        assert output.data["text/plain"] == repr(name)
    for name in SPINNERS:
        (running,) = thirty.students[name].request("GET", "kernels")
        assert running["execution_state"] == "busy"


def test_the_hub_answers_all_the_time(thirty: Class) -> None:
    """Catches a hub that stood still, or was never asked while the class worked."""
    assert len(thirty.answers) > 20
    assert max(thirty.answers) < PATIENCE


def test_nothing_is_lost_when_hub_and_proxy_are_restarted_one_after_the_other(
    thirty: Class,
) -> None:
    hub = thirty.hub
    for name in LEARNERS:
        notebook = thirty.students[name].read(LESSON)
        notebook.cells[0].source += f"\n\nRead by {name}."
        thirty.students[name].save(LESSON, notebook)
    hub.stop()
    hub.start()
    hub.proxy.kill()
    hub.proxy.wait(timeout=30)
    hub.start_proxy()

    def is_back(name: str) -> bool:
        student = thirty.students[name]
        with contextlib.suppress(OSError):
            url = f"{student.base}/api/status"
            return student.session.get(url, allow_redirects=False, timeout=60).status_code == 200
        return False

    started = time.monotonic()
    for name in LEARNERS:
        wait_until(lambda name=name: is_back(name), 120)  # type: ignore[misc]
        kernel = thirty.kernels[name]
        kernel.used = 0.0  # its websocket went with the proxy: connect again, as a page does
        (output,) = kernel.run("mine")
        assert output.data["text/plain"] == repr(name)
        assert thirty.students[name].read(LESSON).cells[0].source.endswith(f"Read by {name}.")
    print(f"\nAll are back {time.monotonic() - started:.0f} s after both were restarted.")

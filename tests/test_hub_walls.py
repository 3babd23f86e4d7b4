"""The walls between two students who are real users of the system, as on a real server.

The accounts are made for the test and removed after it, which only root can do.
"""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import users
from machine import need_packages, need_users
from notebook_checks import ROOT

need_packages("hub", "jupyterhub")
need_users()
from test_hub import LESSON, free_port

from benchmarks.students import Kernel, Student
from classroom.hub.trial import Hub

assert sys.platform != "win32"  # where JupyterHub does not run
pytestmark = pytest.mark.long

SITE = """
c.JupyterHub.authenticator_class = "pam"
c.JupyterHub.spawner_class = "localprocess"
c.Spawner.args.remove("--allow-root")
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # a student can pass, as on a server, and not look around
        Path(name, "home").mkdir(mode=0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def two(folder: Path) -> Iterator[tuple[Hub, Student, Student]]:
    with contextlib.ExitStack() as stack:
        accounts = dict(stack.enter_context(users.new(folder / "home")) for _ in range(2))
        opened = users.opened(folder / "stash")
        hub = stack.enter_context(Hub(folder, list(accounts), free_port(), SITE, opened))
        students = []
        for name, password in accounts.items():
            student = stack.enter_context(contextlib.closing(Student(hub.address, name)))
            student.log_in(password)
            students.append(student)
        first, second = students
        yield hub, first, second


@pytest.fixture(scope="module")
def kernel(two: tuple[Hub, Student, Student]) -> Kernel:
    return two[1].open_kernel()


def value(kernel: Kernel, code: str) -> str:
    """What a cell shows, or the name of its error."""
    (output,) = kernel.run(code)
    return str(output.ename if output.output_type == "error" else output.data["text/plain"])


def test_each_student_is_a_user_of_the_system(
    two: tuple[Hub, Student, Student], kernel: Kernel
) -> None:
    """Catches servers that all run as one user, or as root."""
    hub, first, second = two
    shown = value(kernel, "import getpass, os, pwd; pwd.getpwuid(os.getuid()).pw_name")
    assert shown == repr(first.name)
    for student in (first, second):
        assert {process.username() for process in hub.processes(student.name)} == {student.name}


def test_a_student_reads_and_writes_his_own_copy_and_no_other_file(
    two: tuple[Hub, Student, Student], kernel: Kernel
) -> None:
    """Catches a copy, or a file saved later, that others may read since their homes are open."""
    hub, _, second = two
    second.save(LESSON, second.read(LESSON))
    theirs = hub.folder / "home" / second.name / "linear-regression"
    assert theirs.is_dir()
    mine = f"pathlib.Path.home() / 'linear-regression' / {LESSON!r}"
    assert value(kernel, f"import pathlib; open({mine}, 'r+').read(1)") == "'{'"
    for path, how in [
        (theirs / LESSON, "r"),
        (theirs / LESSON, "a"),
        (theirs / "new.txt", "x"),
        (hub.folder / "jupyterhub.sqlite", "r"),
        (hub.folder / "jupyterhub_cookie_secret", "r"),
        (hub.folder / "site.py", "r"),
        (ROOT / "notebooks" / LESSON, "a"),
        (ROOT / "classroom" / "hub" / "server.py", "a"),
    ]:
        code = f"open({str(path)!r}, {how!r})"
        assert value(kernel, code) == "PermissionError", (path, how)
    for path in (theirs, theirs.parent / ".local"):
        code = f"import os; os.listdir({str(path)!r})"
        assert value(kernel, code) == "PermissionError", path


def test_a_student_cannot_end_or_look_into_processes_of_others(
    two: tuple[Hub, Student, Student], kernel: Kernel
) -> None:
    """Catches a shared user, to whom every process and its secrets belong."""
    hub, _, second = two
    others = hub.processes(second.name)
    assert others
    for pid in [process.pid for process in (*others, hub.process, *hub.started)]:  # type: ignore[attr-defined]
        for code in (f"os.kill({pid}, 0)", f"open('/proc/{pid}/environ').read()"):
            assert value(kernel, f"import os; {code}") == "PermissionError"


def test_a_student_cannot_use_the_server_of_another(
    two: tuple[Hub, Student, Student], kernel: Kernel
) -> None:
    """Catches a port of another's server that serves whoever is on the same machine."""
    hub, first, second = two
    assert first.raw("GET", f"{second.base}/api/contents").status_code == 403
    (url,) = {p.environ().get("JUPYTERHUB_SERVICE_URL") for p in hub.processes(second.name)}
    code = f"import urllib.request; urllib.request.urlopen('{url}api/contents')"
    assert value(kernel, code) == "HTTPError"


def test_the_limit_of_memory_holds_and_cannot_be_raised(kernel: Kernel) -> None:
    """Catches a limit that root alone is held to, or that its owner lifts."""
    assert value(kernel, "held = bytearray(3 * 10**9)") == "MemoryError"
    lift = "resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))"
    assert value(kernel, f"import resource; {lift}") == "ValueError"

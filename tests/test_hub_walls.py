"""The walls between two students who are real users of the system, as on a real server.

The accounts are made for the test and removed after it, which only root can do.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from notebook_checks import ROOT

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: `make deploy` does that")
from test_hub import LESSON, free_port

from benchmarks.students import Kernel, Student
from deploy.trial import Hub

assert sys.platform != "win32"  # where JupyterHub does not run
pytestmark = pytest.mark.long
if os.geteuid() != 0 or not all(map(shutil.which, ("useradd", "userdel", "chpasswd", "unshare"))):
    pytest.skip("only root can make users of the system", allow_module_level=True)

SITE = """
c.JupyterHub.authenticator_class = "pam"
c.JupyterHub.spawner_class = "localprocess"
c.Spawner.args.remove("--allow-root")
"""
# The checkout and its Python may lie in a folder of root, which no student can enter. In a mount
# namespace of its own the hub sees them there all the same, and nothing else of that folder.
OPEN_UP = r"""
set -e
stash=$1; shift
count=0
for folder in "$ROOT" "$PYTHON"; do
    count=$((count + 1))
    mkdir -p "$stash/$count"
    mount --bind "$folder" "$stash/$count"
done
count=0
for folder in "$ROOT" "$PYTHON"; do
    count=$((count + 1))
    closed=$folder
    while [ "$closed" != / ]; do
        closed=$(dirname "$closed")
        case $(stat -c %A "$closed") in *x|*t) ;; *)
            mount -t tmpfs -o mode=755 none "$closed"
            mkdir -p "$folder"
            mount --bind "$stash/$count" "$folder"
            break ;;
        esac
    done
done
exec "$@"
"""


@contextlib.contextmanager
def user(home: Path) -> Iterator[tuple[str, str]]:
    """A new user of the system, with a password, and with a home that others may look into."""
    name, password = f"student-{secrets.token_hex(4)}", secrets.token_urlsafe(9)
    add = ["useradd", "--create-home", "--home-dir", str(home / name), "--key", "HOME_MODE=0755"]
    subprocess.run([*add, name], check=True)
    try:
        subprocess.run(["chpasswd"], input=f"{name}:{password}", text=True, check=True)
        yield name, password
    finally:
        subprocess.run(["userdel", "--force", name], check=True, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # a student can pass, as on a server, and not look around
        Path(name, "home").mkdir(mode=0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def two(folder: Path) -> Iterator[tuple[Hub, Student, Student]]:
    with contextlib.ExitStack() as stack:
        accounts = dict(stack.enter_context(user(folder / "home")) for _ in range(2))
        open_up = ["env", f"ROOT={ROOT}", f"PYTHON={sys.base_prefix}", "unshare", "--mount"]
        open_up += ["sh", "-c", OPEN_UP, "sh", str(folder / "stash")]
        hub = stack.enter_context(Hub(folder, list(accounts), free_port(), SITE, open_up))
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
        (ROOT / "deploy" / "server.py", "a"),
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

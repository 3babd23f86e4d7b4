"""The hub as it is deployed, with a class: the real JupyterHub, its proxy, servers and kernels.

Everything goes through its HTTP interface, on this machine alone.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
import websocket
from machine import lacks, need_packages
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, coalesce_streams, nocolors
from notebook_checks import ROOT, code_cells, is_explorer
from test_nbval import sanitize

need_packages("hub", "jupyterhub")
from benchmarks.students import Kernel, Student
from classroom.hub.trial import CONFIG, DEPLOY, Hub, is_installed

pytestmark = [pytest.mark.long, pytest.mark.alone]
if not is_installed():
    lacks("hub", "the hub's proxy is missing: `make deploy` installs it")

CLASS = ("ada", "emmy", "grace", "hypatia", "katherine", "mary", "maryam", "sophie")
LESSON = "03_regression_from_scratch.ipynb"
STORED: NotebookNode = nbformat.read(ROOT / "notebooks" / LESSON, as_version=4)
LONGEST = 300  # seconds that one waits for another: ten times what an idle machine needs
# What nbval leaves out of its comparison, pictures among it.
SKIPPED = {"metadata", "traceback", "text/latex", "prompt_number", "output_type", "name"}
SKIPPED |= {"execution_count", "application/vnd.jupyter.widget-view+json", "image/png"}


def free_port() -> int:
    """Return the first of three ports that nobody has."""
    for port in range(20000, 30000, 10):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for offset in range(3):
                probe = stack.enter_context(socket.socket())
                probe.bind(("127.0.0.1", port + offset))
            return port
    raise OSError("no three free ports in a row")


@contextlib.contextmanager
def hub_for(*students: str, site: str = "") -> Iterator[Hub]:
    with (
        tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder,
        Hub(Path(folder), students, free_port(), site) as hub,
    ):
        try:
            yield hub
        except BaseException:
            print(hub.log())  # else it is gone with the folder
            raise


def differs(cell: NotebookNode, outputs: list[NotebookNode]) -> str:
    """Say how outputs differ from the stored ones, by nbval's own comparison."""
    judge = SimpleNamespace(colors=nocolors, sanitize=sanitize, comparison_traceback=[])
    judge.format_output_compare = lambda *sides: judge.comparison_traceback.append(str(sides))
    if is_explorer(cell) or IPyNbCell.compare_outputs(
        judge, coalesce_streams(outputs), cell.outputs, skip_compare=SKIPPED
    ):
        return ""
    return f"{cell.id}: {judge.comparison_traceback}"


# A class


@dataclass
class Lesson:
    """What happened to a student in the lesson."""

    student: Student
    kernel: Kernel | None = None
    differences: list[str] = field(default_factory=list)
    ran: int = 0


@dataclass
class Class:
    """The hub after the lesson."""

    hub: Hub
    lessons: dict[str, Lesson]
    trouble: dict[str, object]


def learn(hub: Hub, lesson: Lesson, half: threading.Barrier) -> None:
    """Log in, run the notebook whole, and save a change; in the middle, wait for the others."""
    student = lesson.student
    student.log_in(hub.password)
    notebook = student.read(LESSON)
    cells = code_cells(notebook)
    assert not any(cell.outputs for cell in cells), "the copy shows the answers"
    lesson.kernel = student.open_kernel()
    for place, (cell, stored) in enumerate(zip(cells, code_cells(STORED), strict=True)):
        if place == len(cells) // 2:
            half.wait(timeout=LONGEST)  # the hub is stopped
        cell.outputs = lesson.kernel.run(cell.source)
        lesson.differences += filter(None, [differs(stored, cell.outputs)])
        lesson.ran += 1
    notebook.cells[0].source += f"\n\nRead by {student.name}."
    student.save(LESSON, notebook)


def make_trouble(
    hub: Hub, student: Student, half: threading.Barrier, over: threading.Event
) -> dict[str, object]:
    """Open a kernel that exits, one that fills its memory, and one that spins to the end."""
    student.log_in(hub.password)
    leaver, glutton, spinner = (student.open_kernel() for _ in range(3))
    spinner.send("import time\nend = time.time() + 300\nwhile time.time() < end: pass")
    leaver.send("import os; os._exit(1)")
    fill = "held = []\nwhile True: held.append(b'x' * 10**7)"
    (error,) = glutton.run(fill)
    glutton.run("held = None")
    half.wait(timeout=LONGEST)
    deadline = time.monotonic() + 60
    while student.request("GET", f"kernels/{leaver.ident}")["execution_state"] == "dead":
        assert time.monotonic() < deadline, "the kernel that left did not come back"
        time.sleep(0.5)
    leaver.connect()
    over.wait(timeout=LONGEST)
    spins = student.request("GET", f"kernels/{spinner.ident}")["execution_state"]
    student.request("DELETE", f"kernels/{spinner.ident}")
    return {
        "error": error.ename,
        "after": [leaver.run("1 + 1"), glutton.run("1 + 1")],
        "spins": spins,
    }


@pytest.fixture(scope="module")
def lesson() -> Iterator[Class]:
    """Eight students in the same lesson, beside one who makes trouble; the hub is restarted."""
    with hub_for(*CLASS, "trouble") as hub, contextlib.ExitStack() as browsers:
        students = {
            name: browsers.enter_context(contextlib.closing(Student(hub.address, name)))
            for name in hub.students
        }
        lessons = {name: Lesson(students[name]) for name in CLASS}
        half, over = threading.Barrier(len(CLASS) + 1, hub.stop, timeout=LONGEST), threading.Event()
        with ThreadPoolExecutor(len(CLASS) + 1) as pool:
            trouble = pool.submit(make_trouble, hub, students["trouble"], half, over)
            done = [pool.submit(learn, hub, lesson, half) for lesson in lessons.values()]
            try:
                for future in done:
                    future.result(timeout=LONGEST)
            except BaseException:
                half.abort()
                raise
            finally:
                over.set()
            result = trouble.result(timeout=60)
        hub.start()
        yield Class(hub, lessons, result)


@pytest.mark.parametrize("name", CLASS)
def test_eight_at_once_get_the_stored_outputs_though_the_hub_is_stopped_halfway(
    lesson: Class, name: str
) -> None:
    """Catches a server that shares, starves or loses kernels, or that dies with the hub."""
    assert lesson.lessons[name].ran == len(code_cells(STORED))
    assert lesson.lessons[name].differences == []


def test_the_class_ran_beside_kernels_that_exit_fill_their_memory_and_spin(lesson: Class) -> None:
    """Catches a limit of memory that is not there, and a troublemaker whom it locks out."""
    assert lesson.trouble["error"] == "MemoryError"
    assert lesson.trouble["spins"] == "busy"
    for outputs in lesson.trouble["after"]:  # type: ignore[attr-defined]
        assert outputs[0].data["text/plain"] == "2"


def test_no_kernel_is_lost_when_the_hub_comes_back(lesson: Class) -> None:
    """Catches a hub that ends the servers it finds, or gives them other addresses."""
    for done in lesson.lessons.values():
        assert done.kernel
        (running,) = done.student.request("GET", "kernels")
        assert running["id"] == done.kernel.ident
        (output,) = done.kernel.run("type(w).__name__")
        assert output.data["text/plain"] == "'Tensor'"


def test_a_second_login_finds_the_server_and_the_changed_copy(lesson: Class) -> None:
    """Catches a copy that is laid anew at each login, from a browser that knows nothing yet."""
    with contextlib.closing(Student(lesson.hub.address, "ada")) as ada:
        ada.log_in(lesson.hub.password)
        assert ada.read(LESSON).cells[0].source.endswith("Read by ada.")
        assert len(ada.request("GET", "kernels")) == 1


def test_the_changed_copy_outlives_the_server_too(lesson: Class) -> None:
    """Catches an update, which every start of a server makes, over a student's work."""
    emmy = lesson.lessons["emmy"].student
    before = emmy.request("GET", "contents")["content"]
    assert emmy.hub("DELETE", "users/emmy/server").status_code in (202, 204)
    while emmy.hub("GET", "users/emmy").json()["servers"]:
        time.sleep(0.2)
    emmy.log_in(lesson.hub.password)
    assert emmy.request("GET", "kernels") == []
    assert emmy.read(LESSON).cells[0].source.endswith("Read by emmy.")
    after = emmy.request("GET", "contents")["content"]
    assert {item["name"] for item in after} == {item["name"] for item in before}


def test_a_proxy_that_falls_over_finds_all_servers_again(lesson: Class) -> None:
    """Catches a hub that tells the proxy its routes once, and then not for minutes."""
    hub, grace, kernel = lesson.hub, lesson.lessons["grace"].student, lesson.lessons["grace"].kernel
    hub.proxy.kill()
    hub.proxy.wait(timeout=30)
    hub.start_proxy()

    def is_back() -> bool:
        with contextlib.suppress(OSError):
            url = f"{grace.base}/api/status"
            return grace.session.get(url, allow_redirects=False, timeout=60).status_code == 200
        return False

    wait_until(is_back, 60)
    for done in lesson.lessons.values():
        assert done.kernel
        done.kernel.used = 0.0  # its websocket went with the proxy: connect again, as a page does
    assert kernel
    assert kernel.run("type(w).__name__")[0].data["text/plain"] == "'Tensor'"


def test_the_page_that_opens_lists_the_course(lesson: Class) -> None:
    """Catches a server that opens in a home folder, where nobody finds the notebooks."""
    grace = lesson.lessons["grace"].student
    assert grace.page.removesuffix("?redirects=1") == f"{grace.base}/lab"
    names = {item["name"] for item in grace.request("GET", "contents")["content"]}
    assert names == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_a_kernel_has_one_thread_and_a_limit_it_cannot_raise(lesson: Class) -> None:
    """Catches sixty kernels with a thread for each core."""
    kernel = lesson.lessons["mary"].kernel
    assert kernel
    (output,) = kernel.run(
        "import resource, torch\n"
        "torch.get_num_threads(), set(resource.getrlimit(resource.RLIMIT_DATA)) == {2 << 30}"
    )
    assert output.data["text/plain"] == "(1, True)"


@pytest.mark.parametrize("path", ["lab", "api/contents", f"files/{LESSON}", "api/kernels"])
def test_nobody_reads_anothers_server(lesson: Class, path: str) -> None:
    """Catches a server that lets in whoever is logged in at the hub."""
    ada, emmy = (lesson.lessons[name].student for name in ("ada", "emmy"))
    ada.session.get(f"{ada.base}/lab", timeout=60)
    assert ada.raw("GET", f"{ada.base}/{path}").status_code == 200
    assert ada.raw("GET", f"{emmy.base}/{path}").status_code == 403


def test_nobody_reaches_anothers_kernel(lesson: Class) -> None:
    """Catches a websocket, which is not checked as a page is, that runs code for anybody."""
    sophie, mary = (lesson.lessons[name] for name in ("sophie", "mary"))
    assert mary.kernel
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        sophie.student.connect(f"{mary.student.base}/api/kernels/{mary.kernel.ident}/channels")
    assert caught.value.status_code == 403


BESIDE_THE_PROXY = """
import os, urllib.error, urllib.request
def status(url, scheme, token, method="GET"):
    headers = {{"Authorization": f"{{scheme}} {{token}}"}}
    request = urllib.request.Request(url, None, headers, method=method)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code
mine = os.environ["JUPYTERHUB_API_TOKEN"]
[
    status("{server}api/contents", "token", mine),
    status("{hub}/users", "token", mine),
    status("{hub}/users/mary/server", "token", mine, "DELETE"),
    status("{proxy}/api/routes", "token", mine),
]
"""


def test_nobody_gets_past_the_proxy_with_the_token_of_his_own_kernel(lesson: Class) -> None:
    """Catches a server, a hub or a proxy's API that trusts whoever sits on the same machine."""
    kernel = lesson.lessons["sophie"].kernel
    assert kernel
    (server,) = {
        url
        for process in lesson.hub.processes("mary")
        if (url := process.environ().get("JUPYTERHUB_SERVICE_URL"))
    }
    port = lesson.hub.port
    hub, proxy = f"http://127.0.0.1:{port + 2}/hub/api", f"http://127.0.0.1:{port + 1}"
    (output,) = kernel.run(BESIDE_THE_PROXY.format(server=server, hub=hub, proxy=proxy))
    answers = output.data["text/plain"]
    assert answers == "[403, 403, 403, 403]", answers


def test_nobody_is_let_in_without_the_password_or_with_a_name_of_his_own(lesson: Class) -> None:
    """Catches an authenticator that admits everybody."""
    for name, password in (("ada", "wrong"), ("eve", lesson.hub.password)):
        with (
            contextlib.closing(Student(lesson.hub.address, name)) as student,
            pytest.raises(PermissionError, match=name),
        ):
            student.log_in(password)


def test_it_listens_on_this_machine_alone(lesson: Class) -> None:
    """Catches a port that is open on every address of the machine."""
    for offset in range(3):
        with pytest.raises(OSError, match=r"refused|timed out|assign"):
            socket.create_connection(("127.0.0.2", lesson.hub.port + offset), timeout=5)


def test_nobody_takes_a_port_before_its_server_listens(tmp_path: Path) -> None:
    """Catches a server whose port another student's kernel can take while it starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/user/ada/"
    environment = os.environ | {"HOME": str(tmp_path), "JUPYTERHUB_SERVICE_URL": url}
    environment |= {"JUPYTERHUB_ROOT_DIR": "~/work", "JUPYTERHUB_API_TOKEN": "x"}
    environment |= {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", "JUPYTERHUB_USER": "ada"}
    environment["JUPYTERHUB_API_URL"] = "http://127.0.0.1:9/hub/api"  # nobody is there
    command = [sys.executable, str(DEPLOY / "server.py"), "--allow-root"]
    with subprocess.Popen(command, env=environment, start_new_session=True) as server:
        try:
            starting = psutil.Process(server.pid)
            for seen in ("server.py", "jupyterhub.singleuser"):  # before and after it becomes that
                wait_until(lambda seen=seen: seen in " ".join(starting.cmdline()), 60)  # type: ignore[misc]
                wait_until((tmp_path / "work").exists, 60)
                with socket.socket() as other, pytest.raises(OSError, match="in use"):
                    other.bind(("127.0.0.1", port))
                with socket.socket() as page:
                    assert page.connect_ex(("127.0.0.1", port)) != 0  # nobody listens yet
        finally:
            os.killpg(server.pid, signal.SIGKILL)


# Idle


def test_idle_kernels_and_servers_are_ended_though_a_page_is_open() -> None:
    """Catches settings that cull nothing: the deployed ones, with seconds in place of hours."""
    site = """
c.Spawner.args = [a.replace("=3600", "=2").replace("=60", "=1") for a in c.Spawner.args]
(culler,) = c.JupyterHub.services
culler["command"] = [a.replace("=7200", "=20") for a in culler["command"]]
c.JupyterHub.last_activity_interval = 1
c.Spawner.environment["JUPYTERHUB_ACTIVITY_INTERVAL"] = "1"
"""
    with hub_for("ada", site=site) as hub, contextlib.closing(Student(hub.address, "ada")) as ada:
        ada.log_in(hub.password)
        ada.open_kernel().run("x = 1")
        wait_until(lambda: len(hub.processes("ada")) == 1, 12)  # long before its server ends
        wait_until(lambda: not hub.processes("ada"), 90)


def wait_until(happened: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)


# Refusals


@pytest.mark.parametrize(
    ("program", "site", "token", "advice"),
    [
        ("hub", None, "x", "It must say who is let in"),
        ("hub", "", "x", "must choose c.JupyterHub.authenticator_class"),
        ("hub", "c.JupyterHub.authenticator_class = 'pam'", "", "CONFIGPROXY_AUTH_TOKEN"),
        ("proxy", None, "", "CONFIGPROXY_AUTH_TOKEN"),
    ],
)
def test_without_what_only_the_site_can_choose_nothing_starts(
    program: str, site: str | None, token: str, advice: str, tmp_path: Path
) -> None:
    """Catches a default of what must have none: who is let in, and every secret."""
    if site is not None:
        (tmp_path / "site.py").write_text(site)
    command = ["-m", "jupyterhub", "-f", str(CONFIG)]
    run = subprocess.run(
        [sys.executable, *(command if program == "hub" else [str(DEPLOY / "proxy.py")])],
        cwd=tmp_path,
        env=os.environ | {"CONFIGPROXY_AUTH_TOKEN": token, "HUB_PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 1
    assert advice in run.stderr
    assert "Traceback" not in run.stderr


# The trial


def test_the_trial_says_what_it_is_and_leaves_nothing(tmp_path: Path) -> None:
    """Catches a trial that is taken for the real thing, creates accounts, or leaves processes."""
    accounts = Path("/etc/passwd").read_bytes()
    command = [sys.executable, "-m", "classroom.hub"]
    environment = os.environ | {"HUB_PORT": str(free_port()), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as trial:
        assert trial.stdout
        try:
            said = ""
            while not said.rstrip().endswith("removed"):
                said += trial.stdout.readline() or pytest.fail(f"it ended: {said}")
            found = re.search(
                r"open +(\S+)\s+log in +as ada or emmy, with the password (\S+)", said
            )
            assert found
            with contextlib.closing(Student(found[1], "emmy")) as emmy:
                emmy.log_in(found[2])
                emmy.open_kernel().run("import subprocess; subprocess.Popen(['sleep', '300'])")
            assert len(started_in(tmp_path)) > 4
        finally:
            trial.send_signal(signal.SIGINT)
        rest = trial.stdout.read()
        trial.wait(timeout=60)
    assert "THIS IS A TRIAL" in said
    assert "there is no wall between them" in said
    assert "nothing of it is left" in rest
    assert trial.returncode == 0
    assert started_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    assert Path("/etc/passwd").read_bytes() == accounts


def started_in(folder: Path) -> list[str]:
    """Every process whose home is in a folder, found apart from the trial's own way."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"HOME={folder}".encode() in path.read_bytes():
                found.append(path.parent.name)
    return found

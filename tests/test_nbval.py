"""Every notebook, run anew, gives the outputs that are stored in it."""

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.plugin import get_sanitize_patterns
from notebook_checks import COURSE, ROOT

SANITIZER = ROOT / "tests" / "sanitize.cfg"

# In namespaces of its own, a process sees a read-only checkout, and no network but itself.
NAMESPACES = [
    ["unshare", "--user", "--map-root-user", "--mount", "--net"],
    ["unshare", "--mount", "--net"],
]
ISOLATE = r"""
set -e
mount --bind "$0" "$0"
mount -o remount,bind,ro "$0"
cd "$0"
"$1" -c 'import fcntl, socket, struct
switch_on_loopback = struct.pack("16sh22x", b"lo", 1)
fcntl.ioctl(socket.socket(), 0x8914, switch_on_loopback)'
exec "$@"
"""
PROVE_ISOLATION = """
import errno, socket, tempfile
try:
    tempfile.TemporaryFile(dir="notebooks")
except OSError as error:
    assert error.errno == errno.EROFS, error
else:
    raise AssertionError("notebooks/ can be written to")
try:
    socket.create_connection(("1.1.1.1", 53), timeout=5)
except OSError as error:
    assert error.errno == errno.ENETUNREACH, error
else:
    raise AssertionError("the network can be reached")
"""
RUNS = {
    "one thread, offline, read-only": {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    },
    "two threads, another CPU": {
        "OMP_NUM_THREADS": "2",
        "MKL_NUM_THREADS": "2",
        "ATEN_CPU_CAPABILITY": "default",
    },
}


@functools.cache
def isolation() -> tuple[str, ...]:
    """Start a command line with this and the rest of it runs isolated; empty if that cannot be."""
    for namespaces in NAMESPACES:
        may_mount = [*namespaces, "mount", "--bind", str(ROOT), str(ROOT)]
        if (
            shutil.which("unshare")
            and subprocess.run(may_mount, stderr=subprocess.DEVNULL).returncode == 0
        ):
            return (*namespaces, "sh", "-c", ISOLATE, str(ROOT))
    return ()


def nbval(
    *notebooks: Path, prefix: tuple[str, ...] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    pytest_alone = ["-q", "-p", "no:cacheprovider", "-o", "addopts=", "-o", "filterwarnings="]
    options = [
        "--nbval",
        "--nbval-current-env",
        "--nbval-cell-timeout=120",
        f"--nbval-sanitize-with={SANITIZER}",
    ]
    return subprocess.run(
        [*prefix, sys.executable, "-m", "pytest", *pytest_alone, *options, *map(str, notebooks)],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


@pytest.mark.parametrize("name", RUNS)
def test_the_whole_course_gives_its_stored_outputs(name: str) -> None:
    prefix = isolation() if "offline" in name else ()
    run = nbval(*COURSE, prefix=prefix, **RUNS[name])
    if run.returncode != 0:
        pytest.fail(run.stdout, pytrace=False)


def test_the_first_run_is_offline_and_cannot_write_to_the_checkout() -> None:
    if not isolation():
        pytest.skip("no namespaces here: the notebooks ran online and in a writable checkout")
    proof = [*isolation(), sys.executable, "-c", PROVE_ISOLATION]
    subprocess.run(proof, check=True)


def test_every_rule_of_the_sanitizer_is_loaded() -> None:
    text = SANITIZER.read_text(encoding="utf-8")
    assert len(get_sanitize_patterns(text)) == text.count("[regex") > 0


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("loop 31893.01 µs, epoch 17.78 ms", "loop TIME, epoch TIME"),
        ("1.6 µs", "1.6 µs"),
        ("1.611 µs", "1.611 µs"),
        ("0.03 s", "0.03 s"),
        ("3.14 msteps", "3.14 msteps"),
        ("loss 0.12", "loss 0.12"),
    ],
)
def test_the_sanitizer_hides_measured_times_and_nothing_else(text: str, compared: str) -> None:
    assert sanitize(text) == compared


def sanitize(text: str) -> str:
    for regex, replacement in get_sanitize_patterns(SANITIZER.read_text(encoding="utf-8")):
        text = re.sub(regex, replacement, text)
    return text


def up_to_a_printed_number(notebook: NotebookNode) -> NotebookNode:
    """The notebook's beginning, as far as the first cell that prints a number to be compared."""
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and re.search(r"\d", printed(cell)):
            notebook.cells = notebook.cells[: place + 1]
            return notebook
    raise AssertionError("no cell prints a number")


def printed(cell: NotebookNode) -> str:
    return sanitize("".join(output.get("text", "") for output in cell.outputs))


def unchanged(cell: NotebookNode) -> None:
    pass


def another_number(cell: NotebookNode) -> None:
    text = re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), printed(cell), count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text=text)]


def another_time(cell: NotebookNode) -> None:
    cell.outputs.append(nbformat.v4.new_output("stream", text="777.77 µs\n"))
    cell.source += "\nprint('0.01 µs')"


def no_output(cell: NotebookNode) -> None:
    cell.outputs = []


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (unchanged, "passed"),
        (another_time, "passed"),
        (another_number, "Cell outputs differ"),
        (no_output, "Cell outputs differ"),
    ],
)
def test_a_changed_output_is_noticed(
    change: Callable[[NotebookNode], None], verdict: str, tmp_path: Path
) -> None:
    notebook = up_to_a_printed_number(nbformat.read(COURSE[0], as_version=4))
    change(notebook.cells[-1])
    nbformat.write(notebook, tmp_path / "copy.ipynb")
    run = nbval(tmp_path / "copy.ipynb")
    assert (run.returncode == 0) == (verdict == "passed"), run.stdout
    assert verdict in run.stdout

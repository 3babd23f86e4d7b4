"""A class at the hub: what a student costs, and so which server a class needs."""

# mypy: untyped-calls-exclude="nbformat,nbconvert"
import contextlib
import functools
import math
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode

from benchmarks.measure import Skipped, elapsed, interleaved
from benchmarks.processes import ROOT

NOTEBOOKS = ROOT / "notebooks"
FIRST, WHOLE = "01_vectorization.ipynb", "03_regression_from_scratch.ipynb"
STUDENTS = ("ada", "emmy", "grace", "sophie")
PORT = 18000
SIZES = (15, 30, 60, 120)
MINUTE = 60  # seconds, in which a class that logs in together shall see its first output
SYSTEM = 2.0  # GB, for the system and the hub
LINE = "| {:>8} | {:>26} | {:>9} | {:>5} |"
RULE = f"| {'-' * 7}: | {'-' * 25}: | {'-' * 8}: | {'-' * 4}: |"


@dataclass(frozen=True)
class Costs:
    """What a student costs: memory in MB, times in seconds."""

    student: float  # the server and one kernel, after a whole notebook
    kernel: float  # that kernel
    first_output: float  # from the login to the first output, one student at a time
    kernel_alone: float  # the same cells in a kernel without a hub
    processor: float  # the processors' time from the login to the first output, the hub's included


@functools.cache
def costs() -> Costs:
    """Measure students who log in one after the other, and then run a notebook at once."""
    if sys.platform == "win32":
        raise Skipped("JupyterHub does not run here")
    from benchmarks.students import Student
    from classroom.hub.trial import Hub, is_installed

    if not is_installed():
        raise Skipped("no hub: `make deploy` installs it")
    with (
        tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder,
        Hub(Path(folder), STUDENTS, PORT) as hub,
        contextlib.ExitStack() as browsers,
    ):
        students = [Student(hub.address, name) for name in STUDENTS]
        for student in students:
            browsers.callback(student.close)
        arriving = iter(students)

        def arrive() -> None:
            student = next(arriving)
            student.log_in(hub.password)
            student.run(up_to_first_output())

        before = _processor_seconds(hub.processes())
        first, alone = interleaved(
            lambda: elapsed(arrive), lambda: elapsed(_run_alone), rounds=len(students)
        )
        processor = (_processor_seconds(hub.processes()) - before) / len(students)
        lesson = [cell.source for cell in _code(NOTEBOOKS / WHOLE)]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda student: student.run(lesson), students))
        shares = [[_megabytes(process) for process in hub.processes(name)] for name in STUDENTS]
    student_mb = sum(map(sum, shares)) / len(shares)
    return Costs(student_mb, sum(map(max, shares)) / len(shares), first, alone, processor)


def table() -> list[str]:
    """Return the lines of the README's table for a class."""
    cost = costs()
    lines = [LINE.format("students", "GB, one notebook open each", "GB, three", "cores"), RULE]
    for size in SIZES:
        memory = (
            SYSTEM + size * mb / 1024 for mb in (cost.student, cost.student + 2 * cost.kernel)
        )
        cores = math.ceil(size * cost.processor / MINUTE)
        lines.append(LINE.format(size, *map(math.ceil, memory), cores))
    return lines


def up_to_first_output() -> list[str]:
    """Return the first cells of the course, as far as the first that shows something."""
    sources = []
    for cell in _code(NOTEBOOKS / FIRST):
        sources.append(cell.source)
        if cell.outputs:
            return sources
    raise RuntimeError(f"{FIRST} shows nothing")


def _code(path: Path) -> list[NotebookNode]:
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def _run_alone() -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in up_to_first_output()]
    quiet = ["--log-level=ERROR"]
    runner = ExecutePreprocessor(timeout=120, kernel_name="python3", extra_arguments=quiet)
    runner.preprocess(nbformat.v4.new_notebook(cells=cells), {})


def _processor_seconds(processes: Iterable[Any]) -> float:
    return sum(sum(process.cpu_times()[:4]) for process in processes)  # children included


def _megabytes(process: Any) -> float:
    """Return what a process holds; of what it shares with others, its share."""
    memory = process.memory_full_info()
    return float(getattr(memory, "pss", memory.uss)) / 1024**2

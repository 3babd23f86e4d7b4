"""Notebook 06 where things go wrong: a cell that is stopped, a machine that refuses processes."""

import contextlib
import multiprocessing
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import nbformat
import numpy as np
import psutil
import pytest
import torch
from hypothesis import given
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from notebook_checks import ROOT, code_cells

import d2lhelpers
from d2lhelpers import exercises
from d2lhelpers.scale.stream import Stream

NOTEBOOK = ROOT / "notebooks" / "06_beyond_one_machine.ipynb"
OF_PYTHON = re.compile("multiprocessing.(resource_tracker|forkserver)")
STARTS = "if processes.allowed():"
REFUSE = """
import multiprocessing.process, subprocess
def refuse(*_, **__):
    raise PermissionError("no processes here")
multiprocessing.process.BaseProcess.start = subprocess.Popen = refuse
"""


@pytest.fixture
def cells() -> list[NotebookNode]:
    return code_cells(nbformat.read(NOTEBOOK, as_version=4))


class Kernel:
    """A kernel with a folder for temporary files of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(
            cwd=str(NOTEBOOK.parent), env=os.environ | {"TMPDIR": str(folder), "TEMP": str(folder)}
        )
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        _, pid = self.run("import os; print(os.getpid())")
        self.process = psutil.Process(int(pid))

    def run(self, source: str) -> tuple[str, str]:
        """Run a cell; return its status and what it printed."""
        return self.wait(self.client.execute(source))

    def wait(self, request: str) -> tuple[str, str]:
        status, printed = "", ""
        while status == "":
            reply = self.client.get_shell_msg(timeout=300)
            if reply["parent_header"].get("msg_id") == request:
                status = reply["content"]["status"]
        while True:
            message: dict[str, Any] = self.client.get_iopub_msg(timeout=60)
            content = message["content"]
            if message["parent_header"].get("msg_id") != request:
                continue
            printed += content.get("text", "")
            if content.get("execution_state") == "idle":
                return status, printed

    def others(self) -> list[Any]:
        """The processes that descend from the kernel, but for those that Python keeps."""
        found = []
        for process in self.process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one of them
                if not OF_PYTHON.search(" ".join(process.cmdline())):
                    found.append(process)
        return found

    def leftovers(self) -> list[str]:
        """The folders left, but for PyTorch's (any optimizer makes it) and Python's own."""
        names = [path.name for path in self.folder.iterdir() if path.is_dir()]
        return [name for name in names if not name.startswith(("torchinductor", "pymp-"))]


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


# A word of the cell, and how many processes it has when it is stopped.
STOPPED = {
    "epoch_times(stream": 1,
    "cost.measure(": 2,
    "processes.torchrun(2, *module)": 3,
}


@pytest.mark.long
@pytest.mark.alone
@pytest.mark.parametrize("word", STOPPED)
def test_nothing_outlives_a_cell_that_is_stopped(
    word: str, kernel: Kernel, cells: list[NotebookNode]
) -> None:
    """Catches workers, torchrun's grandchildren and pieces on disk that stay after an interrupt."""
    (place,) = (i for i, cell in enumerate(cells) if word in cell.source)
    for cell in cells[:place]:
        if "plt.show" not in cell.source:
            status, _ = kernel.run(cell.source.split(STARTS)[0])
            assert status == "ok", cell.source
    assert kernel.others() == []
    request = kernel.client.execute(f"{cells[place].source}\n    while True: pass")
    for _ in range(12000):
        started = kernel.others()
        if len(started) >= STOPPED[word]:
            break
        time.sleep(0.01)
    else:
        pytest.fail("its processes have not started")
    kernel.manager.interrupt_kernel()
    status, _ = kernel.wait(request)
    assert status == "error"
    _, alive = psutil.wait_procs(started, timeout=30)  # a worker may take a moment to notice
    # What has ended stands in the table of processes until the kernel asks how.
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
    assert kernel.others() == []
    assert kernel.leftovers() == []


@pytest.mark.long
@pytest.mark.alone
def test_where_processes_are_refused_every_cell_says_so(
    kernel: Kernel, cells: list[NotebookNode]
) -> None:
    """Catches a cell that fails in a sandbox, or that leaves its claim out without a word."""
    kernel.run(cells[0].source)
    kernel.run(REFUSE)
    for cell in cells[1:]:
        status, printed = kernel.run(cell.source)
        assert status == "ok", cell.source
        refused = "Skipped: this machine refuses other processes (PermissionError)."
        assert (refused in printed) == (STARTS in cell.source), cell.source


@pytest.mark.long
@pytest.mark.alone
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_it_runs_where_processes_start_otherwise_and_in_little_memory(
    method: str, kernel: Kernel, cells: list[NotebookNode]
) -> None:
    """Catches a worker that needs what only a fork has, as on Windows, macOS and Python 3.14."""
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    kernel.run(cells[0].source)
    kernel.run(f"import multiprocessing; multiprocessing.set_start_method('{method}', force=True)")
    after_imports = float(kernel.run("print(processes.peak_megabytes())")[1])
    for cell in cells[1:]:
        status, _ = kernel.run(cell.source)
        assert status == "ok", cell.source
    assert float(kernel.run("print(processes.peak_megabytes())")[1]) < after_imports + 300
    assert kernel.others() == []
    assert kernel.leftovers() == []


@given(
    num_rows=st.integers(11, 300),
    cuts=st.lists(st.integers(0, 300), max_size=9),
    seed=st.integers(0, 99),
)
def test_one_pass_gives_the_exact_answer_whatever_the_cuts(
    num_rows: int, cuts: list[int], seed: int
) -> None:
    """Catches sums that depend on where the data are cut, empty pieces among them."""
    names: dict[str, Any] = {"torch": torch, "rows": torch.zeros(1, 2)}
    for cell in code_cells(nbformat.read(NOTEBOOK, as_version=4)):
        if "def unpack(" in cell.source or "def one_pass(" in cell.source:
            exec(cell.source, names)
    rows = torch.randn(num_rows, 4, generator=torch.Generator().manual_seed(seed))
    exact = torch.linalg.lstsq(*names["unpack"](rows.double())).solution
    answer = names["one_pass"](rows.tensor_split(sorted(cuts)))
    torch.testing.assert_close(answer, exact, rtol=0, atol=1e-6)


def test_at_the_rate_of_the_third_exercise_four_processes_follow_one() -> None:
    """Catches a mistake that the exercise does not cure, although its section says so."""
    names: dict[str, Any] = {"torch": torch, "synthetic_data": d2lhelpers.synthetic_data}
    needed = r"(?m)^(true_w, |A, y = |in_order = |def (make|gradient|epochs)\()"
    for cell in code_cells(nbformat.read(NOTEBOOK, as_version=4)):
        if re.search(needed, cell.source):
            exec(cell.source, names)
    rate = exercises.parallel_lr.specification.solution(0.01, 4, 0.3)
    four = names["descend"](names["epochs"](names["rows"], 400), lr=rate)[19::20]
    assert four == pytest.approx(names["curves"]["1 process"], rel=0.1)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_processes_may_read_streams_of_their_own_pieces(size: int, tmp_path: Path) -> None:
    """Catches a stream that cannot take the place of the memory map, as the notebook says."""
    pieces = [tmp_path / f"{i}.npy" for i in range(8)]
    for i, piece in enumerate(pieces):
        np.save(piece, np.arange(1000.0 * i, 1000.0 * (i + 1))[:, None])
    streams = [Stream(pieces[rank::size], 400 // size) for rank in range(size)]
    steps = [[len(part) for part in parts] for parts in zip(*streams, strict=True)]
    assert all(len(set(parts)) == 1 for parts in steps)
    served = torch.cat([part for stream in streams for part in stream])
    assert served.flatten().sort().values.tolist() == list(range(8000))

"""What needs a fresh process: the cost of an import, and the notebooks as students run them."""

# mypy: untyped-calls-exclude="nbformat,nbconvert"
import inspect
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor

from benchmarks.measure import Skipped, elapsed, interleaved, peak_megabytes

ROOT = Path(__file__).parents[1]
SANITIZER = ROOT / "tests" / "sanitize.cfg"
PRINT_PEAK = f"import sys\n{inspect.getsource(peak_megabytes)}\nprint(peak_megabytes())"
PRINT_SECONDS = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def import_seconds(ours: str, reference: str, rounds: int) -> tuple[float, float]:
    """Return the seconds that two imports take, each in fresh interpreters."""
    a, b = (PRINT_SECONDS.format(f"import {module}") for module in (ours, reference))
    return interleaved(lambda: _child(a), lambda: _child(b), rounds)


def import_megabytes(ours: str, reference: str, rounds: int) -> tuple[float, float]:
    """Return the peak memory of interpreters that import one module or the other."""
    _need(find_spec("resource"), "module resource")
    a, b = (f"import {module}\n{PRINT_PEAK}" for module in (ours, reference))
    return interleaved(lambda: _child(a), lambda: _child(b), rounds)


# What notebooks are held against: one cell, which does the least that is to be compared.
IMPORT = "import torch"
FIGURE = f"""{IMPORT}
import io, matplotlib.pyplot as plt
plt.plot([0, 1])[0].figure.savefig(io.BytesIO())
plt.close()"""
TORCHRUN = f"""{IMPORT}
import subprocess, sys
run = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
run += ["--no-python", sys.executable, "-c", "import torch"]
_ = subprocess.run(run, capture_output=True, check=True)"""


def course_seconds(
    notebooks: Sequence[Path], rounds: int, cell: str = IMPORT
) -> tuple[float, float]:
    """Return the seconds of the notebooks under nbval, and of as many that have one cell alone."""
    _need(notebooks, "notebooks")
    with tempfile.TemporaryDirectory() as folder:
        bare = [Path(folder, path.name) for path in notebooks]
        for path in bare:
            alone = nbformat.v4.new_code_cell(cell, execution_count=1)
            nbformat.write(nbformat.v4.new_notebook(cells=[alone]), path)
        a, b = (lambda: _nbval(notebooks)), (lambda: _nbval(bare))
        return interleaved(lambda: elapsed(a), lambda: elapsed(b), rounds)


def kernel_megabytes(notebooks: Sequence[Path]) -> tuple[float, float]:
    """Return a kernel's peak memory at the end of a notebook, and after its first code cell.

    That cell holds the imports. Of all notebooks, the one with the largest difference counts.
    """
    _need(notebooks, "notebooks")
    _need(find_spec("resource"), "module resource")
    return max(map(_peaks, notebooks), key=lambda pair: pair[0] - pair[1])


def _peaks(path: Path) -> tuple[float, float]:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    first, last = (nbformat.v4.new_code_cell(PRINT_PEAK) for _ in range(2))
    notebook.cells = [code[0], first, *code[1:], last]  # of a copy: nothing is written
    quiet = ["--log-level=ERROR"]
    runner = ExecutePreprocessor(timeout=120, kernel_name="python3", extra_arguments=quiet)
    runner.preprocess(notebook, {"metadata": {"path": str(path.parent)}})
    return float(last.outputs[0].text), float(first.outputs[0].text)


def _nbval(notebooks: Sequence[Path]) -> None:
    """Run notebooks against their stored outputs, without the settings of the project's tests."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider"]
    command += ["-o", "addopts=", "-o", "filterwarnings=", "--nbval", "--nbval-current-env"]
    command += ["--nbval-cell-timeout=120", f"--nbval-sanitize-with={SANITIZER}"]
    command += map(str, notebooks)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
        raise RuntimeError("the notebooks fail, and their time says nothing")


def _child(code: str) -> float:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def _need(thing: object, name: str) -> None:
    if not thing:
        raise Skipped(f"no {name}")

"""Why does a training loop not learn? It is watched, and what is wrong is told with its numbers.

At most 64 MB of batches are kept, which are the learner's own tensors, and 64 MB of copies of
parameters and gradients. What happens in other processes and in compiled or scripted functions is
not seen, and yields no finding.
"""

import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from tellwhy.training.report import Report
from tellwhy.training.watch import Watch

__all__ = ["Report", "checkup", "run_script"]
_running: list[Watch] = []
_shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


@contextmanager
def checkup() -> Iterator[Report]:
    """Watch the training loop in the block, and say why it does not learn.

    The loop computes what it computes without, bit for bit. The report is shown when the block
    ends; an error in the block is raised after that.

    Yields:
        The report, which is filled when the block ends.

    Raises:
        RuntimeError: it is inside another checkup.

    Example:
        >>> import torch
        >>> w = torch.zeros(1, requires_grad=True)
        >>> with checkup() as report:
        ...     for _ in range(3):
        ...         loss = ((2 * w - torch.tensor([4.0])) ** 2).mean()
        ...         loss.backward()
        Gradients were computed 3 times, and no parameter has moved: nothing took a step.
        Call `optimizer.step()`, with its parentheses, after `backward()`. (line 4)
        >>> [finding.name for finding in report.findings]
        ['no-step']
    """
    if _running:
        raise RuntimeError("checkup() is running already: it cannot stand inside another checkup.")
    report, watch = Report(), Watch()
    _running.append(watch)
    try:
        yield report
    finally:
        watch.stop()
        _running.clear()
        with torch.random.fork_rng(range(torch.cuda.device_count())):  # dropout may be replayed
            try:
                report.fill(watch)
            except Exception as error:  # it is never the loop that fails
                report.fail(error)
        if _shell is None:
            print(report)
        else:
            from IPython.display import display

            display(report)


def _magic(line: str, cell: str) -> None:
    """Run a cell under the checkup."""
    code = _shell.transform_cell(cell)
    with checkup():
        exec(compile(code, _shell.compile.cache(code), "exec"), _shell.user_ns)


def run_script(path: str, arguments: Sequence[str] = ()) -> Report:
    """Run a script with some arguments under the checkup, as `python -m tellwhy SCRIPT` does."""
    sys.argv[:] = [path, *arguments]
    sys.path.insert(0, str(Path(path).resolve().parent))
    with checkup() as report:
        runpy.run_path(path, run_name="__main__")
    return report


if _shell is not None:
    _shell.register_magic_function(_magic, "cell", "checkup")

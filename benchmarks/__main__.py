"""Measure what the README states, print the table, and fail where a bound is missed."""

import contextlib
import os
import platform
import sys
from collections.abc import Callable, Sequence

import torch

from benchmarks import classroom, explorers, iterators, loops, processes
from benchmarks.measure import Skipped
from benchmarks.table import HEADER, LINE, RULE, Kind, Row, bound_text
from d2lhelpers import data_iter

Claim = tuple[str, Kind, float, Callable[[], tuple[float, float]]]

MACHINE = (
    f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
    f"Python {platform.python_version()}, "
    f"torch {torch.__version__} on {torch.get_num_threads()} threads"
)
MILLION, SMALL = (1_000_000, 256), (1_000, 10)
NOTEBOOKS = sorted(processes.ROOT.glob("notebooks/*.ipynb"))
BEYOND = [path for path in NOTEBOOKS if path.stem == "06_beyond_one_machine"]  # starts processes
WITHIN = [path for path in NOTEBOOKS if path not in BEYOND]
# fmt: off
CLAIMS: list[Claim] = [
    ("`data_iter`, 1,000,000 rows, batch 256; a Python list of indices", "× as fast", 5,
     lambda: iterators.epoch(data_iter, iterators.textbook, *MILLION, rounds=8)),
    ("`data_iter`, the same; plain slices of a permutation tensor", "× the time", 1.3,
     lambda: iterators.epoch(data_iter, iterators.slices, *MILLION, rounds=20)),
    ("`load_array`, the same; `DataLoader(TensorDataset(...))`", "× as fast", 15,
     lambda: iterators.epoch(iterators.our_loader, iterators.plain_loader, *MILLION, rounds=3)),
    ("`data_iter`, 1,000 rows, batch 10; a Python list of indices", "× as fast", 1.3,
     lambda: iterators.epoch(data_iter, iterators.textbook, *SMALL, rounds=500)),
    ("`import d2lhelpers`; `import torch`", "× the time", 1.08,
     lambda: processes.import_seconds("d2lhelpers", "torch", rounds=12)),
    ("`import d2lhelpers`, peak memory; `import torch`", "× the memory", 1.05,
     lambda: processes.import_megabytes("d2lhelpers", "torch", rounds=2)),
    ("200 steps of a loop by hand under `checkup`; without", "× the time", 4,
     lambda: loops.steps(rounds=10)),
    ("its steps 10,000 to 12,000; without", "× the time", 1.2,
     lambda: loops.steps(3, 10_000, 12_000)),
    ("notebooks 01 to 05 under nbval; as many that only import torch", "× the time", 2.5,
     lambda: processes.course_seconds(WITHIN, rounds=2)),
    ("the same; as many that draw one figure", "× the time", 1.8,
     lambda: processes.course_seconds(WITHIN, 2, processes.FIGURE)),
    ("notebook 06 under nbval; one that starts two empty processes", "× the time", 4,
     lambda: processes.course_seconds(BEYOND, 2, processes.TORCHRUN)),
    ("a kernel's peak memory, the largest; after the notebook's imports", " MB above", 300,
     lambda: processes.kernel_megabytes(NOTEBOOKS)),
    ("a redraw of an explorer, the slowest; its figure made anew", "× the time", 0.5,
     lambda: explorers.redraw(rounds=5)),
    ("a student's memory at the hub, after notebook 03; the kernel's", " MB above", 200,
     lambda: (classroom.costs().student, classroom.costs().kernel)),
    ("from the login to the first output; the same cells without a hub", "× the time", 6,
     lambda: (classroom.costs().first_output, classroom.costs().kernel_alone)),
]
# fmt: on


def main(claims: Sequence[Claim] = CLAIMS) -> int:
    """Print each row as soon as it is measured; return the exit status."""
    print(MACHINE, "", HEADER, RULE, sep="\n", flush=True)
    missed = 0
    for name, kind, bound, measure in claims:
        try:
            row = Row(name, kind, bound, *measure())
            text, failed = str(row), not row.ok
        except (Skipped, RuntimeError) as why:
            failed = isinstance(why, RuntimeError)
            result = f"{'MISSED' if failed else 'skipped'}: {why}"
            text = LINE.format(name, "", "", "", bound_text(kind, bound), result)
        print(text, flush=True)
        missed += failed
    return 1 if missed else 0


if __name__ == "__main__":
    status = main()
    with contextlib.suppress(Skipped):
        print("", *classroom.table(), sep="\n")
    sys.exit(status)

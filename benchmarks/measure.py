"""How two sides are measured: in turn, several rounds, the least of each."""

import time
from collections.abc import Callable

from d2lhelpers.scale.processes import peak_megabytes as peak_megabytes


class Skipped(Exception):  # noqa: N818 (it reports no error)
    """Raised by a measurement that cannot be made here; its message says why."""


def interleaved(
    ours: Callable[[], float], reference: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Measure two sides in turn (A B A B ...) and return the least of each.

    What other programs do to a measurement only ever adds to it: the least of several is the
    one least disturbed, where a mean or a median follows whatever else the machine is doing.
    Taking turns gives both sides the same chance of an undisturbed moment.
    """
    pairs = [(ours(), reference()) for _ in range(rounds)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)


def elapsed(run: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start

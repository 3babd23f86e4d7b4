"""How two sides are measured: in turn, several rounds, the least of each."""

import sys
import time
from collections.abc import Callable


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


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far, in MB.

    Its source also runs in processes that cannot import it, so it needs nothing but `sys`.
    """
    try:
        # On Linux, ru_maxrss starts at the peak of the process that started this one.
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if "VmHWM" in line) / 1024
    except (OSError, StopIteration):
        import resource

        assert sys.platform != "win32"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024**2 if sys.platform == "darwin" else 1024)  # bytes there, else KB

"""The explorers: a redraw, which must keep up with the hand on the slider."""

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.measure import elapsed, interleaved
from d2lhelpers import synthetic_data
from d2lhelpers._explorer import Explorer
from d2lhelpers.explore import LineFit, NormalDensity, SgdPath


def line() -> LineFit:
    """Draw a line through as many points as notebook 02 has."""
    x = torch.linspace(-2, 2, 30)
    return LineFit(x, 2 * x + 1)


def path() -> SgdPath:
    """Draw a path over as many examples as notebook 03 has."""
    return SgdPath(*synthetic_data([2, -3.4], 4.2, 1000))


# Each with values of its sliders, as far apart as they go.
MOVES: list[tuple[Callable[[], Explorer], list[dict[str, Any]]]] = [
    (NormalDensity, [{"mu": -3.0, "sigma": 0.5}, {"mu": 3.0, "sigma": 3.0}]),
    (line, [{"slope": 0.0, "outlier": False}, {"slope": 4.0, "outlier": True}]),
    (path, [{"rate": 0.1, "batch_size": 1000}, {"rate": 3.0, "batch_size": 1}]),
]


def redraw(rounds: int) -> tuple[float, float]:
    """Return the seconds of a redraw as a PNG, and those of a figure made anew and drawn.

    Of all explorers and moves, the slowest redraw counts.
    """
    return max(_move(make, values, rounds) for make, moves in MOVES for values in moves)


def _move(make: Callable[[], Explorer], values: dict[str, Any], rounds: int) -> tuple[float, float]:
    view = make()

    def ours() -> None:
        view.update(**values)
        view.png()

    def anew() -> None:
        make().png()

    return interleaved(lambda: elapsed(ours), lambda: elapsed(anew), rounds)

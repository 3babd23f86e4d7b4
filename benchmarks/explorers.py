"""The explorers: a redraw, which must keep up with the hand on the slider."""

from collections.abc import Callable
from typing import Any

from benchmarks.measure import elapsed, interleaved
from d2lhelpers.explore import Explorer, LineFit, NormalDensity, SgdPath

# Each with values of its sliders, as far apart as they go.
MOVES: list[tuple[Callable[[], Explorer], list[dict[str, Any]]]] = [
    (NormalDensity, [{"mu": -3.0, "sigma": 0.5}, {"mu": 3.0, "sigma": 3.0}]),
    (LineFit, [{"slope": 0.0, "outlier": False}, {"slope": 4.0, "outlier": True}]),
    (SgdPath, [{"rate": 0.1, "batch_size": 1000}, {"rate": 3.0, "batch_size": 1}]),
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
        view._repr_png_()

    def anew() -> None:
        make()._repr_png_()

    return interleaved(lambda: elapsed(ours), lambda: elapsed(anew), rounds)

"""What a step costs is measured for every number of processes that was asked for."""

import time
from pathlib import Path

import pytest

from d2lhelpers.scale import cost, processes

SHAPES = [(8, 2), (4, 3)]


def test_one_process_measures_its_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a shape that is left out, and a share of a core that is not the one it had."""
    monkeypatch.setattr(time, "process_time", lambda: time.perf_counter() / 2)
    steps, all_reduces, share = cost.measure(0, 1, str(tmp_path), SHAPES, [10], rounds=2)
    assert set(steps) == {(1, 8, 2), (1, 4, 3)}
    assert min(steps.values()) > 0
    assert all_reduces == {}
    assert share == pytest.approx(0.5, abs=0.1)


@pytest.mark.long
def test_four_processes_measure_every_smaller_number_too(tmp_path: Path) -> None:
    """Catches a number of processes or a length that is left out, and a share of idle ones."""
    calls = [(rank, 4, str(tmp_path), SHAPES, [5, 9], 2) for rank in range(4)]
    for steps, all_reduces, share in processes.each(cost.measure, *calls)[:2]:
        assert set(steps) == {(count, *shape) for count in (1, 2, 4) for shape in SHAPES}
        assert set(all_reduces) == {5, 9}
        assert min(*steps.values(), *all_reduces.values()) > 0
        assert 0 < share < 1.5

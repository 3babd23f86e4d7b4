"""What a step costs is measured for every number of processes that was asked for."""

from pathlib import Path

from d2lhelpers import cost


def test_one_process_measures_its_steps_and_sums(tmp_path: Path) -> None:
    """A task that is left out would leave the notebook without one of its points."""
    steps, sums = cost.measure(0, 1, str(tmp_path), [(8, 2), (8, 3)], [10], rounds=2)
    assert set(steps) == {(1, 8, 2), (1, 8, 3)}
    assert set(sums) == {(1, 10)}
    assert min((*steps.values(), *sums.values())) > 0

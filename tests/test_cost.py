"""What a step costs is measured on one process and on two, until what is said of it is true."""

from typing import Any

import pytest
import torch
import torch.distributed as dist

from d2lhelpers.scale import cost, processes
from d2lhelpers.scale.cost import Steps

SHAPES = [(8, 2), (4, 3)]


@pytest.mark.long
def test_two_processes_measure_every_shape_and_length() -> None:
    """Catches a number of processes, a shape or a length that is left out."""
    steps, reduces = cost.measure(SHAPES, [5, 9], rounds=2)
    assert set(steps) == {key for n, d in SHAPES for key in [(1, n, d), (2, n, d)]}
    assert set(reduces) == {5, 9}
    assert min(*steps.values(), *reduces.values()) > 0


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let each try to measure find the next time of a list, in ms."""
    times = [3.0, 5.0, 2.0, 9.0]

    def each(_: object, *calls: tuple[Any, ...]) -> list[dict[tuple[int, ...], float]]:
        found = times.pop(0) / 1000
        return [{(1, 8, 2): found, (2, 8, 2): found, (5,): found} for _ in calls]

    monkeypatch.setattr(processes, "each", each)
    return times


def test_it_is_measured_until_the_claim_holds_and_the_least_counts(tries: list[float]) -> None:
    """Catches a claim that is not looked at, and a try that forgets the ones before."""
    seen = []

    def holds(steps: Steps) -> bool:
        seen.append(1000 * steps[2, 8, 2])
        return steps[1, 8, 2] < 0.0025

    steps, reduces = cost.measure([(8, 2)], [5], holds=holds)
    assert seen == [3.0, 3.0, 2.0]
    assert steps[1, 8, 2] == reduces[5] == 0.002
    assert tries == [9.0]


def test_a_claim_that_does_not_become_true_fails(tries: list[float]) -> None:
    """Catches a figure that would be drawn although its text is wrong."""
    with pytest.raises(AssertionError, match=r"in 3 tries: \(1, 8, 2\) 2\.00 ms"):
        cost.measure([(8, 2)], [5], holds=lambda steps: False, tries=3)
    assert tries == [9.0]


@pytest.mark.parametrize("together", [False, True])
def test_a_step_follows_the_gradient_of_all_processes(
    together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a step without its gradient, and an all-reduce that is left out or always made."""
    monkeypatch.setattr(dist, "all_reduce", lambda gradient: gradient.mul_(3))
    X, y = torch.tensor([[1e5]]), torch.tensor([[-1e4]])
    w = torch.zeros(1, 1, requires_grad=True)
    cost.step(X, y, w, together)
    assert w.item() == pytest.approx(-2.0 * (3 if together else 1))


def test_the_other_process_waits_while_one_steps_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a step of one process that shares the machine, and a lap that begins too soon."""
    first, second = (cost._tasks(SHAPES, [5], rank) for rank in range(2))
    for name in first:
        waits = [task is cost._wait for task in (first[name], second[name])]
        assert waits == [False, len(name) == 3 and name[0] == 1]
    made: list[str] = []
    for call in ("init_process_group", "barrier", "destroy_process_group", "all_reduce"):
        monkeypatch.setattr(dist, call, lambda *_, call=call, **__: made.append(call))
    monkeypatch.setattr(cost, "FileStore", lambda *_: None)
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    cost._least(0, "", [], [5], rounds=1)
    assert made[1:-2] == ["barrier", "all_reduce"] * 20

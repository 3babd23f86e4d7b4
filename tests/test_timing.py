"""Stopwatch and rounds: arithmetic under a fake clock, misuse, waiting for a fake accelerator."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from d2lhelpers import Timer, in_turn


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def fake_clock() -> Iterator[Clock]:
    clock = Clock()
    with patch("d2lhelpers.timing.perf_counter", clock):
        yield clock


def timer_with_laps(laps: list[float], clock: Clock) -> Timer:
    timer = Timer()
    for lap in laps:
        timer.start()
        clock.now += lap
        timer.stop()
    return timer


# Whole seconds, so that every sum is exact.
seconds = st.integers(0, 10**6).map(float)


@given(st.lists(st.tuples(seconds, seconds), min_size=1))
def test_a_lap_lasts_from_start_to_stop_and_pauses_do_not_count(
    laps_and_pauses: list[tuple[float, float]],
) -> None:
    with fake_clock() as clock:
        timer = Timer()
        for lap, pause in laps_and_pauses:
            timer.start()
            clock.now += lap
            assert timer.stop() == lap
            clock.now += pause
    assert timer.times == [lap for lap, _ in laps_and_pauses]


@given(st.lists(seconds, min_size=1))
def test_avg_sum_and_cumsum_are_those_of_the_laps(laps: list[float]) -> None:
    with fake_clock() as clock:
        timer = timer_with_laps(laps, clock)
    assert timer.avg() == statistics.mean(laps)
    assert timer.sum() == sum(laps)
    assert timer.cumsum() == [sum(laps[: i + 1]) for i in range(len(laps))]


def test_reading_a_timer_changes_nothing() -> None:
    with fake_clock() as clock:
        timer = timer_with_laps([1.0, 2.0], clock)
    timer.avg(), timer.sum()
    timer.cumsum().append(99.0)
    assert timer.times == [1.0, 2.0]


def test_a_new_timer_is_running() -> None:
    with fake_clock() as clock:
        timer = Timer()
        clock.now += 3
        assert timer.stop() == 3


def test_start_on_a_running_timer_begins_the_lap_again() -> None:
    with fake_clock() as clock:
        timer = Timer()
        clock.now += 5
        timer.start()
        clock.now += 2
        timer.stop()
    assert timer.times == [2]


def test_two_timers_share_no_laps() -> None:
    first, second = Timer(), Timer()
    first.stop()
    assert second.times == []


def test_the_real_clock_is_in_seconds() -> None:
    timer = Timer()
    time.sleep(0.02)
    assert 0.01 < timer.stop() < 10


def test_nothing_recorded_sums_to_zero() -> None:
    timer = Timer()
    assert (timer.sum(), timer.cumsum()) == (0.0, [])


def stop_twice() -> None:
    timer = Timer()
    timer.stop()
    timer.stop()


def stop_after_a_block() -> None:
    with Timer() as timer:
        pass
    timer.stop()


def stop_after_a_block_that_raised() -> None:
    timer = Timer()
    with pytest.raises(KeyError), timer:
        raise KeyError
    timer.stop()


@pytest.mark.parametrize(
    ("misuse", "what_to_call"),
    [
        (stop_twice, r"not running: call start\(\) before stop\(\)"),
        (stop_after_a_block, r"not running: call start\(\) before stop\(\)"),
        (stop_after_a_block_that_raised, r"not running: call start\(\) before stop\(\)"),
        (lambda: Timer().avg(), r"no lap: call stop\(\) before avg\(\)"),
    ],
)
def test_misuse_says_what_to_call(misuse: Callable[[], None], what_to_call: str) -> None:
    with pytest.raises(RuntimeError, match=what_to_call):
        misuse()


def test_a_refused_stop_records_nothing() -> None:
    timer = Timer()
    lap = timer.stop()
    with pytest.raises(RuntimeError):
        timer.stop()
    assert timer.times == [lap]


def test_a_block_is_one_lap() -> None:
    with fake_clock() as clock:
        timer = Timer()
        clock.now += 7
        with timer as bound:
            clock.now += 2
        with timer:
            clock.now += 3
    assert bound is timer
    assert timer.times == [2, 3]


def test_a_block_that_raises_records_nothing_and_lets_the_error_out() -> None:
    timer = Timer()
    with pytest.raises(KeyError, match="from the block"), timer:
        raise KeyError("from the block")
    assert timer.times == []


def test_a_timer_works_on_after_a_block_that_raised() -> None:
    with fake_clock() as clock:
        timer = Timer()
        with pytest.raises(KeyError), timer:
            raise KeyError
        with timer:
            clock.now += 4
    assert timer.times == [4]


def test_a_block_may_stop_the_timer_itself() -> None:
    with fake_clock() as clock, Timer() as timer:
        clock.now += 1
        timer.stop()
        clock.now += 5
    assert timer.times == [1]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a Timer does, in order: waiting for an accelerator, and reading the clock."""
    events: list[str] = []

    def clock() -> float:
        events.append("clock")
        return 0.0

    monkeypatch.setattr("d2lhelpers.timing.perf_counter", clock)
    monkeypatch.setattr(torch.accelerator, "synchronize", lambda: events.append("wait"))
    return events


def install_accelerator(monkeypatch: pytest.MonkeyPatch, backend: object | None) -> None:
    device = None if backend is None else torch.device("cuda")
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: device)
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: backend is not None)
    monkeypatch.setattr(torch, "get_device_module", lambda device: backend)


IN_USE = SimpleNamespace(is_initialized=lambda: True)
IDLE = SimpleNamespace(is_initialized=lambda: False)
CANNOT_SAY = SimpleNamespace()


@pytest.mark.parametrize(
    ("backend", "reading"),
    [
        pytest.param(None, ["clock"], id="none"),
        pytest.param(IDLE, ["clock"], id="idle"),
        pytest.param(IN_USE, ["wait", "clock"], id="in use"),
        pytest.param(CANNOT_SAY, ["wait", "clock"], id="a backend that cannot say"),
    ],
)
def test_work_queued_on_an_accelerator_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, events: list[str], backend: object | None, reading: list[str]
) -> None:
    install_accelerator(monkeypatch, backend)
    timer = Timer()
    assert events == reading
    timer.stop()
    assert events == reading * 2


def test_an_accelerator_that_a_lap_starts_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, events: list[str]
) -> None:
    install_accelerator(monkeypatch, IDLE)
    timer = Timer()
    install_accelerator(monkeypatch, IN_USE)
    timer.stop()
    assert events == ["clock", "wait", "clock"]


def lasting(clock: Clock, laps: list[float], order: list[str], name: str) -> Callable[[], None]:
    """A call whose laps last what the list says, one after the other, and then its last."""
    left = iter(laps)

    def call() -> None:
        order.append(name)
        clock.now += next(left, laps[-1])

    return call


def test_calls_are_warmed_up_and_take_turns_and_the_least_of_each_counts() -> None:
    with fake_clock() as clock:
        order: list[str] = []
        calls = {
            "a": lasting(clock, [1.0, 9.0, 3.0, 5.0], order, "a"),
            "b": lasting(clock, [2.0, 4.0, 8.0, 6.0], order, "b"),
        }
        assert in_turn(calls, rounds=3) == {"a": 3.0, "b": 4.0}
    assert order == ["a", "b"] * 4


def test_a_quick_call_is_repeated_in_its_turn() -> None:
    """Catches times of a cold processor: the first lap of each turn is slow."""
    with fake_clock() as clock:
        order: list[str] = []
        tick = 2.0**-10  # seconds: exact, and below the three milliseconds of a turn
        calls = {
            "quick": lasting(clock, [9.0, tick], order, "quick"),
            "slow": lasting(clock, [1.0], order, "slow"),
        }
        assert in_turn(calls, rounds=2) == {"quick": tick, "slow": 1.0}
    assert order == ["quick", "slow", *["quick"] * 4, "slow", *["quick"] * 4, "slow"]


def test_rounds_go_on_until_the_claim_holds() -> None:
    with fake_clock() as clock:
        order: list[str] = []
        calls = {"a": lasting(clock, [1.75, 1.25, 1.5, 1.0, 0.75, 0.5], order, "a")}
        assert in_turn(calls, rounds=1, holds=lambda least: least["a"] < 1) == {"a": 0.75}
    assert len(order) == 5


def test_a_claim_that_never_holds_fails_with_the_numbers() -> None:
    with fake_clock() as clock:
        order: list[str] = []
        calls = {"a": lasting(clock, [2.0], order, "a"), "b": lasting(clock, [1.0], order, "b")}
        with pytest.raises(AssertionError, match=r"a 2000000\.00 µs, b 1000000\.00 µs"):
            in_turn(calls, rounds=2, holds=lambda least: least["a"] < least["b"], seconds=9)
    assert order == ["a", "b"] * 6  # to warm up, two rounds, and three in the nine seconds


def test_without_a_claim_nothing_is_added() -> None:
    with fake_clock() as clock:
        order: list[str] = []
        in_turn({"a": lasting(clock, [1.0], order, "a")}, holds=lambda least: True)
    assert len(order) == 8


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"calls": {}}, ValueError, "calls must hold at least one function"),
        ({"rounds": 0}, ValueError, "rounds must be a positive integer, got 0"),
        ({"rounds": 2.5}, TypeError, "rounds must be a positive integer, got 2.5"),
        ({"seconds": -1}, ValueError, "seconds must be a finite number, 0 or larger, got -1"),
        ({"seconds": "long"}, TypeError, "seconds must be a finite number"),
    ],
)
def test_bad_input_is_refused_before_anything_is_called(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    called = list[int]()
    with pytest.raises(error, match=message):
        in_turn(**{"calls": {"a": lambda: called.append(1)}, **arguments})
    assert called == []


def test_an_error_in_a_call_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        in_turn({"a": lambda: 1 / 0})

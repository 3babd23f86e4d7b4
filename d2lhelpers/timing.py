"""A stopwatch that records several laps, and how calls are compared with it."""

import math
from collections.abc import Callable, Hashable, Mapping
from itertools import accumulate
from time import perf_counter
from types import TracebackType
from typing import Self, TypeVar

import torch

from d2lhelpers import _checks

Name = TypeVar("Name", bound=Hashable)
TURN = 3e-3  # seconds: a quick call is repeated, as the first laps after another's turn are slow


class Timer:
    """Record laps, in seconds of `time.perf_counter`.

    A new Timer is running. `stop()` records a lap, `start()` begins the next one; on a
    running Timer, `start()` begins the lap again. As a context manager a Timer records
    its block as one lap, or nothing if the block raises.

    An accelerator works on after a call has returned. So when one is in use, the Timer
    waits for the work queued on the current device before it reads the clock.

    Attributes:
        times: the recorded laps, in seconds.

    Example:
        >>> timer = Timer()
        >>> lap = timer.stop()
        >>> with timer:
        ...     total = sum(range(1000))
        >>> len(timer.times)
        2
        >>> timer.sum() == timer.cumsum()[-1]
        True
    """

    def __init__(self) -> None:
        """Start the first lap."""
        self.times: list[float] = []
        self._started: float | None = None
        self.start()

    def start(self) -> None:
        """Begin a lap."""
        _wait_for_accelerator()
        self._started = perf_counter()

    def stop(self) -> float:
        """End the lap, record it and return it, in seconds.

        Raises:
            RuntimeError: if the Timer is not running.
        """
        if self._started is None:
            raise RuntimeError("The Timer is not running: call start() before stop().")
        _wait_for_accelerator()
        self.times.append(perf_counter() - self._started)
        self._started = None
        return self.times[-1]

    def avg(self) -> float:
        """Return the mean of the laps, in seconds.

        Raises:
            RuntimeError: if no lap is recorded.
        """
        if not self.times:
            raise RuntimeError("The Timer has recorded no lap: call stop() before avg().")
        return self.sum() / len(self.times)

    def sum(self) -> float:
        """Return the sum of the laps, in seconds; 0 if there is none."""
        return sum(self.times, 0.0)

    def cumsum(self) -> list[float]:
        """Return the running total after each lap, in seconds."""
        return list(accumulate(self.times))

    def __enter__(self) -> Self:
        """Begin a lap."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Record the lap, unless the block raised or has stopped the Timer itself."""
        if kind is None and self._started is not None:
            self.stop()
        self._started = None


def in_turn(
    calls: Mapping[Name, Callable[[], object]],
    *,
    rounds: int = 7,
    holds: Callable[[dict[Name, float]], bool] | None = None,
    seconds: float = 10.0,
) -> dict[Name, float]:
    """Return the least time of each call, measured in turn, in seconds.

    Every call is made once to warm up. Then each has its turn in every round, so that a busy
    moment of the machine hits all of them; a quick call is repeated for three milliseconds. Of all
    laps the least counts: whatever disturbs a lap makes it longer, never shorter.

    Args:
        calls: The functions to time, by name; they take no arguments.
        rounds: How many rounds to measure.
        holds: What will be said of the times: a condition on the dictionary that is returned.
            Further rounds, which come nearer to what the calls cost, are made until it is true.
        seconds: How long the further rounds may take in all.

    Raises:
        AssertionError: If `holds` is not true in the end; the message shows the times.
        TypeError: If `rounds` is not an integer, or `seconds` is not a number.
        ValueError: If there are no calls, `rounds` is below 1, or `seconds` is negative.

    Example:
        >>> numbers = list(range(1000))
        >>> calls = {"loop": lambda: sum(n for n in numbers), "call": lambda: sum(numbers)}
        >>> least = in_turn(calls, holds=lambda least: least["call"] < least["loop"])
        >>> list(least)
        ['loop', 'call']
    """
    rounds = _checks.positive_int("rounds", rounds)
    seconds = _checks.nonnegative_number("seconds", seconds)
    if not calls:
        raise ValueError("calls must hold at least one function to time, got none.")
    for call in calls.values():
        call()
    least = dict.fromkeys(calls, math.inf)
    for _ in range(rounds):
        _add_round(least, calls)
    latest = perf_counter() + seconds
    while holds is not None and not holds(least):
        if perf_counter() >= latest:
            times = ", ".join(f"{name} {1e6 * least[name]:.2f} µs" for name in least)
            raise AssertionError(
                f"What is claimed of these times did not become true in {seconds:g} s: {times}. "
                "If the machine is busy, run this again."
            )
        _add_round(least, calls)
    return least


def _add_round(least: dict[Name, float], calls: Mapping[Name, Callable[[], object]]) -> None:
    """Give each call its turn, and keep the least of its laps."""
    timer = Timer()
    for name, call in calls.items():
        passed = 0.0
        while passed < TURN:
            timer.start()
            call()
            lap = timer.stop()
            passed += lap
            least[name] = min(least[name], lap)


def _wait_for_accelerator() -> None:
    """Wait for work queued on the current accelerator; cost nothing where none is in use."""
    if not torch.accelerator.is_available():  # PyTorch 2.6 raises when asked for the current one
        return
    backend = torch.get_device_module(torch.accelerator.current_accelerator())
    # Synchronizing an idle accelerator would start it: seconds, and memory that nobody asked for.
    in_use = getattr(backend, "is_initialized", torch.accelerator.is_available)
    if in_use():
        torch.accelerator.synchronize()

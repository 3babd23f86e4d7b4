"""A stopwatch that records several laps."""

from itertools import accumulate
from time import perf_counter
from types import TracebackType
from typing import Self

import torch


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


def _wait_for_accelerator() -> None:
    """Wait for work queued on the current accelerator; cost nothing where none is in use."""
    if not torch.accelerator.is_available():  # PyTorch 2.6 raises when asked for the current one
        return
    backend = torch.get_device_module(torch.accelerator.current_accelerator())
    # Synchronizing an idle accelerator would start it: seconds, and memory that nobody asked for.
    in_use = getattr(backend, "is_initialized", torch.accelerator.is_available)
    if in_use():
        torch.accelerator.synchronize()

"""Find out whether an answer walks through its inputs in a loop, by counting steps, not seconds."""

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from unittest import mock

import numpy as np
from torch.overrides import TorchFunctionMode

from d2lhelpers.exercises.run import LIBRARIES, Answer, Call, Inputs, Stopped, call


def has_loop(answer: Answer, small: Inputs, large: Inputs) -> tuple[bool, Call | None]:
    """Tell whether the steps of an answer grow with its inputs; return the call that failed, too.

    A step is a line or a call of Python's. An answer is not followed to the end of a long loop.
    """
    few = _fewest_steps(answer, small, 100_000)
    if isinstance(few, Call):
        return False, few
    many = _fewest_steps(answer, large, 10 * few + 10)
    if isinstance(many, Call):
        return False, many
    return many > 1.2 * few + 2, None


def _fewest_steps(answer: Answer, inputs: Inputs, limit: int) -> int | Call:
    """Count the steps of a call, the least of two since a first call takes more."""
    counts = []
    for _ in range(2):
        counter = _Counter(limit)
        became = call(counter.counted(answer), inputs)
        if became.error and not (became.stopped and counter.steps > limit):
            return Call(inputs, error=became.error, line=became.line)
        counts.append(counter.steps)
    return min(counts)


class _Counter:
    def __init__(self, limit: int) -> None:
        self.limit, self.steps = limit, 0

    def counted(self, answer: Answer) -> Answer:
        @functools.wraps(answer)
        def counting(*inputs: Any) -> Any:
            before = sys.gettrace()
            with _silent(), _EveryOperation():
                sys.settrace(self.step)
                try:
                    return answer(*inputs)
                finally:
                    sys.settrace(before)

        return counting

    def step(self, frame: FrameType, event: str, argument: Any) -> Any:
        self.steps += event in {"line", "call"}
        # Not inside PyTorch: a mode that it is about to put back would stay away.
        if self.steps > self.limit and not frame.f_code.co_filename.startswith(LIBRARIES):
            raise Stopped
        return self.step


def _print_nothing(*values: Any, **options: Any) -> None: ...


def _show_nothing(tensor: Any, **options: Any) -> str:
    return "a tensor"


@contextmanager
def _silent() -> Iterator[None]:
    """Print nothing and show arrays in a fixed number of steps: showing a tensor is no loop."""
    with (
        mock.patch("builtins.print", _print_nothing),
        mock.patch("torch._tensor_str._str", _show_nothing),
        np.printoptions(threshold=0, edgeitems=1),
    ):
        yield


class _EveryOperation(TorchFunctionMode):
    """Leads every tensor operation through Python, so that sum(tensor) takes steps as loops do."""

    def __torch_function__(
        self, function: Answer, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return function(*args, **(kwargs or {}))

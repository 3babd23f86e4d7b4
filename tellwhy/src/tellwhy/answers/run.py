"""Run an answer on inputs, and record what happened: nothing that it does reaches outside."""

import copy
import inspect
import io
import linecache
import math
import os
import random
import sys
import sysconfig
import textwrap
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import Tensor

from tellwhy.answers.judge import unchanged

Answer = Callable[..., Any]
Inputs = tuple[Any, ...]
Observe = Callable[[Answer, Inputs], Any]

SECONDS = 8.0  # an answer that takes longer never ends
LIBRARIES = (
    *{sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")},
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
    "<frozen ",
    "<string>",  # what libraries make with exec
)


@dataclass(frozen=True)
class Call:
    """What became of a call.

    Attributes:
        inputs: the arguments, as they were before.
        result: what came, where nothing was raised.
        error: what was raised.
        line: the student's line that raised, or that was at work when the call was stopped.
        changed: the names of the arguments that were changed in place.
        notes: what was printed, and the first warning.
        steps: how many lines and calls of Python's it took, as far as they were followed.
    """

    inputs: Inputs
    result: Any = None
    error: BaseException | None = None
    line: str = ""
    changed: tuple[str, ...] = ()
    notes: str = ""
    steps: int = 0

    @property
    def stopped(self) -> bool:
        """Whether the call would not end by itself."""
        return isinstance(self.error, Stopped)


class Stopped(BaseException):
    """Ends a call that would not end by itself."""

    def __init__(self, again: Callable[[], None]) -> None:
        """Take what to do when an answer has caught this, and it is forgotten."""
        self.again = again

    def __del__(self) -> None:
        """Stop the call again: an `except:` in a loop would go on for ever."""
        self.again()


def call(
    answer: Answer,
    inputs: Inputs,
    observe: Observe | None = None,
    *,
    seed: int = 0,
    seconds: float | None = None,
    steps: float = math.inf,
    everywhere: bool = False,
) -> Call:
    """Call an answer on a copy of the inputs, for some seconds or steps; through `observe`.

    With `everywhere` the steps inside libraries count as well.
    """
    given = copied(inputs)
    deadline = time.monotonic() + (SECONDS if seconds is None else seconds)
    own = {code.co_filename for code in (code_of(observe),) if code} if observe else set()
    own -= {code.co_filename for code in (code_of(answer),) if code}
    watch, result, error = _Watch(deadline, steps, everywhere, own), None, None
    with alone(seed) as notes:
        try:
            with watch:
                result = observe(answer, given) if observe else answer(*given)
        except (Exception, SystemExit, Stopped) as raised:
            error = raised
    line = (watch.line or _line_of(error, answer)) if error else ""
    changed = () if observe else _changed(answer, inputs, given)
    return Call(inputs, result, error, line, changed, "\n".join(notes), watch.steps)


def copied(inputs: Inputs) -> Inputs:
    """Return a copy of inputs; a plain tensor is copied in the quick way."""
    plain = [type(value) is Tensor and not value.requires_grad for value in inputs]
    pairs = zip(inputs, plain, strict=True)
    if not all(is_plain or isinstance(value, int | float) for value, is_plain in pairs):
        return copy.deepcopy(inputs)
    return tuple(value.clone() if isinstance(value, Tensor) else value for value in inputs)


def _changed(answer: Answer, before: Inputs, now: Inputs) -> tuple[str, ...]:
    try:
        names = list(inspect.signature(answer).parameters)
    except (TypeError, ValueError):
        names = []
    names += [f"argument {place + 1}" for place in range(len(names), len(before))]
    trios = zip(names, now, before, strict=False)
    return tuple(name for name, new, old in trios if not unchanged(new, old))


class _Watch:
    """Counts steps, and ends the call at the student's line at which time is up."""

    def __init__(self, deadline: float, limit: float, everywhere: bool, own: set[str]) -> None:
        self.deadline, self.limit, self.everywhere = deadline, limit, everywhere
        self.own = own  # files of the exercise's author
        self.steps, self.line, self.active = 0, "", True

    def __enter__(self) -> None:
        self.before = sys.gettrace()
        sys.settrace(self.follow)

    def __exit__(self, *_: object) -> None:
        self.active = False
        sys.settrace(self.before)

    def follow(self, frame: FrameType, event: str, argument: Any) -> Any:
        file = frame.f_code.co_filename
        inside = file.startswith(LIBRARIES) or file in self.own
        if inside and not self.everywhere:
            return None
        self.steps += event in {"line", "call"}
        # Not inside PyTorch: what is half imported, or about to be put back, would stay so.
        if not inside and (self.steps > self.limit or time.monotonic() > self.deadline):
            self.line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()

            def again() -> None:  # Python forgets a trace function that raises
                if self.active:
                    sys.settrace(self.follow)
                    frame.f_trace = self.follow

            raise Stopped(again)
        return self.follow


def _line_of(error: BaseException, answer: Answer) -> str:
    """Return the last line of the student's that led to an error, or nothing."""
    code = code_of(answer)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line for frame in frames if code and frame.filename == code.co_filename]
    return (lines[-1] or "") if lines else ""


def code_of(answer: Answer) -> CodeType | None:
    """Return the code of a function, also behind a decorator, or of a callable object."""
    called: Any = type(answer).__call__
    for candidate in (answer, called):
        code = getattr(inspect.unwrap(candidate), "__code__", None)  # behind @torch.no_grad()
        if isinstance(code, CodeType):
            return code
    return None


@contextmanager
def alone(seed: int = 0) -> Iterator[list[str]]:
    """Run a block without an effect on global state, and note what it prints and warns of.

    In the block the settings are PyTorch's own and the seeds are `seed`, whatever they are
    outside: the same answer does the same in every session. The notes are complete at the end.
    """
    notes: list[str] = []
    printed = io.StringIO()
    with (
        _restored(),
        torch.random.fork_rng(devices=[]),
        torch.enable_grad(),
        np.errstate(),
        np.printoptions(),
        redirect_stdout(printed),
        mock.patch.object(sys, "stdin", io.StringIO()),  # exit() closes it
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(1)  # the inputs are small, and a class shares the cores
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        torch.default_generator.manual_seed(seed)
        yield notes
    if printed.getvalue().strip():
        notes.append(f"printed   {textwrap.shorten(printed.getvalue(), 200)}")
    if warned:
        notes.append(f"warned    {textwrap.shorten(str(warned[0].message), 200)}")


@contextmanager
def _restored() -> Iterator[None]:
    """Put back what a block changes of settings that have no context manager of their own."""
    options = vars(torch._tensor_str.PRINT_OPTS)
    states: list[tuple[Callable[[], Any], Callable[[Any], Any]]] = [
        (random.getstate, random.setstate),
        (np.random.get_state, np.random.set_state),
        (torch.get_default_dtype, torch.set_default_dtype),
        (torch.get_num_threads, torch.set_num_threads),
        (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
        (sys.getrecursionlimit, sys.setrecursionlimit),
        (os.getcwd, os.chdir),
        (options.copy, options.update),
    ]
    before = [read() for read, _ in states]
    deterministic = torch.are_deterministic_algorithms_enabled()
    only_warned = torch.is_deterministic_algorithms_warn_only_enabled()
    try:
        yield
    finally:
        for (_, put_back), value in zip(states, before, strict=True):
            put_back(value)
        # PyTorch's public function imports its compiler, which takes seconds.
        torch._C._set_deterministic_algorithms(deterministic, warn_only=only_warned)

"""The student's code: called without an effect outside, and watched while it runs."""

import dis
import inspect
import io
import random
import sys
import textwrap
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from types import CodeType, FrameType
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

Answer = Callable[..., Any]


@contextmanager
def alone() -> Iterator[list[str]]:
    """Run a block without an effect on global state, and note what it prints and warns of.

    In the block the settings are PyTorch's own, whatever they are outside. The notes are
    complete when it has ended.
    """
    notes: list[str] = []
    printed = io.StringIO()
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    dtype = torch.get_default_dtype()
    with (
        torch.random.fork_rng(devices=[]),
        torch.enable_grad(),
        redirect_stdout(printed),
        mock.patch.object(sys, "stdin", io.StringIO()),  # exit() closes it
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        torch.set_default_dtype(torch.float32)
        try:
            yield notes
        finally:
            torch.set_default_dtype(dtype)
            np.random.set_state(numpy_state)  # noqa: NPY002
            random.setstate(python_state)
    if printed.getvalue().strip():
        notes.append(f"  printed   {textwrap.shorten(printed.getvalue(), 200)}")
    if warned:
        notes.append(f"  warned    {textwrap.shorten(str(warned[0].message), 200)}")


def is_stub(answer: Answer) -> bool:
    """Tell whether a function does nothing: its body is dots, `pass`, or a docstring alone."""
    code = _code(answer)
    if code is None:
        return False
    steps = [step for step in dis.get_instructions(code) if step.opname not in {"RESUME", "NOP"}]
    constants = [step.argval for step in steps if step.opname in {"LOAD_CONST", "RETURN_CONST"}]
    returns_only = all(
        step.opname in {"LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"} for step in steps
    )
    return returns_only and constants in ([None], [...])


def line_of(error: BaseException, answer: Answer) -> str:
    """Return the last line of the student's that led to an error, or nothing."""
    code = _code(answer)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line for frame in frames if code and frame.filename == code.co_filename]
    return (lines[-1] or "") if lines else ""


def _code(answer: Answer) -> CodeType | None:
    called: Any = type(answer).__call__
    for candidate in (answer, called):
        code = getattr(inspect.unwrap(candidate), "__code__", None)  # behind @torch.no_grad()
        if isinstance(code, CodeType):
            return code
    return None


def fewest_steps(answer: Answer, inputs: tuple[Any, ...], limit: float) -> int:
    """Count the Python instructions of a call, or stop above a limit; a first call takes more."""
    return min(_steps(answer, inputs, limit) for _ in range(2))


def _steps(answer: Answer, inputs: tuple[Any, ...], limit: float) -> int:
    steps = 0

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        if steps > limit:
            raise _TooManySteps
        return count

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # or Python 3.12 counts nothing the first time
    with _silent(), _EveryOperation():
        sys.settrace(count)
        try:
            answer(*inputs)
        except _TooManySteps:
            pass
        finally:
            sys.settrace(before)
    return steps


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


class _TooManySteps(BaseException):
    """Ends a call that need not be counted further."""


class _EveryOperation(TorchFunctionMode):
    """Leads every tensor operation through Python, so that sum(tensor) takes steps as loops do."""

    def __torch_function__(
        self, function: Answer, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return function(*args, **(kwargs or {}))

"""Find out whether an answer walks through its inputs in a loop, by counting steps, not seconds."""

import contextlib
import sys
from typing import Any
from unittest import mock

from tellwhy.answers.run import Answer, Call, Inputs, call

FEW, MORE = 100_000, 10  # steps with a small input at most; so many times as many with a large one


def has_loop(
    answer: Answer, small: Inputs, large: Inputs, deadline: float
) -> tuple[bool, Call | None]:
    """Tell whether the steps of an answer grow with its inputs; return the call that failed, too.

    A step is a line or a call of Python's. An answer is not followed to the end of a long loop.
    """

    def least(inputs: Inputs, limit: int) -> Call:
        """Return the shorter of two calls, as a first one takes more; or one that failed."""
        options: Any = {"deadline": deadline, "steps": limit, "everywhere": True}
        calls = [call(answer, inputs, _counted, **options) for _ in range(2)]
        return min(calls, key=lambda one: (not one.error or one.steps > limit, one.steps))

    few = least(small, FEW)
    many = least(large, MORE * few.steps + 10)
    for one, limit in ((few, FEW), (many, MORE * few.steps + 10)):
        if one.error and one.steps <= limit:
            return False, one
    idle = call(lambda *inputs: None, small, _counted, everywhere=True).steps
    return many.steps - idle > 1.2 * (few.steps - idle) + 2, None


def _counted(answer: Answer, *inputs: Any) -> Any:
    """Call an answer, silently: to show an array takes a fixed number of steps, and is no loop."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch("builtins.print", _nothing))
        if numpy := sys.modules.get("numpy"):
            stack.enter_context(numpy.printoptions(threshold=0, edgeitems=1))
        if "torch" in sys.modules:
            from torch.overrides import BaseTorchFunctionMode

            stack.enter_context(mock.patch("torch._tensor_str._str", _nothing))
            # Through it Python leads every operation, so that sum(tensor) takes steps as loops do.
            stack.enter_context(BaseTorchFunctionMode())
        return answer(*inputs)


def _nothing(*values: Any, **options: Any) -> str:
    return ""

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

    def steps(inputs: Inputs, limit: int) -> int | Call:
        """Count the steps of a call, the least of two since a first call takes more."""
        calls = [
            call(answer, inputs, _counted, deadline=deadline, steps=limit, everywhere=True)
            for _ in range(2)
        ]
        failed = [one for one in calls if one.error and not (one.stopped and one.steps > limit)]
        return failed[0] if failed else min(one.steps for one in calls)

    few = steps(small, FEW)
    if isinstance(few, Call):
        return False, few
    many = steps(large, MORE * few + 10)
    if isinstance(many, Call):
        return False, many
    idle = call(lambda *inputs: None, small, _counted, everywhere=True).steps
    return many - idle > 1.2 * (few - idle) + 2, None


def _counted(answer: Answer, inputs: Inputs) -> Any:
    """Call an answer, silently: to show an array takes a fixed number of steps, and is no loop."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch("builtins.print", _nothing))
        if numpy := sys.modules.get("numpy"):
            stack.enter_context(numpy.printoptions(threshold=0, edgeitems=1))
        if "torch" in sys.modules:
            stack.enter_context(mock.patch("torch._tensor_str._str", _nothing))
            stack.enter_context(_every_operation())
        return answer(*inputs)


def _nothing(*values: Any, **options: Any) -> str:
    return ""


def _every_operation() -> Any:
    """Lead every tensor operation through Python, so that sum(tensor) takes steps as loops do."""
    from torch.overrides import TorchFunctionMode

    class EveryOperation(TorchFunctionMode):
        def __torch_function__(
            self, function: Answer, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            return function(*args, **(kwargs or {}))

    return EveryOperation()

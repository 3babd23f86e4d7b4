"""Find out whether an answer walks through its inputs in a loop, by counting steps, not seconds."""

from typing import Any
from unittest import mock

import numpy as np
from torch.overrides import TorchFunctionMode

from tellwhy.answers.run import Answer, Call, Inputs, call


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
    idle = call(lambda *inputs: None, small, _counted, everywhere=True).steps
    return many - idle > 1.2 * (few - idle) + 2, None


def _fewest_steps(answer: Answer, inputs: Inputs, limit: int) -> int | Call:
    """Count the steps of a call, the least of two since a first call takes more."""
    calls = [call(answer, inputs, _counted, steps=limit, everywhere=True) for _ in range(2)]
    failed = [one for one in calls if one.error and not (one.stopped and one.steps > limit)]
    return failed[0] if failed else min(one.steps for one in calls)


def _counted(answer: Answer, inputs: Inputs) -> Any:
    """Call an answer, silently: to show a tensor takes a fixed number of steps, and is no loop."""
    with (
        mock.patch("builtins.print", _nothing),
        mock.patch("torch._tensor_str._str", _nothing),
        np.printoptions(threshold=0, edgeitems=1),
        _EveryOperation(),
    ):
        return answer(*inputs)


def _nothing(*values: Any, **options: Any) -> str:
    return ""


class _EveryOperation(TorchFunctionMode):
    """Leads every tensor operation through Python, so that sum(tensor) takes steps as loops do."""

    def __torch_function__(
        self, function: Answer, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return function(*args, **(kwargs or {}))

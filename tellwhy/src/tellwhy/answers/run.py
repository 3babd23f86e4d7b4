"""Run an answer on inputs, and record what happened.

An answer gets copies of the inputs, what it prints is caught, and the settings that it changes are
put back. Files that it writes and processes that it starts are real: that it does is recorded.
"""

import copy
import inspect
import math
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tellwhy.answers.compare import Iterated, Observed, Raised, unchanged
from tellwhy.answers.isolation import Notes, isolated, seeded
from tellwhy.answers.watch import Stopped, Watch, code_of, space_of
from tellwhy.show import is_a

Answer = Callable[..., Any]
Inputs = tuple[Any, ...]
Observe = Callable[..., Any]

STEPS = 5_000_000  # lines and calls of the learner's code; a call of more never ends
YIELDED = 1_000  # so much of an iterator is looked at
PARTS, DEEP = 100_000, 100  # lists in a result and numbers in a range, and lists in lists
CHANGED = "<a change>"  # the file of changed copies of code


class NotAllowedError(RuntimeError):
    """What an exercise raises where an answer does what its statement excludes, with the advice."""


@dataclass(frozen=True)
class Call:
    """What became of a call.

    Attributes:
        inputs: the arguments, as they were before.
        result: what came, where nothing was raised.
        error: what was raised.
        line: the learner's line that raised, or that was at work when the call was stopped.
        changed: the names of the arguments that were changed in place, and what they hold now.
        notes: what was printed, and the first warning.
        steps: how many lines and calls of Python's it took, as far as they were followed.
        slow: the seconds that one line took, and the line, if that is long.
        reached: whether it wrote a file, started a process or the like.
    """

    inputs: Inputs
    result: Any = None
    error: BaseException | None = None
    line: str = ""
    changed: Mapping[str, Any] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)
    steps: int = 0
    slow: tuple[float, str] = (0.0, "")
    reached: bool = False

    @property
    def raises(self) -> bool:
        """Whether the line is a `raise`, be it after a condition."""
        return bool(re.search(r"^raise\b|: *raise\b", self.line))

    @property
    def stopped(self) -> bool:
        """Whether the call would not end by itself."""
        return isinstance(self.error, Stopped)

    @property
    def message(self) -> str:
        """What the error says; nothing where that raises another one."""
        with suppress(Exception):
            return str(self.error)
        return ""

    @property
    def outcome(self) -> Any:
        """The result, or what stands for an error."""
        return raised(self.error) if self.error else self.result


def call(
    answer: Answer,
    inputs: Inputs,
    observe: Observe | None = None,
    *,
    deadline: float = math.inf,
    seed: int = 0,
    steps: float = STEPS,
    everywhere: bool = False,
) -> Call:
    """Call an answer on a copy of the inputs, until a time or for some steps; through `observe`.

    With `everywhere` the steps inside libraries count as well.
    """
    given, result, error = copied(inputs), None, None
    watch = Watch(answer, observe, deadline, steps, everywhere)
    with isolated(seed) as notes:
        try:
            with watch:
                result = _observed(answer, given, observe)
        except KeyboardInterrupt:
            raise
        except BaseException as came:  # an answer may raise anything
            error = came
    line = (watch.line or _line_of(error, answer)) if error else ""
    changed = {} if observe else _changed(answer, inputs, given)
    slow, reached = watch.slow, watch.reached
    return Call(inputs, result, error, line, changed, notes, watch.steps, slow, reached)


def outcome(
    answer: Answer, inputs: Inputs, observe: Observe | None, steps: float, deadline: float
) -> Any:
    """Return the result of a call, or what stands for its error: quick, inside of `isolated`."""
    given = copied(inputs)
    seeded(0)
    try:
        with Watch(answer, observe, deadline, steps):
            return _observed(answer, given, observe)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return raised(error)


def _observed(answer: Answer, given: Inputs, observe: Observe | None) -> Any:
    with _itself(answer):
        result = observe(answer, *given) if observe else answer(*given)
    _bounded(result)
    if observe and type(result) is dict:
        return Observed(result)
    iterates = hasattr(result, "__next__") and not inspect.isclass(result)
    return Iterated(islice(result, YIELDED)) if iterates else as_it_is(result)


@contextmanager
def _itself(answer: Answer) -> Iterator[None]:
    """Let the name of a solution, which means its exercise, mean the solution while it runs."""
    space, name = space_of(answer), getattr(answer, "__name__", "")
    known = space.get(name)
    if getattr(getattr(known, "specification", None), "solution", None) is not answer:
        yield
        return
    space[name] = answer
    try:
        yield
    finally:
        space[name] = known


def as_it_is(result: Any) -> Any:
    """Return a result as it is now: a later call may change what it shares."""
    if type(result) in {list, dict, set} or is_a(result, "numpy", "ndarray"):
        with suppress(Exception):
            return copy.deepcopy(result)
    return result


def _bounded(result: Any) -> None:
    """Raise an error where a result holds itself, or lists in more lists than one can look at."""
    waiting, count = [(result, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, list | tuple | dict | range):
            count += len(part) if isinstance(part, range) else 1
            if count > PARTS or depth > DEEP:
                much = f"more than {PARTS:,} parts" if count > PARTS else "lists in lists in lists"
                raise NotAllowedError(f"Your result has {much}, too many to compare.")
            inner = part.values() if isinstance(part, dict) else part
            kept = (one for one in inner if isinstance(one, list | tuple | dict | range))
            waiting += [(one, depth + 1) for one in kept]


def raised(error: BaseException) -> Raised:
    """Return what stands for an error."""
    return Raised(tuple(base.__name__ for base in type(error).__mro__[:-1]))


def copied(value: Any) -> Any:
    """Return a copy of inputs, or of one of them; what is plain is copied in a quick way."""
    if type(value) in {int, float, str, bool, type(None)}:
        return value
    if type(value) in {tuple, list}:
        return type(value)(map(copied, value))
    quick = is_a(value, "torch", "Tensor") and not value.requires_grad
    return value.clone() if quick else copy.deepcopy(value)


def _changed(answer: Answer, before: Inputs, now: Inputs) -> dict[str, Any]:
    names: list[str] = []
    with suppress(TypeError, ValueError):
        names += inspect.signature(answer).parameters
    names += [f"argument {place + 1}" for place in range(len(names), len(before))]
    trios = zip(names, now, before, strict=False)
    return {name: new for name, new, old in trios if not unchanged(new, old)}


def _line_of(error: BaseException, answer: Answer) -> str:
    """Return the last line of the learner's that led to an error, or nothing."""
    code = code_of(answer)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line for frame in frames if code and frame.filename == code.co_filename]
    return (lines[-1] or "") if lines else ""

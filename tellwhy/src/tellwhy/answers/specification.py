"""What an exercise is: its solution, its inputs and its words, as data."""

import inspect
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tellwhy.answers.compare import Observed
from tellwhy.answers.run import Answer, Inputs, Observe, as_it_is, raised
from tellwhy.show import show


@dataclass(frozen=True, eq=False)
class Specification:
    """What is asked for, and how an answer is called.

    Attributes:
        solution: a right answer: a function, or a class with methods. An error that it raises by
            `raise` is what is asked for, and so is what it prints if it returns nothing.
        inputs: inputs that are always tried first, few and short to print: tuples of arguments.
            For a class the arguments of the constructor, then a tuple for each call of a method,
            as in `((10,), ("withdraw", 4), ("balance",))`.
        draw: makes further inputs from a generator of Python's; always the same ones.
        hints: a hint and a stronger one.
        verified: what a right answer is told, as in "10 random batches".
        parts: names of the results, where a tuple of them is returned.
        mistakes: for each mistake that the engine does not find, by a short name: the advice, and
            a function that makes it. Those with one advice are counted as one.
        special: further inputs by what is special about them, as in "a frozen layer".
        says: what to tell when a part of what `observe` returns is wrong.
        ways: bodies of further solutions, or what they return: their slips are known, too.
        observe: called with an answer and its arguments, returns what is compared; by default what
            the answer returns. For answers that work in place. The parts of a dict are told apart.
        vectorized: makes inputs of a given size, 5 and 500; an answer whose Python steps grow
            with the size is told that it contains a loop.
        phrase: writes the code of a call; by default one line with all inputs.
        seconds: how long a check may run lines of Python, in all; a single call half as long.
    """

    solution: Answer
    inputs: Sequence[Inputs]
    draw: Callable[[random.Random], Inputs] | None = None
    hints: Sequence[str] = ()
    verified: str = ""
    parts: Sequence[str] = ()
    mistakes: Mapping[str, tuple[str, Answer]] = field(default_factory=dict)
    special: Mapping[str, Inputs] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    ways: Sequence[str] = ()
    observe: Observe | None = None
    vectorized: Callable[[int], Inputs] | None = None
    phrase: Callable[[Inputs], str] | None = None
    seconds: float = 10.0

    def __post_init__(self) -> None:
        """Look whether the inputs are such as can be tried.

        Raises:
            TypeError: if they are no tuples of arguments, or of calls, or do not fit the solution.
            ValueError: if there are none, drawn or given.
        """
        of, walks = f"inputs of `{self.name}`", self.walks
        if isinstance(self.hints, str):
            raise TypeError(f"hints of `{self.name}` must be several texts, got one.")
        if not (self.inputs or self.special or self.draw):
            raise ValueError(f"{of} must hold at least one tuple of arguments.")
        like = '((10,), ("withdraw", 4))' if walks else "(3,)"
        for one in self.inputs if isinstance(self.inputs, Sequence) else [self.inputs]:
            if not (_is_walk(one) if walks else isinstance(one, tuple)):
                raise TypeError(f"{of} must be tuples such as {like}, got {show(one)}.")
            if not (self.observe or walks):
                try:
                    inspect.signature(self.solution).bind(*one)
                except TypeError as error:
                    raise TypeError(f"{of} do not fit its arguments: {error}.") from None

    @property
    def name(self) -> str:
        """The name of the exercise: that of the solution."""
        return self.solution.__name__

    @property
    def names(self) -> list[str]:
        """The names of the arguments; of a class none."""
        is_class = inspect.isclass(self.solution)
        return [] if is_class else [*inspect.signature(self.solution).parameters]

    @property
    def observer(self) -> Observe | None:
        """What calls an answer in another way than with the inputs, if anything."""
        return partial(_walk, self.methods) if self.walks else self.observe

    @property
    def walks(self) -> bool:
        """Whether the inputs call the methods of an object."""
        return not self.observe and inspect.isclass(self.solution)

    @property
    def called(self) -> list[str]:
        """The names of the methods that the inputs call; none where an exercise observes."""
        rows = self.inputs if self.walks else []
        return [name for row in rows for name, *_ in row[1:]]

    @property
    def methods(self) -> set[str]:
        """Which of them are methods, and no other attributes, in the solution."""
        return {one for one in self.called if inspect.isroutine(getattr(self.solution, one, None))}

    def code(self, inputs: Inputs) -> str:
        """Return the code of a call."""
        if self.phrase:
            return self.phrase(inputs)
        if self.walks:
            steps = [f"it.{_call(name, given)}" for name, *given in inputs[1:]]
            return "\n".join([f"it = {_call(self.name, inputs[0])}", *steps])
        return _call(self.name, inputs)


def _is_walk(one: Any) -> bool:
    """Tell whether it is the arguments of a constructor, then a tuple for each call of a method."""
    parts = one if isinstance(one, tuple) else ()
    return bool(parts) and all(isinstance(part, tuple) for part in parts) and all(parts[1:])


def _walk(methods: set[str], made: Answer, first: Inputs, *calls: tuple[Any, ...]) -> Observed:
    """Return what the methods of an object give, each a list in the order of its calls."""
    thing, results = made(*first), dict[str, list[Any]]()
    for name, *given in calls:
        try:
            member = getattr(thing, name)
            result = as_it_is(member(*given) if name in methods or callable(member) else member)
        except Exception as error:
            result = raised(error)
        results.setdefault(name, []).append(result)
    return Observed(results)


def _call(name: str, arguments: Sequence[Any]) -> str:
    return f"{name}({', '.join(map(show, arguments))})"

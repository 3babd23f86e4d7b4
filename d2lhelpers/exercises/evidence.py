"""What is known of a wrong answer, and how to find out more: by calls of it and the solution."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch

from d2lhelpers.exercises.run import Answer, Call, Inputs, Observe, call
from d2lhelpers.exercises.values import alike, same


@dataclass(frozen=True)
class Finding:
    """A thing that is true of a wrong answer.

    Attributes:
        name: short, and the same whenever the same is found.
        sentence: what a student is told.
    """

    name: str
    sentence: str


@dataclass(frozen=True)
class Raised:
    """Stands for the result of a call that raised an error."""

    kind: str


@dataclass(frozen=True)
class Evidence:
    """The calls of a wrong answer beside what was expected.

    Attributes:
        answer: the student's function.
        solution: a right one.
        names: of the arguments.
        parts: names of the results, where there are several.
        calls: what became of each call.
        expected: the right result of each.
        labels: what is special about an input, or nothing.
        ways: the bodies of further solutions, written another way.
        observe: how both are called.
        pick: takes the part of a result that is looked at.
    """

    answer: Answer
    solution: Answer
    names: Sequence[str]
    parts: Sequence[str]
    calls: Sequence[Call]
    expected: Sequence[Any]
    labels: Sequence[str]
    ways: Sequence[str] = ()
    observe: Observe | None = None
    pick: Callable[[Any], Any] = lambda result: result

    @cached_property
    def results(self) -> list[Any]:
        """What came of each call."""
        return [
            Raised(type(call.error).__name__) if call.error else self.pick(call.result)
            for call in self.calls
        ]

    @cached_property
    def wanted(self) -> list[Any]:
        """What should have come."""
        return [self.pick(result) for result in self.expected]

    @cached_property
    def wrong(self) -> list[bool]:
        """Which calls went wrong."""
        return [not same(*pair) for pair in zip(self.results, self.wanted, strict=True)]

    def solve(self, solution: Answer, inputs: Inputs) -> Any:
        """Return the result of a right or a changed solution on a copy of some inputs."""
        given = copy.deepcopy(inputs)
        torch.default_generator.manual_seed(0)
        try:
            return self.pick(self.observe(solution, given) if self.observe else solution(*given))
        except (Exception, SystemExit) as error:
            return Raised(type(error).__name__)

    def ask(self, inputs: Inputs, *, seed: int = 0) -> Any:
        """Return the result of the student's answer on other inputs."""
        became = call(self.answer, inputs, self.observe, seed=seed)
        if became.error:
            return Raised(type(became.error).__name__)
        try:
            return self.pick(became.result)
        except Exception:  # a result without such a part
            return Raised("part")

    def explained_by(self, predict: Callable[[int, Inputs], Any]) -> bool:
        """Tell whether a guess gives what came, on all inputs, and two tell it from the right."""
        told = 0
        for place in sorted(range(len(self.calls)), key=lambda place: not self.wrong[place]):
            guess = predict(place, self.calls[place].inputs)
            if alike(guess, self.wanted[place]):
                if self.wrong[place]:
                    return False
                continue
            raised = isinstance(self.results[place], Raised)  # and this goes wrong as well
            if not raised and not alike(self.results[place], guess):
                return False
            told += not raised
        return told >= min(2, len(self.calls))

    def of_part(self, part: str) -> "Evidence":
        """Return the same of one part of the results."""
        index: Any = part
        if not isinstance(self.expected[0], Mapping):
            index = list(self.parts).index(part)
        return replace(self, parts=(), pick=lambda result: self.pick(result)[index])

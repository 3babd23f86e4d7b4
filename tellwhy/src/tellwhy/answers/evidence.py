"""What is known of a wrong answer, and how to find out more: by calls of it and the solution."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tellwhy.answers.judge import alike
from tellwhy.answers.run import Answer, Call, Inputs, call, copied

if TYPE_CHECKING:
    from tellwhy.answers.exercise import Exercise


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


@dataclass(frozen=True, eq=False)
class Evidence:
    """The calls of a wrong answer, or what is looked at of their results, beside what is right."""

    exercise: Exercise
    answer: Answer
    calls: Sequence[Call]
    results: Sequence[Any]
    wanted: Sequence[Any]
    parts: Sequence[str] = ()
    path: tuple[Any, ...] = ()
    others: Sequence[Evidence] = ()  # of the other parts
    known: dict[Any, Any] = field(default_factory=dict)

    @functools.cached_property
    def extended(self) -> Evidence:
        """The same with further inputs."""
        more = self.exercise.more
        return replace(
            self,
            calls=[*self.calls, *map(Call, more)],
            results=[*self.results, *map(self.ask, more)],
            wanted=[*self.wanted, *(self.solve(self.exercise.right, given) for given in more)],
            known={},
        )

    def only(self, places: Sequence[int]) -> Evidence:
        """Return the same of some calls."""
        columns = (self.calls, self.results, self.wanted)
        calls, results, wanted = ([column[place] for place in places] for column in columns)
        return replace(self, calls=calls, results=results, wanted=wanted, known={})

    @functools.cached_property
    def wrong(self) -> list[bool]:
        """Which calls went wrong."""
        return [not alike(*pair) for pair in zip(self.results, self.wanted, strict=True)]

    def solve(self, solution: Answer, inputs: Inputs) -> Any:
        """Return the result of a right or a changed solution on a copy of some inputs."""
        given, observe = copied(inputs), self.exercise.observe
        torch.default_generator.manual_seed(0)
        try:
            return self.picked(observe(solution, given) if observe else solution(*given))
        except (Exception, SystemExit) as error:
            return Raised(type(error).__name__)

    def ask(self, inputs: Inputs, answer: Answer | None = None, **limits: Any) -> Any:
        """Return the result of the student's answer, or of that with a change, on other inputs."""
        became = call(answer or self.answer, inputs, self.exercise.observe, **limits)
        return Raised(type(became.error).__name__) if became.error else self.picked(became.result)

    def solved(self, solution: Answer, place: int) -> Any:
        """Return the result of a solution in a call, which the next answer needs as well."""
        inputs, known = self.calls[place].inputs, self.exercise.known
        if (solution, id(inputs)) not in known:  # kept with the inputs, so that no other has the id
            known[solution, id(inputs)] = inputs, replace(self, path=()).solve(solution, inputs)
        return self.picked(known[solution, id(inputs)][1])

    def repaired(self, answer: Answer, place: int) -> Any:
        """Return the result of an answer with a change in a call."""
        if (answer, place) not in self.known:
            one, whole = self.calls[place], replace(self, path=())
            self.known[answer, place] = whole.ask(one.inputs, answer, steps=3 * one.steps + 200)
        return self.picked(self.known[answer, place])

    def picked(self, result: Any) -> Any:
        """Return the part of a result that is looked at."""
        try:
            return functools.reduce(lambda part, name: part[name], self.path, result)
        except Exception:  # an error, or a result without such a part
            return Raised("part")

    def explained_by(self, predict: Callable[[int], Any]) -> bool:
        """Tell whether a guess gives what came, on all inputs, and two tell it from the right."""
        rows = zip(self.results, self.wrong, strict=True)
        told = [place for place, (_, wrong) in enumerate(rows) if wrong]
        told = [place for place in told if not isinstance(self.results[place], Raised)]
        if len(told) < min(2, len(self.wrong)):
            return False
        others = [place for place in range(len(self.wrong)) if place not in told]
        for place in (*told, *others):
            guess = predict(place)
            right = guess is not None and alike(guess, self.wanted[place])
            if guess is None or right is self.wrong[place]:
                return False
            if not right and place in told and not alike(self.results[place], guess):
                return False  # where the answer raised an error, another wrong result will do
        return True

    def of_part(self, part: str) -> Evidence:
        """Return the same of one part of the results."""
        index: Any = part if isinstance(self.wanted[0], Mapping) else [*self.parts].index(part)
        of_part = replace(self, parts=(), path=(*self.path, index))
        one = replace(self, path=(index,))
        return replace(
            of_part,
            results=[one.picked(result) for result in self.results],
            wanted=[one.picked(right) for right in self.wanted],
        )

    def column(self, place: int) -> list[Any]:
        """Return the argument at a place, in each call; None where it is not given."""
        return [one.inputs[place] if place < len(one.inputs) else None for one in self.calls]


def sizes(names: Sequence[str], inputs: Sequence[Inputs]) -> dict[str, list[Any]]:
    """Return the numbers among arguments, and the sizes of the others, as one writes them."""
    found: dict[str, list[Any]] = {}
    for place, name in enumerate(names):
        values: list[Any] = [given[place] if place < len(given) else None for given in inputs]
        if all(isinstance(value, int | float) for value in values):
            found[name] = values
        if all(isinstance(value, list) or getattr(value, "ndim", 0) for value in values):
            found[f"len({name})"] = [len(value) for value in values]
        if all(isinstance(value, Tensor) for value in values):
            found[f"{name}.ndim"] = [value.ndim for value in values]
            if all(value.ndim == 2 for value in values):
                found[f"{name}.shape[1]"] = [value.shape[1] for value in values]
                found[f"{name}.numel()"] = [value.numel() for value in values]
    return found

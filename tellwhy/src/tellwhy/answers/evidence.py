"""What is known of a wrong answer, and how to find out more: by calls of it and of solutions."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from tellwhy.answers.compare import Observed, Raised, alike, flat, kind, plain
from tellwhy.answers.edits import Edit
from tellwhy.answers.mutation import Program
from tellwhy.answers.run import Answer, Call, Inputs, call
from tellwhy.answers.solutions import Solutions
from tellwhy.answers.tables import SLIPS, value_of
from tellwhy.finding import Finding

CALLS, KEPT = 3_000, 600  # of an answer and its copies, at most; of these not to look for a mend
Guess = tuple[Finding, Callable[[int], Any]]  # what is said; what would have come of each call
ROUGHLY = 1e-4  # two wrong results may differ by the rounding of a float32 that has cancelled


class Spent(Exception):  # noqa: N818
    """There is no time, or are no calls, left to find out more."""


@dataclass(eq=False)
class Trial:
    """An answer, what is right, and how much it may still be called."""

    known: Solutions
    answer: Answer
    deadline: float
    calls_left: int = CALLS
    quick: bool = True  # whether it may be called to find out more
    kept: dict[tuple[Any, int], Any] = field(default_factory=dict)

    def call(self, inputs: Inputs, seed: int = 0, copy: Answer | None = None) -> Call:
        """Call the answer, or a copy, in full: for half of the time that there is at most."""
        answer, of = copy or self.answer, self.known.of
        most, observer = of.seconds / 2, of.observer
        half, modules = min(self.deadline, time.monotonic() + most), len(sys.modules)
        one = call(answer, inputs, observer, deadline=half, seed=seed)
        # What is imported for the first time takes long, and may look for files and programs.
        imports = len(sys.modules) > modules
        if (one.slow[0] and (one.slow[0] < most or imports)) or (one.reached and imports):
            # Again: it may be that, or the machine was busy.
            again = call(answer, inputs, observer, deadline=half + one.slow[0], seed=seed)
            if not again.slow[0]:
                self.deadline += one.slow[0]
                return again
        return one

    def changed(self, program: Program, edit: Edit, inputs: Inputs, steps: int) -> Any:
        """Return what a changed copy of the answer gives, which is kept."""
        key = edit, id(inputs)
        if key not in self.kept:
            self.spend()
            answer = self.kept[edit, 0] = self.kept.get((edit, 0)) or program.made(edit)
            given = answer and self.known.outcome(answer, inputs, steps, self.deadline)
            self.kept[key] = inputs, given if answer else Raised(("SyntaxError",))
        return self.kept[key][1]

    def spend(self, calls: int = 1) -> None:
        """Count calls; raise an error where none is left, or no time."""
        self.calls_left -= calls
        no_call = calls and (not self.quick or self.calls_left < 0)
        if no_call or time.monotonic() > self.deadline:
            raise Spent

    @property
    def rich(self) -> bool:
        """Whether there are calls, and is time, for a search."""
        soon = time.monotonic() + self.known.of.seconds / 3
        return self.calls_left > KEPT and self.deadline > soon

    @cached_property
    def program(self) -> Program | None:
        """The answer's source, if it can be read and changed."""
        if not self.quick:
            return None
        with suppress(OSError, TypeError, ValueError, SyntaxError, RecursionError):
            program = Program(self.answer, own=True)
            of = [*zip(self.known.of.names, zip(*self.known.shown, strict=False), strict=False)]
            program.others = [name for name, (one, *_) in of if isinstance(one, list | str | dict)]
            axes = {name: {getattr(one, "ndim", 0) for one in values} for name, values in of}
            program.vectors = [name for name in axes if 1 in axes[name]]
            return program
        return None


@dataclass(frozen=True, eq=False)
class Evidence:
    """The calls of a wrong answer, or what is looked at of their results, beside what is right.

    Attributes:
        trial: how to find out more.
        calls: of the answer.
        results: what came of each, as far as it is looked at.
        wanted: what should have come.
        part: which part of the results is looked at, if not all.
        form: puts a result, beside the right one, into the form that is asked for.
    """

    trial: Trial
    calls: Sequence[Call]
    results: Sequence[Any]
    wanted: Sequence[Any]
    part: Any = None
    form: Callable[[Any, Any], Any] = lambda got, right: got

    @property
    def names(self) -> list[str]:
        """The names of the arguments."""
        return self.trial.known.of.names

    @property
    def inputs(self) -> list[Inputs]:
        """The arguments of the calls."""
        return [one.inputs for one in self.calls]

    @property
    def rows(self) -> list[tuple[Call, Any, Any]]:
        """Of each call what it was, what came and what should have come."""
        return [*zip(self.calls, self.results, self.wanted, strict=True)]

    def of_rows(self, rows: Sequence[tuple[Call, Any, Any]]) -> Evidence:
        """Return the same of other rows."""
        calls, results, wanted = ([row[k] for row in rows] for k in range(3))
        return replace(self, calls=calls, results=results, wanted=wanted)

    @cached_property
    def wrong(self) -> list[bool]:
        """Which calls went wrong."""
        return [not alike(*pair) for pair in zip(self.results, self.wanted, strict=True)]

    @cached_property
    def places(self) -> list[int]:
        """The places of the calls that went wrong."""
        return [place for place, wrong in enumerate(self.wrong) if wrong]

    @cached_property
    def pairs(self) -> list[tuple[list[float], list[float]]]:
        """The numbers that came and the right ones; nothing if there are others, or too large."""
        columns = zip(self.results, self.wanted, strict=True)
        rows = [(flat(plain(got)), flat(plain(right))) for got, right in columns]
        fit = all(len(a) == len(b) and {*map(type, a + b)} <= {int, float} for a, b in rows)
        whole = (one for a, b in rows for one in a + b if fit and type(one) is int)
        return rows if fit and all(abs(one) <= sys.float_info.max for one in whole) else []

    @cached_property
    def extended(self) -> Evidence:
        """The same with further inputs."""
        more = self.trial.known.more if self.trial.quick else []
        pairs = [(inputs, self.right(inputs)) for inputs in more]
        new = [(Call(inputs), self.ask(inputs, right), right) for inputs, right in pairs]
        extended = self.of_rows([*self.rows, *new])
        vars(extended)["extended"] = extended  # it has them already
        return extended

    def only(self, places: Iterable[int]) -> Evidence:
        """Return the same of some calls."""
        rows = self.rows
        return self.of_rows([rows[place] for place in places])

    def of_part(self, part: Any) -> Evidence:
        """Return the same of one part of the results."""
        one = replace(self, part=part)
        results, wanted = (map(one.picked, those) for those in (self.results, self.wanted))
        return replace(one, results=[*results], wanted=[*wanted])

    def picked(self, result: Any) -> Any:
        """Return the part of a result that is looked at."""
        if self.part is None or isinstance(result, Raised):
            return result
        try:
            return result[self.part]
        except Exception:  # there is no such part
            return Raised(("part",))

    def right(self, inputs: Inputs) -> Any:
        """Return what should come on inputs."""
        known = self.trial.known
        return self.picked(known.solved(known.of.solution, inputs))

    def ask(self, inputs: Inputs, right: Any = None, seed: int = 0, copy: Any = None) -> Any:
        """Return what comes on other inputs, be it of a copy of the answer."""
        self.trial.spend()
        got = self.trial.known.result(self.trial.call(inputs, seed, copy))
        return self.form(self.picked(got), right)

    def solved(self, solution: Answer, place: int) -> Any:
        """Return what another solution gives in a call."""
        return self.picked(self.trial.known.solved(solution, self.calls[place].inputs))

    def tried(self, program: Program, edit: Edit, inputs: Inputs, right: Any) -> Any:
        """Return what a changed copy of the answer gives on inputs."""
        steps = 1_000 + 10 * max(one.steps for one in self.calls)  # further inputs take more
        return self.form(self.picked(self.trial.changed(program, edit, inputs, steps)), right)

    def explained_by(self, predict: Callable[[int], Any]) -> bool:
        """Tell whether a guess gives what came, on all inputs, and two tell it from the right."""
        told = [place for place in self.places if not isinstance(self.results[place], Raised)]
        alone = (alike(self.wanted[told[0]], self.wanted[place]) for place in told)
        if len(told) < min(2, len(self.wrong)) or (len(told) < len(self.places) and all(alone)):
            return False  # of one right result, where the others raise errors, it is chance
        for place in sorted(range(len(self.wrong)), key=lambda place: place not in told):
            guess = predict(place)
            right = guess is not None and alike(guess, self.wanted[place])
            if guess is None or right is self.wrong[place]:
                return False  # where the answer raised an error, another wrong result will do
            if place in told and not alike(self.results[place], guess, ROUGHLY):
                return False
        return True

    def first(self, guesses: Iterable[Guess]) -> Finding | None:
        """Return what is said of the first guess that gives what came."""
        return next((said for said, predict in guesses if self.explained_by(predict)), None)

    def value(self, code: str, place: int) -> Any:
        """Return what an expression of the arguments gives in a call; None if it gives nothing."""
        return value_of(code, **dict(zip(self.names, self.calls[place].inputs, strict=False)))

    def column(self, place: int) -> list[Any]:
        """Return the argument at a place, in each call; None where it is not given."""
        return [one[place] if place < len(one) else None for one in self.inputs]

    def parts(self) -> dict[Any, str]:
        """Return the parts of the results, and what they are called; none if they have none."""
        names, rows = self.trial.known.of.parts, [*self.wanted, *self.results]
        first = rows[0]
        if all(isinstance(row, dict) and row.keys() == first.keys() for row in rows):
            code = "{}" if isinstance(first, Observed) else "result[{!r}]"
            return {key: code.format(key) for key in first} if len(first) < 15 else {}
        tuples = all(isinstance(row, tuple | list) and len(row) == len(first) for row in rows)
        if not tuples or kind(first) != "tuple":
            return {}
        return {place: names[place] if names else f"result[{place}]" for place in range(len(first))}

    def sizes(self) -> Iterator[tuple[str, list[Any]]]:
        """Yield the numbers among arguments, and the sizes of the others, as one writes them."""
        for name in self.names:
            for size in SLIPS["sizes"]["of"]:
                code = size.format(name)
                values = [self.value(code, place) for place in range(len(self.calls))]
                if all(type(value) in {int, float} for value in values):
                    yield code, values

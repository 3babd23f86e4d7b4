"""What the solutions of an exercise give, right ones and changed ones, computed once."""

import inspect
import math
import random
import time
import zlib
from contextlib import suppress
from functools import cache, cached_property
from typing import Any

from tellwhy.answers.code import text
from tellwhy.answers.compare import as_printed, flat
from tellwhy.answers.edits import Edit
from tellwhy.answers.mutation import Program
from tellwhy.answers.run import CHANGED, Answer, Call, Inputs, call, outcome
from tellwhy.answers.specification import Specification
from tellwhy.answers.watch import code_of
from tellwhy.show import show

# How many inputs are drawn that a check may show, that it never shows, and for its questions.
SHOWN, HIDDEN, MORE = 8, 4, 40
PLAIN = 200  # hidden ones where all that is drawn is plain Python, which takes no time
STEPS, SECONDS = 100_000, 1.0  # of a changed solution or answer, at most
PATIENT = 5.0  # the same of a registered mistake: on a busy machine a first call takes long


class Solutions:
    """The inputs of an exercise, and the results of its solutions."""

    def __init__(self, specification: Specification) -> None:
        """Draw the inputs; a solution is run when its results are needed."""
        self.of = of = specification
        seed = zlib.crc32(of.name.encode())
        drawn = self.drawn(seed, SHOWN + HIDDEN)
        if all(type(one) in {int, float, str, bool} for row in drawn for one in flat(row)):
            drawn = self.drawn(seed, SHOWN + PLAIN)
        self.shown = [*of.inputs, *of.special.values(), *drawn[:SHOWN]]
        self.hidden, self.more = drawn[SHOWN:], self.drawn(MORE, MORE)
        self.labels = [*[""] * len(of.inputs), *of.special]
        self._known: dict[tuple[Answer, int], tuple[Inputs, Any]] = {}

    def drawn(self, seed: int, number: int) -> list[Inputs]:
        """Return inputs that the exercise draws, always the same ones."""
        rng, draw = random.Random(seed), self.of.draw
        rows = [draw(rng) for _ in range(number)] if draw else []
        for row in rows:
            if not isinstance(row, tuple | list):
                wanted = f"draw of `{self.of.name}` must return a tuple of arguments"
                raise TypeError(f"{wanted}, got {show(row)}.")
        return [*map(tuple, rows)]

    @cached_property
    def _calls(self) -> list[Call]:
        return [call(self.of.solution, inputs, self.of.observer) for inputs in self.shown]

    @cached_property
    def prints(self) -> bool:
        """Whether the solution prints its result, and returns nothing."""
        printing = [one for one in self._calls if one.notes.printed]
        return bool(printing) and all(one.outcome is None for one in printing)

    @cached_property
    def expected(self) -> list[Any]:
        """The right results for the inputs that a check may show."""
        return [self._right(one) for one in self._calls]

    def right(self, inputs: Inputs) -> Any:
        """Return the right result for inputs.

        Raises:
            Exception: the solution raised it, by no `raise` of its own.
            ValueError: a method is called that the solution's class lacks, or what it does can
                only be compared through `observe`: it changes an argument, or returns a function.
        """
        return self._right(call(self.of.solution, inputs, self.of.observer))

    def _right(self, one: Call) -> Any:
        if one.stopped:
            where = f"in `{one.line}` of {self.of.code(one.inputs)}"
            raise TimeoutError(f"the solution does not come to an end, {where}.")
        if one.error and not one.raises:
            one.error.add_note(f"The solution raised it, in {self.of.code(one.inputs)}.")
            raise one.error
        result, needs = self.result(one), f"`{self.of.name}` needs `observe`: its solution"
        if changed := [*one.changed]:
            raise ValueError(f"{needs} changes `{changed[0]}`.")
        if inspect.isfunction(result):
            raise ValueError(f"{needs} returns a function.")
        for name, values in result.items() if self.of.called and isinstance(result, dict) else ():
            missing = all("AttributeError" in getattr(value, "names", ()) for value in values)
            if missing and not hasattr(self.of.solution, name):
                raise ValueError(
                    f"inputs of `{self.of.name}` call `{name}`, which its class lacks."
                )
        return result

    def result(self, one: Call) -> Any:
        """Return the outcome of a call: what it printed, where that is asked for."""
        printed = one.outcome is None or (not one.error and one.notes.printed.strip())
        if self.prints and printed:  # what it returns besides is its own affair
            return as_printed(one.notes.printed)
        return one.outcome

    def outcome(
        self,
        answer: Answer,
        inputs: Inputs,
        steps: float = STEPS,
        deadline: float = math.inf,
        seconds: float = SECONDS,
    ) -> Any:
        """Return the result of a changed solution or answer; inside of `isolated`."""
        if self.prints:
            return self.result(call(answer, inputs, self.of.observer, steps=steps))
        deadline = min(deadline, time.monotonic() + seconds)
        return outcome(answer, inputs, self.of.observer, steps, deadline)

    def solved(self, solution: Answer, inputs: Inputs) -> Any:
        """Return the result of a right or a changed solution, which is kept."""
        if (solution, id(inputs)) not in self._known:  # kept with its inputs, and so the id is
            code = code_of(solution)
            seconds = SECONDS if code and code.co_filename == CHANGED else PATIENT
            result = self.outcome(solution, inputs, self._most, seconds=seconds)
            self._known[solution, id(inputs)] = inputs, result
        return self._known[solution, id(inputs)][1]

    @cached_property
    def _most(self) -> float:
        """The steps of a changed solution at most: it may never end."""
        steps = max(one.steps for one in self._calls)  # none are counted inside of libraries
        return 1_000 + 10 * steps if steps else STEPS

    @cached_property
    def code(self) -> set[str]:
        """All that stands in the solution, where it can be read."""
        with suppress(OSError):  # a lambda has no source that stands alone
            return {*map(text, Program(self.of.solution).nodes)}
        return set()

    @cached_property
    def mutants(self) -> list[tuple[Program, Edit, Answer]]:
        """The solutions with one thing changed, the smallest change first."""
        programs = list[Program]()
        with suppress(OSError):  # a lambda has no source that stands alone
            programs = [Program(self.of.solution, body) for body in ("", *self.of.ways)]
        made = ((one, edit, one.made(edit)) for one in programs for edit in one.edits)
        return [(one, edit, answer) for one, edit, answer in made if answer]


@cache
def solutions(specification: Specification) -> Solutions:
    """Return what is known of the solutions of an exercise."""
    return Solutions(specification)

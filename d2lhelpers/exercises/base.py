"""What all exercises share: calling the student's code, comparing, and phrasing.

An exercise is a solution with a decorator, followed by the mistakes that learners make, each a
function too. An answer that differs from the solution is compared with the mistakes, and the one
that gives the same result on the same inputs is named.
"""

from __future__ import annotations

import copy
import inspect
import itertools
import math
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from d2lhelpers.exercises.calls import Answer, alone, fewest_steps, is_stub, line_of
from d2lhelpers.exercises.values import differing, general_advice, rounded, same, show

Inputs = tuple[Any, ...]
Draw = Callable[[torch.Generator], Inputs]

DRAWN = 10  # how many inputs are drawn afresh at each check
LOOP = (
    "the number of steps grows with the input: there is a loop, or a sum() or map() that walks "
    "through a tensor. Let PyTorch work on whole tensors."
)


class Text(str):
    """A text that a notebook shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text itself."""
        return str(self)


@dataclass(frozen=True)
class Feedback:
    """The result of a check; a notebook shows its text.

    Attributes:
        status: "right", "wrong" or "unanswered".
        text: what was verified, or what went wrong.
    """

    status: Literal["right", "wrong", "unanswered"]
    text: str

    def __str__(self) -> str:
        """Return the text."""
        return self.text

    __repr__ = __str__


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that learners give, and what to tell them."""

    answer: Answer
    advice: str
    in_one: bool = False  # named when it gives the same on the failing input alone


@dataclass
class _Attempt:
    """What became of a call: a result or an error, and what happened on the way."""

    inputs: Inputs
    result: Any = None
    error: Exception | SystemExit | None = None
    changed: str = ""  # the argument that was changed in place
    notes: str = ""  # what was printed, and warnings


class Exercise:
    """An exercise that checks an answer, gives hints and shows a solution.

    Made by the decorator `exercise`. `check`, `hint` and `solution` change nothing of the
    student's and nothing global.
    """

    def __init__(
        self,
        solution: Answer,
        *,
        fixed: Iterable[Inputs],
        draw: Draw,
        hints: tuple[str, str],
        verified: str,
        observe: Callable[[Answer, Inputs], Any] | None = None,
        vectorized: Callable[[int], Inputs] | None = None,
        phrase: Callable[[Inputs], str] | None = None,
    ) -> None:
        """Take a solution, its inputs and its words; the decorator `exercise` describes them."""
        self.name = solution.__name__
        self._solution = solution
        self._fixed = list(fixed)
        self._draw = draw
        self._hints = hints
        self._hints_given = 0
        self._verified = verified
        self._observed = observe is not None
        self._observe = observe or (lambda answer, inputs: answer(*inputs))
        self._vectorized = vectorized
        self._phrase = phrase or (lambda inputs: f"{self.name}({', '.join(map(show, inputs))})")
        self.mistakes: list[Mistake] = []

    def mistake(self, advice: str, *, in_one: bool = False) -> Callable[[Answer], Answer]:
        """Return a decorator that registers a wrong answer with what to tell who gives it.

        With `in_one` it need not give the same on the inputs before the one that failed.
        """

        def register(answer: Answer) -> Answer:
            self.mistakes.append(Mistake(answer, advice, in_one))
            return answer

        return register

    def check(self, answer: Answer | None = None) -> Feedback:
        """Compare an answer with the solution, on fixed inputs and on inputs drawn afresh.

        Args:
            answer: the student's function.

        Returns:
            Feedback. When the answer is wrong, it names the first input that went wrong, what
            came, what was expected, and the common mistake that gives the same.
        """
        if not callable(answer) or isinstance(answer, nn.Module):
            got = "" if answer is None else f", got {show(answer)}"
            return self._wrong(
                f"check() wants the function itself{got}. "
                f"Write exercises.{self.name}.check({self.name}), without parentheses behind it."
            )
        if is_stub(answer):
            return self._unanswered()
        attempts: list[_Attempt] = []
        for inputs in self._all_inputs():
            attempt = self._attempt(answer, inputs)
            attempts.append(attempt)
            if attempt.error:
                return self._raised(answer, attempt, attempt.error)
            if attempt.result is ...:
                return self._unanswered()
            expected = self._expected(inputs)
            if not same(attempt.result, expected):
                return self._differs(answer, attempts, expected)
            if attempt.changed:
                return self._wrong(
                    self._call(attempt),
                    f"The result is right, but {attempt.changed} was changed in place. "
                    "Leave it as it is, and compute something new: the caller still needs it.",
                )
        loops = self._loops(answer)
        if loops.error:
            return self._raised(answer, loops, loops.error)
        if loops.result:
            return self._wrong(f"The results are right, but {LOOP}")
        return Feedback("right", f"{self.name}: right. Verified: {self._verified}.")

    def hint(self) -> Text:
        """Return a hint, and a stronger one when called again; then say that it was the last."""
        hint = self._hints[min(self._hints_given, len(self._hints) - 1)]
        self._hints_given += 1
        if self._hints_given > len(self._hints):
            hint += "\n(that was the last hint; solution() shows the answer)"
        return Text(hint)

    def solution(self) -> Text:
        """Return the source of a solution, which passes the check itself.

        Without type hints: their names are not defined in a notebook into which it is pasted.
        """
        source = textwrap.dedent(inspect.getsource(self._solution))
        definition = re.split(r"^def ", source, maxsplit=1, flags=re.MULTILINE)[1]
        body = definition[definition.index(":\n") :].rstrip()
        signature = inspect.signature(self._solution)
        names = [name.replace(annotation=name.empty) for name in signature.parameters.values()]
        bare = signature.replace(parameters=names, return_annotation=signature.empty)
        return Text(f"def {self.name}{bare}{body}")

    def __repr__(self) -> str:
        """Return what can be done with the exercise."""
        return f"the exercise {self.name}, with check(), hint() and solution()"

    def _all_inputs(self) -> Iterator[Inputs]:
        generator = torch.Generator()
        generator.seed()
        yield from self._fixed
        yield from (self._draw(generator) for _ in range(DRAWN))

    def _attempt(self, answer: Answer, inputs: Inputs) -> _Attempt:
        """Call an answer on a copy of the inputs, without an effect on anything outside."""
        attempt, given = _Attempt(inputs), copy.deepcopy(inputs)
        before = [_values(value) for value in given]
        with alone() as notes:
            try:
                attempt.result = self._observe(answer, given)
            except (Exception, SystemExit) as error:
                attempt.error = error
        attempt.notes = "\n".join(notes)
        if not self._observed:
            changes = (_values(new) != old for new, old in zip(given, before, strict=True))
            attempt.changed = next(itertools.compress(self._parameters(), changes), "")
        return attempt

    def _expected(self, inputs: Inputs) -> Any:
        attempt = self._attempt(self._solution, inputs)
        if attempt.error:
            raise attempt.error
        return attempt.result

    def _loops(self, answer: Answer) -> _Attempt:
        """Find out whether the steps of an answer grow with the size of its inputs."""
        if self._vectorized is None:
            return _Attempt((), result=False)
        small, large = map(self._vectorized, (5, 500))
        few = self._attempt(lambda *inputs: fewest_steps(answer, inputs, math.inf), small)
        if few.error:
            return few
        many = self._attempt(lambda *inputs: fewest_steps(answer, inputs, 10 * few.result), large)
        many.result = not many.error and many.result > 1.2 * few.result
        return many

    def _parameters(self) -> list[str]:
        return list(inspect.signature(self._solution).parameters)

    def _unanswered(self) -> Feedback:
        return Feedback(
            "unanswered",
            f"{self.name}: not answered yet. Replace the dots and run the cell again; "
            f"exercises.{self.name}.hint() helps.",
        )

    def _wrong(self, *parts: str) -> Feedback:
        text = "\n".join(part for part in parts if part)
        return Feedback("wrong", f"{self.name}: not yet right.\n{text}")

    def _raised(self, answer: Answer, attempt: _Attempt, error: Exception | SystemExit) -> Feedback:
        line, message = line_of(error, answer), textwrap.shorten(str(error), 500)
        if isinstance(error, NotImplementedError) and line.startswith("raise"):
            return self._unanswered()
        where = f"  in the line   {line}" if line else ""
        if isinstance(error, TypeError) and not (line or self._observed):
            where = f"The arguments should be ({', '.join(self._parameters())})."
        raised = f"  raised    {type(error).__name__}" + (f": {message}" if message else "")
        return self._wrong(self._call(attempt), raised, where)

    def _differs(self, answer: Answer, attempts: list[_Attempt], expected: Any) -> Feedback:
        got = attempts[-1].result
        advice = self._advice(attempts, expected)
        if isinstance(expected, dict):
            got, expected = differing(got, expected), differing(expected, got)
        return self._wrong(
            self._call(attempts[-1]),
            f"  gave      {show(rounded(got))}",
            f"  expected  {show(rounded(expected))}",
            *advice,
            f"Also, {LOOP}" if self._loops(answer).result else "",
        )

    def _advice(self, attempts: list[_Attempt], expected: Any) -> list[str]:
        """Return the advice of the mistake that gives the same results, if there is one.

        Else, for results in parts, return that of a mistake for each part that differs.
        """
        results = [attempt.result for attempt in attempts]
        mistaken = [(self._results(mistake.answer, attempts), mistake) for mistake in self.mistakes]
        for wrong, mistake in mistaken:
            if same(results, wrong):
                return [mistake.advice]
        for wrong, mistake in mistaken:
            if mistake.in_one and len(wrong) == len(results) and same(results[-1], wrong[-1]):
                return [mistake.advice]
        if not isinstance(expected, dict):
            return [general_advice(results[-1], expected)]
        advice: list[str] = []
        for part in differing(results[-1], expected):
            of_part = [result[part] for result in results]
            advice += [
                mistake.advice
                for wrong, mistake in mistaken
                if same(of_part, [result[part] for result in wrong])
            ][:1]
        return list(dict.fromkeys(advice))

    def _results(self, answer: Answer, attempts: list[_Attempt]) -> list[Any]:
        """Return what another answer gives on the same inputs, up to the first error."""
        again = (self._attempt(answer, attempt.inputs) for attempt in attempts)
        return [attempt.result for attempt in itertools.takewhile(lambda a: not a.error, again)]

    def _call(self, attempt: _Attempt) -> str:
        call = textwrap.indent(self._phrase(attempt.inputs), "  ")
        return f"{call}\n{attempt.notes}" if attempt.notes else call


def _values(value: Any) -> str:
    """Return a text that changes when a value is changed in place."""
    return show(value).replace(", requires_grad=True", "")


def exercise(
    *,
    fixed: Iterable[Inputs],
    draw: Draw,
    hints: tuple[str, str],
    verified: str,
    observe: Callable[[Answer, Inputs], Any] | None = None,
    vectorized: Callable[[int], Inputs] | None = None,
    phrase: Callable[[Inputs], str] | None = None,
) -> Callable[[Answer], Exercise]:
    """Return a decorator that makes a solution an exercise.

    Args:
        fixed: inputs that are always tried first, the telling edge cases among them.
        draw: makes further inputs from a private generator, so that a table of answers fails.
        hints: a hint and a stronger one.
        verified: what a right answer is told, as in "10 random batches".
        observe: calls an answer on inputs and returns what is compared; by default what the
            answer returns. For answers that work in place. The parts of a dict are told apart:
            those that differ are shown, and each may be another mistake.
        vectorized: makes inputs of a given size, 5 and 500; an answer whose Python steps grow
            with the size is told that it contains a loop.
        phrase: writes the code of a call; by default one line with all inputs.

    Example:
        >>> @exercise(fixed=[(0,), (3,)], draw=lambda g: (int(torch.randint(9, (), generator=g)),),
        ...           hints=("Multiply.", "Return 2 * n."), verified="small numbers")
        ... def double(n):
        ...     return 2 * n
        >>> @double.mistake("This looks like the square.")
        ... def square(n):
        ...     return n * n
        >>> double.check(lambda n: n + n)
        double: right. Verified: small numbers.
        >>> double.check(lambda n: n**2)
        double: not yet right.
          double(3)
          gave      9
          expected  6
        This looks like the square.
    """
    return lambda solution: Exercise(
        solution,
        fixed=fixed,
        draw=draw,
        hints=hints,
        verified=verified,
        observe=observe,
        vectorized=vectorized,
        phrase=phrase,
    )


def tenths(generator: torch.Generator, *shape: int) -> Tensor:
    """Draw numbers with one decimal, which are short to print and to paste."""
    return torch.randint(-30, 31, shape, generator=generator) / 10


__all__ = [
    "Answer",
    "Exercise",
    "Feedback",
    "Inputs",
    "Mistake",
    "Text",
    "exercise",
    "same",
    "show",
    "tenths",
]

"""An exercise: its solution, its inputs and its words; and the way of an answer through a check."""

import dis
import functools
import inspect
import math
import re
import textwrap
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from d2lhelpers.exercises import tell
from d2lhelpers.exercises.ask import ask
from d2lhelpers.exercises.evidence import Evidence, Finding
from d2lhelpers.exercises.loops import has_loop
from d2lhelpers.exercises.run import Answer, Call, Inputs, Observe, alone, call, code_of
from d2lhelpers.exercises.show import show, side_by_side
from d2lhelpers.exercises.tell import Feedback, Text
from d2lhelpers.exercises.values import same

SHOWN, HIDDEN = 8, 4  # how many inputs are drawn that a check may show, and that it never shows
LOOP = Finding(
    "loop",
    "The number of steps grows with the input: there is a loop, or a sum() or map() that walks "
    "through a tensor. Let PyTorch work on whole tensors.",
)


@dataclass(eq=False, repr=False)
class Exercise:
    """An exercise that checks an answer, gives hints and shows a solution.

    Made by the decorator `exercise`. `check`, `hint` and `solution` change nothing of the
    student's and nothing global, and an answer gets the same feedback every time.

    Attributes:
        right: the solution.
        inputs: inputs that are always tried first, few and short to print.
        draw: makes further inputs from a generator; always the same ones.
        hints: a hint and a stronger one.
        verified: what a right answer is told, as in "10 random batches".
        parts: names of the results, where a tuple of them is returned.
        mistakes: for each mistake that no question finds, by a short name: the advice, and a
            function that makes it.
        special: further inputs by what is special about them, as in "a frozen layer".
        says: what to tell when a part of what `observe` returns is wrong.
        ways: bodies of further solutions, or what they return: the questions know their slips.
        observe: calls an answer on inputs and returns what is compared; by default what the
            answer returns. For answers that work in place. The parts of a dict are told apart.
        vectorized: makes inputs of a given size, 5 and 500; an answer whose Python steps grow
            with the size is told that it contains a loop.
        phrase: writes the code of a call; by default one line with all inputs.
    """

    right: Answer
    inputs: Sequence[Inputs]
    draw: Callable[[torch.Generator], Inputs]
    hints: tuple[str, str]
    verified: str
    parts: Sequence[str] = ()
    mistakes: Mapping[str, tuple[str, Answer]] = field(default_factory=dict)
    special: Mapping[str, Inputs] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    ways: Sequence[str] = ()
    observe: Observe | None = None
    vectorized: Callable[[int], Inputs] | None = None
    phrase: Callable[[Inputs], str] | None = None

    def __post_init__(self) -> None:
        """Take the name of the solution."""
        self.name = self.right.__name__
        self._hints_given = 0

    def check(self, answer: Answer | None = None) -> Feedback:
        """Compare an answer with the solution, on many inputs.

        Args:
            answer: the student's function.

        Returns:
            Feedback. When the answer is wrong, it says what was done, if that can be said, then
            the first input that went wrong, what came, and what was expected.
        """
        if not callable(answer) or isinstance(answer, nn.Module):
            got = "" if answer is None else f", got {show(answer)}"
            wanted = f"check() wants the function itself{got}. "
            code = f"Write `exercises.{self.name}.check({self.name})`, no parentheses behind it."
            return tell.wrong(self.name, [Finding("not a function", wanted + code)])
        if is_stub(answer):
            return tell.unanswered(self.name)
        calls: list[Call] = []
        _ = self._expected  # first, so that what PyTorch imports late costs no answer its time
        for inputs in self._shown:
            calls.append(call(answer, inputs, self.observe))
            if _is_unanswered(calls[-1]):
                return tell.unanswered(self.name)
            if calls[-1].stopped:
                return self._wrong(answer, calls[-1:], ["never ends"])
        return (
            self._judged(answer, calls)
            or self._judged_by_the_hidden(answer)
            or self._judged_by_its_steps(answer)
            or tell.right(self.name, self.verified)
        )

    def hint(self) -> Text:
        """Return a hint, and a stronger one when called again; then say that it was the last."""
        hint = self.hints[min(self._hints_given, len(self.hints) - 1)]
        self._hints_given += 1
        if self._hints_given > len(self.hints):
            hint += "\n(that was the last hint; solution() shows the answer)"
        return Text(hint)

    def solution(self) -> Text:
        """Return the source of a solution, which passes the check itself.

        Without type hints: their names are not defined in a notebook into which it is pasted.
        """
        source = textwrap.dedent(inspect.getsource(self.right))
        definition = re.split(r"^def ", source, maxsplit=1, flags=re.MULTILINE)[1]
        body = definition[definition.index(":\n") :].rstrip()
        signature = inspect.signature(self.right)
        names = [name.replace(annotation=name.empty) for name in signature.parameters.values()]
        bare = signature.replace(parameters=names, return_annotation=signature.empty)
        return Text(f"def {self.name}{bare}{body}")

    def __repr__(self) -> str:
        """Return what can be done with the exercise."""
        return f"the exercise {self.name}, with check(), hint() and solution()"

    @functools.cached_property
    def _drawn(self) -> list[Inputs]:
        generator = torch.Generator().manual_seed(zlib.crc32(self.name.encode()))
        return [self.draw(generator) for _ in range(SHOWN + HIDDEN)]

    @property
    def _shown(self) -> list[Inputs]:
        return [*self.inputs, *self.special.values(), *self._drawn[:SHOWN]]

    @functools.cached_property
    def _expected(self) -> list[Any]:
        return [self._solved(inputs) for inputs in self._shown]

    def _solved(self, inputs: Inputs) -> Any:
        became = call(self.right, inputs, self.observe, seconds=math.inf)
        if became.error:
            raise became.error
        return became.result

    def _judged(self, answer: Answer, calls: list[Call]) -> Feedback | None:
        """Compare the calls with what was expected; None if all is right."""
        pairs = zip(calls, self._expected, strict=True)
        wrong = [bool(call.error) or not same(call.result, right) for call, right in pairs]
        if not any(wrong):
            changed = next((call for call in calls if call.changed), None)
            if changed is None:
                return None
            finding = Finding("argument changed", _changed(changed.changed[0]))
            return tell.wrong(self.name, [finding], self._code(changed.inputs).splitlines())
        first = wrong.index(True)
        if all(call.error for call in calls):
            return self._wrong(answer, calls[:1], [type(calls[0].error).__name__])
        with alone():
            findings = ask(self._evidence(answer, calls), self.mistakes, self.says)
        if calls[first].error and not findings:
            return self._wrong(answer, calls[first:], [type(calls[first].error).__name__])
        if calls[first].changed:
            findings.append(Finding("argument changed", _changed(calls[first].changed[0])))
        return self._wrong(answer, calls[first:], findings, self._expected[first])

    def _wrong(
        self,
        answer: Answer,
        calls: list[Call],
        findings: Sequence[Finding | str],
        expected: Any = ...,
    ) -> Feedback:
        """Tell what was found, and show the first of some calls."""
        first = calls[0]
        lines = tell.shown_call(self._code(first.inputs), first)
        said = [one for one in findings if isinstance(one, Finding)]
        names = [one for one in findings if isinstance(one, str)]
        if isinstance(first.error, TypeError) and not first.line and not self.observe:
            said.append(Finding("arguments", f"The arguments are `({', '.join(self._names)})`."))
        elif names:
            said.append(Finding(names[0], _raised(first)))
        if not first.error and expected is not ...:
            got, right = _differing(first.result, expected)
            shown = side_by_side(got, right)
            lines += [f"gave      {shown[0]}", f"expected  {shown[1]}"]
        if not first.stopped and self._walks(answer):
            said.append(LOOP)
        return tell.wrong(self.name, said, lines)

    def _judged_by_the_hidden(self, answer: Answer) -> Feedback | None:
        """Try inputs that are never shown with their results, so that a table does not pass."""
        for inputs in self._drawn[SHOWN:]:
            became = call(answer, inputs, self.observe)
            if became.error or not same(became.result, self._solved(inputs)):
                sentence = (
                    "It is right on all inputs that a check shows, and wrong on this one. "
                    "Does it compute the result, or know it?"
                )
                lines = tell.shown_call(self._code(inputs), became)
                lines += [] if became.error else [f"gave      {show(became.result)}"]
                return tell.wrong(self.name, [Finding("known by heart", sentence)], lines)
        return None

    def _judged_by_its_steps(self, answer: Answer) -> Feedback | None:
        if self.vectorized is None:
            return None
        loop, failed = has_loop(answer, self.vectorized(5), self.vectorized(500))
        if failed:
            return self._wrong(answer, [failed], [type(failed.error).__name__])
        return tell.wrong(self.name, [LOOP]) if loop else None

    def _walks(self, answer: Answer) -> bool:
        if self.vectorized is None:
            return False
        return has_loop(answer, self.vectorized(5), self.vectorized(500))[0]

    def _evidence(self, answer: Answer, calls: list[Call]) -> Evidence:
        labels = [*[""] * len(self.inputs), *self.special, *[""] * SHOWN]
        return Evidence(
            answer,
            self.right,
            self._names,
            self.parts,
            calls,
            self._expected,
            labels,
            self.ways,
            self.observe,
        )

    @property
    def _names(self) -> list[str]:
        return list(inspect.signature(self.right).parameters)

    def _code(self, inputs: Inputs) -> str:
        if self.phrase:
            return self.phrase(inputs)
        return f"{self.name}({', '.join(map(show, inputs))})"


def exercise(**options: Any) -> Callable[[Answer], Exercise]:
    """Return a decorator that makes a solution an exercise.

    Args:
        options: the attributes of an Exercise, by name.

    Example:
        >>> @exercise(
        ...     inputs=[(3,), (8,)],
        ...     draw=lambda g: (int(torch.randint(99, (), generator=g)),),
        ...     hints=("Multiply.", "Return 2 * n."),
        ...     verified="small numbers",
        ... )
        ... def double(n):
        ...     return 2 * n
        >>> double.check(lambda n: n + n)
        double: right.
        Verified: small numbers.
        >>> double.check(lambda n: 3 * n)
        double: not yet right.
        This is 1.5 times the right result.
          double(3)
          gave      9
          expected  6
    """
    return lambda right: Exercise(right, **options)


def tenths(generator: torch.Generator, *shape: int) -> Tensor:
    """Draw numbers with one decimal, which are short to print and to paste."""
    return torch.randint(-30, 31, shape, generator=generator) / 10


def is_stub(answer: Answer) -> bool:
    """Tell whether a function does nothing: its body is dots, `pass`, or a docstring alone."""
    code = code_of(answer)
    if code is None:
        return False
    steps = [step for step in dis.get_instructions(code) if step.opname not in {"RESUME", "NOP"}]
    constants = [step.argval for step in steps if step.opname in {"LOAD_CONST", "RETURN_CONST"}]
    returns_only = all(
        step.opname in {"LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"} for step in steps
    )
    return returns_only and constants in ([None], [...])


def _is_unanswered(call: Call) -> bool:
    not_yet = isinstance(call.error, NotImplementedError) and call.line.startswith("raise")
    return not_yet or call.result is ...


def _changed(name: str) -> str:
    return f"`{name}` is changed in place. Leave it as it is: the caller still needs it."


def _raised(call: Call) -> str:
    if call.stopped:
        return "It does not end by itself. Look at the loop that never stops."
    return f"It raises {'an' if type(call.error).__name__[0] in 'AEIOU' else 'a'} " + (
        f"{type(call.error).__name__}."
    )


def _differing(got: Any, right: Any) -> tuple[Any, Any]:
    """Return those parts of two results that differ, where they have parts with names."""
    if not (isinstance(got, Mapping) and isinstance(right, Mapping)):
        return got, right
    parts = [part for part in right if not same(got[part], right[part])]
    return {part: got[part] for part in parts}, {part: right[part] for part in parts}

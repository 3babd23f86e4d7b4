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

from tellwhy.answers import tell
from tellwhy.answers.ask import ask
from tellwhy.answers.evidence import Evidence, Finding, Raised
from tellwhy.answers.judge import same
from tellwhy.answers.loops import has_loop
from tellwhy.answers.run import Answer, Call, Inputs, Observe, alone, call, code_of
from tellwhy.answers.tell import Feedback
from tellwhy.render import Text
from tellwhy.show import show

# How many inputs are drawn that a check may show, that it never shows, and for its questions.
SHOWN, HIDDEN, MORE = 8, 4, 30
LOOP = Finding(
    "loop",
    "The number of steps grows with the input: there is a loop, or a sum() or map() that walks "
    "through a tensor. Let PyTorch work on whole tensors.",
)
KNOWN = Finding(
    "known by heart",
    "It is right on all inputs that a check shows, and wrong on this one. Does it compute the "
    "result, or know it?",
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
        """Take the names of the solution and its arguments."""
        self.name = self.right.__name__
        self.names = list(inspect.signature(self.right).parameters)
        self.labels = [*[""] * len(self.inputs), *self.special, *[""] * SHOWN]
        self.known: dict[tuple[Answer, int], tuple[Inputs, Any]] = {}  # results of solutions
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
                return self._told(answer, calls[-1], [])
        return self._judged(answer, calls) or tell.right(self.name, self.verified)

    def _judged(self, answer: Answer, calls: list[Call]) -> Feedback | None:
        """Compare the calls with what was expected, then try more; None if all is right."""
        pairs = zip(calls, self._expected, strict=True)
        wrong = [bool(one.error) or not same(one.result, right) for one, right in pairs]
        if any(wrong):
            first = wrong.index(True)
            with alone():
                findings = ask(self._evidence(answer, calls))
            failed = next((one for one in calls if one.error), None)
            return self._told(answer, calls[first], findings, self._expected[first], failed)
        if changed := [one for one in calls if one.changed]:
            return self._told(answer, changed[0], [])
        for inputs in self._drawn[SHOWN:]:  # never shown, so that a table does not pass
            became = call(answer, inputs, self.observe)
            if became.error or not same(became.result, self._solved(inputs)):
                return self._told(answer, became, [KNOWN])
        if self.vectorized:
            loop, failed = has_loop(answer, self.vectorized(5), self.vectorized(500))
            if failed:
                return self._told(answer, failed, [])
            return tell.wrong(self.name, [LOOP]) if loop else None
        return None

    def _told(
        self,
        answer: Answer,
        one: Call,
        findings: list[Finding],
        expected: Any = ...,
        failed: Call | None = None,
    ) -> Feedback:
        """Tell what was found, and show a call; if another failed, tell why if that is known."""
        said = [*findings]
        if isinstance(one.error, TypeError) and not one.line and not self.observe:
            said = [Finding("arguments", f"The arguments are `({', '.join(self.names)})`.")]
        elif one.error and not findings:
            said.append(tell.raised(one))
        elif failed and tell.reasons(failed):
            said.append(tell.raised(failed, "It" if failed is one else "On other inputs it"))
        if one.changed:
            sentence = f"`{one.changed[0]}` is changed in place. Leave it as it is: the caller "
            said.append(Finding("argument changed", f"{sentence}still needs it."))
        if self.vectorized and expected is not ... and not one.stopped:
            said += [LOOP] if has_loop(answer, self.vectorized(5), self.vectorized(500))[0] else []
        return tell.wrong(self.name, said, tell.shown(self._code(one.inputs), one, expected))

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

    @functools.cached_property
    def more(self) -> list[Inputs]:
        """Further inputs, for what holds on some inputs alone."""
        generator = torch.Generator().manual_seed(MORE)
        return [self.draw(generator) for _ in range(MORE)]

    def _evidence(self, answer: Answer, calls: list[Call]) -> Evidence:
        results = [Raised(type(one.error).__name__) if one.error else one.result for one in calls]
        return Evidence(self, answer, calls, results, self._expected, parts=self.parts)

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
        This is the result of a right answer with `3 * n` in place of `2 * n`.
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
    steps = (
        [step for step in dis.get_instructions(code) if step.opname not in {"RESUME", "NOP"}]
        if code
        else []
    )
    constants = [step.argval for step in steps if step.opname != "RETURN_VALUE"]
    names = {step.opname for step in steps} - {"LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    return bool(steps) and not names and constants in ([None], [...])


def _is_unanswered(call: Call) -> bool:
    not_yet = isinstance(call.error, NotImplementedError) and call.line.startswith("raise")
    return not_yet or call.result is ...

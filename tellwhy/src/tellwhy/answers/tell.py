"""What a check says: at a glance in a notebook, as plain text elsewhere, and as names to count."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from tellwhy.answers.evidence import Finding
from tellwhy.answers.judge import same
from tellwhy.answers.run import Call
from tellwhy.render import GRAY, GREEN, RED, as_html, as_text
from tellwhy.show import show, side_by_side

Status = Literal["right", "wrong", "unanswered"]
WORDS: dict[Status, tuple[str, str]] = {
    "right": ("right", GREEN),
    "wrong": ("not yet right", RED),
    "unanswered": ("not answered yet", GRAY),
}

# Of errors whose message does not say it in words for a learner: a part of the message, and words.
REASONS = {
    "must match|cannot be multiplied|size mismatch|1D tensors|same number of dim|inconsistent": (
        "The shapes there do not fit together: print them."
    ),
    "leaf Variable": "A parameter is changed while a graph is recorded: use `torch.no_grad()`.",
    "division by zero": "A size or number in it can be 0.",
    "index .*out of (range|bounds)": "It looks beyond the end.",
    "Boolean value of Tensor|truth value": "A tensor of several values is neither true nor false.",
}


@dataclass(frozen=True)
class Feedback:
    """The result of a check.

    Attributes:
        exercise: the name of the exercise.
        status: "right", "wrong" or "unanswered".
        sentences: what was verified, or what is wrong with the answer.
        evidence: lines that show an input that went wrong, what came and what was expected.
        mistakes: for each mistake that was found its name, which does not change, and what was
            told of it. Empty when the values alone are shown.
    """

    exercise: str
    status: Status
    sentences: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    mistakes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def text(self) -> str:
        """The feedback as plain text."""
        head = f"{self.exercise}: {WORDS[self.status][0]}."
        return as_text(head, self.sentences, self.evidence)

    def __repr__(self) -> str:
        """Return the text, which a terminal shows."""
        return self.text

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        word, color = WORDS[self.status]
        return as_html(self.exercise, word, color, self.sentences, self.evidence)


def unanswered(exercise: str) -> Feedback:
    """Return what is said of a stub."""
    words = "Replace the dots and run the cell again; "
    return Feedback(exercise, "unanswered", (f"{words}`exercises.{exercise}.hint()` helps.",))


def right(exercise: str, verified: str) -> Feedback:
    """Return what is said of a right answer."""
    return Feedback(exercise, "right", (f"Verified: {verified}.",))


def wrong(exercise: str, findings: Sequence[Finding], evidence: Sequence[str] = ()) -> Feedback:
    """Return what is said of a wrong answer: the findings, then the evidence."""
    told = {finding.name: finding.sentence for finding in findings}
    sentences = tuple(dict.fromkeys(told.values()))
    return Feedback(exercise, "wrong", sentences, tuple(evidence), MappingProxyType(told))


def raised(call: Call, it: str = "It") -> Finding:
    """Return what is said of an error alone."""
    name = type(call.error).__name__
    if call.stopped:
        return Finding(
            "never ends", "It does not end by itself. Look at the loop that never stops."
        )
    where = f" in `{call.line}`" if call.line else ""
    sentence = f"{it} raises {'an' if name[0] in 'AEIOU' else 'a'} {name}{where}."
    return Finding(name, " ".join([sentence, *reasons(call)]))


def reasons(call: Call) -> list[str]:
    """Return what is known of the reason of an error, if anything."""
    known = [why for pattern, why in REASONS.items() if re.search(pattern, str(call.error))]
    return known[:1]


def shown(code: str, call: Call, expected: Any = ...) -> list[str]:
    """Return the lines that show a call, what it printed or raised, or else gave."""
    lines = [*code.splitlines(), *call.notes.splitlines()]
    if call.stopped:
        lines.append("did not end, and was stopped")
    elif call.error:
        message = textwrap.shorten(str(call.error), 300)
        lines.append(f"raised    {type(call.error).__name__}{f': {message}' * bool(message)}")
    elif expected is ...:
        lines.append(f"gave      {show(call.result)}")
    else:
        got, right = side_by_side(*_differing(call.result, expected))
        lines += [f"gave      {got}", f"expected  {right}"]
    return [*lines, *([f"in the line   {call.line}"] if call.line else [])]


def _differing(got: Any, right: Any) -> tuple[Any, Any]:
    """Return those parts of two results that differ, where they have parts with names."""
    if not (isinstance(got, Mapping) and isinstance(right, Mapping)):
        return got, right
    parts = [part for part in right if not same(got[part], right[part])]
    return {part: got[part] for part in parts}, {part: right[part] for part in parts}

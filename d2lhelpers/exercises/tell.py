"""What a check says: at a glance in a notebook, as plain text elsewhere, and as names to count."""

import html
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from d2lhelpers.exercises.evidence import Finding
from d2lhelpers.exercises.judge import same
from d2lhelpers.exercises.run import Call
from d2lhelpers.exercises.show import show, side_by_side

Status = Literal["right", "wrong", "unanswered"]
# Of each status the words, and a colour on which white stands out, in light and in dark.
WORDS: dict[Status, tuple[str, str]] = {
    "right": ("right", "#1a7f37"),
    "wrong": ("not yet right", "#b42318"),
    "unanswered": ("not answered yet", "#57606a"),
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
PRE = "white-space: pre-wrap; line-height: 1.4; margin: 4px 0 0 0"


class Text(str):
    """A text that a notebook shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text itself."""
        return str(self)


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
        lines = [f"{self.exercise}: {WORDS[self.status][0]}.", *self.sentences]
        return "\n".join([*lines, *(f"  {line}" for line in self.evidence)])

    def __repr__(self) -> str:
        """Return the text, which a terminal shows."""
        return self.text

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return what a notebook shows; no script, and legible without the styles as well."""
        word, color = WORDS[self.status]
        badge = f"background-color: {color}; color: #ffffff; padding: 1px 8px; font-weight: bold"
        said = "".join(f"<div>{_marked_up(sentence)}</div>" for sentence in self.sentences)
        shown = html.escape("\n".join(self.evidence))
        evidence = f'<pre style="{PRE}">{shown}</pre>' if shown else ""
        head = f'<div><span style="{badge}">{word}</span> <b>{self.exercise}</b></div>'
        outer = 'class="exercise-feedback" style="line-height: 1.7"'
        return f"<div {outer}>{head}{said}{evidence}</div>"


def _marked_up(sentence: str) -> str:
    return re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(sentence, quote=False))


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

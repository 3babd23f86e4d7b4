"""What a check says: at a glance in a notebook, as plain text elsewhere, and as labels to count."""

import builtins
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tellwhy.answers.compare import Printed, alike, kind, same
from tellwhy.answers.run import Call, NotAllowedError
from tellwhy.answers.tables import SAID, SLIPS
from tellwhy.finding import Finding
from tellwhy.render import GRAY, GREEN, RED, as_html, as_text
from tellwhy.show import show, side_by_side

Status = Literal["right", "wrong", "unanswered"]
WORDS: dict[Status, tuple[str, str]] = {
    "right": ("right", GREEN),
    "wrong": ("not yet right", RED),
    "unanswered": ("not answered yet", GRAY),
}


@dataclass(frozen=True)
class Feedback:
    """The result of a check.

    Attributes:
        exercise: the name of the exercise.
        status: "right", "wrong" or "unanswered".
        sentences: what was verified, or what is wrong with the answer.
        evidence: lines that show an input that went wrong, what came and what was expected.
        findings: what was found, each with its label. Empty when the values alone are shown.
    """

    exercise: str
    status: Status
    sentences: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

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


def wrong(exercise: str, findings: Sequence[Finding], evidence: Sequence[str] = ()) -> Feedback:
    """Return what is said of a wrong answer: the findings, then the evidence."""
    told = tuple({finding.label: finding for finding in findings}.values())
    sentences = tuple(dict.fromkeys(one.sentence for one in told))
    return Feedback(exercise, "wrong", sentences, tuple(evidence), told)


def raised(one: Call) -> Finding:
    """Return what is said of an error, or of a call that does not come back."""
    if one.slow[0]:
        return SAID.finding("slow_line", {"line": one.slow[1], "seconds": f"{one.slow[0]:.0f}"})
    if one.stopped:
        return SAID.finding("never_ends", {"line": one.line})
    if isinstance(one.error, NotAllowedError):
        return SAID.finding("not_allowed", {"advice": one.message})
    line = f" in `{one.line}`" if one.line else ""
    cause, reason = cause_of(one)
    error = type(one.error).__name__
    return SAID.finding("raises", {"line": line, "reason": reason}, error=error, cause=cause)


def cause_of(one: Call) -> tuple[str, str]:
    """Return what an error is counted by, none of it the learner's own words, and what is said."""
    for name, (pattern, words) in SLIPS["causes"].items():
        if match := re.search(pattern, f"{type(one.error).__name__}: {one.message}"):
            return name, match.expand(words)
    if one.raises:
        return "raise", ""
    types = {*dir(builtins), "NoneType", "Tensor", "ndarray", "function", "module"}
    message = re.sub(r"'[^']*'", lambda m: m[0] if m[0][1:-1] in types else "_", one.message)
    return re.sub(r"\d+", "_", re.split(r"\n|[,.;] | \(", message)[0]), ""


def shown(code: str, one: Call, result: Any, expected: Any = ...) -> list[str]:
    """Return the lines that show a call, what it printed or raised, or else gave."""
    lines = code.splitlines()
    if one.notes.printed.strip() and not isinstance(result, Printed):
        lines.append(f"printed   {textwrap.shorten(one.notes.printed, 200)}")
    if one.notes.warned:
        lines.append(f"warned    {textwrap.shorten(one.notes.warned, 200)}")
    got, right = show(result), show(expected, 5)
    if expected is not ... and not one.error:
        got, right = side_by_side(*_differing(result, expected))
        if got == right:
            got, right = f"{got}  ({kind(result)})", f"{right}  ({kind(expected)})"
    if one.stopped:
        lines.append("did not end, and was stopped")
    elif one.error:
        message = textwrap.shorten(one.message, 300)
        lines.append(f"raised    {type(one.error).__name__}{f': {message}' * bool(message)}")
    elif expected is ... and one.changed:
        lines += [f"then      {name} = {show(value)}" for name, value in one.changed.items()]
    else:
        lines.append(f"gave      {got}")
    if expected is not ... and not one.stopped:
        lines.append(f"expected  {right}")
    return [*lines, *([f"in the line   {one.line}"] if one.line else [])]


def _differing(got: Any, right: Any) -> tuple[Any, Any]:
    """Return two results such that their parts that are alike are shown alike."""
    if isinstance(got, dict) and isinstance(right, dict) and got.keys() == right.keys():
        if type(right) is not dict:  # what is observed: those parts alone that differ
            parts = [part for part in right if not alike(got[part], right[part])]
            return {part: got[part] for part in parts}, {part: right[part] for part in parts}
        return {key: _differing(got[key], right[key])[0] for key in got}, right
    if isinstance(right, tuple) and type(got) in {tuple, list} and len(got) == len(right):
        return type(got)(_differing(*pair)[0] for pair in zip(got, right, strict=True)), right
    as_asked = type(got) is type(right) and same(got, right)
    return (right, right) if as_asked else (got, right)

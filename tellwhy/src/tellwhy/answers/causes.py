"""By which cause a change is counted: learners with one slip are mended by different changes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tellwhy.answers.compare import Raised, alike, close, kind, numbers
from tellwhy.answers.feedback import cause_of
from tellwhy.answers.run import Call
from tellwhy.answers.tables import SLIPS
from tellwhy.finding import Finding

# What the calls can show, besides the causes of errors.
SHOWN = ("nothing_returned", "shape", "silent_shape")
CHANGES = {"change", "amounts", "solution_line", "lacks", "line", "missing", "condition", "order"}
# What gives a tensor another shape, and takes none of its values.
SHAPE = re.compile(
    r"\.(m?T\b|(reshape|view|squeeze|unsqueeze|flatten|ravel)\([-\d, ]*\))|\[:, (None|0)\]"
)


def with_causes(
    findings: Sequence[Finding], rows: Sequence[tuple[Call, Any, Any]]
) -> list[Finding]:
    """Return findings, those that say what to change with the cause that the calls show."""
    rows = [row for row in rows if not alike(*row[1:])] or rows
    shown = {_shown(*row) for row in rows}
    came = "shapes" if "shapes" in shown else shown.pop() if len(shown) == 1 else ""
    silent = not any(isinstance(got, Raised) for _, got, _ in rows)
    return [_with(one, came, silent) if one.name in CHANGES else one for one in findings]


def _shown(one: Call, got: Any, right: Any) -> str:
    """Return which cause is to be seen in a call, if it is one that has a name."""
    if isinstance(got, Raised):
        name = cause_of(one)[0]
        return name if name in SLIPS["causes"] else ""
    if got is None:
        return "nothing_returned"
    return "shape" if _reshaped(got, right) else ""


def _reshaped(got: Any, right: Any) -> bool:
    """Tell whether the values are right, and stand in another shape."""
    if kind(got) == kind(right) == "tuple" and len(got) == len(right):
        return all(alike(*pair) or _reshaped(*pair) for pair in zip(got, right, strict=True))
    a, b = numbers(got), numbers(right)
    if not a or not b or len(a.values) != len(b.values):
        return False
    return close(a._replace(shape=b.shape), b)


def _but_shape(code: str) -> str:
    return re.sub(r"^\(([^()]*)\)$", r"\1", SHAPE.sub("", code))


def _with(finding: Finding, came: str, silent: bool) -> Finding:
    stands, belongs = (finding.parameters.get(key, "") for key in ("stands", "belongs"))
    if silent and not came and stands != belongs and _but_shape(stands) == _but_shape(belongs):
        came = "silent_shape"
    cause = {"cause": came} if came else {}
    return replace(finding, parameters={**finding.parameters, **cause})

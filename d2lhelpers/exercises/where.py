"""Where is it right? What the inputs have in common on which an answer goes wrong."""

import itertools
from collections.abc import Iterator
from typing import Any

from torch import Tensor

from d2lhelpers.exercises.evidence import Evidence, Finding


def where(evidence: Evidence) -> list[Finding]:
    """Return what tells the inputs that went wrong from those that did not."""
    wrong = evidence.wrong
    if all(wrong):
        return []
    for name, holds in _properties(evidence):
        if holds == wrong and sum(wrong) >= 2:
            return [Finding(f"wrong where {name}"[:80], f"It is right, except where {name}.")]
    special = [label for label, bad in zip(evidence.labels, wrong, strict=True) if bad]
    if all(special):
        names = ", and ".join(dict.fromkeys(special))
        return [Finding(f"wrong for {names}"[:80], f"It is right, except for {names}.")]
    return []


def _properties(evidence: Evidence) -> Iterator[tuple[str, list[bool]]]:
    """Yield what can be said of inputs, and of which of the calls it holds."""
    columns = [
        [call.inputs[place] if place < len(call.inputs) else None for call in evidence.calls]
        for place in range(len(evidence.names))
    ]
    for name, values in zip(evidence.names, columns, strict=True):
        for words, holds in _of_one(values):
            yield words.format(f"`{name}`"), holds
    named = zip(evidence.names, columns, strict=True)
    for (a, first), (b, second) in itertools.permutations(named, 2):
        for words, holds in _of_two(first, second):
            yield words.format(f"`{a}`", f"`{b}`"), holds


def _of_one(values: list[Any]) -> Iterator[tuple[str, list[bool]]]:
    yield "{} is given", [value is not None for value in values]
    yield "{} is not given", [value is None for value in values]
    if all(isinstance(value, int) for value in values):
        yield "{} is even", [value % 2 == 0 for value in values]
        yield "{} is odd", [value % 2 == 1 for value in values]
    if all(isinstance(value, int | float) for value in values):
        yield "{} is 1", [value == 1 for value in values]
        yield "{} is not 1", [value != 1 for value in values]
        yield "{} is below 1", [value < 1 for value in values]
        yield "{} is above 1", [value > 1 for value in values]
    if all(isinstance(value, list) for value in values):
        yield "{} has an even number of elements", [len(value) % 2 == 0 for value in values]
        yield "{} has an odd number of elements", [len(value) % 2 == 1 for value in values]
    shapes = [tuple(value.shape) for value in values if isinstance(value, Tensor)]
    if len(shapes) == len(values):
        yield "{} is a vector", [len(shape) == 1 for shape in shapes]
        yield "{} has two dimensions", [len(shape) == 2 for shape in shapes]
        yield "{} has one element", [shape[:1] == (1,) for shape in shapes]
        yield "{} has several elements", [shape[:1] != (1,) for shape in shapes]
        yield "{} has one column", [shape[1:] == (1,) for shape in shapes]
        yield "{} has several columns", [shape[1:] != (1,) for shape in shapes]


def _of_two(first: list[Any], second: list[Any]) -> Iterator[tuple[str, list[bool]]]:
    pairs = list(zip(first, second, strict=True))
    if all(isinstance(a, int) and isinstance(b, int) and b for a, b in pairs):
        yield "{1} divides {0}", [a % b == 0 for a, b in pairs]
        yield "{1} does not divide {0}", [a % b != 0 for a, b in pairs]
        yield "{0} is smaller than {1}", [a < b for a, b in pairs]
    if all(isinstance(a, list) and isinstance(b, list) for a, b in pairs):
        yield "{0} and {1} differ in length", [len(a) != len(b) for a, b in pairs]
        yield (
            "one of {0} and {1} has an even number of elements",
            [len(a) % 2 == 0 or len(b) % 2 == 0 for a, b in pairs],
        )
    if all(isinstance(a, Tensor) and isinstance(b, Tensor) for a, b in pairs):
        yield "{0} and {1} have different shapes", [a.shape != b.shape for a, b in pairs]
        yield "{0} and {1} have the same shape", [a.shape == b.shape for a, b in pairs]
        yield "{0} is a vector and {1} a column", [a.ndim < b.ndim for a, b in pairs]

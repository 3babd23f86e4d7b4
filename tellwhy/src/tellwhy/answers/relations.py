"""How a wrong result can be related to the right one."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from tellwhy.answers.evidence import Evidence, Finding, sizes
from tellwhy.answers.judge import numbers

Change = Callable[[Tensor], Tensor]
# What is said, whether it is of bare numbers, and what would have come of each call.
Guess = tuple[Finding, bool, Sequence[Any]]

# Of each: a name, what the wrong result is, and how it comes from the right one.
RESULTS: list[tuple[str, str, Change]] = [
    ("negated", "Its sign is reversed: this is minus the right result.", torch.neg),
    ("reciprocal", "It is upside down: this is 1 divided by the right result.", torch.reciprocal),
    ("squared", "This is the square of the right result.", torch.square),
    ("root", "This is the square root of the right result.", torch.sqrt),
    ("without its sign", "This is the right result without its sign.", torch.abs),
    ("logarithm", "This is the logarithm of the right result.", torch.log),
    ("exponential", "This is e to the power of the right result.", torch.exp),
    ("complement", "This is 1 minus the right result.", lambda t: 1 - t),
    ("transposed", "This is transposed: rows and columns are exchanged.", lambda t: t.mT),
    (
        "reshaped",
        "These are the right values in the wrong places: `reshape` does not exchange rows and "
        "columns, `.T` does.",
        lambda t: t.mT.reshape(t.shape),
    ),
    ("reversed order", "The order is reversed.", lambda t: t.flip(0)),
    ("sorted", "This is the right result, but sorted.", lambda t: t.sort(0).values),
    ("summed", "This is the right result added up to one number.", torch.sum),
    ("averaged", "This is the right result averaged to one number.", torch.mean),
    ("rounded", "This is rounded to a whole number.", torch.round),
    ("rounded down", "The digits behind the point are cut off.", torch.trunc),
]
FACTORS = {
    1: "the right result",
    -1: "minus the right result",
    2: "twice the right result",
    0.5: "half the right result",
    -2: "minus twice the right result",
    -0.5: "minus half the right result",
    0.434294: "the right result with a logarithm to base 10, not e",
    1.442695: "the right result with a logarithm to base 2, not e",
    100: "100 times the right result, in percent",
}
LOST = (
    "Some values come out as inf or nan, and the others are right: a number on the way is too "
    "large or too small for the computer, or there is a division by 0."
)
RIGHT = "the right result"
POWERS = {1.0: "`{}`", 2.0: "`{}` squared", 0.5: "the root of `{}`"}

# Of each: a name, what a wrong list is, and whether it is so: of it, the right one and the inputs.
LISTS: list[tuple[str, str, Callable[[list[Any], list[Any], Sequence[Any]], bool]]] = [
    (
        "another order",
        "These are the right ones, but not in their order.",
        lambda got, right, _: len(got) == len(right) and all(one in right for one in got),
    ),
    (
        "last missing",
        "What came is right, but the last are missing.",
        lambda got, right, _: got == right[: len(got)],
    ),
    (
        "some missing",
        "What came is right, but some are missing.",
        lambda got, right, _: len(got) < len(right) and all(one in right for one in got),
    ),
    (
        "too many",
        "What should come is there, but there is more.",
        lambda got, right, _: len(got) > len(right) and all(one in got for one in right),
    ),
    (
        "neighbours",
        "These are neighbours in the list that was given: a block.",
        lambda got, _, given: _is_block(got, given),
    ),
]


def relation(evidence: Evidence) -> Finding | None:
    """Return how what came is related to what should have come, the same way everywhere."""
    return _related(evidence, bare=False)


def number(evidence: Evidence) -> Finding | None:
    """Return with which numbers it is related: a reason says more, where there is one."""
    return _related(evidence, bare=True)


def listed(evidence: Evidence) -> Finding | None:
    """Return how a list that came is related to the right one, and to a list that was given."""
    rows = zip(evidence.results, evidence.wanted, evidence.wrong, evidence.calls, strict=True)
    wrong = [(got, right, one.inputs) for got, right, bad, one in rows if bad]
    for name, sentence, holds in LISTS:
        if wrong and all(
            isinstance(got, list) and isinstance(right, list) and holds(got, right, given)
            for got, right, given in wrong
        ):
            return Finding(name, sentence)
    return None


def _is_block(got: list[Any], given: Sequence[Any]) -> bool:
    whole = next((value for value in given if isinstance(value, list)), [])
    return any(got == whole[at : at + len(got)] for at in range(len(whole)))


def _related(evidence: Evidence, *, bare: bool) -> Finding | None:
    for finding, is_bare, guesses in _guesses(evidence):
        if is_bare is bare and evidence.explained_by(guesses.__getitem__):
            return finding
    return None


def _guesses(evidence: Evidence) -> Iterator[Guess]:
    for name, sentence, change in RESULTS:
        yield Finding(name, sentence), False, [_made(change, right) for right in evidence.wanted]
    pairs = [*map(_numbers, evidence.results, evidence.wanted)]
    if any(pair is None for pair in pairs):
        return
    gots, rights = zip(*(pair for pair in pairs if pair), strict=True)
    lost = [torch.where(a.isfinite(), b, a) for a, b in zip(gots, rights, strict=True)]
    yield Finding("not finite", LOST), False, lost
    if (only := _constant(torch.cat([got.flatten() for got in gots]))) is not None:
        sentence = f"This is always {only:.4g}, whatever the inputs are."
        yield Finding(f"always {only:.4g}", sentence), True, gots
    yield from _scaled(evidence, gots, rights)
    offset = _constant(gots[0] - rights[0]) or 0.0
    amount = f"{abs(offset):.4g} {'more' if offset > 0 else 'less'}"
    if abs(offset) > 1e-4:
        sentence = f"This is {amount} than the right result."
        yield Finding(amount, sentence), True, [right + offset for right in rights]


def _scaled(
    evidence: Evidence, gots: Sequence[Tensor], rights: Sequence[Tensor]
) -> Iterator[Guess]:
    """Yield a constant factor, and one with a power of a size or number of the inputs."""
    factors = [_constant(got / right) for got, right in zip(gots, rights, strict=True)]
    known = next((place for place, factor in enumerate(factors) if factor), 0)
    inputs = [one.inputs for one in evidence.calls]
    named = {"": [1.0] * len(rights)} | sizes(evidence.exercise.names, inputs)
    for name, values in named.items() if factors[known] else ():
        for power in (1.0, -1.0, 2.0, -2.0, 0.5, -0.5) if name else (1.0,):
            grown = [size**power if size > 0 else math.nan for size in values]
            constant = (factors[known] or 1.0) / grown[known]
            guesses = [constant * size * right for size, right in zip(grown, rights, strict=True)]
            yield *_factor(name, power, constant), guesses


def _factor(name: str, power: float, constant: float) -> tuple[Finding, bool]:
    """Return what to say of a factor `constant * name**power`, and whether that is bare."""
    fixed = 1 / (constant or math.nan)
    whole = abs(fixed) > 1.5 and math.isfinite(fixed) and _is(fixed, round(fixed))
    known = next((words for factor, words in FACTORS.items() if _is(factor, constant)), "")
    times = known or f"{f'1/{round(fixed)} of' if whole else f'{constant:.4g} times'} {RIGHT}"
    if not name:
        return Finding(f"{constant:.4g} times", f"This is {times}."), not known
    if power == 1 and fixed > 1 and whole:
        words = f"This divides by {round(fixed)}, whatever the inputs are, where `{name}` belongs."
        return Finding(f"{round(fixed)} for {name}", words), False
    words = f"This is {times}, {'times' if power > 0 else 'divided by'} {POWERS[abs(power)]}"
    words = words.format(name)
    if name.startswith("len(") and _is(abs(constant), 1) and abs(power) == 1:
        kinds = ("sum", "mean") if power > 0 else ("mean", "sum")
        words += f": a {kinds[0]} where a {kinds[1]} belongs."
        return Finding(f"{kinds[0]} for {kinds[1]}", words), False
    return Finding(f"{constant:.3g} times {name}**{power:g}", f"{words}."), True


def _is(number: float, other: float) -> bool:
    return math.isclose(number, other, rel_tol=1e-4)


def _made(change: Change, right: Any) -> Any:
    """Return what a change makes of a result, or of each of its parts; None where it cannot."""
    if isinstance(right, tuple):
        return tuple(_made(change, part) for part in right)
    value = numbers(right)
    try:
        return None if value is None else change(value.double())
    except (RuntimeError, IndexError):  # no rows and columns to exchange
        return None


def _numbers(got: Any, right: Any) -> tuple[Tensor, Tensor] | None:
    """Return a result and the right one as numbers, if they are of one shape."""
    a, b = numbers(got), numbers(right)
    if a is None or b is None or a.shape != b.shape or isinstance(right, tuple):
        return None
    return a.double(), b.double()


def _constant(values: Tensor) -> float | None:
    """Return the one number that all values are, or None."""
    values = values[values.isfinite()]
    if not values.numel():
        return None
    middle = values.median().item()
    return middle if ((values - middle).abs() <= 1e-4 * abs(middle) + 1e-9).all() else None

"""How a wrong result can be related to the right one."""

import itertools
import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from d2lhelpers.exercises.evidence import Evidence, Finding, sizes
from d2lhelpers.exercises.judge import alike, numbers

Change = Callable[[Tensor], Tensor]
Guess = tuple[str, str, Sequence[Any]]  # a name, a sentence, and a result for each call

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
TWO: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
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


def relation(evidence: Evidence, wanted: Sequence[Any] | None = None) -> Finding | None:
    """Return how what came is related to what should have come, the same way everywhere."""
    rights = evidence.wanted if wanted is None else wanted
    for name, sentence, guesses in _guesses(evidence, rights):
        if not _bare(name) and evidence.explained_by(guesses.__getitem__):
            return Finding(name, sentence)
    return None


def number(evidence: Evidence) -> Finding | None:
    """Return with which numbers what came is related to what should have come."""
    for name, sentence, guesses in _guesses(evidence, evidence.wanted):
        if _bare(name) and evidence.explained_by(guesses.__getitem__):
            return Finding(name, sentence)
    return None


def _bare(name: str) -> bool:
    """Tell whether a relation consists of numbers: a reason says more, where there is one."""
    known = {_said("", 1.0, factor)[0] for factor in FACTORS}
    return name not in known and bool(re.match(r"always|`|-?[\d.e+-]+ (times|more|less)", name))


def related(results: Sequence[Any], guesses: Sequence[Any]) -> bool:
    """Tell at a glance whether results may be related to guesses: whether to look closer."""
    pairs = _pairs(results, guesses)
    factors = [_constant(got / guess) for got, guess in pairs]
    if pairs and all(factors) and math.isclose(factors[0] or 0, factors[-1] or 0, rel_tol=1e-4):
        return True
    return any(
        all(alike(got, changed(change, guess)) for got, guess in zip(results, guesses, strict=True))
        for name, _, change in RESULTS
        if name in {"squared", "root", "reciprocal", "averaged", "summed", "rounded", "transposed"}
    )


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


def _guesses(evidence: Evidence, rights: Sequence[Any]) -> Iterator[Guess]:
    for name, sentence, change in RESULTS:
        yield name, sentence, [changed(change, right) for right in rights]
    if not (pairs := _pairs(evidence.results, rights)):
        return
    gots, wanted = zip(*pairs, strict=True)
    if (only := _constant(torch.cat([got.flatten() for got in gots]))) is not None:
        yield f"always {only:.4g}", f"This is always {only:.4g}, whatever the inputs are.", gots
    for decimals in (1, 2, 3):
        fits = [got if _is_cut(got, right, decimals) else None for got, right in pairs]
        yield f"{decimals} decimals", f"This has {decimals} decimals only: do not round.", fits
    yield from _scaled(evidence, pairs)
    yield from _stopped(gots, wanted)
    yield from _with_argument(evidence, gots, wanted)
    yield from _of_two(evidence, wanted)


def _is_cut(got: Tensor, right: Tensor, decimals: int) -> bool:
    digits = (got - got.round(decimals=decimals)).abs() <= 1.2e-7 * got.abs() + 1e-9
    return bool((digits & ((got - right).abs() <= 10.0**-decimals)).all())


def _scaled(evidence: Evidence, pairs: list[tuple[Tensor, Tensor]]) -> Iterator[Guess]:
    """Yield a constant factor, one with a power of a size or number of the inputs, an offset."""
    factors = [_constant(got / right) for got, right in pairs]
    known = next((place for place, factor in enumerate(factors) if factor), 0)
    inputs = [one.inputs for one in evidence.calls]
    named = {"": [1.0] * len(pairs)} | sizes(evidence.exercise.names, inputs)
    for name, values in named.items() if factors[known] else ():
        for power in (1.0, -1.0, 2.0, -2.0, 0.5, -0.5) if name else (1.0,):
            grown = [size**power if size > 0 else math.nan for size in values]
            constant = (factors[known] or 1.0) / grown[known]
            guesses = [constant * size * pair[1] for size, pair in zip(grown, pairs, strict=True)]
            yield *_said(name, power, constant), guesses
        for power, root in ((1.0, ""), (0.5, "the root of ")) if name.startswith("len(") else ():
            odd = [(size / (size - 1)) ** power if size > 1 else math.nan for size in values]
            guesses = [size * pair[1] for size, pair in zip(odd, pairs, strict=True)]
            words = f"This divides by {root}`{name} - 1` where {root}`{name}` belongs."
            yield "n - 1", words, guesses
    offset = _constant(pairs[0][0] - pairs[0][1]) or 0.0
    amount = f"{abs(offset):.4g} {'more' if offset > 0 else 'less'}"
    if abs(offset) > 1e-4:
        yield amount, f"This is {amount} than the right result.", [r + offset for _, r in pairs]


def _said(name: str, power: float, constant: float) -> tuple[str, str]:
    """Return a name and what to say of a factor `constant * name**power`."""
    known = (words for factor, words in FACTORS.items() if _is(factor, constant))
    fixed = 1 / (constant or math.nan)
    whole = abs(fixed) > 1.5 and math.isfinite(fixed) and _is(fixed, round(fixed))
    times = f"1/{round(fixed)} of" if whole else f"{constant:.4g} times"
    times = next(known, f"{times} the right result")
    if not name:
        return f"{constant:.4g} times", f"This is {times}."
    if power == 1 and fixed > 1 and whole:
        words = f"This divides by {round(fixed)}, whatever the inputs are, where `{name}` belongs."
        return f"{round(fixed)} for {name}", words
    size = POWERS[abs(power)].format(name)
    does = "times" if power > 0 else "divided by"
    if name.startswith("len(") and _is(abs(constant), 1) and abs(power) == 1:
        kinds = ("sum", "mean") if power > 0 else ("mean", "sum")
        words = f"This is {times}, {does} {size}: a {kinds[0]} where a {kinds[1]} belongs."
        return f"{kinds[0]} for {kinds[1]}", words
    return f"{constant:.3g} times {name}**{power:g}", f"This is {times}, {does} {size}."


def _is(number: float, other: float) -> bool:
    return math.isclose(number, other, rel_tol=1e-4)


def _stopped(gots: Sequence[Tensor], rights: Sequence[Tensor]) -> Iterator[Guess]:
    """Yield that results go so far and no further, or are lost in places."""
    got, right = (torch.cat([part.flatten() for part in parts]) for parts in (gots, rights))
    if _constant(got) is not None:
        return
    off = ~torch.isclose(got, right, rtol=1e-5, atol=1e-6)
    end = got[off][0].item() if off.any() else math.nan
    for word, change in (("below", torch.clamp_min), ("above", torch.clamp_max)):
        words = f"This never goes {word} {end:.4g}: it is right on one side, and stops there."
        yield f"never {word} {end:.4g}", words, [change(part, end) for part in rights]
    pairs = zip(gots, rights, strict=True)
    lost = [torch.where(part.isfinite(), whole, part) for part, whole in pairs]
    words = "Some values come out as inf or nan, and the others are right: a number on the way "
    words += "is too large or too small for the computer, or there is a division by 0."
    yield "not finite", words, lost


def _with_argument(
    evidence: Evidence, gots: Sequence[Tensor], rights: Sequence[Tensor]
) -> Iterator[Guess]:
    """Yield a multiple of an argument, with one of the right result, or a constant, added."""
    got = torch.cat([part.flatten() for part in gots])
    for place, name in enumerate(evidence.exercise.names):
        try:
            values = map(torch.as_tensor, evidence.column(place))
            pairs = zip(values, rights, strict=True)
            given = [value.detach().double().expand(right.shape) for value, right in pairs]
        except Exception:  # no numbers, or of another shape
            continue
        for what, added in ((" times the right result", rights), ("", [r * 0 + 1 for r in rights])):
            both = [torch.cat([part.flatten() for part in parts]) for parts in (given, added)]
            A = torch.stack(both, dim=1)
            if len(got) < 4 or not A.isfinite().all() or not got.isfinite().all():
                continue
            a, b = torch.linalg.lstsq(A, got[:, None]).solution[:, 0].tolist()
            guesses = [a * one + b * other for one, other in zip(given, added, strict=True)]
            share = f"`{name}`" if _is(a, 1) else f"{a:.4g} times `{name}`"
            more = f" {'plus' if b > 0 else 'minus'} {abs(b):.4g}{what}" if abs(b) > 1e-4 else ""
            if abs(a) > 1e-4:
                yield f"{share}{more}", f"This is {share}{more}.", guesses


def _of_two(evidence: Evidence, rights: Sequence[Tensor]) -> Iterator[Guess]:
    """Yield what one makes of two numbers that are given."""
    inputs = [one.inputs for one in evidence.calls]
    given = sizes(evidence.exercise.names, inputs)
    for (a, first), (b, second) in itertools.permutations(given.items(), 2):
        if rights[0].ndim == 0 and all(second):
            for sign, two in TWO.items():
                words = f"`{a} {sign} {b}`"
                guesses = [torch.tensor(two(*pair)) for pair in zip(first, second, strict=True)]
                yield words, f"This is {words}.", guesses


def changed(change: Change, right: Any) -> Any:
    """Return what a change makes of a result, or of each of its parts; None where it cannot."""
    if isinstance(right, tuple):
        return tuple(changed(change, part) for part in right)
    value = numbers(right)
    try:
        return None if value is None else change(value.double())
    except (RuntimeError, IndexError):  # no rows and columns to exchange
        return None


def _pairs(results: Sequence[Any], rights: Sequence[Any]) -> list[tuple[Tensor, Tensor]]:
    """Return results and right ones as numbers, or nothing where they are not all of one shape."""
    pairs = []
    for got, right in zip(results, rights, strict=True):
        a, b = numbers(got), numbers(right)
        if a is None or b is None or a.shape != b.shape or isinstance(right, tuple):
            return []
        pairs.append((a.double(), b.double()))
    return pairs


def _constant(values: Tensor) -> float | None:
    """Return the one number that all values are, or None."""
    values = values[values.isfinite()]
    if not values.numel():
        return None
    middle = values.median().item()
    return middle if ((values - middle).abs() <= 1e-4 * abs(middle) + 1e-9).all() else None

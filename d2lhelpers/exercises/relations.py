"""How a wrong result can be related to the right one."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from d2lhelpers.exercises.evidence import Evidence, Finding
from d2lhelpers.exercises.values import close, numbers

Change = Callable[[Tensor], Tensor]

# Of each: a name, what the wrong result is, and how it comes from the right one.
RESULTS: list[tuple[str, str, Change]] = [
    ("negated", "Its sign is reversed: this is minus the right result.", torch.neg),
    ("reciprocal", "It is upside down: this is 1 divided by the right result.", torch.reciprocal),
    ("squared", "This is the square of the right result.", torch.square),
    ("root", "This is the square root of the right result.", torch.sqrt),
    ("without its sign", "This is the right result without its sign.", torch.abs),
    ("logarithm", "This is the logarithm of the right result.", torch.log),
    ("exponential", "This is e to the power of the right result.", torch.exp),
    ("one more", "This is one more than the right result.", lambda t: t + 1),
    ("one less", "This is one less than the right result.", lambda t: t - 1),
    ("complement", "This is 1 minus the right result.", lambda t: 1 - t),
    ("transposed", "This is transposed: rows and columns are exchanged.", lambda t: t.mT),
    ("reversed order", "The order is reversed.", lambda t: t.flip(0)),
    ("sorted", "This is the right result, but sorted.", lambda t: t.sort(0).values),
    ("summed", "This is the right result added up to one number.", torch.sum),
    ("averaged", "This is the right result averaged to one number.", torch.mean),
    ("rounded", "This is rounded to a whole number.", torch.round),
    ("rounded down", "The digits behind the point are cut off.", torch.trunc),
    *(
        (f"{n} decimals", f"This is rounded to {n} decimals.", lambda t, n=n: t.round(decimals=n))
        for n in (1, 2, 3)
    ),
]


def relation(evidence: Evidence, wanted: Sequence[Any] | None = None) -> Finding | None:
    """Return how what came is related to what should have come, the same way everywhere."""
    results = evidence.results
    wanted = evidence.wanted if wanted is None else wanted
    for name, sentence, change in RESULTS:
        others = [changed(change, right) for right in wanted]
        if evidence.explained_by(lambda place, _, others=others: others[place]):  # type: ignore[misc]
            return Finding(name, sentence)
    pairs = [(numbers(got), numbers(right)) for got, right in zip(results, wanted, strict=True)]
    if found := _not_taken_together(pairs):
        return found
    if any(got is None or right is None or got.shape != right.shape for got, right in pairs):
        return None
    rights = [right.double() for _, right in pairs if right is not None]
    gots = [got.double() for got, _ in pairs if got is not None]
    factors = [_constant(got / right) for got, right in zip(gots, rights, strict=True)]
    for name, sentence, sizes in _factors(evidence, factors):
        guesses = [right * size for right, size in zip(rights, sizes, strict=True)]
        if evidence.explained_by(lambda place, _, guesses=guesses: guesses[place]):  # type: ignore[misc]
            return Finding(name, sentence)
    offsets = [_constant(got - right) for got, right in zip(gots, rights, strict=True)]
    offset = offsets[0] or 0.0
    if abs(offset) > 1e-4 and evidence.explained_by(lambda place, _: rights[place] + offset):
        amount = f"{abs(offset):.4g} {'more' if offset > 0 else 'less'}"
        return Finding(amount, f"This is {amount} than the right result.")
    return _nearly(gots, rights, evidence) if wanted is evidence.wanted else None


def _nearly(gots: list[Tensor], rights: list[Tensor], evidence: Evidence) -> Finding | None:
    """Return that a result is nearly right: within 3 % of its size, on all inputs."""
    far = [
        ((got - right).norm() / right.norm()).item()
        for got, right, wrong in zip(gots, rights, evidence.wrong, strict=True)
        if wrong
    ]
    if len(far) < 2 or not max(far) < 0.03:
        return None
    sentence = (
        f"This is nearly right, at most {max(far):.1%} off: something small is added or left "
        "out, or digits are lost, or it is an approximation."
    )
    return Finding("nearly", sentence)


def _not_taken_together(pairs: list[tuple[Tensor | None, Tensor | None]]) -> Finding | None:
    """Return that several numbers came whose mean or sum is the one that is asked for."""
    several = [(got, right) for got, right in pairs if got is not None and right is not None]
    single = all(right.numel() == 1 and got.numel() for got, right in several)
    if len(several) < len(pairs) or not single or all(got.numel() == 1 for got, _ in several):
        return None
    for name, reduce in (("mean", torch.mean), ("sum", torch.sum)):
        if all(close(reduce(got.double()).reshape(right.shape), right) for got, right in several):
            return Finding(f"no {name}", f"These are several numbers. Take their {name}.")
    return None


def changed(change: Change, right: Any) -> Any:
    """Return what a change makes of a result, or of each of its parts; None where it cannot."""
    if isinstance(right, tuple):
        return tuple(changed(change, part) for part in right)
    value = numbers(right)
    try:
        return None if value is None else change(value.double())
    except (RuntimeError, IndexError):  # no rows and columns to exchange
        return None


def _constant(values: Tensor) -> float | None:
    """Return the one number that all values are, or None."""
    values = values[values.isfinite()]
    if not values.numel():
        return None
    middle = values.median().item()
    return middle if ((values - middle).abs() <= 1e-4 * abs(middle) + 1e-9).all() else None


def _times(factor: float) -> str:
    words = {2: "twice", 0.5: "half", -1: "minus", -2: "minus twice", -0.5: "minus half"}
    if (word := words.get(round(factor, 4))) is not None:
        return word
    if abs(factor) < 1 and math.isclose(1 / factor, round(1 / factor), rel_tol=1e-4):
        return f"1/{round(1 / factor)} of"
    return f"{factor:.4g} times"


def _factors(
    evidence: Evidence, factors: list[float | None]
) -> Iterator[tuple[str, str, list[float]]]:
    """Yield a constant factor, then such as grow with a power of a size or number of the inputs."""
    known = [place for place, factor in enumerate(factors) if factor]
    if not known:
        return
    factor = factors[known[0]] or 1.0
    words = f"This is {_times(factor)} the right result."
    yield f"{factor:.4g} times", words, [factor] * len(factors)
    for name, values in _quantities(evidence):
        for power in (1.0, -1.0, 2.0, -2.0, 0.5, -0.5):
            sizes = [value**power if value > 0 else math.nan for value in values]
            constant = factor / sizes[known[0]]
            yield *_grown(name, power, constant), [constant * size for size in sizes]
        if name.startswith("len("):
            ratios = [value / (value - 1) if value > 1 else math.nan for value in values]
            words = f"This divides by `{name} - 1` where `{name}` belongs."
            yield "n - 1", words, ratios


def _grown(name: str, power: float, constant: float) -> tuple[str, str]:
    """Return what to say of a factor `constant * name**power`."""
    size = {1: f"`{name}`", 2: f"`{name}` squared", 0.5: f"the root of `{name}`"}[abs(power)]
    if name.startswith("len(") and math.isclose(abs(constant), 1, rel_tol=1e-4):
        if power == 1:
            words = f"This is `{name}` times the right result: a sum where a mean belongs."
            return "sum for mean", words if constant > 0 else f"{words} Its sign is reversed, too."
        if power == -1:
            words = f"This is the right result divided by `{name}`: a mean where a sum belongs."
            return "mean for sum", words if constant > 0 else f"{words} Its sign is reversed, too."
    fixed = 1 / constant
    if power == 1 and fixed > 1 and math.isclose(fixed, round(fixed), rel_tol=1e-4):
        words = f"This divides by {round(fixed)}, whatever the inputs are, where `{name}` belongs."
        return f"{round(fixed)} for {name}", words
    times = "" if math.isclose(constant, 1, rel_tol=1e-4) else f"{_times(constant)} "
    if power > 0:
        words = f"This is {times}the right result, times {size}."
        return f"{constant:.3g} times {name}**{power:g}", words
    return f"{constant:.3g} / {name}**{-power:g}", f"This is {times}the right result over {size}."


def _quantities(evidence: Evidence) -> Iterator[tuple[str, list[float]]]:
    for place, name in enumerate(evidence.names):
        values: list[Any] = [
            call.inputs[place] if place < len(call.inputs) else None for call in evidence.calls
        ]
        if all(isinstance(value, int | float) for value in values):
            yield name, [float(value) for value in values]
        elif all(isinstance(value, list | Tensor) and _is_sized(value) for value in values):
            yield f"len({name})", [float(len(value)) for value in values]
            if all(isinstance(value, Tensor) and value.ndim == 2 for value in values):
                yield f"{name}.shape[1]", [float(value.shape[1]) for value in values]
                yield f"{name}.numel()", [float(value.numel()) for value in values]


def _is_sized(value: Any) -> bool:
    return not isinstance(value, Tensor) or value.ndim > 0

"""How a wrong result is related to the right one, or to the arguments."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import add, mul
from typing import Any

from tellwhy.answers.compare import Raised, alike, plain
from tellwhy.answers.evidence import Evidence, sizes
from tellwhy.answers.expressions import filled, value_of, values_of
from tellwhy.answers.sentences import SAID
from tellwhy.finding import Finding
from tellwhy.show import show

# What is said, and what would have come of each call.
Change = Callable[[Any], Any]
Guess = tuple[Finding, Callable[[int], Any]]

# What is made of each number x, truth value or text of the right result, if that is what came.
EACH = """
negated: -x | reciprocal: 1 / x | squared: x * x | root: math.sqrt(x) | absolute: abs(x)
logarithm: math.log(x) | exponential: math.exp(x) | complement: 1 - x
degrees: math.degrees(x) | radians: math.radians(x) | rounded: round(x) | cut: math.trunc(x)
digits 1: round(x, 1) | digits 2: round(x, 2) | digits 3: round(x, 3) | digits 4: round(x, 4)
opposite: {True: False, False: True}[x or False] | lower_case: x.lower() | upper_case: x.upper()
stripped: x.strip()
"""
# What is made of the right result x as a whole, with lists in place of arrays.
WHOLE = """
transposed: [*map(list, zip(*x, strict=True))] | reversed: x[::-1] | sorted: sorted(x)
descending: sorted(x, reverse=True) | without_first: x[1:] | without_last: x[:-1]
unique: [*dict.fromkeys(x)] | summed: sum(flat(x)) | averaged: sum(flat(x)) / len(flat(x))
first_only: x[0] | last_only: x[-1] | length: len(x) | wrapped: [x] | joined: "".join(x)
letters: [*(x + "")] | keys_only: [*x.keys()] | values_only: [*x.values()]
inverted: {item: key for key, item in x.items()}
reshaped: [[flat([*zip(*x)])[k * len(x[0]) + j] for j in range(len(x[0]))] for k in range(len(x))]
"""
# What is true of a wrong result, the right one and the arguments.
PAIRS = """
case: got.casefold() == right.casefold() | spaces: "".join(got.split()) == "".join(right.split())
punctuation: [c for c in got + "" if c.isalnum()] == [c for c in right if c.isalnum()]
another_order: Counter(map(str, got)) == Counter(map(str, right)) and not hasattr(got, "keys")
repeated: {*got} == {*right} and len(got) > len(right)
block: any(got == all[k:k + len(got)] for all in given if [] != got for k in range(len(all)))
last_missing: got == right[:len(got)] | too_few: not Counter(got + []) - Counter(right)
more_in_front: alike(got[-len(right):], right) and got | more_behind: alike(got[:len(right)], right)
too_many: not Counter(right) - Counter(got + []) | keys_missing: got.keys() < right.keys()
keys_extra: got.keys() > right.keys() | other_keys: got.keys() != right.keys()
"""
# What a result may be of the arguments, whatever is right.
READINGS = """{0}|len({0})|sum({0})|max({0})|min({0})|{0}[0]|{0}[-1]|{0}[1]|sorted({0})|{0}[::-1]
sum({0}) / len({0})|statistics.median({0})|statistics.mode({0})|max({0}) - min({0})|set({0})
sum(map(abs, {0}))|{0}.sum()|{0}.mean()|{0}.max()|abs({0})|len(set({0}))|{0}.split()|{0}.lower()
{0}.upper()|{0}.title()|math.prod({0})|{0} ** 2|[*Counter({0}).items()]|dict(Counter({0}))|{0} + {1}|{0} * {1}|{0} - {1}|{0} / {1}|{0} // {1}
{0} % {1}|max({0}, {1})|min({0}, {1})|{0} @ {1}|{0}.count({1})|{0}.index({1})|{0} in {1}
{0}[:{1}]|{0}[{1}:]|({0}, {1})|(max({0}) - min({0})) / 2
sum(abs(v - sum({0}) / len({0})) for v in {0}) / len({0})|statistics.geometric_mean({0})
statistics.harmonic_mean({0})|(sum(v * v for v in {0}) / len({0})) ** 0.5|statistics.stdev({0})
statistics.pstdev({0})|statistics.variance({0})|statistics.pvariance({0})"""
FACTORS = {
    1: "the right one",
    -1: "minus the right one",
    2: "twice the right one",
    0.5: "half the right one",
    -2: "minus twice the right one",
    -0.5: "minus half the right one",
    0.434294: "the right one with a logarithm to base 10, not e",
    1.442695: "the right one with a logarithm to base 2, not e",
    100: "100 times the right one, in percent",
    0.01: "a hundredth of the right one, which is in percent",
}
TWO = "Two slips:"
POWERS = {1.0: "`{}`", 2.0: "`{}` squared", 0.5: "the root of `{}`"}


def relation(evidence: Evidence) -> Finding | None:
    """Return how what came is related to what should have come, the same way everywhere."""
    return _first(evidence, _results(evidence)) or _first(evidence, _scaled(evidence, named=True))


def reading(evidence: Evidence) -> Finding | None:
    """Return what it is of the arguments, which has nothing to do with what is right."""
    place, names = evidence.places[0], evidence.names
    rows = [one.inputs for one in evidence.calls]
    for text in filled(READINGS, names):
        value = value_of(text, **dict(zip(names, rows[place], strict=False)))
        if value is not None and alike(evidence.results[place], value):
            if evidence.explained_by(values_of(text, names, rows).__getitem__):
                return SAID.finding("reading", code=text)
    return None


def number(evidence: Evidence) -> Finding | None:
    """Return with which numbers it is related: a reason says more, where there is one."""
    first, *others = evidence.results
    if (
        len(others) > 1
        and not isinstance(first, Raised)
        and all(alike(one, first) for one in others)
    ):
        return SAID.finding("always", value=show(first, 4)[:60])
    return _first(evidence, _scaled(evidence, named=False)) or _first(evidence, _offset(evidence))


def listed(evidence: Evidence) -> Finding | None:
    """Return what is true of all that came wrong, and of what should have come."""
    gots, rights = (
        [plain(those[k]) for k in evidence.places] for those in (evidence.results, evidence.wanted)
    )
    rows = [*zip(gots, rights, [evidence.calls[k].inputs for k in evidence.places], strict=True)]
    for name, holds in _table(PAIRS):
        if all(value_of(holds, got=got, right=right, given=given) for got, right, given in rows):
            quoted = {}
            if "keys" in name:
                mine, right = (
                    [*{*a} - {*b}] for a, b in ((gots[0], rights[0]), (rights[0], gots[0]))
                )
                quoted = {
                    "mine": show(min(mine, key=repr, default="")),
                    "right": show(min(right, key=repr, default="")),
                }
            return SAID.finding(name, quoted)
    return None


def near(evidence: Evidence) -> Finding | None:
    """Return how near it comes, if it comes near wherever it is wrong."""
    rows = [evidence.pairs[place] for place in evidence.places if evidence.pairs]
    off = [abs(a - b) / abs(b or math.nan) for row in rows for a, b in zip(*row, strict=True)]
    most = max(off, default=0)
    return SAID.finding("near", {"percent": f"{100 * most:.1g}"}) if 0 < most < 0.01 else None


def _first(evidence: Evidence, guesses: Iterator[Guess]) -> Finding | None:
    return next((said for said, predict in guesses if evidence.explained_by(predict)), None)


def _table(table: str) -> list[tuple[str, str]]:
    """Return the names and the expressions of a table."""
    rows = [row.split(": ", 1) for row in table.strip().replace("\n", " | ").split(" | ")]
    return [(name.strip(), text) for name, text in rows]


def each(change: Change, value: Any) -> Any:
    """Return a result with each number, truth value or text changed; None where it cannot be."""
    if isinstance(value, list | tuple | dict):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        made = {key: each(change, item) for key, item in items}
        whole = made if isinstance(value, dict) else [*made.values()]
        return None if None in made.values() else whole
    return change(value)


def _changes() -> Iterator[tuple[str, Change]]:
    """Yield what may be made of each number, truth value or text in a result."""
    for name, text in _table(EACH):
        kinds: Any = (bool,) if name == "opposite" else (str,) if "x." in text else (int, float)

        def change(x: Any, text: str = text, kinds: Any = kinds) -> Any:
            fits = isinstance(x, kinds) and isinstance(x, bool) == (kinds == (bool,))
            return value_of(text, x=x) if fits else None

        yield name, partial(each, change)


def _whole(text: str, value: Any) -> Any:
    """Return what an expression makes of a result, or of each of its parts that are lists."""
    if isinstance(value, tuple) and any(isinstance(part, list | dict) for part in value):
        made = tuple(value_of(text, x=part) for part in value)
        return None if None in made else made
    return value_of(text, x=value)


def _results(evidence: Evidence) -> Iterator[Guess]:
    gots, rights = [*map(plain, evidence.results)], [*map(plain, evidence.wanted)]
    for name, change in _changes():
        name, *digits = name.split()
        parameters = {"digits": digits[0]} if digits else {}
        yield SAID.finding(name, {}, **parameters), lambda k, do=change: do(rights[k])  # type: ignore[misc]
        made = [change(got) for got in gots] if digits else [None]
        if None not in made and all(map(alike, made, rights)):
            yield SAID.finding("not_rounded", {}, **parameters), gots.__getitem__
    for name, text in _table(WHOLE):
        yield SAID.finding(name), lambda k, of=text: _whole(of, rights[k])  # type: ignore[misc]
    yield SAID.finding("not_finite"), [*map(_finite, gots, rights)].__getitem__
    for name, text in _table(WHOLE)[:6]:
        for other, change in _changes():
            if " " not in other:
                said = SAID.finding(other)
                both = replace(said, sentence=f"{TWO} {said.sentence} {SAID[name]}")
                yield both, lambda k, of=text, do=change: do(_whole(of, rights[k]))  # type: ignore[misc]


def combined(evidence: Evidence, causes: Iterator[tuple[Callable[[int], Any], Any]]) -> Any:
    """Return how it is related to what another slip gives, and that slip."""
    places = evidence.places[:2]
    changes = [(name, change) for name, change in _changes() if " " not in name]
    for predict, cause in causes:
        made = [plain(predict(place)) for place in places]
        for name, change in changes:
            if all(
                alike(change(m), evidence.results[k]) for m, k in zip(made, places, strict=True)
            ):
                if evidence.explained_by(lambda k, do=change, of=predict: do(plain(of(k)))):  # type: ignore[misc]
                    return SAID.finding(name), cause
    return None


def _finite(got: Any, right: Any) -> Any:
    """Return the right result with what is not finite in the place where it came."""
    if isinstance(got, list | tuple) and isinstance(right, list | tuple) and len(got) == len(right):
        return [*map(_finite, got, right)]
    return got if isinstance(got, float) and not math.isfinite(got) else right


def _scaled(evidence: Evidence, *, named: bool) -> Iterator[Guess]:
    """Yield a constant factor, and one with a power of a size or number of the inputs."""
    rights = [*map(plain, evidence.wanted)]
    factors = [_constant([a / b for a, b in zip(*row, strict=True) if b]) for row in evidence.pairs]
    known = next((place for place, factor in enumerate(factors) if factor and factor != 1), None)
    if known is None:
        return
    inputs = [one.inputs for one in evidence.calls]
    for name, values in [("", [1.0] * len(rights)), *sizes(evidence.names, inputs)]:
        for power in (1.0, -1.0, 2.0, -2.0, 0.5, -0.5) if name else (1.0,):
            grown = [size**power if size > 0 else math.nan for size in values]
            c = (factors[known] or 1.0) / grown[known]
            finding, is_named = _factor(name, power, c)
            if is_named is named:
                pairs = zip(grown, rights, strict=True)
                made = [each(partial(mul, c * size), right) for size, right in pairs]
                yield finding, made.__getitem__


def _factor(name: str, power: float, c: float) -> tuple[Finding, bool]:
    """Return what to say of a factor `c * name**power`, and whether it says what was done."""
    fixed = 1 / (c or math.nan)
    whole = abs(fixed) > 1.5 and math.isfinite(fixed) and _is(fixed, round(fixed))
    known = next((words for factor, words in FACTORS.items() if _is(factor, c)), "")
    times = known or f"{f'1/{round(fixed)} of' if whole else f'{c:.4g} times'} the right one"
    if not name:
        return SAID.finding("factor", {"times": times}, by=f"{c:.4g}"), bool(known)
    if power == 1 and fixed > 1 and whole:
        return SAID.finding("fixed_size", number=str(round(fixed)), size=name), True
    if name.startswith("len(") and _is(c, 1) and abs(power) == 1:
        return SAID.finding("sum_for_mean" if power > 0 else "mean_for_sum", size=name), True
    words = f"{times}, {'times' if power > 0 else 'divided by'} {POWERS[abs(power)].format(name)}"
    return SAID.finding("factor", {"times": words}, by=f"{c:.3g} * {name}**{power:g}"), _is(c, 1)


def _offset(evidence: Evidence) -> Iterator[Guess]:
    """Yield a constant that is added, or a number that is given."""
    rights = [*map(plain, evidence.wanted)]
    offsets = [_constant([a - b for a, b in zip(*row, strict=True)]) for row in evidence.pairs]
    known = next((place for place, offset in enumerate(offsets) if offset), None)
    if known is None:
        return
    inputs = [one.inputs for one in evidence.calls]
    for name, values in [("", [1.0] * len(rights)), *sizes(evidence.names, inputs)]:
        c = (offsets[known] or 0) / (values[known] or math.nan)
        if abs(c) > 1e-4 and (not name or _is(abs(c), 1)):
            amount = f"`{name}`" if name else f"{abs(c):.4g}"
            finding = SAID.finding("offset", side="large" if c > 0 else "small", amount=amount)
            pairs = zip(values, rights, strict=True)
            made = [each(partial(add, c * value), right) for value, right in pairs]
            yield finding, made.__getitem__


def _is(number: float, other: float) -> bool:
    return math.isclose(number, other, rel_tol=1e-4)


def _constant(values: Sequence[float]) -> float | None:
    """Return the one number that all values are, or None."""
    values = [value for value in values if math.isfinite(value)]
    middle = statistics.median(values) if values else 0
    near = [abs(value - middle) <= 1e-4 * abs(middle) + 1e-9 for value in values]
    return middle if values and all(near) else None

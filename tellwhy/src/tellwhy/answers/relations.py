"""How a wrong result is related to the right one, or to the arguments."""

import ast
import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, permutations
from operator import add, mul
from typing import Any

from tellwhy.answers.code import short
from tellwhy.answers.compare import Observed, Raised, alike, flat, kind, plain
from tellwhy.answers.evidence import Evidence, Guess
from tellwhy.answers.tables import SAID, SLIPS, value_of
from tellwhy.finding import Finding
from tellwhy.show import show

Change = Callable[[Any], Any]

ROUNDING, NEAR = 1e-5, 0.02  # of the largest number: between these is an approximation's error
MOST = 0.6  # of the numbers
MEAN = r"(?<!def )\b\w*mean\("  # it is called
MEANS = {
    1.0: ("sum_for_mean", rf"\A(?!.*{MEAN})", ": a sum where a mean belongs"),
    -1.0: ("mean_for_sum", rf"{MEAN}|/=? *(len|n)\b", ": a mean where a sum belongs"),
}
LOOP = r"\b(for|while)\b"
CHANGEABLE = {"list", "dict", "set"}
POWERS = {1.0: "`{}`", 2.0: "the square of `{}`", 0.5: "the root of `{}`"}


def relation(evidence: Evidence) -> Finding | None:
    """Return how what came is related to what should have come, the same way everywhere."""
    return evidence.first(chain(_results(evidence), _scaled(evidence, named=True)))


def reading(evidence: Evidence) -> Finding | None:
    """Return what it is of the arguments, which has nothing to do with what is right."""
    tried = [(f"`{one}`", one) for some in SLIPS["readings"].values() for one in some]
    return evidence.first(
        (SAID.finding("reading", code=words.format(*some)), partial(evidence.value, code))
        for words, text in [*tried, *SLIPS["formulas"].items()]
        for some in permutations(evidence.names, 2 if "{1}" in text else 1)
        for code in [text.format(*some)]
    )


def shared(evidence: Evidence) -> Finding | None:
    """Tell that one list, dict or set stands at several places, where others are asked for."""
    if isinstance(evidence.wanted[0], Observed):  # an argument that was changed, and returned, too
        return None
    differ, word = False, ""
    for got, right in (evidence.rows[place][1:] for place in evidence.places):
        keys = [*got] if isinstance(got, dict) else range(len(got)) if isinstance(got, list) else ()
        first: dict[int, Any] = {}
        pairs = [(first.setdefault(id(got[key]), key), key) for key in keys]
        twice = [pair for pair in pairs if pair[0] != pair[1] and kind(got[pair[0]]) in CHANGEABLE]
        if not twice:
            return None
        word = kind(got[twice[0][0]])
        with suppress(LookupError, TypeError):  # the right one has no such places
            differ |= any(not alike(right[a], right[b]) for a, b in twice)
    return SAID.finding("shared", what=word) if differ else None


def number(evidence: Evidence) -> Finding | None:
    """Return with which numbers it is related: a reason says more, where there is one."""
    first, *others = evidence.results
    whole = isinstance(first, Raised) or evidence.parts()
    if len(others) > 1 and not whole and all(alike(one, first) for one in others):
        return SAID.finding("always", value=show(first, 4)[:60])
    return evidence.first(chain(_scaled(evidence, named=False), _offset(evidence)))


def inexact(evidence: Evidence, share: float) -> Finding | None:
    """Tell of real numbers that come close to the right ones and are not equal, often enough."""
    near = []
    for got, right in evidence.pairs:
        largest = max(map(abs, right), default=0) or math.nan
        errors = (abs(a - b) / largest for a, b in zip(got, right, strict=True))
        near += [float in map(type, right) and ROUNDING < one <= NEAR for one in errors]
    tries = re.search(rf"{LOOP}|arange|linspace", _code(evidence))
    loop = " Perhaps a loop stops too early, or its steps are too long." if tries else ""
    return SAID.finding("inexact", {"loop": loop}) if sum(near) > share * len(near) else None


def _code(evidence: Evidence) -> str:
    """Return the answer's source, if it can be read."""
    return evidence.trial.program.code if evidence.trial.program else ""


def made_of() -> Iterator[tuple[Finding, Change]]:
    """Yield what may be made of a right result."""
    yield from _changes()
    for name, text in SLIPS["whole"].items():
        yield SAID.finding(name), partial(_whole, text)


def _each(change: Change, value: Any) -> Any:
    """Return a result with each number, truth value or text changed; None where it cannot be."""
    if isinstance(value, list | tuple | dict):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        made = {key: _each(change, item) for key, item in items}
        whole = made if isinstance(value, dict) else [*made.values()]
        return None if None in made.values() else whole
    with suppress(OverflowError):  # a whole number that is larger than any float
        return change(value)
    return None


def _changes() -> Iterator[tuple[Finding, Change]]:
    """Yield what may be made of each number, truth value or text in a result."""
    for name, text in SLIPS["each"].items():

        def change(x: Any, text: str = text, of_truth: bool = name == "opposite") -> Any:
            return value_of(text, x=x) if isinstance(x, bool) is of_truth else None

        word, _, digits = name.partition(" ")
        yield SAID.finding(word, **({"digits": digits} if digits else {})), partial(_each, change)


def _whole(text: str, value: Any) -> Any:
    """Return what an expression makes of a result, or of each of its parts that are lists."""
    if isinstance(value, tuple) and any(isinstance(part, list | dict) for part in value):
        made = tuple(value_of(text, x=part) for part in value)
        return None if None in made else made
    return value_of(text, x=value)


def _results(evidence: Evidence) -> Iterator[Guess]:
    gots, rights = [*map(plain, evidence.results)], [*map(plain, evidence.wanted)]
    for said, change in made_of():
        if said.name != "flattened" or isinstance(evidence.wanted[0], list):  # of an array: a shape
            yield said, lambda k, do=change: do(rights[k])  # type: ignore[misc]
    yield (
        SAID.finding("not_finite", {"why": _division(evidence) or _not_finite(evidence)}),
        [*map(_finite, gots, rights)].__getitem__,
    )


def _division(evidence: Evidence) -> str:
    """Say which division by an argument has a 0 there, in those calls alone that went wrong."""
    nodes = evidence.trial.program.nodes if evidence.trial.program else []
    for name, column in ((name, evidence.column(k)) for k, name in enumerate(evidence.names)):
        zeros = [0 in flat(plain(value)) for value in column]
        for node in nodes if zeros == evidence.wrong else ():
            match node:
                case ast.BinOp(op=ast.Div(), right=ast.Name(by)) if by == name:
                    return f"there `{short(ast.unparse(node))}` divides by a 0 in `{name}`"
    return ""


def _not_finite(evidence: Evidence) -> str:
    given = [one for inputs in evidence.inputs for one in flat(plain([*inputs]))]
    odd = any(isinstance(one, float) and not math.isfinite(one) for one in given)
    loop = bool(re.search(LOOP, _code(evidence)))
    said = "there a number is divided by 0, is negative under a root or in a logarithm, or is too "
    said += "large or too small for the computer" + ", as in a loop that makes it larger" * loop
    return said + "; or an argument holds inf or nan" * odd


def _finite(got: Any, right: Any) -> Any:
    """Return the right result with what is not finite in the place where it came."""
    if isinstance(got, list | tuple) and isinstance(right, list | tuple) and len(got) == len(right):
        return [*map(_finite, got, right)]
    return got if isinstance(got, float) and not math.isfinite(got) else right


def _scaled(evidence: Evidence, *, named: bool) -> Iterator[Guess]:
    """Yield a constant factor, and one with a power of a size or number of the inputs."""
    rights = [*map(plain, evidence.wanted)]
    code = _code(evidence)
    factors = [_constant([a / b for a, b in zip(*row, strict=True) if b]) for row in evidence.pairs]
    known = next((k for k, one in enumerate(factors) if one not in (None, 0, 1)), -1)
    for name, values in [("", [1.0] * len(rights)), *evidence.sizes()] if known >= 0 else []:
        for power in (1.0, -1.0, 2.0, -2.0, 0.5, -0.5) if name else (1.0,):
            grown = [size**power if size > 0 else math.nan for size in values]
            c = (factors[known] or 1.0) / grown[known]
            finding, is_named = _factor(name, power, c, code)
            if is_named is named:
                pairs = zip(grown, rights, strict=True)
                made = [_each(partial(mul, c * size), right) for size, right in pairs]
                yield finding, made.__getitem__


def _factor(name: str, power: float, c: float, code: str) -> tuple[Finding, bool]:
    """Return what to say of a factor `c * name**power`, and whether it says what was done."""
    fixed = 1 / (c or math.nan)
    whole = abs(fixed) > 1.5 and math.isfinite(fixed) and _is(fixed, round(fixed))
    known = next((words for one, words in SLIPS["factors"].items() if _is(float(one), c)), "")
    times = known or f"{f'1/{round(fixed)} of' if whole else f'{c:.4g} times'} the right one"
    if not name:
        return SAID.finding("factor", {"times": times}, by=f"{c:.4g}"), bool(known)
    if power == 1 and fixed > 1 and whole and "(" in name:
        return SAID.finding("fixed_size", number=str(round(fixed)), size=name), True
    if name.startswith("len(") and _is(c, 1) and abs(power) == 1:
        word, pattern, why = MEANS[power]
        said = {"why": why if re.search(pattern, code, re.S) else ""}  # if it can be what was done
        return SAID.finding(word, said, size=name), True
    words = f"{times}, {'times' if power > 0 else 'divided by'} {POWERS[abs(power)].format(name)}"
    return SAID.finding("factor", {"times": words}, by=f"{c:.3g} * {name}**{power:g}"), _is(c, 1)


def _offset(evidence: Evidence) -> Iterator[Guess]:
    """Yield a constant that is added."""
    offsets = [_constant([a - b for a, b in zip(*row, strict=True)]) for row in evidence.pairs]
    c = next((one for one in offsets if one), 0.0)
    made = [_each(partial(add, c), plain(right)) for right in evidence.wanted if abs(c) > 1e-4]
    if made:
        side = "large" if c > 0 else "small"
        yield SAID.finding("offset", side=side, amount=f"{abs(c):.4g}"), made.__getitem__


def _is(number: float, other: float) -> bool:
    return math.isclose(number, other, rel_tol=1e-4)


def _constant(values: Sequence[float]) -> float | None:
    """Return the one number that all values are, or None."""
    values = [value for value in values if math.isfinite(value)]
    middle = statistics.median(values) if values else 0
    near = [abs(value - middle) <= 1e-4 * abs(middle) + 1e-9 for value in values]
    return middle if values and all(near) else None

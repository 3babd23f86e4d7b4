"""Where is it right? What the inputs, or the places in a result, have in common that go wrong."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from tellwhy.answers.compare import Numbers, Raised, alike, close, numbers
from tellwhy.answers.evidence import Evidence, sizes
from tellwhy.answers.expressions import values_of
from tellwhy.answers.sentences import SAID
from tellwhy.finding import Finding

Feature = tuple[str, Sequence[Any]]  # what it is, and its values

# What can be special about an argument x, in words that follow its name.
SPECIAL = """
is empty: len(x) == 0 | has one element: len(x) == 1 and hasattr(x, '__add__') | is 0: x == 0 and x is not False
is negative: x < 0 | is None: x is None | has negative numbers in it: min(flat(x)) < 0
has no positive number in it: max(flat(x)) <= 0 | has a 0 in it: 0 in flat(x) and {*x} != {""}
has equal elements: len({*x}) < len(x + []) | is sorted: x + [] == sorted(x)
has capital letters in it: x != x.lower() | has small letters in it: x != x.upper()
has spaces in it: " " in x + "" | has digits in it: any(map(str.isdigit, x))
has punctuation in it: any(not (c.isalnum() or c.isspace()) for c in x + "")
has spaces at an end: x != x.strip() | has only equal elements: len({*x + []}) == 1
"""


def conditions(evidence: Evidence) -> Finding | None:
    """Return what tells the inputs, or the places, that went wrong from those that did not."""
    if not all(evidence.wrong):
        more, of = evidence.extended, evidence.trial.known
        inputs = [one.inputs for one in more.calls]
        labels = [*of.labels, *[""] * len(evidence.wrong)]
        special = [labels[place] for place in evidence.places if labels[place]]
        if special and evidence.places[0] >= len(of.of.inputs):
            return SAID.finding("special", which=", for ".join(special[:3]))
        features = [*_of_inputs(evidence.names, inputs, more.wanted)]
        for name, values in features:
            if words := condition(name, values, more.wrong):
                return SAID.finding("where", condition=words)
        share, words = max(
            (_tendency(*feature, more.wrong) for feature in features), default=(0, "")
        )
        if share > 0.25:
            return SAID.finding("where", condition=words)
        if sum(more.wrong) == 1:
            return SAID.finding("one_input")
    return _of_places(evidence)


def _tendency(name: str, values: Sequence[Any], wrong: Sequence[bool]) -> tuple[float, str]:
    """Say where alone it is wrong, or where it is always right; first, of what share of the right."""
    pairs = [*zip(values, wrong, strict=True)]
    good = [value for value, is_wrong in pairs if not is_wrong]
    bad = [value for value, is_wrong in pairs if is_wrong]
    fits = all(isinstance(value, bool) for value in values) and "right result" not in name
    if not fits or len(bad) < 2 or not good:
        return 0, ""
    if all(bad):
        return good.count(False) / len(good), f"wrong only where {name}"
    return good.count(True) / len(good) * (not any(bad)), f"right wherever {name}"


def condition(name: str, values: Sequence[Any], wrong: Sequence[bool]) -> str:
    """Say for which values it is right and for which wrong, if a simple rule tells them apart."""
    bad, good = (
        [v for v, is_wrong in zip(values, wrong, strict=True) if is_wrong is side]
        for side in (True, False)
    )
    if not bad or not good or any(value is None for value in values):
        return ""
    if all(isinstance(v, bool) for v in values):
        if all(bad) and not any(good):
            return f"wrong where {name}, and right elsewhere"
        apart = all(good) and not any(bad)
        return f"right where {name}, and wrong elsewhere" if apart else ""
    if len(bad) < 2 or len(good) < 2 or {*bad} & {*good}:
        return ""
    both = (good, bad, ("right", "wrong")), (bad, good, ("wrong", "right"))
    for one, _, words in both:
        if len({*one}) == 1 and not isinstance(one[0], float):
            return f"{words[0]} where {name} is {one[0]}, and {words[1]} elsewhere"
    for one, other, words in both:
        if all(isinstance(v, int) and v % 2 == 0 for v in one) and all(v % 2 for v in other):
            return f"{words[0]} where {name} is even, and {words[1]} where it is odd"
    for low, high, words in both:
        if max(low) < min(high):
            whole = all(isinstance(v, int) for v in values)
            start = str(min(high)) if whole else f"about {_between(max(low), min(high))}"
            return f"{words[1]} where {name} is {start} or more, and {words[0]} below"
    return ""


def _between(low: float, high: float) -> str:
    """Return the roundest number between two."""
    tried = ((n, digits) for digits in range(1, 8) for n in (high, (low + high) / 2))
    texts = (f"{float(f'{n:.{digits}g}'):g}" for n, digits in tried)
    return next((text for text in texts if low < float(text) <= high), f"{high:.4g}")


def _of_inputs(names: Sequence[str], inputs: Any, rights: Sequence[Any]) -> Iterator[Feature]:
    """Yield what can be said of inputs."""
    rows = [
        [row.split(": ", 1) for row in line.split(" | ")] for line in SPECIAL.strip().split("\n")
    ]
    special = [(words, text) for row in rows for words, text in row]
    columns = [[one[k] if k < len(one) else None for one in inputs] for k in range(len(names))]
    named = {name: s for name, s in sizes(names, inputs) if "numel" not in name}
    plain = {name: s for name, s in named.items() if "." not in name}
    yield from ((f"`{name}`", values) for name, values in named.items())
    for (a, first), (b, second) in itertools.permutations(plain.items(), 2):
        pairs = [*zip(first, second, strict=True)]
        yield f"`{a}` equals `{b}`", [one == other for one, other in pairs]
        yield f"`{a}` is larger than `{b}`", [one > other for one, other in pairs]
        if a in names and b in names and {*map(type, first + second)} == {int}:
            yield f"`{b}` divides `{a}`", [other != 0 and one % other == 0 for one, other in pairs]
            yield f"`{a} - {b}`", [one - other for one, other in pairs]
            yield f"`{a} % {b}`", [one % other if other else None for one, other in pairs]
    for name, column in zip([*names, ""], [*columns, rights], strict=True):
        for words, text in special:
            values = values_of(text, ["x"], [[value] for value in column])
            of = f"`{name}`" if name else "the right result"
            yield f"{of} {words}", [value is True for value in values]
    for name, values in zip(names, columns, strict=True):
        yield f"`{name}` is the right result", [*map(alike, values, rights)]
    yield "an error is asked for", [isinstance(right, Raised) for right in rights]
    yield (
        "the right result is True",
        [right if isinstance(right, bool) else None for right in rights],
    )
    single = [numbers(right) for right in rights]
    if all(found and not found.shape for found in single):
        yield "the right result", [found.values[0] for found in single if found]


def _of_places(evidence: Evidence) -> Finding | None:
    """Say which places of a result are right, wherever there are several."""
    features: dict[str, list[Any]] = {}
    wrong: list[bool] = []
    came: list[float] = []
    for one, got, right in zip(evidence.calls, evidence.results, evidence.wanted, strict=True):
        a, b = numbers(got), numbers(right)
        if not (a and b) or a.shape != b.shape or not b.shape or b.kind == "truth":
            return None
        places = [*itertools.product(*map(range, b.shape))]
        singles = ([Numbers((1,), [x], c.kind) for x in c.values] for c in (a, b))
        wrong += [not close(*pair) for pair in zip(*singles, strict=True)]
        came += a.values
        features.setdefault("the right value", []).extend(b.values)
        for name, index in {
            "the first index": lambda place: place[0],
            "the first index, from the end,": lambda place, n=b.shape[0]: place[0] - n,
            "the last index": lambda place: place[-1],
            "the difference of the indices": lambda place: place[-1] - place[0],
        }.items():
            features.setdefault(name, []).extend(map(index, places))
        for name, argument in zip(evidence.names, one.inputs, strict=False):
            if (value := numbers(argument)) and value.shape == b.shape:
                features.setdefault(f"`{name}`", []).extend(value.values)
    if limit := _limit(came, features.get("the right value", []), wrong):
        return limit
    for name, values in features.items():
        if len(values) == len(wrong) and (words := condition(name, values, wrong)):
            return SAID.finding("places", condition=words)
    return None


def _limit(came: list[float], right: list[float], wrong: list[bool]) -> Finding | None:
    """Say that values are held by a limit, where all wrong ones stand at one and lie beyond it."""
    rows = [(x, y) for x, y, bad in zip(came, right, wrong, strict=True) if bad]
    if len(rows) > 2 and not all(wrong) and all(math.isfinite(x) for x, _ in rows):
        for side, edge, sign in (("below", min(came), 1), ("above", max(came), -1)):
            near = [math.isclose(x, edge, rel_tol=1e-3) for x, _ in rows]
            if 2 * sum(near) > len(near) and all(sign * (x - y) > 0 for x, y in rows):
                return SAID.finding("limit", side=side, value=f"{edge:.4g}")
    return None

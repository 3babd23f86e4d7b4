"""Where is it right? What the inputs, or the places in a result, have in common that go wrong."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from tellwhy.answers.compare import Numbers, Raised, alike, close, numbers
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.tables import SAID, SLIPS, values_of
from tellwhy.finding import Finding

Feature = tuple[str, Sequence[Any]]  # what it is, and its values
SHARE = 0.25  # of the right results at least that a condition must tell from the wrong ones


def conditions(evidence: Evidence) -> Finding | None:
    """Return what tells the inputs, or the places, that went wrong from those that did not."""
    if all(evidence.wrong):
        return _of_places(evidence)
    more, known = evidence.extended, evidence.trial.known
    labels = [*known.labels, *[""] * len(evidence.wrong)]
    special = [labels[place] for place in evidence.places if labels[place]]
    if special and evidence.places[0] >= len(known.of.inputs):
        return SAID.finding("special", which=" and for ".join(special[:3]))
    features = [*_of_inputs(more)]
    for name, values in features:
        if words := condition(name, values, more.wrong):
            return SAID.finding("where", condition=words)
    tended = (_tendency(*feature, more.wrong) for feature in features)
    share, words = max(tended, default=(0.0, ""), key=lambda pair: pair[0])
    if share > SHARE:
        return SAID.finding("where", condition=words)
    return SAID.finding("one_input") if sum(more.wrong) == 1 else _of_places(evidence)


def condition(name: str, values: Sequence[Any], wrong: Sequence[bool]) -> str:
    """Say for which values it is right and for which wrong, if a simple rule tells them apart."""
    bad, good = _apart(values, wrong)
    if not bad or not good or any(value is None for value in values):
        return ""
    both = [(good, bad, ("right", "wrong")), (bad, good, ("wrong", "right"))]
    if all(isinstance(v, bool) for v in values):
        both = both[_is_trivial(name) :]  # where there is nothing to do, anything is right
        fits = (words for one, other, words in both if all(one) and not any(other))
        return next((f"{a} where {name}, and {b} elsewhere" for a, b in fits), "")
    if len(bad) < 2 or len(good) < 2 or {*bad} & {*good}:
        return ""
    for one, _, words in both:
        if words[0] == "right" and one[0] in (0, 1):
            continue
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


def _tendency(name: str, values: Sequence[Any], wrong: Sequence[bool]) -> tuple[float, str]:
    """Say where alone it is wrong, or always right, and first of what share of the right."""
    bad, good = _apart(values, wrong)
    fits = all(isinstance(value, bool) for value in values) and "right result" not in name
    if not fits or len(bad) < 2 or not good:
        return 0.0, ""
    if all(bad):
        return good.count(False) / len(good), f"wrong only where {name}"
    share = good.count(True) / len(good) * (not any(bad) and not _is_trivial(name))
    return share, f"right wherever {name}"


def _is_trivial(name: str) -> bool:
    return any(name.endswith(words) for words in SLIPS["trivial"]["words"])


def _apart(values: Sequence[Any], wrong: Sequence[bool]) -> tuple[list[Any], list[Any]]:
    pairs = [*zip(values, wrong, strict=True)]
    return [v for v, is_wrong in pairs if is_wrong], [v for v, is_wrong in pairs if not is_wrong]


def _between(low: float, high: float) -> str:
    """Return the roundest number between two."""
    tried = ((n, digits) for digits in range(1, 8) for n in (high, (low + high) / 2))
    texts = (f"{float(f'{n:.{digits}g}'):g}" for n, digits in tried)
    return next((text for text in texts if low < float(text) <= high), f"{high:.4g}")


def _of_inputs(evidence: Evidence) -> Iterator[Feature]:
    """Yield what can be said of inputs."""
    names, rights = evidence.names, evidence.wanted
    named = {name: values for name, values in evidence.sizes() if "numel" not in name}
    yield from ((f"`{name}`", values) for name, values in named.items())
    whole = {name for name, values in named.items() if {*map(type, values)} == {int}}
    plain = {name: values for name, values in named.items() if "." not in name}
    for (a, first), (b, second) in itertools.permutations(plain.items(), 2):
        if (a in names) is not (b in names) and not {a, b} <= whole:
            continue  # a size is not compared with what is measured
        pairs = [*zip(first, second, strict=True)]
        yield f"`{a}` equals `{b}`", [one == other for one, other in pairs]
        yield f"`{a}` is larger than `{b}`", [one > other for one, other in pairs]
        if a in names and b in names and {*map(type, first + second)} == {int}:
            yield f"`{b}` divides `{a}`", [other != 0 and one % other == 0 for one, other in pairs]
            yield f"`{a} - {b}`", [one - other for one, other in pairs]
            yield f"`{a} % {b}`", [one % other if other else None for one, other in pairs]
    columns = [evidence.column(place) for place in range(len(names))]
    for name, column in zip([*names, ""], [*columns, rights], strict=True):
        for words, text in SLIPS["special"].items():
            values = values_of(text, ["x"], [[value] for value in column])
            of = f"`{name}`" if name else "the right result"
            yield f"{of} {words}", [value is True for value in values]
    for name, values in zip(names, columns, strict=True):
        yield f"`{name}` is the right result", [*map(alike, values, rights)]
    yield "an error is asked for", [isinstance(right, Raised) for right in rights]
    truths = [right if isinstance(right, bool) else None for right in rights]
    yield "the right result is True", truths
    single = [numbers(right) for right in rights]
    if all(found and not found.shape for found in single):
        yield "the right result", [found.values[0] for found in single if found]


def _of_places(evidence: Evidence) -> Finding | None:
    """Say which values of a result are right, wherever there are several."""
    rows: list[tuple[Any, Any, int, bool]] = []  # what came, what is right, where, whether wrong
    for got, right in zip(evidence.results, evidence.wanted, strict=True):
        a, b = numbers(got), numbers(right)
        if not (a and b) or a.shape != b.shape or not b.shape or b.kind == "truth":
            return None
        for place, x, y in zip(
            itertools.product(*map(range, b.shape)), a.values, b.values, strict=True
        ):
            same = close(Numbers((1,), [x], a.kind), Numbers((1,), [y], b.kind))
            rows.append((x, y, place[0], not same))
    bad = [row for row in rows if row[3]]
    for side, edge, sign in (("below", min, 1), ("above", max, -1)):
        limit = edge(row[0] for row in rows) if rows else math.nan
        held = [math.isclose(x, limit, rel_tol=1e-3) for x, _, _, _ in bad]
        beyond = all(sign * (x - y) > 0 for x, y, _, _ in bad)
        if 2 < len(bad) < len(rows) and 2 * sum(held) > len(held) and beyond:
            return SAID.finding("limit", side=side, value=f"{limit:.4g}")
    for name, k in (("the right value", 1), ("the first index", 2)):
        words = condition(name, [row[k] for row in rows], [row[3] for row in rows])
        if words:
            return SAID.finding("places", condition=words)
    return None

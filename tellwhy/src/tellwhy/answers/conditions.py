"""What the inputs that went wrong have in common, and what the values."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence, Sized
from functools import cache, partial
from typing import Any

from tellwhy.answers.compare import Raised, alike, numbers, plain
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.run import Call
from tellwhy.answers.tables import SAID, SLIPS, value_of
from tellwhy.finding import Finding
from tellwhy.show import show

Feature = tuple[str, Sequence[Any]]  # what it is, and its values
SHARE = 0.25  # of the right results at least that a condition must tell from the wrong ones
BRIEF = 20  # characters of a right result that is named
FRESH = 120  # inputs drawn anew that a condition must hold on, so that it is no chance
SUPPORT = 5  # of all drawn inputs, at least so many right and so many wrong ones speak for it


def conditions(evidence: Evidence) -> Finding | None:
    """Return what tells the inputs, or the values, that went wrong from those that did not."""
    fresh = cache(partial(_fresh, evidence))  # drawn and asked once, if at all
    if all(evidence.wrong):
        return _of_values(evidence, fresh)
    known = evidence.trial.known
    labels = [*known.labels, *[""] * len(evidence.wrong)]
    special = [labels[place] for place in evidence.places if labels[place]]
    if special and evidence.places[0] >= len(known.of.inputs):
        which = ", or for ".join(special[:3])
        return SAID.finding("special", which=which)
    share, words = _of_inputs(evidence.extended, 0)
    if share > SHARE:  # worth many calls
        share, words = _of_inputs(fresh(), SUPPORT)
    return SAID.finding("where", condition=words) if share > SHARE else _of_values(evidence, fresh)


def _of_inputs(evidence: Evidence, support: int) -> tuple[float, str]:
    """Return what tells inputs that went wrong best, and for which share of the others."""
    kept = [k for k, trivial in enumerate(_trivial(evidence)) if not trivial]
    of, given = evidence.only(kept), len(evidence.trial.known.labels)
    drawn = [k >= given for k in kept]
    found = [condition(*feature, of.wrong, drawn, support) for feature in _features(of)]
    return max(found, key=lambda pair: pair[0], default=(0.0, ""))


def _fresh(evidence: Evidence) -> Evidence:
    """Return the same with many inputs that are drawn anew; with none where time is short."""
    more, rows = evidence.extended, list[tuple[Call, Any, Any]]()
    for inputs in evidence.trial.known.drawn(FRESH, FRESH):
        if not evidence.trial.rich:  # other questions need it
            return more.only([])
        right = evidence.right(inputs)
        rows.append((Call(inputs), evidence.ask(inputs, right), right))
    return more.of_rows([*more.rows, *rows])


def _trivial(evidence: Evidence) -> list[bool]:
    """Tell which calls went right as hardly anything is to be done: it says nothing of the rest."""
    ends = [isinstance(right, Raised) for right in evidence.wanted]
    empty = [any(isinstance(one, Sized) and not len(one) for one in of) for of in evidence.inputs]
    for easy in (ends, empty):
        if any(itertools.compress(easy, evidence.wrong)):
            easy[:] = [False] * len(easy)  # there, too, it can go wrong
    return [not bad and (a or b) for bad, a, b in zip(evidence.wrong, ends, empty, strict=True)]


def condition(
    name: str,
    values: Sequence[Any],
    wrong: Sequence[bool],
    drawn: Sequence[bool],
    support: int = SUPPORT,
) -> tuple[float, str]:
    """Return for which share of the right results a simple rule tells them apart, and the rule.

    Those that were not drawn may contradict a rule, and do not speak for it.
    """
    pairs = [*zip(values, wrong, strict=True)]
    bad, good = ([v for v, is_wrong in pairs if is_wrong is side] for side in (True, False))
    spoken = [*itertools.compress(pairs, drawn)]
    fewest = min([is_wrong for _, is_wrong in spoken].count(side) for side in (True, False))
    if not bad or not good or fewest < support or any(value is None for value in values):
        return 0.0, ""
    if all(isinstance(value, bool) for value in values):
        # Where there is nothing to do, anything is right.
        trivial = name.endswith(tuple(SLIPS["trivial"]["words"]))
        side = all(bad)
        share = good.count(not side) / len(good) if side or not (any(bad) or trivial) else 0.0
        a, b = ("wrong", "right") if side else ("right", "wrong")
        if share == 1:
            return share, f"{a} where {name}, and {b} elsewhere"
        share *= spoken.count((not side, False)) >= support
        share *= "larger than" not in name  # which hardly helps
        return share, f"{a} {'only where' if side else 'wherever'} {name}"
    if {*bad} & {*good}:
        return 0.0, ""
    for one, a, b in ((good, "right", "wrong"), (bad, "wrong", "right")):
        single = len({*one}) == 1 and not isinstance(one[0], float)
        if single and (a == "wrong" or one[0] not in (0, 1)):
            return 1.0, f"{a} where {name} is {one[0]}, and {b} elsewhere"
    if name == "the right result" and {*good} == {0}:
        return 0.0, ""  # a result of nothing is right by itself
    for low, high, a, b in ((good, bad, "wrong", "right"), (bad, good, "right", "wrong")):
        if max(low) < min(high):
            whole = all(isinstance(value, int) for value in values)
            start = str(min(high)) if whole else f"about {_between(max(low), min(high))}"
            return 1.0, f"{a} where {name} is {start} or more, and {b} where it is less"
    return 0.0, ""


def _between(low: float, high: float) -> str:
    """Return the roundest number between two."""
    tried = ((n, digits) for digits in range(1, 8) for n in (high, (low + high) / 2))
    texts = (f"{float(f'{n:.{digits}g}'):g}" for n, digits in tried)
    return next((text for text in texts if low < float(text) <= high), f"{high:.4g}")


def _features(evidence: Evidence) -> Iterator[Feature]:
    """Yield what can be said of inputs."""
    names, rights = evidence.names, evidence.wanted
    unlike = ("numel", "1 - 1 /")  # which are no sizes that one looks at
    sizes = {name: of for name, of in evidence.sizes() if not any(one in name for one in unlike)}
    yield from ((f"`{name}`", values) for name, values in sizes.items())
    plainly = {name: values for name, values in sizes.items() if "." not in name}
    for (a, first), (b, second) in itertools.permutations(plainly.items(), 2):
        pairs, whole = [*zip(first, second, strict=True)], {*map(type, first + second)} == {int}
        if (a in names) is (b in names) or whole:  # a size is not compared with what is measured
            yield f"`{a}` equals `{b}`", [one == other for one, other in pairs]
            yield f"`{a}` is larger than `{b}`", [one > other for one, other in pairs]
        if {a, b} <= {*names} and whole:
            yield f"`{a} % {b}`", [one % other if other else None for one, other in pairs]
    columns = {f"`{name}`": evidence.column(place) for place, name in enumerate(names)}
    for name, values in columns.items():
        for words, code in SLIPS["special"].items():
            yield f"{name} {words}", [value_of(code, x=plain(v)) is True for v in values]
    single = [numbers(right) for right in rights]
    if all(found and not found.shape for found in single):
        values = [found.values[0] for found in single if found]
        truths = all(isinstance(value, bool) for value in values)
        yield "the right result is True" if truths else "the right result", values
    elif len(shown := show(rights[evidence.places[0]])) < BRIEF:
        alike_it = partial(alike, rights[evidence.places[0]])
        yield f"the right result is `{shown}`", [*map(alike_it, rights)]


def _of_values(evidence: Evidence, fresh: Callable[[], Evidence]) -> Finding | None:
    """Say which numbers of a result are right, wherever there are several."""
    rows = [pair for row in evidence.pairs for pair in zip(*row, strict=True) if len(row[0]) > 1]
    bad = [row for row in rows if not alike(*row)]
    for side, edge, sign in (("below", min, 1), ("above", max, -1)):
        limit = edge((got for got, _ in rows), default=math.nan)
        held = [math.isclose(got, limit, rel_tol=1e-3) for got, _ in bad]
        beyond = all(sign * (got - right) > 0 for got, right in bad)
        if 2 < len(bad) < len(rows) and 2 * sum(held) > len(held) and beyond:
            return SAID.finding("limit", side=side, value=f"{limit:.4g}")
    share, words = _of_places(evidence, 0)
    if share == 1:  # worth many calls
        share, words = _of_places(fresh(), SUPPORT)
    return SAID.finding("places", condition=words) if share == 1 else None


def _of_places(evidence: Evidence, support: int) -> tuple[float, str]:
    """Return what tells the right numbers that went wrong from the others."""
    given = len(evidence.trial.known.labels)
    several = [(row, k >= given) for k, row in enumerate(evidence.pairs) if len(row[0]) > 1]
    rows = [pair for row, _ in several for pair in zip(*row, strict=True)]
    drawn = [is_drawn for row, is_drawn in several for _ in row[0]]
    wrong, values = [not alike(*row) for row in rows], [right for _, right in rows]
    return condition("the right value", values, wrong, drawn, support)

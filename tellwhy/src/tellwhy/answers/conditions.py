"""What is true of the results that went wrong, and what their inputs have in common."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Sized
from functools import partial
from itertools import chain
from typing import Any

from tellwhy.answers.code import short, text
from tellwhy.answers.compare import Raised, alike, numbers, plain
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.lines import skipping
from tellwhy.answers.tables import SAID, SLIPS, value_of
from tellwhy.finding import Finding
from tellwhy.show import show

# More pairs of characters than these are chance: on other inputs right results would have them.
PAIRS = 2
Feature = tuple[str, Sequence[Any]]  # what it is, and its values
SHARE = 0.25  # of the right results at least that a condition must tell from the wrong ones
BRIEF = 20  # characters of a right result that is named
FEW, MOST = 4, 0.6  # pieces that are shown; of the wrong results at least that have some


def conditions(evidence: Evidence) -> Finding | None:
    """Return what tells the inputs, or the values, that went wrong from those that did not."""
    if all(evidence.wrong):
        return _of_values(evidence)
    more, known = evidence.extended, evidence.trial.known
    labels = [*known.labels, *[""] * len(evidence.wrong)]
    special = [labels[place] for place in evidence.places if labels[place]]
    if special and evidence.places[0] >= len(known.of.inputs):
        *first, last = special[:3]
        which = ", and for ".join(filter(None, [", for ".join(first), last]))
        return SAID.finding("special", which=which)
    more = more.only(k for k, trivial in enumerate(_trivial(more)) if not trivial)
    found = [condition(*feature, more.wrong) for feature in _features(more)]
    share, words = max(found, key=lambda pair: pair[0], default=(0.0, ""))
    return SAID.finding("where", condition=words) if share > SHARE else _of_values(evidence)


def _trivial(evidence: Evidence) -> list[bool]:
    """Tell which calls went right as hardly anything is to be done: it says nothing of the rest."""
    ends = [isinstance(right, Raised) for right in evidence.wanted]
    empty = [any(isinstance(one, Sized) and not len(one) for one in of) for of in evidence.inputs]
    for easy in (ends, empty):
        if any(itertools.compress(easy, evidence.wrong)):
            easy[:] = [False] * len(easy)  # there, too, it can go wrong
    return [not bad and (a or b) for bad, a, b in zip(evidence.wrong, ends, empty, strict=True)]


def condition(name: str, values: Sequence[Any], wrong: Sequence[bool]) -> tuple[float, str]:
    """Return for which share of the right results a simple rule tells them apart, and the rule."""
    pairs = [*zip(values, wrong, strict=True)]
    bad, good = ([v for v, is_wrong in pairs if is_wrong is side] for side in (True, False))
    if not bad or not good or any(value is None for value in values):
        return 0.0, ""
    if all(isinstance(value, bool) for value in values):
        if len(good) == 1:  # it may be chance
            return 0.0, ""
        # Where there is nothing to do, anything is right.
        trivial = name.endswith(tuple(SLIPS["trivial"]["words"]))
        side = all(bad)
        share = good.count(not side) / len(good) if side or not (any(bad) or trivial) else 0.0
        a, b = ("wrong", "right") if side else ("right", "wrong")
        if share == 1:
            return share, f"{a} where {name}, and {b} elsewhere"
        share *= len(bad) > 1 and "larger than" not in name  # which hardly helps
        return share, f"{a} {'only where' if side else 'wherever'} {name}"
    if len(bad) < 2 or len(good) < 2 or {*bad} & {*good}:
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


def _of_values(evidence: Evidence) -> Finding | None:
    """Say which numbers of a result are right, wherever there are several."""
    rows = [pair for row in evidence.pairs for pair in zip(*row, strict=True) if len(row[0]) > 1]
    wrong = [not alike(*row) for row in rows]
    bad = [row for row, is_wrong in zip(rows, wrong, strict=True) if is_wrong]
    for side, edge, sign in (("below", min, 1), ("above", max, -1)):
        limit = edge((got for got, _ in rows), default=math.nan)
        held = [math.isclose(got, limit, rel_tol=1e-3) for got, _ in bad]
        beyond = all(sign * (got - right) > 0 for got, right in bad)
        if 2 < len(bad) < len(rows) and 2 * sum(held) > len(held) and beyond:
            return SAID.finding("limit", side=side, value=f"{limit:.4g}")
    share, words = condition("the right value", [right for _, right in rows], wrong)
    return SAID.finding("places", condition=words) if share == 1 else None


def never(evidence: Evidence) -> Finding | None:
    """Return which pieces right results have and none that came, or the other way round."""
    more = evidence.extended
    is_listed = all(isinstance(one, str | list | set | tuple) for one in more.wanted)
    if not is_listed or any(isinstance(one, Raised) for one in more.results):
        return None
    if (of_texts := listed(evidence)) and of_texts.name in ("case", "spaces", "written"):
        return of_texts
    for size in (1, 2):
        gots, rights = ([_pieces(v, size) for v in of] for of in (more.results, more.wanted))
        sides = ("never_extra", gots, rights), ("never_missing", rights, gots)
        for name, mine, others in sides[: 3 - size]:  # that a pair is missing may be chance
            count = Counter(chain(*mine))
            alone = {one for one in {*count} - {*chain(*others)} if "\\n" not in one}
            has = [bool(some & alone) for some in mine]
            told = all(one <= wrong for one, wrong in zip(has, more.wrong, strict=True))
            often = sum(has) >= MOST * sum(more.wrong) and has[evidence.places[0]]
            few = sum(count[one] for one in alone) >= 2 * min(len(alone), FEW)
            chance = size == 2 and (len(alone) > PAIRS or sum(has) < FEW)
            if alone and told and often and few and not chance:
                odd = {one for one in alone if "\\" in one or "`" in one}  # shown last
                here = mine[evidence.places[0]]  # in the input that is shown
                first = sorted(
                    alone, key=lambda one: (one not in here, one in odd, -count[one], one)
                )
                return SAID.finding(name, {"pieces": ", ".join(first[:FEW])})
    return None


def _pieces(value: Any, size: int) -> set[str]:
    """Return the characters, or pairs of neighbours, of a text, or what a list or set holds."""
    if isinstance(value, str):
        return {repr(value[k : k + size]) for k in range(len(value) - size + 1)}
    plainly = isinstance(value, list | set | tuple) and size == 1
    return {show(one) for one in value if isinstance(one, str)} if plainly else set()


def skips(evidence: Evidence) -> Finding | None:
    """Does it take elements out of a list that a loop goes through?"""
    line = evidence.trial.program and skipping(evidence.trial.program)
    if not line:
        return None
    errors = any(isinstance(result, Raised) for result in evidence.results)  # as of a dict
    so = "" if errors else ", so the loop skips the next one"
    return SAID.finding("skips", {"line": short(text(line)), "so": so})


def listed(evidence: Evidence) -> Finding | None:
    """Return what is true of all that came wrong, and of what should have come."""
    more = evidence.extended
    columns = (more.results, more.wanted, more.inputs)
    rows = [[plain(column[place]) for column in columns] for place in more.places]
    if any(isinstance(more.results[place], Raised) for place in more.places):
        return None
    for name, holds in SLIPS["pairs"].items():
        if all(value_of(holds, got=a, right=b, given=inputs) for a, b, inputs in rows):
            if name == "punctuation" and not any(map(str.isalnum, "".join(row[1] for row in rows))):
                continue  # all is signs, as in a drawing
            return SAID.finding(name, _quoted(name, rows))
    return None


def _quoted(name: str, rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    """Return what a sentence quotes of rows with what came, and what should have come."""
    pairs = [(row[0], row[1]) for row in rows]
    if "keys" in name:
        alone = {}
        for word, (i, j) in {"mine": (0, 1), "right": (1, 0)}.items():
            keys = (pair[i].keys() - pair[j].keys() for pair in pairs)
            alone[word] = show(min(next(filter(None, keys), {""}), key=repr))
        return alone
    if name == "written":
        numbers = zip(*(re.findall(r"\d[\d.]*", text) for text in pairs[0]), strict=True)
        return dict(zip(("mine", "right"), next(a for a in numbers if a[0] != a[1]), strict=True))
    if name == "spaces":
        as_many = all(got.count("\n") == right.count("\n") for got, right in pairs)
        ends = all(got.replace("\n", "") == right.replace("\n", "") for got, right in pairs)
        return {"what": "blanks" if as_many else "line ends" if ends else "blanks and line ends"}
    if name == "punctuation":
        signs = {c for pair in pairs for c in "".join(pair) if not c.isalnum()}
        others = sorted({c for a, b in pairs for c in signs if a.count(c) != b.count(c)} - {*" \n"})
        if len(signs) == 1:
            return {"what": f"where `{min(signs)}` stands"}
        if not 0 < len(others) < FEW:
            return {"what": "punctuation and white space"}
        left = [["".join(c for c in text if c not in others) for text in pair] for pair in pairs]
        named, more = " and ".join(f"`{c}`" for c in others), any(a != b for a, b in left)
        stand = "stand" if len(others) > 1 else "stands"
        return {"what": f"how often {named} {stand} there{', and in white space' * more}"}
    return {}

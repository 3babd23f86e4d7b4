"""What does a result depend on: each argument, the order in one, earlier calls?"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from inspect import isclass, signature
from itertools import islice
from typing import Any

from tellwhy.answers.compare import Observed, Raised, alike, flat, numbers
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.run import Answer, call
from tellwhy.answers.tables import SAID, value_of
from tellwhy.answers.watch import code_of, space_of
from tellwhy.finding import Finding

MOVED = "1.7 * x + 0.3 + 0.1 * x**2"  # not in a line with x: what is standardised would stay
# As much as rounding: what moves with it does so by chance, in another order, too.
NUDGED = "x * 1.0000005 if hasattr(x, 'ndim') else [v * 1.0000005 for v in x]"
# Of the places 0, 1, ...; one alone may leave what matters where it is, as reversal the middle.
ORDERS = ("p[1:] + p[:1]", "p[::-1]", "p[::2] + p[1::2]")
TURNED = (
    "x[p] if hasattr(x, 'ndim') else ''.join(x[k] for k in p) if x == str(x) else [x[k] for k in p]"
)


def sensitivity(evidence: Evidence) -> Finding | None:
    """Which argument does it ignore, and on which, or on whose order, should it not depend?"""
    asked = ((ask, *pair) for ask in (_matters, _ordered) for pair in enumerate(evidence.names))
    told = (ask(evidence, place, name) for ask, place, name in asked)
    return next(filter(None, told), None)


def remembers(evidence: Evidence) -> Finding | None:
    """Does it give something else after other calls, as a default or a global variable lives on?"""
    answer, code = evidence.trial.answer, code_of(evidence.trial.answer)
    if not code or not evidence.trial.quick:
        return None
    space = space_of(answer)
    of_class = isclass(answer)
    arguments = {} if of_class else signature(answer).parameters
    defaults = {name: one.default for name, one in arguments.items()}

    def kept(answer: Answer) -> dict[str, Any]:
        known = {**{name: space.get(name) for name in code.co_names}, **defaults}
        known = {**vars(answer)} if of_class else known
        return {name: one for name, one in known.items() if type(one) in {list, dict, set, int}}

    if not kept(answer):  # it was called before
        return None
    # Of a class there is a fresh copy; what a function keeps must change once more.
    program = evidence.trial.program if of_class else None
    fresh = (program and program.made()) or answer
    before, again, name = deepcopy(kept(fresh)), list[Any](), ""
    for inputs in evidence.inputs:
        again.append(evidence.ask(inputs, copy=program and program.made()))
        now = kept(answer).items()
        changed = (name for name, one in now if not alike(one, before.get(name)))
        name = name or next(changed, "")
    if not name or all(map(alike, again, evidence.results)):
        outside = [] if of_class else [one for one in kept(answer) if one not in defaults]
        name = next((one for one in outside if _spoils(evidence, space, one)), "")
        return SAID.finding("old_global", {"name": name}) if name else None
    old = "old_attribute" if of_class else "old_default" if name in defaults else "old_global"
    return SAID.finding(old, {"name": name})


def _spoils(evidence: Evidence, space: dict[str, Any], name: str) -> bool:
    """Tell whether it is right where it was wrong, if a variable that it fills is empty before."""
    full, tried = space[name], []
    for place in evidence.places[:2] if full and not isinstance(full, int) else ():
        space[name] = type(full)()
        try:
            right = evidence.wanted[place]
            tried.append(alike(evidence.ask(evidence.calls[place].inputs, right), right))
            tried.append(bool(space[name]))  # and is no table that it looks up
        finally:
            space[name] = full
    return bool(tried) and all(tried)


def unsteady(evidence: Evidence) -> Finding | None:
    """Does a second call with the same input give another result, as no solution does?"""
    if not evidence.places or not evidence.trial.quick:
        return None
    place = evidence.places[0]
    inputs, known = evidence.calls[place].inputs, evidence.trial.known
    again = [evidence.ask(inputs, seed=seed) for seed in (0, 1)]
    parts = [part for one in again for part in flat(one)]  # of which iterators are never equal
    plainly = all(numbers(part) or isinstance(part, str | set | None) for part in parts)
    special = not plainly or any(isinstance(one, Raised | Observed) for one in again)
    if special or alike(*again):
        return None
    right = known.result(call(known.of.solution, inputs, known.of.observer, seed=1))
    return SAID.finding("not_repeatable") if alike(right, evidence.wanted[place]) else None


def _matters(evidence: Evidence, place: int, name: str) -> Finding | None:
    def others(value: Any) -> Iterator[Any]:
        found = numbers(value)
        moved = value_of(MOVED, x=value) if found and found.kind == "real" else None
        column = (one for one in evidence.column(place) if not alike(one, value))
        return islice(column, 3) if moved is None else iter([moved])

    pairs = [*_moved(evidence, place, others)]
    seen = [pair for pair in pairs if any(pair)]  # as on some inputs nothing depends on it
    if len(seen) > 1 and not any(moves for moves, _ in seen):
        return SAID.finding("ignores", argument=name)
    needless = not any(should for _, should in seen) and len(seen) > max(1, len(pairs) // 2)
    return SAID.finding("depends_on", argument=name) if needless else None


def _ordered(evidence: Evidence, place: int, name: str) -> Finding | None:
    def others(value: Any) -> Iterator[Any]:
        places = value_of("[*range(len(x))]", x=value) or []  # none of a number
        orders = (value_of(order, p=places) for order in ORDERS if len(places) > 1)
        turned = (value_of(TURNED, x=value, p=order) for order in orders)
        yield from (one for one in turned if one is not None)

    def nudged(value: Any) -> Iterator[Any]:
        found = numbers(value)
        new = value_of(NUDGED, x=value) if found and found.kind == "real" else None
        yield from [] if new is None else [new]

    moved = [*_moved(evidence, place, others, within=1e-3)]  # a sum in another order is rounded
    matters = any(moves for moves, _ in moved) and not any(should for _, should in moved)
    if not matters or any(moves for moves, _ in _moved(evidence, place, nudged, within=1e-3)):
        return None
    return SAID.finding("depends_on_order", argument=name)


def _moved(
    evidence: Evidence,
    place: int,
    others: Callable[[Any], Iterator[Any]],
    within: float = 1e-5,
) -> Iterator[tuple[bool, bool]]:
    """Yield of each other value of an argument whether what comes moves, and whether it should."""
    for (one, got, right), value in zip(evidence.rows, evidence.column(place), strict=True):
        usable = not isinstance(got, Raised) and not isinstance(right, Raised)
        for new in others(value) if usable else ():
            other = (*one.inputs[:place], new, *one.inputs[place + 1 :])
            should = evidence.right(other)
            came = evidence.ask(other, should)
            yield not alike(came, got, within), not alike(should, right)

"""Does it look at everything? What of a result moves when a part of an argument changes."""

import itertools
from collections.abc import Iterator
from typing import Any

from tellwhy.answers.compare import Raised, alike, numbers
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.run import Call
from tellwhy.answers.sentences import SAID
from tellwhy.finding import Finding

# Of one changed part: which it is, of how many, whether anything moved, and what should not have.
Moved = tuple[int, int, bool, bool]
PLACES = {
    "first": (0,),
    "last": (-1,),
    "second": (1,),
    "third": (2,),
    "fourth": (3,),
    "first and the last": (0, -1),
    "first and the second": (0, 1),
}
FEW = 5  # of so many calls each row, column or element is changed by itself


def sensitivity(evidence: Evidence) -> Finding | None:
    """Which arguments, or parts of one, does it not look at, or where it should not?"""
    names = [*enumerate(evidence.names)]
    for place, name in names:
        moved = [moves for _, _, moves, _ in _moved(evidence, place, None)]
        if len(moved) > 1 and not any(moved):
            return SAID.finding("ignores", argument=name)
    for place, axis in itertools.product(range(len(names)), (0, 1)):
        if finding := _parts(evidence, place, axis):
            return finding
    for place, name in names:
        if _ordered(evidence, place):
            return SAID.finding("depends_on_order", argument=name)
    return None


def _parts(evidence: Evidence, place: int, axis: int) -> Finding | None:
    """Does a row, column or element matter alone, or not, or for values of others?"""
    name, moved = evidence.names[place], [*_moved(evidence, place, axis)]
    values = evidence.column(place)
    tables = all(getattr(value, "ndim", 0) > 1 for value in values)
    text = all(isinstance(value, str) for value in values)
    part = "character" if text else ("row" if tables else "element", "column")[axis]
    for label, places in PLACES.items():
        there, elsewhere = (
            [moves for k, n, moves, _ in moved if ({k, k - n} & {*places} != set()) is side]
            for side in (True, False)
        )
        plural = {"part": f"{part}s" if len(places) > 1 else part, "place": label}
        if min(len(there), len(elsewhere)) < 2:
            continue
        if all(there) and not any(elsewhere):
            return SAID.finding("only_part", **plural, argument=name)
        if all(elsewhere) and not any(there):
            return SAID.finding("ignores_part", **plural, argument=name)
    if moved and all(more for _, _, _, more in moved):
        return SAID.finding("mixed", part=part, argument=name)
    return None


def _ordered(evidence: Evidence, place: int) -> bool:
    """Tell whether the order in an argument matters, though it matters nowhere in what is right."""
    matters = False
    for one, value, got, right in _rows(evidence, place):
        if isinstance(value, list | str) or getattr(value, "ndim", 0):
            turned = value[1:] + value[:1] if isinstance(value, list | str) else value
            if turned is value and len(value):  # not reversed: the middle would stay there
                turned = value[[*range(1, len(value)), 0]]
            inputs = (*one.inputs[:place], turned, *one.inputs[place + 1 :])
            if not alike(evidence.right(inputs), right):
                return False
            matters = matters or _apart(evidence.ask(inputs, right), got)
    return matters


def _rows(evidence: Evidence, place: int) -> Iterator[tuple[Call, Any, Any, Any]]:
    """Yield each call that raised nothing, with an argument, its result and the right one."""
    columns = (evidence.calls, evidence.column(place), evidence.results, evidence.wanted)
    for row in zip(*columns, strict=True):
        if not isinstance(row[2], Raised) and not isinstance(row[3], Raised):
            yield row


def _moved(evidence: Evidence, place: int, axis: int | None) -> Iterator[Moved]:
    """Yield what becomes of the results when parts of an argument change, of those that matter."""
    rows = itertools.islice(_rows(evidence, place), None if axis is None else FEW)
    for one, value, got, right in rows:
        for k, n, new in _others(evidence, place, value, axis):
            inputs = (*one.inputs[:place], new, *one.inputs[place + 1 :])
            should = evidence.right(inputs)
            moves = not isinstance(should, Raised) and not alike(should, right)
            if moves or axis is None:
                came = evidence.ask(inputs, should)
                if moves or not alike(came, got):
                    yield k, n, not alike(came, got), _more(came, got, should, right)


def _more(came: Any, got: Any, should: Any, right: Any) -> bool:
    """Tell whether values moved in places where the right ones stayed."""
    found = [one for one in map(numbers, (came, got, should, right)) if one]
    if len(found) < 4 or len({one.shape for one in found}) > 1:
        return False
    rows = zip(*(one.values for one in found), strict=True)
    return any(abs(x - y) > 1e-4 and z == w for x, y, z, w in rows)


def _apart(came: Any, got: Any) -> bool:
    """Tell whether two results differ by more than rounding."""
    a, b = numbers(came), numbers(got)
    if not (a and b) or a.shape != b.shape:
        return not alike(came, got)
    pairs = zip(a.values, b.values, strict=True)
    return any(abs(x - y) > 1e-3 * (abs(x) + abs(y)) for x, y in pairs)


def _others(evidence: Evidence, place: int, value: Any, axis: int | None) -> Iterator[Any]:
    """Yield other values of an argument: the number of what changes, of how many, and the value."""
    found, table = numbers(value), getattr(value, "ndim", 0) > (axis or 0)
    real = bool(found and found.kind == "real") and (table or isinstance(value, float))
    if axis is None and real:
        yield 0, 1, _moved_on(value)
    elif axis is None:  # those of other calls
        others = [one for one in evidence.column(place) if not alike(one, value)]
        yield from ((0, 1, other) for other in others[:3])
    elif real and table and value.shape[axis] > 1:
        for k in range(value.shape[axis]):
            index = (*[slice(None)] * axis, k)
            new = value.clone() if hasattr(value, "clone") else value.copy()
            new[index] = _moved_on(new[index])
            yield k, value.shape[axis], new
    elif isinstance(value, list | str) and axis == 0 and len(value) > 1:
        for k, item in enumerate(value):
            if isinstance(item, int | float):
                yield k, len(value), [*value[:k], _moved_on(item), *value[k + 1 :]]
            elif isinstance(item, str):
                new = chr(ord(item[0]) + 1) + item[1:] if item else "x"
                middle = new if isinstance(value, str) else [new]
                yield k, len(value), value[:k] + middle + value[k + 1 :]


def _moved_on(value: Any) -> Any:
    """Return other values, not in a line with these: what is standardised would stay."""
    return value + 3 if isinstance(value, int) else 1.7 * value + 0.3 + 0.1 * value**2

"""Does it look at everything? What of a result moves when a part of an argument changes."""

import itertools
from collections.abc import Iterator
from typing import Any

from tellwhy.answers.compare import Raised, alike, numbers
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.tables import SAID
from tellwhy.finding import Finding

PLACES = {
    "first {}": (0,),
    "last {}": (-1,),
    "second {}": (1,),
    "third {}": (2,),
    "first and the last {}s": (0, -1),
    "first and the second {}s": (0, 1),
}
FEW = 5  # of so many calls each row or element is changed by itself


def sensitivity(evidence: Evidence) -> Finding | None:
    """Which arguments, or parts of one, does it not look at, or where it should not?"""
    names = [*enumerate(evidence.names)]
    for place, name in names:
        moved = [moves for _, _, moves in _moved(evidence, place, whole=True)]
        if len(moved) > 1 and not any(moved):
            return SAID.finding("ignores", argument=name)
    for place, name in names:
        if finding := _parts(evidence, place, name):
            return finding
    for place, name in names:
        if _ordered(evidence, place):
            return SAID.finding("depends_on_order", argument=name)
    return None


def _parts(evidence: Evidence, place: int, name: str) -> Finding | None:
    """Does a row, element or character matter alone, or not at all?"""
    moved, values = [*_moved(evidence, place, whole=False)], evidence.column(place)
    tables = all(getattr(value, "ndim", 0) > 1 for value in values)
    text = all(isinstance(value, str) for value in values)
    part = "character" if text else "row" if tables else "element"
    for words, places in PLACES.items():
        there, elsewhere = (
            [moves for k, n, moves in moved if ({k, k - n} & {*places} != set()) is side]
            for side in (True, False)
        )
        clear = len({*there}) == len({*elsewhere}) == 1 and {*there} != {*elsewhere}
        if clear and min(len(there), len(elsewhere)) > 1:
            said = "only_part" if all(there) else "ignores_part"
            return SAID.finding(said, {}, part=words.format(part), argument=name)
    return None


def _ordered(evidence: Evidence, place: int) -> bool:
    """Tell whether the order in an argument matters, though it matters nowhere in what is right."""
    matters = False
    for inputs, value, got, right in _rows(evidence, place):
        turned: Any = None
        if isinstance(value, list | str):  # not reversed: what is in the middle would stay there
            turned = [*value[1:], *value[:1]]
            turned = turned if isinstance(value, list) else "".join(turned)
        elif getattr(value, "ndim", 0) and len(value):
            turned = value[[*range(1, len(value)), 0]]
        if turned is not None:
            other = (*inputs[:place], turned, *inputs[place + 1 :])
            if not alike(evidence.right(other), right):
                return False
            matters = matters or _apart(evidence.ask(other, right), got)
    return matters


def _rows(evidence: Evidence, place: int) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Yield the inputs of each call that raised nothing, an argument, its result and the right."""
    columns = (evidence.inputs, evidence.column(place), evidence.results, evidence.wanted)
    for row in zip(*columns, strict=True):
        if not isinstance(row[2], Raised) and not isinstance(row[3], Raised):
            yield row


def _moved(evidence: Evidence, place: int, *, whole: bool) -> Iterator[tuple[int, int, bool]]:
    """Yield of each changed part that matters which it is, of how many, and whether it moves."""
    for inputs, value, got, right in itertools.islice(_rows(evidence, place), 99 if whole else FEW):
        for k, n, new in _others(evidence, place, value, whole):
            other = (*inputs[:place], new, *inputs[place + 1 :])
            should = evidence.right(other)
            moves = not isinstance(should, Raised) and not alike(should, right)
            if moves or whole:
                came = evidence.ask(other, should)
                if moves or not alike(came, got):
                    yield k, n, not alike(came, got)


def _apart(came: Any, got: Any) -> bool:
    """Tell whether two results differ by more than rounding."""
    a, b = numbers(came), numbers(got)
    if not (a and b) or a.shape != b.shape:
        return not alike(came, got)
    pairs = zip(a.values, b.values, strict=True)
    return any(abs(x - y) > 1e-3 * (abs(x) + abs(y)) for x, y in pairs)


def _others(evidence: Evidence, place: int, value: Any, whole: bool) -> Iterator[Any]:
    """Yield other values of an argument: the number of what changes, of how many, and the value."""
    found = numbers(value)
    real = bool(found and found.kind == "real") and not isinstance(value, list | tuple)
    if whole and real:
        yield 0, 1, _moved_on(value)
    elif whole:  # those of other calls
        others = [one for one in evidence.column(place) if not alike(one, value)]
        yield from ((0, 1, other) for other in others[:3])
    elif (getattr(value, "ndim", 0) and real) or isinstance(value, list | str):
        for k in range(len(value) if len(value) > 1 else 0):
            if isinstance(value, str):
                yield k, len(value), value[:k] + chr(ord(value[k]) + 1) + value[k + 1 :]
            elif isinstance(value, list) and isinstance(value[k], int | float):
                yield k, len(value), [*value[:k], _moved_on(value[k]), *value[k + 1 :]]
            elif not isinstance(value, list):
                new = value.clone() if hasattr(value, "clone") else value.copy()
                new[k] = _moved_on(new[k])
                yield k, len(value), new


def _moved_on(value: Any) -> Any:
    """Return other values, not in a line with these: what is standardised would stay."""
    return value + 3 if isinstance(value, int) else 1.7 * value + 0.3 + 0.1 * value**2

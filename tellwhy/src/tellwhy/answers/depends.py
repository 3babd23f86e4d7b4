"""Does it look at everything? What of a result moves when a part of an argument changes."""

import itertools
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from tellwhy.answers.evidence import Evidence, Finding, Raised
from tellwhy.answers.judge import alike, numbers
from tellwhy.answers.run import Call

# Of one changed part: which it is, of how many, whether anything moved, and what should not have.
Moved = tuple[int, int, bool, bool]
PLACES = {0: "first", -1: "last", 1: "second", 2: "third", 3: "fourth"}
FEW = 4  # of so many calls each row, column or element is changed by itself


def depends(evidence: Evidence) -> Finding | None:
    """Which arguments, or parts of one, does it not look at, or where it should not?"""
    names = [*enumerate(evidence.exercise.names)]
    for place, name in names:
        moved = [moves for _, _, moves, _ in _moved(evidence, place, None)]
        if len(moved) > 1 and not any(moved):
            sentence = f"The result does not depend on `{name}`: it stays when `{name}` changes."
            return Finding(f"ignores {name}", sentence)
    for place, axis in itertools.product(range(len(names)), (0, 1)):
        if finding := _parts(evidence, place, axis):
            return finding
    for place, name in names:
        if _ordered(evidence, place):
            sentence = f"The result changes with the order in `{name}`, and should not."
            return Finding(f"order of {name}", sentence)
    return None


def _ordered(evidence: Evidence, place: int) -> bool:
    """Tell whether the order in an argument counts, though it counts nowhere in what is right."""
    counts = False
    for one, value, got, right in _rows(evidence, place):
        if isinstance(value, list) or (isinstance(value, Tensor) and value.ndim):
            # Not reversed: what is in the middle would stay there.
            moved_on = value[1:] + value[:1] if isinstance(value, list) else value.roll(1, 0)
            inputs = (*one.inputs[:place], moved_on, *one.inputs[place + 1 :])
            if not alike(evidence.solve(evidence.exercise.right, inputs), right):
                return False
            counts = counts or not alike(evidence.ask(inputs), got)
    return counts


def _parts(evidence: Evidence, place: int, axis: int) -> Finding | None:
    """Does a row, column or element count alone, or not, or for values of others?"""
    name, moved = evidence.exercise.names[place], [*_moved(evidence, place, axis)]
    tables = all(isinstance(v, Tensor) and v.ndim > 1 for v in evidence.column(place))
    part = ("row" if tables else "element", "column")[axis]
    for at, label in PLACES.items():
        there, elsewhere = (
            [moves for k, n, moves, _ in moved if (at in (k, k - n)) is side]
            for side in (True, False)
        )
        if min(len(there), len(elsewhere)) < 2:
            continue
        if all(there) and not any(elsewhere):
            sentence = f"Of `{name}` the {label} {part} counts alone."
            return Finding(f"{label} of {name} alone", sentence)
        if all(elsewhere) and not any(there):
            return Finding(f"{label} of {name}", f"Of `{name}` the {label} {part} does not count.")
    if moved and all(more for _, _, _, more in moved):
        sentence = f"When one {part} of `{name}` changes, values change that have nothing to do "
        return Finding(f"{name} mixed", f"{sentence}with it.")
    return None


def _rows(evidence: Evidence, place: int) -> Iterator[tuple[Call, Any, Any, Any]]:
    """Yield each call that raised nothing, with an argument, its result and the right one."""
    columns = (evidence.calls, evidence.column(place), evidence.results, evidence.wanted)
    return (row for row in zip(*columns, strict=True) if not isinstance(row[2], Raised))


def _moved(evidence: Evidence, place: int, axis: int | None) -> Iterator[Moved]:
    """Yield what becomes of the results when parts of an argument change, of those that matter."""
    rows = itertools.islice(_rows(evidence, place), None if axis is None else FEW)
    for one, value, got, right in rows:
        for k, n, new in _others(evidence, place, value, axis):
            inputs = (*one.inputs[:place], new, *one.inputs[place + 1 :])
            should = evidence.solve(evidence.exercise.right, inputs)
            moves = not isinstance(should, Raised) and not alike(should, right)
            if moves or axis is None:
                came = evidence.ask(inputs)
                if moves or not alike(came, got):
                    yield k, n, not alike(came, got), _more(came, got, should, right)


def _more(came: Any, got: Any, should: Any, right: Any) -> bool:
    """Tell whether values moved in places where the right ones stayed."""
    a, b, c, d = map(numbers, (came, got, should, right))
    if a is None or b is None or c is None or d is None or not a.shape == b.shape == d.shape:
        return False
    return bool(((a - b).abs() > 1e-4).logical_and((c - d).abs() == 0).any())


def _others(evidence: Evidence, place: int, value: Any, axis: int | None) -> Iterator[Any]:
    """Yield other values of an argument: the number of what changes, of how many, and the value."""
    table = torch.tensor(value) if isinstance(value, list) and _floats(value) else value
    if axis is None:
        if isinstance(value, int) and not isinstance(value, bool):
            yield 0, 1, value + 3
        elif isinstance(table, float) or (isinstance(table, Tensor) and table.is_floating_point()):
            new = _moved_on(table)
            yield 0, 1, new.tolist() if isinstance(value, list) else new
        elif isinstance(value, nn.Module):
            nets = [net for net in evidence.column(place) if str(net) != str(value)]
            yield from ((0, 1, net) for net in nets[:2])
        return
    if not isinstance(table, Tensor) or not table.is_floating_point() or table.ndim <= axis:
        return
    n = table.shape[axis]
    for k in range(n) if n > 1 else ():
        index = [slice(None)] * axis + [k]
        new = table.clone()
        new[tuple(index)] = _moved_on(new[tuple(index)])
        yield k, n, new.tolist() if isinstance(value, list) else new


def _moved_on(value: Any) -> Any:
    """Return other values, not in a line with these: what is standardised would stay."""
    return 1.7 * value + 0.3 + 0.1 * value**2


def _floats(value: list[Any]) -> bool:
    return all(isinstance(item, float) for item in value)

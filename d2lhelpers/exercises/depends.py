"""Does it look at everything? What of a result moves when a part of an argument changes."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from d2lhelpers.exercises.evidence import Evidence, Finding, Raised
from d2lhelpers.exercises.judge import alike, numbers

# Of one changed part: which it is, of how many, whether anything moved, and what should not have.
Moved = tuple[int, int, bool, bool]
FEW = 4  # of so many calls each row, column or element is changed by itself


def depends(evidence: Evidence) -> Finding | None:
    """Which arguments, or parts of one, does it not look at, or where it should not?"""
    for place, name in enumerate(evidence.exercise.names):
        moved = [*_moved(evidence, place, None)]
        if len(moved) > 1 and not any(any_moved for _, _, any_moved, _ in moved):
            sentence = f"The result does not depend on `{name}`: it stays when `{name}` changes."
            return Finding(f"ignores {name}", sentence)
    for place, name in enumerate(evidence.exercise.names):
        for axis, part in ((0, "row"), (1, "column")):
            moved = [*_moved(evidence, place, axis)]
            values = evidence.column(place)
            if axis == 0 and not all(isinstance(v, Tensor) and v.ndim > 1 for v in values):
                part = "element"
            if finding := _parts(moved, name, part):
                return finding
    for place, name in enumerate(evidence.exercise.names):
        if _ordered(evidence, place):
            sentence = f"The result changes with the order in `{name}`, and should not."
            return Finding(f"order of {name}", sentence)
    return None


def _ordered(evidence: Evidence, place: int) -> bool:
    """Tell whether the order in an argument counts, though it counts nowhere in what is right."""
    moved = []
    for one, got, right in zip(evidence.calls, evidence.results, evidence.wanted, strict=True):
        value = one.inputs[place] if place < len(one.inputs) else None
        if isinstance(got, Raised) or not isinstance(value, list | Tensor):
            continue
        turned = value[::-1] if isinstance(value, list) else value.flip([0] * bool(value.ndim))
        inputs = (*one.inputs[:place], turned, *one.inputs[place + 1 :])
        if not alike(evidence.solve(evidence.exercise.right, inputs), right):
            return False
        moved.append(not alike(evidence.ask(inputs), got))
    return sum(moved) > 1


def _parts(moved: list[Moved], name: str, part: str) -> Finding | None:
    labels: list[tuple[str, Callable[[int, int], bool]]] = [
        ("first", lambda k, n: k == 0),
        ("last", lambda k, n: k == n - 1),
        ("second", lambda k, n: k == 1),
        ("third", lambda k, n: k == 2),
        ("fourth", lambda k, n: k == 3),
    ]
    for label, holds in labels:
        of_these = [any_moved for k, n, any_moved, _ in moved if holds(k, n)]
        others = [any_moved for k, n, any_moved, _ in moved if not holds(k, n)]
        if len(of_these) < 2 or len(others) < 2:
            continue
        if all(of_these) and not any(others):
            return Finding(
                f"{label} of {name} alone", f"Of `{name}` the {label} {part} counts alone."
            )
        if all(others) and not any(of_these):
            return Finding(f"{label} of {name}", f"Of `{name}` the {label} {part} does not count.")
    mixed = [more for _, _, _, more in moved]
    if len(mixed) > 1 and all(mixed):
        sentence = f"When one {part} of `{name}` changes, values change that have nothing to do "
        return Finding(f"{name} mixed", f"{sentence}with it.")
    return None


def _moved(evidence: Evidence, place: int, axis: int | None) -> Iterator[Moved]:
    """Yield what becomes of the results when parts of an argument change, of those that matter."""
    tried = 0
    for one, got, right in zip(evidence.calls, evidence.results, evidence.wanted, strict=True):
        value = one.inputs[place] if place < len(one.inputs) else None
        if isinstance(got, Raised) or (axis is not None and tried == FEW):
            continue
        tried += 1
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

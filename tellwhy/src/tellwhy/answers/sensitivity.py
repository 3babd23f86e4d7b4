"""What does a result depend on: each argument, parts of one, their order, earlier calls?"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from inspect import isclass, signature, unwrap
from itertools import islice
from typing import Any

from tellwhy.answers.compare import Observed, Raised, alike, numbers
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.tables import SAID
from tellwhy.answers.watch import code_of
from tellwhy.finding import Finding

Others = Iterator[tuple[Any, Any]]  # what is changed of an argument, and what it is then


def sensitivity(evidence: Evidence) -> Finding | None:
    """Which arguments, or parts of one, does it not look at, or where it should not?"""
    questions = (_ignored, _ordered)
    asked = ((ask, *pair) for ask in questions for pair in enumerate(evidence.names))
    told = (ask(evidence, place, name) for ask, place, name in asked)
    return next((finding for finding in told if finding), None)


def remembers(evidence: Evidence) -> Finding | None:
    """Does it give something else after other calls, as a default or a global variable lives on?"""
    answer, code = evidence.trial.answer, code_of(evidence.trial.answer)
    if not code or not evidence.trial.quick:
        return None
    space = getattr(unwrap(answer), "__globals__", {})
    of_class = isclass(answer)
    arguments = {} if of_class else signature(answer).parameters
    defaults = {name: one.default for name, one in arguments.items()}

    def kept() -> dict[str, Any]:
        known = {**{name: space.get(name) for name in code.co_names}, **defaults}
        known = vars(answer) if of_class else known
        return {name: one for name, one in known.items() if type(one) in {list, dict, set, int}}

    before, again, name = deepcopy(kept()), list[Any](), ""
    for inputs in evidence.inputs:
        again.append(evidence.ask(inputs))
        name = name or next((name for name, one in kept().items() if one != before.get(name)), "")
    if not name or all(map(alike, again, evidence.results)):
        return None
    old = "old_attribute" if of_class else "old_default" if name in defaults else "old_global"
    return SAID.finding(old, {"name": name})


def unsteady(evidence: Evidence) -> Finding | None:
    """Does a second call with the same input give another result?"""
    inputs = evidence.calls[evidence.places[0]].inputs
    again = [evidence.ask(inputs, seed=seed) for seed in (0, 1)]
    steady = any(isinstance(one, Raised | Observed) for one in again) or alike(*again)
    return None if steady else SAID.finding("not_repeatable")


def _ignored(evidence: Evidence, place: int, name: str) -> Finding | None:
    """Does an argument not matter at all?"""

    def others(value: Any) -> Others:
        if isinstance(value, float) or _is_real(value):
            yield 0, _moved_on(value)
        else:
            column = evidence.column(place)
            yield from islice(((0, one) for one in column if not alike(one, value)), 3)

    moved = [moves for _, moves, should in _moved(evidence, place, others) if moves or should]
    return SAID.finding("ignores", argument=name) if len(moved) > 1 and not any(moved) else None


def _ordered(evidence: Evidence, place: int, name: str) -> Finding | None:
    """Does the order in an argument matter, though it matters nowhere in what is right?"""

    def others(value: Any) -> Others:
        if _has_parts(value) and len(value):  # not reversed: what is in the middle would stay
            places = [*range(1, len(value)), 0]
            turned = value[places] if hasattr(value, "ndim") else [value[k] for k in places]
            yield 0, "".join(turned) if isinstance(value, str) else turned

    moved = [*_moved(evidence, place, others, within=1e-3)]  # a sum in another order is rounded
    matters = any(moves for _, moves, _ in moved) and not any(should for _, _, should in moved)
    return SAID.finding("depends_on_order", argument=name) if matters else None


def _moved(
    evidence: Evidence, place: int, others: Callable[[Any], Others], within: float = 1e-5
) -> Iterator[tuple[Any, bool, bool]]:
    """Yield of each changed part what it is, whether what comes moves, and whether it should."""
    columns = (evidence.inputs, evidence.column(place), evidence.results, evidence.wanted)
    for inputs, value, got, right in zip(*columns, strict=True):
        usable = not isinstance(got, Raised) and not isinstance(right, Raised)
        for part, new in others(value) if usable else ():
            other = (*inputs[:place], new, *inputs[place + 1 :])
            should = evidence.right(other)
            came = evidence.ask(other, should)
            yield part, not alike(came, got, within), not alike(should, right)


def _has_parts(value: Any) -> bool:
    return isinstance(value, list | str) or bool(getattr(value, "ndim", 0))


def _is_real(value: Any) -> bool:
    found = numbers(value)
    return bool(found and found.kind == "real") and not isinstance(value, list | tuple)


def _moved_on(value: Any) -> Any:
    """Return other values, not in a line with these: what is standardised would stay."""
    return value + 3 if isinstance(value, int) else 1.7 * value + 0.3 + 0.1 * value**2

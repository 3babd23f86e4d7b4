"""Where is it right? What the inputs, or the places in a result, have in common that go wrong."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from tellwhy.answers.evidence import Evidence, Finding, sizes
from tellwhy.answers.judge import alike, numbers

Feature = tuple[str, Sequence[Any]]  # what it is, and its values


def where(evidence: Evidence) -> Finding | None:
    """Return what tells the inputs, or the places, that went wrong from those that did not."""
    if not all(evidence.wrong):
        all_tried = evidence.extended
        inputs = [one.inputs for one in all_tried.calls]
        for name, values in _of_inputs(evidence.exercise.names, inputs, all_tried.wanted):
            if words := _condition(name, values, all_tried.wrong):
                return Finding(f"where {name}"[:80], f"Of the inputs tried: {words}.")
        labels, first = evidence.exercise.labels, len(evidence.exercise.inputs)
        all_labelled = len(labels) == len(evidence.wrong)
        labelled = zip(labels, evidence.wrong, strict=True) if all_labelled else []
        special = [label for label, bad in labelled if bad and label]
        if special and not any(evidence.wrong[:first]):
            sentence = f"It is right for the first inputs tried, and wrong for {special[0]}"
            sentence += "".join(f", for {label}" for label in special[1:3])
            return Finding(f"wrong for {special[0]}"[:80], f"{sentence}.")
    return _of_places(evidence)


def _condition(name: str, values: Sequence[Any], wrong: Sequence[bool]) -> str:
    """Say for which values it is right and for which wrong, if a simple rule tells them apart."""
    if any(value is None for value in values):
        return ""
    bad, good = (
        [v for v, is_wrong in zip(values, wrong, strict=True) if is_wrong is side]
        for side in (True, False)
    )
    if len(bad) >= 2 and all(v is True for v in bad) and good.count(False) >= 2:
        return f"wrong only where {name}"
    if len(bad) < 2 or len(good) < 2 or {*bad} & {*good}:
        return ""
    for one, other, words in ((good, bad, ("right", "wrong")), (bad, good, ("wrong", "right"))):
        if all(v is True for v in one):
            return f"{words[0]} where {name}, and {words[1]} elsewhere"
        if len({*one}) == 1 and not isinstance(one[0], float):
            return f"{words[0]} where {name} is {one[0]}, and {words[1]} elsewhere"
        if all(isinstance(v, int) and v % 2 == 0 for v in one) and all(v % 2 for v in other):
            return f"{words[0]} where {name} is even, and {words[1]} where it is odd"
    if max(good) < min(bad):
        return f"right where {name} is at most {max(good):.4g}, and wrong from {min(bad):.4g} on"
    if max(bad) < min(good):
        return f"wrong where {name} is at most {max(bad):.4g}, and right from {min(good):.4g} on"
    return ""


def _of_inputs(names: Sequence[str], inputs: Any, rights: Sequence[Any]) -> Iterator[Feature]:
    """Yield what can be said of inputs."""
    for place, name in enumerate(names):
        given = [one[place] if place < len(one) else None for one in inputs]
        yield f"`{name}`", ["None" if value is None else "given" for value in given]
    named = {name: s for name, s in sizes(names, inputs).items() if "numel" not in name}
    yield from ((f"`{name}`", values) for name, values in named.items())
    whole = {
        name: values for name, values in named.items() if all(isinstance(v, int) for v in values)
    }
    for (a, first), (b, second) in itertools.permutations(whole.items(), 2):
        pairs = [*zip(first, second, strict=True)]
        yield f"`{a}` equals `{b}`", [one == other for one, other in pairs]
        yield f"`{a} - {b}`", [one - other for one, other in pairs]
        if a in names and b in names:  # a remainder of sizes holds by chance
            yield f"`{a} % {b}`", [one % other if other else None for one, other in pairs]
            yield f"`{a} * {b} % 2`", [one * other % 2 for one, other in pairs]
    for name, values in named.items():
        yield f"`{name}` is the right result", [*map(alike, values, rights)]
    single = [numbers(right) for right in rights]
    if all(number is not None and number.numel() == 1 for number in single):
        yield "the right result", [number.item() for number in single if number is not None]


def _of_places(evidence: Evidence) -> Finding | None:
    """Say which places of a result are right, wherever there are several."""
    features: dict[str, list[Any]] = {}
    wrong: list[bool] = []
    names = evidence.exercise.names
    arguments = zip(*map(evidence.column, range(len(names))), strict=True)
    for given, got, right in zip(arguments, evidence.results, evidence.wanted, strict=True):
        a, b = numbers(got), numbers(right)
        if a is None or b is None or a.shape != b.shape or not b.ndim:
            return None
        b = b.double()
        wrong += (~torch.isclose(a.double(), b, rtol=1e-5, atol=1e-6)).flatten().tolist()
        places = torch.stack(torch.meshgrid(*map(torch.arange, b.shape), indexing="ij")).flatten(1)
        of_all = {
            "the right value": b.flatten(),
            "the first index": places[0],
            "the first index, from the end,": places[0] - b.shape[0],
            "the last index": places[-1],
            "the difference of the indices": places[-1] - places[0],
        }
        for name, argument in zip(names, given, strict=True):
            value = numbers(argument)
            if value is not None and value.shape == b.shape:
                of_all[f"`{name}`"] = value.flatten()
        for name, of_one in of_all.items():
            features.setdefault(name, []).extend(of_one.tolist())
    for name, values in features.items():
        if len(values) == len(wrong) and (words := _condition(name, values, wrong)):
            return Finding(f"where {name}", f"Of the values in the result: {words}.")
    return None

"""The questions that a wrong answer is asked; each that gets a yes is a sentence of feedback.

A question knows no exercise. What it finds holds on all inputs that were tried, and at least two
tell it from the right result. The first that explains all that came ends the asking.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from d2lhelpers.exercises.edits import Edit, Solution
from d2lhelpers.exercises.evidence import Evidence, Finding, Raised
from d2lhelpers.exercises.form import form
from d2lhelpers.exercises.relations import RESULTS, changed, relation
from d2lhelpers.exercises.run import Answer, Inputs
from d2lhelpers.exercises.values import alike, close, numbers
from d2lhelpers.exercises.where import where

PAIRS = 500  # so many pairs of changes are tried, the likelier first


def ask(
    evidence: Evidence, mistakes: Mapping[str, tuple[str, Answer]], says: Mapping[str, str]
) -> list[Finding]:
    """Return what is found out about a wrong answer: what explains it, or else what is true of it.

    Args:
        evidence: its calls, and what was expected.
        mistakes: for each mistake registered with the exercise its advice and a function with it.
        says: what is told of parts of a result that speak for themselves.
    """
    questions: list[Callable[[], Finding | None]] = [
        lambda: form(evidence),
        lambda: registered(evidence, mistakes),
        lambda: relation(evidence),
        *([] if says else [lambda: other_arguments(evidence), lambda: changed_solution(evidence)]),
        lambda: unsteady(evidence),
    ]
    for question in questions:
        if finding := question():
            return [finding]
    if found := part_by_part(evidence, mistakes, says):
        return found
    if found := [*blind(evidence)]:
        return found
    if not says and (finding := two_changes(evidence)):
        return [finding]
    return where(evidence)


def registered(evidence: Evidence, mistakes: Mapping[str, tuple[str, Answer]]) -> Finding | None:
    """Does it give what a registered mistake gives?"""
    for name, (advice, answer) in mistakes.items():
        if evidence.explained_by(_solved(evidence, answer)):
            return Finding(name, advice)
    return None


def _solved(evidence: Evidence, solution: Answer) -> Callable[[int, Inputs], Any]:
    return lambda _, inputs: evidence.solve(solution, inputs)


# Right for other arguments?

ARGUMENTS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("negated", "`-{}`", lambda value: -value),
    ("squared", "`{}**2`", lambda value: value**2),
    ("root", "the root of `{}`", lambda value: abs(value) ** 0.5),
    ("doubled", "`2 * {}`", lambda value: 2 * value),
    ("halved", "`{} / 2`", lambda value: value / 2),
    ("inverted", "`1 / {}`", lambda value: 1 / value),
    ("one more", "`{} + 1`", lambda value: value + 1),
    ("one less", "`{} - 1`", lambda value: value - 1),
    ("absolute", "`abs({})`", abs),
    ("set to 1", "1", lambda value: value * 0 + 1),
    ("set to 0", "0", lambda value: value * 0),
    ("transposed", "`{}` transposed", lambda value: value.mT if value.ndim > 1 else 0 / 0),
    ("centred", "`{0} - {0}.mean()`", lambda value: value - value.mean()),
    ("complement", "`1 - {}`", lambda value: 1 - value),
]
ELEMENTS: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("without the first", "`{}` without its first element", lambda value: value[1:]),
    ("without the last", "`{}` without its last element", lambda value: value[:-1]),
    ("the first", "the first element of `{}` alone", lambda value: value[:1]),
    ("the last", "the last element of `{}` alone", lambda value: value[-1:]),
    ("sorted", "`{}` sorted", lambda value: type(value)(sorted(value))),
    ("without repeats", "`{}` without repeated elements", lambda value: type(value)({*value})),
]


def other_arguments(evidence: Evidence) -> Finding | None:
    """Is it right for other arguments than the given ones?"""
    changes: list[tuple[str, str, Callable[[Inputs], Inputs]]] = []
    for place, name in enumerate(evidence.names):
        for kind, phrase, change in _argument_changes(evidence, place):
            words = f"for {phrase.format(name)} in place of `{name}`"
            changes.append((f"{name} {kind}", words, _at(place, change)))
    for i, j in itertools.combinations(range(len(evidence.names)), 2):
        a, b = evidence.names[i], evidence.names[j]
        changes.append(
            (f"{a} and {b} exchanged", f"with `{a}` and `{b}` exchanged", _exchange(i, j))
        )
    for name, words, change in changes:
        if evidence.explained_by(_at_others(evidence, change)):
            return Finding(name, f"This would be right {words}.")
    return None


def _argument_changes(
    evidence: Evidence, place: int
) -> list[tuple[str, str, Callable[[Any], Any]]]:
    values = [call.inputs[place] for call in evidence.calls if place < len(call.inputs)]
    if all(isinstance(value, int | float) or _is_floating(value) for value in values):
        rows = all(isinstance(value, Tensor) and value.ndim > 0 for value in values)
        return [*ARGUMENTS, *(ELEMENTS[:4] if rows else [])]
    return ELEMENTS if all(isinstance(value, list) for value in values) else []


def _is_floating(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


def _at(place: int, change: Callable[[Any], Any]) -> Callable[[Inputs], Inputs]:
    return lambda inputs: (*inputs[:place], change(inputs[place]), *inputs[place + 1 :])


def _exchange(i: int, j: int) -> Callable[[Inputs], Inputs]:
    def exchange(inputs: Inputs) -> Inputs:
        changed = list(inputs)
        changed[i], changed[j] = changed[j], changed[i]
        return tuple(changed)

    return exchange


def _at_others(
    evidence: Evidence, change: Callable[[Inputs], Inputs]
) -> Callable[[int, Inputs], Any]:
    def predict(_: int, inputs: Inputs) -> Any:
        try:
            others = change(inputs)
        except Exception:  # there is no such change of these
            return Raised("change")
        return evidence.solve(evidence.solution, others)

    return predict


# The solution, with a change?


def changed_solution(evidence: Evidence) -> Finding | None:
    """Does it give what the solution gives with one thing changed?"""
    for _, edit, answer in _changed(evidence.solution, tuple(evidence.ways)):
        if evidence.explained_by(_solved(evidence, answer)):
            return _comes_when(edit)
    return None


@functools.cache
def _changed(solution: Answer, ways: tuple[str, ...]) -> list[tuple[Solution, Edit, Answer]]:
    """Return all changes of a solution and of others, each with what comes of it."""
    trees = [Solution(solution), *(Solution(solution, body) for body in ways)]
    edits = [(tree, edit, tree.changed(edit)) for tree in trees for edit in tree.edits()]
    return [(tree, edit, answer) for tree, edit, answer in edits if answer]


def _comes_when(*edits: Edit, and_then: str = "") -> Finding:
    when = ", and ".join(edit.words for edit in edits)
    name = "; ".join(edit.name for edit in edits)
    return Finding(name[:80], f"This comes out when {when}.{and_then}")


def two_changes(evidence: Evidence) -> Finding | None:
    """Does it give what the solution gives with two things changed, or one and its result?"""
    wrong = [place for place, bad in enumerate(evidence.wrong) if bad][:2]
    results = [evidence.results[place] for place in wrong]
    inputs = [evidence.calls[place].inputs for place in wrong]
    if any(isinstance(result, Raised) for result in results):
        return None
    edits = [
        one
        for one in _changed(evidence.solution, tuple(evidence.ways))
        if " belongs" not in one[1].words
    ]
    for _, edit, answer in edits:
        if _related(results, [evidence.solve(answer, given) for given in inputs]):
            guesses = [evidence.solve(answer, call.inputs) for call in evidence.calls]
            if further := relation(evidence, guesses):
                words = further.sentence.replace("the right result", "what then comes")
                return _comes_when(edit, and_then=f" {words}")
    pairs = ((a, b) for a, b in itertools.combinations(edits, 2) if a[0] is b[0])
    for (solution, one, _), (_, other, _) in itertools.islice(pairs, PAIRS):
        both = solution.changed(one, other)
        first = both and alike(results[0], evidence.solve(both, inputs[0]))
        if both and first and evidence.explained_by(_solved(evidence, both)):
            return _comes_when(one, other)
    return None


def _related(results: list[Any], guesses: list[Any]) -> bool:
    """Tell at a glance whether results may be related to guesses: whether to look closer."""
    pairs = [(numbers(got), numbers(guess)) for got, guess in zip(results, guesses, strict=True)]
    if any(got is None or guess is None for got, guess in pairs):
        return False
    factors = [(a.double() / b).flatten() for a, b in pairs if a.shape == b.shape]  # type: ignore[union-attr, operator]
    if len(factors) == len(pairs):
        together = torch.cat(factors)
        if together.numel() and close(together, together[0].expand(together.shape)):
            return True
    return any(
        all(alike(got, changed(change, guess)) for got, guess in pairs) for _, _, change in RESULTS
    )


# Always the same? Does it look at everything?


def unsteady(evidence: Evidence) -> Finding | None:
    """Does a second call with the same input give another result?"""
    place = evidence.wrong.index(True)
    again = [evidence.ask(evidence.calls[place].inputs, seed=seed) for seed in (0, 1)]
    if all(alike(other, evidence.results[place]) for other in again):
        return None
    sentence = "A second call with the same arguments gives another result."
    return Finding("not repeatable", sentence)


def blind(evidence: Evidence) -> Iterator[Finding]:
    """Which arguments, or which parts of one, does it not look at?"""
    for place, name in enumerate(evidence.names):
        others = [lambda value, place=place: _other(evidence, place, value)]
        if _stays(evidence, place, others):
            sentence = f"The result does not depend on `{name}`: it stays when `{name}` changes."
            yield Finding(f"ignores {name}", sentence)
            continue
        for alone, change in (("first", _but_first), ("last", _but_last)):
            if _stays(evidence, place, [change]):
                sentence = f"Of `{name}` the {alone} element, or row, counts alone."
                yield Finding(f"{alone} of {name} alone", sentence)


def _stays(evidence: Evidence, place: int, changes: Iterable[Callable[[Any], Any]]) -> bool:
    """Tell whether the answer stays, and the right one moves, when an argument is changed."""
    moved = 0
    for call, result in zip(evidence.calls, evidence.results, strict=True):
        for change in changes:
            value = call.inputs[place] if place < len(call.inputs) else None
            new = change(value)
            if new is None or isinstance(result, Raised):
                continue
            others = (*call.inputs[:place], new, *call.inputs[place + 1 :])
            right = evidence.solve(evidence.solution, others)
            if isinstance(right, Raised) or alike(
                right, evidence.solve(evidence.solution, call.inputs)
            ):
                continue
            if not alike(evidence.ask(others), result):
                return False
            moved += 1
            if moved == 3:
                return True
    return moved >= 2


def _other(evidence: Evidence, place: int, value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value + 3
    if isinstance(value, float) or _is_floating(value):
        return 1.7 * value + 0.3
    if isinstance(value, list) and all(isinstance(item, float) for item in value):
        return [1.7 * item + 0.3 for item in value]
    if isinstance(value, nn.Module):
        nets = [call.inputs[place] for call in evidence.calls]
        return next((net for net in nets if net is not value), None)
    return None


def _but_first(value: Any) -> Any:
    return _in_part(value, slice(1, None))


def _but_last(value: Any) -> Any:
    return _in_part(value, slice(None, -1))


def _in_part(value: Any, part: slice) -> Any:
    """Return a copy with other numbers in a part, or None where there is no such part."""
    if isinstance(value, list) and len(value) > 1 and isinstance(value[0], float):
        changed = list(value)
        changed[part] = [1.7 * item + 0.3 for item in value[part]]
        return changed
    if _is_floating(value) and value.ndim > 0 and len(value) > 1:
        changed = value.clone()
        changed[part] = 1.7 * value[part] + 0.3
        return changed
    return None


# Part by part


def part_by_part(
    evidence: Evidence, mistakes: Mapping[str, tuple[str, Answer]], says: Mapping[str, str]
) -> list[Finding]:
    """Which parts of the result are right, and what is true of the others?"""
    parts = [*evidence.parts]
    if isinstance(evidence.expected[0], Mapping):
        parts = [*evidence.expected[0]]
    if not parts or not all(_has(result, parts) for result in evidence.results):
        return []
    of_part = {part: evidence.of_part(part) for part in parts}
    wrong = [part for part in parts if any(of_part[part].wrong)]
    found: list[Finding] = []
    for part in wrong:
        if part in says:
            found.append(Finding(part, says[part]))
            continue
        # Elsewhere the advice of a mistake may speak of the other parts.
        told = ask(of_part[part], mistakes if says else {}, {})
        found += [Finding(f"{part}: {one.name}", f"`{part}`: {one.sentence}") for one in told]
    right = [part for part in parts if part not in wrong]
    if found and right and not says:
        names = " and ".join(f"`{part}`" for part in right)
        sentence = f"{names} {'is' if len(right) == 1 else 'are'} right. {found[0].sentence}"
        found[0] = Finding(found[0].name, sentence)
    return found


def _has(result: Any, parts: list[str]) -> bool:
    if isinstance(result, Mapping):
        return [*result] == parts
    return isinstance(result, tuple | list) and len(result) == len(parts)


__all__ = ["ask"]

"""The questions that a wrong answer is asked; each that gets a yes is a sentence of feedback.

A question knows no exercise. What it finds holds on all inputs that were tried, or says on which,
and at least two tell it from the right result. The first that explains all ends the asking.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tellwhy.answers.changes import Edit, Program
from tellwhy.answers.depends import depends
from tellwhy.answers.evidence import Evidence, Finding, Raised
from tellwhy.answers.form import formed, only_shapes
from tellwhy.answers.judge import alike, numbers
from tellwhy.answers.relations import listed, number, relation
from tellwhy.answers.run import Answer
from tellwhy.answers.where import where

STEPS = 20_000  # for so many steps in all, an answer is tried with changes
FEW = 3  # of so many wrong inputs at least, it is asked what is wrong with them
FORGIVEN = Exception  # results can be anything, and a question that stumbles knows nothing
LONG = 500  # an answer of more steps is not called on dozens of other inputs

Question = Callable[[Evidence], Finding | None]
Changed = list[tuple[Edit, Answer]]


def ask(evidence: Evidence) -> list[Finding]:
    """Return what is found out about a wrong answer: what explains it, or else what is true."""
    if all(isinstance(result, Raised) for result in evidence.results):
        return _first(evidence, repaired)
    before = evidence.results
    evidence, found = formed(evidence)
    if (found and evidence.results is before) or not any(evidence.wrong):
        return found
    long = max(one.steps for one in evidence.calls) > LONG
    told = found + (
        (part_by_part(evidence) if only_shapes(evidence) else [])
        or _first(evidence, registered, relation, changed, repaired, unsteady, number)
        or part_by_part(evidence)
        or ([] if found or long else _in_part(evidence))
    )
    calm = [at for at, result in enumerate(evidence.results) if not isinstance(result, Raised)]
    if not told and len(calm) < len(evidence.results):
        return ask(evidence.only(calm))
    return told


def _in_part(evidence: Evidence) -> list[Finding]:
    """Return what is true, though it does not explain all."""
    return _first(evidence, partly, listed) + _first(evidence, depends, where)


def _first(evidence: Evidence, *questions: Question) -> list[Finding]:
    """Return the first finding of some questions, in a list."""
    for question in questions:
        try:
            if finding := question(evidence):
                return [finding]
        except FORGIVEN:
            continue
    return []


def registered(evidence: Evidence) -> Finding | None:
    """Does it give what a registered mistake gives?"""
    for name, (advice, answer) in evidence.exercise.mistakes.items():
        if evidence.explained_by(functools.partial(evidence.solved, answer)):
            return Finding(name, advice)
    return None


def partly(evidence: Evidence) -> Finding | None:
    """Can what it gives be explained where it is wrong, as it is right elsewhere?"""
    wrong = [] if all(evidence.wrong) else evidence.extended.wrong
    places = [place for place, bad in enumerate(wrong) if bad]
    if len(places) < FEW:
        return None
    for one in _first(evidence.extended.only(places), registered, relation, changed, number):
        return Finding(one.name, f"Where it is wrong: {one.sentence}")
    return None


# With one thing changed, in a solution or in the answer?


def changed(evidence: Evidence) -> Finding | None:
    """Does it give what a solution gives with one thing changed?"""
    first, *others = evidence.results
    if others and all(alike(one, first) for one in others):
        return None  # what is always the same tells nothing of changes
    for edit, answer in _solutions(evidence):
        if evidence.explained_by(functools.partial(evidence.solved, answer)):
            return Finding(edit.name[:80], f"This is the result of a right answer {edit.words}.")
    return None


def repaired(evidence: Evidence) -> Finding | None:
    """Is it right with one thing changed?"""
    order = sorted(range(len(evidence.calls)), key=lambda place: not evidence.wrong[place])
    if isinstance(evidence.wanted[0], Mapping):
        return None
    steps = max(20, *(one.steps for one in evidence.calls))
    for edit, answer in _own_changed(evidence.answer)[: STEPS // steps]:
        if all(alike(evidence.repaired(answer, at), evidence.wanted[at]) for at in order) and all(
            alike(evidence.solve(answer, given), evidence.solve(evidence.exercise.right, given))
            for given in evidence.exercise.more
        ):
            if any(_harmed(other, answer) for other in evidence.others):
                continue
            return Finding(f"right {edit.name}"[:80], f"Your result would be right {edit.words}.")
    return None


def _harmed(other: Evidence, answer: Answer) -> bool:
    """Tell whether a repair of one part makes another part wrong."""
    places = [place for place, wrong in enumerate(other.wrong) if not wrong]
    return not all(alike(other.repaired(answer, at), other.wanted[at]) for at in places)


def _solutions(evidence: Evidence) -> Changed:
    if isinstance(evidence.wanted[0], Mapping):  # its parts speak for themselves
        return []
    return _all_changed(evidence.exercise.right, tuple(evidence.exercise.ways))


@functools.cache
def _all_changed(solution: Answer, ways: tuple[str, ...]) -> Changed:
    """Return all changes of a solution and of others, each with what comes of it."""
    programs = [Program(solution), *(Program(solution, body) for body in ways)]
    return [made for program in programs for made in program.changed()]


@functools.lru_cache(1)
def _own_changed(answer: Answer) -> Changed:
    """Return all changes of an answer, each with what comes of it, if it can be read."""
    try:
        return Program(answer, own=True).changed()
    except (OSError, TypeError, ValueError, SyntaxError):  # not from a cell or file, or no def
        return []


def unsteady(evidence: Evidence) -> Finding | None:
    """Does a second call with the same input give another result?"""
    place = evidence.wrong.index(True)
    again = [evidence.ask(evidence.calls[place].inputs, seed=seed) for seed in (0, 1)]
    if evidence.exercise.observe or None in map(numbers, again) or alike(*again):
        return None
    sentence = "A second call with the same arguments gives another result."
    return Finding("not repeatable", sentence)


def part_by_part(evidence: Evidence) -> list[Finding]:
    """Which parts of the result are right, and what is true of the others?"""
    says, right = evidence.exercise.says, evidence.wanted[0]
    parts = [*right] if isinstance(right, Mapping) else [*evidence.parts]
    if not parts or not all(_has(result, parts) for result in evidence.results):
        return []
    of_part = {part: evidence.of_part(part) for part in parts}
    wrong = [part for part in parts if any(of_part[part].wrong)]
    told: dict[tuple[str, str], list[str]] = {}  # what was found, and of which parts
    for part in wrong:
        others = [of_part[other] for other in parts if other != part]
        one_part = replace(of_part[part], others=others)
        if part in says:
            findings = [Finding(part, says[part])]
        elif name := next(
            (p for p in parts if one_part.explained_by(of_part[p].wanted.__getitem__)), ""
        ):
            findings = [Finding(f"right {name}", f"This is the right `{name}`.")]
        else:
            findings = ask(one_part)
        for one in findings:
            told.setdefault((one.name, one.sentence), []).append(part)
    found = [
        Finding(name, sentence)
        if sentence in says.values()
        else Finding(f"{', '.join(those)}: {name}", f"{_listed(those)}: {sentence}")
        for (name, sentence), those in told.items()
    ]
    if len(wrong) < len(parts) and not isinstance(right, Mapping):
        names = _listed([part for part in parts if part not in wrong])
        sentence = f"{names} {'is' if len(wrong) == len(parts) - 1 else 'are'} right"
        are = "is" if len(wrong) == 1 else "are"
        sentence += "." if found else f", {_listed(wrong)} {are} not."
        first = found[0] if found else Finding(f"{names} right", "")
        found[:1] = [Finding(first.name, f"{sentence} {first.sentence}".strip())]
    return found


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(f"`{part}`" for part in parts)


def _has(result: Any, parts: Sequence[str]) -> bool:
    if isinstance(result, Mapping):
        return [*result] == parts
    return isinstance(result, tuple | list) and len(result) == len(parts)


__all__ = ["ask"]

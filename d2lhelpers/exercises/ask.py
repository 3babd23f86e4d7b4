"""The questions that a wrong answer is asked; each that gets a yes is a sentence of feedback.

A question knows no exercise. What it finds holds on all inputs that were tried, and at least two
tell it from the right result. The first that explains all that came ends the asking.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from d2lhelpers.exercises.changes import Edit, Program
from d2lhelpers.exercises.depends import depends
from d2lhelpers.exercises.evidence import Evidence, Finding, Raised
from d2lhelpers.exercises.form import formed
from d2lhelpers.exercises.judge import alike, numbers
from d2lhelpers.exercises.relations import related, relation
from d2lhelpers.exercises.run import Answer
from d2lhelpers.exercises.where import where

STEPS = 20_000  # for so many steps in all, an answer is tried with changes
MORE = 30  # so many further inputs must agree with a repair
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
    return found + (
        _first(evidence, registered, relation, changed, repaired, unsteady)
        or part_by_part(evidence)
        or ([] if evidence.parts else _first(evidence, further))
        or ([] if found or long else _first(evidence, depends, where))
    )


def _first(evidence: Evidence, *questions: Question) -> list[Finding]:
    """Return the first finding of some questions, in a list."""
    for question in questions:
        try:
            if finding := question(evidence):
                return [finding]
        except Exception:  # results can be anything, and a question that stumbles knows nothing
            continue
    return []


def registered(evidence: Evidence) -> Finding | None:
    """Does it give what a registered mistake gives?"""
    for name, (advice, answer) in _mistakes(evidence).items():
        if evidence.explained_by(functools.partial(evidence.solved, answer)):
            return Finding(name, advice)
    return None


def _mistakes(evidence: Evidence) -> Mapping[str, tuple[str, Answer]]:
    """Return what is registered; of a part alone not, as its advice may speak of others."""
    whole = evidence.parts or not evidence.exercise.parts
    return evidence.exercise.mistakes if whole else {}


# With one thing changed, in a solution or in the answer?


def changed(evidence: Evidence) -> Finding | None:
    """Does it give what a solution gives with one thing changed?"""
    for edit, answer in _solutions(evidence):
        if evidence.explained_by(functools.partial(evidence.solved, answer)):
            return Finding(edit.name[:80], f"You get this result {edit.words}.")
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
            for given in evidence.exercise.more(MORE)
        ):
            return Finding(f"right {edit.name}"[:80], f"It would be right {edit.words}.")
    return None


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


# With one more?


def further(evidence: Evidence) -> Finding | None:
    """Is it related to what a mistake, or a solution with one thing changed, gives?"""
    wrong = [place for place, bad in enumerate(evidence.wrong) if bad]
    if len(wrong) < 2:
        return None
    some = [wrong[0], wrong[-1], wrong[len(wrong) // 2]]
    results = [evidence.results[place] for place in some]
    known = [(name, *mistake) for name, mistake in _mistakes(evidence).items()]
    for edit, answer in _solutions(evidence):
        known.append((edit.name, f"Two things explain it, one {edit.words}.", answer))
    for name, words, answer in known:
        solved = functools.partial(evidence.solved, answer)
        if not related(results, [*map(solved, some)]):
            continue
        if also := relation(evidence, [*map(solved, range(len(evidence.calls)))]):
            sentence = also.sentence.replace("the right result", "what then comes")
            return Finding(f"{name[:50]}, {also.name}", f"{words} {sentence}")
    return None


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
    found: list[Finding] = []
    for part in wrong:
        if part in says:
            found.append(Finding(part, says[part]))
            continue
        for one in ask(of_part[part]):
            found.append(Finding(f"{part}: {one.name}", f"`{part}`: {one.sentence}"))
    if len(wrong) < len(parts) and not isinstance(right, Mapping):
        names = " and ".join(f"`{part}`" for part in parts if part not in wrong)
        sentence = f"{names} {'is' if len(wrong) == len(parts) - 1 else 'are'} right"
        others = " and ".join(f"`{part}`" for part in wrong)
        sentence += "." if found else f", {others} {'is' if len(wrong) == 1 else 'are'} not."
        first = found[0] if found else Finding(f"{names} right", "")
        found[:1] = [Finding(first.name, f"{sentence} {first.sentence}".strip())]
    return found


def _has(result: Any, parts: Sequence[str]) -> bool:
    if isinstance(result, Mapping):
        return [*result] == parts
    return isinstance(result, tuple | list) and len(result) == len(parts)


__all__ = ["ask"]

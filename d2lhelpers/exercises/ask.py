"""The questions that a wrong answer is asked; each that gets a yes is a sentence of feedback.

A question knows no exercise. What it finds holds on all inputs that were tried, and at least two
tell it from the right result. The first that explains all that came ends the asking.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from d2lhelpers.exercises.changes import Edit, Program
from d2lhelpers.exercises.depends import depends
from d2lhelpers.exercises.evidence import Evidence, Finding, Raised
from d2lhelpers.exercises.form import formed
from d2lhelpers.exercises.judge import alike
from d2lhelpers.exercises.relations import nearly, related, relation
from d2lhelpers.exercises.run import Answer
from d2lhelpers.exercises.where import where

TRIES, STEPS = 300, 40_000  # so many changed answers are tried, for so many steps in all
PAIRS = 400  # so many pairs of changes are tried, the shortest first

Question = Callable[[Evidence], Finding | None]
Changed = list[tuple[Program, Edit, Answer]]


def ask(evidence: Evidence) -> list[Finding]:
    """Return what is found out about a wrong answer: what explains it, or else what is true."""
    if all(isinstance(result, Raised) for result in evidence.results):
        return _first(evidence, [repaired])
    before = evidence.results
    evidence, found = formed(evidence)
    if found and (evidence.results is before or not any(evidence.wrong)):
        return found
    explained = _first(evidence, [registered, relation, changed, repaired, unsteady])
    return found + (
        explained
        or part_by_part(evidence)
        or _first(evidence, [further, two_changes])
        or ([] if found else _first(evidence, [nearly, depends, where]))
    )


def _first(evidence: Evidence, questions: Sequence[Question]) -> list[Finding]:
    """Return the first finding of some questions, in a list."""
    return [finding for finding in (question(evidence) for question in questions) if finding][:1]


def registered(evidence: Evidence) -> Finding | None:
    """Does it give what a registered mistake gives?"""
    for name, (advice, answer) in _mistakes(evidence).items():
        if evidence.explained_by(lambda _, inputs, answer=answer: evidence.solve(answer, inputs)):  # type: ignore[misc]
            return Finding(name, advice)
    return None


def _mistakes(evidence: Evidence) -> Mapping[str, tuple[str, Answer]]:
    """Return what is registered; of a part alone not, as its advice may speak of others."""
    whole = evidence.parts or not evidence.exercise.parts
    return evidence.exercise.mistakes if whole else {}


# With one thing changed, in a solution or in the answer?


def changed(evidence: Evidence) -> Finding | None:
    """Does it give what a solution gives with one thing changed?"""
    for _, edit, answer in _solutions(evidence):
        if evidence.explained_by(lambda _, inputs, answer=answer: evidence.solve(answer, inputs)):  # type: ignore[misc]
            return Finding(edit.name[:80], f"This is what comes {edit.words}.")
    return None


def repaired(evidence: Evidence) -> Finding | None:
    """Is it right with one thing changed?"""
    for _, edit, answer in _answers(evidence):
        if all(map(alike, _asked(evidence, answer), evidence.wanted)):
            return Finding(f"right {edit.name}"[:80], f"It would be right {edit.words}.")
    return None


def _solutions(evidence: Evidence) -> Changed:
    says = isinstance(evidence.wanted[0], Mapping)  # whose parts speak for themselves
    return [] if says else _all_changed(evidence.exercise.right, tuple(evidence.exercise.ways))


@functools.cache
def _all_changed(solution: Answer, ways: tuple[str, ...]) -> Changed:
    """Return all changes of a solution and of others, each with what comes of it."""
    programs = [Program(solution), *(Program(solution, body) for body in ways)]
    edits = [(program, edit) for program in programs for edit in program.edits()]
    made = ((program, edit, program.made(edit)) for program, edit in edits)
    return [(program, edit, answer) for program, edit, answer in made if answer]


def _answers(evidence: Evidence) -> Iterator[tuple[Program, Edit, Answer]]:
    """Yield the changes of an answer, if it can be read, as many as there is time for."""
    if isinstance(evidence.wanted[0], Mapping):
        return
    try:
        program = Program(evidence.answer, own=True)
    except (OSError, TypeError, ValueError, SyntaxError):  # not from a cell or file, or no def
        return
    steps = max(1, *(one.steps for one in evidence.calls))
    for edit in program.edits()[: min(TRIES, STEPS // steps)]:
        if answer := program.made(edit):
            yield program, edit, answer


def _asked(evidence: Evidence, answer: Answer) -> Iterator[Any]:
    """Yield what a changed answer gives, as far as one looks, on all inputs."""
    for one in evidence.calls:
        yield evidence.ask(one.inputs, answer, steps=10 * one.steps + 1000)


# With two?


def further(evidence: Evidence) -> Finding | None:
    """Is it related to what a mistake, or a solution with one thing changed, gives?"""
    wrong = [place for place, bad in enumerate(evidence.wrong) if bad]
    wrong = [wrong[0], wrong[-1], wrong[len(wrong) // 2]]
    results = [evidence.results[place] for place in wrong]
    known = [(advice, answer) for advice, answer in _mistakes(evidence).values()]
    known += [(f"This is what comes {edit.words}.", to) for _, edit, to in _solutions(evidence)]
    for words, answer in known:
        inputs = [evidence.calls[place].inputs for place in wrong]
        if related(results, [evidence.solve(answer, given) for given in inputs]):
            guesses = [evidence.solve(answer, one.inputs) for one in evidence.calls]
            if also := relation(evidence, guesses):
                sentence = f"{words} {also.sentence.replace('the right result', 'what then comes')}"
                return Finding(f"{words[:60]} {also.name}", sentence)
    return None


def two_changes(evidence: Evidence) -> Finding | None:
    """Is it what a solution gives with two things changed?"""
    first = evidence.wrong.index(True)
    inputs, result = evidence.calls[first].inputs, evidence.results[first]
    singles = [
        one
        for one in _solutions(evidence)
        if "place of" in one[1].words or "without" in one[1].words
    ]
    pairs = (pair for pair in itertools.combinations(singles, 2) if pair[0][0] is pair[1][0])
    for (program, one, _), (_, other, _) in itertools.islice(pairs, PAIRS):
        both = program.made(one, other)
        if both and alike(result, evidence.solve(both, inputs)):
            if evidence.explained_by(lambda _, inputs, both=both: evidence.solve(both, inputs)):  # type: ignore[misc]
                sentence = f"This is what comes {one.words}, and {other.words}."
                return Finding(f"{one.name}; {other.name}"[:80], sentence)
    return None


# Always the same?


def unsteady(evidence: Evidence) -> Finding | None:
    """Does a second call with the same input give another result?"""
    place = evidence.wrong.index(True)
    again = [evidence.ask(evidence.calls[place].inputs, seed=seed) for seed in (0, 1)]
    if not any(map(_is_value, again)) or alike(*again):
        return None
    sentence = "A second call with the same arguments gives another result."
    return Finding("not repeatable", sentence)


def _is_value(result: Any) -> bool:
    """Tell whether a result can be compared: not an error or an object of its own kind."""
    return isinstance(result, int | float | Tensor | tuple | list | Mapping)


# Part by part


def part_by_part(evidence: Evidence) -> list[Finding]:
    """Which parts of the result are right, and what is true of the others?"""
    says = evidence.exercise.says
    named = isinstance(evidence.wanted[0], Mapping)
    parts = [*evidence.wanted[0]] if named else evidence.parts
    if not parts or not all(_has(result, parts) for result in evidence.results):
        return []
    of_part = {part: replace(evidence, parts=parts).of_part(part) for part in parts}
    wrong = [part for part in parts if any(of_part[part].wrong)]
    found: list[Finding] = []
    for part in wrong:
        told = [Finding("", says[part])] if part in says else ask(of_part[part])
        for one in told:
            sentence = one.sentence if part in says else f"`{part}`: {one.sentence}"
            found.append(Finding(f"{part}: {one.name}" if one.name else part, sentence))
    right = [part for part in parts if part not in wrong]
    if right and not named:
        names = " and ".join(f"`{part}`" for part in right)
        sentence = f"{names} {'is' if len(right) == 1 else 'are'} right."
        sentence = f"{sentence} {found[0].sentence}" if found else sentence
        found[:1] = [Finding(found[0].name if found else f"only {names} right", sentence)]
    return found


def _has(result: Any, parts: Sequence[str]) -> bool:
    if isinstance(result, Mapping):
        return [*result] == [*parts]
    return isinstance(result, tuple | list) and len(result) == len(parts)


__all__ = ["ask"]

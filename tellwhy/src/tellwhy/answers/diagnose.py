"""The questions that a wrong answer is asked; each that gets a yes is a sentence of feedback.

A question knows no exercise. What it finds holds on all inputs that were tried, or says on which,
and at least two tell it from the right result. What explains all ends the asking.
"""

import keyword
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from tellwhy.answers import rules
from tellwhy.answers.code import difference
from tellwhy.answers.compare import Observed, Raised, alike
from tellwhy.answers.conditions import conditions
from tellwhy.answers.evidence import Evidence, Spent
from tellwhy.answers.feedback import article
from tellwhy.answers.mutation import Edit, Program
from tellwhy.answers.relations import TWO, combined, listed, near, number, reading, relation
from tellwhy.answers.sensitivity import sensitivity
from tellwhy.answers.sentences import SAID
from tellwhy.answers.shape import formed
from tellwhy.finding import Finding

Question = Callable[[Evidence], Finding | None]
SECOND = 6  # so many changes that make more inputs right are tried with another


def diagnose(evidence: Evidence) -> list[Finding]:
    """Return what is found out about a wrong answer, until there is no time or call left."""
    told: list[Finding] = []
    try:
        for finding in _findings(evidence):
            told.append(finding)
    except Spent:
        pass
    return told


def _findings(evidence: Evidence) -> Iterator[Finding]:
    """Yield what explains it, or else what is true."""
    if all(isinstance(result, Raised) for result in evidence.results):
        yield from _all(evidence, mended)
        return
    before = evidence.results
    evidence, form = formed(evidence)
    yield from form
    other_kind = bool(form) and form[0].name == "kind" and not evidence.pairs
    if form and (other_kind or all(a is b for a, b in zip(before, evidence.results, strict=True))):
        yield from _all(evidence, mended)
    elif any(evidence.wrong):
        told = (
            _is_spoken_for(evidence)
            or _explained(evidence)
            or [*_part_by_part(evidence)]
            or _all(evidence, two_changes, two_slips)
        )
        yield from told or _in_part(evidence)


def _is_spoken_for(evidence: Evidence) -> list[Finding]:
    """Return what the exercise itself says of each part that is wrong, if it does."""
    says, parts = (
        evidence.trial.known.of.says,
        evidence.parts() if evidence.trial.known.of.says else {},
    )
    wrong = [part for part in parts if any(evidence.of_part(part).wrong)]
    return [*_part_by_part(evidence)] if {*wrong} <= {*says} and says else []


def _explained(evidence: Evidence) -> list[Finding]:
    """Return what explains all: what the result is, and what stands in the code."""
    cause = _confirmed(evidence, registered, relation, reading, amounts, errors)
    if cause and cause.name == "registered":
        return [cause]
    mend = mended(evidence)
    if cause and mend:
        is_text = cause.name in {"amounts", "solution_line", "lacks", "unasked", "round"}
        said = mend.sentence if is_text else f"{cause.sentence} {mend.sentence}"
        return [replace(cause, sentence=said)]
    found = cause or mend or _first(evidence, unsteady, number)
    return [found] if found else []


def _confirmed(evidence: Evidence, *questions: Question) -> Finding | None:
    """Return the first finding of some questions that holds on further inputs, too."""
    for question in questions:
        if question(evidence) and (found := question(evidence.extended)):
            return found
    return None


def _in_part(evidence: Evidence) -> Iterator[Finding]:
    """Yield what is true, though it does not explain all."""
    for questions in ((partly, listed, near), (sensitivity,), (conditions,)):
        yield from _all(evidence, *questions)


def _first(evidence: Evidence, *questions: Question) -> Finding | None:
    """Return the first finding of some questions."""
    return next((found for question in questions if (found := question(evidence))), None)


def _all(evidence: Evidence, *questions: Question) -> list[Finding]:
    found = _first(evidence, *questions)
    return [found] if found else []


# What the result is


def registered(evidence: Evidence) -> Finding | None:
    """Does it give what a registered mistake gives?"""
    for name, (advice, answer) in evidence.trial.known.of.mistakes.items():
        if evidence.explained_by(partial(evidence.solved, answer)):
            return SAID.finding("registered", {"advice": advice}, mistake=name)
    return None


def errors(evidence: Evidence) -> Finding | None:
    """Are errors that are asked for all that is missing?"""
    place = evidence.places[0]
    wanted, got = evidence.wanted[place], evidence.results[place]
    if not all(isinstance(evidence.wanted[k], Raised) for k in evidence.places):
        return None
    name = wanted.names[0]
    quoted = {"article": article(name).title()}
    if not isinstance(got, Raised):
        returned = isinstance(got, BaseException)
        return SAID.finding("error_returned" if returned else "not_raised", quoted, wanted=name)
    quoted["other"] = article(got.names[0])
    return SAID.finding("other_error", quoted, wanted=name, error=got.names[0])


def amounts(evidence: Evidence) -> Finding | None:
    """Does it give what a solution gives with one thing changed?"""
    first, *others = evidence.results
    if others and all(alike(one, first) for one in others):
        return None  # what is always the same tells nothing of changes
    found = None
    for program, edit, answer in evidence.trial.known.mutants:
        evidence.trial.look_at_the_clock()
        if evidence.explained_by(partial(evidence.solved, answer)):
            found = found or _said(program, edit)
            if program.quoted(edit)[2]:  # without names that are known in the solution alone
                return _said(program, edit)
    return found


def unsteady(evidence: Evidence) -> Finding | None:
    """Does a second call with the same input give another result?"""
    inputs = evidence.calls[evidence.places[0]].inputs
    again = [evidence.ask(inputs, seed=seed) for seed in (0, 1)]
    if any(isinstance(one, Raised | Observed) for one in again) or alike(*again):
        return None
    return SAID.finding("not_repeatable")


def partly(evidence: Evidence) -> Finding | None:
    """Can what it gives be explained where it is wrong, as it is right elsewhere?"""
    if all(evidence.wrong) or len(evidence.extended.places) < 3:
        return None
    there = evidence.extended.only(evidence.extended.places)
    found = _first(there, registered, relation, reading, amounts, number)
    if not found and len(there.singles().calls) > 2:
        found = _first(there.singles(), relation, number)
    if not found or isinstance(there.wanted[0], bool):
        return None
    parameters = {**found.parameters, "where": "in part"}
    return replace(found, parameters=parameters, sentence=f"Where it is wrong: {found.sentence}")


# What stands in the code


def mended(evidence: Evidence) -> Finding | None:
    """Is it right with one thing changed?"""
    program = evidence.trial.program
    for edit in program.edits:
        if _mends(evidence, program, edit):
            return _said(program, edit)
    return None


def _mends(evidence: Evidence, program: Program, edit: Edit) -> bool:
    """Tell whether an answer with a change is right on all inputs, and on further ones."""
    order = sorted(range(len(evidence.calls)), key=lambda place: not evidence.wrong[place])
    rows = ((evidence.calls[place].inputs, evidence.wanted[place]) for place in order)
    more = ((inputs, evidence.right(inputs)) for inputs in evidence.trial.known.more)
    return all(evidence.mended(program, edit, *row) for row in chain(rows, more))


def two_changes(evidence: Evidence) -> Finding | None:
    """Is it right with two things changed, one of which makes more inputs right?"""
    program = evidence.trial.program
    rows = [*zip((one.inputs for one in evidence.calls), evidence.wanted, strict=True)]
    good: list[tuple[int, Edit]] = []
    for edit in program.edits if len(rows) > 2 else ():
        if any(evidence.mended(program, edit, *rows[place]) for place in evidence.places[:2]):
            now = [evidence.mended(program, edit, *row) for row in rows]
            if all(right or bad for right, bad in zip(now, evidence.wrong, strict=True)):
                good.append((sum(now), edit))
    for _, edit in sorted(good, key=lambda pair: -pair[0])[:SECOND]:
        second = program.after(edit)
        for other in second.edits:
            if _mends(evidence, second, other):
                one, two = _said(program, edit), _said(second, other)
                return replace(one, sentence=f"{TWO} {one.sentence} {two.sentence}")
    return None


def two_slips(evidence: Evidence) -> Finding | None:
    """Is it what one slip makes of what another one gives?"""
    known = evidence.trial.known
    registered = (
        (
            partial(evidence.solved, answer),
            SAID.finding("registered", {"advice": advice}, mistake=name),
        )
        for name, (advice, answer) in known.of.mistakes.items()
    )
    changed = (
        (partial(evidence.solved, answer), (program, edit))
        for program, edit, answer in known.mutants
    )
    if not (found := combined(evidence, chain(registered, changed))):
        return None
    one, cause = found
    two = cause if isinstance(cause, Finding) else _said(*cause)
    return replace(one, sentence=f"{TWO} {one.sentence} {two.sentence}")


def _said(program: Program, edit: Edit) -> Finding:
    """Return what is said of a change: what stands in the code, or is equal to it, and the cure."""
    old, new, known = program.quoted(edit)
    kind, mine, right = edit.kind, old, new
    if not program.own:  # what stands in the learner's code is equal to the changed solution
        kind, mine, right = "amounts" if kind == "change" else kind, new, old
        if kind in {"line", "condition"}:
            return SAID.finding("lacks" if kind == "line" else "unasked", {"right": old})
        kind = kind if known or kind != "amounts" else "solution_line"
    if kind == "exchange":
        return SAID.finding(kind, one=old, other=new)
    if kind == "round":
        return SAID.finding(kind, which=old)
    parts = {}
    if kind in {"change", "amounts", "solution_line"}:
        stands, belongs = (_counted(part, program.arguments) for part in difference(mine, right))
        parts = {"stands": stands, "belongs": belongs}
    said = SAID.finding(kind, {"mine": mine, "right": right}, **parts)
    for singular, several in ((" stands ", mine), (" belongs", right)):
        if "` and `" in several:
            words = said.sentence.replace(singular, singular.replace("s ", " ").rstrip("s"))
            said = replace(said, sentence=words)
    return said


def _counted(code: str, arguments: Sequence[str]) -> str:
    """Return code with a blank for each name that only its author knows."""
    known = {*keyword.kwlist, *arguments, *chain(*rules.FAMILIES)}
    return re.sub(r"[^\W\d]\w*", lambda name: name[0] if name[0] in known else "_", code)


# Part by part


def _part_by_part(evidence: Evidence) -> Iterator[Finding]:
    """Yield which parts of the result are right, and what is true of the others."""
    names, is_observed = evidence.parts(), isinstance(evidence.wanted[0], Observed)
    of_part = {part: evidence.of_part(part) for part in names}
    wrong = [part for part in names if any(of_part[part].wrong)]
    told: dict[tuple[str, str], tuple[Finding, list[str]]] = {}  # a finding, and of which parts
    for part in wrong:
        others = [other for other in names if other != part]
        for found in _of_part(of_part[part], {o: of_part[o] for o in others}, names):
            told.setdefault((found.label, found.sentence), (found, []))[1].append(names[part])
    right = [name for part, name in names.items() if part not in wrong]
    start = f"{_listed(right)} {'are' if len(right) > 1 else 'is'} right. "
    start = "" if is_observed or not right else start
    if wrong and not told and start:
        rest = [names[part] for part in wrong]
        said = f"{start[:-2]}, {_listed(rest)} {'are' if len(wrong) > 1 else 'is'} not."
        yield SAID.finding("part_wrong", {"said": said}, of=", ".join(rest))
    for found, parts in told.values():
        yield _named(found, parts, start)
        start = ""


def _of_part(
    evidence: Evidence, others: dict[object, Evidence], names: dict[object, str]
) -> list[Finding]:
    """Return what is true of a part of the result."""
    says = evidence.trial.known.of.says
    if evidence.part in says:
        return [SAID.finding("observed", {"advice": says[evidence.part]}, of=names[evidence.part])]
    for other, its in others.items():
        if evidence.explained_by(its.wanted.__getitem__):
            return [SAID.finding("other_part", part=names[other])]
    evidence, found = formed(evidence)
    if any(evidence.wrong):
        found += _explained(evidence) or _all(evidence, two_slips) or [*_in_part(evidence)]
    return found


def _named(found: Finding, parts: Sequence[str], start: str) -> Finding:
    """Return a finding that says of which parts of the result it is."""
    if found.name == "observed":
        return found
    mine, sentence = _listed(parts), found.sentence
    if len(parts) == 1 and sentence.startswith("Your result "):
        sentence = sentence.replace("Your result", f"Your result {mine}", 1)
    else:
        sentence = f"{mine}: {sentence}"
    parameters = {**found.parameters, "of": ", ".join(parts)}
    return replace(found, parameters=parameters, sentence=start + sentence)


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(f"`{part}`" for part in parts)

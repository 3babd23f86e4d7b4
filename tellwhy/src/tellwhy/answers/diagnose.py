"""The questions that a wrong answer is asked; each that gets a yes is a sentence of feedback.

A question knows no exercise. What it finds holds on all inputs that were tried, or says on which,
and at least two tell it from the right result. What explains all ends the asking.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from tellwhy.answers.compare import Observed, Raised, alike
from tellwhy.answers.conditions import conditions
from tellwhy.answers.contents import listed, never, skips
from tellwhy.answers.evidence import Evidence, Spent
from tellwhy.answers.mending import OF_SOLUTION, amounts, mended, two_changes
from tellwhy.answers.mistakes import compounded, in_common, registered
from tellwhy.answers.relations import MOST, inexact, number, reading, relation, shared
from tellwhy.answers.rounds import rounds, small
from tellwhy.answers.sensitivity import remembers, sensitivity, unsteady
from tellwhy.answers.shape import formed
from tellwhy.answers.tables import SAID
from tellwhy.finding import Finding

Question = Callable[[Evidence], Finding | None]
SPENT = (Spent, MemoryError)  # no time, call or memory is left


def diagnose(evidence: Evidence) -> list[Finding]:
    """Return what is found out about a wrong answer, until no time, call or memory is left."""
    told: list[Finding] = []
    with suppress(*SPENT):
        told.extend(_findings(evidence))  # one by one, as far as it comes
    if parts := evidence.trial.known.of.parts:
        how = "The two results are swapped" if len(parts) == 2 else "Your results are reversed"
        old, new = "Your result is in reverse order.", f"{how}: `{parts[0]}` comes first."
        return [replace(one, sentence=one.sentence.replace(old, new)) for one in told]
    if not isinstance(evidence.wanted[0], str):
        return told
    return [
        one if one.quoted else replace(one, sentence=one.sentence.replace("element", "character"))
        for one in told
    ]


def _findings(evidence: Evidence) -> Iterator[Finding]:
    """Yield what explains it, or else what is true."""
    if found := remembers(evidence) or unsteady(evidence):
        yield found
    elif all(isinstance(result, Raised) for result in evidence.results):
        yield from _all(evidence, mended)
    else:
        yield from _of_results(evidence, _of_all)


def _of_results(
    evidence: Evidence, explain: Callable[[Evidence], list[Finding]]
) -> Iterator[Finding]:
    """Yield what is found in results, or in one part of them: of their form, then of the rest."""
    new, form, is_all = formed(evidence)
    if is_all:
        if form[0].name == "kind":
            form = _all(evidence, relation, reading) or form
        mend = _all(new, mended)  # which says it better than that None is returned
        yield from [] if mend and form[0].name == "nothing_returned" else form
        yield from mend
    elif form and form[0].name == "single":
        yield from explain(new) or form  # as it can be the sum of what is asked for
    else:
        yield from form
        yield from (explain(new) or _in_part(new)) if any(new.wrong) else []


def _of_all(evidence: Evidence) -> list[Finding]:
    """Return what explains whole results, at once or part by part."""
    told = [] if _is_spoken_for(evidence) else _all(evidence, skips) or _explained(evidence)
    told = told or [*_part_by_part(evidence)]
    return told or _all(evidence, partial(two_changes, loose=not partly(evidence)))


def _explained(evidence: Evidence) -> list[Finding]:
    """Return what explains all, or else that it is close, be it for want of time."""
    near = rounds(evidence) or (inexact(evidence, 0) and inexact(evidence.extended, MOST))
    near = (near and near.name == "inexact" and small(evidence)) or near
    try:
        return _exactly(evidence, near)
    except SPENT:
        if near:
            return [near]
        raise


def _exactly(evidence: Evidence, near: Finding | None) -> list[Finding]:
    """Return what explains all: what the result is, and what stands in the code."""
    cause, in_lines = None, partial(amounts, known=False)  # that only the solution's lines show
    few = evidence if len(evidence.places) > 1 else evidence.extended
    for question in (registered, shared, relation, amounts, reading, in_lines, errors):
        if question(few) and (cause := question(evidence.extended)):
            break  # it holds on further inputs, too
    if cause and cause.name == "registered":
        return [cause]
    mend = mended(evidence)
    if near and not cause and mend and _of_numbers(mend):
        return [near]  # with another number an approximation can be right by chance
    if cause and mend and cause.name in {"reversed", "rows_reversed"}:
        return [cause]  # said well enough: what is turned elsewhere can cancel it
    if cause and mend:
        of_code = {*OF_SOLUTION, *OF_SOLUTION.values(), "solution_line", "round", "exchange"}
        said = mend.sentence if cause.name in of_code else f"{cause.sentence} {mend.sentence}"
        return [replace(cause, sentence=said)]
    more = evidence.extended
    last = number(more) or compounded(more) or near
    return [one] if (one := cause or mend or last or small(evidence)) else []


def _of_numbers(mend: Finding) -> bool:
    """Tell whether a change puts one number in the place of another."""
    parts = [mend.parameters.get(key, "") for key in ("stands", "belongs")]
    return parts[1] != "0" and all(re.fullmatch(r"-?[\d.]+(e-?\d+)?", part) for part in parts)


def _in_part(evidence: Evidence) -> Iterator[Finding]:
    """Yield what is true, though it does not explain all."""
    told = _all(evidence, partly, never, listed)
    more = _all(evidence, conditions)  # of what is told of all results it says which alone
    is_special = bool(more) and more[0].name == "special"
    if is_special and told and told[0].name == "last_missing":
        told = []  # it is missing for what is special
    yield from told or _all(evidence, sensitivity)
    yield from more if not told or is_special else []


def _first(evidence: Evidence, *questions: Question) -> Finding | None:
    return next((found for question in questions if (found := question(evidence))), None)


def _all(evidence: Evidence, *questions: Question) -> list[Finding]:
    return [found] if (found := _first(evidence, *questions)) else []


# What the result is


def errors(evidence: Evidence) -> Finding | None:
    """Are errors that are asked for all that is missing?"""
    pairs = list[tuple[Any, Any]]()
    for _, got, right in (evidence.rows[place] for place in evidence.places):
        several = type(got) is type(right) is list and len(got) == len(right)  # of a method
        rows = zip(got, right, strict=True) if several else [(got, right)]
        pairs += [pair for pair in rows if not alike(*pair)]
    if not all(isinstance(right, Raised) for _, right in pairs):
        return None
    got, name = pairs[0][0], pairs[0][1].names[0]
    if isinstance(got, Raised):
        return SAID.finding("other_error", wanted=name, error=got.names[0])
    is_returned = issubclass(got if isinstance(got, type) else type(got), BaseException)
    return SAID.finding("error_returned" if is_returned else "not_raised", wanted=name)


def partly(evidence: Evidence) -> Finding | None:
    """Can what it gives be explained where it is wrong, as it is right elsewhere?"""
    if all(evidence.wrong) or len(evidence.extended.places) < 3:
        return None
    there = evidence.extended.only(evidence.extended.places)
    found = _first(there, registered, relation, reading, number, compounded)
    chance = found and found.name == "reading" and "," in found.sentence  # of two arguments
    if not found or chance or isinstance(there.wanted[0], bool):
        return None
    parameters = {**found.parameters, "where": "in part"}
    said = found.sentence.removesuffix(", whatever the inputs are.").rstrip(".") + "."
    subject = said.startswith("Your result")
    said = re.sub("^This ", "It ", said)
    where = f"On the inputs tried, where {'it' if subject else 'your result'} is wrong, "
    said = f"{where}{said[:1].lower()}{said[1:]}"
    return replace(found, parameters=parameters, sentence=said)


# Part by part


def _is_spoken_for(evidence: Evidence) -> bool:
    """Tell whether the exercise itself has something to say of each part that is wrong."""
    says = evidence.trial.known.of.says
    parts = evidence.parts() if says else {}
    return bool(parts) and {part for part in parts if any(evidence.of_part(part).wrong)} <= {*says}


def _part_by_part(evidence: Evidence) -> Iterator[Finding]:
    """Yield which parts of the result are right, and what is true of the others."""
    names, says = evidence.parts(), evidence.trial.known.of.says
    of_part = {part: evidence.of_part(part) for part in names}
    wrong = [part for part in names if any(of_part[part].wrong)]
    right = [names[part] for part in names if part not in wrong]
    start = f"{_listed(right)} {'are' if len(right) > 1 else 'is'} right. "
    start = "" if isinstance(evidence.wanted[0], Observed) or not right else start
    told: dict[tuple[str, str], tuple[Finding, list[str]]] = {}  # a finding, and of which parts
    with suppress(*SPENT):  # what is known until then is told
        common, parts = in_common({part: of_part[part] for part in wrong if part not in says})
        for part in sorted(wrong, key=lambda part: part not in says):
            one = [common] if common and part in parts else None
            for found in one or _of_part(of_part[part], of_part, names):
                told.setdefault((found.label, found.sentence), (found, []))[1].append(names[part])
    for found, parts in told.values():
        mine, sentence = _listed(parts), found.sentence
        if found.name != "observed":
            single = len(parts) == 1 and "our result " in sentence
            words = sentence.replace("our result", f"our result {mine}", 1)
            sentence = words if single else f"{mine}: {sentence[:1].lower()}{sentence[1:]}"
        parameters = {**found.parameters, "of": ", ".join(parts)}
        yield replace(found, parameters=parameters, sentence=start + sentence)
        start = ""
    if start and wrong:
        rest = [names[part] for part in wrong]
        said = f"{start[:-2]}, {_listed(rest)} {'are' if len(wrong) > 1 else 'is'} not."
        yield SAID.finding("part_wrong", {"said": said}, of=", ".join(rest))


def _of_part(
    evidence: Evidence, of_part: dict[object, Evidence], names: dict[object, str]
) -> Iterator[Finding]:
    """Yield what is true of a part of the result."""
    if advice := evidence.trial.known.of.says.get(evidence.part, ""):
        yield SAID.finding("observed", {"advice": advice})
        return
    other = evidence.first(
        (SAID.finding("other_part", part=names[part]), of_part[part].wanted.__getitem__)
        for part in names
        if part != evidence.part
    )
    told = [other] if other else [*_of_results(evidence, _explained)]
    yield from told or _of_another(evidence, of_part, names)


def _of_another(
    evidence: Evidence, of_part: dict[object, Evidence], names: dict[object, str]
) -> Iterator[Finding]:
    """Yield what a part of the result is of another part, as it should be: its square, its half."""
    for part, name in names.items():
        other = replace(evidence, wanted=of_part[part].wanted)
        found = relation(other) if part != evidence.part else None
        if found and "the right one" in found.sentence:
            said = found.sentence.replace("the right one", f"what `{name}` should be")
            yield replace(found, parameters={**found.parameters, "from": name}, sentence=said)
            return


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(f"`{part}`" for part in parts)

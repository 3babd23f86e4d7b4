"""Which mistake gives what came: one that an exercise registers, or one with a second slip."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from tellwhy.answers.compare import Raised, alike, plain
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.relations import made_of, number, relation
from tellwhy.answers.run import Answer
from tellwhy.answers.tables import SAID
from tellwhy.finding import Finding

TURNED = {"transposed", "reversed", "rows_reversed", "turned", "sorted", "descending"}  # all there


def registered(evidence: Evidence) -> Finding | None:
    """Does it give what a registered mistake gives, or raise its errors where it does?"""
    guesses = [(said, partial(evidence.solved, it)) for said, it in _mistakes(evidence)]
    raised = [isinstance(one, Raised) for one in evidence.results]
    several = len(evidence.places) > 1 and 0 < sum(raised) < len(raised) - 1
    if (told := evidence.first(guesses)) or not several:
        return told
    results = [*enumerate(evidence.results)]
    same = (said for said, of in guesses if all(alike(got, of(place)) for place, got in results))
    return next(same, None)


def in_common(parts: Mapping[Any, Evidence]) -> tuple[Finding | None, list[Any]]:
    """Return the registered mistake that explains several parts of the results, and which."""
    for said, it in _mistakes(next(iter(parts.values()))) if len(parts) > 1 else ():
        told = [key for key, of in parts.items() if of.explained_by(partial(of.solved, it))]
        if len(told) > 1:
            return said, told
    return None, []


def compounded(evidence: Evidence) -> Finding | None:
    """Is it related to what a registered mistake gives, or the right result in another order?"""
    came = [place for place in evidence.places if not isinstance(evidence.results[place], Raised)]
    for one, wanted in _slips(evidence) if len(came) > 1 else ():
        evidence.trial.spend(0)
        of = replace(evidence, wanted=wanted)
        two = relation(of) or number(of)
        if two and two.name != "not_finite" and "1 - 1 /" not in two.label:  # which is chance
            first = re.sub("^This is ", "By itself, the first would give ", one.sentence)
            alone = "that" if first != one.sentence else "what the first one alone would give"
            also = two.sentence.replace("the right one ", f"{alone}, ").replace(
                "the right one", alone
            )
            parameters = {**one.parameters, "and": two.label}
            return replace(one, parameters=parameters, sentence=f"Two slips. {first} {also}")
    return None


def _slips(evidence: Evidence) -> Iterator[tuple[Finding, list[Any]]]:
    """Yield what is said of a slip, and what would have come of it alone in each call."""
    for said, it in _mistakes(evidence):
        yield said, [evidence.solved(it, place) for place in range(len(evidence.calls))]
    for said, change in made_of():
        made = [change(plain(right)) for right in evidence.wanted]
        if said.name in TURNED and not any(one is None for one in made):
            yield said, made


def _mistakes(evidence: Evidence) -> Iterator[tuple[Finding, Answer]]:
    """Yield what is said of each registered mistake, and an answer that has it.

    One advice is one mistake, however it was made: it is counted by the first name.
    """
    names: dict[str, str] = {}
    for name, (advice, it) in evidence.trial.known.of.mistakes.items():
        mistake = names.setdefault(advice, name)
        yield SAID.finding("registered", {"advice": advice}, mistake=mistake), it

"""Which mistake gives what came: one that an exercise registers, or one with a second slip."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from tellwhy.answers.evidence import Evidence
from tellwhy.answers.relations import number, relation
from tellwhy.answers.run import Answer
from tellwhy.answers.tables import SAID
from tellwhy.finding import Finding


def registered(evidence: Evidence) -> Finding | None:
    """Does it give what a registered mistake gives?"""
    return evidence.first((said, partial(evidence.solved, it)) for said, it in _mistakes(evidence))


def compounded(evidence: Evidence) -> Finding | None:
    """Is it related to what a registered mistake gives?"""
    for one, it in _mistakes(evidence):
        evidence.trial.spend(0)
        wanted = [evidence.solved(it, place) for place in range(len(evidence.calls))]
        of = replace(evidence, wanted=wanted)
        if two := relation(of) or number(of):
            also = two.sentence.replace("the right one", "what comes of the first")
            parameters = {**one.parameters, "and": two.label}
            return replace(one, parameters=parameters, sentence=f"Two slips. {one.sentence} {also}")
    return None


def _mistakes(evidence: Evidence) -> Iterator[tuple[Finding, Answer]]:
    """Yield what is said of each registered mistake, and an answer that has it."""
    for name, (advice, it) in evidence.trial.known.of.mistakes.items():
        yield SAID.finding("registered", {"advice": advice}, mistake=name), it

"""How an answer is checked, on one screen: stub? call, compare, diagnose, feedback."""

import dis
import inspect
import time
from typing import Any

from tellwhy.answers import feedback
from tellwhy.answers.compare import Raised, same
from tellwhy.answers.diagnose import diagnose
from tellwhy.answers.evidence import Evidence, Trial
from tellwhy.answers.feedback import Feedback, shown
from tellwhy.answers.isolation import finite_only, isolated
from tellwhy.answers.loops import has_loop
from tellwhy.answers.run import Answer, Call
from tellwhy.answers.sentences import SAID
from tellwhy.answers.solutions import solutions
from tellwhy.answers.specification import Specification
from tellwhy.answers.watch import code_of
from tellwhy.finding import Finding
from tellwhy.show import is_a, show


def check(specification: Specification, answer: Answer | None = None) -> Feedback:
    """Compare an answer with a solution, on many inputs, and say why it is wrong.

    Python's lines run for 10 seconds in all at most (`specification.seconds`), a single call for
    half of them, and a wrong answer and its changed copies are called 3,000 times at most. An
    answer that was seen to write a file or the like is called once an input and no more.
    """
    name = specification.name
    if not callable(answer) or is_a(answer, "torch.nn", "Module"):
        return feedback.wrong(name, [_no_function(name, answer)])
    if is_stub(answer):
        return feedback.unanswered(name)
    if finding := _arguments(specification, answer):
        return feedback.wrong(name, [finding])
    known = solutions(specification)
    wanted = known.expected  # first, so that what is imported late costs no answer its time
    trial = Trial(known, answer, time.monotonic() + specification.seconds)
    calls: list[Call] = []
    for inputs in known.shown:
        calls.append(one := trial.call(inputs))
        if _is_unanswered(one):
            return feedback.unanswered(name)
        if one.stopped or one.slow[0]:
            return feedback.wrong(name, [feedback.raised(one)], _shown(trial, one))
    trial.quick = not any(one.reached for one in calls)
    results = [known.result(one) for one in calls]
    wrong = [not same(*pair) for pair in zip(results, wanted, strict=True)]
    if any(wrong):
        with isolated(), finite_only():
            findings = diagnose(Evidence(trial, calls, results, wanted))
        return _told(trial, calls, wrong, findings)
    if changed := [one for one in calls if one.changed]:
        return feedback.wrong(name, [_changes(changed[0])], _shown(trial, changed[0]))
    return _hidden(trial) or _loop(trial) or Feedback(name, "right", (_verified(trial),))


def _hidden(trial: Trial) -> Feedback | None:
    """Try inputs that are never shown with their results, so that a table does not pass."""
    for inputs in trial.known.hidden:
        one = trial.call(inputs)
        if not same(trial.known.result(one), trial.known.right(inputs)):
            findings = [feedback.raised(one) if one.error else SAID.finding("memorised")]
            return feedback.wrong(trial.known.of.name, findings, _shown(trial, one))
    return None


def _loop(trial: Trial) -> Feedback | None:
    """Look for a loop, where none is wanted."""
    sized = trial.known.of.vectorized
    if not sized:
        return None
    loop, failed = has_loop(trial.answer, sized(5), sized(500), trial.deadline)
    findings = [feedback.raised(failed)] if failed else [SAID.finding("loop")] if loop else []
    lines = _shown(trial, failed) if failed else []
    return feedback.wrong(trial.known.of.name, findings, lines) if findings else None


def _told(trial: Trial, calls: list[Call], wrong: list[bool], findings: list[Finding]) -> Feedback:
    """Tell what was found, and show a call; where nothing was, show two."""
    known, places = trial.known, [place for place, bad in enumerate(wrong) if bad]
    first = calls[places[0]]
    failed = [
        one
        for one, right in zip(calls, known.expected, strict=True)
        if one.error and not isinstance(right, Raised)
    ]
    vague = {finding.name for finding in findings} <= {"where", "special", "one_input", "places"}
    if failed and vague:
        findings.insert(0, feedback.raised(failed[0]))
    if first.changed:
        findings.append(_changes(first))
    sized = known.of.vectorized
    if sized and has_loop(trial.answer, sized(5), sized(500), trial.deadline)[0]:
        findings.append(SAID.finding("loop"))
    places = [places[0]] if findings else _telling(places, calls)
    lines = [
        line for place in places for line in _shown(trial, calls[place], known.expected[place])
    ]
    return feedback.wrong(known.of.name, findings, lines)


def _telling(places: list[int], calls: list[Call]) -> list[int]:
    """Return the places of the two calls that are shown if nothing is said: the shortest ones."""
    return sorted(sorted(places, key=lambda place: len(show(calls[place].inputs)))[:2])


def _shown(trial: Trial, one: Call, expected: Any = ...) -> list[str]:
    code = trial.known.of.code(one.inputs)
    return shown(code, one, trial.known.result(one), expected)


def _verified(trial: Trial) -> str:
    said = trial.known.of.verified or f"{len(trial.known.shown)} inputs"
    return f"Verified: {said}."


def _no_function(name: str, answer: Any) -> Finding:
    got = "" if answer is None else f", got {show(answer)}"
    code = f"exercises.{name}.check({name})"
    return SAID.finding("not_a_function", {"got": got, "code": code})


def _changes(one: Call) -> Finding:
    return SAID.finding("changes_argument", argument=one.changed[0])


def _arguments(specification: Specification, answer: Answer) -> Finding | None:
    """Say which arguments a function has that cannot be called with those of the solution."""
    if inspect.isclass(specification.solution):
        return None
    try:
        has = inspect.signature(answer)
    except (TypeError, ValueError):  # a builtin
        return None
    for inputs in [*specification.inputs, [None] * len(specification.names)][:1]:
        try:
            has.bind(*inputs)
        except TypeError:
            wanted = ", ".join(specification.names[: len(inputs)])
            called = f"{specification.name}({wanted})"
            return SAID.finding("arguments", {"call": called, "has": _bare(has)})
    return None


def _bare(signature: inspect.Signature) -> str:
    names = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    return str(signature.replace(parameters=names, return_annotation=signature.empty))


def is_stub(answer: Answer) -> bool:
    """Tell whether a function does nothing: its body is dots, `pass`, or a docstring alone."""
    code = None if inspect.isclass(answer) else code_of(answer)
    steps = (
        [step for step in dis.get_instructions(code) if step.opname not in {"RESUME", "NOP"}]
        if code
        else []
    )
    constants = [step.argval for step in steps if step.opname != "RETURN_VALUE"]
    names = {step.opname for step in steps} - {"LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    return bool(steps) and not names and constants in ([None], [...])


def _is_unanswered(one: Call) -> bool:
    not_yet = isinstance(one.error, NotImplementedError) and one.line.startswith("raise")
    return not_yet or one.result is ...

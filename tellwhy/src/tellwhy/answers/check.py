"""How an answer is checked, on one screen: stub? call, compare, diagnose, feedback."""

import ast
import dis
import inspect
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from difflib import SequenceMatcher
from typing import Any

from tellwhy.answers import feedback
from tellwhy.answers.causes import with_causes
from tellwhy.answers.code import definition
from tellwhy.answers.compare import Raised, same
from tellwhy.answers.diagnose import diagnose
from tellwhy.answers.evidence import Evidence, Trial
from tellwhy.answers.feedback import Feedback
from tellwhy.answers.isolation import finite_only, isolated, memory_limited
from tellwhy.answers.loops import has_loop
from tellwhy.answers.run import Answer, Call
from tellwhy.answers.solutions import solutions
from tellwhy.answers.specification import Specification
from tellwhy.answers.tables import SAID
from tellwhy.answers.watch import code_of
from tellwhy.finding import Finding
from tellwhy.show import is_a, show

VAGUE = {"where", "special", "places"}  # with these an error is told as well
FEW = 5  # of so many hidden inputs that went wrong is asked why
LONG = 300  # characters of two results that are compared


def check(specification: Specification, answer: Answer | None = None) -> Feedback:
    """Compare an answer with a solution, on many inputs, and say why it is wrong.

    Python's lines run for 10 seconds in all at most (`specification.seconds`), a single call for
    half of them, and a wrong answer and its changed copies are called 3,000 times at most. An
    answer that was seen to write a file or the like is called once an input and no more, or twice
    where something was imported meanwhile, as an import may do such things, too.
    """
    name = specification.name
    if not callable(answer) or is_a(answer, "torch.nn", "Module"):
        got = "" if answer is None else f", got {show(answer)}"
        code = f"exercises.{name}.check({name})"
        return feedback.wrong(name, [SAID.finding("not_a_function", {"got": got, "code": code})])
    if is_stub(answer):
        return feedback.unanswered(name)
    if finding := _no_method(specification, answer) or _arguments(specification, answer):
        return feedback.wrong(name, [finding])
    known = solutions(specification)
    wanted = known.expected  # first, so that what is imported late costs no answer its time
    trial = Trial(known, answer, time.monotonic() + specification.seconds)
    calls: list[Call] = []
    wrong: list[int] = []  # places of calls
    for inputs in known.shown:
        rest = (trial.deadline - time.monotonic()) / specification.seconds
        if len(wrong) > 1 and rest < 2 / 3:
            break  # the time that is left says more if it is spent on why
        one = trial.call(inputs)
        if one.stopped and wrong and rest < 1 / 2:
            break  # it may have come to an end: all calls together took too long
        calls.append(one)
        not_yet = isinstance(one.error, NotImplementedError) and one.raises
        if one.result is ... or not_yet:
            return feedback.unanswered(name)
        if one.stopped or one.slow[0]:
            return _told(trial, [feedback.raised(one)], [one])
        wrong += [] if same(known.result(one), wanted[len(calls) - 1]) else [len(calls) - 1]
    trial.quick = not any(one.reached for one in calls)
    if wrong:
        return _explained(trial, calls, wrong)
    if changed := [one for one in calls if one.changed]:
        return _told(trial, [_changes(changed[0])], changed[:1])
    number = len(calls) + len(known.hidden)
    tried = specification.verified or f"{number} input{'s' * (number > 1)}"
    right = Feedback(name, "right", (f"Tried: {tried}.",))
    return _hidden(trial, calls) or _loop(trial) or right


def _explained(trial: Trial, calls: list[Call], wrong: list[int]) -> Feedback:
    """Tell what was found, and show a call; where nothing was, show two."""
    rights, first = trial.known.expected[: len(calls)], calls[wrong[0]]
    findings = _diagnosed(trial, calls, rights)
    failed = [k for k, one in enumerate(calls) if one.error and not isinstance(rights[k], Raised)]
    if failed and {finding.name for finding in findings} <= VAGUE:
        findings.insert(0, feedback.raised(calls[failed[0]]))
        wrong = failed
    findings += [_changes(first)] if first.changed else []
    findings += loop.findings if (loop := _loop(trial)) and not loop.evidence else ()
    shown = wrong[:1] if findings else _telling(calls, rights, wrong)
    return _told(trial, findings, [calls[k] for k in shown], [rights[k] for k in shown])


def _diagnosed(trial: Trial, calls: list[Call], rights: list[Any]) -> list[Finding]:
    evidence = Evidence(trial, calls, [*map(trial.known.result, calls)], rights)
    try:
        with isolated(), finite_only(), memory_limited():
            return with_causes(diagnose(evidence), evidence.rows)
    except Exception as error:  # a fault of this package, which costs no learner the check
        warnings.warn(f"tellwhy could not look into this answer: {error!r}", stacklevel=2)
        return []


def _telling(calls: list[Call], rights: list[Any], wrong: list[int]) -> list[int]:
    """Return the places of the smallest input that went wrong, and of what differs most."""

    def likeness(k: int) -> float:
        got, right = (show(one)[:LONG] for one in (calls[k].outcome, rights[k]))
        return float(SequenceMatcher(None, got, right).ratio())

    smallest = min(wrong, key=lambda k: len(show(calls[k].inputs)))
    return sorted({smallest, min(wrong, key=lambda k: (k == smallest, likeness(k)))})


def _told(
    trial: Trial, findings: list[Finding], calls: list[Call], rights: Sequence[Any] = (...,)
) -> Feedback:
    known, lines = trial.known, list[str]()
    for one, right in zip(calls, rights, strict=True):
        lines += feedback.shown(known.of.code(one.inputs), one, known.result(one), right)
    return feedback.wrong(known.of.name, findings, lines)


def _hidden(trial: Trial, calls: list[Call]) -> Feedback | None:
    """Try inputs that are never shown with their results, so that a table does not pass."""
    known, wrong = trial.known, list[tuple[Call, Any]]()
    for inputs in known.hidden:
        one, right = trial.call(inputs), known.right(inputs)
        wrong += [(one, right)] if not same(known.result(one), right) else []
        if len(wrong) == FEW or (wrong and one.error):
            break
    if not wrong:
        return None
    if (last := wrong[-1][0]).error:
        return _told(trial, [feedback.raised(last)], [last])
    every = [*calls, *(one for one, _ in wrong)]
    rights = [*known.expected, *(right for _, right in wrong)]
    why = [one for one in _diagnosed(trial, every, rights) if one.name not in VAGUE]
    return _told(trial, [SAID.finding("memorised"), *why], [wrong[0][0]])


def _loop(trial: Trial) -> Feedback | None:
    """Look for a loop, where none is wanted."""
    sized = trial.known.of.vectorized
    if not sized:
        return None
    loop, failed = has_loop(trial.answer, sized(5), sized(500), trial.deadline)
    if failed:
        return _told(trial, [feedback.raised(failed)], [failed])
    return _told(trial, [SAID.finding("loop")], [], []) if loop else None


def _changes(one: Call) -> Finding:
    return SAID.finding("changes_argument", argument=next(iter(one.changed)))


def _no_method(specification: Specification, answer: Answer) -> Finding | None:
    """Say which method a class lacks that the class of the solution has, and inputs call."""
    called = specification.called if inspect.isclass(answer) else []
    lacks = (one for one in called if hasattr(specification.solution, one))
    if name := next((one for one in lacks if not hasattr(answer, one)), None):
        return SAID.finding("no_method", method=name)
    for name in specification.methods if called else ():
        mine, right = (inspect.getattr_static(of, name) for of in (answer, specification.solution))
        if inspect.isfunction(mine) and inspect.isfunction(right):
            has, asked = (list(inspect.signature(one).parameters) for one in (mine, right))
            if has[:1] != ["self"] and len(has) == len(asked) - 1:
                return SAID.finding("no_self", method=name)
    return None


def _arguments(specification: Specification, answer: Answer) -> Finding | None:
    """Say which arguments a function has that cannot be called with those of the solution."""
    if inspect.isclass(specification.solution):
        return None
    given = specification.names[: len([*specification.inputs, specification.names][0])]
    try:
        has = inspect.signature(answer)
    except (TypeError, ValueError):  # a builtin
        return None
    try:
        has.bind(*given)
    except TypeError:
        call = f"{specification.name}({', '.join(given)})"
        return SAID.finding("arguments", {"call": call, "has": str(bare(has))})
    return None


def bare(signature: inspect.Signature) -> inspect.Signature:
    """Return a signature without type hints."""
    names = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    return signature.replace(parameters=names, return_annotation=signature.empty)


def is_stub(answer: Answer) -> bool:
    """Tell whether a function, or all of a class, does nothing, or has dots left."""
    with suppress(OSError, TypeError, SyntaxError):
        if any(map(_is_left, ast.walk(definition(answer)))):
            return True
    if inspect.isclass(answer):
        own = [one for name, one in vars(answer).items() if name[:2] != "__" or callable(one)]
        idle = all(inspect.isfunction(one) and is_stub(one) for one in own)
        return answer.__bases__ == (object,) and idle
    code = code_of(answer)
    steps = dis.get_instructions(code) if code else ()
    nothing = {"NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    does = [one for one in steps if one.opname not in nothing or one.argval not in (None, ...)]
    return code is not None and {one.opname for one in does} <= {"RESUME"}


def _is_left(node: ast.AST) -> bool:
    """Tell whether dots are what a line assigns or returns."""
    match node:
        case ast.Assign(value=ast.Constant(value)) | ast.Return(ast.Constant(value)):
            return value is ...
    return False

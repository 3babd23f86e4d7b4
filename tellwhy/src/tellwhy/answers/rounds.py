"""Whether an answer only comes near: its loop stops too early, or a small number makes it."""

import ast
from collections.abc import Iterator
from itertools import chain
from typing import Any

from tellwhy.answers.code import names_in, short, text
from tellwhy.answers.compare import alike
from tellwhy.answers.edits import Edit
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.mending import gains
from tellwhy.answers.mutation import Program
from tellwhy.answers.tables import SAID
from tellwhy.finding import Finding

NEXT_TO = 0.01  # of a number: so little may be missing with half of the rounds
MUCH = 0.0003  # of the distance that twice as many rounds must take away
FEW = 4  # calls that went wrong, at most, in which it may come nearer
ROUNDS = 10  # of a loop that may come nearer and nearer, at least
SMALL = 0.1  # a number that makes an approximation, at most
NEARER = 0.8  # of the distance at least that another number in its place takes away


def rounds(evidence: Evidence) -> Finding | None:
    """Does it come nearer to the right numbers the more rounds a loop makes?"""
    if not (program := evidence.trial.program):
        return None
    for loop in [node for node in program.nodes if isinstance(node, ast.For)]:
        names, line = names_in(loop.iter), {"line": short(text(loop))}
        counts = any(names_in(loop.target) & names_in(one) for one in loop.body)
        for node in chain(program.nodes, *map(_defaults, program.definitions)):
            match node:
                case ast.Assign([ast.Name(name)], ast.Constant(int(n)) as fixed) if name in names:
                    pass
                case (name, ast.Constant(int(n)) as fixed) if name in names:
                    pass
                case ast.Constant(int(n)) as fixed if node in ast.walk(loop.iter):
                    pass
                case _:
                    continue
            if n >= ROUNDS:
                fewer, more = (
                    Edit("change", [fixed], {id(fixed): ast.Constant(number)}, 0)
                    for number in (n // 2, 2 * n)
                )
                half = gains(evidence, program, fewer, FEW)
                if any(half) and not counts and _rests(evidence, program, fewer):
                    return SAID.finding("moves_away" if max(half) > 0 else "no_rest", line)
                worse = len(half) > 1 and max(half) < 0
                if worse and min(gains(evidence, program, more, FEW)) > MUCH:
                    return SAID.finding("rounds", line)
    return None


def _defaults(function: Any) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names of a function's arguments that have a default value, and these."""
    if isinstance(function, ast.FunctionDef):  # and not a class
        names = [one.arg for one in function.args.args[::-1]]
        yield from zip(names, function.args.defaults[::-1], strict=False)


def small(evidence: Evidence) -> Finding | None:
    """Does it come nearer to the right numbers the smaller, or larger, a small number in it is?"""
    if not (program := evidence.trial.program):
        return None
    defaults = (value for of in program.definitions for _, value in _defaults(of))
    for node in chain(program.nodes, defaults):
        match node:
            case ast.Constant(float(number)) if 0 < number <= SMALL:
                for name, other in (("small", number / 10), ("tiny", 100 * number)):
                    edit = Edit("change", [node], {id(node): ast.Constant(other)}, 0)
                    shares = gains(evidence, program, edit, FEW)
                    if len(shares) > 1 and min(shares) > NEARER:
                        return SAID.finding(name, {"number": f"{number:g}"})
    return None


def _rests(evidence: Evidence, program: Program, edit: Edit) -> bool:
    """Tell whether a change makes next to no difference wherever an answer is right."""
    rows = zip(evidence.rows, evidence.wrong, strict=True)
    right = [row for row, wrong in rows if not wrong][:FEW]
    tried = (evidence.tried(program, edit, one.inputs, wanted) for one, _, wanted in right)
    pairs = zip(tried, (wanted for _, _, wanted in right), strict=True)
    return len(right) > 1 and all(alike(*pair, NEXT_TO) for pair in pairs)

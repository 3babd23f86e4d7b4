"""Which change makes an answer right, or a solution wrong in its way; what is said of a change."""

import ast
import builtins
import keyword
import math
import re
from dataclasses import replace
from functools import partial
from itertools import chain, takewhile
from typing import Any

from tellwhy.answers import edits
from tellwhy.answers.code import difference, names_in, text
from tellwhy.answers.compare import alike, distance, flat, plain
from tellwhy.answers.edits import Edit
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.mutation import Program
from tellwhy.answers.run import Inputs, call
from tellwhy.answers.tables import SAID
from tellwhy.finding import Finding

SMALL = 0.03  # of a distance that a change must bring nearer to count, for each step of its size
SECOND = 6  # so many changes that make more inputs right are tried with another
# What is said of a change, where it is one of a solution: there it is the other way round.
OF_SOLUTION = {"change": "amounts", "line": "lacks", "condition": "unasked", "order": "elsewhere"}
SHAPES = ("T", "mT", "reshape", "view", "squeeze", "unsqueeze", "flatten", "ravel")
KEYWORDS = ("reverse", "key", "dim", "axis", "ddof", "correction", "keepdim", "keepdims")
KNOWN = {*keyword.kwlist, *dir(builtins), *chain(*edits.FAMILIES), *KEYWORDS, *SHAPES}


def mended(evidence: Evidence) -> Finding | None:
    """Is it right with one thing changed?"""
    if not (program := evidence.trial.program):
        return None
    mends = (edit for edit in program.edits if _mends(evidence, program, edit))
    if not (edit := next(mends, None)):
        return None
    if not _is_known(evidence, edit):  # what stands in the solution, if it mends as well, is meant
        equal = [one for one in program.edits if one.size == edit.size and _is_known(evidence, one)]
        edit = next((one for one in equal if _mends(evidence, program, one)), edit)
    return of_edit(program, _fewest(evidence, program, edit))


def _is_known(evidence: Evidence, edit: Edit) -> bool:
    """Tell whether it puts something in the code that stands in the solution as well."""
    news = (text(one) for one in edit.changes.values() if isinstance(one, ast.Call | ast.BinOp))
    return not evidence.trial.known.code.isdisjoint(news)


def _is_right(evidence: Evidence, program: Program, edit: Edit, inputs: Inputs, right: Any) -> bool:
    """Tell whether a changed copy of the answer is right on inputs."""
    return alike(evidence.tried(program, edit, inputs, right), right)


def _fewest(evidence: Evidence, program: Program, edit: Edit) -> Edit:
    """Return a change without the places at which it is not needed."""
    for node in edit.nodes if len({*map(text, edit.nodes)}) > 2 else ():
        nodes = [one for one in edit.nodes if one is not node]
        less = replace(edit, nodes=nodes, changes={id(one): edit.changes[id(one)] for one in nodes})
        edit = less if len(nodes) > 1 and _mends(evidence, program, less) else edit
    return edit


def _mends(evidence: Evidence, program: Program, edit: Edit) -> bool:
    """Tell whether an answer with a change is right on all inputs, and on further ones."""
    order = sorted(range(len(evidence.calls)), key=lambda place: not evidence.wrong[place])
    rows = ((evidence.calls[place].inputs, evidence.wanted[place]) for place in order)
    known = evidence.trial.known
    more = ((inputs, evidence.right(inputs)) for inputs in (*known.more, *known.hidden))
    tried = (_is_right(evidence, program, edit, *row) for row in chain(rows, more))
    return evidence.trial.rich and all(tried) and _spares(evidence, program, edit)


def _spares(evidence: Evidence, program: Program, edit: Edit) -> bool:
    """Tell whether a changed copy leaves arguments, and other parts of results, as they were."""
    known, mine, new = evidence.trial.known, evidence.part, program.made(edit)
    assert new  # it was called before
    for one in evidence.calls:
        now = call(new, one.inputs, known.of.observer, deadline=evidence.trial.deadline)
        warns = bool(now.notes.warned) > bool(one.notes.warned)  # as where shapes are broadcast
        if warns or not now.changed.keys() <= one.changed.keys():
            return False
    for one in evidence.calls if mine is not None else ():
        was, right = known.result(one), known.solved(known.of.solution, one.inputs)
        now = evidence.trial.changed(program, edit, one.inputs, 200 + 3 * one.steps)
        keys = right.keys() if isinstance(right, dict) else range(len(right))
        others = ([of[key] for of in (now, was, right)] for key in keys if key != mine)
        for new, old, asked in others:  # in another form, perhaps
            if not alike(new, old) and not alike(flat(plain(new)), flat(plain(asked))):
                return False
    return True


def two_changes(evidence: Evidence, *, loose: bool = False) -> Finding | None:
    """Is it right with two things changed, one of which makes more inputs right, or nearer?

    With `loose` it may make wrong what is right: with both slips that can have been luck.
    """
    program, good = evidence.trial.program, list[tuple[float, Edit]]()
    rows = [*zip(evidence.inputs, evidence.wanted, strict=True)]
    if not program or len(rows) < 3:
        return None
    for edit in takewhile(lambda _: evidence.trial.rich, program.edits):
        tried = (rows[place] for place in evidence.places[:2])
        if near := any(_is_right(evidence, program, edit, *row) for row in tried):
            now = [_is_right(evidence, program, edit, *row) for row in rows]
            if all(right or bad for right, bad in zip(now, evidence.wrong, strict=True)):
                good.append((sum(now), edit))
                continue
            if not loose or any(isinstance(node, ast.Constant) for node in edit.nodes):
                continue  # another number can be right by chance
        if (nearer := gains(evidence, program, edit)) and min(nearer) > 0:
            good.append((near + sum(nearer) / len(nearer) - SMALL * edit.size, edit))
    moved_first = sorted(good, key=lambda pair: (pair[1].kind == "change", -pair[0]))
    for _, edit in moved_first[:SECOND]:
        second = program.after(edit)
        for other in second.edits:
            if _mends(evidence, second, other):
                one, two = of_edit(program, edit), of_edit(second, other)
                mine, new, old = one.quoted["mine"], one.quoted["right"], two.quoted["mine"]
                inside = program.code.count(old) == mine.count(old) and new.count(old) == 1
                rest = f" {two.sentence}"
                if one.name == two.name == "change" and inside:  # a change of a change
                    both = {**one.quoted, "right": (right := new.replace(old, two.quoted["right"]))}
                    one, rest = SAID.finding("change", both, **_parts(program, mine, right)), ""
                if old in program.code or not rest:
                    start = "Two slips. " if old in program.code and rest else ""
                    return replace(one, sentence=f"{start}{one.sentence}{rest}")
    return None


def gains(evidence: Evidence, program: Program, edit: Edit, most: int = 2) -> list[float]:
    """Return by which share a change brings numbers nearer to the right ones, where it is wrong."""
    shares = []
    for place in evidence.places[:most]:
        right, inputs = evidence.wanted[place], evidence.calls[place].inputs
        old = distance(evidence.results[place], right)
        new = distance(evidence.tried(program, edit, inputs, right), right)
        shares += [1 - new / old] if 0 < old < math.inf else []
    return shares


def amounts(evidence: Evidence, known: bool = True) -> Finding | None:
    """Does it give what a solution gives with one thing changed, in names that are `known`?"""
    for program, edit, answer in evidence.trial.known.mutants:
        evidence.trial.spend(0)
        if not evidence.explained_by(partial(evidence.solved, answer)):
            continue
        more = evidence.extended
        guesses = (more.solved(answer, place) for place in range(1, len(more.calls)))
        if all(alike(more.solved(answer, 0), one) for one in guesses):
            continue  # what is always the same tells nothing of changes
        mine, right, is_known = program.quoted(edit)
        if edit.kind == "condition" and _asks(evidence, edit.nodes[0]):
            continue  # it asks that, though it does nothing of use then
        if edit.kind == "change" and _stands(evidence, mine):
            continue  # what belongs there stands in the answer, elsewhere
        if (is_known or not known) and not _is_foreign(evidence, right):
            said = of_edit(program, edit)
            if said.name == "amounts" and _stands(evidence, right):  # to the letter
                return SAID.finding("change", {**said.quoted, "line": ""}, **said.parameters)
            # Exchanged in the learner's code, other parts would change: it is true of this alone.
            words = f"It is what comes with `{mine}` and `{right}` exchanged."
            of_part = said.name == "exchange" and evidence.part is not None
            return replace(said, sentence=words) if of_part else said
    return None


def _asks(evidence: Evidence, line: Any) -> bool:
    """Tell whether an answer has a condition of the same names."""
    nodes = evidence.trial.program.nodes if evidence.trial.program else []
    tests = [names_in(node.test) for node in nodes if hasattr(node, "test")]
    return any(names_in(line.test) <= names for names in tests)


def _stands(evidence: Evidence, code: str) -> bool:
    """Tell whether an answer has an expression, be it for something else."""
    nodes = evidence.trial.program.nodes if evidence.trial.program else []
    parts = (node for node in nodes if isinstance(node, ast.expr))
    return any(
        text(node) == code for node in parts if not isinstance(node, ast.Name | ast.Constant)
    )


def _is_foreign(evidence: Evidence, code: str) -> bool:
    """Tell whether code goes through things in a way that the answer does not."""
    own = evidence.trial.program.code if evidence.trial.program else ""
    return any(one not in own for one in re.findall(r"\b(?:enumerate|zip)\(", code))


def of_edit(program: Program, edit: Edit) -> Finding:
    """Return what is said of a change: what stands in the code, or is equal to it, and the cure."""
    mine, right, known = program.quoted(edit)
    kind = edit.kind
    if kind == "exchange":
        return SAID.finding(kind, one=mine, other=right)
    if kind == "round":
        return SAID.finding(kind, which=mine)
    if not program.own:  # what stands in the learner's code is equal to the changed solution
        kind, mine, right = OF_SOLUTION[kind], right, mine
        kind = "solution_line" if kind == "amounts" and not known else kind
    parts = _parts(program, mine, right) if kind in {"change", "amounts", "solution_line"} else {}
    quoted = {"mine": mine, "right": right, "line": program.place(edit, mine)}
    said = SAID.finding(kind, quoted, **parts)
    if kind == "line" and any(hasattr(node, "body") for node in edit.nodes):
        below = "`, with the lines indented below it, stand"
        said = replace(said, sentence=said.sentence.replace("` stand", below))
    for words, of in ((("stands", "stand"), mine), (("belongs", "belong"), right)):
        said = replace(said, sentence=said.sentence.replace(*words)) if "` and `" in of else said
    return said


def _parts(program: Program, mine: str, right: str) -> dict[str, str]:
    """Return by what a change is counted: what differs, in names that all learners share."""
    names = {*KNOWN, *program.arguments}
    tokens = (
        re.sub(r"[^\W\d]\w*", lambda n: n[0] if n[0] in names else "_", part)
        for part in difference(*(one.split("` and `")[0] for one in (mine, right)))
    )
    return dict(zip(("stands", "belongs"), tokens, strict=True))

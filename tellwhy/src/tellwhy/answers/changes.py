"""A program with one thing changed: a wrong answer is so often a right one with a change.

The same changes are made in a solution, to find one that gives what a wrong answer gives, and in
the answer itself, to find one that makes it right. What to say of a change is read from its text.
"""

import ast
import builtins
import copy
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from tellwhy.answers.code import (
    LONG,
    New,
    difference,
    expression,
    in_words,
    is_program,
    quoted,
    rebuilt,
    short,
    text,
)
from tellwhy.answers.rules import by_rules

Answer = Callable[..., Any]

MANY = 3  # places at most that are changed together
# To leave something out says it better.
RIDDLE = re.compile(r"(?<![\w.])0 \*|\*\* [01]\b|[*/%] 1\b|[-+] 0\b|[-+] -")
FAMILIES = [
    family.split()
    for family in (
        "mean sum median max min prod std",
        "median median_low median_high mean fmean min max",
        "std var",
        "ceil floor round trunc int",
        "numel dim",
        "log log2 log10 log1p exp",
        "sqrt square abs",
    )
]
VALUES = "-{0}|{0} ** 2|{0} ** 0.5|2 * {0}|{0} / 2|1 / {0}|{0} + 1|{0} - 1|abs({0})|1 - {0}"
VALUES += "|{0} * 0 + 1|{0} * 0|{0}.mT|{0} - {0}.mean()|{0}[1:]|{0}[:-1]|{0}[:1]|{0}[-1:]"
VALUES += "|({0} - {0}.mean(dim=0)) / {0}.std(dim=0)|sorted({0})|[*{{*{0}}}]"


@dataclass(frozen=True)
class Edit:
    """A change: its name, what is so in the changed program, what it puts in place, its size."""

    name: str
    words: str
    changes: Mapping[int, New] = field(compare=False)
    size: int


class Program:
    """The source of a function as a tree, to be changed and run."""

    def __init__(self, function: Answer, body: str = "", *, own: bool = False) -> None:
        """Parse a function's source, or another body for it; with `own` a student's answer.

        Raises:
            OSError, TypeError or ValueError: if there is no source that stands alone.
        """
        function = inspect.unwrap(function)
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        if not isinstance(tree, ast.FunctionDef) or getattr(function, "__closure__", None):
            raise TypeError("no function whose source stands alone")
        if body:
            tree.body = ast.parse(body if "return" in body else f"return {body}").body
        if ast.get_docstring(tree):
            del tree.body[0]
        tree.decorator_list = tree.decorator_list if own else []
        self.tree, self.space, self.own = tree, function.__globals__, own
        self.nodes = [node for line in tree.body for node in ast.walk(line)]
        self.arguments = [argument.arg for argument in tree.args.args]
        used = [node.id for node in self.nodes if isinstance(node, ast.Name)]
        known = {*dir(builtins), *self.space} - {*self.arguments}
        self.names = [name for name in dict.fromkeys([*self.arguments, *used]) if name not in known]

    def changed(self) -> list[tuple[Edit, Answer]]:
        """Return the changes of one thing, the shortest first, and the function with each."""
        made = [(edit, self.made(edit.changes)) for edit in self.edits()]
        return [(edit, answer) for edit, answer in made if answer]

    def made(self, changes: Mapping[int, New] | None = None) -> Answer | None:
        """Return the function with changes made, or None where that is no program."""
        space = {**self.space, "_finite": _finite}
        try:
            module = ast.Module([rebuilt(self.tree, changes or {})], [])
            exec(compile(ast.fix_missing_locations(module), "<a change>", "exec"), space)
        except Exception:  # not all that can be written is a program
            return None
        answer: Answer = space[self.tree.name]
        return answer

    def edits(self) -> list[Edit]:
        """Return the changes of one thing, the smallest first."""
        parents = {id(part): node for node in self.nodes for part in ast.iter_child_nodes(node)}
        groups: dict[tuple[str, str], list[tuple[ast.AST, ast.AST]]] = {}  # the same elsewhere
        for node in self.nodes:
            for new in () if _is_place(node, parents) else self._others(node):
                riddle = RIDDLE.search(quoted(node, {id(node): new}, parents)[1])
                if text(node) != text(new) and not riddle:
                    groups.setdefault(difference(text(node), text(new)), []).append((node, new))
        found = [*self._moves()]
        found += [] if self.own else [*self._of_arguments(), *self._loops()]
        for part, group in groups.items():
            size = min(_size(node, new, part) for node, new in group)
            both = {id(node): new for node, new in group}
            all_quoted = {quoted(node, both, parents) for node in dict(group)}
            wholes = sorted(one for one in all_quoted if not _is_within(one, all_quoted))
            if len(group) > 1 and len(wholes) <= MANY:
                texts = {(text(node), text(new)) for node, new in group}
                same = texts.pop() if len(texts) == 1 else part
                clear = len(same[0]) > 2 and is_program(same[0]) and is_program(same[1])
                found.append(_edit(in_words(*([same] if clear else wholes)), both, size))
            for node, new in group:
                words = in_words(quoted(node, {id(node): new}, parents))
                found.append(_edit(words, {id(node): new}, size))
        return sorted(found, key=lambda edit: edit.size)

    # Expressions

    def _others(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what may stand in place of an expression or a statement."""
        yield from by_rules(node)
        match node:
            case ast.Constant(int(value) | float(value)) if (
                not isinstance(value, bool) and (not self.own or value <= 2)  # no limit is moved
            ):
                others = [value + 1, value - 1, 2 * value, value / 2, 0, 1, -value]
                yield from (expression(f"{other:g}") for other in others)
            case ast.Name(name, ast.Load()) if name in self.names:
                yield from (ast.Name(other, ast.Load()) for other in self.names)
            case ast.Call(function, given):
                yield from self._calls(node, function, given)
            case ast.Expr():
                yield ast.Pass()
            case ast.If(_, body, other):
                yield from (ast.If(ast.Constant(True), body, other), ast.Pass())
        if isinstance(node, ast.expr) and (hole := _hole(node)):
            inner, outside = hole
            if deeper := _hole(inner):
                yield deeper[1](outside(deeper[0]))
            if isinstance(inner, ast.BinOp):
                yield ast.BinOp(outside(inner.left), inner.op, outside(inner.right))

    def _calls(
        self, node: ast.Call, function: ast.expr, given: list[ast.expr]
    ) -> Iterator[ast.expr]:
        """Yield other calls: of a function alike, with arguments exchanged, with other keywords."""
        name = getattr(function, "attr", getattr(function, "id", ""))
        for family in FAMILIES:
            for other in family if name in family else ():
                owner = getattr(function, "value", None)
                module = self.space.get(owner.id) if isinstance(owner, ast.Name) else None
                if owner and (not inspect.ismodule(module) or hasattr(module, other)):
                    yield _with(node, func=ast.Attribute(owner, other, ast.Load()))
                else:
                    yield _with(node, func=ast.Name(other, ast.Load()))
        yield from (one for one in given[:3] if not isinstance(one, ast.Constant))
        if isinstance(function, ast.Attribute):
            yield function.value
        for i, j in itertools.combinations(range(len(given)), 2):
            turned = list(given)
            turned[i], turned[j] = turned[j], turned[i]
            yield _with(node, args=turned)
        for place, keyword in enumerate(node.keywords):
            rest = [*node.keywords[:place], *node.keywords[place + 1 :]]
            yield _with(node, keywords=rest)
            if keyword.arg in {"dim", "axis"}:
                for dim in (-1, 0, 1, 2):
                    yield _with(node, keywords=[ast.keyword("dim", ast.Constant(dim)), *rest])
        if name in FAMILIES[0] and not node.keywords:
            for dim in (0, 1):
                yield _with(node, keywords=[ast.keyword("dim", ast.Constant(dim))])

    def _of_arguments(self) -> Iterator[Edit]:
        """Yield that other arguments are given."""
        first = self.tree.body[0]
        for name in self.arguments:
            for value in VALUES.format(name).split("|"):
                lines = ast.parse(f"{name} = _finite({value})").body
                yield _edit(f"with `{value}` in place of `{name}`", {id(first): [*lines, first]})
        for a, b in itertools.combinations(self.arguments, 2):
            lines = ast.parse(f"{a}, {b} = {b}, {a}").body
            yield _edit(f"with `{a}` and `{b}` exchanged", {id(first): [*lines, first]})

    def _loops(self) -> Iterator[Edit]:
        """Yield that a loop runs once only."""
        for line in [node for node in self.nodes if isinstance(node, ast.For)]:
            for part, words in ((":1", "first"), ("-1:", "last")):
                over = expression(f"[*{text(line.iter)}][{part}]")
                loop = ast.For(line.target, over, line.body, [])
                yield _edit(f"whose loop does its {words} round alone", {id(line): loop}, LONG)

    def _moves(self) -> Iterator[Edit]:
        """Yield that a line stands elsewhere: before another, or after a loop."""
        bodies = [self.tree.body, *(getattr(node, "body", None) for node in self.nodes)]
        blocks = [body for body in bodies if isinstance(body, list)]
        for line, late in itertools.chain(*map(itertools.pairwise, blocks)):
            if not isinstance(line, ast.For | ast.While) and not isinstance(late, ast.Return):
                words = f"with `{short(text(late))}` before `{short(text(line))}`"
                yield _edit(words, {id(line): late, id(late): line})
        for line in [node for node in self.nodes if isinstance(node, ast.For | ast.While)]:
            for first in range(1, len(line.body)):
                loop, after = copy.copy(line), line.body[first:]
                loop.body = line.body[:first]
                several = " and what follows" if len(after) > 1 else ""
                words = f"with `{short(text(after[0]))}`{several} after the loop"
                yield _edit(words, {id(line): [loop, *after]})


def _is_place(node: ast.AST, parents: Mapping[int, ast.AST]) -> bool:
    """Tell whether this is -1 or its 1, as an index or a size: to change half of it misleads."""
    minus = parents.get(id(node)) if isinstance(node, ast.Constant) else node
    within = parents.get(id(minus))
    return (
        isinstance(minus, ast.UnaryOp)
        and isinstance(minus.operand, ast.Constant)
        and isinstance(within, ast.Subscript | ast.Slice | ast.Call | ast.keyword)
    )


def _edit(words: str, changes: Mapping[int, New], size: int | None = None) -> Edit:
    return Edit(words.replace("`", ""), words, changes, len(words) if size is None else size)


def _is_within(one: tuple[str, str], others: set[tuple[str, str]]) -> bool:
    return any(one != other and one[0] in other[0] for other in others)


def _size(node: ast.AST, new: ast.AST, part: tuple[str, str]) -> int:
    """Return how large a change is; to leave something out counts as a smaller one."""
    if isinstance(new, ast.Pass | ast.If):  # a line is left out, or a condition
        return 1
    old_text, new_text = text(node), text(new)
    if new_text in old_text:
        return len(old_text) - len(new_text)
    return max(map(len, part)) + (15 if new_text == f"-{old_text}" else 10)


def _finite(value: Any) -> Any:
    """Return a value; raise an error rather than let LAPACK complain on the screen."""
    if isinstance(value, torch.Tensor) and not value.isfinite().all():
        raise ValueError("not finite")
    return value


def _with(node: ast.Call, **fields: Any) -> ast.Call:
    parts: dict[str, Any] = {"func": node.func, "args": node.args, "keywords": node.keywords}
    return ast.Call(**(parts | fields))


def _hole(node: ast.expr) -> tuple[ast.expr, Callable[[ast.expr], ast.expr]] | None:
    """Return the one thing that a power, a call or a minus is made of, and how to make another."""
    match node:
        case ast.BinOp(a, ast.Pow() as op, b):
            return a, lambda new: ast.BinOp(new, op, b)
        case ast.UnaryOp(op, a):
            return a, lambda new: ast.UnaryOp(op, new)
        case ast.Call(ast.Attribute(a, name), _) if not isinstance(a, ast.Name) or a.id not in {
            "torch",
            "math",
            "np",
        }:
            return a, lambda new: _with(node, func=ast.Attribute(new, name, ast.Load()))
        case ast.Call(_, [a, *rest]) if not isinstance(a, ast.Starred):
            return a, lambda new: _with(node, args=[new, *rest])
    return None

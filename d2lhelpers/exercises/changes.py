"""A program with one thing changed: a wrong answer is so often a right one with a change.

The same changes are made in a solution, to find one that gives what a wrong answer gives, and in
the answer itself, to find one that makes it right. What to say of a change is read from its text.
"""

import ast
import copy
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[..., Any]
New = ast.AST | list[ast.stmt]

LONG = 60  # characters of code that are quoted at most
OPERATORS: dict[type[ast.AST], str] = {  # what learners take for one another
    ast.Add: "-*", ast.Sub: "+/", ast.Mult: "/+@", ast.Div: "*-\\", ast.FloorDiv: "/%",
    ast.Mod: "\\/", ast.MatMult: "*", ast.Lt: "l>g", ast.LtE: "<>", ast.Gt: "g<l", ast.GtE: "><",
    ast.Eq: "!>", ast.NotEq: "=", ast.And: "|", ast.Or: "&",
}  # fmt: skip
SIGNS: dict[str, ast.AST] = {
    "+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div(), "\\": ast.FloorDiv(),
    "%": ast.Mod(), "@": ast.MatMult(), "<": ast.Lt(), "l": ast.LtE(), ">": ast.Gt(),
    "g": ast.GtE(), "=": ast.Eq(), "!": ast.NotEq(), "&": ast.And(), "|": ast.Or(),
}  # fmt: skip
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
VALUES += "|sorted({0})|[*{{*{0}}}]"


@dataclass(frozen=True)
class Edit:
    """A change: a short name, what is so in the changed program, and what stands for each node."""

    name: str
    words: str
    changes: dict[int, New] = field(compare=False)


class Program:
    """The source of a function as a tree, to be changed and run."""

    def __init__(self, function: Answer, body: str = "", *, own: bool = False) -> None:
        """Parse a function's source, or another body for it; raise OSError or so without one."""
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
        self.arguments = [argument.arg for argument in tree.args.args]
        nodes = [node for line in tree.body for node in ast.walk(line)]
        self.nodes = [node for node in nodes if isinstance(node, ast.expr)]
        stored = [node.id for node in self.nodes if isinstance(node, ast.Name)]
        self.names = list(dict.fromkeys([*self.arguments, *stored]))
        self.names = [
            name for name in self.names if name not in self.space or name in self.arguments
        ]
        self.blocks: list[list[ast.stmt]] = [tree.body]
        for node in nodes:
            self.blocks += [
                b
                for b in (getattr(node, "body", 0), getattr(node, "orelse", 0))
                if isinstance(b, list)
            ]

    def made(self, *edits: Edit) -> Answer | None:
        """Return the function with edits made, or None where that is no program."""
        changes = {place: new for edit in edits for place, new in edit.changes.items()}
        space = dict(self.space)
        try:
            module = ast.Module([_rebuilt(self.tree, changes)], [])
            exec(compile(ast.fix_missing_locations(module), "<a change>", "exec"), space)
        except Exception:  # not all that can be written is a program
            return None
        answer: Answer = space[self.tree.name]
        return answer

    def edits(self) -> list[Edit]:
        """Return the changes of one thing, the shortest first."""
        parents = {id(part): node for node in self.nodes for part in ast.iter_child_nodes(node)}
        groups: dict[tuple[str, str], list[tuple[str, ast.AST, ast.AST]]] = {}
        for node in self.nodes:
            for new in self._others(node):
                old_text, new_text = _text(node), _text(new)
                if old_text != new_text:
                    change = _difference(old_text, new_text)
                    whole = parents.get(id(node), node) if len(old_text) < 9 else node
                    groups.setdefault(change, []).append((_short(_text(whole)), node, new))
        found = [*self._statements(), *(() if self.own else self._of_arguments())]
        for (removed, added), group in groups.items():
            name, words = f"{added} for {removed}", f"with `{added}` in place of `{removed}`"
            words = f"without `{removed}`" if not added else words if removed else f"with `{added}`"
            places = {id(node): new for _, node, new in group}
            singles = [
                Edit(name, f"{words} in `{text}`", {id(node): new}) for text, node, new in group
            ]
            found += singles if len(places) > 1 else ()
            found.append(
                Edit(name, words, places)
                if len(places) > 1 or removed == group[0][0]
                else singles[0]
            )
        unique = {edit.words: edit for edit in found}
        return sorted(unique.values(), key=lambda edit: len(edit.words.split(" in `")[0]))

    # Expressions

    def _others(self, node: ast.expr) -> Iterator[ast.expr]:
        """Yield what may stand in place of an expression."""
        match node:
            case ast.BinOp(a, op, b):
                yield from (ast.BinOp(a, other, b) for other in _signs(op))
                yield ast.BinOp(b, op, a)
                yield from (a, b)
                if isinstance(a, ast.BinOp):
                    yield ast.BinOp(a.left, a.op, ast.BinOp(a.right, op, b))
                if isinstance(b, ast.BinOp):
                    yield ast.BinOp(ast.BinOp(a, op, b.left), b.op, b.right)
                    yield from (b.left, b.right)
                yield from _together(node)
            case ast.UnaryOp(_, a):
                yield a
            case ast.Compare(a, [op], [b]):
                yield from (ast.Compare(a, [other], [b]) for other in _signs(op))
            case ast.BoolOp(op, parts):
                yield from (ast.BoolOp(other, parts) for other in _signs(op))
                yield from parts
            case ast.IfExp(test, a, b):
                yield from (a, b, ast.IfExp(test, b, a))
            case ast.Constant(bool(value)):
                yield ast.Constant(not value)
            case ast.Constant(int(value) | float(value)):
                others = (
                    value + 1,
                    value - 1,
                    2 * value,
                    value / 2,
                    -value,
                    0,
                    1,
                    *([100 * value, 1000 * value] if self.own else []),
                )
                yield from (_expression(f"{other:g}") for other in others)
            case ast.Name(name, ast.Load()) if name in self.names:
                yield from (ast.Name(other, ast.Load()) for other in self.names)
            case ast.Subscript(a, ast.Slice(low, high, step)):
                yield from (a, ast.Subscript(a, ast.Slice(high, low, step), ast.Load()))
            case ast.Attribute(a, "T" | "mT" | "shape") | ast.Subscript(a):
                yield a
            case ast.SetComp(one, loops):
                yield ast.ListComp(one, loops)
            case ast.GeneratorExp(one, loops) | ast.ListComp(one, loops):
                yield type(node)(ast.Constant(1), loops)
                opposite: list[ast.expr] = [ast.UnaryOp(ast.Not(), test) for test in loops[0].ifs]
                for tests in ([], opposite):
                    loop = ast.comprehension(loops[0].target, loops[0].iter, tests, 0)
                    yield type(node)(one, [loop, *loops[1:]])
            case ast.Call(function, given):
                yield from self._calls(node, function, given)
        if hole := _hole(node):
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
        yield from given[:3]
        if isinstance(function, ast.Attribute):
            yield function.value
        for i, j in itertools.combinations(range(len(given)), 2):
            turned = list(given)
            turned[i], turned[j] = turned[j], turned[i]
            yield _with(node, args=turned)
        if name == "len" and given:
            yield from (_expression(_text(given[0]) + size) for size in (".numel()", ".shape[-1]"))
        if name == "numel" and isinstance(function, ast.Attribute):
            yield _expression(f"len({_text(function.value)})")
        for place, keyword in enumerate(node.keywords):
            rest = [*node.keywords[:place], *node.keywords[place + 1 :]]
            yield _with(node, keywords=rest)
            if keyword.arg in {"dim", "axis"}:
                for dim in (-1, 0, 1, 2):
                    yield _with(node, keywords=[ast.keyword("dim", ast.Constant(dim)), *rest])
        if name in FAMILIES[0] and not node.keywords:
            for dim in (0, 1):
                yield _with(node, keywords=[ast.keyword("dim", ast.Constant(dim))])
        if name in FAMILIES[0] and node.keywords:
            yield _with(node, keywords=[*node.keywords, ast.keyword("keepdim", ast.Constant(True))])

    def _of_arguments(self) -> Iterator[Edit]:
        """Yield that other arguments are given."""
        first = self.tree.body[0]
        for name in self.arguments:
            for value in VALUES.format(name).split("|"):
                lines = ast.parse(f"{name} = {value}").body
                words = f"with `{value}` in place of `{name}`"
                yield Edit(f"{value} for {name}", words, {id(first): [*lines, first]})
        for a, b in itertools.combinations(self.arguments, 2):
            lines = ast.parse(f"{a}, {b} = {b}, {a}").body
            words = f"with `{a}` and `{b}` exchanged"
            yield Edit(f"{a} and {b} exchanged", words, {id(first): [*lines, first]})

    # Statements

    def _statements(self) -> Iterator[Edit]:
        for block, place in (
            (block, place) for block in self.blocks for place in range(len(block))
        ):
            line, after = block[place], block[place + 1 : place + 2]
            text = f"`{_short(_text(line))}`"
            whole = isinstance(line, ast.If | ast.For | ast.While | ast.With)
            if not isinstance(line, ast.Return | ast.For | ast.With | ast.FunctionDef):
                yield Edit(f"without {text}", f"without {text}", {id(line): [ast.Pass()]})
            if isinstance(line, ast.If):
                yield Edit(
                    f"always {text}", f"with what follows {text} done always", {id(line): line.body}
                )
            if after and not whole and not isinstance(after[0], ast.Return):
                words = f"with `{_short(_text(after[0]))}` before {text}"
                yield Edit(words, words, {id(line): [after[0]], id(after[0]): [line]})
            if isinstance(line, ast.For | ast.While):
                yield from self._loop(line, after)
            yield from self._assigned(line)

    def _loop(self, line: ast.For | ast.While, after: Sequence[ast.stmt]) -> Iterator[Edit]:
        kept = copy.copy(line)
        for late in after:
            kept.body = [*line.body, late]
            words = f"with `{_short(_text(late))}` inside the loop"
            yield Edit(words, words, {id(line): [kept], id(late): [ast.Pass()]})
        for first in range(1, len(line.body)):
            short, late = copy.copy(line), line.body[first:]
            short.body = line.body[:first]
            several = " and what follows" if len(late) > 1 else ""
            words = f"with `{_short(_text(late[0]))}`{several} behind the loop"
            yield Edit(words, words, {id(line): [short, *late]})
        if isinstance(line, ast.For):
            over = _short(_text(line.iter))
            for which, index in (("first", "0"), ("last", "-1")):
                only = _expression(f"[*({_text(line.iter)})][{index}:][:1]")
                words = f"with the {which} of `{over}` alone"
                yield Edit(words, words, {id(line.iter): only})

    def _assigned(self, line: ast.stmt) -> Iterator[Edit]:
        new: list[ast.stmt] = []
        match line:
            case ast.AugAssign(target, op, value):
                new = [ast.AugAssign(target, other, value) for other in _signs(op)]
                new.append(ast.Assign([target], value))
                if isinstance(target, ast.Name) and isinstance(value, ast.BinOp):
                    product = ast.BinOp(ast.Name(target.id, ast.Load()), op, value.left)
                    new.append(ast.Assign([target], ast.BinOp(product, value.op, value.right)))
            case ast.Assign([ast.Name(name) as target], ast.BinOp(ast.Name(other), op, value)):
                new = [ast.AugAssign(target, op, value)] if name == other else []
            case ast.Assign([ast.Name(name)], value):
                new = [*ast.parse(f"{name}[:] = {_text(value)}").body]
        for one in new:
            old_text, new_text = _text(line), _text(one)
            words = f"with `{_short(new_text)}` in place of `{_short(old_text)}`"
            yield Edit(f"{new_text} for {old_text}", words, {id(line): [one]})


def _signs(op: ast.AST) -> list[Any]:
    return [SIGNS[sign] for sign in OPERATORS.get(type(op), "")]


def _with(node: ast.Call, **fields: Any) -> ast.Call:
    parts = {"func": node.func, "args": node.args, "keywords": node.keywords}
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


def _together(node: ast.BinOp) -> Iterator[ast.expr]:
    """Yield a function of both for that of each, and that of each for that of one."""
    left, right = _hole(node.left), _hole(node.right)
    if left and right and _text(left[1](node)) == _text(right[1](node)):
        yield left[1](ast.BinOp(left[0], node.op, right[0]))
    if left:
        yield ast.BinOp(node.left, node.op, left[1](node.right))
    if right:
        yield ast.BinOp(right[1](node.left), node.op, node.right)


def _rebuilt(node: Any, changes: dict[int, New]) -> Any:
    """Return a tree with changes, sharing nothing that is changed."""
    new = changes.get(id(node))
    if new is not None:
        changes = {place: other for place, other in changes.items() if place != id(node)}
        if isinstance(new, list):
            return [_rebuilt(one, changes) for one in new]
        node = new
    fields: dict[str, Any] = {}
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            fields[name] = []
            for item in value:
                made = _rebuilt(item, changes) if isinstance(item, ast.AST) else item
                fields[name] += made if isinstance(made, list) else [made]
        else:
            fields[name] = _rebuilt(value, changes) if isinstance(value, ast.AST) else value
    return type(node)(**fields)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).split("\n")[0]


def _short(text: str) -> str:
    """Return code such as can be quoted: with little in its parentheses."""
    if len(text) > LONG:
        text = re.sub(r"\([^()]{9,}\)", "(...)", text)
    return text if len(text) <= LONG else f"{text[: LONG - 4]} ..."


def _difference(old: str, new: str) -> tuple[str, str]:
    """Return what is removed from a text, and what is put there, if both can be read alone."""
    a, b = ([*re.finditer(r"\w[\w.]*|\*\*|//|\S", text)] for text in (old, new))
    first = _common(a, b)
    last = _common(a[first:][::-1], b[first:][::-1])
    parts = [words[first : len(words) - last] for words in (a, b)]
    removed, added = (
        text[part[0].start() : part[-1].end()] if part else ""
        for text, part in zip((old, new), parts, strict=True)
    )
    if not added and removed.count("(") == removed.count(")"):
        return removed.strip(", "), ""
    readable = all(part in "+-*/%@<>**//" or _is_program(part) for part in (removed, added))
    return (removed, added) if removed and readable else (_short(old), _short(new))


def _common(a: list[re.Match[str]], b: list[re.Match[str]]) -> int:
    """Return with how many equal words two texts begin."""
    pairs = zip(a, b, strict=False)
    return len([*itertools.takewhile(lambda pair: pair[0][0] == pair[1][0], pairs)])


def _is_program(text: str) -> bool:
    try:
        return bool(_expression(text))
    except SyntaxError:
        return False

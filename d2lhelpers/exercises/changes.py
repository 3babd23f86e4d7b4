"""A program with one thing changed: a wrong answer is so often a right one with a change.

The same changes are made in a solution, to find one that gives what a wrong answer gives, and in
the answer itself, to find one that makes it right. What to say of a change is read from its text.
"""

import ast
import builtins
import copy
import functools
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

Answer = Callable[..., Any]
New = ast.AST | Sequence[ast.AST]

SHORT, LONG = 9, 70  # characters of code that are quoted: at least and at most
MANY = 3  # places at most that are changed together
RIDDLE = re.compile(
    r"(?<![\w.])0 \*|\*\* [01]\b|[*/%] 1\b|[-+] 0\b|[-+] -"
)  # to leave it out says it better
# What stands in place of what; single letters stand for anything, the same letter for the same.
RULES = """
a + b: a - b; a * b; a; b | a - b: a + b; b - a; a / b; a; b | a * b: a / b; a + b; a @ b; a; b |
a / b: a * b; b / a; a - b; a // b; a; b | a // b: a / b; a % b; b // a; a; b |
a % b: a // b; a / b; b % a | a @ b: b @ a; a * b; a; b | a ** b: a |
a ** 2: abs(a); a ** 0.5; 2 * a | -a: a | not a: a | a < b: a <= b; a > b | a <= b: a < b; a >= b |
a > b: a >= b; a < b | a >= b: a > b; a <= b | a == b: a != b; a > b | a != b: a == b |
a and b: a or b; a; b | a or b: a and b; a; b | a if b else c: a; c; c if b else a | a.T: a |
a.mT: a | a.shape: a | a[b]: a | a[b:]: a[:b] | a[:b]: a[b:] | len(a): a.numel(); a.shape[-1] |
torch.linalg.inv(a): 1 / a | a.numel(): len(a) | True: False | False: True |
(a + b) / c: a + b / c | (a - b) / c: a - b / c | a + b / c: (a + b) / c | a - b / c: (a - b) / c |
(a + b) * c: a + b * c | a + b * c: (a + b) * c; b; c | a * b + c: a * (b + c); b; a |
a / (b * c): a / b * c | a / b * c: a / (b * c) | (a - b) ** c: a - b ** c |
a * b ** c: (a * b) ** c | {a for b in c}: [a for b in c] | (a for b in c): (1 for b in c) |
(a for b in c if d): (a for b in c); (a for b in c if not d) |
[a for b in c if d]: [a for b in c]; [a for b in c if not d] | a += b: a -= b; a = b; pass |
a -= b: a += b; a = b; pass | a *= b: a /= b; a = b; pass | a /= b: a *= b; a = b; pass |
a *= b + c: a = a * b + c | a /= b + c: a = a / b + c | a = b: a[:] = b; pass | a = a + b: a += b |
a = a - b: a -= b | a = a * b: a *= b | break: pass | continue: pass
"""
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
            module = ast.Module([_rebuilt(self.tree, changes or {})], [])
            exec(compile(ast.fix_missing_locations(module), "<a change>", "exec"), space)
        except Exception:  # not all that can be written is a program
            return None
        answer: Answer = space[self.tree.name]
        return answer

    def edits(self) -> list[Edit]:
        """Return the changes of one thing, the shortest first."""
        parents = {id(part): node for node in self.nodes for part in ast.iter_child_nodes(node)}
        groups: dict[tuple[str, str], list[tuple[ast.AST, ast.AST]]] = {}
        for node in self.nodes:
            for new in () if _is_place(node, parents) else self._others(node):
                if _text(node) != _text(new) and not RIDDLE.search(
                    _quoted(node, {id(node): new}, parents)[1]
                ):
                    groups.setdefault(_difference(_text(node), _text(new)), []).append((node, new))
        found = [*self._moves()]
        found += [] if self.own else [*self._of_arguments(), *self._loops()]
        for difference, group in groups.items():
            size = min(_size(node, new, difference) for node, new in group)
            both = {id(node): new for node, new in group}
            quoted = {_quoted(node, both, parents) for node in dict(group)}
            wholes = sorted(one for one in quoted if not any(_within(one, o) for o in quoted))
            if len(group) > 1 and len(wholes) <= MANY:
                texts = {(_text(node), _text(new)) for node, new in group}
                same = texts.pop() if len(texts) == 1 else difference
                clear = len(same[0]) > 2 and _is_program(same[0]) and _is_program(same[1])
                found.append(_edit(_in_words(*([same] if clear else wholes)), both, size))
            for node, new in group:
                words = _in_words(_quoted(node, {id(node): new}, parents))
                found.append(_edit(words, {id(node): new}, size))
        return sorted(found, key=lambda edit: edit.size)

    # Expressions

    def _others(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what may stand in place of an expression or a statement."""
        for rule, news in _rules().get(type(node), ()):
            parts: dict[str, ast.AST] = {}
            if _matches(rule, node, parts):
                yield from (_filled(new, parts) for new in news)
        match node:
            case ast.Constant(int(value) | float(value)) if (
                not isinstance(value, bool) and (not self.own or value <= 2)  # no limit is moved
            ):
                others = [value + 1, value - 1, 2 * value, value / 2, 0, 1, -value]
                yield from (_expression(f"{other:g}") for other in others)
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
        if name in FAMILIES[0] and node.keywords:
            yield _with(node, keywords=[*node.keywords, ast.keyword("keepdim", ast.Constant(True))])

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
                over = _expression(f"[*{_text(line.iter)}][{part}]")
                loop = ast.For(line.target, over, line.body, [])
                yield _edit(f"whose loop does its {words} round alone", {id(line): loop}, LONG)

    def _moves(self) -> Iterator[Edit]:
        """Yield that a line stands elsewhere: before another, inside a loop or after it."""
        bodies = [self.tree.body, *(getattr(node, "body", None) for node in self.nodes)]
        blocks = [body for body in bodies if isinstance(body, list)]
        for line, late in itertools.chain(*map(itertools.pairwise, blocks)):
            moved = f"with `{_short(_text(late))}`"
            if isinstance(line, ast.For | ast.While):
                loop = copy.copy(line)
                loop.body = [*line.body, late]
                yield _edit(f"{moved} inside the loop", {id(line): loop, id(late): ast.Pass()})
            elif not isinstance(late, ast.Return):
                before = f"{moved} before `{_short(_text(line))}`"
                yield _edit(before, {id(line): late, id(late): line})
        for line in [node for node in self.nodes if isinstance(node, ast.For | ast.While)]:
            for first in range(1, len(line.body)):
                loop, after = copy.copy(line), line.body[first:]
                loop.body = line.body[:first]
                several = " and what follows" if len(after) > 1 else ""
                words = f"with `{_short(_text(after[0]))}`{several} after the loop"
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


def _quoted(
    node: ast.AST, changes: Mapping[int, New], parents: Mapping[int, ast.AST]
) -> tuple[str, str]:
    """Return what stands there and what might: so much of it that one sees where it is."""
    if isinstance(changes[id(node)], ast.Pass):
        return _short(_text(node)), ""
    whole = node
    while len(_text(whole)) < SHORT and id(whole) in parents and not isinstance(whole, ast.stmt):
        whole = parents[id(whole)]
    texts = _text(whole), _text(_rebuilt(whole, changes))
    shorter = _short(texts[0]), _short(texts[1])
    return shorter if shorter[0] != shorter[1] else texts


def _within(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one != other and one[0] in other[0]


def _size(node: ast.AST, new: ast.AST, difference: tuple[str, str]) -> int:
    """Return how large a change is; to leave something out counts as a smaller one."""
    if isinstance(new, ast.Pass | ast.If):  # a line is left out, or a condition
        return 1
    old_text, new_text = _text(node), _text(new)
    if new_text in old_text:
        return len(old_text) - len(new_text)
    return max(map(len, difference)) + (15 if new_text == f"-{old_text}" else 10)


def _in_words(*pairs: tuple[str, str]) -> str:
    """Say what stands in place of what."""
    old, new = (" and ".join(f"`{text}`" for text in texts) for texts in zip(*pairs, strict=True))
    return f"with {new} in place of {old}" if pairs[0][1] else f"without {old}"


def _finite(value: Any) -> Any:
    """Return a value; raise an error rather than let LAPACK complain on the screen."""
    if isinstance(value, torch.Tensor) and not value.isfinite().all():
        raise ValueError("not finite")
    return value


@functools.cache
def _rules() -> dict[type[ast.AST], list[tuple[ast.AST, list[ast.AST]]]]:
    """Return the rules as trees, by the kind of what they change."""
    rules: dict[type[ast.AST], list[tuple[ast.AST, list[ast.AST]]]] = {}
    for line in RULES.split("|"):
        old, *news = (_tree(text.strip()) for text in re.split(r": |; ", line))
        rules.setdefault(type(old), []).append((old, news))
    return rules


def _tree(text: str) -> ast.AST:
    (line,) = ast.parse(text).body
    return line.value if isinstance(line, ast.Expr) else line


def _matches(rule: Any, node: Any, parts: dict[str, ast.AST]) -> bool:
    """Tell whether code is an example of a rule, and note what the letters stand for."""
    if isinstance(rule, ast.Name) and len(rule.id) == 1:
        return node is not None and _text(parts.setdefault(rule.id, node)) == _text(node)
    if isinstance(rule, list):
        alike = isinstance(node, list) and len(node) == len(rule)
        return alike and all(_matches(*pair, parts) for pair in zip(rule, node, strict=True))
    if not isinstance(rule, ast.AST):
        return bool(type(rule) is type(node) and rule == node)  # True is equal to 1
    fields = ((value, getattr(node, name, None)) for name, value in ast.iter_fields(rule))
    return type(rule) is type(node) and all(_matches(*field, parts) for field in fields)


def _filled(rule: ast.AST, parts: Mapping[str, ast.AST]) -> ast.AST:
    """Return what a rule makes; a statement from its text, as a target is another kind of name."""
    if isinstance(rule, ast.stmt):
        letter = re.compile(r"\b[a-d]\b")
        return _tree(letter.sub(lambda name: f"({_text(parts[name[0]])})", _text(rule)))
    names = [node for node in ast.walk(rule) if isinstance(node, ast.Name) and node.id in parts]
    new: ast.AST = _rebuilt(rule, {id(name): parts[name.id] for name in names})
    return new


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


def _together(node: ast.BinOp) -> Iterator[ast.expr]:
    """Yield a function of both for that of each, and that of each for that of one."""
    left, right = _hole(node.left), _hole(node.right)
    if left and right and _text(left[1](node)) == _text(right[1](node)):
        yield left[1](ast.BinOp(left[0], node.op, right[0]))
    if left:
        yield ast.BinOp(node.left, node.op, left[1](node.right))
    if right:
        yield ast.BinOp(right[1](node.left), node.op, node.right)


def _rebuilt(node: Any, changes: Mapping[int, New]) -> Any:
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
    node = node if isinstance(node, ast.expr) else ast.fix_missing_locations(node)
    return ast.unparse(node).split("\n")[0]


def _short(text: str) -> str:
    """Return code such as can be quoted: with little in its parentheses."""
    if len(text) > LONG:
        text = re.sub(r"\([^()]{9,}\)", "(...)", text)
    return text if len(text) <= LONG else f"{text[: LONG - 4]} ..."


def _difference(old: str, new: str) -> tuple[str, str]:
    """Return what is removed from a text, and what is put there."""
    a, b = ([*re.finditer(r"\w[\w.]*|\*\*|//|\S", text)] for text in (old, new))
    first = _common(a, b)
    last = _common(a[first:][::-1], b[first:][::-1])
    parts = [words[first : len(words) - last] for words in (a, b)]
    removed, added = (
        text[part[0].start() : part[-1].end()] if part else ""
        for text, part in zip((old, new), parts, strict=True)
    )
    return removed, added


def _common(a: list[re.Match[str]], b: list[re.Match[str]]) -> int:
    """Return with how many equal words two texts begin."""
    pairs = zip(a, b, strict=False)
    return len([*itertools.takewhile(lambda pair: pair[0][0] == pair[1][0], pairs)])


def _is_program(text: str) -> bool:
    try:
        return bool(_expression(text))
    except SyntaxError:
        return False

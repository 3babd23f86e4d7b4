"""A program with one thing changed: a wrong answer is so often a right one with a change.

The same changes are made in a solution, to find one that gives what a wrong answer gives, and in
the answer itself, to find one that makes it right.
"""

import ast
import builtins
import copy
import inspect
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from tellwhy.answers import edits, lines
from tellwhy.answers.code import (
    New,
    definition,
    difference,
    is_quoted,
    names_in,
    rebuilt,
    short,
    text,
)
from tellwhy.answers.edits import Edit
from tellwhy.answers.run import CHANGED, Answer
from tellwhy.answers.watch import code_of, space_of

FEW, MANY = 9, 5  # characters quoted at least; places changed at most, if their code differs
RIDDLE = re.compile(  # to leave something out says it better
    r"sqrt\((?:[^()+]|\([^()]*\))* \*\* 2\)|\[:, None\]\.|\*\* 2\) \*\* 0\.5|(?<![\w.])0 [*+-]|"
    r"[-+] -|\b(\w+) [-/] \1\b(?![.\[(])|(\*\* [01]|[*/%] 1|[-+] 0)(?![\w.])"
)
NOTHING = re.compile(r"(.+ =|return) .+\.(append|reverse|sort)\([^()]*\)$")  # is returned
LASTING = ("space", "own", "described", "others", "vectors")  # in a program that is changed
AFTER = " after `"  # the places where it is missing
KINDS = {ast.Pass: "line", ast.If: "condition"}


class Program:
    """The source of a function or a class as a tree, to be changed and run."""

    def __init__(self, function: Answer, body: str = "", *, own: bool = False) -> None:
        """Parse a source, or another body for it; with `own` a learner's, and what it calls.

        Raises:
            OSError: if there is no source that stands alone.
        """
        function, tree = inspect.unwrap(function), copy.copy(definition(function))
        if body:
            tree.body = ast.parse(body if "return" in body else f"return {body}").body
        documented = ast.get_docstring(tree) or ""
        tree.body = tree.body[bool(documented) and len(tree.body) > 1 :]
        tree.decorator_list = tree.decorator_list if own else []
        code, self.space = code_of(function), space_of(function)
        self.others: Sequence[str] = ()  # the arguments that hold no numbers
        self.vectors: Sequence[str] = ()  # those that have one axis, so that `.T` changes nothing
        self.own, self.described = own, {*re.findall(r"\w+", documented)}
        self.definitions: list[Any] = [tree]
        for node in ast.walk(tree) if own else ():  # the learner's own functions that it calls
            other = self.space.get(node.id) if isinstance(node, ast.Name) else None
            its = code_of(other) if inspect.isfunction(other) and other is not function else None
            if its and code and its.co_filename == code.co_filename:
                helper = definition(other)
                self.definitions[:0] = [helper] if helper not in self.definitions else []

    @cached_property
    def code(self) -> str:
        """The program as text."""
        return "\n".join(map(ast.unparse, self.definitions))

    @cached_property
    def nodes(self) -> list[Any]:
        """All nodes that may be changed."""
        return [n for one in self.definitions for line in one.body for n in ast.walk(line)]

    @cached_property
    def parents(self) -> dict[int, Any]:
        """The node in which each node stands."""
        return {id(part): node for node in self.nodes for part in ast.iter_child_nodes(node)}

    @cached_property
    def arguments(self) -> list[str]:
        """The names of the arguments."""
        tree = self.definitions[-1]
        return [one.arg for one in tree.args.args] if isinstance(tree, ast.FunctionDef) else []

    @cached_property
    def names(self) -> list[str]:
        """The names of arguments and variables, also of the functions within."""
        inner = [node.arg for node in self.nodes if isinstance(node, ast.arg)]
        used = [node.id for node in self.nodes if isinstance(node, ast.Name)]
        known = {*self.space, *dir(builtins)} - {*self.arguments}
        return [one for one in dict.fromkeys([*self.arguments, *inner, *used]) if one not in known]

    @cached_property
    def sizes(self) -> list[int]:
        """The whole numbers above 2 that stand in it: how many of one thing make another."""
        values = [getattr(node, "value", None) for node in self.nodes]
        return [*dict.fromkeys(value for value in values if type(value) is int and value > 2)]

    def made(self, edit: Edit | None = None) -> Answer | None:
        """Return the program, with a change made if any, or None where that is no program."""
        space = {**self.space}
        try:
            module = ast.Module((self.after(edit) if edit else self).definitions, [])
            exec(compile(module, CHANGED, "exec"), space)
        except Exception:  # not all that can be written is a program
            return None
        answer: Answer = space[self.definitions[-1].name]
        return answer

    def after(self, edit: Edit) -> "Program":
        """Return the program with a change made, to be changed again."""
        new = copy.copy(self)
        new.__dict__ = {key: vars(self)[key] for key in LASTING}
        new.definitions = [rebuilt(one, edit.changes) for one in self.definitions]
        return new

    @cached_property
    def edits(self) -> list[Edit]:
        """The changes of one thing, the smallest first."""
        groups: dict[tuple[str, str], list[tuple[Any, Any]]] = {}  # the same elsewhere
        for node in self.nodes:
            for new in edits.others(self, node):
                if text(node) != text(new) and not self._is_riddle(node, new):
                    groups.setdefault(self._part(node, new), []).append((node, new))
        further = lines.missing if self.own else edits.of_arguments
        found = [Edit(*one) for one in (*lines.moved(self), *further(self))]
        for part, group in groups.items():
            for node, new in group:
                kind, size = KINDS.get(type(new), "change"), self._size(node, new, part)
                found.append(Edit(kind, [node], {id(node): new}, size))
            both = {id(node): new for node, new in group}
            texts = {(text(node), text(new)) for node, new in group}
            if len(both) > 1 and (len(texts) == 1 or len(both) <= MANY):
                words = None
                if self.own and part[1].startswith(".") and not part[0]:
                    kind, words = "missing", (part[1], AFTER)
                found.append(Edit(kind, [*dict(group)], both, size, words))
        return sorted(filter(self._is_of_use, found), key=lambda edit: edit.size)

    def _is_of_use(self, edit: Edit) -> bool:
        """Tell whether no vector is transposed, which does nothing."""
        news = ((text(n), edit.changes.get(id(n))) for n in edit.nodes if text(n) in self.vectors)
        return not any(isinstance(new, ast.AST) and text(new) == f"{old}.T" for old, new in news)

    def _part(self, node: Any, new: Any) -> tuple[str, str]:
        """Return what an edit removes and adds, by which it is known when it is made elsewhere."""
        if isinstance(new, ast.Raise):
            return "", "raise"
        old, other = text(node), text(new)
        if other.replace("(", "").replace(")", "") == old.replace("(", "").replace(")", ""):
            return "", "()"
        if isinstance(node, ast.Name) and other.startswith(f"{old}."):  # the same of another name
            return "", other[len(old) :]
        if isinstance(new, ast.Name) and old.startswith(f"{other}."):
            return old[len(other) :], ""
        return difference(old, other)

    def _is_riddle(self, node: Any, new: Any) -> bool:
        """Tell whether a change can be said better: as something that is left out."""
        parent = self.parents.get(id(node))
        if isinstance(parent, ast.Compare) and text(node).startswith(f"{text(new)}["):
            return True  # no longer equal to anything, so what is below it is left out
        if isinstance(parent, ast.Subscript) and isinstance(node, ast.Tuple):
            return not isinstance(new, ast.Tuple)  # whole rows in place of entries
        outer = isinstance(node, ast.Constant) or isinstance(parent, ast.Attribute | ast.BinOp)
        if not (outer or "sqrt" in text(getattr(parent, "func", node))):
            parent = None
        whole = rebuilt(parent, {id(node): new}) if parent else new
        return bool(RIDDLE.search(text(whole))) and not RIDDLE.search(text(parent or node))

    def _size(self, node: ast.AST, new: ast.AST, part: Sequence[str]) -> int:
        """Return how large a change is: less if it leaves something out, or puts it elsewhere."""
        # A line is left out, or a condition, or one keeps what is None, or works on a copy.
        copied = text(new).removeprefix(text(node)) in edits.COPIES
        if isinstance(new, ast.Pass | ast.If) or copied or NOTHING.match(text(node)):
            return 1
        if isinstance(new, ast.Call) and len(new.keywords) > len(getattr(node, "keywords", "")):
            return 10
        if text(new) in text(node):
            return 4 + (len(text(node)) - len(text(new))) // 10
        # Larger than a keyword: an operator mends a type that is wrong by accident.
        extra = 11 * (isinstance(node, ast.Name) and not isinstance(new, ast.Name))
        extra += 2 * (isinstance(node, ast.Constant) and not isinstance(node.value, str))
        extra += 5 * (text(new) == f"-{text(node)}")
        modules = {one.rpartition(".")[0] for one in part}
        dotted = len(min(modules)) if len(modules) == 1 else 0  # in front of both names
        moved = [sorted(re.findall(r"\w+|[^\w\s()]", text(one))) for one in (node, new)]
        return min(8 if moved[0] == moved[1] else 999, max(map(len, part)) - dotted) + 10 + extra

    def quoted(self, edit: Edit) -> tuple[str, str, bool]:
        """Return what stands there, what an edit makes of it, and whether a learner knows it.

        Of a solution a learner knows the names of the arguments and those of its description.
        """
        names = {*self.arguments, *self.space, *self.described}
        if edit.words:
            mine, right = edit.words
            if right is AFTER:
                right += "` and after `".join(dict.fromkeys(map(text, edit.nodes))) + "`"
            return mine, right, self.own or all(names_in(node) <= names for node in edit.nodes)
        pairs = [self._wide(node, edit.changes, FEW) for node in edit.nodes]
        known = self.own or all(names_in(one) <= names for pair in pairs for one in pair)
        if len({(text(n), text(edit.changes[id(n)])) for n in edit.nodes}) < len(edit.nodes):
            pairs = [self._wide(node, edit.changes, 0) for node in edit.nodes]
        if not known:
            pairs = [self._wide(node, edit.changes, 999) for node in edit.nodes]
        texts = dict.fromkeys((short(text(old)), short(text(new))) for old, new in pairs)
        whole = {one: rf"(?<!\w){re.escape(one[0])}(?!\w)" for one in texts}
        inner = {a for a, word in whole.items() for b in texts if a != b and re.search(word, b[0])}
        wide = [one for one in texts if one not in inner] or texts
        old, new = ("` and `".join(dict.fromkeys(some)) for some in zip(*wide, strict=True))
        return old, "" if edit.kind == "line" else new, known

    def place(self, edit: Edit, mine: str) -> str:
        """Return in which line of the learner's it stands, where the same stands in others, too."""
        same = [n for n in self.nodes if not isinstance(n, ast.Expr) and is_quoted(n, mine)]
        once = len(same) < 2 or not self.own
        if not once and all(any(n in edit.nodes for n in ast.walk(one)) for one in same):
            return f" at all {len(same)} places" if len(same) > 2 else " at both places"
        node, word = edit.nodes[0] if len(edit.nodes) == 1 else None, "in"
        while node and not once:
            if isinstance(node, ast.stmt):
                if not is_quoted(node, mine):
                    return f" {word} `{short(text(node))}`"
                parent = self.parents.get(id(node))
                word = "in the `else` of" if node in getattr(parent, "orelse", []) else "below"
            node = self.parents.get(id(node))
        return ""

    def _wide(self, node: Any, changes: Mapping[int, New], few: int) -> tuple[Any, Any]:
        """Return so much of what stands there and might that one sees where it is."""
        while parent := self.parents.get(id(node)):
            half = getattr(parent, "func", None) is node  # of a call
            half |= isinstance(node, ast.Tuple) and getattr(parent, "slice", None) is node
            half = (half and few > 0) or isinstance(parent, ast.keyword)
            enough = len(text(node)) >= few and not half
            line = isinstance(node, ast.stmt) or isinstance(parent, ast.arguments)
            outer = self.parents.get(id(parent))
            line |= isinstance(parent, ast.Tuple) and isinstance(outer, ast.stmt)  # one of several
            whole = isinstance(parent, ast.stmt) and len(text(node)) > 3
            whole = few == FEW and (whole or isinstance(parent, ast.comprehension))
            if enough or line or whole:
                break
            node = parent
        return node, rebuilt(node, changes)

"""Code as trees and as text: to change it, to compare it, and to quote it."""

import ast
import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

New = ast.AST | Sequence[ast.AST]  # what stands for a node: another one, or several lines

SHORT, LONG = 9, 70  # characters of code that are quoted: at least and at most


def rebuilt(node: Any, changes: Mapping[int, New]) -> Any:
    """Return a tree with changes, sharing nothing that is changed."""
    new = changes.get(id(node))
    if new is not None:
        changes = {place: other for place, other in changes.items() if place != id(node)}
        if isinstance(new, list):
            return [rebuilt(one, changes) for one in new]
        node = new
    fields: dict[str, Any] = {}
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            fields[name] = []
            for item in value:
                made = rebuilt(item, changes) if isinstance(item, ast.AST) else item
                fields[name] += made if isinstance(made, list) else [made]
        else:
            fields[name] = rebuilt(value, changes) if isinstance(value, ast.AST) else value
    return type(node)(**fields)


def expression(text: str) -> ast.expr:
    """Return the tree of an expression."""
    return ast.parse(text, mode="eval").body


@functools.lru_cache(10_000)
def text(node: ast.AST) -> str:
    """Return the text of code; of a statement with a body its first line."""
    node = node if isinstance(node, ast.expr) else ast.fix_missing_locations(node)
    return ast.unparse(node).split("\n")[0]


def short(text: str) -> str:
    """Return code such as can be quoted: with little in its parentheses."""
    if len(text) > LONG:
        text = re.sub(r"\([^()]{9,}\)", "(...)", text)
    return text if len(text) <= LONG else f"{text[: LONG - 4]} ..."


def quoted(
    node: ast.AST, changes: Mapping[int, New], parents: Mapping[int, ast.AST]
) -> tuple[str, str]:
    """Return what stands there and what might: so much of it that one sees where it is."""
    if isinstance(changes[id(node)], ast.Pass):
        return short(text(node)), ""
    whole = node
    while len(text(whole)) < SHORT and (parent := parents.get(id(whole))):
        if isinstance(whole, ast.stmt) or (isinstance(parent, ast.stmt) and len(text(whole)) > 3):
            break
        whole = parent
    texts = text(whole), text(rebuilt(whole, changes))
    shorter = short(texts[0]), short(texts[1])
    return shorter if shorter[0] != shorter[1] else texts


def in_words(*pairs: tuple[str, str]) -> str:
    """Say what stands in place of what."""
    old, new = (" and ".join(f"`{text}`" for text in texts) for texts in zip(*pairs, strict=True))
    return f"with {new} in place of {old}" if pairs[0][1] else f"without {old}"


def difference(old: str, new: str) -> tuple[str, str]:
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


def is_program(text: str) -> bool:
    """Tell whether a text is an expression by itself."""
    try:
        return bool(expression(text))
    except SyntaxError:
        return False

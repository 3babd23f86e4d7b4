"""Where in the learner's code something happened, and how it is written there."""

import ast
import linecache
import re
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

PACKAGE = str(Path(__file__).parents[1])
LIBRARIES = (
    str(Path(torch.__file__).parent),
    PACKAGE,
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
    "<frozen",
)


class Site(NamedTuple):
    """A place in code: what Python was executing, and its line."""

    code: CodeType
    instruction: int
    line: int


@cache
def _is_library(path: str) -> bool:
    return path.startswith(LIBRARIES)


def frames(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield the learner's frames from a frame outwards: those outside PyTorch and libraries."""
    while frame:
        if not _is_library(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def here() -> Site | None:
    """Return the place in the learner's code from which this is being called."""
    frame: FrameType | None = sys._getframe(1)
    while frame and _is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame and Site(frame.f_code, frame.f_lasti, frame.f_lineno)


def in_words(site: Site | None, block: CodeType | None = None) -> str:
    """Return "line 5", with the function or file where it is not in the watched block's own code."""
    if site is None:
        return ""
    name, file = site.code.co_name, site.code.co_filename
    if site.code is block or (name == "<module>" and block and block.co_filename == file):
        return f"line {site.line}"
    inside = f"`{name}`" if name != "<module>" else Path(file).name
    return f"line {site.line}, in {inside}"


def source(site: Site | None) -> str:
    """Return the line as it is written, where its file can be read."""
    return linecache.getline(site.code.co_filename, site.line).strip() if site else ""


def parts(site: Site | None) -> list[str]:
    """Return the expression that was executed at a place, then its operands, as they are written.

    The operands of `a - b` are `a` and `b`, those of `f(a, b)` as well, those of `a.f(b)` too.
    """
    expression = _expression(site) if site else None
    match expression:
        case ast.BinOp():
            operands: list[ast.expr] = [expression.left, expression.right]
        case ast.Call(func=ast.Attribute(value=ast.Name() as owner), args=[only]) if (
            owner.id not in {"F", "torch", "nn"}
        ):
            operands = [owner, only]
        case ast.Call():
            operands = [*expression.args, *(word.value for word in expression.keywords)]
        case _:
            return []
    return [ast.unparse(part) for part in (expression, *operands)]


def _expression(site: Site) -> ast.expr | None:
    positions = list(site.code.co_positions())[site.instruction // 2]
    first, last, start, end = positions
    if first is None or last is None or start is None or end is None:
        return None
    lines = [linecache.getline(site.code.co_filename, n) for n in range(first, last + 1)]
    raw = [line.encode() for line in lines]  # columns count bytes
    if not all(raw):
        return None
    raw[-1] = raw[-1][:end]
    raw[0] = raw[0][start:]
    try:
        return ast.parse(b"(" + b"".join(raw) + b")", mode="eval").body
    except (SyntaxError, ValueError):
        return None


def name_of(tensor: Tensor, frame: FrameType | None) -> str:
    """Return what a tensor is called where the learner's code stands, or an empty text."""
    for at in frames(frame):
        for scope in (at.f_locals, at.f_globals):
            for key, value in list(scope.items()):
                if not key.startswith("_") and key != "self" and (found := _within(value, tensor)):
                    return f"{key}{found}".removesuffix(".")
    return ""


def _within(value: Any, tensor: Tensor) -> str:
    """Return how a tensor is reached from a value: "." if it is the value itself, else its path."""
    if value is tensor:
        return "."
    if isinstance(value, nn.Module):
        for name, parameter in value.named_parameters():
            if parameter is tensor:
                return re.sub(r"\.(\d+)(?=\.)", r"[\1]", f".{name}")
    elif type(value) in (list, tuple) and len(value) <= 100:
        return next((f"[{i}]" for i, part in enumerate(value) if part is tensor), "")
    elif type(value) is dict and len(value) <= 100:
        return next((f"[{key!r}]" for key, part in value.items() if part is tensor), "")
    return ""

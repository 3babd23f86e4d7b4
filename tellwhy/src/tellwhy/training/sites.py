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

LIBRARIES = (
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
    *(str(Path(file).parent) for file in (torch.__file__, Path(__file__).parent)),
    "<frozen",
)


class Site(NamedTuple):
    """A place in code: what Python was executing, and its line."""

    code: CodeType
    instruction: int
    line: int

    def __str__(self) -> str:
        """Return the line in words, with the function where there is one."""
        name = self.code.co_name
        return f"line {self.line}" + (f", in `{name}`" if name.isidentifier() else "")


@cache
def _is_library(path: str) -> bool:
    return path.startswith(LIBRARIES)


def _frames() -> Iterator[FrameType]:
    """Yield the frames of the learner's code, outside all libraries, that led here."""
    frame: FrameType | None = sys._getframe(1)
    while frame:
        if not _is_library(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def here() -> Site | None:
    """Return the place in the learner's code that led here."""
    frame: FrameType | None = sys._getframe(1)
    while frame and _is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame and Site(frame.f_code, frame.f_lasti, frame.f_lineno)


def operands(site: Site | None) -> tuple[str, list[str]]:
    """Return the expression that was executed at a place, and its operands, as they are written.

    The operands of `a - b` are `a` and `b`, those of `f(a, b)` too; of other code there are none.
    """
    first, last, start, end = (
        [*site.code.co_positions()][site.instruction // 2] if site else [None] * 4
    )
    if site is None or first is None or last is None:
        return "", []
    lines = [linecache.getline(site.code.co_filename, n) for n in range(first, last + 1)]
    raw = [line.encode() for line in lines]  # columns count bytes
    raw[-1] = raw[-1][:end]
    raw[0] = raw[0][start:]
    try:
        match ast.parse(b"(" + b"".join(raw) + b")", mode="eval").body:
            case ast.BinOp(left=left, right=right) as whole:
                return ast.unparse(whole), [ast.unparse(left), ast.unparse(right)]
            case ast.Call(args=args, keywords=words) as whole:
                inside = [*args, *(word.value for word in words)]
                return ast.unparse(whole), [ast.unparse(part) for part in inside]
    except SyntaxError:  # the file is another by now, or cannot be read
        pass
    return "", []


def name_of(tensor: Tensor) -> str:
    """Return what a tensor is called where the learner's code stands, or an empty text."""
    for frame in _frames():
        for key, value in [*frame.f_locals.items(), *frame.f_globals.items()]:
            if key[0] != "_" and key != "self" and (within := _within(value, tensor)):
                return f"{key}{within}".rstrip(".")
    return ""


def _within(value: Any, tensor: Tensor) -> str:
    """Return how a tensor is reached from a value: "." where it is the value, "" where not."""
    if value is tensor:
        return "."
    if isinstance(value, nn.Module):
        names = [name for name, part in value.named_parameters() if part is tensor]
        return re.sub(r"\.(\d+)(?=\.)", r"[\1]", f".{names[0]}") if names else ""
    if type(value) in (list, tuple) and len(value) <= 100:
        return next((f"[{i}]" for i, part in enumerate(value) if part is tensor), "")
    return ""

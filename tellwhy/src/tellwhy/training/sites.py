"""Where in the learner's code something happened, and how it is written there."""

import ast
import linecache
import re
import sys
import sysconfig
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


def _outside(frame: FrameType | None) -> FrameType | None:
    """Return the first frame from here outwards that is the learner's code, outside libraries."""
    while frame and _is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def here() -> Site | None:
    """Return the place in the learner's code that led here."""
    frame = _outside(sys._getframe(1))
    return frame and Site(frame.f_code, frame.f_lasti, frame.f_lineno)


def operands(site: Site | None) -> tuple[str, list[str]]:
    """Return the expression that was executed at a place, and its operands, as they are written.

    The operands of `a - b` are `a` and `b`, those of `f(a, b)` too; of other code there are none.
    """
    if site is None:
        return "", []
    position = [*site.code.co_positions()][site.instruction // 2]
    try:
        tree = ast.parse("".join(linecache.getlines(site.code.co_filename)))
    except SyntaxError:  # the file is another by now, or cannot be read
        return "", []
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.BinOp | ast.Call)):
        if position == (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset):
            parts = [node.left, node.right] if isinstance(node, ast.BinOp) else [*node.args]
            parts += [word.value for word in getattr(node, "keywords", [])]
            return ast.unparse(node), [ast.unparse(part) for part in parts]
    return "", []


def name_of(tensor: Tensor) -> str:
    """Return what a tensor is called where the learner's code stands, or an empty text."""
    frame = _outside(sys._getframe(1))
    while frame:
        for key, value in [*frame.f_locals.items(), *frame.f_globals.items()]:
            if key[0] != "_" and key != "self" and (within := _within(value, tensor)):
                return f"{key}{within}".rstrip(".")
        frame = _outside(frame.f_back)
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

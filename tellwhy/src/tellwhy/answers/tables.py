"""The data of this room: what is said, what is tried, and what its expressions give."""

import math
import operator
import re
import statistics
import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from types import CodeType
from typing import Any

from tellwhy.answers.compare import alike, flat
from tellwhy.finding import Catalogue

_FILES = resources.files("tellwhy.answers")
SAID = Catalogue(tomllib.loads((_FILES / "sentences.toml").read_text("utf-8")))
SLIPS: dict[str, Any] = tomllib.loads((_FILES / "slips.toml").read_text("utf-8"))
_KNOWN: dict[str, Any] = {"math": math, "re": re, "statistics": statistics}
_KNOWN |= {"operator": operator, "Counter": Counter}
_KNOWN |= {"flat": flat, "alike": alike, "N": r"\d+(\.\d+)?"}  # a number in a text


def value_of(text: str, /, **names: Any) -> Any:
    """Return what an expression gives; None where it does not apply.

    Example:
        >>> value_of("len(x) + 1", x="abc"), value_of("len(x)", x=3)
        (4, None)
    """
    try:
        return eval(_code(text), {**_KNOWN, **names})
    except Exception:  # of a kind to which it does not apply
        return None


@cache
def _code(text: str) -> CodeType:
    return compile(text, "<an expression>", "eval")

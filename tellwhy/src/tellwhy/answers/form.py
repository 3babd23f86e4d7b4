"""Is it the form of a result that is wrong: its kind, its shape, how many there are?"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import GeneratorType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tellwhy.answers.evidence import Evidence, Finding, Raised
from tellwhy.answers.judge import alike, numbers, same
from tellwhy.show import shape_in_words

Formed = tuple[Any, str, str]  # a result in another form, what was wrong, and a sentence on it
SINGLE: dict[str, Callable[[Any], Any]] = {  # what is asked for of a collection
    "Return its first element alone.": lambda values: values[0],
    "Take their mean.": lambda values: numbers(values).double().mean(),  # type: ignore[union-attr]
    "Take their sum.": lambda values: numbers(values).sum(),  # type: ignore[union-attr]
    "Return its length.": len,
    "Return its last element alone.": lambda values: values[-1],
}


def formed(evidence: Evidence) -> tuple[Evidence, list[Finding]]:
    """Return results in the form that is asked for, and what was wrong with it, if always so."""
    rows = zip(evidence.results, evidence.wanted, evidence.calls, strict=True)
    forms = [
        (got, "right", "")
        if isinstance(got, Raised) or same(got, right)
        else _form(got, right, evidence, one.notes)
        for got, right, one in rows
    ]
    wrong = [form for form in forms if form[1] != "right"]
    kinds = {name for _, name, _ in wrong}
    if kinds == {"several numbers", "shape"}:  # several, be it of one row
        wrong.sort(key=lambda form: form[1] == "shape")
    elif len(kinds) != 1 or not wrong[0][1]:
        return evidence, []
    results, (_, name, sentence) = [value for value, _, _ in forms], wrong[0]
    for advice, single in SINGLE.items() if name.startswith("several") else ():
        try:
            singles = [single(value) for value, name, _ in forms if name != "right"]
        except Exception:  # no numbers, or no length
            continue
        pairs = zip(evidence.wanted, forms, strict=True)
        rights = [right for right, (_, name, _) in pairs if name != "right"]
        if all(map(alike, singles, rights)):
            return evidence, [Finding(advice.split()[2].strip("."), f"{sentence} {advice}")]
    return replace(evidence, results=results), [Finding(name, sentence)]


def only_shapes(evidence: Evidence) -> bool:
    """Tell whether of several results the values are right, and only shapes are wrong."""
    for got, right in zip(evidence.results, evidence.wanted, strict=True):
        if not evidence.parts or not isinstance(got, tuple | list) or len(got) != len(right):
            return False
        pairs = [(numbers(a), numbers(b)) for a, b in zip(got, right, strict=True)]
        if any(a is None or b is None or a.numel() != b.numel() for a, b in pairs):
            return False
        if not all(alike(a.reshape(b.shape), b) for a, b in pairs):  # type: ignore[union-attr]
            return False
    return True


def _form(got: Any, right: Any, evidence: Evidence, notes: str) -> Formed:
    if isinstance(right, dict):
        return got, "", ""
    none = "This is None." if evidence.path else "The function returned None. Is a return missing?"
    truth = got.dtype == torch.bool if isinstance(got, Tensor) else isinstance(got, bool | np.bool)
    kinds = [
        (got is None and "printed" in notes, "printed", "It prints its result. Return it."),
        (got is None, "nothing returned", none),
        (isinstance(got, str), "text", "This is text (a str), not a number."),
        (inspect.isroutine(got), "not called", "This is a function: the parentheses are missing."),
        (isinstance(got, GeneratorType), "generator", "This is a generator: its loop never ran."),
        (right is None, "something returned", "Something is returned. Return nothing."),
        (truth and not isinstance(right, bool), "truth value", "This is True or False, no number."),
    ]
    for holds, name, sentence in kinds:
        if holds:
            return got, name, sentence
    return _several(got, right, evidence.parts) if isinstance(right, tuple) else _single(got, right)


def _several(got: Any, right: tuple[Any, ...], parts: Sequence[str]) -> Formed:
    """Look at what came where several results, in a tuple, are asked for."""
    if not parts:  # what is observed, and made by the exercise itself
        return got, "", ""
    names, values = ", ".join(parts), numbers(got)
    wanted = f"Return `{names}`, with commas between."
    if isinstance(got, tuple | list) and len(got) == len(right):
        if alike(tuple(got), right[::-1]):
            sentence = f"The results are exchanged: return `{names}`, in this order."
            return right, "results exchanged", sentence
        for name, one, part in zip(parts, got, right, strict=True):
            _, kind, sentence = _single(one, part)
            if kind and alike(got, right):
                return right, kind, f"`{name}`: {sentence}"
        return got, "", ""
    if isinstance(got, dict | set):
        keys = parts if {*got} == {*parts} else [*got]
        results = [got[key] for key in keys] if isinstance(got, dict) else [*got]
        return tuple(results), "not a tuple", f"This is a {type(got).__name__}. {wanted}"
    for name, part in zip(parts, right, strict=True):
        if alike(got, part):
            return got, f"only {name}", f"Only `{name}` is returned. {wanted}"
    flat = [part for part in map(numbers, right) if part is not None]
    sizes = [part.numel() for part in flat]
    if values is not None and len(flat) == len(right) and values.numel() == sum(sizes):
        pieces = zip(torch.split(values.flatten(), sizes), flat, strict=True)
        shaped = tuple(piece.reshape(part.shape) for piece, part in pieces)
        return shaped, "in one piece", f"All is in one piece. {wanted}"
    number = f"{len(got)} results" if isinstance(got, tuple | list) else "one result"
    return got, "number of results", f"This is {number}, not {len(right)}. {wanted}"


def _single(got: Any, right: Any) -> Formed:
    """Look at what came where one result is asked for."""
    came, wanted = numbers(got), numbers(right)
    collection = isinstance(got, dict | set | tuple | list) and type(got) is not type(right)
    if collection and (came is None or wanted is None or came.shape != wanted.shape):
        values = [*got.values()] if isinstance(got, dict) else [*got]
        sentence = f"This is a {type(got).__name__}, and one result is asked for."
        return values, f"several, in a {type(got).__name__}", sentence
    if came is None or wanted is None or not came.numel():
        return got, "", ""
    if isinstance(right, Tensor) and right.ndim and not isinstance(got, Tensor):
        return came, "not a tensor", f"This is a {type(got).__name__}. Return a tensor."
    if came.shape == wanted.shape or (wanted.ndim == 2 and came.shape == wanted.mT.shape):
        return got, "", ""
    shapes = f"this is {shape_in_words(came.shape)}, not {shape_in_words(wanted.shape)}"
    if came.numel() == wanted.numel():
        value = came.reshape(wanted.shape)
        wrong = "not" if alike(value, right) else "wrong"
        start = "The values are right, the" if alike(value, right) else "The"
        return value, "shape", f"{start} shape is {wrong}: {shapes}."
    name = "several numbers" if wanted.numel() == 1 else ""
    return got, name, "These are several numbers, and one is asked for."

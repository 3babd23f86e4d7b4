"""Is it the form of a result that is wrong: its kind, its shape, how many there are?"""

import inspect
from types import GeneratorType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from d2lhelpers.exercises.evidence import Evidence, Finding, Raised
from d2lhelpers.exercises.show import shape_in_words
from d2lhelpers.exercises.values import alike, close, numbers


def form(evidence: Evidence) -> Finding | None:
    """Return what is wrong with the form of a result, if it is so in every call that is wrong."""
    found = [
        _form(got, right, evidence.parts, call.notes)
        for got, right, call, wrong in zip(
            evidence.results, evidence.wanted, evidence.calls, evidence.wrong, strict=True
        )
        if wrong
    ]
    first = found[0]
    if first is None or any(other is None or other.name != first.name for other in found):
        return None
    return first


def _form(got: Any, right: Any, parts: Any, notes: str) -> Finding | None:
    if isinstance(got, Raised):
        return None
    if got is None and right is not None:
        if "printed" in notes:
            return Finding(
                "printed", "The function prints, and returns nothing: return the result."
            )
        return Finding("nothing returned", "The function returned None. Is a return missing?")
    if isinstance(got, str):
        return Finding("text", "This is text (a str), not a number.")
    if inspect.isroutine(got):
        return Finding("not called", "This is a function that was not called: parentheses miss.")
    if isinstance(got, GeneratorType):
        return Finding("generator", "This is a generator: the loop in it was never run.")
    truth = got.dtype == torch.bool if isinstance(got, Tensor) else isinstance(got, bool | np.bool)
    if truth and not isinstance(right, bool):
        return Finding("truth value", "This is True or False, not a number.")
    if isinstance(right, tuple):
        return _several(got, right, parts)
    if isinstance(right, dict):
        return None
    if right is None:
        return Finding("something returned", "Something is returned. Return nothing.")
    return _single(got, right)


def _several(got: Any, right: tuple[Any, ...], parts: Any) -> Finding | None:
    names = ", ".join(parts)
    if isinstance(got, dict | set):
        kind = type(got).__name__
        return Finding("not a tuple", f"This is a {kind}. Return `{names}`, with commas between.")
    if isinstance(got, tuple | list):
        if len(got) == len(right):
            turned = len(right) > 1 and alike(tuple(got), right[::-1])
            sentence = f"The results are exchanged: return `{names}`, in this order."
            return Finding("results exchanged", sentence) if turned else None
        sentence = f"It returned {len(got)} results and should return {len(right)}: `{names}`."
        return Finding("number of results", sentence)
    for name, part in zip(parts, right, strict=True):
        if alike(got, part):
            sentence = f"Only `{name}` is returned. Return `{names}`, with commas between."
            return Finding(f"only {name}", sentence)
    values = numbers(got)
    flat = [numbers(part) for part in right]
    if values is not None and all(part is not None for part in flat):
        joined = torch.cat([part.flatten().double() for part in flat if part is not None])
        if values.numel() == joined.numel() and close(values.flatten().double(), joined):
            sentence = f"All is in one piece. Return {len(right)} results: `{names}`."
            return Finding("in one piece", sentence)
    sentence = f"This is one result, and there should be {len(right)}: `{names}`."
    return Finding("number of results", sentence)


def _single(got: Any, right: Any) -> Finding | None:
    if isinstance(got, tuple | list) and len(got) and alike(got[0], right) and len(got) > 1:
        return Finding("more returned", "The right result comes with others. Return it alone.")
    if isinstance(got, tuple) and len(got) == 1 and alike(got[0], right):
        return Finding("wrapped", "The result is wrapped in a tuple, by a comma or parentheses.")
    values, wanted = numbers(got), numbers(right)
    if values is None or wanted is None:
        return None
    if isinstance(got, tuple | list) and wanted.ndim == 0:
        kind = "tuple" if isinstance(got, tuple) else "list"
        return Finding("several numbers", f"This is a {kind}, and one number is asked for.")
    if alike(got, right):  # a tensor was asked for
        kind = {"list": "a list", "ndarray": "a NumPy array"}.get(type(got).__name__, "no tensor")
        return Finding(
            "not a tensor", f"The values are right, but this is {kind}. Return a tensor."
        )
    turned = values.ndim == 2 and values.shape == wanted.mT.shape
    if values.shape == wanted.shape or values.numel() != wanted.numel() or turned:
        return None
    if not close(values.flatten().double(), wanted.flatten().double()):
        return None
    is_, should = shape_in_words(values.shape), shape_in_words(wanted.shape)
    sentence = f"The values are right, the shape is not: this is {is_}, not {should}."
    return Finding("shape", sentence)

"""Is it the form of a result that is wrong: its kind, its shape, how many there are?"""

import inspect
from collections.abc import Sequence
from dataclasses import replace
from types import GeneratorType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from d2lhelpers.exercises.evidence import Evidence, Finding, Raised
from d2lhelpers.exercises.judge import alike, close, numbers, same
from d2lhelpers.exercises.show import shape_in_words

Formed = tuple[Any, str, str]  # a result in another form, what was wrong, and a sentence on it


def formed(evidence: Evidence) -> tuple[Evidence, list[Finding]]:
    """Return results in the form that is asked for, and what was wrong with it, if always so."""
    rows = zip(evidence.results, evidence.wanted, evidence.calls, strict=True)
    found = [
        None if same(got, right) else _form(got, right, evidence.parts, one.notes)
        for got, right, one in rows
    ]
    forms = [form for form in found if form]
    if len({name for _, name, _ in forms}) != 1 or not forms[0][1]:
        return evidence, []
    results = [form[0] if form else got for form, got in zip(found, evidence.results, strict=True)]
    _, name, sentence = forms[0]
    if all(got is new for got, new in zip(evidence.results, results, strict=True)):
        return evidence, [Finding(name, sentence)]
    return replace(evidence, results=results), [Finding(name, sentence)]


def _form(got: Any, right: Any, parts: Sequence[str], notes: str) -> Formed:
    if isinstance(got, Raised) or isinstance(right, dict):
        return got, "", ""
    truth = got.dtype == torch.bool if isinstance(got, Tensor) else isinstance(got, bool | np.bool)
    kinds = [
        (got is None and "printed" in notes, "printed", "It prints its result. Return it."),
        (got is None, "nothing returned", "The function returned None. Is a return missing?"),
        (isinstance(got, str), "text", "This is text (a str), not a number."),
        (inspect.isroutine(got), "not called", "This is a function: the parentheses are missing."),
        (isinstance(got, GeneratorType), "generator", "This is a generator: its loop never ran."),
        (right is None, "something returned", "Something is returned. Return nothing."),
        (truth and not isinstance(right, bool), "truth value", "This is True or False, no number."),
    ]
    for holds, name, sentence in kinds if got is not right else []:
        if holds:
            return got, name, sentence
    return _several(got, right, parts) if isinstance(right, tuple) else _single(got, right)


def _several(got: Any, right: tuple[Any, ...], parts: Sequence[str]) -> Formed:
    names = ", ".join(parts)
    return_them = f"Return `{names}`, with commas between."
    if isinstance(got, dict | set):
        values = tuple(got.values()) if isinstance(got, dict) else got
        return values, "not a tuple", f"This is a {type(got).__name__}. {return_them}"
    if isinstance(got, tuple | list):
        if len(got) != len(right):
            sentence = f"It returned {len(got)} results and should return {len(right)}: `{names}`."
            return got, "number of results", sentence
        if len(right) > 1 and alike(tuple(got), right[::-1]):
            sentence = f"The results are exchanged: return `{names}`, in this order."
            return right, "results exchanged", sentence
        return got, "", ""
    for name, part in zip(parts, right, strict=True):
        if alike(got, part):
            return got, f"only {name}", f"Only `{name}` is returned. {return_them}"
    values, flat = numbers(got), [numbers(part) for part in right]
    sizes = [part.numel() for part in flat if part is not None]
    if values is not None and len(sizes) == len(flat) and values.numel() == sum(sizes):
        pieces = values.flatten().split(sizes)
        shaped = tuple(
            piece.reshape(part.shape)
            for piece, part in zip(pieces, flat, strict=True)
            if part is not None
        )
        return shaped, "in one piece", f"All is in one piece. {return_them}"
    sentence = f"This is one result, and there should be {len(right)}: `{names}`."
    return got, "number of results", sentence


def _single(got: Any, right: Any) -> Formed:
    wanted = numbers(right)
    if isinstance(got, tuple | list) and len(got) == 1 and not isinstance(right, list):
        sentence = f"The result is wrapped in a {type(got).__name__}, by a comma or brackets."
        if wanted is not None and wanted.shape[:1] != (1,):
            return got[0], "wrapped", sentence
    several = isinstance(got, dict | set | tuple | list) and type(got) is not type(right)
    values = [*(got.values() if isinstance(got, dict) else got)] if several else []
    if any(alike(value, right) for value in values):
        return got, "more returned", "The right result comes with others. Return it alone."
    if several and (wanted is None or not wanted.ndim):
        kind = type(got).__name__
        sentence = f"This is a {kind}, and one result is asked for."
        total = sum(part for part in map(numbers, values) if part is not None)
        for more, single in (("length", len(values)), ("sum", total)):
            if alike(single, right):
                return got, f"{kind} with the {more}", f"{sentence} Return its {more}."
        return got, f"a {kind}", sentence
    came = numbers(got)
    if came is None or wanted is None or not came.numel():
        return got, "", ""
    if isinstance(right, Tensor) and right.ndim and not isinstance(got, Tensor):
        sentence = f"This is a {type(got).__name__}, and a tensor is asked for."
        return came, "not a tensor", sentence
    if came.shape == wanted.shape or (wanted.ndim == 2 and came.shape == wanted.mT.shape):
        return got, "", ""
    is_, should = shape_in_words(came.shape), shape_in_words(wanted.shape)
    if came.numel() == wanted.numel():
        value = came.reshape(wanted.shape)
        right_are = "The values are right, the" if close(value.double(), wanted) else "The"
        return value, "shape", f"{right_are} shape is not: this is {is_}, not {should}."
    if wanted.numel() == 1:
        for name, single in (("mean", came.double().mean()), ("sum", came.sum())):
            if close(single.reshape(wanted.shape), wanted):
                return got, f"no {name}", f"These are several numbers. Take their {name}."
    return got, "", ""

"""Is it the form of a result that is wrong: its kind, its shape, how many there are?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tellwhy.answers.compare import (
    LISTS,
    WHOLE,
    Observed,
    Raised,
    alike,
    as_printed,
    flat,
    kind,
    numbers,
    plain,
    same,
    unlike,
    will_do,
)
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.tables import SAID, SLIPS, value_of
from tellwhy.finding import Finding
from tellwhy.show import shape_in_words

Formed = tuple[Any, Finding | None]  # a result in the form that is asked for; what was wrong
# What a result of another kind is made into.
MADE = ("float(x)", "{*x}", "[*x]", "eval(x, {})", "str(x)", "''.join(x)", "dict(x)")
COUNTS = ("several", "single")  # how many numbers: where it is one, a shape alone can be wrong
RIGHT = " Its values are right."


def formed(evidence: Evidence) -> tuple[Evidence, list[Finding], bool]:
    """Return results in the form that is asked for, what was wrong, and whether that is all.

    Something is told where it is true of all results that are wrong. It is all that can be said
    where the results cannot be put into another form.
    """
    code = evidence.trial.program.code if evidence.trial.program else ""
    means_none = "return" in code and any(right is None for right in evidence.wanted)
    prints = any(one.notes.printed for one in evidence.calls)  # if not for all inputs

    def form(got: Any, right: Any, printed: bool = False) -> Formed:
        ready = isinstance(got, Raised) or isinstance(right, Raised | Observed) or same(got, right)
        ready |= got is None and means_none
        printed |= got is None and prints
        return (got, None) if ready else _form(got, right, evidence, printed)

    rows = [*zip(evidence.results, evidence.wanted, evidence.calls, strict=True)]
    forms = [form(got, right, bool(one.notes.printed)) for got, right, one in rows]
    wrong = [k for k, (got, right, _) in enumerate(rows) if not same(got, right)]
    found = [forms[k][1] for k in wrong if not isinstance(rows[k][0], Raised)]
    found = found if len(found) >= len(wrong) / 2 else []  # or most raised errors
    names = {finding.name if finding else "" for finding in found}
    finding = next((one for one in found if one and one.name in COUNTS), found and found[0])
    if not finding or names not in ({finding.name}, *({one, "shape"} for one in COUNTS)):
        return evidence, [], False
    if finding.name == "single":
        return evidence, [finding], False
    if finding.name == "several":
        lists = [numbers(rows[k][0]) for k in wrong]
        for cure, advice in SLIPS["cures"].items():
            singles = [value_of(cure, x=one.values) if one else None for one in lists]
            if all(alike(one, rows[k][1]) for one, k in zip(singles, wrong, strict=True)):
                return evidence, [SAID.finding("several", cure=advice)], True
    if finding.name in {"kind", "shape"}:  # what is said of most
        labels = [one.label for one in found if one]
        most = max(labels, key=labels.count)  # of these the one that is true of all
        alone = [one for one in found if one and one.label == most]
        finding = min(alone, key=lambda one: one.quoted.get("said", ""))
    new = replace(evidence, results=[value for value, _ in forms], form=lambda *of: form(*of)[0])
    other = finding.name == "kind" and not new.pairs
    kept = all(value is got for (value, _), (got, _, _) in zip(forms, rows, strict=True))
    return new, [finding], any(new.wrong) and (kept or other)


def _form(got: Any, right: Any, evidence: Evidence, printed: bool) -> Formed:
    """Return a result in the form of the right one, and what is wrong with its own, if anything."""
    came, wanted = kind(got), kind(right)
    for holds, name in (
        (got is None and printed, "printed"),
        (got is None and evidence.part is None, "nothing_returned"),
        (got is None, "none_part"),
        (came == "function", "not_called"),
        (printed and _lacks_values(got, right), "printed"),
        (wanted == "printed text" and came == "text", "not_printed"),
    ):
        if holds:
            return as_printed(got) if name == "not_printed" else got, SAID.finding(name)
    parts = evidence.trial.known.of.parts if evidence.part is None else ()
    if wanted == "tuple" and parts:
        return _parts(got, right, parts)
    if came == "iterator" != wanted:
        return [*got], SAID.finding("iterator", wanted=wanted)
    a, b = numbers(got), numbers(right)
    as_wanted, are_right = will_do(came, wanted), alike(got, right)
    if as_wanted and (pair := unlike(got, right)):
        values = (one.values() if came == "dict" else one for one in (got, right))
        single = all({*map(kind, value)} == {one} for value, one in zip(values, pair, strict=True))
        inner, asked = (
            f"{word} of {one}{'s' * (one != 'None')}" if single else f"{word} with {_a(one)} in it"
            for word, one in zip((came, wanted), pair, strict=True)
        )
        firsts = single and alike(value_of("[one[0] for one in x]", x=got), right)
        said = RIGHT if are_right else " Take the first of each." if firsts else ""
        if single or are_right:
            return got, _kind(inner, asked, said)
    if not a or not b:
        return (got, None) if as_wanted else _made(got, right)
    if (a.kind == "truth") != (b.kind == "truth"):
        words = ("truth value", "number")
        return got, _kind(*words) if a.kind == "truth" else _kind(*words[::-1])
    if a.shape == b.shape:
        return got, None if as_wanted else _kind(came, wanted, RIGHT if are_right else "")
    if not a.values or wanted in LISTS or a.shape == b.shape[::-1]:
        return got, None if as_wanted or wanted not in LISTS else _kind(came, wanted)
    if len(a.values) == len(b.values):
        value = _reshaped(a.values, b.shape)
        start = (
            "The values are right, the shape" if alike(value, right) else "The shape of your result"
        )
        shapes = {"got": shape_in_words(a.shape), "wanted": shape_in_words(b.shape)}
        return value, SAID.finding("shape", {**shapes, "start": start})
    if not a.shape:
        return got, SAID.finding("single", {"wanted": shape_in_words(b.shape)})
    return got, SAID.finding("several", cure="") if len(b.values) == 1 else None


def _lacks_values(got: Any, right: Any) -> bool:
    """Tell whether all that is wrong in lists is that there is None in places of values."""
    pairs = [*zip(flat(got), flat(right), strict=False)]
    return isinstance(got, list | tuple) and any(a is None and b is not None for a, b in pairs)


def _made(got: Any, right: Any) -> Formed:
    """Look whether a result of another kind is the right one, made into its kind."""
    came, wanted = kind(got), kind(right)
    for made in MADE if came != "truth value" else ():
        value = value_of(made, x=plain(got))
        if value is not None and alike(value, right):
            said = " Its keys are right." if came == "dict" else " Its value is right."
            said = " Make a set of it." if made == "{*x}" else said
            said = " `''.join(...)` makes the right text of it." if "join" in made else said
            said = " `{}` makes a dict; `set()` makes an empty set." if got == {} else said
            return right, _kind(came, wanted, said)
    return got, _kind(came, wanted)


def _kind(came: str, wanted: str, said: str = "") -> Finding:
    if (came, wanted) == (WHOLE, "tensor"):
        wanted = "tensor of floating-point numbers"
    words = {"mine": _a(came), "right": _a(wanted), "said": said}
    return SAID.finding("kind", words, got=came, wanted=wanted)


def _a(word: str) -> str:
    """Return a kind with its article."""
    return word if word in {"None", "printed text"} else f"a{'n' * (word[0] in 'aeio')} {word}"


def _reshaped(values: Sequence[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return values[0]
    step = len(values) // (shape[0] or 1)
    return [_reshaped(values[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def _parts(got: Any, right: tuple[Any, ...], parts: Sequence[str]) -> Formed:
    """Look at what came where several results, in a tuple, are asked for."""
    names = ", ".join(parts)
    if isinstance(got, tuple | list) and len(got) == len(right):
        for name, one, part in zip(parts, got, right, strict=True):
            if not same(one, part) and alike(one, part):
                found = _kind(kind(one), kind(part), " Its value is right.")
                return right, replace(found, sentence=f"`{name}`: {found.sentence}")
        return got, None
    number = f"{len(got)} results" if isinstance(got, tuple | list) else "one result"
    return got, SAID.finding("number_of_results", got=number, wanted=str(len(right)), names=names)

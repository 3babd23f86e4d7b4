"""What the results that went wrong hold that right ones do not, or lack."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

from tellwhy.answers.code import short, text
from tellwhy.answers.compare import Raised, plain
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.lines import skipping
from tellwhy.answers.tables import SAID, SLIPS, value_of
from tellwhy.finding import Finding
from tellwhy.show import show

# More pairs of characters than these are chance: on other inputs right results would have them.
PAIRS = 2
FEW, MOST = 4, 0.6  # pieces that are shown; of the wrong results at least that have some


def never(evidence: Evidence) -> Finding | None:
    """Return which pieces right results have and none that came, or the other way round."""
    more = evidence.extended
    is_listed = all(isinstance(one, str | list | set | tuple) for one in more.wanted)
    if not is_listed or any(isinstance(one, Raised) for one in more.results):
        return None
    if (of_texts := listed(evidence)) and of_texts.name in ("case", "spaces", "written"):
        return of_texts
    for size in (1, 2):
        gots, rights = ([_pieces(v, size) for v in of] for of in (more.results, more.wanted))
        sides = ("never_extra", gots, rights), ("never_missing", rights, gots)
        for name, mine, others in sides[: 3 - size]:  # that a pair is missing may be chance
            count = Counter(chain(*mine))
            alone = {one for one in {*count} - {*chain(*others)} if "\\n" not in one}
            has = [bool(some & alone) for some in mine]
            told = all(one <= wrong for one, wrong in zip(has, more.wrong, strict=True))
            often = sum(has) >= MOST * sum(more.wrong) and has[evidence.places[0]]
            few = sum(count[one] for one in alone) >= 2 * min(len(alone), FEW)
            chance = size == 2 and (len(alone) > PAIRS or sum(has) < FEW)
            if alone and told and often and few and not chance:
                odd = {one for one in alone if "\\" in one or "`" in one}  # shown last
                here = mine[evidence.places[0]]  # in the input that is shown
                first = sorted(
                    alone, key=lambda one: (one not in here, one in odd, -count[one], one)
                )
                return SAID.finding(name, {"pieces": ", ".join(first[:FEW])})
    return None


def _pieces(value: Any, size: int) -> set[str]:
    """Return the characters, or pairs of neighbours, of a text, or what a list or set holds."""
    if isinstance(value, str):
        return {repr(value[k : k + size]) for k in range(len(value) - size + 1)}
    plainly = isinstance(value, list | set | tuple) and size == 1
    return {show(one) for one in value if isinstance(one, str)} if plainly else set()


def skips(evidence: Evidence) -> Finding | None:
    """Does it take elements out of a list that a loop goes through?"""
    line = evidence.trial.program and skipping(evidence.trial.program)
    if not line:
        return None
    errors = any(isinstance(result, Raised) for result in evidence.results)  # as of a dict
    so = "" if errors else ", so the loop skips the next one"
    return SAID.finding("skips", {"line": short(text(line)), "so": so})


def listed(evidence: Evidence) -> Finding | None:
    """Return what is true of all that came wrong, and of what should have come."""
    more = evidence.extended
    columns = (more.results, more.wanted, more.inputs)
    rows = [[plain(column[place]) for column in columns] for place in more.places]
    if any(isinstance(more.results[place], Raised) for place in more.places):
        return None
    for name, holds in SLIPS["pairs"].items():
        if all(value_of(holds, got=a, right=b, given=inputs) for a, b, inputs in rows):
            if name == "punctuation" and not any(map(str.isalnum, "".join(row[1] for row in rows))):
                continue  # all is signs, as in a drawing
            return SAID.finding(name, _quoted(name, rows))
    return None


def _quoted(name: str, rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    """Return what a sentence quotes of rows with what came, and what should have come."""
    pairs = [(row[0], row[1]) for row in rows]
    if "keys" in name:
        alone = {}
        for word, (i, j) in {"mine": (0, 1), "right": (1, 0)}.items():
            keys = (pair[i].keys() - pair[j].keys() for pair in pairs)
            alone[word] = show(min(next(filter(None, keys), {""}), key=repr))
        return alone
    if name == "written":
        numbers = zip(*(re.findall(r"\d[\d.]*", text) for text in pairs[0]), strict=True)
        return dict(zip(("mine", "right"), next(a for a in numbers if a[0] != a[1]), strict=True))
    if name == "spaces":
        as_many = all(got.count("\n") == right.count("\n") for got, right in pairs)
        ends = all(got.replace("\n", "") == right.replace("\n", "") for got, right in pairs)
        return {"what": "blanks" if as_many else "line ends" if ends else "blanks and line ends"}
    if name == "punctuation":
        signs = {c for pair in pairs for c in "".join(pair) if not c.isalnum()}
        others = sorted({c for a, b in pairs for c in signs if a.count(c) != b.count(c)} - {*" \n"})
        if len(signs) == 1:
            return {"what": f"where `{min(signs)}` stands"}
        if not 0 < len(others) < FEW:
            return {"what": "punctuation and white space"}
        left = [["".join(c for c in text if c not in others) for text in pair] for pair in pairs]
        named, more = " and ".join(f"`{c}`" for c in others), any(a != b for a, b in left)
        stand = "stand" if len(others) > 1 else "stands"
        return {"what": f"how often {named} {stand} there{', and in white space' * more}"}
    return {}

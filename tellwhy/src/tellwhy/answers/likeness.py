"""What is true of all that came wrong, where nothing makes it of the right results."""

import math
from collections import Counter
from itertools import chain
from typing import Any

from tellwhy.answers.compare import Raised, plain
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.tables import SAID, SLIPS, value_of
from tellwhy.finding import Finding
from tellwhy.show import show

FEW, MOST = 4, 0.6  # pieces that are shown; of the wrong results at least that have some


def never(evidence: Evidence) -> Finding | None:
    """Return which pieces right results have and none that came, or the other way round."""
    if not all(isinstance(one, str | list | set | tuple) for one in evidence.extended.wanted):
        return None
    more = evidence.extended
    pairs = [*zip(more.results, more.wanted, more.wrong, strict=True)]
    rows = [row for row in pairs if not isinstance(row[0], Raised)]
    for size in (1, 2):
        gots, rights = ([_pieces(row[k], size) for row in rows] for k in (0, 1))
        for name, mine, others in (("never_extra", gots, rights), ("never_missing", rights, gots)):
            alone = {*chain(*mine)} - {*chain(*others)}
            alone = {one for one in alone if "\\n" not in one}
            has = [bool(some & alone) for some in mine]
            holds = [one <= row[2] for one, row in zip(has, rows, strict=True)]
            holds.append(sum(has) >= MOST * sum(row[2] for row in rows))
            holds.append(has[evidence.places[0]])
            odd = {one for one in alone if "\\" in one or "`" in one}  # shown last
            count = Counter(chain(*mine))
            often = sorted(alone, key=lambda one: (one in odd, -count[one], one))
            few = sum(len(some & alone) for some in mine) >= 2 * min(len(alone), FEW)
            if len(rows) == len(pairs) and alone and all(holds) and few:
                return SAID.finding(name, {"pieces": ", ".join(often[:FEW])})
    return None


def listed(evidence: Evidence) -> Finding | None:
    """Return what is true of all that came wrong, and of what should have come."""
    columns = (evidence.results, evidence.wanted, evidence.inputs)
    gots, rights, given = ([plain(column[k]) for k in evidence.places] for column in columns)
    rows = [*zip(gots, rights, given, strict=True)]
    for name, holds in SLIPS["pairs"].items():
        if all(value_of(holds, got=a, right=b, given=inputs) for a, b, inputs in rows):
            quoted = {}
            if "keys" in name:
                mine, right = {*gots[0]} - {*rights[0]}, {*rights[0]} - {*gots[0]}
                first = [show(min(keys, key=repr, default="")) for keys in (mine, right)]
                quoted = {"mine": first[0], "right": first[1]}
            return SAID.finding(name, quoted)
    return None


def near(evidence: Evidence) -> Finding | None:
    """Return how near it comes, if it comes near wherever it is wrong."""
    rows = [evidence.pairs[place] for place in evidence.places if evidence.pairs]
    off = [abs(a - b) / abs(b or math.nan) for row in rows for a, b in zip(*row, strict=True)]
    most = max(off, default=0)
    return SAID.finding("near", {"percent": f"{100 * most:.1g}"}) if 0 < most < 0.01 else None


def _pieces(value: Any, size: int) -> set[str]:
    """Return the characters, or pairs of neighbours, of a text, or what a list or set holds."""
    if isinstance(value, str):
        return {repr(value[k : k + size]) for k in range(len(value) - size + 1)}
    plainly = isinstance(value, list | set | tuple) and size == 1
    return {show(one) for one in value if isinstance(one, str)} if plainly else set()

"""The idea behind a finding: what a class is counted by, however each student wrote it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import takewhile
from pathlib import Path

TABLE = Path(__file__).with_suffix(".toml")
CHANGES = ("change", "amounts", "solution_line")
SENTENCES = re.compile(r"(?<=[.:?!]) (?=[A-Z`])")
# What stands before a sentence that is about a part of the result.
PART = re.compile(r"^((`[^`]+`( and )?)+ (is|are) right\. )?((`[^`]+`( and )?)+: )?")


def idea(exercise: str, label: str) -> str:
    """Return the idea of a finding, by its label.

    Example:
        >>> idea("gradient", "raises(error=RuntimeError, cause=shapes)")
        'shapes'
        >>> idea("gradient", "change(stands=X, belongs=X.T, cause=shapes)")
        'shapes'
        >>> idea("gradient", "registered(mistake=sum for mean, of=w)"), idea("gradient", "negated")
        ('sum for mean', 'negated')
        >>> idea("gradient", "raises(error=NameError, cause=undefined)")
        'undefined'
    """
    name, _, inside = label.partition("(")
    found = dict(re.findall(r"\b(mistake|cause|of|stands|belongs)=(.*?)(?=, \w+=|\)$)", inside))
    own: str
    if name == "observed":
        own = found["of"]
    elif name in CHANGES and "cause" not in found:
        own = f"change: {found.get('stands', '')} {found.get('belongs', '')}".replace("  ", " ")
    else:
        own = found.get("mistake") or found.get("cause") or re.sub(r", of=.*|\(of=.*", "", label)
    one = {**table()["same"], **table().get(exercise, {})}
    return one[own] if own in one else one.get(name, own)


def told(idea: str, sentences: Iterable[str]) -> tuple[str, list[tuple[str, int]]]:
    """Return what is said of an idea in general, and the wordings of it, the commonest first.

    Example:
        >>> told("negated", ["It is negated. `y - p` stands there.", "It is negated."])
        ('It is negated.', [('`y - p` stands there.', 1)])
        >>> told("few", ["`a` is missing.", "`b` is missing.", "`b` is missing."])
        ('', [('`b` is missing.', 2), ('`a` is missing.', 1)])
    """
    counts = Counter(sentences)
    if len(counts) > 1:
        plain = Counter[str]()
        for sentence, count in counts.items():
            plain[PART.sub("", sentence)] += count
        counts = plain
    split = [SENTENCES.split(sentence) for sentence in counts]
    same = takewhile(lambda some: len({*some}) == 1, zip(*split, strict=False))
    common = " ".join(some[0] for some in same)
    heading = table()["headings"].get(idea, common)
    left = Counter[str]()
    for sentence, count in counts.items():
        left[sentence.removeprefix(common).strip() if heading == common else sentence] += count
    return heading, [pair for pair in left.most_common() if pair[0]]


@cache
def table() -> dict[str, dict[str, str]]:
    """Return the tables of ideas: what heads them, and which are one."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))

"""Whether each term of the course is explained before it is used.

A term is marked where it is defined, `<dfn>learning rate</dfn>`, and stands nowhere before, in
the order of the course. As a program: `python tests/terms.py` prints each earlier use.
"""

import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from publish import notebooks
from publish.book import glossary
from publish.book.glossary import END, MARK

# Words in a sense of every day, which is not the term's; at most 20.
EVERYDAY = {
    r"\bfor example\b|\bExample:": "an instance of what was just said",
    r"\*\*(?:Predict|Guess)\.\*\*|\*Predict\*": "the name of a question",
}
# What is not prose: code, formulas, headings, links to notebooks (they name titles), tags.
LEFT_OUT = re.compile(
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|^#{1,6} .*?$|\[[^\]]*\]\([^)]*\.ipynb[^)]*\)"
    r"|\]\([^)]*\)|<code>.*?</code>|<(?!/?dfn)[^>]*>",
    re.DOTALL | re.MULTILINE,
)
# The lists of what one will do and learn, and what one needs, at the start of a notebook.
PLAN = re.compile(r"\*\*You (?:will (?:do|learn)|need)\*\*.*?(?=\n\n(?!\s*-)|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Passage:
    """What is read in one cell, as prose; left-out parts are blank, so that places stay."""

    where: str
    text: str
    marks: tuple[tuple[int, str], ...]  # where each marked term begins, and the term


def passage(where: str, source: str) -> Passage:
    marks = tuple((found.start(1), plain(found[1])) for found in MARK.finditer(source))
    text = LEFT_OUT.sub(blank, PLAN.sub(blank, source))
    return Passage(where, re.sub("</?dfn>", lambda tag: " " * len(tag[0]), text), marks)


def blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def plain(term: str) -> str:
    return re.sub(r"[\s-]+", " ", re.sub(r"[*`_]", "", term)).strip().lower()


def read(paths: Sequence[Path]) -> Iterator[Passage]:
    """Yield the passages of the course: the text of each cell, and what is said of its figure."""
    for path in paths:
        for cell in nbformat.read(path, as_version=4).cells:
            where = f"{path.stem}: {cell.id}"
            if cell.cell_type == "markdown":
                yield passage(where, cell.source)
            elif "alt" in cell.metadata:
                yield passage(f"{where}, alt text", cell.metadata.alt)


def forms(word: str) -> set[str]:
    """The forms in which a word is used: plural, -ed, -ing."""
    word = word.lower()
    stems = {word}
    if word.endswith("s") and not re.search(r"(ss|us|is|as)$", word):
        stems.add(word[:-1])
    for ending in ("ed", "ing"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            stem = word.removesuffix(ending)
            stems |= {stem, stem + "e", re.sub(r"([^aeiousl])\1$", r"\1", stem)}
    found = set(stems)
    for stem in stems:
        found |= {stem + ending for ending in ("s", "es", "ed", "d", "ing", "'s", "’s")}
        if stem.endswith("e"):
            found.add(stem[:-1] + "ing")
        elif stem.endswith("y"):
            found |= {stem[:-1] + "ies", stem[:-1] + "ied"}
        elif stem.endswith(("ix", "ex")):
            found.add(stem[:-2] + "ices")
        elif stem.endswith("is"):
            found.add(stem[:-2] + "es")
        elif stem.endswith("um"):
            found.add(stem[:-2] + "a")
        elif re.search(r"[^aeiou][aeiou][bdgmnptr]$", stem):
            found |= {stem + stem[-1] + "ed", stem + stem[-1] + "ing"}
    return found


def pattern(term: str) -> re.Pattern[str]:
    *words, last = term.split()
    ends = "|".join(sorted(map(re.escape, forms(last)), key=len, reverse=True))
    gap = r"(?:\s+|\s*[-‐‑]\s*)?" if words else ""
    begin = gap.join(f"(?:{re.escape(word)})" for word in words)
    return re.compile(rf"(?<![\w-]){begin}{gap}(?:{ends})(?![\w])", re.IGNORECASE)


def complaints(passages: Sequence[Passage]) -> Iterator[str]:
    """Yield each use of a term in a sentence before the one that defines it."""
    defined: dict[str, tuple[int, int]] = {}
    for number, one in enumerate(passages):
        for start, term in one.marks:
            if term in defined:
                yield f"{one.where}: “{term}” is marked a second time"
            else:
                begins = [found.end() for found in END.finditer(one.text, 0, start)]
                defined[term] = (number, max(begins, default=0))
    longest = sorted(defined, key=len, reverse=True)
    patterns = [(term, pattern(term)) for term in longest]
    for number, one in enumerate(passages):
        text = one.text
        for phrase in EVERYDAY:
            text = re.sub(phrase, blank, text, flags=re.IGNORECASE)
        for term, form in patterns:  # a longer term is looked for first, and holds its words
            for found in form.finditer(text):
                place, begin = defined[term]
                if (number, found.start()) < (place, begin):
                    around = " ".join(text[max(found.start() - 40, 0) : found.end() + 30].split())
                    yield (
                        f"{one.where}: “{found[0]}” is explained only in "
                        f"{passages[place].where}: … {around} …"
                    )
            text = form.sub(blank, text)


def leaning(paths: Sequence[Path]) -> Iterator[str]:
    """Yield each term whose definition cannot be quoted alone, as it begins with "This" or "It"."""
    for entry in glossary.entries([notebooks.read(path) for path in paths]):
        if glossary.LEANS.match(entry.sentence):
            yield f"{entry.page}: “{entry.term}” is not explained by: {entry.sentence}"


def main() -> int:
    found = False
    paths = sorted(Path("notebooks").glob("[0-9][0-9]_*.ipynb"))
    for said in itertools.chain(complaints(list(read(paths))), leaning(paths)):
        print(said)
        found = True
    return int(found)


if __name__ == "__main__":
    sys.exit(main())

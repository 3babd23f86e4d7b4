"""The glossary: the terms that the notebooks mark, each with the sentence that defines it.

A term is marked where it is defined, `<dfn>learning rate</dfn>`; the glossary is made of these
marks. Its Chinese and Korean words stand in `docs/glossary.csv`, each with its source.
"""

import csv
import re
from dataclasses import dataclass, field

from publish.notebooks import ROOT, Lesson, PublishError

TABLE = ROOT / "docs" / "glossary.csv"
MARK = re.compile(r"<dfn>(.*?)</dfn>", re.DOTALL)
# What joins another name to a term: `<dfn>label</dfn>, also called the <dfn>target</dfn>`.
ALSO = re.compile(r"[\s,;(]*(?:also\s+(?:called|known\s+as)|or)\s+(?:(?:an?|the)\s+)?")
HIDDEN = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`|\b(?:e\.g|i\.e|vs)\.", re.DOTALL)
ITEM = re.compile(r"^\s*(?:[-*>]|\d+\.)\s+")
END = re.compile(r"(?<=[.!?])[\"”*_)]*\s+|\n\s*\n|\n(?=\s*(?:[-*>]|\d+\.)\s)")  # of a sentence
PART = re.compile(r"\n\s*\Z")  # what ends here is a paragraph, or an item of a list
LEANS = re.compile(r"(?:It|Its|This|That|These|Those|They|Their|Such|Both|And|But|So|Here)\b")
LANGUAGES = {"zh": ("Chinese", "zh-Hans"), "ko": ("Korean", "ko")}
SOURCES = {
    "d2l-zh": "[Dive into Deep Learning in Chinese](https://zh.d2l.ai)",
    "d2l-ko": "[in Korean](https://github.com/d2l-ai/d2l-ko)",
}
HEAD = """# Glossary

The terms of the course, each in the sentence that explains it, with a link to the place.
"""


@dataclass
class Entry:
    """A term of the course.

    Attributes:
        term: As it is marked, without Markdown's signs.
        sentence: The one that defines it, in Markdown.
        page: The notebook's name.
        section: The number of the notebook and the heading that it stands under.
        also: Its other names.
    """

    term: str
    sentence: str
    page: str
    section: str
    also: list[str] = field(default_factory=list)


def plain(term: str) -> str:
    """Return a term without Markdown's signs, its spaces single.

    Example:
        >>> plain("learning *rate*")
        'learning rate'
    """
    return " ".join(re.sub(r"[*`_]", "", term).split())


def anchor(term: str) -> str:
    """Return the name of the place in the book where a term is marked.

    Example:
        >>> anchor("learning rate")
        'term-learning-rate'
    """
    return "term-" + re.sub(r"\W+", "-", plain(term)).lower().strip("-")


def key(term: str) -> str:
    """Return what two forms of a term have in common, by which the table is searched.

    Example:
        >>> key("Features") == key("feature"), key("bias")
        (True, 'term-bias')
    """
    return re.sub(r"(?<![aisu])s$", "", anchor(term))


def sentence(source: str, place: int) -> str:
    """Return the sentence of a cell around a place, with the formula that it leads to.

    One that leans on the sentence before it, as "This is a bias." does, takes that along.

    Example:
        >>> sentence("A table. The <dfn>bias</dfn> is added last. So it is.", 20)
        'The <dfn>bias</dfn> is added last.'
        >>> sentence("One number is added last. It is the <dfn>bias</dfn>.", 40)
        'One number is added last. It is the <dfn>bias</dfn>.'
    """
    masked = HIDDEN.sub(lambda found: "x" * len(found[0]), source)
    ends = [found.end() for found in END.finditer(masked)]
    begin = max((end for end in ends if end <= place), default=0)
    end = min((end for end in ends if end > place), default=len(source))
    while LEANS.match(source, begin) and begin and not PART.search(masked, 0, begin):
        begin = max((end for end in ends if end < begin), default=0)
    text = ITEM.sub("", source[begin:end]).strip()
    formula = re.match(r"\s*\$\$.*?\$\$", source[end:], re.DOTALL)
    return f"{text}\n\n{formula[0].strip()}" if text.endswith(":") and formula else text


def entries(lessons: list[Lesson]) -> list[Entry]:
    """Return the marked terms in the order of the course."""
    found: list[Entry] = []
    for lesson in lessons:
        heading = lesson.title
        for cell in (cell for cell in lesson.cells if cell.cell_type == "markdown"):
            end = None  # of the term before, in the same cell
            for part in re.finditer(rf"^##+ ([^\n]+)$|{MARK.pattern}", cell.source, re.M | re.S):
                if part[1]:
                    heading, end = part[1], None
                    continue
                term = plain(part[2])
                if end and ALSO.fullmatch(cell.source, end, part.start()):
                    found[-1].also.append(term)
                else:
                    said = sentence(cell.source, part.start())
                    page = lesson.path.stem
                    found.append(Entry(term, said, page, f"{lesson.number}, {heading}"))
                end = part.end()
    return found


def words() -> dict[str, dict[str, str]]:
    """Return the table of words: for each term its row, by its `key`.

    Raises:
        PublishError: If a word has no source, or a row's source is not known.
    """
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = {key(row["term"]): row for row in csv.DictReader(file)}
    for row in rows.values():
        for language in LANGUAGES:
            if bool(row[language]) != (row[f"{language}_source"] in SOURCES):
                raise PublishError(
                    f"{TABLE.name}: {row['term']}: a word and its source go together"
                )
    return rows


def page(lessons: list[Lesson]) -> str:
    """Return the glossary in Markdown, in the order of the alphabet."""
    table, lines = words(), dict[str, str]()
    for entry in entries(lessons):
        place = f'<a href="notebooks/{entry.page}.html#{anchor(entry.term)}">{entry.section}</a>'
        said = re.sub(r"\]\((?=\d\d_)", "](notebooks/", MARK.sub(r"\1", entry.sentence))
        for term in (entry.term, *entry.also):
            others = translated(table.get(key(term), {}))
            text = said if term == entry.term else f"See *{entry.term}*."
            body = f"{text}\n\n{' · '.join([*others, place])}".replace("\n", "\n  ")
            lines[term] = f"{term}\n: {body}"
    ordered = "\n\n".join(lines[term] for term in sorted(lines, key=str.lower))
    books = " and ".join(SOURCES.values())
    return f"{HEAD}\n{ordered}\n\nThe Chinese and Korean words are those of {books}.\n"


def translated(row: dict[str, str]) -> list[str]:
    """Return the words of a term in the other languages, each marked with its language."""
    return [
        f'{name} <span lang="{code}">{row[language]}</span>'
        for language, (name, code) in LANGUAGES.items()
        if row.get(language)
    ]

"""The instructor's guide, as the speaker's view reads it: it is the one source of both."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from publish.notebooks import ROOT, PublishError

GUIDE = ROOT / "docs" / "instructor-guide.md"
SPEAKER = ROOT / "docs" / "speaker.toml"


@dataclass(frozen=True)
class Question:
    """A row of the guide's table of questions: one for each Predict of the notebook, in order."""

    ask: str
    usual: str
    comes: str


@dataclass(frozen=True)
class Guide:
    """What the guide says about one notebook.

    Attributes:
        questions: In the order in which the notebook asks them.
        minutes: For each section of the deck, by its heading.
        advice: The other paragraphs, in Markdown.
        spoken: What is said in place of a note that is long, by the id of its cell.
    """

    questions: list[Question]
    minutes: dict[str, int]
    advice: str
    spoken: dict[str, str] = field(default_factory=dict)

    @property
    def skip(self) -> str:
        """The paragraph that says what to skip first, which is looked up on stage."""
        (found,) = re.findall(r"^\*\*Skip first\*\*.*", self.advice, re.MULTILINE)
        return str(found)


def rows(section: str, heading: str) -> list[list[str]]:
    """Return the cells of the table whose first column has this heading."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-| :]+\n((?:\|.*\n?)+)", section, re.MULTILINE)
    lines = table[1].splitlines() if table else []
    return [[field.strip() for field in line.strip("| ").split(" | ")] for line in lines]


def read(number: str, path: Path = GUIDE) -> Guide:
    """Read what the guide says about the notebook with this number.

    Raises:
        PublishError: If it has no section about it, or a row of a table cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    found = re.search(rf"^## {number} .*\n((?:(?!## ).*\n?)*)", text, re.MULTILINE)
    if not found:
        raise PublishError(f"{path.name}: there is no section ## {number}")
    questions, minutes = rows(found[1], "Ask before"), rows(found[1], "Section")
    for row in [*questions, *minutes]:
        if len(row) != (3 if row in questions else 2) or (row in minutes and not row[1].isdigit()):
            raise PublishError(f"{path.name}: section {number}: cannot read the row {row}")
    advice = "\n".join(line for line in found[1].splitlines() if not line.startswith("|"))
    return Guide(
        [Question(*row) for row in questions],
        {section: int(count) for section, count in minutes},
        advice.strip(),
        tomllib.loads(SPEAKER.read_text(encoding="utf-8")).get(number, {}),
    )

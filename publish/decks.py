"""`make slides`: a deck for each notebook, with what it needs beside it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from publish import assets, diagrams, guide, notebooks, player, render
from publish.notebooks import EXERCISE, HIDDEN, Lesson, PublishError

PREDICT = "**Predict.**"
PLAYERS = "players"  # the folder of the explorers' pictures
STARTS = ("slide", "subslide")
OPENING = "Opening"  # the name in the guide of what comes before the first section
WORK = ("Exercises", "Review questions")  # the sections that a deck ends with


@dataclass
class Slide:
    """What stands on the screen at once, when all its steps are taken.

    Attributes:
        heading: The heading that it is under, in Markdown: its own or the last one before it.
        section: The words of the heading of the second level that it belongs to.
        is_new: Whether the heading is its own.
        headings: All that stand on it for the first time, in Markdown.
        blocks: Each a step, counted from 0, and the HTML that it brings.
        notes: What is spoken, in HTML.
        weight: Its share of the section's minutes.
        minutes: How long it stands there.
    """

    heading: str
    section: str
    is_new: bool = True
    headings: list[str] = field(default_factory=list)
    blocks: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    step: int = 0
    weight: int = 1
    minutes: float = 0

    def add(self, blocks: list[str], *, as_step: bool) -> None:
        """Add blocks that appear together, as a step of their own when something is shown."""
        if as_step and self.blocks and blocks:
            self.step += 1
        self.blocks += [(self.step, block) for block in blocks]

    @property
    def title(self) -> str:
        """Its heading as HTML."""
        return render.text(self.heading)


def deck(lesson: Lesson, advice: guide.Guide) -> list[Slide]:
    """Cut a notebook into slides by the roles of its cells; the class's work comes last.

    Raises:
        PublishError: If a question is not on stage, or notebook and guide do not fit together.
    """
    slides: list[Slide] = []
    questions = iter(advice.questions)
    heading, section = f"# {lesson.title}", OPENING
    for place, cell in enumerate(lesson.cells, start=1):
        role = notebooks.slide_role(cell)
        where = f"{lesson.path.name}: cell {place} ({cell.id})"
        question = cell.cell_type == "markdown" and PREDICT in cell.source
        if question and role in ("skip", "notes"):
            raise PublishError(f"{where}: asks for a prediction and is not on stage")
        if role == "skip":
            continue
        found = re.match(r"#+ .+", cell.source) if cell.cell_type == "markdown" else None
        if found:
            heading = found[0]
        if heading.startswith("## "):
            section = heading.removeprefix("## ")
        if exercise := EXERCISE.match(cell.source):
            heading = f"### Exercise {exercise[1]} {exercise[2]}"
        if role in STARTS:
            slides.append(Slide(heading, section, is_new=bool(found or exercise)))
        elif not slides:
            raise PublishError(f"{where}: stands before the first slide")
        elif exercise:
            slides[-1].heading = heading  # in place of "Exercises"
        if found or exercise:
            slides[-1].headings.append(heading)
        show(slides, cell, role, advice.spoken)
        if question:
            row = next(questions, None)
            if row is None:
                raise PublishError(f"{where}: the guide has no row for this question")
            slides[-1].notes.insert(0, render.page("question.html", row=row, line=render.line))
        if question or exercise:  # people think, or read what they have to do
            slides[-1].weight = 2
    if (row := next(questions, None)) is not None:
        raise PublishError(f"{guide.GUIDE.name}: {lesson.path.name} does not ask: {row.ask}")
    slides.sort(key=lambda slide: slide.section in WORK)
    slides[0].notes += [render.text(advice.skip), contents(slides)]
    share_minutes(slides, advice.minutes, lesson)
    return slides


def contents(slides: list[Slide]) -> str:
    """Return, in HTML, on which slide each heading stands: the number that G wants."""
    lines = [
        f"{'  ' * heading.startswith('### ')}- **{number}** {heading.lstrip('# ')}"
        for number, slide in enumerate(slides, start=1)
        for heading in slide.headings
    ]
    return render.text("\n".join(lines))


def show(slides: list[Slide], cell: NotebookNode, role: str, spoken: Mapping[str, str]) -> None:
    """Put a cell on the last slide; its output comes one step later, or on a slide of its own."""
    slide, tags = slides[-1], notebooks.tags(cell)
    if role == "notes":
        if said := spoken.get(cell.id, cell.source):
            slide.notes.append(render.text(said))
    elif cell.cell_type == "markdown":
        source = cell.source.removeprefix(slide.heading) if role in STARTS else cell.source
        source = EXERCISE.sub("", source)
        slide.add([render.text(source)] if source else [], as_step=role == "fragment")
        if "lit" in cell.metadata:
            slide.add([diagrams.lit(**cell.metadata.lit)], as_step=False)
    else:
        if not HIDDEN & set(tags):
            slide.add([render.code(cell.source)], as_step=role == "fragment")
        if "output-on-next-slide" in tags:
            slides.append(slide := Slide(slide.heading, slide.section, is_new=False))
        slide.add(render.outputs(cell), as_step=True)


def share_minutes(slides: list[Slide], minutes: dict[str, int], lesson: Lesson) -> None:
    """Give each slide its part of the minutes that the guide sets for its section.

    Raises:
        PublishError: If a section has no minutes, or minutes no section.
    """
    sections = list(dict.fromkeys(slide.section for slide in slides))
    for wrong in [*(set(sections) ^ set(minutes))]:
        has = "no minutes in the guide" if wrong in sections else "minutes and no slide"
        raise PublishError(f"{lesson.path.name}: the section {wrong!r} has {has}")
    passed = end = 0.0
    for section in sections:
        own = [slide for slide in slides if slide.section == section]
        end += minutes[section]
        for slide in own:
            slide.minutes = minutes[section] * slide.weight / sum(one.weight for one in own)
            passed += slide.minutes
            rest = f"end of “{section}”" if slide is own[-1] else f"“{section}” {clock(end)}"
            slide.notes.insert(0, f"<p><b>Until {clock(passed)}</b>; {rest}.</p>")


def clock(minutes: float) -> str:
    """Return a time as the speaker's view shows it, to ten seconds.

    Example:
        >>> clock(6.7), clock(61)
        ('6:40', '1:01:00')
    """
    seconds = 10 * round(6 * minutes)
    hours, rest = divmod(seconds, 3600)
    short = f"{rest // 60}:{rest % 60:02}"
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else short


def write(lesson: Lesson, slides: list[Slide], folder: Path) -> None:
    """Write the deck of one notebook, its explorers' pictures among what lies beside it."""
    views = {
        picture: view
        for cell in lesson.cells
        if (view := player.explorer(cell))
        for picture in render.outputs(cell)
    }
    player.lay(list(views.values()), folder / PLAYERS)
    moving = {picture: player.html(view, PLAYERS, picture) for picture, view in views.items()}
    instead = moving | diagrams.sharp(lesson)
    page = render.page("deck.html", lesson=lesson, slides=slides, instead=instead)
    (folder / f"{lesson.path.stem}.html").write_text(page, encoding="utf-8")


def main(chosen: str) -> None:
    """Build the decks, all or the chosen ones, into `build/slides`."""
    paths = notebooks.discover(chosen)
    lessons = [notebooks.read(path) for path in notebooks.discover()]
    decks = [(lesson, deck(lesson, guide.read(lesson.number))) for lesson in lessons]
    style = (render.HERE / "templates" / "deck.css").read_text(encoding="utf-8")
    with notebooks.replacing(notebooks.BUILD / "slides", keep=bool(chosen)) as folder:
        assets.lay(folder)
        (folder / "deck.css").write_text(style + render.code_style(), encoding="utf-8")
        for lesson, slides in decks:
            if lesson.path in paths:
                write(lesson, slides, folder)
        there = [pair for pair in decks if (folder / f"{pair[0].path.stem}.html").exists()]
        index = render.page("index.html", decks=there)
        (folder / "index.html").write_text(index, encoding="utf-8")
    built = ", ".join(path.stem for path in paths)
    print(f"Built {built}. Open build/slides/index.html")

"""`make book`: the notebooks, the guide and the package's reference as a site."""

import io
import re
import shutil
import tempfile
from pathlib import Path

from publish import assets, notebooks, player
from publish.book import glossary
from publish.notebooks import BUILD, ROOT, Lesson, PublishError

HERE = Path(__file__).parent
TARGET = BUILD / "book"
# What other commands build, and the book offers where it is there.
BESIDE = {"slides": ".html", "handout": ".pdf"}


def main(chosen: str = "") -> None:
    """Build the book, or leave the last one as it is.

    Raises:
        PublishError: If a notebook cannot be published, or Sphinx complains of something.
    """
    if chosen:
        raise PublishError(f"NOTEBOOK={chosen}: the book holds every notebook; leave it out")
    lessons = [notebooks.read(path) for path in notebooks.discover()]
    with tempfile.TemporaryDirectory() as work, notebooks.replacing(TARGET) as target:
        pages, static, beside = (Path(work, name) for name in ("pages", "static", "beside"))
        collect(lessons, pages, beside)
        assets.lay(static, only="mathjax/")
        views = [
            view for lesson in lessons for cell in lesson.cells if (view := player.explorer(cell))
        ]
        player.lay(views, static / "players")
        shutil.copyfile(HERE / "book.css", static / "book.css")
        build(pages, target, static, beside)
    print(f"The book is in {TARGET.relative_to(ROOT)}; open index.html")


def collect(lessons: list[Lesson], pages: Path, beside: Path) -> None:
    """Lay the sources of all pages into a folder, and what the pages link beside them."""
    shutil.copytree(ROOT / "docs", pages, ignore=shutil.ignore_patterns("*.py", "*.csv"))
    for lesson in lessons:
        notebooks.lay(lesson.path, pages / "notebooks" / lesson.path.name)
    beside.mkdir()
    for name in BESIDE:
        if (BUILD / name).is_dir():
            shutil.copytree(BUILD / name, beside / name)
    (pages / "glossary.md").write_text(glossary.page(lessons), encoding="utf-8")
    with (pages / "stage.md").open("a", encoding="utf-8") as page:
        page.write(on_stage(lessons, beside))


def on_stage(lessons: list[Lesson], beside: Path) -> str:
    """Return a table of the decks and handouts that are there, in Markdown."""
    rows = ""
    for lesson in lessons:
        files = [f"{name}/{lesson.path.stem}{end}" for name, end in BESIDE.items()]
        links = [
            f'<a href="{file}">{word}</a>' if (beside / file).exists() else "not built"
            for file, word in zip(files, ("deck", "handout"), strict=True)
        ]
        rows += f"| {lesson.number} {lesson.title} | {' | '.join(links)} |\n"
    return f"\n| Notebook | On stage | On paper |\n| --- | --- | --- |\n{rows}"


def build(pages: Path, target: Path, static: Path, beside: Path) -> None:
    """Let Sphinx make HTML of the pages; a warning is an error."""
    from sphinx.application import Sphinx

    said = io.StringIO()
    app = Sphinx(
        pages,
        HERE,
        target,
        static.parent / "doctrees",
        "html",
        {"html_static_path": [str(static)], "html_extra_path": [str(beside)]},
        status=None,
        warning=said,
        warningiserror=True,
    )
    app.build()
    if app.statuscode:
        first = re.sub(r"\x1b\[[\d;]*m", "", said.getvalue()).strip().partition("\n")[0]
        raise PublishError(first.replace(f"{pages}/", ""))

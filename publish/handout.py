"""`make handout`: each notebook on paper, to read and to work on, and its answers."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from publish import assets, browser, notebooks, render, worksheet
from publish.notebooks import Lesson, PublishError

if TYPE_CHECKING:
    from playwright.sync_api import Page

READY = "() => MathJax.startup?.promise.then(() => document.fonts.ready).then(() => true)"


def cells(lesson: Lesson) -> list[tuple[str, list[str]]]:
    """Return each cell as its kind, and what it puts on paper, in HTML."""
    printed: list[tuple[str, list[str]]] = []
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            printed.append(("text", [render.text(notebooks.without_answers(cell.source))]))
        elif notebooks.FOLDED in notebooks.tags(cell):
            continue
        elif notebooks.is_exercise(cell):
            printed.append(("exercise", [render.code(cell.source)]))
        else:
            printed.append(("run", [render.code(cell.source), *render.outputs(cell)]))
    return printed


# Of each sheet the end of its name, and what stands on it.
SHEETS = {"": cells, "-worksheet": worksheet.sheet, "-answers": worksheet.answers}


def write(lesson: Lesson, end: str, page: "Page", work: Path, folder: Path) -> None:
    """Print one sheet of a notebook, by way of a page in `work`, which holds what it needs."""
    name = f"{lesson.path.stem}{end}"
    source = work / f"{name}.html"
    html = render.page(
        "handout.html", lesson=lesson, cells=SHEETS[end](lesson), style=render.code_style()
    )
    source.write_text(html, encoding="utf-8")
    page.goto(source.as_uri())
    page.wait_for_function(READY)
    number = '<div style="font-size: 8px; width: 100%; text-align: center">'
    page.pdf(
        path=folder / f"{name}.pdf",
        format="A4",
        margin={"top": "16mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=f'{number}{lesson.number} · <span class="pageNumber"></span></div>',
        print_background=True,
        tagged=True,
        outline=True,
    )


def main(chosen: str) -> None:
    """Print the notebooks, all or the chosen ones, into `build/handout`.

    Raises:
        PublishError: If there is no Chromium.
    """
    lessons = [notebooks.read(path) for path in notebooks.discover(chosen)]
    if not (chromium := browser.find()):
        raise PublishError(f"printing needs a browser; found none of {', '.join(browser.NAMES)}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise PublishError("playwright is not installed; make handout installs it") from None
    with (
        notebooks.replacing(notebooks.BUILD / "handout", keep=bool(chosen)) as folder,
        tempfile.TemporaryDirectory() as work,
        sync_playwright() as playwright,
    ):
        assets.lay(Path(work))
        printer = playwright.chromium.launch(executable_path=chromium, args=browser.FLAGS)
        page = printer.new_page()
        for lesson in lessons:
            for end in SHEETS:
                write(lesson, end, page, Path(work), folder)
        printer.close()
    built = ", ".join(lesson.path.stem for lesson in lessons)
    print(f"Printed {built} into build/handout")

"""Decks and handouts: what is on stage, and what an audience sees of it in a browser."""

import base64
import html
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from machine import need_chromium, need_packages
from nbformat import NotebookNode

need_packages("publish", "playwright", "nbconvert", "sphinx_revealjs")
import slide_names
import stage
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from d2lhelpers import plotting
from publish import __main__ as publish
from publish import assets, browser, decks, diagrams, guide, handout, notebooks, player, render
from publish.notebooks import Lesson

PATHS = notebooks.discover()
LESSONS = [notebooks.read(path) for path in PATHS]
WITH_EXPLORERS = [
    lesson for lesson in LESSONS if any("explorer" in notebooks.tags(cell) for cell in lesson.cells)
]
WITHOUT_EXPLORERS = next(lesson for lesson in LESSONS if lesson not in WITH_EXPLORERS)
PICTURES = notebooks.ROOT / "build" / "screenshots"  # of what failed; the workflow keeps them
TIMEOUT = 60_000  # milliseconds: a busy machine is slow
expect.set_options(timeout=TIMEOUT)
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.path.stem)


SLIDES: dict[Path, list[decks.Slide]] = {}


def cut(lesson: Lesson) -> list[decks.Slide]:
    """Cut a notebook into slides, once for all tests."""
    if lesson.path not in SLIDES:
        SLIDES[lesson.path] = decks.deck(lesson, guide.read(lesson.number))
    return SLIDES[lesson.path]


@each_lesson
def test_an_hour_has_25_to_45_slides(lesson: Lesson) -> None:
    """Catches a deck that is cut too fine or too coarse for its minutes."""
    slides = cut(lesson)
    hours = sum(guide.read(lesson.number).minutes.values()) / 60
    assert 25 <= len(slides) / hours <= 45
    assert len(slides) == len([*slide_names.slides(lesson.cells)])  # which counts them, too


@each_lesson
def test_no_exercise_and_no_review_question_is_on_stage(lesson: Lesson) -> None:
    """Catches an answer on the screen, or in the speaker's notes of everybody's file."""
    for slide in cut(lesson):
        shown = "\n".join([*slide.notes, *(block for _, block in slide.blocks)])
        assert not re.search(r"<details|exercises\.\w+\.|Replace the dots", shown)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_deck_ends_with_the_work(path: Path) -> None:
    """Catches an exercise without a slide, a slide without minutes, and a quiz of no question."""
    lesson = notebooks.read(path)
    exercises = [cell for cell in lesson.cells if notebooks.is_exercise(cell)]
    summary, *work, quiz = cut(lesson)[-len(exercises) - 2 :]
    assert summary.section == "Summary"
    for number, slide in enumerate(work, start=1):
        assert re.search(rf">Exercise {number}\. .+ \(about \d+ minutes\)", slide.title)
        assert slide.blocks
    said = plain("".join(block for _, block in quiz.blocks))
    assert re.search(r"quiz .+ the start of the next hour", said)
    questions = {
        plain(question).split(".")[0]
        for cell in lesson.cells
        for question in re.findall(r"<summary>(.*?)</summary>", cell.source)
    }
    assert 3 <= len(chosen := re.findall(r"\b\d+\b", said)) <= 5
    assert set(chosen) <= questions


@each_lesson
def test_every_question_is_on_stage_with_the_guides_words(lesson: Lesson) -> None:
    """Catches a question without its row, and a row that a slide's notes leave out."""
    asking = [slide for slide in cut(lesson) if decks.PREDICT[2:-2] in str(slide.blocks)]
    asked = sum(decks.PREDICT in cell.source for cell in lesson.cells)
    assert len(asking) == asked == len(guide.read(lesson.number).questions)
    assert all("A class usually says" in slide.notes[1] for slide in asking)


@each_lesson
def test_notes_are_what_one_can_read_while_speaking(lesson: Lesson) -> None:
    """Catches a note that is the notebook's long text, and a clock that does not come first."""
    slides = cut(lesson)
    ends = [re.match(r"<p><b>Until ([\d:]+)</b>", slide.notes[0]) for slide in slides]
    assert all(ends)
    minutes = sum(guide.read(lesson.number).minutes.values())
    assert ends[-1]
    assert ends[-1][1] in (f"{minutes}:00", f"{minutes // 60}:{minutes % 60:02}:00")
    spoken = guide.read(lesson.number).spoken
    notes = [cell for cell in lesson.cells if notebooks.slide_role(cell) == "notes"]
    assert {*spoken} <= {cell.id for cell in notes}, "the note is gone"
    for cell in notes:
        said = spoken.get(cell.id, cell.source)
        assert len(said.split()) <= 50, said
        assert len(re.findall(r"[.?!]\s+\S", said)) <= 3, said


def test_a_question_takes_twice_as_long_as_a_picture() -> None:
    """Catches minutes that are shared evenly."""
    lesson = next(lesson for lesson in LESSONS if lesson.number == "03")
    data = [slide for slide in cut(lesson) if slide.section == "Part 1: data"]
    assert [slide.weight for slide in data] == [1, 1, 2]
    assert data[-1].minutes == pytest.approx(2 * data[0].minutes)


@each_lesson
def test_the_minutes_are_the_same_everywhere(lesson: Lesson) -> None:
    """Catches a guide or a README that says other minutes than the notebook, or a wrong sum."""
    text = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    reading, working = re.findall(r"takes? (?:about|another) (\d+) minutes", text)
    of_each = [int(minutes) for minutes in re.findall(r"\(about (\d+) minutes\)", text)]
    assert abs(sum(of_each) - int(working)) <= 5
    on_stage = sum(guide.read(lesson.number).minutes.values())
    in_guide = rf"^\| {lesson.number} [^|]*\| {reading} \| {working} \| {on_stage} \|"
    assert re.search(in_guide, guide.GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    in_readme = rf"^\| \[{lesson.number} [^|]*\| {reading} \+ {working} \|"
    readme = notebooks.ROOT / "README.md"
    assert re.search(in_readme, readme.read_text(encoding="utf-8"), re.MULTILINE)


def test_an_output_is_a_step_after_its_code_or_on_the_next_slide() -> None:
    """Catches an answer that is on the screen before the prediction."""
    slides = [decks.Slide("# A", "A")]
    run = nbformat.v4.new_code_cell("1 + 1", outputs=[nbformat.v4.new_output("stream", text="2")])
    decks.show(slides, run, "-", {})
    assert [step for step, _ in slides[0].blocks] == [0, 1]
    run.metadata.tags = ["output-on-next-slide"]
    decks.show(slides, run, "fragment", {})
    assert [step for step, _ in slides[0].blocks] == [0, 1, 2]
    assert [step for step, _ in slides[1].blocks] == [0]


@each_lesson
def test_a_diagram_is_sharp_at_any_size(
    lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a diagram that a deck shows as it is stored, in too few pixels."""
    for name in ("lay", "html"):  # of the explorers' pictures
        monkeypatch.setattr(player, name, lambda *_: "")
    decks.write(lesson, cut(lesson), tmp_path)
    deck = (tmp_path / f"{lesson.path.stem}.html").read_text(encoding="utf-8")
    cells = [cell for cell in lesson.cells if "diagram" in notebooks.tags(cell)]
    drawn = diagrams.sharp(lesson)
    assert [*drawn] == [picture for cell in cells for picture in render.outputs(cell)]
    for cell, picture in zip(cells, drawn.values(), strict=True):
        address = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', picture)
        assert address
        assert base64.b64decode(address[1]).count(b"<path") > 20  # boxes, arrows, letters
        assert html.escape(cell.metadata.alt) in picture
        shown = notebooks.slide_role(cell) != "skip"
        assert shown == (picture in deck)


def test_each_part_of_the_program_is_lit_on_its_own_slide() -> None:
    """Catches a part that an audience cannot place, and a picture of another part."""
    lesson = next(lesson for lesson in LESSONS if lesson.number == "03")
    starts = [slide for slide in cut(lesson) if slide.is_new and " Part " in slide.heading]
    shown = [slide.blocks[0][1] for slide in starts]
    for number, (part, picture) in enumerate(zip(plotting.PARTS, shown, strict=True), start=1):
        assert starts[number - 1].heading.startswith(f"## Part {number}: ")
        assert f"box {number}" in html.unescape(picture)
        if part != "training":  # that picture stands in the notebook, too
            (alt,) = re.findall('alt="(.+?)"', picture)
            assert picture == diagrams.lit(part, html.unescape(alt))
    assert len({*shown}) == len(plotting.PARTS)
    with pytest.raises(ValueError, match="must be one of data"):
        diagrams.lit("lose", "")


@each_lesson
def test_the_first_note_says_on_which_slide_each_heading_stands(lesson: Lesson) -> None:
    """Catches a number that leads elsewhere, and a heading that a plan names and the list lacks."""
    slides = cut(lesson)
    entries = re.findall(r"<strong>(\d+)</strong> ([^<]+)", slides[0].notes[-1])
    assert [name for _, name in entries[-1:]] == ["Review questions"]
    for number, name in entries:
        slide = slides[int(number) - 1]
        assert name in plain(slide.title + str(slide.blocks)) or name == "Exercises"
    plans = re.search(r"\*\*In 60, 45 or 30 minutes.*", guide.read(lesson.number).advice)
    for name in re.findall('"(.+?)"', plans[0] if plans else ""):
        assert name in {heading for _, heading in entries}, f"no slide for {name}"


@each_lesson
def test_a_handout_has_the_questions_and_no_answer(lesson: Lesson) -> None:
    """Catches folded answers, which print unfolded, and the feedback on empty answers."""
    paper = plain("\n".join(block for _, blocks in handout.cells(lesson) for block in blocks))
    assert "not answered yet" not in paper
    printed = "".join(block for _, blocks in handout.cells(lesson) for block in blocks)
    assert not re.search(r"<details(?! open)", printed)  # which paper cannot unfold
    for cell in lesson.cells:
        if notebooks.FOLDED in notebooks.tags(cell):
            assert plain(render.code(cell.source)) not in paper
    folded = re.findall(
        r"<details>\s*<summary>(.*?)</summary>(.*?)</details>",
        "\n".join(cell.source for cell in lesson.cells),
        re.DOTALL,
    )
    assert folded
    for question, answer in folded:
        assert plain(question).split(". ", 1)[1] in paper
        if "```" not in answer:  # code that a notebook shows elsewhere too
            assert plain(render.text(answer)).strip()[:60] not in paper, question


def plain(text: str) -> str:
    """Return HTML as the words that one reads."""
    return html.unescape(re.sub("<[^>]+>", "", text))


Spoil = Callable[[NotebookNode], object]
BAD: list[tuple[str, Spoil]] = [
    ("has not been executed", lambda nb: code(nb).update(execution_count=None)),
    ("no alt text", lambda nb: [cell.metadata.pop("alt", None) for cell in nb.cells]),
    ("slide role is big", lambda nb: nb.cells[4].metadata.slideshow.update(slide_type="big")),
    ("slide role is none", lambda nb: nb.cells[4].metadata.pop("slideshow")),
    (
        "no row for this question",
        lambda nb: having(nb, "slide").update(source="> **Predict.** What?"),
    ),
    ("is not on stage", lambda nb: having(nb, "skip").update(source="> **Predict.** What?")),
    ("no minutes in the guide", lambda nb: having(nb, "subslide").update(source="## Another part")),
]


def code(notebook: NotebookNode) -> NotebookNode:
    cell: NotebookNode = next(cell for cell in notebook.cells if cell.cell_type == "code")
    return cell


def having(notebook: NotebookNode, role: str) -> NotebookNode:
    """The first text cell of a role, after the title."""
    texts = (cell for cell in notebook.cells[1:] if cell.cell_type == "markdown")
    cell: NotebookNode = next(cell for cell in texts if notebooks.slide_role(cell) == role)
    return cell


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of one notebook, and a folder to build in that holds the last good build."""
    (tmp_path / "notebooks").mkdir()
    shutil.copy(WITHOUT_EXPLORERS.path, tmp_path / "notebooks")
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(notebooks, "BUILD", tmp_path / "build")
    for kind in ("slides", "handout"):
        (tmp_path / "build" / kind).mkdir(parents=True)
        (tmp_path / "build" / kind / "good").write_text("the last good build")
    return tmp_path


def last_good(elsewhere: Path, kind: str) -> bool:
    """Whether nothing but the last good build is there, in no folder half built."""
    inside = sorted(path.name for path in (elsewhere / "build").rglob("*"))
    return inside == sorted(["good", "good", "handout", "slides"])


@pytest.mark.parametrize(("complaint", "spoil"), BAD)
def test_a_bad_notebook_is_named_in_one_line_and_the_last_build_stays(
    elsewhere: Path, capsys: pytest.CaptureFixture[str], complaint: str, spoil: Spoil
) -> None:
    """Catches a traceback, a message without its place, and a build that is half there."""
    path = elsewhere / "notebooks" / WITHOUT_EXPLORERS.path.name
    notebook = nbformat.read(path, as_version=4)
    spoil(notebook)
    nbformat.write(notebook, path)
    assert publish.run(["slides"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
    assert path.name in line
    assert re.search(r"cell \d+ \(|section", line)
    assert last_good(elsewhere, "slides")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["slides", "77"], "NOTEBOOK=77"), (["handout", "77"], "NOTEBOOK=77")],
)
def test_a_notebook_that_is_not_there_is_named(
    elsewhere: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    """Catches a build of nothing that takes the place of the last one."""
    assert publish.run(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line
    assert last_good(elsewhere, arguments[0])


def test_a_file_that_is_no_notebook_is_named(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches the traceback of the parser."""
    (elsewhere / "notebooks" / "09_broken.ipynb").write_text("{")
    assert publish.run(["slides"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "09_broken.ipynb: cannot be read" in line
    assert last_good(elsewhere, "slides")


def test_a_missing_package_is_named_and_the_last_build_stays(
    elsewhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a failure in the middle of the building that leaves nothing, or half of it."""
    monkeypatch.setattr(assets, "ASSETS", [*assets.ASSETS[:2], ("a.js", "no-such-package", "a")])
    assert publish.run(["slides"]) == 1
    assert capsys.readouterr().err == (
        "slides: no-such-package is not installed; make slides installs it\n"
    )
    assert last_good(elsewhere, "slides")


def test_without_a_browser_a_handout_says_so(
    elsewhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches Playwright's own complaint, and an empty folder of handouts."""
    monkeypatch.setattr(browser, "NAMES", ("no-such-browser",))
    assert publish.run(["handout"]) == 1
    assert capsys.readouterr().err == (
        "handout: printing needs a browser; found none of no-such-browser\n"
    )
    assert last_good(elsewhere, "handout")


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=need_chromium(), args=browser.FLAGS)
        context = started.new_context()
        context.set_default_timeout(TIMEOUT)
        yield context
        started.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails its test when it asks another machine for something, or complains."""
    asked, said = list[str](), list[str]()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    yield page
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:", "blob:"))] == []
    assert said == []


def build(folder: Path, chosen: str) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebooks, "BUILD", folder)
        decks.main(chosen)
    return folder / "slides"


@pytest.fixture(scope="module")
def one_deck(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a deck without explorers, whose pictures would take a while."""
    name = WITHOUT_EXPLORERS.path.stem
    return (build(tmp_path_factory.mktemp("one"), name) / f"{name}.html").as_uri()


@pytest.fixture(scope="module")
def all_decks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("all"), "")


def test_a_deck_whole(one_deck: str, page: Page) -> None:
    """Catches a slide that does not fit, or a step that the right arrow does not reach."""
    walk = stage.walk(page, one_deck, stage.FULL, pictures=PICTURES)
    slides = cut(WITHOUT_EXPLORERS)
    assert walk.faults == []
    assert walk.slides == len(slides)
    assert walk.steps == len(slides) - 1 + sum(slide.step for slide in slides)


WRONG = {
    "is cut": "<p style='height: 1200px'>high</p>",
    "more than it shows": "<pre style='overflow: auto'>" + "wide " * 100 + "</pre>",
    "wraps lines": "<pre style='white-space: pre-wrap'>code</pre>",
    "figure 400 pixels high": "<img alt='' style='height: 400px' src=PIXEL>",
    "letters of 27 pixels": "<p style='font-size: 27px'>small</p>",
    "letters of 19 pixels": "<pre style='font-size: 19px'>small</pre>",
    "source of a formula": "<p>$x^2$</p>",
    "no formula": "<p data-mjx-error>x</p>",
    "comes with its code": "<div class=code></div><div class=output>2</div>",
}


def test_the_measure_sees_each_fault(one_deck: str, page: Page) -> None:
    """Catches a measuring tool that is content with everything."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{one_deck}#/1")
    page.wait_for_function(stage.READY)
    pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    assert page.evaluate(stage.MEASURE) == []
    for complaint, wrong in WRONG.items():
        page.evaluate(
            """html => {
                document.querySelector("section.present .block").innerHTML = html;
                return Promise.all([...document.images].map(image => image.decode()));
            }""",
            wrong.replace("PIXEL", pixel),
        )
        assert complaint in "\n".join(page.evaluate(stage.MEASURE))


@pytest.mark.long
@pytest.mark.parametrize("size", [stage.FULL, stage.SMALL], ids=lambda size: f"{size[0]}x{size[1]}")
@each_lesson
def test_every_slide_of_every_deck_fits(
    lesson: Lesson, size: tuple[int, int], all_decks: Path, page: Page
) -> None:
    """Catches what the one deck of the short tests does not have: explorers, tables, the rest."""
    address = (all_decks / f"{lesson.path.stem}.html").as_uri()
    walk = stage.walk(page, address, size, pictures=PICTURES)
    assert walk.faults == []
    assert walk.slides == len(cut(lesson))


@pytest.mark.long
def test_the_list_leads_to_every_deck(all_decks: Path, page: Page) -> None:
    """Catches a deck that lies in the folder and in no list."""
    page.goto((all_decks / "index.html").as_uri())
    for lesson in LESSONS:
        page.get_by_role("link", name=lesson.title).click()
        page.wait_for_function(stage.READY)
        assert page.title() == f"{lesson.number} {lesson.title}"
        page.go_back()


@pytest.mark.long
@each_lesson
def test_the_speakers_view_says_what_the_screen_does_not(
    lesson: Lesson, all_decks: Path, page: Page
) -> None:
    """Catches notes that stay empty, formulas shown twice, and a view that needs a server."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto((all_decks / f"{lesson.path.stem}.html").as_uri())
    page.wait_for_function(stage.READY)
    slides = cut(lesson)
    asking = next(i for i, slide in enumerate(slides) if "A class usually says" in str(slide.notes))
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    view, row = opened.value, guide.read(lesson.number).questions[0]
    notes = view.locator(".speaker-controls-notes")
    expect(notes).to_contain_text("Until 1:00")
    page.evaluate("index => Reveal.slide(index)", asking)
    expect(notes).to_contain_text("A class usually says")
    expect(notes).to_contain_text(re.sub(r"[`$*]", "", row.usual))
    assert notes.locator("mjx-assistive-mml").count() == 0
    view.keyboard.press("ArrowRight")  # the keys of either window move both
    page.wait_for_function(
        "index => Reveal.getSlidePastCount() > index ||"
        " document.querySelector('section.present .fragment.visible')",
        arg=asking,
    )
    view.close()


@pytest.mark.long
@pytest.mark.parametrize("lesson", WITH_EXPLORERS, ids=lambda lesson: lesson.path.stem)
def test_explorers_leave_the_decks_keys_alone(lesson: Lesson, all_decks: Path, page: Page) -> None:
    """Catches sliders that take the arrows from the deck, or the deck's that move sliders."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto((all_decks / f"{lesson.path.stem}.html").as_uri())
    page.wait_for_function(stage.READY)
    place = "() => { const { h, f } = Reveal.getIndices(); return 100 * h + (f ?? -1); }"
    for index in range(page.locator(".player").count()):
        player = page.locator(".player").nth(index)
        page.evaluate(
            "i => { const player = document.querySelectorAll('.player')[i];"
            " Reveal.slide(Reveal.getIndices(player.closest('section')).h, 0,"
            " Number(player.closest('.fragment')?.dataset.fragmentIndex ?? -1)); }",
            index,
        )
        here, picture = page.evaluate(place), player.locator("img")
        before = str(picture.get_attribute("src"))
        player.locator("input[type=range]").first.focus()
        page.keyboard.press("ArrowRight")
        expect(picture).not_to_have_attribute("src", before)
        assert page.evaluate(place) == here
        page.keyboard.press("Escape")
        moved = str(picture.get_attribute("src"))
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(f"here => ({place})() < here", arg=here)
        assert picture.get_attribute("src") == moved


@pytest.mark.long
def test_handouts_are_printed(tmp_path: Path) -> None:
    """Catches a page that is printed before its formulas, figures and fonts are there."""
    need_chromium()
    # A process of its own, as Playwright runs once in each.
    program = "import sys, pathlib as p; from publish import handout as h, notebooks as n; "
    program += "n.BUILD = p.Path(sys.argv[1]); h.main('')"
    subprocess.run([sys.executable, "-c", program, tmp_path], cwd=notebooks.ROOT, check=True)
    printed = sorted((tmp_path / "handout").iterdir())
    names = {f"{path.stem}{end}" for path in PATHS for end in handout.SHEETS}
    assert {path.stem for path in printed} == names
    for lesson in LESSONS:
        path = tmp_path / "handout" / f"{lesson.path.stem}.pdf"
        work = path.with_name(f"{path.stem}-worksheet.pdf").read_bytes()
        most = 14 if lesson.number == "05" else 12  # 48 questions
        assert 2 <= len(re.findall(rb"/Type /Page\b", work)) <= most
        content = path.read_bytes()
        figures = sum("image/png" in str(cell.get("outputs")) for cell in lesson.cells)
        assert content.startswith(b"%PDF")
        assert content.count(b"/Subtype /Image") >= figures

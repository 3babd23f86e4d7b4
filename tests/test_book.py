"""The book and its players, as a reader meets them in a browser."""

import html.parser
import io
import itertools
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from machine import need_chromium, need_packages

need_packages("publish", "playwright", "myst_nb", "sphinx_book_theme", "axe_playwright_python")
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright

from publish import __main__ as publish
from publish import book, browser, notebooks, player

PATHS = notebooks.discover()
PICTURES = notebooks.ROOT / "build" / "screenshots"  # of what failed; the workflow keeps them
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
SETTLED = "() => !window.MathJax?.startup?.promise || MathJax.startup.promise.then(() => true)"
# All rules of axe that are on by default, and one that a later version has among them.
RULES = {"resultTypes": ["violations"], "rules": {"label-content-name-mismatch": {"enabled": True}}}
# What can be moved to the side on the page, but for code and tables.
MOVES = """() => [...document.querySelectorAll("article *")].filter(element =>
    element.scrollWidth > element.clientWidth + 1
    && ["auto", "scroll"].includes(getComputedStyle(element).overflowX)
    && !element.closest("pre, .highlight, .pst-scrollable-table-container, .text_html"))
  .map(element => element.outerHTML.slice(0, 100))"""


@pytest.fixture(scope="module")
def site() -> Path:
    """The book, as the command builds it."""
    command = [sys.executable, "-m", "publish", "book"]
    done = subprocess.run(command, cwd=notebooks.ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return book.TARGET


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=need_chromium(), args=list(browser.FLAGS)
        )
        context = opened.new_context()
        context.set_default_timeout(60_000)
        yield context
        opened.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that keeps a picture of itself when its test fails, and asks nobody outside."""
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda asked: outside.append(asked.url))
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        PICTURES.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", request.node.name)
        page.screenshot(path=PICTURES / f"{name}.png")
    page.close()
    assert {url for url in outside if urlsplit(url).scheme not in ("file", "data", "blob")} == set()


def pages(site: Path) -> list[Path]:
    """All pages that Sphinx made."""
    found = [*site.glob("*.html"), *site.glob("notebooks/*.html")]
    assert len(found) > len(PATHS)
    return sorted(found)


def look(page: Page, path: Path, size: str = "desk", scheme: Any = "light") -> None:
    page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
    page.emulate_media(color_scheme=scheme)
    page.goto(path.as_uri())
    page.wait_for_function(SETTLED)
    page.wait_for_function("() => document.getAnimations().length === 0")  # colours fade in
    assert page.evaluate("document.documentElement.dataset.theme") == scheme


def faults(page: Page) -> list[str]:
    """What is wrong with a page for those who do not see, or see little."""
    found = Axe().run(page, options=RULES).response["violations"]
    complaints = [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in found]
    levels = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
        "all => all.map(heading => Number(heading.tagName[1]))"
    )
    if levels.count(1) != 1 or any(b > a + 1 for a, b in itertools.pairwise(levels)):
        complaints.append(f"the outline is {levels}")
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if width > 0:
        complaints.append(f"the page can be moved {width} pixels to the side")
    return complaints + [f"moves to the side: {part}" for part in page.evaluate(MOVES)]


def test_a_page_can_be_read_by_everyone(site: Path, page: Page) -> None:
    """Catches at once what a change of theme, style or template breaks on every page."""
    for size, scheme in (("phone", "dark"), ("desk", "light")):  # a phone hides the side bar
        look(page, site / "notebooks" / f"{PATHS[1].stem}.html", size, scheme)
        assert faults(page) == []


ALL = [("desk", "light"), ("desk", "dark"), ("phone", "light"), ("phone", "dark")]


@pytest.mark.long
@pytest.mark.parametrize(("size", "scheme"), ALL)
def test_every_page_can_be_read_by_everyone(site: Path, page: Page, size: str, scheme: str) -> None:
    """Catches a contrast, a table without headings, a figure without words, on one page alone."""
    for path in pages(site):
        made = path.name in ("reference.html", "genindex.html", "py-modindex.html", "search.html")
        if not made or (size, scheme) == ALL[0]:
            look(page, path, size, scheme)
            assert faults(page) == [], path.name


def test_every_figure_has_its_alt_text(site: Path) -> None:
    """Catches a figure whose description does not reach the page."""
    for path in PATHS:
        text = (site / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
        shown = re.findall(r'<img alt="([^"]+)"[^>]*_images/', html.unescape(text))
        cells = nbformat.read(path, as_version=4).cells
        drawn = [output for cell in cells for output in cell.get("outputs", [])]
        assert len(shown) == sum("image/png" in output.get("data", {}) for output in drawn)
        assert set(shown) == {cell.metadata.alt for cell in cells if "alt" in cell.metadata}


class Links(html.parser.HTMLParser):
    """The addresses that a page names, and the places on it that can be named."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links, self.places = set[str](), {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.links |= {values[name] for name in ("href", "src") if name in values}
        self.places |= {values[name] for name in ("id", "name") if name in values}


def test_every_link_leads_somewhere_on_this_machine(site: Path) -> None:
    """Catches a dead link or anchor, and what the page would load from the internet."""
    found = {path.resolve(): Links(path) for path in pages(site)}
    for path, page in found.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme == "https", (path.name, link)
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), (path.name, link)
            if target in found:
                assert unquote(parts.fragment) in found[target].places, (path.name, link)


def test_pages_are_light(site: Path) -> None:
    """Catches pictures stored within a page, and figures that have grown too large.

    What all pages share is loaded once: the theme's and MathJax's scripts, in _static.
    """
    for path in pages(site):
        links = {urlsplit(link).path for link in Links(path).links if "_static/" not in link}
        files = {(path.parent / link).resolve() for link in links if link} | {path}
        size = sum(
            file.stat().st_size for file in files if file.is_file() and file.suffix != ".html"
        )
        assert size + path.stat().st_size < 3_000_000, path.name


def test_the_notebook_itself_can_be_downloaded(site: Path) -> None:
    """Catches a download that is not the notebook of the course, byte for byte."""
    for path in PATHS:
        text = (site / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
        (link,) = set(re.findall(r'href="([^"]+\.ipynb)"', text))
        assert (site / "notebooks" / link).read_bytes() == path.read_bytes()


def test_answers_are_folded_and_unfold_by_key(site: Path, page: Page) -> None:
    """Catches answers in full view, and ones that a keyboard cannot open."""
    look(page, site / "notebooks" / f"{PATHS[0].stem}.html")
    answer = page.locator("details:not(.hide)").first  # those of cells are folded, too
    expect(answer.locator("p").first).to_be_hidden()
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(answer.locator("p").first).to_be_visible()


# The players

WITH_PLAYERS = [
    path
    for path in PATHS
    if any(player.explorer(cell) for cell in nbformat.read(path, as_version=4).cells)
]


def moved(picture: Locator, before: str) -> str:
    """Wait until another picture is shown, and loaded; return its address."""
    expect(picture).not_to_have_attribute("src", before)
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 900
    return str(picture.get_attribute("src"))


def move_all(page: Page, box: Locator) -> None:
    """Move each slider of a player by key and by mouse."""
    picture = box.locator("img")
    for field in box.locator("input").all():
        shown = str(picture.evaluate("image => image.src"))
        if field.get_attribute("type") == "checkbox":
            field.press("Space")
            shown = moved(picture, shown)
            field.click()
            moved(picture, shown)
            continue
        for key in ("ArrowRight", "Home", "End"):
            field.press(key)
            shown = moved(picture, shown)
            assert field.get_attribute("aria-valuetext")
        place = field.bounding_box()
        assert place
        page.mouse.move(place["x"] + place["width"] - 8, place["y"] + place["height"] / 2)
        page.mouse.down()
        page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        page.mouse.up()
        moved(picture, shown)
    expect(box.locator("[role=status]")).to_have_text(str(picture.get_attribute("alt")))


def test_a_player_moves_and_leaves_the_pages_keys_alone(site: Path, page: Page) -> None:
    """Catches sliders that do nothing, pictures loaded unasked, arrows taken without the focus."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    look(page, site / "notebooks" / f"{WITH_PLAYERS[-1].stem}.html")
    box = page.locator(".player").first
    box.scroll_into_view_if_needed()
    assert not [url for url in asked if re.search(r"players/\w+/", url)]
    stored = box.locator("img").get_attribute("src")
    page.keyboard.press("ArrowRight")  # the focus is not on the player
    assert box.locator("img").get_attribute("src") == stored
    move_all(page, box)
    assert [url for url in asked if re.search(r"players/\w+/", url)]


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", WITH_PLAYERS, ids=lambda path: path.stem)
def test_every_player_moves(site: Path, page: Page, path: Path, size: str) -> None:
    """Catches a picture that is missing for one position, in one explorer."""
    look(page, site / "notebooks" / f"{path.stem}.html", size)
    for box in page.locator(".player").all():
        move_all(page, box)


def test_without_javascript_there_is_the_stored_picture(
    site: Path, context: BrowserContext
) -> None:
    """Catches sliders that are shown where nothing can move them."""
    opened = context.browser
    assert opened
    plain = opened.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto((site / "notebooks" / f"{WITH_PLAYERS[0].stem}.html").as_uri())
    expect(page.locator(".player img").first).to_be_visible()
    expect(page.locator(".player-controls").first).to_be_hidden()
    plain.close()


def test_each_player_has_all_its_pictures_in_two_megabytes(site: Path) -> None:
    """Catches a position without its picture, a picture with another title, and a grid too fine."""
    for path in WITH_PLAYERS:
        for cell in nbformat.read(path, as_version=4).cells:
            if view := player.explorer(cell):
                folder = site / "_static" / "players" / player.name(view)
                pictures = list(folder.glob("*.png"))
                count = 1
                for knob in view.knobs.values():
                    assert knob.start in (knob.few or knob.values)
                    count *= len(knob.few or knob.values)
                assert len(pictures) == count
                assert sum(picture.stat().st_size for picture in pictures) < 2_000_000
                last = "-".join(str(len(k.few or k.values) - 1) for k in view.knobs.values())
                view.update(**{name: knob.values[-1] for name, knob in view.knobs.items()})
                with Image.open(folder / f"{last}.png") as drawn:
                    fresh = Image.open(io.BytesIO(view.png())).convert("L")
                    pairs = zip(drawn.convert("L").tobytes(), fresh.tobytes(), strict=True)
                assert max(abs(a - b) for a, b in pairs) < 32


# Bad input, and settings


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # of libraries about libraries
def test_a_warning_fails_and_leaves_the_last_book(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a book that is half built, or built with a link that leads nowhere."""
    before = sorted(site.rglob("*"))
    monkeypatch.setattr(book, "on_stage", lambda *_: "\n[gone](gone.ipynb)\n")
    assert publish.run(["book"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("book: stage.md:")
    assert "gone.ipynb" in error
    assert error.count("\n") == 1
    assert sorted(site.rglob("*")) == before
    assert publish.run(["book", "03"]) == 1
    assert "leave it out" in capsys.readouterr().err


def test_a_button_needs_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a button that leads nowhere, and an address that is not used."""

    def settings(**environment: str) -> dict[str, Any]:
        for name in ("COURSE_REPOSITORY", "BOOK_BINDERHUB", "BOOK_JUPYTERHUB"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        values: dict[str, Any] = {}
        exec((book.HERE / "conf.py").read_text(encoding="utf-8"), values)
        return dict(values["html_theme_options"])

    repository, hub = "https://github.com/somebody/course", "https://hub.example.org"
    assert "launch_buttons" not in settings()
    alone = settings(COURSE_REPOSITORY=repository, BOOK_BINDERHUB="")["launch_buttons"]
    assert alone.keys() == {"notebook_interface", "colab_url"}
    found = settings(COURSE_REPOSITORY=repository, BOOK_JUPYTERHUB=hub)
    assert found["launch_buttons"]["jupyterhub_url"] == hub
    assert found["repository_url"] == repository


@pytest.mark.long
def test_colab_opens_the_copy_of_the_page_s_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Catches the theme's own address, of the notebook without its package."""
    monkeypatch.setenv("COURSE_REPOSITORY", "https://github.com/somebody/course")
    with_button = notebooks.BUILD / "book-with-button"
    program = f"from publish import book; book.TARGET = book.BUILD / {with_button.name!r}; "
    subprocess.run([sys.executable, "-c", f"{program} book.main()"], cwd=notebooks.ROOT, check=True)
    for path in PATHS:
        page = (with_button / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
        address = f"https://colab.research.google.com/github/somebody/course/blob/colab/{path.name}"
        assert set(re.findall(r"https://colab[^\"]+", page)) == {address}
    shutil.rmtree(with_button)

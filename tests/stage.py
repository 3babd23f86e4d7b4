"""A walk through a deck by key presses, which measures all that is visible at each step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

FULL, SMALL = (1920, 1080), (1280, 720)
READY = "() => window.Reveal?.isReady?.() && document.fonts.status === 'loaded'"

# What the present slide does wrong, seen as an audience sees it; sizes in pixels of the screen.
MEASURE = r"""() => {
  const faults = [], scale = Reveal.getScale(), full = innerWidth >= 1920;
  const foot = innerHeight - 20 * scale;  // below it stands the slide's number
  for (const block of Reveal.getCurrentSlide().querySelectorAll(":scope > :not(aside)")) {
    const words = (block.querySelector("img")?.alt || block.textContent).trim();
    const say = what => faults.push(`${what}: ${words.replace(/\s+/g, " ").slice(0, 50)}`);
    if (getComputedStyle(block).visibility === "hidden") continue;
    const inside = [block, ...block.querySelectorAll("*")].filter(
      element => !element.closest("svg, mjx-assistive-mml, br"));
    const boxes = inside.map(element => element.getBoundingClientRect());
    const over = Math.max(...boxes.map(box => Math.max(
      -box.left, -box.top, box.right - innerWidth, box.bottom - foot)));
    if (over > .5) say(`is cut, by ${Math.ceil(over)} pixels`);
    // What is one pixel wide is there for screen readers alone.
    const hidden = Math.max(...inside.filter(element => element.clientWidth > 1
        && !element.closest("mjx-container")).map(element => Math.max(
      element.scrollWidth - element.clientWidth,
      element.scrollHeight - element.clientHeight
        - parseFloat(getComputedStyle(element).fontSize))));  // formulas reach out of their lines
    if (hidden > 1) say(`holds ${hidden} pixels more than it shows`);
    if (inside.some(element => element.matches("pre")
        && getComputedStyle(element).whiteSpace !== "pre")) say("wraps lines of code");
    if (block.querySelector("mjx-merror, [data-mjx-error]")) say("holds no formula");
    for (const image of block.querySelectorAll("img")) {
      const shown = scale * Math.min(image.clientHeight,
        image.clientWidth * image.naturalHeight / (image.naturalWidth || 1));
      if (shown < innerHeight / 2 - 1) say(`is a figure ${Math.round(shown)} pixels high`);
    }
    const own = element => [...element.childNodes].filter(node => node.nodeType === 3)
      .map(node => node.data.trim()).join("");
    const letters = inside.filter(element => element.matches("mjx-container") || own(element));
    for (const element of letters) {
      const size = parseFloat(getComputedStyle(element).fontSize) * scale;
      const coded = element.closest("pre, .output, code");
      if (full && size < (coded ? 20 : 28) - .01) say(`has letters of ${size} pixels`);
      if (!coded && own(element).includes("$")) say("shows the source of a formula");
    }
    const shows = !block.matches(".fragment") && block.querySelector("img, .output");
    if (shows && [...block.parentElement.querySelectorAll(".code")].some(code =>
        code.compareDocumentPosition(shows) & Node.DOCUMENT_POSITION_FOLLOWING))
      say("comes with its code, not after it");
  }
  return faults;
}"""


@dataclass
class Walk:
    """What was met: how many slides and steps, and what was wrong with them."""

    slides: int = 0
    steps: int = 0
    faults: list[str] = field(default_factory=list)


def walk(
    page: Page,
    address: str,
    size: tuple[int, int],
    look: Callable[[Page, int], None] | None = None,
    pictures: Path | None = None,
) -> Walk:
    """Press the right arrow from the first slide to the end; measure at every step.

    Args:
        page: An open page of the browser.
        address: The deck's.
        size: The screen's, in pixels.
        look: Called with the number of a slide, from 1, when it is fully revealed.
        pictures: A folder for a picture of each slide on which something is wrong.
    """
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)
    page.wait_for_function(READY)
    met = Walk(slides=1)
    while True:
        number = page.evaluate("() => Reveal.getSlidePastCount() + 1")
        met.slides = max(met.slides, number)
        if faults := page.evaluate(MEASURE):
            at = f"slide {number} at {size[0]}×{size[1]}"
            met.faults += [text for fault in faults if (text := f"{at}: {fault}") not in met.faults]
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
                name = f"{Path(address.split('#')[0]).stem}-{number}-{size[0]}.png"
                page.screenshot(path=pictures / name)
        more = page.evaluate("() => Reveal.availableFragments().next")
        if look and not more:
            look(page, number)
        if not more and page.evaluate("() => Reveal.isLastSlide()"):
            return met
        page.keyboard.press("ArrowRight")
        met.steps += 1

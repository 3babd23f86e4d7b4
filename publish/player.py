"""Explorers that move without a kernel: sliders over pictures drawn beforehand.

A page that shows an explorer does three things with this module:

    view = player.explorer(cell)              # of a code cell, None if there is none
    player.lay([view], folder)                # the pictures, player.js and player.css
    player.html(view, "players", '<img …>')   # what takes the place of the cell's picture

`"players"` is the address of `folder` as the page sees it. The page links `player.css` and loads
`player.js` with `defer`; both lie in `folder`. Nothing is loaded before a slider is moved, and then
by `img` elements alone, so that it works from `file:` too. Without JavaScript there is the picture.
"""

import contextlib
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from html import escape
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import matplotlib
from nbformat import NotebookNode
from PIL import Image

import d2lhelpers
from d2lhelpers import explore
from d2lhelpers._explorer import Explorer, Knob
from publish import notebooks
from publish.notebooks import BUILD, replacing

HERE = Path(__file__).parent
ASSETS = ("player.js", "player.css")
TITLES = "titles.json"  # what each picture shows
DRAWN = BUILD / "explorers"  # kept from one build to the next
SOURCES = ("explore.py", "_explorer.py", "d2lhelpers.mplstyle")


def explorer(cell: NotebookNode) -> Explorer | None:
    """Return the explorer that a cell's stored picture describes, if it is one's."""
    for output in cell.get("outputs", []):
        metadata = output.get("metadata", {}).get("image/png", {})
        if "explorer" in metadata:
            return explore.rebuild(metadata)
    return None


def name(view: Explorer) -> str:
    """Return the name of the folder of its pictures, another one whenever they would differ."""
    package = Path(d2lhelpers.__file__).parent
    parts = [(package / source).read_bytes() for source in SOURCES]
    parts += [Path(__file__).read_bytes(), matplotlib.__version__.encode()]
    parts += [json.dumps(view.metadata, sort_keys=True).encode()]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def lay(views: Sequence[Explorer], folder: Path) -> None:
    """Lay the pictures of explorers, and what moves them, into a folder."""
    _draw([view for view in views if not (DRAWN / name(view)).exists()])
    for view in views:
        shutil.copytree(DRAWN / name(view), folder / name(view), dirs_exist_ok=True)
    for asset in ASSETS:
        notebooks.lay(HERE / asset, folder / asset)


def html(view: Explorer, address: str, picture: str) -> str:
    """Return an explorer in HTML.

    Args:
        view: as `explorer` returns it.
        address: that of the folder given to `lay`, as the page sees it.
        picture: the stored picture as an `img` element, with its alt text.
    """
    return f'<div class="player">{picture}{controls(view, address)}</div>'


def controls(view: Explorer, address: str) -> str:
    """Return the sliders; they stand beside the `img` in an element of the class `player`.

    The pictures have been laid by `lay`, and the explorer is as it was made.
    """
    fields = "".join(_field(knob) for knob in view.knobs.values())
    titles = (DRAWN / name(view) / TITLES).read_text(encoding="utf-8").replace("</", "<\\/")
    return (
        f'<div class="player-controls" data-pictures="{escape(address)}/{name(view)}" hidden>'
        f'{fields}<p class="player-title" role="status">{escape(repr(view))}</p>'
        f'<script type="application/json">{titles}</script></div>'
    )


def _field(knob: Knob) -> str:
    label = f"<span>{escape(knob.label)}</span>"
    stops = _stops(knob)
    start = stops.index(knob.start)
    if stops == (False, True):
        box = f'<input type="checkbox"{" checked" * start} autocomplete="off">'
        return f'<label class="player-box">{box}{label}</label>'
    texts = escape(json.dumps([knob.text(stop) for stop in stops], ensure_ascii=False))
    return (
        f'<label>{label}<input type="range" max="{len(stops) - 1}" value="{start}"'
        f' data-texts="{texts}" autocomplete="off"></label>'
        f'<output aria-hidden="true">{knob.text(knob.start)}</output>'
    )


def _stops(knob: Knob) -> tuple[float, ...]:
    return knob.few or knob.values


def _places(view: Explorer) -> Iterator[tuple[int, ...]]:
    """Yield all positions of all sliders together."""
    return itertools.product(*(range(len(_stops(knob))) for knob in view.knobs.values()))


def _draw(views: Sequence[Explorer]) -> None:
    """Draw all pictures of explorers, on all processors, and keep them."""
    if not views:
        return
    workers = os.cpu_count() or 1
    with contextlib.ExitStack() as kept:
        folders = [kept.enter_context(replacing(DRAWN / name(view))) for view in views]
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            parts = [
                pool.submit(_draw_some, view.metadata, list(_places(view))[part::workers], folder)
                for view, folder in zip(views, folders, strict=True)
                for part in range(workers)
            ]
        for number, folder in enumerate(folders):
            drawn = [part.result() for part in parts[number * workers :][:workers]]
            titles = {key: title for some in drawn for key, title in some.items()}
            (folder / TITLES).write_text(json.dumps(titles, ensure_ascii=False), encoding="utf-8")


def _draw_some(
    metadata: dict[str, Any], places: list[tuple[int, ...]], folder: Path
) -> dict[str, str]:
    """Draw pictures into a folder, and return the title of each."""
    view, titles = explore.rebuild(metadata), {}
    for place in places:
        values = {
            name: _stops(knob)[i] for (name, knob), i in zip(view.knobs.items(), place, strict=True)
        }
        view.update(**values)
        key = "-".join(map(str, place))
        titles[key] = repr(view)
        picture = Image.fromarray(view.pixels()).convert("RGB")
        few = picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(folder / f"{key}.png")
    return titles

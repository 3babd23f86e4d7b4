"""Cells as HTML: the text, the code and the stored outputs, for decks and handouts."""

import html
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert.filters.ansi import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

HERE = Path(__file__).parent
WIDGET = "application/vnd.jupyter.widget-view+json"
COLOURS = "xcode"  # a style of Pygments, dark enough on a light ground


def text(source: str) -> str:
    """Return Markdown as HTML; formulas stay as they are, for MathJax."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    rendered = str(MarkdownWithMath(renderer=renderer).render(source))
    return re.sub(r' href="[^"#]+\.ipynb[^"]*"', "", rendered)  # no notebook lies beside a deck


def line(source: str) -> str:
    """Return a line of Markdown as HTML, without a paragraph of its own."""
    return re.sub(r"</?p>", "", text(source)).strip()


def code(source: str) -> str:
    """Return Python as HTML, coloured by the classes of `code_style`."""
    return str(highlight(source, PythonLexer(), HtmlFormatter(cssclass="code")))


def code_style() -> str:
    """Return the CSS that colours code."""
    return str(HtmlFormatter(style=COLOURS).get_style_defs(".code"))


def output(stored: NotebookNode, alt: str) -> str:
    """Return one stored output as HTML: a figure before a table before text."""
    data = stored.get("data", {})
    if "image/png" in data:
        picture = "".join(data["image/png"].split())
        return f'<img src="data:image/png;base64,{picture}" alt="{html.escape(alt)}">'
    if "text/html" in data:
        return f'<div class="output">{data["text/html"]}</div>'
    shown = strip_ansi(data.get("text/plain", stored.get("text", ""))).rstrip()
    return f'<pre class="output">{html.escape(shown)}</pre>'


def outputs(cell: NotebookNode) -> list[str]:
    """Return all that the cell's run has stored; of an explorer, the picture alone."""
    alt = cell.metadata.get("alt", "")
    return [output(stored, alt) for stored in cell.outputs if WIDGET not in stored.get("data", {})]


def page(template: str, **values: object) -> str:
    """Fill a template of this package."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)

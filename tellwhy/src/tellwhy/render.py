"""How feedback looks: at a glance in a notebook, and as plain text elsewhere."""

import html
import re
from collections.abc import Sequence

# Colours on which white stands out, in light and in dark.
GREEN, RED, GRAY = "#1a7f37", "#b42318", "#57606a"
PRE = "white-space: pre-wrap; line-height: 1.4; margin: 4px 0 0 0"


class Text(str):
    """A text that a notebook shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text itself."""
        return str(self)


def as_text(head: str, sentences: Sequence[str], lines: Sequence[str] = ()) -> str:
    """Return feedback as plain text: a head, sentences, and lines that show what happened.

    Example:
        >>> print(as_text("double: right.", ["Verified: small numbers."], ["double(3)"]))
        double: right.
        Verified: small numbers.
          double(3)
    """
    return "\n".join([head, *sentences, *(f"  {line}" for line in lines)])


def as_html(
    title: str, word: str, color: str, sentences: Sequence[str], lines: Sequence[str] = ()
) -> str:
    """Return what a notebook shows; no script, and legible without the styles as well."""
    badge = f"background-color: {color}; color: #ffffff; padding: 1px 8px; font-weight: bold"
    said = "".join(f"<div>{marked_up(sentence)}</div>" for sentence in sentences)
    shown = html.escape("\n".join(lines))
    below = f'<pre style="{PRE}">{shown}</pre>' if shown else ""
    head = f'<div><span style="{badge}">{word}</span> <b>{html.escape(title)}</b></div>'
    return f'<div class="exercise-feedback" style="line-height: 1.7">{head}{said}{below}</div>'


def marked_up(sentence: str) -> str:
    """Return a sentence as HTML, with what stands in backticks as code.

    Example:
        >>> marked_up("Is `n < 1`?")
        'Is <code>n &lt; 1</code>?'
    """
    return re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(sentence, quote=False))

"""When solutions and folded answers open, as the instructor's `class.toml` says.

It is a curtain and not a lock: whoever looks into the package or the course's repository sees what
is behind it. The file lies at the top of the checkout, and is not part of the course:

    [open]
    "03" = 2026-12-04T18:00:00+01:00
    others = 2026-12-18T18:00:00+01:00

Notebooks that it does not name, and has no `others` for, are open.
"""

import json
import re
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / "class.toml"
VARIABLE = "TELLWHY_SOLUTIONS_FROM"  # in which `solution()` looks
FOLDED = re.compile(r"(<details>\s*<summary>.*?</summary>).*?(</details>)", re.DOTALL)
CHECK = re.compile(r"^exercises\.(\w+)\.check\(", re.MULTILINE)


def opening(number: str, file: Path = FILE) -> datetime | None:
    r"""Return when a notebook's solutions and answers open; None where they are open.

    Args:
        number: the notebook's two digits.
        file: the instructor's settings; it need not exist.

    Raises:
        ValueError: the settings cannot be read; the message says what was wanted.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "class.toml")
        ...     _ = file.write_text('[open]\n"03" = 2026-12-04T18:00:00+01:00')
        ...     print(opening("03", file), opening("04", file))
        2026-12-04 18:00:00+01:00 None
    """
    if not file.exists():
        return None
    try:
        dates: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))["open"]
        wrong = {key for key in dates if not re.fullmatch(r"\d\d|others", key)}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{file}: a table [open] is wanted; {error}") from None
    when = dates.get(number, dates.get("others"))
    if wrong or not (when is None or (isinstance(when, datetime) and when.tzinfo)):
        raise ValueError(
            f'{file}: wanted lines such as "03" = 2026-12-04T18:00:00+01:00, or others = ..., '
            f"got {', '.join(sorted(wrong)) or when}"
        )
    return when


def environment(notebooks: Path, file: Path = FILE) -> dict[str, str]:
    """Return the variable that tells `solution()` when it opens; empty where all is open."""
    dates: dict[str, str] = {}
    for path in sorted(notebooks.glob("[0-9][0-9]_*.ipynb")):
        if when := opening(path.stem[:2], file):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
            dates |= dict.fromkeys(CHECK.findall(code), when.isoformat())
    return {VARIABLE: json.dumps(dates)} if dates else {}


def drawn(source: str, when: datetime | None, now: datetime | None = None) -> str:
    r"""Return a cell's text with its folded answers behind the curtain, if it is not open yet.

    Example:
        >>> when, before = (datetime.fromisoformat(f"2026-12-0{day}T18:00+01:00") for day in "43")
        >>> drawn("<details><summary>Why?</summary>So.</details>", when, before)[32:70]
        '\n\nThe answer opens on 2026-12-04 at 18'
    """
    if when is None or when <= (now or datetime.now(when.tzinfo)):
        return source
    said = f"\n\nThe answer opens on {when:%Y-%m-%d at %H:%M}.\n"
    return FOLDED.sub(lambda found: f"{found[1]}{said}{found[2]}", source)


if __name__ == "__main__":  # for the hub, whose servers start elsewhere
    print(json.dumps(environment(ROOT / "notebooks")))

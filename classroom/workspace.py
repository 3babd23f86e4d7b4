"""A copy of the notebooks to work in: outputs cleared, and kept up to date without losing work.

From a shell: `python -m classroom.workspace SOURCE TARGET`.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from classroom import curtain

RECORD = ".course.json"  # in the copy: for each notebook, the digest of what was laid there last


def cleared(text: str, opens: datetime | None = None) -> str:
    """Return the text of a notebook without outputs, counts and the state of widgets.

    Args:
        text: a notebook, as it stands in its file.
        opens: when its folded answers open, if they are not open from the start.

    Raises:
        ValueError: if the text is not a notebook.

    Example:
        >>> cell = '{"cell_type": "code", "source": "1", "outputs": ["1"], "execution_count": 7}'
        >>> json.loads(cleared('{"cells": [' + cell + '], "metadata": {}}'))["cells"]
        [{'cell_type': 'code', 'source': '1', 'outputs': [], 'execution_count': None}]
    """
    notebook: Any = json.loads(text)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("this is not a notebook: it has no cells.")
    notebook.get("metadata", {}).pop("widgets", None)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        elif opens:
            cell["source"] = curtain.drawn("".join(cell["source"]), opens)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def update(source: Path, target: Path) -> str:
    """Lay the notebooks of a folder into another, outputs cleared, and keep what was changed.

    A copy that was not touched follows its original. One that was touched is never written to:
    the new version is laid beside it. A copy that was deleted or renamed is laid anew.

    Args:
        source: the folder of the originals, which are only read.
        target: the folder of the copies; made if it is missing.

    Returns:
        A line that says what was done.

    Raises:
        ValueError: if source holds no notebooks, or one that cannot be read.
        OSError: if a file cannot be written. Each file is the old or the new one, never a part.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     original = Path(folder, "01_a.ipynb")
        ...     _ = original.write_text('{"cells": [], "metadata": {}}')
        ...     update(Path(folder), Path(folder, "work")).replace(folder, "...")
        'The copies in .../work: 1 new.'
    """
    fresh = {path.name: _read(path) for path in sorted(source.glob("*.ipynb"))}
    if not fresh:
        raise ValueError(f"there are no notebooks in {source}.")
    target.mkdir(parents=True, exist_ok=True)
    record, done = _record(target), dict[str, list[str]]()
    for name, text in fresh.items():
        there, known = _digest_of(target / name), record.get(name)
        if there is None:
            _write(target / name, text)
            done.setdefault("new", []).append(name)
        elif there == _digest(text):
            pass
        elif there == known:
            _write(target / name, text)
            done.setdefault("updated", []).append(name)
        elif known != _digest(text):  # this version was not offered yet
            beside = _free_name(target, name, record)
            _write(target / beside, text)
            record[beside] = _digest(text)
            done.setdefault("kept as changed, with the new version beside", []).append(beside)
        record[name] = _digest(text)
    for name in [name for name in record if name not in fresh and " (new version" not in name]:
        if _digest_of(target / name) == record.pop(name):  # taken out of the course, not touched
            (target / name).unlink()
            done.setdefault("removed", []).append(name)
    _write(target / RECORD, json.dumps(record, indent=1) + "\n")
    return f"The copies in {target}: {_summary(done)}."


def _summary(done: dict[str, list[str]]) -> str:
    def names(key: str) -> str:
        return f" ({', '.join(done[key])})" if "kept" in key else ""

    return "; ".join(f"{len(done[key])} {key}{names(key)}" for key in done) or "nothing new"


def _read(path: Path) -> str:
    try:
        return cleared(path.read_text(encoding="utf-8"), curtain.opening(path.stem[:2]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be copied: {error}") from None


def _record(target: Path) -> dict[str, str]:
    """Return what was laid before; without a record that can be read, every copy is touched."""
    try:
        record = json.loads((target / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _free_name(target: Path, name: str, record: dict[str, str]) -> str:
    """Return a name beside a touched copy: an unused one, or that of an offer left untouched."""
    stem, number = name.removesuffix(".ipynb"), 1
    while True:
        beside = f"{stem} (new version{f' {number}' * (number > 1)}).ipynb"
        if _digest_of(target / beside) in (None, record.get(beside)):
            return beside
        number += 1


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_of(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _write(path: Path, text: str) -> None:
    """Write a file at once: whoever is interrupted leaves the old one or the new one."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o644)  # mkstemp's own are for one user alone
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def main() -> None:
    """Update a copy from the command line, and say in a line what was done or why not."""
    parser = argparse.ArgumentParser(prog="python -m classroom.workspace", description=__doc__)
    parser.add_argument("source", type=Path, help="the folder of the notebooks")
    parser.add_argument("target", type=Path, help="the folder of the copies, made if missing")
    arguments = parser.parse_args()
    try:
        print(update(arguments.source, arguments.target))
    except (OSError, ValueError) as error:
        sys.exit(f"The copies were not brought up to date: {error}")


if __name__ == "__main__":
    main()

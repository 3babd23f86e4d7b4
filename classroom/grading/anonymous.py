"""Numbers in place of names, the same from run to run."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from classroom.grading.run import Row


def numbered(rows: Sequence[Row], key: Path) -> list[Row]:
    """Replace names by numbers, and sort by them.

    Args:
        rows: the results with names.
        key: a CSV file with the columns number and student, which is read, and written with those
            who are new. New students get the next numbers in an order drawn by lot.

    Raises:
        ValueError: the key cannot be understood; it is left as it is.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     key = Path(folder) / "key.csv"
        ...     first = numbered([Row("Ada")], key)
        ...     again = numbered([Row("Bob"), Row("Ada")], key)
        >>> [row.student for row in first], [row.student for row in again]
        (['student 1'], ['student 1', 'student 2'])
    """
    numbers = _read(key)
    new = sorted({row.student for row in rows} - numbers.keys())
    secrets.SystemRandom().shuffle(new)
    first = max(numbers.values(), default=0) + 1
    numbers.update({student: number for number, student in enumerate(new, start=first)})
    _write(key, numbers)
    rows = sorted(rows, key=lambda row: numbers[row.student])
    return [replace(row, student=f"student {numbers[row.student]}", file="") for row in rows]


def _read(key: Path) -> dict[str, int]:
    if not key.exists():
        return {}
    with key.open(encoding="utf-8", newline="") as file:
        try:
            numbers = {row["student"]: int(row["number"]) for row in csv.DictReader(file)}
        except (KeyError, ValueError, TypeError) as error:
            raise ValueError(f"{key}: no key with columns number and student ({error})") from None
    if len(set(numbers.values())) < len(numbers):
        raise ValueError(f"{key}: two students have the same number")
    return numbers


def _write(key: Path, numbers: dict[str, int]) -> None:
    new = key.with_name(key.name + ".new")
    with open(
        os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        "w",
        encoding="utf-8",
        newline="",
    ) as file:  # for nobody else to read
        writer = csv.writer(file)
        writer.writerow(["number", "student"])
        writer.writerows(sorted((number, student) for student, number in numbers.items()))
    os.replace(new, key)

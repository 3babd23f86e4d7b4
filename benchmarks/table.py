"""The table: one row for each measurement, with its reference and its bound."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["× as fast", "× the time", "× the memory", " MB above"]
LINE = "| {:<66} | {:>8} | {:>9} | {:>18} | {:>25} | {:<6} |"
HEADER = LINE.format("measured; reference", "ours", "reference", "ratio", "bound", "")
RULE = f"|{'-' * 68}|{'-' * 9}:|{'-' * 10}:|{'-' * 19}:|{'-' * 26}:|{'-' * 8}|"


@dataclass(frozen=True)
class Row:
    """A measurement in seconds, or in MB where the bound is on memory."""

    name: str
    kind: Kind
    bound: float
    ours: float
    reference: float

    @property
    def ratio(self) -> float:
        """What is held against the bound: a ratio, or a difference in memory."""
        if self.kind == "× as fast":
            return self.reference / self.ours
        if self.kind == " MB above":
            return self.ours - self.reference
        return self.ours / self.reference

    @property
    def ok(self) -> bool:
        """Whether the bound holds."""
        return self.ratio >= self.bound if self.kind == "× as fast" else self.ratio <= self.bound

    def __str__(self) -> str:
        """Return the row as a line of the table."""
        sides = (_amount(side, self.kind) for side in (self.ours, self.reference))
        ratio = f"{self.ratio:{'.0f' if self.kind == ' MB above' else '.2f'}}{self.kind}"
        bound = bound_text(self.kind, self.bound)
        return LINE.format(self.name, *sides, ratio, bound, "ok" if self.ok else "MISSED")


def bound_text(kind: Kind, bound: float) -> str:
    """Return a bound in words."""
    return f"at {'least' if kind == '× as fast' else 'most'} {bound:g}{kind}"


def _amount(value: float, kind: Kind) -> str:
    if kind in {"× the memory", " MB above"}:
        return f"{value:.0f} MB"
    number, unit = (value, "s") if value >= 1 else (1000 * value, "ms")
    return f"{number:#.3g}".rstrip(".") + f" {unit}"

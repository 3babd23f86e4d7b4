"""The closed list of what can be found in a training loop, and what is told of it."""

import tomllib
from importlib import resources
from typing import Any

from tellwhy.finding import Catalogue, Finding
from tellwhy.training.sites import Site

SAID = Catalogue(
    tomllib.loads((resources.files("tellwhy.training") / "sentences.toml").read_text("utf-8"))
)


def told(
    name: str, site: Site | None = None, quoted: dict[str, str] | None = None, **numbers: Any
) -> Finding:
    """Return a finding; its sentence ends with the line, if it has one."""
    found = SAID.finding(
        name, quoted or {}, **{key: number(value) for key, value in numbers.items()}
    )
    where = f" ({site})" if site else ""
    return Finding(name, found.parameters, found.quoted, found.sentence + where)


def number(value: Any) -> str:
    """Return a number as it is told.

    Example:
        >>> number(1234567.0), number(0.0123456), number(1200), number((10, 1))
        ('1,230,000', '0.0123', '1,200', '(10, 1)')
    """
    if isinstance(value, float) and 1000 <= abs(value) < 1e7:
        value = round(float(f"{value:.2e}"))
    return (
        f"{value:,}"
        if type(value) is int
        else f"{value:.3g}"
        if isinstance(value, float)
        else str(value)
    )

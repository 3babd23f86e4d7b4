"""The closed list of what can be found in a training loop, and what is told of it."""

import tomllib
from importlib import resources
from typing import Any

from tellwhy.finding import Catalogue, Finding
from tellwhy.training.sites import Site

_FILE = resources.files("tellwhy.training") / "sentences.toml"
SAID = Catalogue(tomllib.loads(_FILE.read_text("utf-8")))


def told(name: str, site: Site | None = None, /, **values: Any) -> Finding:
    """Return a finding, with its line; values that are texts are quoted, not its parameters."""
    quoted = {key: value for key, value in values.items() if isinstance(value, str)}
    numbers = {key: number(value) for key, value in values.items() if key not in quoted}
    found = SAID.finding(name, quoted, **numbers)
    where = f" ({site})" if site else ""
    return Finding(name, found.parameters, found.quoted, found.sentence + where)


def number(value: Any) -> str:
    """Return a number as it is told.

    Example:
        >>> number(1234567.0), number(0.0123456), number(1200), number((10, 1))
        ('1,230,000', '0.0123', '1,200', '(10, 1)')
    """
    if isinstance(value, float):
        large = 1000 <= abs(value) < 1e7
        return f"{float(f'{value:.2e}'):,.0f}" if large else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)

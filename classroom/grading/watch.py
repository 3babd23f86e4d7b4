"""What the check of an answer rests on, and whether something of it was replaced."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

WATCHED = ("builtins", "math", "statistics", "torch", "torch.nn", "torch.nn.functional")
CLASSES = {"torch": ("Tensor", "Generator"), "torch.nn": ("Module", "Linear", "Sequential")}
EXEMPT = {
    "builtins.input",  # which ipykernel replaces in each cell
    "torch.manual_seed",  # which torch.compile replaces
    "torch.Storage",  # which torch.set_default_dtype replaces
}

Parts = dict[str, tuple[Any, Any]]


def parts() -> Parts:
    """Return the functions, classes and modules that matter, each with its code, by full name.

    Example:
        >>> parts()["math.sqrt"][0](4.0)
        2.0
    """
    found: Parts = {}
    for name, module in list(sys.modules.items()):
        if name in WATCHED or (_of_the_course(name) and isinstance(module, ModuleType)):
            found[name] = (module, None)
            for key, value in list(vars(module).items()):
                _add(found, f"{name}.{key}", value)
                if isinstance(value, type) and (
                    key in CLASSES.get(name, ())
                    or (_of_the_course(name) and value.__module__ == name)
                ):
                    methods: dict[str, Any] = {}
                    for base in reversed(value.__mro__):  # so that a new one hides an old one
                        methods.update(vars(base))
                    for attribute, method in methods.items():
                        _add(found, f"{name}.{key}.{attribute}", method)
    return found


def _of_the_course(name: str) -> bool:
    return name.split(".")[0] in {"d2lhelpers", "tellwhy"}


def _add(found: Parts, name: str, value: Any) -> None:
    if callable(value) or isinstance(value, ModuleType | property | classmethod | staticmethod):
        found[name] = (value, getattr(value, "__code__", None))


def replaced(before: Parts) -> list[str]:
    """Return the names of what is another object or has other code now, or is gone.

    Example:
        >>> import math, unittest.mock
        >>> before = parts()
        >>> with unittest.mock.patch("math.sqrt", abs):
        ...     replaced(before)
        ['math.sqrt']
        >>> replaced(before)
        []
    """
    now = parts()
    return [
        name
        for name, (value, code) in before.items()
        if name not in EXEMPT
        and (name not in now or now[name][0] is not value or now[name][1] is not code)
    ]

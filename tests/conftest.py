"""Settings that all tests share."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

# The same examples on every run, and no stopwatch: a busy machine must not fail a test.
settings.register_profile("course", deadline=None, derandomize=True, max_examples=25)
settings.load_profile("course")

# A command that a shell starts with `&` ignores Ctrl-C, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="module")
def _environment() -> Iterator[None]:
    """Give the next test file the environment that this one found."""
    before = dict(os.environ)
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)

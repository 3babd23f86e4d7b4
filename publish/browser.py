"""The Chromium that prints handouts, and that the tests look through."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing is asked of the network by the browser itself; --no-sandbox lets it run as root.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


def find() -> str | None:
    """Return where a Chromium is, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)

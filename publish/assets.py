"""What lies beside the pages: reveal.js, MathJax and fonts, from the packages that carry them."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from publish import notebooks
from publish.notebooks import PublishError

REVEAL = "sphinx_revealjs/_static/revealjs/"
# What is laid beside the pages: its name there, the package that carries it, its place in that.
ASSETS = [
    ("reveal/reset.css", "sphinx-revealjs", f"{REVEAL}dist/reset.css"),
    ("reveal/reveal.css", "sphinx-revealjs", f"{REVEAL}dist/reveal.css"),
    ("reveal/reveal.js", "sphinx-revealjs", f"{REVEAL}dist/reveal.js"),
    ("reveal/notes.js", "sphinx-revealjs", f"{REVEAL}plugin/notes/notes.js"),
    ("reveal/fonts", "sphinx-revealjs", f"{REVEAL}dist/theme/fonts/source-sans-pro"),
    (
        "mathjax/tex-svg.js",
        "sphinx-mathjax-offline",
        "sphinx-mathjax-offline/static/mathjax/tex-svg.js",
    ),
    ("fonts/DejaVuSans.ttf", "matplotlib", "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf"),
    ("fonts/DejaVuSansMono.ttf", "matplotlib", "matplotlib/mpl-data/fonts/ttf/DejaVuSansMono.ttf"),
]


def lay(folder: Path, only: str = "") -> None:
    """Lay them into a folder: all, or those whose names begin with `only`.

    Raises:
        PublishError: If a package that carries one of them is not installed.
    """
    for name, package, place in ASSETS:
        if not name.startswith(only):
            continue
        try:
            source = Path(str(distribution(package).locate_file(place)))
        except PackageNotFoundError:
            raise PublishError(f"{package} is not installed; make slides installs it") from None
        notebooks.lay(source, folder / name)

"""Settings of the book, read by Sphinx."""

import os
import re
from typing import Any

from sphinx.application import Sphinx

from publish import colab

project = "Linear regression in PyTorch"
copyright = ""
html_show_copyright = html_show_sphinx = False
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "publish.book.figures",
]
default_role = "code"  # docstrings write `name`, as Markdown does
suppress_warnings = ["config.cache"]

nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
mathjax_path = "mathjax/tex-svg.js"

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_numpy_docstring = False
napoleon_use_ivar = True

templates_path = ["templates"]
html_theme = "sphinx_book_theme"
html_title = project
html_css_files = ["players/player.css", "book.css"]
html_js_files = [("players/player.js", {"defer": "defer"})]
html_copy_source = True
html_last_updated_fmt = None
# Without the logo, which stands in no landmark; the table of contents begins with the home page.
html_sidebars = {"**": ["search-button-field.html", "sbt-sidebar-nav.html"]}
html_theme_options = {
    "use_download_button": True,
    "home_page_in_toc": True,
    "navbar_persistent": [],  # a second search field, above the page
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

# Buttons that open a notebook elsewhere, where the addresses are known: COURSE_REPOSITORY is the
# repository's, for Colab, and BOOK_BINDERHUB or BOOK_JUPYTERHUB a hub's.
HUBS = {"binderhub_url": "BOOK_BINDERHUB", "jupyterhub_url": "BOOK_JUPYTERHUB"}
if repository := os.environ.get("COURSE_REPOSITORY"):
    html_theme_options |= {
        "repository_url": repository,
        "repository_branch": "main",
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "colab_url": colab.COLAB,
            **{option: os.environ[name] for option, name in HUBS.items() if os.environ.get(name)},
        },
    }


def setup(app: Sphinx) -> None:
    """Correct what the theme and the notebooks' reader put on a page."""
    app.connect("html-page-context", to_copies, priority=900)  # after the theme made its buttons
    app.connect("html-page-context", as_it_reads)


def as_it_reads(app: Sphinx, pagename: str, template: str, context: Any, doctree: Any) -> None:
    """Let a folded cell be called by the words that are seen."""
    if "body" in context:
        context["body"] = context["body"].replace(' aria-label="Toggle hidden content"', "")


def to_copies(app: Sphinx, pagename: str, template: str, context: Any, doctree: Any) -> None:
    """Have Colab open the copy that installs the package, which lies on a branch of its own."""
    name = pagename.removeprefix("notebooks/")
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if str(button.get("url", "")).startswith(colab.COLAB):
                button["url"] = re.sub(
                    "/blob/.*", f"/blob/{colab.BRANCH}/{name}.ipynb", button["url"]
                )

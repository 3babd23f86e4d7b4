"""Settings of the book, read by Sphinx."""

import os

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

# A button that opens a notebook in a hub, where the addresses are known: BOOK_REPOSITORY is the
# repository's, and BOOK_BINDERHUB or BOOK_JUPYTERHUB the hub's.
HUBS = {"binderhub_url": "BOOK_BINDERHUB", "jupyterhub_url": "BOOK_JUPYTERHUB"}
hubs = {option: os.environ[name] for option, name in HUBS.items() if os.environ.get(name)}
if hubs and os.environ.get("BOOK_REPOSITORY"):
    html_theme_options |= {
        "repository_url": os.environ["BOOK_REPOSITORY"],
        "repository_branch": "main",
        "launch_buttons": {"notebook_interface": "jupyterlab", **hubs},
    }

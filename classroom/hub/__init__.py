"""The course for a class: JupyterHub's settings, and a trial of them."""

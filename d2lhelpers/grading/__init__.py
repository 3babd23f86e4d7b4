"""A folder of submitted notebooks in; the class's results and mistakes out.

`python -m d2lhelpers.grading --help` says how.
"""

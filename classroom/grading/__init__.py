"""A folder of submitted notebooks in; the class's results and mistakes out.

`python -m classroom.grading --help` says how.
"""

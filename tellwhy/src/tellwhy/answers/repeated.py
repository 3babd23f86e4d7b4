"""Does it give the same again: after other calls, and with other seeds?"""

from copy import deepcopy
from inspect import isclass, signature, unwrap
from typing import Any

from tellwhy.answers.compare import Observed, Raised, alike
from tellwhy.answers.evidence import Evidence
from tellwhy.answers.tables import SAID
from tellwhy.answers.watch import code_of
from tellwhy.finding import Finding


def remembers(evidence: Evidence) -> Finding | None:
    """Does it give something else after other calls, as a default or a global variable lives on?"""
    answer, code = evidence.trial.answer, code_of(evidence.trial.answer)
    if not code or isclass(answer) or not evidence.trial.quick:
        return None
    space = getattr(unwrap(answer), "__globals__", {})
    defaults = {name: one.default for name, one in signature(answer).parameters.items()}

    def kept() -> dict[str, Any]:
        known = {**{name: space.get(name) for name in code.co_names}, **defaults}
        return {name: one for name, one in known.items() if type(one) in {list, dict, set, int}}

    before = deepcopy(kept())
    again = [evidence.ask(inputs) for inputs in evidence.inputs]
    name = next((name for name, one in kept().items() if one != before.get(name)), "")
    if not name or all(map(alike, again, evidence.results)):
        return None
    return SAID.finding("old_default" if name in defaults else "old_global", {"name": name})


def unsteady(evidence: Evidence) -> Finding | None:
    """Does a second call with the same input give another result?"""
    inputs = evidence.calls[evidence.places[0]].inputs
    again = [evidence.ask(inputs, seed=seed) for seed in (0, 1)]
    if any(isinstance(one, Raised | Observed) for one in again) or alike(*again):
        return None
    return SAID.finding("not_repeatable")

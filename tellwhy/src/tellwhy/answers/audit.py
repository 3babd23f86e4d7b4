"""For authors: which plausible slips do the inputs of an exercise not tell from its solution?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from tellwhy.answers.compare import Raised, flat, plain, same
from tellwhy.answers.exercise import Exercise
from tellwhy.answers.isolation import finite_only, isolated, memory_limited
from tellwhy.answers.mutation import Program
from tellwhy.answers.relations import made_of
from tellwhy.answers.run import Inputs
from tellwhy.answers.solutions import Solutions, solutions
from tellwhy.answers.specification import Specification
from tellwhy.answers.tables import SLIPS, value_of

FEW = 4  # of so many inputs each argument is varied
Slip = tuple[str, Callable[[Inputs], Any]]  # in words, and what it gives


@dataclass(frozen=True)
class Audit:
    """What an author may want to mend; what an input outside the statement tells is no gap.

    Attributes:
        exercise: the name of the exercise.
        passing: slips that pass the check, each with an input that would tell.
        alone: inputs that alone tell a slip, with one: two are needed to say what was done.
    """

    exercise: str
    passing: dict[str, str]
    alone: dict[str, str]

    def __repr__(self) -> str:
        """Return the slips, two lines each."""
        lines = [f"{self.exercise}: {len(self.passing)} slips pass"]
        lines += [f"  {slip}\n    passes; {told} tells it" for slip, told in self.passing.items()]
        lines += [f"  {slip}\n    is told by {told} alone" for told, slip in self.alone.items()]
        return "\n".join(lines)


def audit(exercise: Exercise | Specification) -> Audit:
    """Try the slips that the engine knows on an exercise's own solution.

    Example:
        >>> from tellwhy import exercise
        >>> @exercise(inputs=[("noon",), ("word",)])
        ... def palindrome(text):
        ...     return text.lower() == text.lower()[::-1]
        >>> print(audit(palindrome).passing["`text` for `text.lower()`"])
        palindrome('NOON')
    """
    of = exercise.specification if isinstance(exercise, Exercise) else exercise
    known, found = solutions(of), Audit(of.name, {}, {})
    tried = [*zip(known.shown, known.expected, strict=True)]
    hidden = [(inputs, known.right(inputs)) for inputs in known.hidden]
    with isolated(), finite_only(), memory_limited():
        probes = [*_probes(known)]
        for words, gives in _slips(known):
            telling = [*islice((i for i, right in tried if _tells(gives(i), right)), 2)]
            if len(telling) == 1 and words not in of.mistakes:
                found.alone.setdefault(of.code(telling[0]), words)
            if not telling and not any(_tells(gives(i), right) for i, right in hidden):
                told = next((i for i, right in probes if _tells(gives(i), right)), None)
                if told is not None:
                    found.passing[words] = of.code(told)
    return found


def _tells(got: Any, right: Any) -> bool:
    """Tell whether a result is another one, by more than rounding."""
    return not same(plain(got), plain(right), within=1e-3)


def _slips(known: Solutions) -> Iterator[Slip]:
    """Yield registered mistakes, what may be made of a result, and changes of the solutions."""
    for name, (_, answer) in known.of.mistakes.items():
        yield name, partial(known.outcome, answer)
    right = partial(known.outcome, known.of.solution)
    for said, made in made_of():
        if not said.parameters:
            yield said.name, lambda inputs, made=made: made(plain(right(inputs)))  # type: ignore[misc]
    for program, edit, answer in known.mutants:
        old, new, _ = program.quoted(edit)
        words = f"`{new}` for `{old}`" if new else f"without `{old}`"
        words = words if edit.kind == "change" else f"{edit.kind}: {words}"
        yield words, partial(known.outcome, answer)


def _probes(known: Solutions) -> Iterator[tuple[Inputs, Any]]:
    """Yield further inputs with the right results: drawn ones, then those shown with a change."""
    varied = [
        (*inputs[:k], new, *inputs[k + 1 :])
        for inputs in known.shown[:FEW]
        for k, value in enumerate(inputs)
        if all(isinstance(one, str | int | float) for one in flat(value))
        for text in SLIPS["probes"]["of"]
        if (new := value_of(text, x=value)) is not None
    ]
    ways = [Program(known.of.solution, body).made() for body in known.of.ways]
    for inputs in [*known.more, *varied]:
        right, *others = (known.outcome(way, inputs) for way in (known.of.solution, *ways) if way)
        if not isinstance(right, Raised) and all(same(other, right) for other in others):
            yield inputs, right

"""What a notebook holds of an exercise: its check, its hints and its solution."""

import ast
import inspect
import json
import os
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tellwhy.answers.check import bare, check
from tellwhy.answers.feedback import Feedback
from tellwhy.answers.run import Answer
from tellwhy.answers.specification import Specification
from tellwhy.render import Text

CURTAIN = "TELLWHY_SOLUTIONS_FROM"  # the environment variable with the dates


@dataclass(eq=False, repr=False)
class Exercise:
    """An exercise that checks an answer, gives hints and shows a solution.

    Made by the decorator `exercise`. `check`, `hint` and `solution` change nothing of the
    learner's and nothing global, and an answer gets the same feedback every time.
    """

    specification: Specification
    hints_given: int = 0

    @property
    def name(self) -> str:
        """The name of the exercise: that of its solution."""
        return self.specification.name

    def check(self, answer: Answer | None = None) -> Feedback:
        """Compare an answer with the solution, on many inputs.

        Args:
            answer: the learner's function or class.

        Returns:
            Feedback. When the answer is wrong, it says what was done, if that can be said, then
            the first input that went wrong, what came, and what was expected.
        """
        return check(self.specification, answer)

    def hint(self) -> Text:
        """Return a hint, and a stronger one when called again; then say that it was the last."""
        hints = self.specification.hints or ("There is no hint.",)
        self.hints_given += 1
        last = "\n(that was the last hint; solution() shows the answer)"
        hint = hints[min(self.hints_given, len(hints)) - 1]
        return Text(hint + last * (self.hints_given > len(hints)))

    def solution(self) -> Text:
        """Return the source of a solution, which passes the check itself, or say when it opens.

        Without type hints: their names are not defined in a notebook into which it is pasted.
        The environment variable `TELLWHY_SOLUTIONS_FROM` may hold, as JSON, the date from which a
        solution is shown, by the name of its exercise.
        """
        date = json.loads(os.environ.get(CURTAIN, "{}")).get(self.name)
        when = datetime.fromisoformat(date) if date else None
        if when and when > datetime.now(when.tzinfo):
            return Text(f"The solution opens on {when:%Y-%m-%d at %H:%M}.")
        right = self.specification.solution
        source = textwrap.dedent(inspect.getsource(right)).rstrip()
        (made,) = ast.parse(source).body
        written = [ast.unparse(one) for one in getattr(made, "decorator_list", [])]
        others = [f"@{one}\n" for one in written if not re.match(r"(\w+\.)?exercise\(", one)]
        head, *rest = re.split(r"^(?=class |def )", source, maxsplit=1, flags=re.MULTILINE)
        text = "".join(rest) or head
        if not inspect.isclass(right) and rest and ":\n" in text:
            body = text[text.index(":\n") :]
            text = f"def {self.name}{bare(inspect.signature(right))}{body}"
        return Text("".join(others) + text)

    def __repr__(self) -> str:
        """Return what can be done with the exercise."""
        return f"the exercise {self.name}, with check(), hint() and solution()"


def exercise(right: Answer | None = None, /, **options: Any) -> Callable[[Answer], Exercise]:
    """Return a decorator that makes a solution an exercise.

    Args:
        right: nothing; the decorator is written with its options, in parentheses.
        options: the attributes of a `Specification`, by name; `inputs` alone are needed.

    Raises:
        TypeError: if it stands without its options, as `@exercise`.

    Example:
        >>> @exercise(
        ...     inputs=[(3,), (8,)],
        ...     draw=lambda rng: (rng.randrange(99),),
        ...     hints=("Multiply.", "Return 2 * n."),
        ...     verified="small numbers",
        ... )
        ... def double(n):
        ...     return 2 * n
        >>> double.check(lambda n: n + n)
        double: right.
        Tried: small numbers.
        >>> double.check(lambda n: n * n)
        double: not yet right.
        Your result is the same as `n ** 2`.
          double(3)
          gave      9
          expected  6
    """
    if right or "inputs" not in options:
        raise TypeError("exercise needs inputs: write `@exercise(inputs=[(3,), (8,)])`.")
    return lambda right: Exercise(Specification(right, **options))

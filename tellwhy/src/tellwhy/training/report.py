"""What a checkup says: as text, in a notebook, and as a figure when asked."""

from itertools import islice
from typing import TYPE_CHECKING

import torch

from tellwhy.finding import Finding
from tellwhy.render import GRAY, GREEN, RED, as_html
from tellwhy.training.fit import Fit
from tellwhy.training.model import Model
from tellwhy.training.sentences import number, told
from tellwhy.training.trials import Trials
from tellwhy.training.watch import Watch
from tellwhy.training.wiring import Wiring

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Report:
    """What was found in a loop; filled when its block ends.

    Attributes:
        findings: each with a `name` of the closed list, `parameters` and a `sentence`, the first
            cause first. There are none where nothing was trained, and where nothing is proved.
        losses: (step, loss) of each loss that was watched.
        mean, best: the loss of always predicting the mean of the labels, and the least loss of a
            linear model on the rows that were seen; nan where the loss is not a squared one.
    """

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.findings: tuple[Finding, ...] = ()
        self.losses: list[tuple[int, float]] = []
        self.mean = self.best = float("nan")
        self._otherwise = "The block has not ended yet."

    def fill(self, watch: Watch) -> None:
        """Look for causes in what was watched."""
        if not (watch.passes or watch.steps or watch.none is not None):
            self._otherwise = "Nothing was trained: no loss was differentiated, no step was taken."
            return
        if watch.trouble:
            self.fail(watch.trouble)
            return
        wiring = Wiring(watch)
        self.findings = (*islice(wiring.findings(), 1),)  # and that holds, should all else fail
        fit = Fit(watch)
        self.mean, self.best = fit.mean, fit.best
        self.losses = [(one.at, one.value.item()) for one in watch.passes]
        model = Model(fit, wiring)
        self.findings += (*model.first(),)
        self.findings = self.findings or (*islice(model.then(), 1),)
        self.findings = self.findings or (*islice(Trials(fit, wiring).findings(), 1),)
        yardsticks = "There is no yardstick for it: that needs a squared loss of rows of features."
        if fit.rows:
            different = len(torch.unique(fit.rows.table, dim=0))
            yardsticks = f"Always predicting the mean gives {number(fit.mean)}, the best linear "
            yardsticks += f"model {number(fit.best)}, on the {different:,} rows seen."
        # Below zero a loss can fall for ever: that it falls is no proof that it learns.
        if not self.findings and fit.learned and not fit.short(10, 0.05) and fit.last >= 0:
            ends = {"first": fit.first, "last": fit.last}
            self.findings = (told("healthy", yardsticks=yardsticks, **ends),)
        went = f"The loss went from {number(fit.first)} to {number(fit.last)}."
        self._otherwise = f"Nothing is proved to be wrong.\n{went} {yardsticks}"

    def fail(self, error: Exception) -> None:
        """Say that an error in the checkup itself, not in the loop, ended it."""
        self._otherwise = f"The checkup could not look at this loop: {error!r}"

    def __str__(self) -> str:
        """Return the sentences."""
        return "\n".join(found.sentence for found in self.findings) or self._otherwise

    __repr__ = __str__

    def _repr_html_(self) -> str:
        name = self.findings[0].name if self.findings else "no finding"
        color = {"healthy": GREEN, "no finding": GRAY}.get(name, RED)
        return as_html("checkup", name, color, str(self).splitlines())

    def plot(self) -> "Axes":
        """Draw the loss against the step, with the two yardsticks; return the axes."""
        import matplotlib.pyplot as plt

        _, ax = plt.subplots()
        ax.plot(*zip(*self.losses, strict=True), label="loss") if self.losses else None
        for yard, label, style in (
            (self.mean, "always the mean", "--"), (self.best, "best linear model", ":"),
        ):  # fmt: skip
            if yard == yard:
                ax.axhline(yard, color="black", linestyle=style, label=label)
        ax.set(xlabel="step", ylabel="loss", yscale="log", title="The loss, and two yardsticks")
        ax.legend()
        return ax

"""Why a loop that is wired does not get far: its rate, its columns, or nothing to be learned."""

import math
from collections.abc import Iterator

import torch

from tellwhy.finding import Finding
from tellwhy.training.fit import Fit
from tellwhy.training.sentences import number, told
from tellwhy.training.trials import Trials


class Rates:
    """What keeps the loss from falling, by trying it out on the recorded batches."""

    def __init__(self, fit: Fit, trials: Trials, *, divided: bool) -> None:
        """Look at where the loss stands.

        Args:
            fit: the losses and their yardsticks.
            trials: what is trained again.
            divided: whether a step by hand divides the gradient by a number of rows.
        """
        self.fit, self.trials, self.divided = fit, trials, divided
        self.first, self.last = fit.first, fit.last
        self.floor = fit.best if fit.rows else 0.0
        self.base = fit.mean if fit.rows else fit.first
        self.diverged = not math.isfinite(self.last) or (
            self.last > 1.05 * self.first and self.last > self.base
        )
        self.columns, self.gain = "", 1.0
        if fit.rows:
            self.raw, self.standard = fit.rows.conditions()
            self.gain = self.raw / self.standard

    def good(self, loss: float) -> bool:
        """Return whether a loss is one that a trial should reach: below most of the way."""
        return loss - self.floor < 0.5 * (min(self.base, self.first) - self.floor)

    def findings(self) -> Iterator[Finding]:
        """Yield the cause, if there is one."""
        if not self.trials.able:
            return
        found = self.too_large() if self.diverged else self.too_slow()
        if found is None and self.fit.rows and self.at_mean():
            found = self.no_better()
        if found:
            yield found

    def numbers(self) -> dict[str, float]:
        return {"first": self.first, "last": self.last}

    def too_large(self) -> Finding | None:
        """The loss has grown: by a sum, by the columns, or by the rate itself."""
        rows = self.fit.summed
        if rows and not self.divided and self.good(reached := self.trials.run(1, share=1 / rows)):
            what = f"the loss went from {number(self.first)} to {number(self.last)}"
            return told(
                "sum-not-divided", None, {"what": what}, rows=rows, first=self.first / rows, reached=reached / rows
            )
        limit = self.trials.limit() if self.trials.plain else math.inf
        if self.fit.rows and self.gain > 30:
            wider = self.trials.limit(standardised=True) / limit if self.trials.plain else 300
            if wider >= 300 and self.good(self.trials.run(1, standardised=True)):
                return self.not_standardised()
        factor = min(0.9 * limit, 0.5)
        bound = factor
        for _ in range(14):
            if self.good(reached := self.trials.run(factor)):
                twice = self.trials.run(2 * factor)
                return self.rate_told(factor, reached, twice)
            factor /= 2
        return self.rate_told(bound, math.nan, math.nan)

    def rate_told(self, factor: float, reached: float, twice: float) -> Finding:
        rate = self.trials.rate * (self.fit.summed or 1 if self.divided else 1)
        stable = number(float(f"{rate * factor:.1e}"))
        if math.isfinite(reached) and not self.good(twice):
            words = f"On the same batches {stable} is stable: the loss goes to {number(reached)}, at twice this rate to {number(twice)}."
        else:
            words = f"It must be below {stable}: that is a bound for all rows at once, and small batches bear less."
        return told("rate-too-large", None, {"stable": words}, rate=rate, **self.numbers())

    def too_slow(self) -> Finding | None:
        """The loss falls, and not far."""
        gap = self.last - self.floor
        fit, trials = self.fit, self.trials
        far = gap > 0.01 * (self.base - self.floor) and self.last > 1.5 * self.floor
        room = 0.5 * trials.limit() if trials.plain else math.inf
        if fit.rows and far and self.gain > max(30, room):
            wide = 0.5 * trials.limit(standardised=True) if trials.plain else 1
            tried = [trials.run(f, standardised=True) for f in ({wide, 1.0} if trials.plain else {1, 10})]
            if min(tried) - self.floor < 0.2 * gap:
                return self.not_standardised()
        if self.good(self.last) or gap < 0.5 * (self.first - self.floor):
            return None
        tried = {f: trials.run(f) for f in (10.0**k for k in range(1, 9)) if f <= room}
        better = {f: loss for f, loss in tried.items() if loss - self.floor < 0.5 * gap}
        if better:
            factor = min(better, key=lambda f: better[f])
            steps = int(float(f"{factor * min(trials.steps, 300):.1e}"))
            words = f"On the same batches a rate of {number(trials.rate * factor)} brings it to {number(better[factor])} in {min(trials.steps, 300)} steps."
            return told("rate-too-small", None, {"stable": words}, rate=trials.rate, steps=trials.steps, needed=steps, **self.numbers())
        for factor in (0.1, 0.01, 0.001):
            if self.good(reached := trials.run(factor)):
                return self.rate_told(factor, reached, self.last)
        return None

    def not_standardised(self) -> Finding:
        rows = self.fit.rows
        assert rows
        d = len(rows.mean) - rows.outputs
        size = rows.raw.diagonal()[:d].sqrt()
        listed = [f"column {j} runs from {number(float(rows.low[j]))} to {number(float(rows.high[j]))}" for j in range(d) if size[j] > 0.1 * size.max()]
        return told(
            "features-not-standardised", None, {"columns": ", ".join(listed[:4])},
            raw=self.raw, standard=self.standard, factor=self.gain, last=self.last, best=self.fit.best,
        )  # fmt: skip

    def at_mean(self) -> bool:
        return 0.95 * self.base < self.last < 1.05 * self.base

    def no_better(self) -> Finding:
        linear = f"A linear model can reach {number(self.fit.best)} on these rows."
        return told("no-better-than-mean", None, {"linear": linear}, last=self.last, mean=self.fit.mean)

"""Why a loop that is wired does not get far: its rate, its columns, or nothing to be learned."""

import math
from collections.abc import Iterator

from tellwhy.finding import Finding
from tellwhy.training.fit import Fit
from tellwhy.training.sentences import number, told
from tellwhy.training.trials import STEPS, Trials
from tellwhy.training.wiring import Wiring

COLUMNS = 30  # so many times fewer steps are worth a word on the columns


class Rates:
    """What keeps the loss from falling, as trials on the recorded batches show."""

    def __init__(self, fit: Fit, trials: Trials, wiring: Wiring) -> None:
        """Look at where the loss stands."""
        self.fit, self.trials, self.wiring = fit, trials, wiring
        self.divided = wiring.divides()
        self.floor, self.base = (fit.best, fit.mean) if fit.rows else (0.0, fit.first)
        self.linear = self.floor <= 0.5 * self.base
        if not self.linear:  # then such a model says little of what can be reached
            self.floor = 0.0
        self.ends = {"first": fit.first, "last": fit.last}
        self.half = 0.5 * (self.floor + min(self.base, fit.first))  # of the way
        self.raw, self.standard = fit.rows.conditions() if fit.rows else (1.0, 1.0)

    def findings(self) -> Iterator[Finding]:
        """Yield the cause, if one is proved."""
        first, last = self.fit.first, self.fit.last
        found = [*self._kept_back()] if self.trials.able and last >= self.half else []
        if found:
            yield from found
        elif self.trials.able and not last <= max(1.05 * first, self.base):
            yield from self._too_large()
        elif self.trials.able:
            yield from [*self._too_slow()] or self._no_better()

    def _kept_back(self) -> Iterator[Finding]:
        """Find a scheduler or weight decay without which it learns, and who is in no optimizer."""
        fit, trials, goal = self.fit, self.trials, 0.5 * (self.half + self.floor)
        least = max(trials.rates[0][-1][1]) if trials.rates else trials.rate
        if least < 0.5 * trials.rate and (reached := trials.run(1, kept=True)) < self.half:
            how = f"while a scheduler took the rate down from {number(trials.rate)}"
            words = "Let it fall more slowly, as once an epoch: kept at "
            words += f"{number(trials.rate)}, the same batches bring it to {number(reached)}."
            counts = {"rate": least, "steps": trials.steps}
            yield told("rate-too-small", how=how, stable=words, **counts, **self.ends)
        elif trials.decay and (reached := trials.run(1, decay=False)) < goal:
            ends = {"last": fit.last, "reached": reached}
            yield told("weight-decay-too-large", decay=trials.decay, **ends)
        elif trials.orphans and (reached := trials.run(1, all_of_them=True)) < self.half:
            yield self.wiring.left_out(trials.orphans, number(reached))

    def _standardised(self) -> float:
        """Return the least loss of a few trials with standardised features."""
        trials = self.trials
        rates = {1.0, 0.5 * trials.limit(standardised=True)} if trials.plain else {1.0, 10.0, 100.0}
        return min(trials.run(factor, standardised=True) for factor in rates)

    def _too_large(self) -> Iterator[Finding]:
        trials, rows, first = self.trials, self.fit.summed, self.fit.first
        if rows and not self.divided and (end := trials.run(1, share=1 / rows)) < 0.5 * first:
            means = {"mean": first / rows, "reached": end / rows}
            yield told("sum-not-divided", rows=rows, **means, **self.ends)
            return
        limit = trials.limit() if trials.plain else math.inf
        wide = self.raw > COLUMNS * self.standard
        wide = wide and (not trials.plain or trials.limit(standardised=True) > 300 * limit)
        if wide and self._standardised() < self.half:
            yield self._columns()
            return
        start, best, least = min(0.9 * limit, 0.5), 0.0, min(first, self.base)
        for factor in (start / 2**k for k in range(14)):
            reached = trials.run(factor)
            if least < self.half and least - self.floor < 4 * (reached - self.floor):
                break
            best, least = (factor, reached) if reached < least else (best, least)
        if best:
            yield self._rate(best, least)

    def _rate(self, factor: float, reached: float) -> Finding:
        """Tell a rate that was tried, and what twice as much brings."""
        rate = self.trials.rate * (self.fit.summed if self.divided and self.fit.summed else 1)
        better, twice = number(float(f"{rate * factor:.1e}")), self.trials.run(2 * factor)
        words = f"At a rate of {better} the same batches bring it to {number(reached)}, at twice "
        words += f"as much to {number(twice)}."
        return told("rate-too-large", stable=words, rate=rate, **self.ends)

    def _too_slow(self) -> Iterator[Finding]:
        fit, trials, gap = self.fit, self.trials, self.fit.last - self.floor
        room = 0.5 * trials.limit() if trials.plain and self.linear else math.inf
        far = fit.rows and (
            gap > max(0.01 * (self.base - self.floor), 0.5 * self.floor)
            or gap > max(0.001 * (self.base - self.floor), 10 * self.floor)
        )
        fewer, enough = self.raw / self.standard, max(COLUMNS, room if room < math.inf else 0)
        if far and fewer > enough and self._standardised() - self.floor < 0.2 * gap:
            yield self._columns()
        elif fit.last >= self.half:
            tried = {f: trials.run(f) for k in range(1, 9) if (f := 10.0**k) <= room}
            factor = min(tried, key=lambda f: tried[f], default=1.0)
            if tried and tried[factor] - self.floor < 0.5 * gap:
                steps = min(trials.steps, STEPS)
                needed = int(float(f"{factor * trials.steps:.0e}"))
                words = f"With a rate of {number(trials.rate * factor)} the same batches bring it "
                words += f"to {number(tried[factor])} in {steps} steps."
                how = f"and the way takes about {number(needed)}"
                counts = {"rate": trials.rate, "steps": trials.steps, "needed": needed}
                yield told("rate-too-small", how=how, stable=words, **counts, **self.ends)
                return
            for factor in (0.1, 0.01, 0.001):
                if (reached := trials.run(factor)) < self.half:
                    yield self._rate(factor, reached)
                    return

    def _columns(self) -> Finding:
        rows = self.fit.rows
        assert rows
        size = (rows.spread.diagonal() + rows.mean**2).sqrt()[: rows.features]
        ends = [
            f"column {j} runs from {number(float(rows.low[j]))} to {number(float(rows.high[j]))}"
            for j in range(rows.features)
            if size[j] > 0.1 * size.max()
        ]
        conditions = {
            "raw": self.raw,
            "standard": self.standard,
            "factor": self.raw / self.standard,
        }
        losses = {"last": self.fit.last, "best": self.fit.best}
        columns = ", ".join(ends[:4])
        return told("features-not-standardised", columns=columns, **conditions, **losses)

    def _no_better(self) -> Iterator[Finding]:
        fit = self.fit
        if fit.rows and 0.95 * self.base < fit.last < 1.05 * self.base:
            yield told("no-better-than-mean", last=fit.last, mean=fit.mean, best=fit.best)

"""Why a loop that is wired does not get far: its rate, its columns, or nothing to be learned."""

from collections.abc import Iterator
from itertools import takewhile

from tellwhy.finding import Finding
from tellwhy.training.fit import Fit
from tellwhy.training.sentences import number, told
from tellwhy.training.trials import STEPS, Trials
from tellwhy.training.wiring import Wiring

FACTORS = [10.0**k for k in range(9)]  # of the rate, which are tried
COLUMNS = 300  # so many times fewer steps are worth a word on the columns


class Rates:
    """What keeps the loss from falling, as trials on the recorded batches show."""

    def __init__(self, fit: Fit, trials: Trials, wiring: Wiring) -> None:
        """Look at where the loss stands."""
        self.fit, self.trials, self.wiring = fit, trials, wiring
        self.divided = wiring.divides()
        self.floor, self.base = (fit.best, fit.mean) if fit.rows else (0.0, fit.first)
        if self.floor > 0.5 * self.base:  # then such a model says little of what can be reached
            self.floor = 0.0
        self.ends = {"first": fit.first, "last": fit.last}
        self.half = 0.5 * (self.floor + min(self.base, fit.first))  # of the way
        self.raw, self.standard = fit.rows.conditions() if fit.rows else (1.0, 1.0)
        self.wide = self.raw > COLUMNS * self.standard

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
        seen = reversed(trials.rates[0] if trials.rates else [])
        low = [at for at, _ in takewhile(lambda one: max(one[1]) < 0.5 * trials.rate, seen)]
        if low and (reached := trials.run(1, kept=True)) < self.half:
            rate, since = number(trials.rate), low[-1] + 1
            how = f"and from step {since} on a scheduler held it below half of {rate}"
            words = f"Let it fall more slowly, as once an epoch: kept at {rate}, the same batches "
            words += f"bring it to {number(reached)}."
            counts = {"rate": trials.rate, "since": since, "steps": trials.steps}
            quoted = {"how_much": "becomes", "how": how, "stable": words}
            yield told("rate-too-small", **quoted, **counts, **self.ends)
        elif trials.decay and (reached := trials.run(1, decay=False)) < goal:
            ends = {"last": fit.last, "reached": reached}
            yield told("weight-decay-too-large", decay=trials.decay, **ends)
        elif trials.orphans and (reached := trials.run(1, all_of_them=True)) < self.half:
            yield self.wiring.left_out(trials.orphans, number(reached))

    def _standardised(self) -> float:
        """Return the least loss of a few trials with standardised features."""
        return min(self.trials.run(factor, standardised=True) for factor in FACTORS)

    def _too_large(self) -> Iterator[Finding]:
        trials, rows, first = self.trials, self.fit.summed, self.fit.first
        if rows and not self.divided and (end := trials.run(1, share=1 / rows)) < 0.5 * first:
            means = {"mean": first / rows, "reached": end / rows}
            yield told("sum-not-divided", rows=rows, **means, **self.ends)
            return
        if self.wide and self._standardised() < self.half:
            yield self._columns()
            return
        yield from self._smaller()

    def _smaller(self) -> Iterator[Finding]:
        """Find a rate that was tried and is better, and say what twice as much brings."""
        best, least = 0.0, min(self.fit.first, self.base)
        for factor in (0.5**k for k in range(1, 15)):
            reached = self.trials.run(factor)
            if least < self.half and least - self.floor < 4 * (reached - self.floor):
                break
            best, least = (factor, reached) if reached < least else (best, least)
        if best and least < self.half:
            rate = self.trials.rate * (self.fit.summed if self.divided and self.fit.summed else 1)
            better, twice = number(rate * best), self.trials.run(2 * best)
            words = f"At a rate of {better} the same batches bring it to {number(least)}, at twice "
            words += f"as much to {number(twice)}."
            yield told("rate-too-large", stable=words, rate=rate, **self.ends)

    def _too_slow(self) -> Iterator[Finding]:
        fit, trials, gap = self.fit, self.trials, self.fit.last - self.floor
        tried = {f: trials.run(f) for f in FACTORS[1:]} if fit.last >= self.half else {}
        factor = min(tried, key=lambda f: tried[f], default=1.0)
        far = fit.rows and (
            gap > max(0.01 * (self.base - self.floor), 0.5 * self.floor)
            or gap > max(0.001 * (self.base - self.floor), 10 * self.floor)
        )
        if tried and tried[factor] - self.floor < 0.5 * gap:
            steps = min(trials.steps, STEPS)
            needed = int(float(f"{factor * trials.steps:.0e}"))
            words = f"With a rate of {number(trials.rate * factor)} the same batches bring it "
            words += f"to {number(tried[factor])} in {steps} steps."
            how = f"and the way takes about {number(needed)}"
            counts = {"rate": trials.rate, "steps": trials.steps, "needed": needed}
            quoted = {"how_much": f"of {number(trials.rate)} is", "how": how, "stable": words}
            yield told("rate-too-small", **quoted, **counts, **self.ends)
        elif far and self.wide and self._standardised() - self.floor < 0.2 * gap:
            yield self._columns()
        elif tried:
            yield from self._smaller()

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

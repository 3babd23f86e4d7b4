"""Why a loop that is wired does not get far: what would have happened with one thing changed."""

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, repeat, takewhile
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from tellwhy.finding import Finding
from tellwhy.training.fit import Fit
from tellwhy.training.sentences import number, told
from tellwhy.training.tape import Tape
from tellwhy.training.wiring import Wiring

STEPS = 300  # at most, in a trial
AGAIN = 12  # steps must come again
SECONDS = 20.0  # of computing, for all trials together: large models only reach it
COLUMNS = 300  # so many times fewer steps are worth a word on the columns


class _ByHand:
    """The steps of a loop without an optimizer: a first `SGD` would import PyTorch's compiler."""

    def __init__(self, params: list[Tensor], rate: float) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": params, "lr": rate}]

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    param.sub_(param.grad, alpha=group["lr"])

    def zero_grad(self) -> None:
        for group in self.param_groups:
            for param in group["params"]:
                param.grad = None


Steps = Optimizer | _ByHand


class Trials:
    """Trains on the recorded batches again, from the same start."""

    def __init__(self, fit: Fit, wiring: Wiring) -> None:
        """Find out how the loop steps, and where its loss stands."""
        self.fit, self.wiring, watch = fit, wiring, wiring.watch
        self.steps = [*watch.steps.values()]  # of each optimizer
        self.count = watch.count or len(watch.passes) + watch.later
        if self.steps:
            self.rate = max(chain(*(step.rates for step in self.steps[0])), default=0.0)
        else:
            self.rate = _short(wiring.rate())
        self.decay = max((float(g.get("weight_decay", 0)) for g in wiring.groups), default=0.0)
        self._until = time.process_time() + SECONDS
        upward = any(group.get("maximize") for group in wiring.groups)
        self.able = fit.exact and self.rate > 0 and not upward and self._repeats()
        self.floor, self.base = (fit.best, fit.mean) if fit.rows else (0.0, fit.first)
        if self.floor > 0.5 * self.base:  # then such a model says little of what can be reached
            self.floor = 0.0
        self.ends = {"first": fit.first, "last": fit.last}
        self.half = 0.5 * (self.floor + min(self.base, fit.first))  # of the way
        self.goal = 0.5 * (self.floor + min(self.base, fit.first, fit.last))  # half of what is left

    def findings(self) -> Iterator[Finding]:
        """Yield causes that are proved, the first one first."""
        fit, able = self.fit, self.able
        grown = not fit.last <= max(1.05 * fit.first, self.base)
        far = grown or fit.last >= self.half
        if able and far:
            yield from self._held_back()
            yield from self._sum() if grown else self._larger()
        raw, standard = fit.rows.conditions() if fit.rows else (1.0, 1.0)
        if raw > COLUMNS * standard and (grown or fit.short(0.5, 0.01) or fit.short(10, 0.001)):
            yield self._columns(raw, standard)
        if able and far:
            yield from self._smaller()
        if able and fit.rows and 0.95 * self.base < fit.last < 1.05 * self.base:
            yield told("no-better-than-mean", last=fit.last, mean=fit.mean, best=fit.best)

    def _held_back(self) -> Iterator[Finding]:
        """Find a scheduler or weight decay without which it learns, and what is never stepped."""
        seen = reversed(self.steps[0] if self.steps else [])
        low = [*takewhile(lambda step: max(step.rates) < 0.5 * self.rate, seen)]
        if low and (reached := self.run(kept=True)) < self.goal:
            rate, since = number(self.rate), low[-1].number + 1
            how = f"and from step {since} on a scheduler held it below half of {rate}"
            words = f"Let it fall more slowly, as once an epoch: kept at {rate}, the same batches "
            words += f"bring it to {number(reached)}."
            counts = {"rate": self.rate, "since": since, "steps": self.count}
            quoted = {"how_much": "becomes", "how": how, "stable": words}
            yield told("rate-too-small", **quoted, **counts, **self.ends)
        if self.decay and (reached := self.run(decay=False)) < self.goal:
            ends = {"last": self.fit.last, "reached": reached}
            yield told("weight-decay-too-large", decay=self.decay, **ends)
        if not self.steps or self.fit.moving:
            return
        held, wiring = self.wiring.held, self.wiring
        orphans = self.fit.start.keys() - wiring.stepped
        if orphans and (reached := self.run(also=orphans)) < self.goal:
            yield wiring.left_out(orphans, number(reached))
        data = self.fit.tapes[0].data.items()
        parts = {k: part for k, part in data if isinstance(part, nn.Parameter) and k in held}
        frozen = [*parts] if all(map(_is_fresh, parts.values())) else []
        if frozen and (reached := self.run(also=frozen)) < self.goal:
            words = f"the loss is {number(self.fit.last)}, and with them trained the same batches "
            yield wiring.frozen(frozen, words + f"bring it to {number(reached)}")

    def _sum(self) -> Iterator[Finding]:
        rows, first = self.fit.summed, self.fit.first
        if rows and not self.wiring.divides() and (end := self.run(share=1 / rows)) < 0.5 * first:
            means = {"mean": first / rows, "reached": end / rows}
            yield told("sum-not-divided", rows=rows, **means, **self.ends)

    def _larger(self) -> Iterator[Finding]:
        """Find a multiple of the rate that brings the loss much further."""
        tried = {factor: self.run(factor) for factor in (10.0**k for k in range(1, 9))}
        factor = min(tried, key=lambda factor: tried[factor])
        if tried[factor] < self.goal:
            needed = int(float(f"{factor * self.count:.0e}"))
            words = f"With a rate of {number(self.rate * factor)} the same batches bring it "
            words += f"to {number(tried[factor])} in {min(self.count, STEPS)} steps."
            how = f"and the way takes about {number(needed)}"
            counts = {"rate": self.rate, "steps": self.count, "needed": needed}
            quoted = {"how_much": f"of {number(self.rate)} is", "how": how, "stable": words}
            yield told("rate-too-small", **quoted, **counts, **self.ends)

    def _smaller(self) -> Iterator[Finding]:
        """Find a rate that was tried and is better, and say what twice as much brings."""
        best, least = 0.0, min(self.fit.first, self.base)
        for factor in (0.5**k for k in range(1, 15)):
            reached = self.run(factor)
            if least < self.half and least - self.floor < 4 * (reached - self.floor):
                break
            best, least = (factor, reached) if reached < least else (best, least)
        if best and least < self.half:
            rate = self.rate * (self.fit.summed or 1 if self.wiring.divides() else 1)
            better, twice = number(rate * best), self.run(2 * best)
            words = f"At a rate of {better} the same batches bring it to {number(least)}, at "
            words += f"{number(2 * rate * best)} to {number(twice)}."
            yield told("rate-too-large", stable=words, rate=rate, **self.ends)

    def _columns(self, raw: float, standard: float) -> Finding:
        rows = self.fit.rows
        assert rows
        X = rows.table[:, : rows.features]
        size, (low, high) = (X**2).mean(0).sqrt(), X.aminmax(dim=0)
        ends = [
            f"column {j} runs from {number(float(low[j]))} to {number(float(high[j]))}"
            for j in range(rows.features)
            if size[j] > 0.1 * size.max()
        ]
        numbers = {"raw": raw, "standard": standard, "factor": raw / standard}
        numbers |= {"last": self.fit.last, "best": self.fit.best}
        return told("features-not-standardised", columns=", ".join(ends[:4]), **numbers)

    def run(
        self, factor: float = 1.0, *, share: float = 1.0, kept: bool = False, decay: bool = True,
        also: Iterable[int] = (),
    ) -> float:  # fmt: skip
        """Return the mean loss after training with one thing changed.

        That is: at a multiple of the rate, with a share of the loss as 1 / n of a sum, at the
        largest rates all along, without the weight decay, or with more parameters that are stepped.
        It is inf where the loss is not finite, and nan where it could not be tried.
        """
        tapes, values = self.fit.distinct, self._values(also)
        optimizers = self._optimizers(values, {} if decay else {"weight_decay": 0.0})
        if also:
            new = [values[key] for key in also if key not in self.wiring.optimized]
            optimizers[0].param_groups[0]["params"] += new
        batches = (tapes[step % len(tapes)] for step in range(min(self.count, STEPS)))
        for loss in self._losses(batches, values, optimizers, factor, share=share, kept=kept):
            if not math.isfinite(loss):
                return math.inf
            if time.process_time() > self._until:
                return math.nan
        end = self.fit.at(values)
        return end if math.isfinite(end) else math.inf

    def _losses(
        self, batches: Iterable[Tape], values: dict[Any, Tensor], optimizers: list[Steps],
        factor: float = 1.0, *, share: float = 1.0, kept: bool = False,
    ) -> Iterator[float]:  # fmt: skip
        """Train, and yield the loss of each batch before its step."""
        for place, tape in enumerate(batches):
            loss = share * tape.replay(values)
            yield loss.item()
            torch.autograd.backward(loss)
            for optimizer, steps in zip(optimizers, self.steps or [[]], strict=True):
                history = [step.rates for step in steps] or [(self.rate,)]
                rates = max(history, key=sum) if kept else history[: place + 1][-1]
                pairs = zip(optimizer.param_groups, chain(rates, repeat(0.0)), strict=False)
                for group, rate in pairs:
                    group["lr"] = factor * rate  # of 0, before the group was added
                optimizer.step()
                optimizer.zero_grad()

    def _repeats(self) -> bool:
        """Whether the first losses that were seen come again, as they do if nothing is missed.

        A gradient that is clipped, a parameter that is changed besides, an optimizer that cannot
        be made again: of such a loop a trial would say what is not true.
        """
        values, tapes = self._values(), self.fit.tapes[:AGAIN]
        optimizers = self._optimizers(values, {})
        if any(one.altered for one in self.fit.passes) or len(optimizers) < len(self.steps):
            return False
        try:
            again = [*self._losses(tapes, values, optimizers)]
        except TypeError:  # a step that needs a closure
            return False
        seen = [*takewhile(math.isfinite, (tape.seen for tape in tapes))]
        room = max((1e-5 * abs(seen[0]) + 0.05 * abs(one - seen[0]) for one in seen), default=0)
        return all(abs(one - two) <= room for one, two in zip(again, seen, strict=False))

    def _values(self, also: Iterable[int] = ()) -> dict[Any, Tensor]:
        start = {key: self.wiring.held[key].start for key in also} | self.fit.start
        return {k: s.clone().requires_grad_() for k, s in start.items() if s is not None}

    def _optimizers(self, values: dict[Any, Tensor], other: dict[str, float]) -> list[Steps]:
        if not self.steps:
            return [_ByHand([*values.values()], self.rate)]
        made: list[Steps] = []
        for optimizer in self.wiring.watch.steps:
            groups = [
                {**g, **other, "params": [values[id(p)] for p in g["params"] if id(p) in values]}
                for g in optimizer.param_groups
            ]
            with suppress(TypeError, ValueError):
                kind: Any = type(optimizer)
                made.append(kind(groups))
        return made


def _is_fresh(part: Tensor) -> bool:
    """Return whether a layer's numbers are within the bounds in which PyTorch draws them."""
    return part.dim() < 2 or float(part.abs().max()) <= 1.001 * part[0].numel() ** -0.5


def _short(rate: float) -> float:
    """Return a rate as it was written, as far as the moves of rounded parameters say it."""
    tries = [float(f"{rate:.{digits}e}") for digits in range(4)]
    return next(short for short in tries if math.isclose(short, rate, rel_tol=0.01))

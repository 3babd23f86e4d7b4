"""What would have happened: the recorded batches trained on again, with one thing changed."""

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, repeat, takewhile, zip_longest
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Optimizer

from tellwhy.training.fit import Fit
from tellwhy.training.tape import Tape
from tellwhy.training.wiring import Wiring

STEPS = 300  # at most, in a trial
AGAIN = 12  # steps must come again
SECONDS = 20.0  # of computing, for all trials together: large models only reach it


class Trials:
    """Trains on the recorded batches again, from the same start.

    Attributes:
        rate: at which the loop steps: the largest of its first optimizer's groups, or of its steps
            by hand.
        steps: how many it took.
        able: whether trials do what the loop does.
    """

    def __init__(self, fit: Fit, wiring: Wiring) -> None:
        """Find out how the loop steps."""
        self.fit, watch = fit, wiring.watch
        self.first = list({id(s.optimizer): s for s in reversed(watch.steps)}.values())[::-1]
        same = [[s for s in watch.steps if s.optimizer is one.optimizer] for one in self.first]
        # Of each optimizer, from which step on its groups have which rates; and their largest.
        self.rates = [[(s.number, s.rates) for s in steps] for steps in same]
        self.most = [[*map(max, zip_longest(*(s.rates for s in x), fillvalue=0.0))] for x in same]
        self.rate = max(self.most[0]) if self.first else _short((wiring.rates() or [0.0])[0])
        self.steps = watch.count or len(watch.passes) + watch.later
        stepped = len({step.after for step in watch.steps}) or len(watch.passes)
        self.every = max(1, round(len(watch.passes) / max(stepped, 1)))
        group = wiring.groups[0] if self.first else {}
        self.decay = float(group.get("weight_decay", 0))
        upward = any(group.get("maximize") for group in wiring.groups)
        alone = self.first and not fit.moving
        self.orphans = fit.start.keys() - wiring.optimized - wiring.changed if alone else set()
        self._until = time.process_time() + SECONDS
        self.able = fit.exact and self.rate > 0 and not upward and self._repeats()

    def run(
        self,
        factor: float,
        *,
        standardised: bool = False,
        share: float = 1.0,
        decay: bool = True,
        kept: bool = False,
        all_of_them: bool = False,
    ) -> float:
        """Return the mean loss after training at a multiple of the rate.

        Args:
            factor: of the rate.
            standardised: with features of mean 0 and standard deviation 1.
            share: of the loss that is taken, as 1 / n for a sum over n rows.
            decay: whether with the weight decay of the optimizers.
            kept: whether at the largest rates all along, whatever a scheduler made of them.
            all_of_them: whether the first optimizer steps also what is in none.

        Returns:
            The mean loss over all batches in the end; inf where it is not finite, nan where it
            could not be tried.
        """
        tapes, values = self.fit.distinct, self._values()
        swaps = [self._standardised(tape) if standardised else None for tape in tapes]
        optimizers = self._optimizers(values, factor, {} if decay else {"weight_decay": 0.0})
        if all_of_them:
            optimizers[0].param_groups[0]["params"] += [values[key] for key in self.orphans]
        steps = range(min(self.steps, STEPS) * self.every)
        batches = [(tapes[step % len(tapes)], swaps[step % len(tapes)]) for step in steps]
        for loss in self._losses(batches, values, optimizers, factor, share=share, kept=kept):
            if not math.isfinite(loss):
                return math.inf
            if time.process_time() > self._until:
                return math.nan
        with torch.no_grad():
            losses = [
                tape.replay(values, s)[0].item() for tape, s in zip(tapes, swaps, strict=True)
            ]
        total = sum(losses) / len(losses)
        return total if math.isfinite(total) else math.inf

    def _losses(
        self, batches: list[Any], values: dict[Any, Tensor], optimizers: list[Optimizer],
        factor: float = 1.0, *, share: float = 1.0, kept: bool = False,
    ) -> Iterator[float]:  # fmt: skip
        """Train, and yield the loss of each batch before its step."""
        for step, (tape, swap) in enumerate(batches):
            loss = share * tape.replay(values, swap)[0]
            yield loss.item()
            torch.autograd.backward(loss)
            if (step + 1) % self.every == 0:
                self._set_rates(optimizers, None if kept else step // self.every, factor)
                for optimizer in optimizers:
                    optimizer.step()
                    optimizer.zero_grad()

    def _repeats(self) -> bool:
        """Whether the first losses that were seen come again, as they do if nothing is missed.

        A gradient that is clipped, a parameter that is changed besides, an optimizer that cannot
        be made again: of such a loop a trial would say what is not true.
        """
        values, tapes = self._values(), self.fit.tapes[: AGAIN * self.every]
        optimizers = self._optimizers(values, 1.0, {})
        altered = any(one.altered for one in self.fit.passes)
        if altered or (self.first and len(optimizers) < len(self.first)):
            return False
        try:
            again = list(self._losses([(tape, None) for tape in tapes], values, optimizers))
        except TypeError:  # a step that needs a closure
            return False
        seen = [*takewhile(math.isfinite, (tape.seen for tape in tapes))]
        room = max((1e-5 * abs(seen[0]) + 0.05 * abs(one - seen[0]) for one in seen), default=0)
        return all(abs(one - two) <= room for one, two in zip(again, seen, strict=False))

    def _set_rates(self, optimizers: list[Optimizer], step: int | None, factor: float) -> None:
        for one, seen, most in zip(optimizers, self.rates, self.most, strict=bool(self.first)):
            count = (step or 0) * len(self.first)
            rates = next((r for at, r in reversed(seen) if at <= count), seen[0][1])
            rates = tuple(most) if step is None else rates
            for group, rate in zip(one.param_groups, chain(rates, repeat(0.0)), strict=False):
                group["lr"] = factor * rate  # of 0, before it was added

    def _values(self) -> dict[Any, Tensor]:
        return {key: start.clone().requires_grad_() for key, start in self.fit.start.items()}

    def _optimizers(
        self, values: dict[Any, Tensor], factor: float, other: dict[str, float]
    ) -> list[Optimizer]:
        if not self.first:
            return [SGD(list(values.values()), lr=self.rate * factor)]
        made: list[Optimizer] = []
        for step in self.first:
            groups = [
                {**g, **other, "params": [values[id(p)] for p in g["params"] if id(p) in values]}
                for g in step.optimizer.param_groups
            ]
            with suppress(TypeError, ValueError):
                kind: Any = type(step.optimizer)
                made.append(kind(groups))
        return made

    def _standardised(self, tape: Tape) -> dict[int, Tensor]:
        rows, swap, at = self.fit.rows, {}, 0
        assert rows
        for part in self.fit.inputs(tape):
            end = at + part[0].numel() if part.dim() else at + 1
            mean, scale = rows.mean[at:end], rows.spread.diagonal()[at:end].clamp_min(0).sqrt()
            scale = torch.where(scale > 1e-9 * mean.abs(), scale, 1.0)
            shape, at = part.shape[1:], end
            swap[id(part)] = ((part - mean.reshape(shape)) / scale.reshape(shape)).to(part.dtype)
        return swap


def _short(rate: float) -> float:
    """Return a rate as it was written, as far as the moves of rounded parameters say it."""
    tries = [float(f"{rate:.{digits}e}") for digits in range(4)]
    return next(short for short in tries if math.isclose(short, rate, rel_tol=0.01))

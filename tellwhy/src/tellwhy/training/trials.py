"""What would have happened: the recorded batches trained on again, with one thing changed."""

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Optimizer

from tellwhy.training.fit import Fit
from tellwhy.training.tape import Tape
from tellwhy.training.watch import Watch

STEPS = 300  # at most, in a trial
SECONDS = 4.0  # for all trials together; then nothing more is tried


class Trials:
    """Trains on the recorded batches again, from the same start.

    Attributes:
        rate: at which the loop steps: that of its first optimizer, or of its steps by hand.
        steps: how many it took.
        distinct: the tapes with different data.
    """

    def __init__(self, fit: Fit, watch: Watch, by_hand: float | None) -> None:
        """Find out how the loop steps."""
        self.fit = fit
        firsts = {id(step.optimizer): step for step in reversed(watch.steps)}
        self.optimizers = list(reversed(firsts.values()))
        self.rate = self.optimizers[0].rates[0] if self.optimizers else by_hand or 0.0
        self.steps = watch.count or len(watch.passes) + watch.later
        steps = sum(one.steps > 0 for one in watch.passes) if self.optimizers else self.steps
        self.every = max(1, round(len(watch.passes) / max(steps, 1)))
        self.distinct = list({tuple(map(id, tape.data)): tape for tape in fit.tapes}.values())
        self.able = fit.exact and fit.alone and self.rate > 0
        self._until = time.monotonic() + SECONDS
        self.plain = all(type(s.optimizer) is SGD for s in self.optimizers)
        group = self.optimizers[0].optimizer.param_groups[0] if self.optimizers else {}
        self.momentum = float(group.get("momentum", 0)) if self.plain else 0.0

    def run(self, factor: float, *, standardised: bool = False, share: float = 1.0) -> float:
        """Return the mean loss after training at a multiple of the rate.

        Args:
            factor: of the rate.
            standardised: with features of mean 0 and standard deviation 1.
            share: of the loss that is taken, as 1 / n for a sum over n rows.

        Returns:
            The mean loss over all batches in the end; inf where it is not finite, nan where it
            could not be tried.
        """
        if not self.able or time.monotonic() > self._until:
            return math.nan
        values = {key: start.clone().requires_grad_() for key, start in self.fit.start.items()}
        swaps = {id(tape): self._swap(tape) if standardised else None for tape in self.distinct}
        optimizers = list(self._optimizers(values, factor))
        for step in range(min(self.steps, STEPS)):
            for batch in range(self.every):
                tape = self.distinct[(step * self.every + batch) % len(self.distinct)]
                with torch.enable_grad():
                    loss = share * tape.value(values, swaps[id(tape)])
                if not math.isfinite(float(loss.detach())):
                    return math.inf
                loss.backward()
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
        with torch.no_grad():
            losses = [float(tape.value(values, swaps[id(tape)])) for tape in self.distinct]
        mean = sum(losses) / len(losses)
        return mean if math.isfinite(mean) else math.inf

    def _optimizers(self, values: dict[Any, Tensor], factor: float) -> Iterator[Optimizer]:
        if not self.optimizers:
            yield SGD(list(values.values()), lr=self.rate * factor)
        for step in self.optimizers:
            groups = []
            for group, rate in zip(step.optimizer.param_groups, step.rates, strict=True):
                params = [values[id(p)] for p in group["params"] if id(p) in values]
                groups.append({**group, "params": params, "lr": rate * factor})
            with suppress(TypeError, ValueError):
                yield type(step.optimizer)(groups)

    def _swap(self, tape: Tape) -> dict[int, Tensor]:
        """Return the features of a tape, standardised, by the identity of those that they are."""
        assert self.fit.rows
        swap, at = {}, 0
        for part in self.fit.batch(tape)[1]:
            width = part.reshape(part.shape[0] if part.dim() else 1, -1).shape[1]
            mean = self.fit.rows.mean[at : at + width].reshape(part.shape[1:])
            scale = self.fit.rows.spread.diagonal()[at : at + width].clamp_min(0).sqrt()
            scale = torch.where(scale > 1e-9 * mean.abs().flatten(), scale, 1.0)
            swap[id(part)] = ((part - mean) / scale.reshape(part.shape[1:])).to(part.dtype)
            at += width
        return swap

    def limit(self, *, standardised: bool = False) -> float:
        """Return up to which multiple of the rate gradient descent is stable on all rows at once.

        That is 2 / (rate times the largest curvature); the curvature by products with the Hessian.
        """
        values = {key: start.clone().requires_grad_() for key, start in self.fit.start.items()}
        params, tapes = list(values.values()), self.distinct[:: max(1, len(self.distinct) // 32)]
        swaps = [self._swap(tape) if standardised else None for tape in tapes]
        generator = torch.Generator().manual_seed(0)
        along = [torch.randn(p.shape, generator=generator).to(p) for p in params]
        curvature = 0.0
        with torch.enable_grad():
            losses = [tape.value(values, swap) for tape, swap in zip(tapes, swaps, strict=True)]
            loss = torch.stack(losses).mean()
            grads = torch.autograd.grad(loss, params, create_graph=True, allow_unused=True)
            pairs = [(g, p) for g, p in zip(grads, params, strict=True) if g is not None]
            for _ in range(30):
                length = sum(float((part**2).sum()) for part in along) ** 0.5
                along = [part / length for part in along]
                slope = sum((g * a).sum() for (g, _), a in zip(pairs, along, strict=True))
                if not isinstance(slope, Tensor) or not slope.requires_grad:
                    return math.inf
                turned = torch.autograd.grad(slope, params, retain_graph=True, allow_unused=True)
                along = [torch.zeros_like(p) if t is None else t for t, p in zip(turned, params, strict=True)]
                curvature = sum(float((part**2).sum()) for part in along) ** 0.5
                if not 0 < curvature < math.inf:
                    return math.inf
        return 2 * (1 + self.momentum) / (curvature * self.rate)

"""Can this model, with these data and this loss, be right at all?"""

import math
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor

from tellwhy.finding import Finding
from tellwhy.training.fit import Fit
from tellwhy.training.recorder import any_grad
from tellwhy.training.sentences import number, told
from tellwhy.training.sites import operands
from tellwhy.training.tape import BROADCAST, Call, Made, Tape
from tellwhy.training.wiring import Wiring

# Functions whose results have bounds; and functions through which no gradient comes.
BOUNDS = {
    "sigmoid": (0, 1), "softmax": (0, 1), "tanh": (-1, 1), "relu": (0, math.inf),
    "hardtanh": (-1, 1), "hardsigmoid": (0, 1), "relu6": (0, 6), "softplus": (0, math.inf),
    "sin": (-1, 1), "cos": (-1, 1), "exp": (0, math.inf), "elu": (-1, math.inf),
    "log_softmax": (-math.inf, 0), "logsigmoid": (-math.inf, 0), "softsign": (-1, 1),
}  # fmt: skip
SQUARED = {"sub", "rsub", "__rsub__", "mse_loss"}  # of these a squared error is made
FLAT = {"round", "floor", "ceil", "trunc", "sign", "round_", "floor_", "ceil_"}
RECTIFIERS = {"relu", "relu_", "relu6", "clamp_min", "clamp_min_"}
SHAPING = {"squeeze", "unsqueeze", "view", "reshape", "flatten", "__getitem__", "T.__get__"}


class Model:
    """What is wrong with shapes, data, and the model."""

    def __init__(self, fit: Fit, wiring: Wiring) -> None:
        """Look at the first loss: where predictions meet labels, and what made the predictions."""
        self.fit, self.wiring, self.held = fit, wiring, wiring.held
        self.met = fit.tapes[0].met if fit.tapes else None
        part: Any = self.met and self.met[1]
        while part and part.call.name in SHAPING and isinstance(part.call.args[0], Made):
            part = part.call.args[0]
        self.output: Call | None = part and part.call
        self.columns = self.met[1].call.shape[1:2] if self.met else ()  # of predictions

    def first(self) -> Iterator[Finding]:
        """Yield what is wrong whatever came of it: shapes that do not fit, and no numbers."""
        yield from self._broadcast()
        yield from [*self._not_finite()] or [*self._infinite_slope()] or self._upward()

    def then(self) -> Iterator[Finding]:
        """Yield what keeps the model from being right."""
        yield from self._twice()
        yield from self._bounded()
        yield from self._slopes()
        yield from self._frozen()
        yield from self._no_bias()

    def _broadcast(self) -> Iterator[Finding]:
        if not self.met or self.met[0].name not in BROADCAST:
            return
        call, made, labels = self.met
        shape, n = made.call.shape, labels.numel()
        table = tuple(map(max, zip_longest(shape[::-1], labels.shape[::-1], fillvalue=1)))[::-1]
        if math.prod(shape) != n or math.prod(table) <= n:
            return
        sides = [("the prediction", shape), ("the label", tuple(labels.shape))]
        at = int(isinstance(next(call.inputs()), Made))  # on which side the labels stand
        parts, (one, two) = zip(*sides[:: 1 if at else -1], strict=True)
        whole, written = operands(call.site)
        names = written[:2] if len(written) > 1 else parts
        both = f"`{whole}`" if whole and call.name in ("sub", "rsub") else "their difference"
        cure = f"{names[at]}.reshape({', '.join(['-1', *['1'] * (len(shape) - 1)])})"
        said = {"left": names[0], "right": names[1], "both": both, "cure": cure}
        yield told("broadcast-loss", call.site, **said, one=one, two=two, shape=table)

    def _not_finite(self) -> Iterator[Finding]:
        for batch, tape in enumerate(self.fit.distinct, start=1):
            # Where the loss is finite all the same, a mask leaves them out.
            data = [] if math.isfinite(tape.seen) else tape.data.values()
            for part in (part for part in data if part.dim() and not part.isfinite().all()):
                bad = (~part.isfinite()).reshape(len(part), -1)
                rows, columns = (bad.any(axis).nonzero().flatten().tolist() for axis in (1, 0))
                where = f"row {_listed(rows)}" if len(rows) < len(part) else "every row"
                where += f", column {_listed(columns)}" if bad.shape[1] > 1 else ""
                where += f", of batch {batch}" if len(self.fit.distinct) > 1 else ""
                what = "labels" if self.met and part is self.met[2] else "features"
                counts = {"values": int(bad.sum()), "size": bad.numel()}
                yield told("not-finite-data", what=what, rows=where, **counts)
                return

    def _infinite_slope(self) -> Iterator[Finding]:
        """Find a gradient that is not finite, of a loss that is, and that ends the training."""
        if all(held.tensor.isfinite().all() for held in self.held.values()):
            return
        for tape in self.fit.tapes:
            grads = [grad for grad in tape.one.after.values() if grad is not None]
            bad = sum(int((~grad.isfinite()).sum()) for grad in grads)
            if bad and math.isfinite(tape.seen):
                for call in (call for call in reversed(tape.calls) if _is_steep(call, tape)):
                    ends = {"loss": tape.seen, "values": bad, "size": sum(g.numel() for g in grads)}
                    yield told("not-finite-gradient", call.site, function=call.name, **ends)
                    return

    def _upward(self) -> Iterator[Finding]:
        """Find steps that make the error larger, of all that it depends on."""
        fit, wiring, met = self.fit, self.wiring, self.met
        rate = wiring.rate()
        up = {bool(group.get("maximize")) for group in wiring.groups} or {rate < 0}
        if not (met and fit.exact and len(up) == 1 and (wiring.groups or rate)):
            return
        used = fit.tapes[0].data.keys() | fit.tapes[0].keys.keys()
        if used & self.held.keys() - wiring.stepped and not fit.moving:
            return  # as where an input is made that a model fails on
        one, other = fit.multiples(fit.tapes[0], own=met[0].name not in SQUARED)
        if not math.isclose(one, other, rel_tol=1e-3):  # of another error, as the mean distance
            one = math.copysign(1.0, fit.first)
        first, last = fit.first / one, fit.last / one
        if last <= first or (one < 0) == max(up):
            return
        how, cure = "the loss is minus the error", "Leave out the minus before the loss"
        if one > 0 and wiring.groups:
            how, cure = "the optimizer has `maximize=True`", "Leave that out"
        elif one > 0:
            how, cure = f"each adds {number(-rate)} times the gradient", "Subtract the gradient"
        ends = {"first": first, "last": last}
        yield told("wrong-direction", fit.tapes[0].loss.call.site, how=how, cure=cure, **ends)

    def _twice(self) -> Iterator[Finding]:
        if not self.met or not self.output:
            return
        loss, y, output = self.met[0].name, self.met[2].double(), self.output
        one, none = math.log(1 + 1 / math.e), math.log(2)  # the least losses of labels 1 and 0
        least = {
            "softmax, cross_entropy": math.log(1 + (output.shape[:2][-1] - 1) / math.e),
            "sigmoid, binary_cross_entropy_with_logits": float((y * one + (1 - y) * none).mean()),
        }.get(f"{output.name}, {loss}")
        if least is not None:
            said = {"activation": output.name, "loss": loss, "least": least}
            yield told("activation-twice", output.site, **said)

    def _bounded(self) -> Iterator[Finding]:
        rows, mean = self.fit.rows, self.fit.mean
        if not rows or not self.output or self.output.name not in BOUNDS:
            return
        low, high = BOUNDS[self.output.name]
        labels = rows.table[:, rows.features :].flatten()
        beyond = (low - labels).clamp_min(0) + (labels - high).clamp_min(0)
        least = float((beyond**2).mean() / labels.var(correction=0)) * mean
        if least > 0.1 * mean:
            bounds = f"below {high}" if low == -math.inf else f"above {low}"
            bounds = f"between {low} and {high}" if abs(low) + high < math.inf else bounds
            outside = f"{float((beyond > 0).double().mean()):.0%}"
            ends = {"low": float(labels.min()), "high": float(labels.max()), "least": least}
            quoted = {"activation": self.output.name, "bounds": bounds, "outside": outside}
            yield told("bounded-output", self.output.site, **quoted, **ends)

    def _slopes(self) -> Iterator[Finding]:
        """Find parameters whose every gradient is exactly zero, and what makes it so."""
        fit, kept = self.fit, [one.after for one in self.fit.passes if one.close]
        keys = {key for after in kept for key in after}
        flat = [key for key in keys if not any_grad(after.get(key) for after in kept)]
        empty = [s for k in flat if (s := self.held[k].start) is not None and not s.any()]
        if sum(start.dim() > 1 for start in empty) > 1:
            yield told("all-zero-start", zero=len(empty), parameters=len(keys))
        all_of_them, passes = len(flat) == len(keys), len(fit.tapes)
        for place, call in enumerate(fit.tapes[0].calls if flat and fit.exact else []):
            name, site = call.name, call.site
            if name in RECTIFIERS and call is not self.output:
                wanted = [(tape, Made(tape.calls[place])) for tape in fit.distinct]
                with torch.no_grad():
                    seen = [tape.replay(fit.start, made)[1] for tape, made in wanted]
                if not any(part.any() for part in seen):
                    counts = {"units": math.prod(call.shape[1:]), "rows": sum(map(len, seen))}
                    yield told("dead-units", site, activation=name, **counts)
            elif name in FLAT and call.needs and all_of_them:
                yield told("flat-function", site, function=name, passes=passes)
            elif name == "cross_entropy" and all_of_them and self.columns == (1,):
                yield told("one-class-output", site, loss=name, last=fit.last, passes=passes)

    def _frozen(self) -> Iterator[Finding]:
        before = self.fit.tapes[-1].data.keys() if self.fit.tapes else set()
        meant = self.wiring.optimized if self.fit.learned else set(self.held)
        # An input may be fitted to frozen layers on purpose: it is no layer's parameter.
        kinds = {type(self.held[key].tensor) for key in self.wiring.reached}
        frozen = [key for key in before & meant if type(self.held[key].tensor) in kinds]
        frozen = [key for key in frozen if not self.held[key].tensor.requires_grad]
        if frozen and self.fit.short(1, 0.1):
            ends = (
                f"the loss is {number(self.fit.last)}, and {number(self.fit.best)} can be reached"
            )
            yield self.wiring.frozen(frozen, ends)

    def _no_bias(self) -> Iterator[Finding]:
        """Find models that give 0 for features of 0, where the labels are far from 0."""
        fit, rows, met = self.fit, self.fit.rows, self.met
        if not (rows and met and fit.short(1, 0.1)):
            return
        without = rows.least(bias=False) / len(fit.distinct)
        if without < 2 * fit.best or not 0.99 * without <= fit.last <= 2 * without:
            return
        zeros = {id(part): torch.zeros_like(part) for part in fit.tapes[0].features()}
        with torch.no_grad():
            ends = [fit.tapes[0].replay(v | zeros, met[1])[1] for v in (fit.start, fit.final)]
        if not any(end.any() for end in ends):
            mean = float(rows.mean[rows.features :].mean())
            losses = {"without": without, "best": fit.best, "last": fit.last}
            yield told("no-bias", met[1].call.site, mean=mean, **losses)


def _is_steep(call: Call, tape: Tape) -> bool:
    """Return whether a function of one tensor has a slope that is not finite where it was taken."""
    made = [part for part in call.inputs() if isinstance(part, Made)]
    if len(made) != 1 or call.inplace or not call.needs or made[0] is not call.args[0]:
        return False
    with torch.no_grad():
        x = tape.replay(tape.values, made[0])[1].clone()
    result = call.func(x.requires_grad_(), *call.args[1:], **call.kwargs)
    slopes = torch.autograd.grad(result.sum(), x)[0] if isinstance(result, Tensor) else x
    return bool(x.isfinite().all() and not slopes.isfinite().all())


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + ", ..." * (len(numbers) > 5)

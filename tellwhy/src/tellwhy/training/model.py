"""Can this model, with these data and this loss, be right at all?"""

import math
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor

from tellwhy.finding import Finding
from tellwhy.training.fit import BROADCAST, Fit, meeting
from tellwhy.training.sentences import number, told
from tellwhy.training.sites import operands
from tellwhy.training.tape import Call, Made, Tape, any_grad
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
        """Look at the tapes."""
        self.fit, self.wiring, self.tapes = fit, wiring, fit.tapes
        self.held, self.optimized = wiring.held, wiring.optimized
        self.met = meeting(self.tapes[0]) if self.tapes else None
        part = self.met[1] if self.met else None
        while isinstance(part, Made) and part.call.name in SHAPING:
            part = part.call.args[0]
        self.output: Call | None = part.call if isinstance(part, Made) else None

    def first(self) -> Iterator[Finding]:
        """Yield what is wrong whatever came of it: shapes that do not fit, and no numbers."""
        yield from self._broadcast()
        yield from [*self._not_finite()] or [*self._infinite_slope()] or self._upward()

    def then(self) -> Iterator[Finding]:
        """Yield what keeps the model from being right."""
        found = [
            *self._one_class(), *self._twice(), *self._bounded(), *self._slopes(),
            *self._frozen(), *self._no_bias(),
        ]  # fmt: skip
        yield from found
        if not found and not self.fit.learned:
            yield from self._dead()

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
        for batch, tape in enumerate(self.fit.distinct):
            for part in tape.data:
                meant = math.isfinite(tape.seen)  # as where a mask leaves them out
                if meant or not part.is_floating_point() or not part.dim() or part.isfinite().all():
                    continue
                bad = (~part.isfinite()).reshape(len(part), -1)
                rows, columns = (bad.any(axis).nonzero().flatten().tolist() for axis in (1, 0))
                where = f"row {_listed(rows)}" if len(rows) < len(part) else "every row"
                where += f", column {_listed(columns)}" if bad.shape[1] > 1 else ""
                where += f", of batch {batch + 1}" if len(self.fit.distinct) > 1 else ""
                what = "labels" if self.met and part is self.met[2] else "features"
                counts = {"values": int(bad.sum()), "size": bad.numel()}
                yield told("not-finite-data", what=what, rows=where, **counts)
                return

    def _infinite_slope(self) -> Iterator[Finding]:
        """Find a gradient that is not finite, of a loss that is, and that ends the training."""
        if not self.tapes or all(held.tensor.isfinite().all() for held in self.held.values()):
            return
        first = abs(self.fit.passes[0].value.item())
        for each, tape in zip(self.fit.passes, self.tapes, strict=False):
            grads = [grad for grad in each.after.values() if grad is not None]
            values = {self.fit.keys(each)[key]: value for key, value in each.values.items()}
            bad = sum(int((~grad.isfinite()).sum()) for grad in grads)
            if not bad or not abs(tape.seen) <= 10 * first or len(values) < len(each.reached):
                continue  # a loss that grows and grows has another cause
            for call in reversed(tape.calls):
                if _is_steep(call, tape, values):
                    ends = {"loss": tape.seen, "values": bad, "size": sum(g.numel() for g in grads)}
                    yield told("not-finite-gradient", call.site, function=call.name, **ends)
                    return
            return

    def _upward(self) -> Iterator[Finding]:
        """Find steps that make the error larger, of all that it depends on."""
        fit, wiring, met, rates = self.fit, self.wiring, self.met, self.wiring.rates()
        most = {bool(group.get("maximize")) for group in wiring.groups} or {
            rate < 0 for rate in rates
        }
        if not (met and fit.exact and fit.alone and len(most) == 1):
            return
        roots = {id(part) for part in self.tapes[0].data} | set(self.tapes[0].keys)
        if roots & self.held.keys() - wiring.optimized - wiring.changed and not fit.moving:
            return  # as where an input is made that a model fails on
        one, other = fit.multiples(self.tapes[0], met, own=met[0].name not in SQUARED)
        first, last = fit.first / one, fit.last / one
        if not math.isclose(one, other, rel_tol=1e-3):
            # Another error, such as the mean distance: steps by hand that add, and it grew.
            if wiring.groups or met[0].name not in SQUARED or fit.first <= 0:
                return
            one, first, last = 1.0, fit.first, fit.last
        if last <= first or (one < 0) == max(most):
            return
        how, cure = "the loss is minus the error", "Leave out the minus before the loss"
        if one > 0 and wiring.groups:
            how, cure = "the optimizer has `maximize=True`", "Leave that out"
        elif one > 0:
            how, cure = f"each adds {number(-rates[0])} times the gradient", "Subtract the gradient"
        ends = {"first": first, "last": last}
        yield told("wrong-direction", self.tapes[0].loss.call.site, how=how, cure=cure, **ends)

    def _one_class(self) -> Iterator[Finding]:
        kept = [grad for p in self.fit.passes for grad in p.after.values()]
        if self.met and self.met[0].name == "cross_entropy" and not any_grad(kept):
            call, made, _ = self.met
            if made.call.shape[1:2] == (1,):
                counts = {"last": self.fit.last, "passes": len(self.tapes)}
                yield told("one-class-output", call.site, loss=call.name, **counts)

    def _dead(self) -> Iterator[Finding]:
        """Find units that are zero for all rows at the start, before the last layer."""
        start = self.fit.start
        calls = self.tapes[0].calls if self.fit.exact else []
        for call in (c for c in calls if c.name in RECTIFIERS and c is not self.output):
            place = self.tapes[0].calls.index(call)
            with torch.no_grad():
                seen = [t.replay(start, wanted=Made(t.calls[place]))[1] for t in self.fit.distinct]
            if not any(part.any() for part in seen):
                units, rows = math.prod(call.shape[1:]), sum(len(part) for part in seen)
                counts = {"units": units, "rows": rows}
                yield told("dead-units", call.site, activation=call.name, **counts)
                return

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
        if not self.fit.rows or not self.output or self.output.name not in BOUNDS:
            return
        low, high = BOUNDS[self.output.name]
        batches = [self.fit.batch(tape)[0] for tape in self.fit.distinct]
        labels = torch.cat([part for part in batches if part is not None]).flatten()
        beyond = (low - labels).clamp_min(0) + (labels - high).clamp_min(0)
        least = float((beyond**2).mean() / labels.var(correction=0)) * self.fit.mean
        outside = float((beyond > 0).double().mean())
        if outside > 0.02 and least > 0.1 * self.fit.mean:
            bounds = f"below {high}" if low == -math.inf else f"above {low}"
            bounds = f"between {low} and {high}" if abs(low) + high < math.inf else bounds
            ends = {"low": float(labels.min()), "high": float(labels.max()), "least": least}
            quoted = {"activation": self.output.name, "bounds": bounds, "outside": f"{outside:.0%}"}
            yield told("bounded-output", self.output.site, **quoted, **ends)

    def _slopes(self) -> Iterator[Finding]:
        """Find parameters whose every gradient is exactly zero, and why."""
        kept = [p.after for p in self.fit.passes if p.close]
        keys = {key for after in kept for key in after}
        flat = [k for k in keys if not any(g.any() for a in kept if (g := a.get(k)) is not None)]
        calls = self.tapes[0].calls if flat and len(flat) == len(keys) and self.tapes else []
        for call in (call for call in calls if call.name in FLAT and call.needs):
            yield told("flat-function", call.site, function=call.name, passes=len(self.tapes))
            return
        empty = [s for k in flat if (s := self.held[k].start) is not None and not s.any()]
        if sum(start.dim() > 1 for start in empty) > 1:
            yield told("all-zero-start", zero=len(empty), parameters=len(keys))

    def _short(self) -> bool:
        """Whether the loss ends far above what a linear model can reach."""
        gap, all_of_it = self.fit.last - self.fit.best, self.fit.mean - self.fit.best
        return self.fit.rows is not None and gap > max(self.fit.best, 0.1 * all_of_it)

    def _frozen(self) -> Iterator[Finding]:
        before = {id(part) for part in self.tapes[-1].data} if self.tapes else set()
        meant = self.optimized if self.fit.learned else set(self.held)
        # An input may be fitted to frozen layers on purpose: it is no layer's parameter.
        kinds = {type(self.held[key].tensor) for key in self.wiring.reached}
        held = [h for key, h in self.held.items() if key in before & meant]
        frozen = [h for h in held if not h.tensor.requires_grad and type(h.tensor) in kinds]
        if frozen and self._short():
            what = ", ".join(f"`{h.name}`" for h in frozen if h.name) or "a parameter"
            last, best = number(self.fit.last), number(self.fit.best)
            ends = f"the loss is {last}, and {best} can be reached"
            yield told("parameter-frozen", frozen[0].site, what=what, numbers=ends)

    def _no_bias(self) -> Iterator[Finding]:
        """Find models that give 0 for features of 0, where the labels are far from 0."""
        fit, rows, met = self.fit, self.fit.rows, self.met
        if not (rows and met and self._short()):
            return
        without = rows.least(bias=False) / len(self.tapes)
        if without < 2 * fit.best or not 0.99 * without <= fit.last <= 2 * without:
            return
        swap = {id(part): torch.zeros_like(part) for part in fit.inputs(self.tapes[0])}
        with torch.no_grad():
            zeros = [self.tapes[0].replay(v, swap, met[1])[1] for v in (fit.start, fit.final)]
        if not any(zero.any() for zero in zeros):
            ends = {"mean": float(rows.mean[rows.features :].mean()), "without": without}
            yield told("no-bias", met[1].call.site, **ends, best=fit.best, last=fit.last)


def _is_steep(call: Call, tape: Tape, values: Mapping[Any, Tensor]) -> bool:
    """Return whether a function of one tensor has a slope that is not finite where it was taken."""
    made = [part for part in call.inputs() if isinstance(part, Made)]
    if len(made) != 1 or call.inplace or not call.needs or made[0] is not call.args[0]:
        return False
    with torch.no_grad():
        x = tape.replay(values, wanted=made[0])[1].clone()
    result = call.func(x.requires_grad_(), *call.args[1:], **call.kwargs)
    slopes = torch.autograd.grad(result.sum(), x)[0] if isinstance(result, Tensor) else x
    return bool(x.isfinite().all() and not slopes.isfinite().all())


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + ", ..." * (len(numbers) > 5)

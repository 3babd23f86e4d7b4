"""Is the loop wired: does a gradient come from the loss, and does a step use it?"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from tellwhy.finding import Finding
from tellwhy.training.seen import Held, Pass
from tellwhy.training.sentences import told
from tellwhy.training.tape import HANDLES, Call, Made, any_grad, handle_of, upstream
from tellwhy.training.watch import Watch

EXITS = {"item", "numpy", "tolist", "__float__", "__array__"}


class Wiring:
    """What is wrong with a loop, whatever its numbers are.

    Attributes:
        optimized: the identities of the tensors that optimizers stepped.
        reached: of those on which a loss depends.
    """

    def __init__(self, watch: Watch) -> None:
        """Look at what was watched."""
        self.watch, self.passes, self.steps, self.held = (
            watch, watch.passes, watch.steps, watch.held,
        )  # fmt: skip
        groups = [g for s in self.steps[:1] + self.steps[-1:] for g in s.optimizer.param_groups]
        optimizers = {id(step.optimizer): step.optimizer for step in self.steps}.values()
        groups = [group for optimizer in optimizers for group in optimizer.param_groups]
        self.optimized = {id(p) for group in groups for p in group["params"]}
        self.reached = {key for each in self.passes for key in each.reached}

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, the first cause first."""
        rules = (
            self.no_backward, self.parameter_replaced, self.model_rebuilt, self.graph_cut,
            self.other_parameters, self.zeroed_before_step, self.no_step, self.not_zeroed,
            self.wrong_direction,
        )  # fmt: skip
        for rule in rules:
            if found := rule():
                yield found

    def moved(self, held: Held) -> bool:
        """Return whether a parameter is another than at the start."""
        return held.start is None or not torch.equal(held.tensor.detach(), held.start)

    def no_backward(self) -> Finding | None:
        """Steps without a gradient."""
        idle = all(len(step.missing) and not step.moves for step in self.steps)
        if self.passes or not idle or not (self.steps or self.watch.none is not None):
            return None
        losses = [call for call in self.watch.calls if call.shape == ()]
        site = losses[-1].site if losses else None
        return told("no-backward", site, steps=max(self.watch.count, 1))

    def parameter_replaced(self) -> Finding | None:
        """`w = w - lr * w.grad`, or a layer's parameter put back as a new one."""
        kept = {id(call) for held in self.held.values() for call in upstream(held.origin)}
        segments = [*(each.calls or () for each in self.passes), self.watch.calls]
        asked = isinstance(self.watch.none, Made)
        failed = any(each.failed for each in self.passes)
        for call in (call for segment in segments for call in segment):
            parameter = self._updated(call)
            if parameter is None or id(call) in kept:
                continue
            again = sum(id(parameter.tensor) in each.reached for each in self.passes) > 1
            if failed or asked or (again and not self.moved(parameter)):
                how = "an update like `w = w - rate * w.grad` makes a tensor of its own"
                how += ", which has no gradient" if failed or asked else ", and the old one stays"
                cure = f"`{parameter.name or 'w'} -= ...` under `torch.no_grad()`"
                return self._replaced(call.site, parameter, how, cure)
        for new in self.held.values():
            if new.first and id(new.tensor) in self.reached - self.optimized and self.optimized:
                for key in self.optimized & self.reached:
                    old = self.held[key]
                    if new.start is not None and old.first == 0 and _near(new.start, old.tensor):
                        how = "the optimizer goes on stepping the old one"
                        cure = f"`{old.name or 'w'}.data.clamp_(...)`, or `.copy_(...)`"
                        return self._replaced(new.site, old, how, cure)
        return None

    def _replaced(self, site: object, held: Held, how: str, cure: str) -> Finding:
        quoted = {"how": how, "cure": cure, "name": f" `{held.name}`" * bool(held.name)}
        return told("parameter-replaced", site, quoted)  # type: ignore[arg-type]

    def _updated(self, call: Call) -> Held | None:
        """Return the parameter from whose value and gradient a call computes a new tensor."""
        if call.name not in ("sub", "add", "__sub__", "__add__") or call.inplace:
            return None
        target = handle_of(call.args[0])
        grads = [c for c in upstream(call) if c.name == "grad.__get__" and c.args[0] is target]
        return self.held.get(id(target)) if grads else None

    def model_rebuilt(self) -> Finding | None:
        """New models, that do not go on from the old ones."""
        lives: list[list[Pass]] = []
        for each in self.passes:
            if lives and lives[-1][0].reached == each.reached:
                lives[-1].append(each)
            elif each.reached:
                lives.append([each])
        keys = [key for life in lives for key in set(life[0].reached)]
        if len(lives) < 3 or len(keys) != len(set(keys)) or lives[0][0].functional:
            return None
        for old, new in zip(lives, lives[1:], strict=False):
            pairs = [
                (self.held[a], self.held[b])
                for a, b in zip(old[0].reached, new[0].reached, strict=False)
            ]
            if any(b.origin or b.start is None or a.tensor.shape != b.tensor.shape for a, b in pairs):
                return None
            if all(_near(b.start, a.tensor) for a, b in pairs if b.start is not None):
                return None
        first, last = (
            sum(life[at].value.item() for life in lives[:-1]) / len(lives[:-1]) for at in (0, -1)
        )
        if last < 0.5 * first:
            return None  # several models on purpose, one after the other
        site = self.held[lives[1][0].reached[0]].site
        count, passes = len(lives), len(self.passes)
        return told("model-rebuilt", site, models=count, passes=passes, first=first, last=last)

    def graph_cut(self) -> Finding | None:
        """A loss that does not depend on parameters from which it was computed."""
        for each in self.passes:
            lost = each.failed or not each.reached
            if not lost and not self.optimized:
                continue
            way = upstream(each.loss.call) if each.loss else []
            before = {id(p) for call in way for p in call.inputs() if isinstance(p, Tensor)}
            wanted = {k for k in before & set(self.held) if self.held[k].tensor.requires_grad}
            cut = wanted if lost else (wanted & self.optimized) - self.reached
            if cut and (found := self._cut(way, cut)):
                return found
            if lost and not wanted:
                return self._without_gradient(each, way)
        return None

    def _cut(self, way: list[Call], cut: set[int]) -> Finding | None:
        for call in way:
            carried = [p for p in call.inputs() if isinstance(p, Made) and p.call.needs]
            direct = [p for p in call.inputs() if id(p) in cut]
            if call.needs or not (carried or direct):
                continue
            if call.recording:
                by, why = f"`{_spelled(call)}`", "a gradient does not pass it"
            else:
                by, why = "`torch.no_grad()`", "what is computed there is not recorded"
            count = len(self.held)
            return told(
                "graph-cut", call.site, {"by": by, "why": why}, cut=len(cut), parameters=count
            )
        return None

    def _without_gradient(self, each: Pass, way: list[Call]) -> Finding | None:
        frozen = [h for h in self.held.values() if isinstance(h.tensor, nn.Parameter)]
        exits = [call for call in each.calls or () if call.name in EXITS]
        exits = [call for call in exits if any(c.needs for c in upstream(call))] or exits
        if exits:
            quoted = {"by": f"`{_spelled(exits[-1])}`", "why": "it makes plain numbers"}
            count = len(self.held)
            return told("graph-cut", exits[-1].site, quoted, cut=count, parameters=count)
        if each.failed:
            names = ", ".join(f"`{h.name}`" for h in frozen[:3] if h.name)
            what = names or "What the loss is computed from"
            numbers = f"{len(frozen)} tensors are frozen" if frozen else "no tensor asks for one"
            return told("parameter-frozen", each.site, {"what": what}, numbers=numbers)
        return None

    def other_parameters(self) -> Finding | None:
        """An optimizer that steps what gets no gradient, and none for what gets one."""
        orphans = self.reached - self.optimized - {k for p in self.passes for k in p.changed}
        idle = {k for k in self.optimized - self.reached if self.held[k].tensor.requires_grad}
        shapes = [self.held[key].tensor.shape for key in idle]
        if not orphans or not idle:
            return None
        if idle != self.optimized and any(self.held[k].tensor.shape not in shapes for k in orphans):
            return None
        names = sorted(filter(None, (self.held[key].name for key in orphans)))
        quoted = {"names": f" ({', '.join(f'`{name}`' for name in names[:3])})" if names else ""}
        counts = {"held": len(self.optimized), "idle": len(idle), "orphans": len(orphans)}
        return told("other-parameters", self.steps[0].site, quoted, **counts)

    def zeroed_before_step(self) -> Finding | None:
        """Gradients that are gone when the step wants them."""
        looked = [s for s in self.steps if s.moves is not None and s.after]
        looked = [s for s in looked if self._had_gradient(self.passes[s.after - 1])]
        empty = [step for step in looked if not step.moves]
        times, total, site = len(empty), len(looked), looked[0].site if looked else None
        if not self.steps:
            pairs = [p for p in self.passes[:-1] if p.changed and p.close and any_grad(p.after)]
            zeroed = [call for p in pairs if (call := self._zeroed_first(self.passes[p.number + 1]))]
            times, total, site = len(zeroed), len(pairs), zeroed[0].site if zeroed else None
        if times < 2 or times < total:
            return None
        return told("gradients-zeroed-before-step", site, times=times, steps=total)

    def _had_gradient(self, one: Pass) -> bool:
        return any_grad({key: one.after[key] for key in self.optimized & set(one.after)})

    def _zeroed_first(self, following: Pass) -> Call | None:
        """Return what zeroes a gradient before it is used, among the calls before a pass."""
        for call in following.calls or ():
            target = call.args[0] if call.inplace else None
            while isinstance(target, Made) and target.call.name in HANDLES:
                target = target.call.args[0]
            if isinstance(target, Made) and target.call.name == "grad.__get__":
                return call if call.name == "zero_" else None
            if call.inplace:
                return None
        return None

    def no_step(self) -> Finding | None:
        """Gradients that nobody uses."""
        changed = any(each.changed for each in self.passes)
        same = {tuple(each.reached) for each in self.passes if each.reached}
        if self.watch.count or changed or len(self.passes) < 3 or len(same) != 1:
            return None
        parameters = [self.held[key] for key in self.reached]
        if any(map(self.moved, parameters)) or not any(any_grad(p.after) for p in self.passes):
            return None
        return told("no-step", self.passes[0].site, passes=len(self.passes))

    def not_zeroed(self) -> Finding | None:
        """Gradients that are still there in the step after."""
        times = total = 0
        for one, two in zip(self.passes, self.passes[1:], strict=False):
            stepped = set(one.after) & (self.optimized if one.steps else one.changed)
            if one.close and two.close and stepped:
                kept = [k for k in stepped if _same(one.after[k], two.before.get(k))]
                total, times = total + 1, times + any_grad({k: one.after[k] for k in kept})
        if times < 2 or 2 * times < total:
            return None
        return told("gradients-not-zeroed", self.passes[0].site, times=times, steps=total)

    def wrong_direction(self) -> Finding | None:
        """By hand, a plus where a minus belongs."""
        rates = [rate for one in self.passes if (rate := self.rate_after(one)) is not None]
        if len(rates) < 2 or max(rates) > 0:
            return None
        first, last = (self.passes[at].value.item() for at in (0, -1))
        return told("wrong-direction", None, rate=-rates[0], first=first, last=last)

    def rate_after(self, one: Pass) -> float | None:
        """Return the rate of the step by hand after a pass, if it was rate times gradient."""
        two = self.passes[one.number + 1] if one.number + 1 < len(self.passes) else None
        if two is None or not (one.close and two.close) or self.steps:
            return None
        old, new = [one.values.get(k) for k in one.reached], [two.values.get(k) for k in two.reached]
        grads = [one.after.get(key) for key in one.reached]
        if len(old) != len(new) or any(part is None for part in (*old, *new, *grads)):
            return None
        step = torch.cat([(b - a).double().flatten() for a, b in zip(old, new, strict=True)])  # type: ignore[operator]
        slope = torch.cat([g.double().flatten() for g in grads])  # type: ignore[union-attr]
        both = step.norm() * slope.norm()
        if not torch.isfinite(both) or both == 0 or (step @ slope).abs() < 0.99 * both:
            return None
        return float(-(step @ slope) / (slope @ slope))


def _near(new: Tensor, old: Tensor) -> bool:
    """Return whether one parameter goes on from another, as far as values can say it."""
    return new.shape == old.shape and float(torch.dist(new, old)) <= 0.5 * float(old.norm())


def _same(one: Tensor | None, two: Tensor | None) -> bool:
    return one is not None and two is not None and torch.equal(one, two)


def _spelled(call: Call) -> str:
    return call.name.replace(".__get__", "").replace("__float__", "float").replace("__array__", "numpy")

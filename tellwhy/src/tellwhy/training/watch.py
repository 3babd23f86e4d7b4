"""Watches a loop: when a loss is differentiated, when an optimizer steps, and until when."""

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch._C import _functorch
from torch.optim import Optimizer, optimizer
from torch.overrides import _get_current_function_mode_stack

from tellwhy.training.recorder import Recorder
from tellwhy.training.seen import Pass, Step
from tellwhy.training.sites import here
from tellwhy.training.tape import any_grad, plain, roots, upstream

STEPS = 200  # are watched call by call
CLOSE = {*range(12), 16, 24, 36, 54, 81, 121, 181}  # passes of which gradients are kept
LATER = {round(STEPS * 1.2**k) for k in range(1, 100)}  # steps that are watched again, one by one


class Watch(Recorder):
    """Sees what a loop does.

    Attributes:
        steps: the steps of optimizers that were looked at.
        count: of all steps of optimizers.
        later: of the losses that were differentiated after the mode was taken off.
    """

    def __init__(self) -> None:
        """Prepare; nothing is registered yet."""
        super().__init__()
        self.steps: list[Step] = []
        self.count = self.later = 0
        self._on = False
        self._hooks: list[Any] = []
        self._data: dict[int, Tensor] = {}

    def start(self) -> None:
        """Begin to watch."""
        self._hooks = [
            optimizer.register_optimizer_step_pre_hook(self._before_step),
            optimizer.register_optimizer_step_post_hook(self._after_step),
        ]
        self._switch(on=True)

    def stop(self) -> None:
        """End, and remove all that was registered."""
        self._switch(on=False)
        if sys.getprofile() == self._leave:
            sys.setprofile(None)
        for hook in self._hooks:
            hook.remove()
        self.notes.clear()
        self.asleep = True

    def _switch(self, *, on: bool) -> None:
        """Take the mode on or off; beneath another mode it stays, asleep, until that one ends."""
        if on and not self._on:
            self.notes.clear()
            self.calls, self._on, self.asleep = [], True, self.trouble is not None
            self.__enter__()
        elif not on and self._on:
            self.asleep = True
            if (stack := _get_current_function_mode_stack()) and stack[-1] is self:
                self.__exit__(None, None, None)
                self._on = False

    def differentiate(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Compute gradients, and keep the loss and them."""
        losses = args[0] if args else next(iter(kwargs.values()))
        inputs = args[1] if len(args) > 1 and func is torch.autograd.grad else kwargs.get("inputs")
        loss = losses[0] if isinstance(losses, list | tuple) else losses
        inputs = (inputs,) if isinstance(inputs, Tensor) else inputs
        functional = any(map(_functorch.is_gradtrackingtensor, inputs or ()))
        if func is torch.autograd.grad and kwargs.get("create_graph") and not functional:
            return func(*args, **kwargs)  # a part of a loss, as a penalty on gradients is
        current = self.guard(self._begin, loss, inputs, functional)
        try:
            result = func(*args, **kwargs)
        except Exception:
            if current:
                current.failed = True
            raise
        grads = result if func is torch.autograd.grad else None
        self.guard(self._end, current, grads)
        return result

    def _begin(self, loss: Tensor, inputs: Iterable[Tensor] | None, functional: bool) -> Pass:
        made, number = self.made(loss), len(self.passes)
        wanted = upstream(made.call) if made else []
        ids = {call.number for call in wanted}
        close = number in CLOSE
        for call in self.calls if close else ():
            if call.number not in ids:  # of what led elsewhere, the data are not kept
                call.args = tuple(None if self._is_data(part) else part for part in call.args)
                call.kwargs = {}
        reached = [plain(part) for part in inputs] if functional and inputs else _leaves(loss)
        for parameter in reached:
            self.hold(parameter)
        value = plain(loss).detach().clone().sum()
        calls = (self.calls if close else wanted) if self._fits(wanted) else None
        keys = [id(parameter) for parameter in reached]
        current = Pass(number, here(), made, value, calls, keys, functional, close)
        if close:
            current.values = {id(p): c for p in reached if (c := self.copy(p)) is not None}
            current.before = {id(p): self.copy(p.grad) for p in reached if p.is_leaf}
        self.passes.append(current)
        return current

    def _is_data(self, part: Any) -> bool:
        return isinstance(part, Tensor) and id(part) not in self.held

    def _fits(self, calls: list[Any]) -> bool:
        for part in roots(calls):
            if self._is_data(part) and id(part) not in self._data:
                if not self.take("data", part):
                    return False
                self._data[id(part)] = part
        return True

    def _end(self, current: Pass | None, grads: tuple[Tensor | None, ...] | None) -> None:
        if current and current.close:
            after = [self.held[key].tensor.grad for key in current.reached] if grads is None else [
                grad if grad is None else plain(grad) for grad in grads
            ]
            current.after = dict(zip(current.reached, map(self.copy, after), strict=False))
        self.calls, self.close = [], len(self.passes) in CLOSE or len(self.passes) - 1 in CLOSE
        self.notes.clear()
        if len(self.passes) >= (2 * STEPS if self.steps else STEPS) and self._on:
            self._leave_soon(current)

    def _leave_soon(self, current: Pass | None) -> None:
        """Take the mode off at the next call in Python.

        While PyTorch is in this mode's hands it is not on the stack of modes, and would be put
        back there. So a function that Python calls at each call does it once, and is gone.
        """
        self.asleep = True
        if sys.getprofile() is None:
            sys.setprofile(self._leave)
        if current and current.reached:
            first = self.held[current.reached[0]].tensor
            if first.is_leaf and first.requires_grad:
                self._hooks.append(first.register_post_accumulate_grad_hook(self._one_more))

    def _leave(self, frame: FrameType, event: str, details: Any) -> None:
        self._switch(on=False)
        if not self._on:
            sys.setprofile(None)

    def _one_more(self, parameter: Tensor) -> None:
        self.later += not self._on

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if self._on and not self.asleep:
            self.guard(self._keep_step, optimizer)
            if len(args) < 2 and not kwargs:  # else there is a closure, and that is seen
                self._switch(on=False)
            if self.count >= STEPS:
                self._switch(on=False)

    def _keep_step(self, optimizer: Optimizer) -> None:
        groups = optimizer.param_groups
        parameters = [parameter for group in groups for parameter in group["params"]]
        for parameter in parameters:
            self.hold(parameter)
        grads = {id(parameter): parameter.grad for parameter in parameters}
        missing = frozenset(key for key, grad in grads.items() if grad is None)
        moves = any_grad(grads) if len(self.steps) < len(CLOSE) else None
        rates = tuple(float(group.get("lr", 0)) for group in groups)
        number, after = self.count + 1, len(self.passes)
        self.steps.append(Step(number, optimizer, after, rates, missing, moves, here()))

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self.count += 1
        if self.passes and self.steps and self.steps[-1].number == self.count:
            self.passes[-1].steps += 1
        first = self.count < STEPS and len(self.passes) < STEPS
        self._switch(on=first or self.count in LATER)


def _leaves(loss: Tensor) -> list[Tensor]:
    """Return the leaves of a loss's graph, which are those that backward gives a gradient."""
    found: list[Tensor] = []
    waiting, known = [loss.grad_fn], {None}
    while waiting:
        node = waiting.pop()
        if node not in known:
            known.add(node)
            if type(node).__name__ == "AccumulateGrad":
                found.append(node.variable)  # type: ignore[union-attr]
            waiting += [before for before, _ in node.next_functions]  # type: ignore[union-attr]
    return found

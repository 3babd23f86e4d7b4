"""Watches a loop call by call, and changes nothing: what is computed, differentiated, stepped."""

import sys
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch._C import _functorch
from torch.optim import Optimizer, optimizer
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack

from tellwhy.training.sites import Site, here, name_of
from tellwhy.training.tape import Call, Made, Pass, handle_of, roots, upstream

STEPS = 200  # are watched call by call
CLOSE = {*range(12), 16, 24, 36, 54, 81, 121, 181}  # passes that are looked at closely
LATER = {round(STEPS * 1.2**k) for k in range(1, 100)}  # steps that are watched again, one by one
ROOM = 64 << 20  # bytes of data, and as many again of parameters and their gradients
CALLS = 20_000  # between two losses; of a longer way to a loss nothing is kept
# The attributes of tensors that are looked at; the others do not say where numbers come from.
ATTRIBUTES = {"grad.__get__", "data.__get__", "data.__set__", "T.__get__", "mT.__get__"}


@dataclass(slots=True)
class Held:
    """A parameter: a tensor that requires a gradient, or is a layer's parameter."""

    tensor: Tensor
    name: str
    start: Tensor | None  # its first values, where there was room for a copy
    first: int  # the number of passes before it was first seen, at a site
    origin: Made | None  # what made it, where that was recorded
    site: Site | None


class Step(NamedTuple):
    """A step of an optimizer."""

    number: int  # of this step among all
    rates: tuple[float, ...]  # of its groups
    site: Site | None


class Watch(TorchFunctionMode):
    """Notes calls that have to do with a parameter, losses that are differentiated, and steps.

    Attributes:
        held: the parameters, by identity.
        calls: what was called since the last loss that was differentiated.
        none: what was asked for its gradient and had none.
        trouble: the error that ended the watching, if there was one.
        steps: of each optimizer, those that were looked at; count: of all steps.
        later: of the losses by hand after the mode was taken off.
    """

    def __init__(self) -> None:
        """Begin to watch."""
        super().__init__()
        self.held: dict[int, Held] = {}
        self.passes: list[Pass] = []
        self.calls: list[Call] = []
        self.none: Any = None
        self.trouble: Exception | None = None
        self.steps: dict[Optimizer, list[Step]] = {}
        self.count = self.later = 0
        self._on = self._asleep = False
        self._close = True  # whether updates and what is computed without gradients are noted, too
        self._data: dict[int, Tensor] = {}
        self._room = self._copies = ROOM  # that is left
        self._notes: dict[int, tuple[weakref.ref[Tensor], Made]] = {}
        self._number, self._tracked = 0, False
        self._hooks: list[Any] = [
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

    def _switch(self, *, on: bool) -> None:
        """Take the mode on or off; beneath another mode it stays, asleep, until that one ends."""
        if on and not self._on:
            self.calls = []  # of what is computed from now on, nothing comes from before
            self._notes.clear()
            self._on, self._asleep = True, self.trouble is not None
            self.__enter__()  # type: ignore[no-untyped-call]
        elif not on and self._on:
            self._asleep = True
            stack = _get_current_function_mode_stack()  # type: ignore[no-untyped-call]
            if stack and stack[-1] is self:
                self.__exit__(None, None, None)
                self._on = False

    def _differentiate(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Compute gradients, and keep the loss and them."""
        losses = args[0] if args else next(iter(kwargs.values()))
        loss = losses[0] if isinstance(losses, list | tuple) else losses
        by_name = func is torch.autograd.grad
        inputs = args[1] if len(args) > 1 and by_name else kwargs.get("inputs")
        inputs = (inputs,) if isinstance(inputs, Tensor) else inputs or ()
        functional = any(map(_functorch.is_gradtrackingtensor, inputs))
        if by_name and kwargs.get("create_graph") and not functional:
            return func(*args, **kwargs)  # a part of a loss, as a penalty on gradients is
        current = self._guard(self._begin, loss, inputs, functional)
        try:
            result = func(*args, **kwargs)
        except Exception:
            if current:
                current.failed = True
            raise
        self._guard(self._end, current, dict(zip(inputs, result, strict=True)) if by_name else None)
        return result

    def _begin(self, loss: Tensor, inputs: Iterable[Tensor], functional: bool) -> Pass:
        made, number = self._made(loss), len(self.passes)
        reached = [plain(part) for part in inputs] if functional else _leaves(loss)
        for parameter in reached:
            self._hold(parameter)
        close = number in CLOSE
        calls = self.calls if close else upstream(made)
        calls = calls if self._fits(calls) else []
        value, at = plain(loss).detach().clone().sum(), self.count if self.steps else number
        keys = [id(parameter) for parameter in reached]
        current = Pass(number, at, here(), made, value, calls, keys, functional, close)
        if close:
            copies = {id(part): self._copy(part) for part in reached}
            current.values = {key: copy for key, copy in copies.items() if copy is not None}
            current.before = {id(part): self._copy(part.grad) for part in reached if part.is_leaf}
        self.passes.append(current)
        return current

    def _fits(self, calls: list[Call]) -> bool:
        """Take room for the data of some calls, and return whether there is enough."""
        data = {key: part for key, part in roots(calls).items() if key not in self.held}
        self._room -= sum(data[key].nbytes for key in data.keys() - self._data.keys())
        self._data |= data if self._room >= 0 else {}
        return self._room >= 0

    def _end(self, current: Pass, grads: dict[Tensor, Tensor | None] | None) -> None:
        if current.close:
            pairs = {key: self.held[key].tensor.grad for key in current.reached}
            if grads is not None:
                pairs = {id(plain(p)): g if g is None else plain(g) for p, g in grads.items()}
            current.after = {key: self._copy(grad) for key, grad in pairs.items()}
        number = len(self.passes)
        self._close = number in CLOSE or number - 1 in CLOSE
        self.calls = []
        self._notes.clear()
        if number >= (2 * STEPS if self.steps else STEPS) and self._on:
            self._leave_soon(current)

    def _leave_soon(self, current: Pass) -> None:
        """Take the mode off at the next call in Python.

        While the mode has PyTorch's call in hand it is not on the stack of modes, and would be put
        back there. So a function that Python calls at each call does it, once, and is gone.
        """
        self._asleep = True
        if sys.getprofile() is None:
            sys.setprofile(self._leave)
        first = self.held[current.reached[0]].tensor if current.reached else None
        if first is not None and first.is_leaf and first.requires_grad:
            hook: Any = first.register_post_accumulate_grad_hook
            self._hooks.append(hook(self._one_more))

    def _leave(self, frame: FrameType, event: str, details: Any) -> None:
        self._switch(on=False)
        if not self._on:
            sys.setprofile(None)

    def _one_more(self, parameter: Tensor) -> None:
        self.later += not self._on

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if self._on and not self._asleep:
            self._guard(self._keep_step, optimizer)
            if len(args) < 2 and not kwargs:  # else there is a closure, and that is watched
                self._switch(on=False)

    def _keep_step(self, optimizer: Optimizer) -> None:
        parameters = [part for group in optimizer.param_groups for part in group["params"]]
        for parameter in parameters:
            self._hold(parameter)
            if self.passes:
                self._note_step(parameter)
        rates = tuple(float(group.get("lr", 0)) for group in optimizer.param_groups)
        self.steps.setdefault(optimizer, []).append(Step(self.count, rates, here()))

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self.count += 1
        first = self.count < STEPS and len(self.passes) < 2 * STEPS
        self._switch(on=first or self.count in LATER)

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call a function of PyTorch, and note the call."""
        kwargs = kwargs or {}
        if self._asleep:
            return func(*args, **kwargs)
        name = _named(func)
        if name in ("backward", "grad"):
            return self._differentiate(func, args, kwargs)
        result = func(*args, **kwargs)
        if name != "-" and (self._close or (torch.is_grad_enabled() and name not in ATTRIBUTES)):
            self._guard(self._record, func, name, args, kwargs, result)
        return result

    def _guard(self, note: Callable[..., Any], *details: Any) -> Any:
        """Note something; an error in it ends the watching, and must not disturb the loop."""
        try:
            return note(*details)
        except Exception as error:
            self.trouble, self._asleep = error, True

    def _record(self, func: Any, name: str, args: Any, kwargs: Any, result: Any) -> None:
        self._tracked = False
        seen, words = tuple(map(self._seen, args)), {k: self._seen(w) for k, w in kwargs.items()}
        if not self._tracked or isinstance(result, int) or len(self.calls) >= CALLS:
            return
        call = Call(func, name, seen, words, here(), self._number, torch.is_grad_enabled())
        call.inplace = bool(args) and (result is args[0] or name == "__setitem__")
        self._number += 1
        self.calls.append(call)
        if name == "grad.__get__" and result is None:
            self.none = seen[0]
        if call.inplace or name == "data.__set__":
            target = handle_of(seen[0])
            if self.passes and id(target) in self.held:
                self._note_step(target)
            elif not isinstance(target, Tensor):
                self._note(args[0], Made(call))
        elif isinstance(result, list | tuple):
            for index, part in enumerate(result):
                self._note(part, Made(call, index))
        else:
            self._note(result, Made(call))

    def _note_step(self, parameter: Tensor) -> None:
        """Note that a parameter was changed by hand, or is about to be by an optimizer."""
        one, key, now = self.passes[-1], id(parameter), parameter.grad
        if one.close and key not in one.stepped:
            one.step, after = one.step or here(), one.after.get(key)
            if after is not None and now is not None and after.isfinite().all():
                one.altered = one.altered or not torch.equal(after, now)
            if not any_grad([now]):
                one.empty.add(key)
        one.stepped.add(key)

    def _note(self, result: Any, made: Made) -> None:
        if isinstance(result, Tensor):
            made.call.shape = tuple(result.shape)
            made.call.needs = made.call.needs or result.requires_grad
            self._notes[id(result)] = (weakref.ref(result), made)

    def _seen(self, part: Any) -> Any:
        """Return what stands for an argument in a record: for a tensor what made it, or itself."""
        if type(part) in (list, tuple):
            return type(part)(map(self._seen, part))
        if not isinstance(part, Tensor):
            return part
        made = self._made(part)
        parameter = (part.requires_grad and part.is_leaf) or (
            type(part) is not Tensor and isinstance(part, nn.Parameter)  # which is slow to ask
        )
        if made and not parameter:
            self._tracked = True
            return made
        part = plain(part)
        if parameter:
            self._hold(part, made)
        self._tracked = self._tracked or part.requires_grad or id(part) in self.held
        return part

    def _made(self, tensor: Tensor) -> Made | None:
        """Return what made a tensor, if that was recorded."""
        note = self._notes.get(id(tensor))
        return note[1] if note and note[0]() is tensor else None

    def _hold(self, tensor: Tensor, origin: Made | None = None) -> None:
        """Keep a parameter, with its first values."""
        if id(tensor) not in self.held:
            name = name_of(tensor) if len(self.held) < 100 else ""
            start, first = self._copy(tensor), len(self.passes)
            self.held[id(tensor)] = Held(tensor, name, start, first, origin, here())
        elif not (held := self.held[id(tensor)]).name and len(self.passes) < held.first + 2:
            held.name = name_of(tensor)  # a layer has a name only when it is made

    def _copy(self, tensor: Tensor | None) -> Tensor | None:
        """Return a copy of a parameter or gradient, while there is room."""
        self._copies -= 0 if tensor is None else tensor.nbytes
        return None if tensor is None or self._copies < 0 else tensor.detach().clone()


@cache
def _named(func: Any) -> str:
    """Return the name of a function of PyTorch, "-" for an attribute that is not looked at."""
    name = str(getattr(func, "__name__", "-"))
    if name in ("__get__", "__set__"):
        name = f"{func.__self__.__name__}.{name}"
        return name if name in ATTRIBUTES else "-"
    return name


def _leaves(loss: Tensor) -> list[Tensor]:
    """Return the leaves of a loss's graph: to these, backward gives a gradient."""
    nodes: list[Any] = [loss.grad_fn]
    known: dict[Any, None] = {}  # in their order
    for node in nodes:
        if node is not None and node not in known:
            known[node] = None
            nodes += [before for before, _ in node.next_functions]
    return [node.variable for node in known if type(node).__name__ == "AccumulateGrad"]


def plain(tensor: Tensor) -> Tensor:
    """Return the tensor with which `torch.func` computes, where it hides it in another one."""
    while _functorch.is_gradtrackingtensor(tensor):
        tensor = _functorch.get_unwrapped(tensor)
    return tensor


def any_grad(grads: Iterable[Tensor | None]) -> bool:
    """Return whether one of some gradients is there and not zero."""
    return any(grad is not None and bool((grad != 0).any()) for grad in grads)

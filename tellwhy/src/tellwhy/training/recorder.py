"""A mode that sees every call of PyTorch, and notes those that have to do with a parameter."""

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._C import _functorch
from torch.overrides import TorchFunctionMode

from tellwhy.training.sites import Site, here, name_of
from tellwhy.training.tape import Call, Made, Pass, handle_of

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


class Recorder(TorchFunctionMode):
    """Notes calls, and changes nothing.

    Attributes:
        held: the parameters, by identity.
        calls: what was called since the last loss that was differentiated.
        none: what was asked for its gradient and had none.
        trouble: the error that ended the watching, if there was one.
        close: whether updates are noted as well, and all that is computed without gradients.
    """

    def __init__(self) -> None:
        """Prepare; nothing is registered yet."""
        super().__init__()
        self.held: dict[int, Held] = {}
        self.passes: list[Pass] = []
        self.calls: list[Call] = []
        self.none: Any = None
        self.trouble: Exception | None = None
        self.asleep, self.close = False, True
        self._room = {"data": ROOM, "parameters": ROOM}
        self._notes: dict[int, tuple[weakref.ref[Tensor], Made]] = {}
        self._names: dict[Any, str] = {}
        self._number, self._tracked = 0, False

    def differentiate(self, func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Compute gradients, and note the loss and them."""
        raise NotImplementedError

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call a function of PyTorch, and note the call."""
        kwargs = kwargs or {}
        if self.asleep:
            return func(*args, **kwargs)
        name = self._names.get(func) or self._named(func)
        if name in ("backward", "grad"):
            return self.differentiate(func, args, kwargs)
        result = func(*args, **kwargs)
        if name != "-" and (self.close or (torch.is_grad_enabled() and name not in ATTRIBUTES)):
            self.guard(self._record, func, name, args, kwargs, result)
        return result

    def _named(self, func: Any) -> str:
        name = str(getattr(func, "__name__", "-"))
        if name in ("__get__", "__set__"):
            name = f"{func.__self__.__name__}.{name}"
            name = name if name in ATTRIBUTES else "-"
        self._names[func] = name
        return name

    def guard(self, note: Callable[..., Any], *details: Any) -> Any:
        """Note something; an error in it ends the watching, and must not disturb the loop."""
        try:
            return note(*details)
        except Exception as error:
            self.trouble, self.asleep = error, True

    def _record(self, func: Any, name: str, args: Any, kwargs: Any, result: Any) -> None:
        self._tracked = False
        seen, words = self._seen(args), dict(zip(kwargs, self._seen(kwargs.values()), strict=True))
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
                self.note_step(target)
            elif not isinstance(target, Tensor):
                self._note(args[0], Made(call))
        elif isinstance(result, list | tuple):
            for index, part in enumerate(result):
                self._note(part, Made(call, index))
        else:
            self._note(result, Made(call))

    def note_step(self, parameter: Tensor) -> None:
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

    def _seen(self, parts: Iterable[Any]) -> tuple[Any, ...]:
        seen: list[Any] = []
        for part in parts:
            if isinstance(part, Tensor):
                seen.append(self._part(part))
            elif type(part) in (list, tuple):
                seen.append(type(part)(self._seen(part)))
            else:
                seen.append(part)
        return tuple(seen)

    def _part(self, part: Tensor) -> Any:
        """Return what stands for a tensor in a record: what made it, or itself."""
        made = self.made(part)
        parameter = (part.requires_grad and part.is_leaf) or (
            type(part) is not Tensor and isinstance(part, nn.Parameter)  # which is slow to ask
        )
        if made and not parameter:
            self._tracked = True
            return made
        part = plain(part)
        if parameter:
            self.hold(part, made)
        self._tracked = self._tracked or part.requires_grad or id(part) in self.held
        return part

    def made(self, tensor: Tensor) -> Made | None:
        """Return what made a tensor, if that was recorded."""
        note = self._notes.get(id(tensor))
        return note[1] if note and note[0]() is tensor else None

    def hold(self, tensor: Tensor, origin: Made | None = None) -> None:
        """Keep a parameter, with its first values."""
        if id(tensor) not in self.held:
            name = name_of(tensor) if len(self.held) < 100 else ""
            start, first = self.copy(tensor), len(self.passes)
            self.held[id(tensor)] = Held(tensor, name, start, first, origin, here())
        elif not (held := self.held[id(tensor)]).name and len(self.passes) < held.first + 2:
            held.name = name_of(tensor)  # a layer has a name only when it is made

    def copy(self, tensor: Tensor | None) -> Tensor | None:
        """Return a copy of a parameter or gradient, while there is room."""
        room = tensor is not None and self.take("parameters", tensor)
        return tensor.detach().clone() if tensor is not None and room else None

    def take(self, kind: str, tensor: Tensor) -> bool:
        """Take room for a tensor, and return whether there is enough."""
        self._room[kind] -= tensor.nbytes
        return self._room[kind] >= 0

    def forget(self) -> None:
        """Begin anew: of what is computed from now on, nothing comes from before."""
        self.calls = []
        self._notes.clear()


def plain(tensor: Tensor) -> Tensor:
    """Return the tensor with which `torch.func` computes, where it hides it in another one."""
    while _functorch.is_gradtrackingtensor(tensor):
        tensor = _functorch.get_unwrapped(tensor)
    return tensor


def any_grad(grads: Iterable[Tensor | None]) -> bool:
    """Return whether one of some gradients is there and not zero."""
    return any(grad is not None and bool((grad != 0).any()) for grad in grads)

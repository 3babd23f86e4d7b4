"""Records what has to do with a parameter: calls, what made which tensor, and copies of values."""

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._C import _functorch
from torch.overrides import TorchFunctionMode

from tellwhy.training.sites import Site, here, name_of
from tellwhy.training.tape import Call, Made, Pass, handle_of, roots

ROOM = 64 << 20  # bytes of data, and as many again of parameters and their gradients
CALLS = 20_000  # between two losses; of a longer way to a loss nothing is kept


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
    """Keeps parameters, passes, and the calls since the last pass.

    Attributes:
        held: the parameters, by identity.
        calls: what was called since the last loss that was differentiated.
        none: what was asked for its gradient and had none.
    """

    def __init__(self) -> None:
        """Begin with nothing recorded."""
        super().__init__()
        self.held: dict[int, Held] = {}
        self.passes: list[Pass] = []
        self.calls: list[Call] = []
        self.none: Any = None
        self._data: dict[int, Tensor] = {}
        self._room = self._copies = ROOM  # that is left
        self._notes: dict[int, tuple[weakref.ref[Tensor], Made]] = {}
        self._number, self._tracked = 0, False

    def _fits(self, calls: list[Call]) -> bool:
        """Take room for the data of some calls, and return whether there is enough."""
        data = {key: part for key, part in roots(calls).items() if key not in self.held}
        self._room -= sum(data[key].nbytes for key in data.keys() - self._data.keys())
        self._data |= data if self._room >= 0 else {}
        return self._room >= 0

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
            return
        held = self.held[id(tensor)]
        if not held.name and len(self.passes) < held.first + 2:
            held.name = name_of(tensor)  # a layer has a name only when it is made
        if held.start is not None and _moved(tensor, held.start):
            held.start = held.start.to(tensor)  # by `net.to(device)`, after it was made

    def _copy(self, tensor: Tensor | None) -> Tensor | None:
        """Return a copy of a parameter or gradient, while there is room."""
        self._copies -= 0 if tensor is None else tensor.nbytes
        return None if tensor is None or self._copies < 0 else tensor.detach().clone()


def plain(tensor: Tensor) -> Tensor:
    """Return the tensor with which `torch.func` computes, where it hides it in another one."""
    while _functorch.is_gradtrackingtensor(tensor):
        tensor = _functorch.get_unwrapped(tensor)
    return tensor


def _moved(tensor: Tensor, start: Tensor) -> bool:
    return tensor.device != start.device or tensor.dtype != start.dtype


def any_grad(grads: Iterable[Tensor | None]) -> bool:
    """Return whether one of some gradients is there and not zero."""
    return any(grad is not None and bool((grad != 0).any()) for grad in grads)

"""What stands on a tape, as statements of Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np

from cnn_conformance.implementation import wire
from cnn_conformance.implementation.tape import Came, Computed, Entry, Tape, Traced
from cnn_conformance.reproduce import standins
from cnn_conformance.reproduce.dependence import READS, Dependence
from cnn_conformance.reproduce.lines import (
    Constants,
    Define,
    Key,
    Pieces,
    Statement,
    Use,
    filled,
    joined,
    literal,
)
from cnn_conformance.units import FIT

LAYOUTS = {
    "C": "{}.copy()",
    "fortran": "np.asfortranarray({})",
    "strided": "np.stack([{0}, {0}], -1)[..., 0]",
    "reversed": "np.flip(np.flip({}).copy())",
    "read-only": "np.broadcast_to({0}, {0}.shape)",
}
ARGUMENTS = {
    "forward": ("x", "target"),
    "backward": ("dout", "dh", "dc"),
    "step": ("params", "grads"),
}
ATTENTION = ("query", "key", "value", "mask")


class Translation(Dependence):
    """The statements for the entries of a tape that a failure depends on.

    Parameters
    ----------
    tape : Tape
        What was asked and what came.
    constants : Constants
        Where arrays are put.
    """

    def __init__(self, tape: Tape, constants: Constants) -> None:
        super().__init__(tape)
        self.constants = constants
        self.notes: set[str] = set()
        self.named: set[int] = set()
        self.trains = any(entry.request.get("unit") == FIT for entry in tape.entries)

    def model(self, layer: int | None = None) -> Key:
        """Return the name of the stand-in model that holds a layer, or of the only one."""
        for index, entry in enumerate(self.entries):
            if entry.do != "probe" or entry.request["name"] != "Model":
                continue
            if index in self.needed if layer is None else _is_ref(entry.request["args"][0], layer):
                return ("object", entry.number)
        return ("object", layer)

    # ---------------------------------------------------------------- statements

    def statements(self) -> list[Statement]:
        """Return the statements, in order, without what raised and was passed over."""
        result: list[Statement] = []
        last = max(self.needed, default=0)
        for index in sorted(self.needed):
            passed_over = self.entries[index].raised and index < last
            if not passed_over and not self._is_overwritten(index):
                result += self._statements(index, self.entries[index])
        return result

    def _is_overwritten(self, index: int) -> bool:
        """Tell whether all that is set here is set to something else before anything is used."""
        entry = self.entries[index]
        later = (self.entries[i] for i in sorted(self.needed) if i > index)
        for following in later if entry.do == "write" else ():
            if following.do == "write" and following.request["target"] == entry.request["target"]:
                return set(following.request["values"]) >= set(entry.request["values"])
            if following.do not in ("write", "create", "probe", "put"):
                break
        return False

    def _statements(self, index: int, entry: Entry) -> Iterator[Statement]:
        request = entry.request
        if entry.do == "create":
            call = self.called(request["unit"], request["args"], request["options"])
            yield Statement((Define(("object", entry.number)), " = ", *call), "assign")
        elif entry.do == "function":
            call = self.called(request["unit"], request["args"], request["options"])
            yield self._assigned(index, call)
            yield from self._kept(index)
        elif entry.do == "probe":
            if not self.is_inline_probe(entry.number or 0):
                yield from standins.made(self, entry)
        elif entry.do in ("call", "backward"):
            method = request.get("method", "backward")
            args = self._args(request["args"], method)
            call = (*self.object(request["target"]), f".{method}(", *args, ")")
            yield self._assigned(index, call)
            yield from self._kept(index)
        elif entry.do == "set":
            value = self.argument(request["value"])
            target = self.object(request["target"])
            yield Statement((*target, f".{request['attribute']}", " = ", *value), "store")
        elif entry.do == "write":
            if entry.raised:
                yield self._shapes(request)
            yield self._write(request)
        elif entry.do == "put" and not (self._is_plain(index, entry) or self._is_inline(index)):
            yield Statement((Define(("object", entry.number)), " = ", *self._put(entry)), "assign")
        paths = sorted(p for e, p in self.leaves if e == index)
        if entry.do == "get" and not paths:
            value = (*self.object(request["target"]), f".{request['attribute']}")
            yield Statement((Define(("value", index, ())), " = ", *value), "assign")
        if entry.do in ("get", "fetch", "backward"):
            for path in paths:
                if entry.do == "backward" and path[:1] != (1,):
                    continue
                if self._is_changed_later(index, request["target"]):
                    value = (*self._read(entry, path), ".copy()")
                    yield Statement((Define(("value", index, path)), " = ", *value), "assign")

    def _kept(self, index: int) -> Iterator[Statement]:
        """Yield what keeps a result as it is now, if it is asked later what has become of it."""
        if self._is_looked_at_again(index):
            kept = (Use(("value", index)), ".copy()")
            yield Statement((Define(("value", index, ())), " = ", *kept), "assign")

    def _assigned(self, index: int, call: Pieces) -> Statement:
        """Return a call, whose value gets a name if anything wants it."""
        number = self.entries[index].number
        wanted = any(
            e == index and not (self.entries[e].do == "backward" and p[:1] == (1,))
            for e, p in self.leaves
        )
        if number is not None and not wanted:
            wanted = any(i in self.needed and i != index for i in self.mentioned[number])
        entry = self.entries[index]
        is_idle = entry.request.get("method") == "step" or (entry.do == "call" and number is None)
        if not wanted and is_idle:
            return Statement(call)
        return Statement((Define(("value", index)), " = ", *call), "assign")

    def called(self, name: str, args: list[Any], options: dict[str, Any]) -> Pieces:
        """Return a call."""
        arrays = chain(("x", "target"), repeat("a"))
        words = [
            self.argument(value, next(arrays) if isinstance(value, np.ndarray) else "")
            for value in args
        ]
        words += [(f"{key}=", *self.argument(value)) for key, value in options.items()]
        return (f"{name}(", *joined(", ", words), ")")

    def _args(self, args: list[Any], method: str) -> Pieces:
        hints = (*_hints(method, args), *["a"] * len(args))
        return joined(", ", [self.argument(v, h) for v, h in zip(args, hints, strict=False)])

    def _shapes(self, request: dict[str, Any]) -> Statement:
        """Return the demand that parameters have the shapes of what they are to be set to."""
        target = self.object(request["target"])
        shapes = {name: value.shape for name, value in request["values"].items()}
        return Statement(
            (
                "for name, shape in ",
                repr(shapes),
                ".items(): assert ",
                *target,
                ".params[name].shape == shape, name",
            )
        )

    def is_inline_probe(self, number: int) -> bool:
        """Tell whether a layer of the script's own is mentioned in the making of a model only."""
        users = [i for i in self.mentioned[number] if i in self.needed and i != self.made[number]]
        makes = len(users) == 1 and self.entries[users[0]].do == "create"
        return makes and number not in self.named

    def _write(self, request: dict[str, Any]) -> Statement:
        target = self.object(request["target"])
        places, values = [], []
        for name, value in request["values"].items():
            replace = request["how"] == "replace" or value.dtype != np.float64
            places.append((*target, f'.params["{name}"]' + ("" if replace else "[...]")))
            suffix = (".copy()",) if replace else ()
            values.append((*self.argument(value, name.rpartition(".")[2]), *suffix))
        return Statement((*joined(", ", places), " = ", *joined(", ", values)), "store")

    # ---------------------------------------------------------------- values

    def object(self, number: int) -> Pieces:
        """Return how an object is called."""
        index = self.made[number]
        entry = self.entries[index]
        if entry.do in ("call", "function"):
            return (Use(("value", index)),)
        if entry.do == "get":
            return (*self.object(entry.request["target"]), f".{entry.request['attribute']}")
        if entry.do == "put" and self._is_plain(index, entry):
            return self._constant(entry)
        if entry.do == "put" and self._is_inline(index):
            return self._put(entry)
        if entry.do == "probe" and self.is_inline_probe(number):
            return standins.layer(self, entry)
        if entry.do == "merged":
            layers = joined(", ", [self.argument(r) for r in entry.request["targets"]])
            return (
                '{f"{i}.{name}": array for i, layer in enumerate([',
                *layers,
                f"]) for name, array in layer.{entry.request['attribute']}.items()}}",
            )
        return (Use(standins.key(self, number)),)

    def argument(self, value: Any, hint: str = "") -> Pieces:
        """Return an argument as it stands in a script."""
        if isinstance(value, wire.Ref):
            return self.object(value.number)
        if isinstance(value, wire.Generator):
            return (f"np.random.default_rng({value.seed})",)
        if isinstance(value, Traced):
            return self.expression(value)
        if isinstance(value, (list, tuple)) and any(isinstance(v, wire.Ref) for v in value):
            return ("[", *joined(", ", [self.argument(item) for item in value]), "]")
        if isinstance(value, dict):
            items = [
                (f'"{key}": ', *self.argument(item, f"{'d' * (hint == 'grads')}{key}"))
                for key, item in value.items()
            ]
            return ("{", *joined(", ", items), "}")
        return literal(value, self.constants, hint)

    def expression(self, value: Any, hint: str = "") -> Pieces:
        """Return a value, for example the `got` of a failure, as an expression of names."""
        origin = value.origin if isinstance(value, Traced) and value.origin is not None else value
        if isinstance(origin, Came):
            return self._came(origin)
        if isinstance(origin, Computed):
            return filled(origin.template, [self.expression(part) for part in origin.parts])
        if isinstance(origin, (list, tuple)) and origin:
            whole = self._whole(origin)
            if whole is not None:
                return self._came(whole)
            return ("[", *joined(", ", [self.expression(item) for item in origin]), "]")
        return literal(origin, self.constants, hint or "v")

    def _whole(self, items: Sequence[Any]) -> Came | None:
        """Return the list whose items, all of them, are given."""
        origins = [item.origin if isinstance(item, Traced) else item for item in items]
        came = [each for each in origins if isinstance(each, Came) and each.path]
        if len(came) < len(origins):
            return None
        parent = Came(came[0].entry, came[0].path[:-1])
        value = self.entries[parent.entry].value
        for key in parent.path:
            value = value[key]
        same = [(each.entry, each.path) for each in came]
        wanted = [(parent.entry, (*parent.path, place)) for place in range(len(value))]
        return parent if isinstance(value, (list, np.ndarray)) and same == wanted else None

    def _came(self, origin: Came) -> Pieces:
        entry = self.entries[origin.entry]
        is_read = entry.do in ("get", "fetch") or (entry.do == "backward" and origin.path[0] == 1)
        if not is_read:
            path = origin.path[1:] if entry.do == "backward" else origin.path
            if self._is_looked_at_again(origin.entry):
                return (Use(("value", origin.entry, ())), _path(path))
            return (Use(("value", origin.entry)), _path(path))
        if self._is_changed_later(origin.entry, entry.request["target"]):
            return (Use(("value", origin.entry, origin.path)),)
        return self._read(entry, origin.path)

    def _read(self, entry: Entry, path: tuple[Any, ...]) -> Pieces:
        if (seen := standins.read(self, entry, path)) is not None:
            return seen
        target = self.object(entry.request["target"])
        if entry.do == "backward":
            return (*target, ".grads", _path(path[1:]))
        if entry.do == "fetch":
            return (*target, _path(path))
        return (*target, f".{entry.request['attribute']}", _path(path))

    def _is_looked_at_again(self, index: int) -> bool:
        """Tell whether it is asked later what has become of a result."""
        number = self.entries[index].number
        return number is not None and any(
            self.entries[i].do == "fetch" and i in self.needed for i in self.mentioned[number]
        )

    def _is_changed_later(self, index: int, number: int) -> bool:
        """Tell whether an object may be another after an entry than it was there."""
        made = self.entries[self.made[number]]
        if made.do == "probe" and made.request["name"] != "Dict":
            others: Iterable[int] = self.touched[number]
        else:  # other objects may share what is theirs alone
            others = self.needed
        return any(
            other > index
            and other in self.needed
            and self.entries[other].do not in READS
            and self.entries[other].do not in ("put", "create", "probe")
            for other in others
        )

    # ---------------------------------------------------------------- arrays on the other side

    def _constant(self, entry: Entry) -> Pieces:
        return self.argument(entry.request["array"], self._hint(entry))

    def _hint(self, entry: Entry) -> str:
        for index in self.mentioned[entry.number or 0]:
            request = self.entries[index].request
            args = request.get("args", ())
            for hint, value in zip(_hints(request.get("method", ""), args), args, strict=False):
                if _is_ref(value, entry.number):
                    return hint
                if isinstance(value, dict):
                    for key, item in value.items():
                        if _is_ref(item, entry.number):
                            return f"{'d' * (hint == 'grads')}{key}"
        return ""

    def _put(self, entry: Entry) -> Pieces:
        constant = self._constant(entry)
        template = LAYOUTS[entry.request["layout"]]
        if "{0}" in template:
            return filled(template.replace("{0}", "{}"), [constant] * template.count("{0}"))
        return filled(template, [constant])

    def _users(self, number: int) -> list[int]:
        return [
            i for i in self.mentioned[number] if i in self.needed and self.entries[i].do != "put"
        ]

    def _is_plain(self, index: int, entry: Entry) -> bool:
        """Tell whether an array that was put can be the constant itself."""
        if entry.request["layout"] != "C":
            return False
        number = entry.number or 0
        if any(self.entries[i].do == "fetch" for i in self._users(number)):
            return False
        users = [self.entries[i] for i in self._users(number)]
        if all(each.request.get("method") == "forward" for each in users):
            return True
        content = entry.request["array"]
        if any(np.array_equal(content, other) for other in self.compared):
            return False
        return not any(
            i != index
            and self.entries[i].do == "put"
            and np.array_equal(self.entries[i].request["array"], content)
            for i in self.needed
        )

    def _is_inline(self, index: int) -> bool:
        """Tell whether an array, or a layer of the script's own, is only an argument of a call."""
        number = self.entries[index].number or 0
        users = self._users(number)
        return len(users) == 1 and self.entries[users[0]].do != "fetch"


def _is_ref(value: Any, number: int | None) -> bool:
    return isinstance(value, wire.Ref) and value.number == number


def _path(path: tuple[Any, ...]) -> str:
    return "".join(f'["{key}"]' if isinstance(key, str) else f"[{key}]" for key in path)


def _hints(method: str, args: Sequence[Any]) -> tuple[str, ...]:
    """Return what the arguments of a method are called."""
    return ATTENTION if method == "forward" and len(args) > 2 else ARGUMENTS.get(method, ())

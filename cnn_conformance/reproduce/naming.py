"""Names for what a script is about: `layer`, `x`, `dout`, `y`, as the checks call it."""

from __future__ import annotations

import keyword
from collections.abc import Sequence

from cnn_conformance.arrays import Array
from cnn_conformance.reproduce.lines import Define, Key, Names, Pieces, Use, plural
from cnn_conformance.reproduce.translation import Translation
from cnn_conformance.units import FUNCTIONS, LOOPS, LOSSES, OPTIMIZERS, SCHEDULES, SEQUENTIAL

TAKEN = {"np", "sys", "got", "expected", "zip", "range"}
RESULTS = {"forward": "y", "backward": "dx", "step": "stepped"}
LOOP_RESULTS = dict(zip(LOOPS, ("history", "evaluation", "outputs"), strict=True))


class Naming:
    """The names of a script.

    Parameters
    ----------
    translation : Translation
        What the names are for.
    names : Names
        How new names are best called.
    pieces : sequence of pieces
        All that the script consists of.
    """

    def __init__(self, translation: Translation, names: Names, pieces: Sequence[Pieces]) -> None:
        self._translation, self._constants = translation, translation.constants
        self._hints = names.hints
        self._names: dict[Key, str] = {}
        self._taken = set(TAKEN) - set(self._constants.hints)
        mentioned = [p.key for each in pieces for p in each if isinstance(p, (Use, Define))]
        created = {
            translation.entries[translation.made[key[1]]].request["unit"]
            for key in mentioned
            if key[0] == "object" and translation.entries[translation.made[key[1]]].do == "create"
        }
        self._kinds = created - set(LOSSES) - set(OPTIMIZERS) - {SEQUENTIAL}
        for key in mentioned:  # what goes in is called as the case calls it
            if key[0] == "constant":
                self.name(key)
        for key in mentioned:
            self.name(key)

    def name(self, key: Key) -> str:
        """Return the name of a key."""
        if key not in self._names:
            base = self._base(key)
            base = f"{base}_" if keyword.iskeyword(base) else base
            name, number = base, 2
            while name in self._taken:
                name, number = f"{base}{number}", number + 1
            self._taken.add(name)
            self._names[key] = name
        return self._names[key]

    def text(self, pieces: Pieces) -> str:
        """Return pieces as text."""
        return "".join(p if isinstance(p, str) else self.name(p.key) for p in pieces)

    def data(self) -> dict[str, Array]:
        """Return the arrays that the script is given, by their names."""
        return {
            name: self._constants.arrays[key[1]]
            for key, name in self._names.items()
            if key[0] == "constant"
        }

    def _base(self, key: Key) -> str:
        kind = key[0]
        if kind == "constant":
            hint = self._constants.hints[key[1]]
            return hint if hint.isidentifier() else "".join(c if c.isalnum() else "_" for c in hint)
        if kind in ("item", "list"):
            like, suffix, word = self._hints[key]
            if word or (not suffix and like[0] == "object"):
                return word or "each"
            base = self._base(like).rstrip("0123456789")
            return plural(base) if suffix else base
        if kind == "object":
            return self._object(key[1])
        entry = self._translation.entries[key[1]]
        if len(key) == 3:
            name = str(key[2][-1]) if key[2] else "now"
            name = name if name.isidentifier() else name.rpartition(".")[2]
            prefix = "d" if entry.do == "backward" else ""
            return f"{prefix}{name}" if name.isidentifier() else "now"
        if entry.do == "function":
            return LOOP_RESULTS.get(entry.request["unit"], "result")
        method = entry.request.get("method", "backward")
        if method == "forward" and self._unit(entry.request["target"]) in LOSSES:
            return "value"
        return RESULTS.get(method, "result")

    def _dict(self) -> str:
        """Return what a dict of arrays is called: functions are given gradients."""
        called = {entry.request.get("unit") for entry in self._translation.entries}
        return "grads" if called & set(FUNCTIONS) else "params"

    def _unit(self, number: int) -> str:
        entry = self._translation.entries[self._translation.made[number]]
        return str(entry.request.get("unit", entry.request.get("name", "")))

    def _object(self, number: int) -> str:
        entry = self._translation.entries[self._translation.made[number]]
        unit = self._unit(number)
        if entry.do == "put":
            return "given"
        if unit in LOSSES:
            return "loss"
        if unit in OPTIMIZERS:
            return "optimizer"
        if unit in SCHEDULES:
            return "schedule"
        if unit == SEQUENTIAL:
            return "model"
        if entry.do == "probe":
            return {"Dict": self._dict(), "Rate": "optimizer", "Sine": "f"}.get(unit, unit.lower())
        return "layer" if len(self._kinds) <= 1 else unit.lower()

"""What of a tape a failure depends on: values, what they were computed from, and objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.implementation import wire
from cnn_conformance.implementation.tape import Came, Computed, Entry, Tape, Traced

READS = ("get", "fetch", "holds", "merged")


class Dependence:
    """The entries of a tape that matter.

    Parameters
    ----------
    tape : Tape
        What was asked and what came.
    """

    def __init__(self, tape: Tape) -> None:
        self.entries = tape.entries
        self.made = {
            entry.number: index
            for index, entry in enumerate(tape.entries)
            if entry.number is not None
        }
        self.touched: dict[int, list[int]] = {}
        self.mentioned: dict[int, list[int]] = {}
        for index, entry in enumerate(tape.entries):
            for number in self.objects(entry):
                self.touched.setdefault(number, []).append(index)
            for number in numbers(entry):
                self.mentioned.setdefault(number, []).append(index)
        self.needed: set[int] = set()
        self.leaves: set[tuple[int, tuple[Any, ...]]] = set()
        self.compared: list[Array] = []

    def objects(self, entry: Entry) -> set[int]:
        """Return the numbers of the objects that an entry makes, uses or changes.

        Those that are made of others change these too.
        """
        found: set[int] = set()
        waiting = numbers(entry)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                made = self.entries[self.made[number]] if number in self.made else None
                if made is not None and made.do in ("create", "probe"):
                    waiting |= numbers(made)
        return found

    def need(self, value: Any) -> None:
        """Note that a value is wanted, with all that it depends on."""
        if isinstance(value, np.ndarray) and not isinstance(value, Traced):
            self.compared.append(value)
        for leaf in leaves(value):
            self.leaves.add((leaf.entry, leaf.path))
            self.need_entry(leaf.entry)

    def need_entry(self, index: int) -> None:
        """Note that an entry is wanted, with all that it depends on."""
        waiting = [index]
        while waiting:
            index = waiting.pop()
            if index in self.needed:
                continue
            self.needed.add(index)
            entry = self.entries[index]
            for value in walk(entry.request):
                if isinstance(value, Traced):
                    for leaf in leaves(value):
                        self.leaves.add((leaf.entry, leaf.path))
                        waiting.append(leaf.entry)
            if entry.do == "get":
                waiting += self._earlier_reads(index, entry)
            for number in self.objects(entry):
                waiting += [
                    other
                    for other in self.touched[number]
                    if other <= index
                    and (self.entries[other].do not in READS or self.made.get(number) == other)
                ]

    def _earlier_reads(self, index: int, entry: Entry) -> list[int]:
        """Return earlier readings of an attribute that a container may make when it is read."""
        target, attribute = entry.request["target"], entry.request["attribute"]
        unit = self.entries[self.made[target]].request.get("unit", "")
        if not unit or units.of(unit).kind != "container":
            return []
        return [
            i
            for i in self.mentioned[target]
            if i < index
            and attribute != "training"
            and self.entries[i].do == "get"
            and self.entries[i].request["attribute"] == attribute
        ]

    def need_beside(self, to_the_end: bool) -> None:
        """Note that objects are wanted that were used between the uses of those that are.

        Or, up to the end of the tape, what these do there.
        """
        if not self.needed:
            return
        last = max(self.needed)
        if to_the_end:
            wanted = set().union(*(self.objects(self.entries[index]) for index in self.needed))
            touched = (index for number in wanted for index in self.touched[number])
            last = max(touched, default=last)
            while self.entries[last].do in READS:
                last -= 1
            self.need_entry(last)
        target: int = self.entries[last].request.get("target", self.entries[last].number) or 0
        first = self.made.get(target, last)
        while self.entries[first].do != "create" and "target" in self.entries[first].request:
            first = self.made.get(self.entries[first].request["target"], first)
            if self.entries[first].do in ("create", "probe", "put"):
                break
        if self.entries[last].request.get("unit") in units.FUNCTIONS:
            # what a call has kept is in no object
            first = min(self.needed)
        for index in range(first, last):
            entry = self.entries[index]
            if entry.do not in READS and entry.do not in ("load", "loaded", "put", "probe"):
                self.need_entry(index)


def numbers(entry: Entry) -> set[int]:
    """Return the numbers that a request mentions."""
    found = {number for number in (entry.number, entry.request.get("target")) if number}
    return found | {ref.number for ref in walk(entry.request) if isinstance(ref, wire.Ref)}


def leaves(value: Any) -> Iterator[Came]:
    """Yield the replies that a value was computed from."""
    origin = value.origin if isinstance(value, Traced) else value
    if isinstance(origin, Came):
        yield origin
    elif isinstance(origin, Computed):
        for part in origin.parts:
            yield from leaves(part)
    elif isinstance(origin, (list, tuple)):
        for item in origin:
            yield from leaves(item)


def walk(value: Any) -> Iterator[Any]:
    """Yield everything in lists and dicts."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from walk(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
    else:
        yield value

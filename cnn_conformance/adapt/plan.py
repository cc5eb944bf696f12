"""What is assumed of a unit, with the evidence for it, and its text in a draft."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from cnn_conformance import units
from cnn_conformance.adapt import modes
from cnn_conformance.adapt.recurrent import ORDERS

WIDTH = 100
ORDER = (
    "takes",
    "calls",
    "holds",
    "also",
    "gradient_key",
    "numbered",
    "made_with_parameters",
    "new",
    "x",
    "y",
    "one_channel",
    "keeps_size",
    "square_only",
    "only_kernel",
    "output",
    "parameters",
    "gates",
    "by_step",
    "cell",
    "dx",
    "dh",
    "dc",
    "made_for_shape",
    "made_for_call",
    "mode",
    "modes",
    "only_training",
    "running",
    "only_rows",
    "averages",
    "adds_up",
    "value",
    "gradient",
    "targets",
    "reduction_taken",
    "by_sample",
    "averaged",
    "in_columns",
    "rows",
    "returns_both",
    "in_backward",
    "mixes",
    "losses",
    "accuracies",
)
TABLES = {"parameters": "Parameter", "running": "Parameter", "gates": "Gates"}
"""Facts that are tables, and what each row of them is."""
DEFAULTS = {
    "reduction_taken": "mean",
    "output": "returned",
    "dx": "returned",
    "value": "returned",
    "gradient": "returned",
    "holds": "dict",
    "calls": {"forward": "forward", "backward": "backward"},
    "gradient_key": "{}",
    "new": "params",
    "modes": (True, False),
}


@dataclass
class Plan:
    """One way to use code as a unit.

    Parameters
    ----------
    unit : str
        Of the specification.
    what : str
        Where the code is, for the reader.
    files : dict
        The files that are used, by the names of modules in the text.
    names : tuple of str
        The classes and functions that are used.
    facts : dict
        The class attributes of `runtime` that differ from its defaults.
    make, run, back : str
        The calls.
    steps : list of str
        What is called between the constructor and the first forward.
    evidence : dict
        Why each fact is assumed.
    questions : list of str
        What the user has to decide.
    rivals : list of str
        What was not taken, and why.
    """

    unit: str
    what: str
    files: dict[str, str]
    names: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    make: str = "None"
    steps: list[str] = field(default_factory=list)
    run: str = ""
    back: str = ""
    evidence: dict[str, str] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)
    rivals: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it as it crosses the wire."""
        return asdict(self)

    @property
    def base(self) -> str:
        """The class of `runtime` that it is derived from."""
        if self.unit in units.OPTIMIZERS:
            return "Optimizer"
        if self.unit in units.LOSSES:
            return "Loss"
        if self.unit in units.LOOPS:
            return self.unit.capitalize()
        own = (
            "Conv2D",
            "MaxPool2D",
            "AvgPool2D",
            "Dense",
            "Flatten",
            "Softmax",
            "LogSoftmax",
            "GlobalAvgPool2D",
            "GlobalMaxPool2D",
            "ELU",
            "LeakyReLU",
            "Sequential",
            *modes.UNITS,
            *ORDERS,
        )
        return self.unit if self.unit in own else "Elementwise"

    def text(self) -> str:
        """Return the class as it stands in a draft."""
        lines = [f"class {self.unit}(runtime.{self.base}):"]
        lines += wrapped(f'"""{self.what[:1].upper()}{self.what[1:]}."""', "    ", "    ")
        lines += [line for text in self.rivals for line in wrapped(text, "    # Not taken: ")]
        lines += [line for text in self.questions for line in wrapped(text, "    # TODO: ")]
        facts = [line for name in ORDER for line in self._fact(name)]
        lines += ["", *facts] if facts else []
        if self.make != "None":
            lines += ["", "    def make(self):"]
            if self.steps:
                lines += [*call("layer = ", self.make), *(f"        {s}" for s in self.steps)]
                lines += ["        return layer"]
            else:
                lines += call("return ", self.make)
        if layer := self.facts.get("layer"):
            first, *steps = layer
            lines += ["", "    def make_layer(self):"]
            if steps:
                lines += [*call("layer = ", first), *(f"        {s}" for s in steps)]
            lines += ["        return layer"] if steps else call("return ", first)
        data = {"Loss": "prediction, target", "Fit": "x, y"}.get(self.base, "x")
        if self.base == "Optimizer":
            said = self.run.partition("return ")
            is_call = said[1] and not said[0]
            own = call("return ", said[2]) if is_call else self.run.splitlines()
            own = own if is_call else [f"        {line}" for line in own]
            return "\n".join([*lines, "", "    def run(self):", *own]) + "\n"
        lines += ["", f"    def run(self, {data}):", *call("return ", self.run)]
        if self.back:
            given = "self" if self.base == "Loss" else "self, dout"
            lines += ["", f"    def run_back({given}):", *call("return ", self.back)]
        return "\n".join(lines) + "\n"

    def _fact(self, name: str) -> Iterator[str]:
        value = self.facts.get(name)
        if (not value and (name != "dx" or value is None)) or value == DEFAULTS.get(name):
            return
        if name in TABLES:
            yield f"    {name} = {{"
            for key, parts in value.items():
                for word in (key, f"{key} gradient"):
                    if why := self.evidence.get(word):
                        yield from wrapped(why, "        # ")
                count = max(place for place, part in enumerate(parts, 1) if part)
                given = ", ".join(map(repr_, parts[:count]))
                yield f"        {repr_(key)}: runtime.{TABLES[name]}({given}),"
            yield "    }"
            return
        why = self.evidence.get(name, "")
        line = f"    {name} = {repr_(value)}"
        if why and len(line) + len(why) + 4 <= WIDTH:
            yield f"{line}  # {why}"
            return
        if why:
            yield from wrapped(why, "    # ")
        yield line


def call(before: str, text: str, indent: str = " " * 8) -> list[str]:
    """Return the lines of a statement that ends in a call: one, unless that is too long."""
    if len(indent + before + text) <= WIDTH:
        return [indent + before + text]
    tree = ast.parse(text, mode="eval").body
    if isinstance(tree, ast.IfExp) and before == "return ":
        return [
            f"{indent}if {ast.unparse(tree.test)}:",
            *call(before, ast.unparse(tree.body), indent + "    "),
            *call(before, ast.unparse(tree.orelse), indent),
        ]
    if not isinstance(tree, ast.Call):
        return [f"{indent}{before}(", f"{indent}    {text}", f"{indent})"]
    given = [ast.unparse(each) for each in (*tree.args, *tree.keywords)]
    start = f"{indent}{before}{ast.unparse(tree.func)}("
    inner = f"{indent}    {', '.join(given)}"
    if len(inner) <= WIDTH:
        return [start, inner, f"{indent})"]
    return [start, *(f"{indent}    {each}," for each in given), f"{indent})"]


def repr_(value: Any) -> str:
    """Return a value as source, its strings in double quotes where that can be."""
    if isinstance(value, str):
        return f'"{value}"' if '"' not in value and "\\" not in value else repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{repr_(k)}: {repr_(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(repr_, value))}{',' * (len(value) == 1)})"
    return repr(value)


def wrapped(text: str, first: str, rest: str = "") -> Iterator[str]:
    """Yield the lines of a comment."""
    text = re.sub(r"\s+", " ", text)
    rest = rest or first[: first.index("#") + 2] + "  "
    line, start = first, first
    for word in text.split(" "):
        if len(line) + len(word) > WIDTH and line != start:
            yield line.rstrip()
            line = start = rest
        line += word + " "
    yield line.rstrip()

"""Styles: interfaces that are widely used for the same units, translated into the specification's.

A style is a file in this folder, or one of a user's own. It has a docstring, `EXPORTS`, the names
by which code in that style is recognised, and `translate(foreign)`, which takes what the code
exports and returns units by name. An entry of `EXPORTS` is a name, `affine_forward`, with
parameters where the name alone would fit others too, `conv_forward(A_prev, W, b, hparameters)`, or
a method, `Affine.backward(dout)`. `ALSO` has further names that it translates, which tell nothing:
other styles have them too, or they are the specification's.

A style only translates: it fixes and adds no bugs. Runs where the implementation runs, apart from
`names` and `request`.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from cnn_conformance import units
from cnn_conformance.implementation import definitions, loading
from cnn_conformance.implementation.blame import describe, text_of
from cnn_conformance.implementation.loading import Loaded

FOLDER = Path(__file__).parent
ADAPTERS = FOLDER.parents[1] / "adapt"
"""What drafted adapters are written with."""
NONE = "none"
DRAFT = "layers"
"""Any interface: an adapter is drafted, whatever names or style the code has."""
OWN = "style:"
"""How the name of a user's own style begins where Python tells what code it runs."""
MAX_SOURCE = 1 << 18
COMMON = frozenset({"Sequential", "fit", "evaluate", "predict"})
"""Names of the specification that tell nothing: other code has them too."""


ARGUMENTS: dict[str, tuple[float, ...]] = {
    "Conv2D": (2, 3, 3),
    **dict.fromkeys(("Dense", "RNN", "LSTM", "GRU", "Embedding"), (2, 3)),
    **dict.fromkeys(("MaxPool2D", "AvgPool2D", "BatchNorm2D"), (2,)),
    **dict.fromkeys(("SGD", "AdaGrad", "RMSprop", "Adam"), (0.1,)),
}
"""What makes an instance of a unit of the specification; nothing for the others."""
HELP = (
    "the interface of the code: a style, a .py file of your own, layers to draft an adapter, or "
    "none (default: found)"
)


class NoStyle(ValueError):
    """There is no such style; the text is for the user."""


def names() -> list[str]:
    """Return the names of all styles: their files', with hyphens."""
    files = (f.stem for f in FOLDER.glob("*.py") if not f.name.startswith("_"))
    return sorted(stem.replace("_", "-") for stem in files)


def request(asked: str, drafts: bool = True) -> dict[str, str]:
    """Return what the worker is to be told of `--style`; nothing for none given.

    Parameters
    ----------
    asked : str
        What `--style` says.
    drafts : bool
        Whether an adapter may be drafted there.

    Raises
    ------
    NoStyle
        If it is neither a style, nor a file, nor "layers", nor "none".
    """
    name = asked.replace("_", "-")
    if asked == DRAFT and not drafts:
        raise NoStyle(
            f"{DRAFT} drafts an adapter, which is done once: cnn-conformance adapt PATH --out "
            "adapter.py, then take the style adapter.py"
        )
    if not asked or asked in (NONE, DRAFT) or name in names():
        return {"name": name} if asked else {}
    path = Path(asked)
    if path.suffix != ".py" or not path.is_file():
        close = get_close_matches(name, names(), n=1)
        guess = f"; did you mean {close[0]}?" if close else "."
        raise NoStyle(
            f"there is no style {asked}{guess} Expected {', '.join(names())}, {DRAFT}, a .py file "
            f"of your own (see docs/styles.md), or {NONE}"
        )
    if path.stat().st_size > MAX_SOURCE:
        raise NoStyle(f"{asked} has more than {MAX_SOURCE} bytes, expected a style of 150 lines")
    return {"name": asked, "source": path.read_text("utf-8", errors="replace")}


def layouts(name: str) -> tuple[str, ...]:
    """Return the orders of axes that a style has, of images and of vectors; nothing if it has none.

    They are its `LAYOUTS`, for units that are drafted beside it.
    """
    if name not in names():
        return ()
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return tuple(vars(module).get("LAYOUTS", ()))


def usual(name: str) -> dict[str, str]:
    """Return what the worker is to be told of a course's style; nothing for none.

    It is taken unless the code exports units by the specification's names, or has no name of it.
    """
    return {"name": name, "is": "usual"} if name else {}


@dataclass(frozen=True)
class Style:
    """A style, as its file says.

    Parameters
    ----------
    name : str
        What it is called.
    exports : tuple of str
        The names by which code in this style is recognised.
    also : tuple of str
        Other names that it translates.
    translate : callable
        Returns units by name, from what the code exports.
    """

    name: str
    exports: tuple[str, ...]
    also: tuple[str, ...]
    translate: Callable[[Mapping[str, Any]], Mapping[str, object]]

    @classmethod
    def of(cls, name: str, found: Mapping[str, Any]) -> Style:
        """Return the style that a file defines.

        Raises
        ------
        NoStyle
            If it defines none.
        """
        exports, translate = found.get("EXPORTS"), found.get("translate")
        is_list = isinstance(exports, (tuple, list)) and all(isinstance(e, str) for e in exports)
        if not (exports and is_list and callable(translate)):
            raise NoStyle(
                f"{name} is not a style: expected EXPORTS, a tuple of names, and a function "
                "translate(foreign)"
            )
        return cls(name, tuple(exports), tuple(found.get("ALSO", ())), translate)

    @property
    def heads(self) -> frozenset[str]:
        """The names that it translates, without methods and parameters."""
        found = (*self.exports, *self.also)
        return frozenset(each.partition("(")[0].partition(".")[0] for each in found)

    def fitting(self, table: Mapping[str, frozenset[str]]) -> list[str]:
        """Return the exports that are there: by name, with the parameters that are asked for."""
        return [each for each in self.exports if _is_there(each, table)]


def named(asked: Mapping[str, str]) -> Style:
    """Return the style that was asked for: see `request`."""
    name = asked["name"]
    if "source" in asked:
        found: dict[str, Any] = {"__name__": f"style_{Path(name).stem}"}
        exec(compile(asked["source"], f"{OWN}{name}", "exec"), found)
        return Style.of(name, found)
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return Style.of(name, vars(module))


def load(target: str, units: list[str], asked: Mapping[str, str] | None = None) -> Loaded:
    """Import a target and return its units: those that it exports, else through a style.

    Parameters
    ----------
    target : str
        A path or a dotted module name.
    units : list of str
        The units to look for.
    asked : mapping, optional
        Which style to take: see `request`. The one that fits best unless given.
    """
    if asked and asked["name"] in (NONE, DRAFT):
        return loading.load(target, units)
    definitions.target = target if Path(target).exists() else ""
    try:
        styles = candidates(asked or {})
    except BaseException as error:
        return Loaded(problems=[describe(error, f"the style {asked and asked['name']}")])
    is_found = not asked or "is" in asked
    path = Path(target)
    if path.exists():
        table: dict[str, frozenset[str]] = {}
        known = definitions.sources(path.resolve())
        for source in known[0].values():
            table = source.parameters | table
        style = chosen(styles, table, asked or {})
        if style is None:
            return loading.load(target, units)
        wanted = style.heads.union(units)
        foreign = definitions.load(path, lambda source: len(source.defined & wanted), known)
    else:
        loaded = loading.load(target, units)
        found = None if loaded.problems else of_module(sys.modules[target], units, asked or {})
        return found if found is not None and found.style is not None else loaded
    if style is None or (is_found and any(is_ours(n, foreign.names.get(n)) for n in units)):
        foreign.forget()
        return loading.load(target, units)
    return through(style, foreign, units, target)


def units_of(target: str, style: str, units: list[str]) -> dict[str, Any]:
    """Return units of code in a style, by name: for scripts that show a failure."""
    return load(target, units, request(style)).units


def of_module(module: ModuleType, units: Sequence[str], asked: Mapping[str, str]) -> Loaded:
    """Return the units of a module that is at hand."""
    exported = Loaded({name: getattr(module, name) for name in units if hasattr(module, name)})
    if asked.get("name") in (NONE, DRAFT):
        return exported
    foreign = definitions.Foreign(dict(vars(module)))
    styles = candidates(asked)
    style = chosen(styles, parameters(foreign.names, styles), asked)
    is_found = not asked or "is" in asked
    if style is None or (is_found and any(map(is_ours, exported.units, exported.units.values()))):
        return exported
    return through(style, foreign, units, module.__name__)


def candidates(asked: Mapping[str, str]) -> list[Style]:
    """Return the styles among which to choose: the one that was asked for, or all of them."""
    if asked and "is" not in asked:
        return [named(asked)]
    return [named({"name": name}) for name in names()]


def chosen(
    styles: Sequence[Style], table: Mapping[str, frozenset[str]], asked: Mapping[str, str]
) -> Style | None:
    """Return the style that was asked for, the usual one if it has a name, or the best."""
    if asked and "is" not in asked:
        return styles[0]
    usual_one = [each for each in styles if each.name == asked.get("name")]
    return best([s for s in usual_one if s.fitting(table)] or styles, table)


def best(styles: Iterable[Style], table: Mapping[str, frozenset[str]]) -> Style | None:
    """Return the style of which most names are there, None where none has any."""
    counts = {style.name: len(style.fitting(table)) for style in styles}
    found = max(styles, key=lambda style: counts[style.name], default=None)
    return found if found is not None and counts[found.name] else None


def parameters(foreign: Mapping[str, Any], styles: Iterable[Style]) -> Mapping[str, frozenset[str]]:
    """Return of what is loaded what `Source.parameters` has, for the names in styles."""
    table = {}
    for name in {each.partition("(")[0] for style in styles for each in style.exports}:
        first, *inner = name.split(".")
        value = foreign.get(first)
        for attribute in inner:
            value = getattr(value, attribute, None)
        if callable(value):
            try:
                table[name] = frozenset(inspect.signature(value).parameters)
            except (TypeError, ValueError):  # it has none, as some functions in C
                table[name] = frozenset()
    return table


def through(
    style: Style, foreign: definitions.Foreign, units: Iterable[str], target: str
) -> Loaded:
    """Return the units that a style makes of foreign code."""
    notes = [note for module in foreign.modules for note in loading.notes_of(module)]
    loaded = Loaded(problems=foreign.problems, notes=notes, style=style)
    try:
        made = style.translate(foreign.names)
        loaded.units = {name: made[name] for name in units if name in made}
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        loaded.problems.append(
            f"the style {style.name} failed in line {where.lineno} of {where.filename}: "
            f"{type(error).__name__}: {text_of(error)}"
        )
    if not loaded.units and not loaded.problems:
        loaded.problems.append(
            f"{target} has none of the names that the style {style.name} translates "
            f"({', '.join(style.exports[:6])}, ...); the other styles are "
            f"{', '.join(name for name in names() if name != style.name)}, or {NONE}"
        )
    return loaded


def is_ours(unit: str, value: Any) -> bool:
    """Tell whether what has a unit's name has the specification's interface, too.

    A layer has `params`, a dict, a loss `reduction`, an optimizer `step(params, grads)`. What other
    code calls so takes other arguments or has none of these.
    """
    if unit in COMMON or not isinstance(value, type):
        return False
    try:
        made = value(*ARGUMENTS.get(unit, ()))
        if unit in units.OPTIMIZERS:
            return len(inspect.signature(made.step).parameters) == 2
        has_some = isinstance(getattr(made, "params", None), Mapping) or hasattr(made, "reduction")
        return has_some and hasattr(made, "forward") and hasattr(made, "backward")
    except Exception:  # of whatever kind: it is a stranger's
        return False


class Misfit(Exception):
    """A style and foreign code do not fit each other: neither a check of the code nor a refusal."""


def own_error(error: BaseException) -> Misfit | None:
    """Return what to say of an error that a style raises itself; None for the code's own.

    A refusal is one that says so: see `_units.unsupported`.
    """
    if isinstance(error, (Misfit, MemoryError, KeyboardInterrupt)):
        return None
    if isinstance(error, NotImplementedError) and str(error).startswith("unsupported:"):
        return None
    library = str(Path(inspect.getfile(inspect)).parent)
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if file.startswith(OWN) or Path(file).parent in (FOLDER, ADAPTERS):
            return Misfit(
                "the style or the adapter does not fit the code here, which did not raise this: "
                f"{type(error).__name__}: {text_of(error)}"
            )
        if "/numpy/" not in file and not file.startswith((library, "<")):
            return None
    return None


def _is_there(export: str, table: Mapping[str, frozenset[str]]) -> bool:
    name, has_parameters, rest = export.partition("(")
    wanted = {each.strip() for each in rest.rstrip(")").split(",")} if has_parameters else set()
    return name in table and wanted <= table[name]

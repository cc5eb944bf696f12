"""What a file defines, as far as that can be told without running it: names, arguments, words."""

from __future__ import annotations

import ast
import keyword
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path, PurePosixPath
from typing import Any

from cnn_conformance.adapt.signatures import Argument, arguments_of, of_constructor
from cnn_conformance.implementation import blame, definitions

VOCABULARY = Path(__file__).with_name("vocabulary.toml")
BEFORE_UPPER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=\d)")
TAKEN = ("runtime", "style", "np", "code", "translate", "self", "x", "layer", "dout")
"""Names that a draft has for something else."""
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
LEAST = re.compile(
    r"(^|/)(tests?|autograder|examples?|docs?|old|demo\w*)(/|$)|_ref\.py$|torch|keras|tensorflow"
)
"""Files in which the code itself is not likely to be."""


@cache
def vocabulary() -> dict[str, Any]:
    """Return the words of vocabulary.toml."""
    return tomllib.loads(VOCABULARY.read_text("utf-8"))


@cache
def words(name: str) -> str:
    """Return a name in lower case, its words parted by "_", without accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    apart = re.sub(r"(\d)_d(?=_|$)", r"\1d", BEFORE_UPPER.sub("_", plain).lower())
    return re.sub(r"_(?=\d+d?(_|$))", "", apart).strip("_")


@dataclass
class Definition:
    """A class or a function.

    Parameters
    ----------
    name, file, place : str
        What it is called and where it is: the file as seen from the folder that is adapted, and
        the line.
    arguments : list of Argument
        Those of the function, or of the class's constructor.
    methods : dict
        The arguments of a class's methods.
    bases : list of str
        The classes that it is derived from.
    node : ast.AST
        What was parsed.
    is_class : bool
        Whether it is a class.
    module : str
        What its file is called in a draft.
    packed : str
        The one argument in which a constructor takes all of them, as a dict.
    nodes : dict
        What was parsed of a class's methods, also of those that it inherits.
    owner : str
        The class of which it is a method that is as good as a function.
    is_made_of_nothing : bool
        Whether the constructor of that class needs no arguments.
    factory : tuple of list of Argument
        The arguments of the function that makes this one, if one does.
    is_factory : bool
        Whether it is a function that makes an object of a class.
    resets : tuple of str
        The attributes for gradients that the code around it sets to 0.
    slopes_take : tuple of str
        What a class hands to derivatives that it keeps: "x" or "y", input or output.
    protocol : tuple of str
        Its methods that go forward and backward, where loops over layers tell.
    """

    name: str
    file: str
    place: str
    arguments: list[Argument]
    methods: dict[str, list[Argument]] = field(default_factory=dict)
    statics: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    node: ast.AST = field(default_factory=ast.Pass, repr=False)
    is_class: bool = False
    module: str = ""
    packed: str = ""
    nodes: dict[str, ast.FunctionDef] = field(default_factory=dict, repr=False)
    owner: str = ""
    is_made_of_nothing: bool = False
    factory: tuple[list[Argument], ...] = ()
    is_factory: bool = False
    resets: tuple[str, ...] = ()
    slopes_take: tuple[str, ...] = ()
    protocol: tuple[str, ...] = ()

    @property
    def first_forward(self) -> tuple[str, ...]:
        """The method that loops over layers call to go forward, if it has a name."""
        return tuple(name for name in self.protocol[:1] if name != "__call__")

    @property
    def callee(self) -> str:
        """The text by which it is called: a method through the object that has it."""
        if self.factory:
            return "self.layer"
        if not self.owner:
            return f"{self.module}.{self.name}"
        return (
            f"{self.module}.{self.owner}.{self.name}" if self.statics else f"self.layer.{self.name}"
        )

    @property
    def made(self) -> str:
        """The text of the object that is called; None for a function of its own."""
        if not self.owner or self.statics:
            return "None"
        kind = f"{self.module}.{self.owner}"
        return f"{kind}()" if self.is_made_of_nothing else f"runtime.bare({kind})"

    def call(self, texts: Iterable[str]) -> str:
        """Return the text of a call: arguments by name, in a dict if it takes one of them all."""
        callee, given = self.callee, [text for text in texts if text]
        if not self.packed:
            return f"{callee}({', '.join(given)})"
        pairs = [each if each.startswith("**") else each.split("=", 1) for each in given]
        entries = [p if isinstance(p, str) else f"{p[0]!r}: {p[1]}" for p in pairs]
        return f"{callee}({self.packed}={{{', '.join(entries)}}})"

    def part(self, method: str) -> Definition:
        """Return one of its methods, as a function."""
        node = self.nodes.get(method, self.node)
        static = [method] if method in self.statics else []
        return Definition(
            method,
            self.file,
            self.place,
            self.methods[method],
            statics=static,
            node=node,
            module=self.module,
        )

    @cached_property
    def text(self) -> str:
        """Its source, without comments."""
        return ast.unparse(self.node)

    @cached_property
    def texts(self) -> list[str]:
        """The strings that it compares something with."""
        return _texts(self.node)

    @property
    def where(self) -> str:
        """The definition as a reader finds it."""
        kind = "class" if self.is_class else "method" if self.owner else "function"
        kind = "function" if self.is_factory else kind
        name = f"{self.owner}.{self.name}" if self.owner else self.name
        return f"{kind} `{name}` of {self.file}, {self.place}"


def inventory(path: Path) -> list[Definition]:
    """Return the classes and functions that a file or a folder defines, likely ones first.

    So are names to which a call is assigned, which may be functions: `blocks.resolved` tells.
    """
    root = path if path.is_dir() else path.parent
    found: list[Definition] = []
    for file, tree in definitions.parsed(path)[0].items():
        found += _of_file(tree, partial(blame.place, file), file.relative_to(root).as_posix())
    found.sort(key=lambda d: (bool(LEAST.search(d.file)), d.file.count("/")))
    _inherit(found)
    names = _modules({each.file for each in found})
    for each in found:
        each.module = names[each.file]
    return found


def _modules(files: set[str]) -> dict[str, str]:
    """Return a name for each file: its own, with the folders before it where that is not enough."""
    found = {}
    for file in files:
        parts = PurePosixPath(file).with_suffix("").parts
        alike = [f for f in files if PurePosixPath(f).stem == parts[-1]]
        name = re.sub(r"\W", "_", parts[-1] if len(alike) == 1 else "_".join(parts))
        clash = keyword.iskeyword(name) or name[:1].isdigit() or name in TAKEN
        found[file] = f"the_{name}" if clash else name
    return found


def _of_file(tree: ast.Module, place: Callable[[int], str], file: str) -> Iterator[Definition]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield Definition(node.name, file, place(node.lineno), arguments_of(node), node=node)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            yield from (Definition(n, file, place(node.lineno), [], node=node) for n in names)
        elif isinstance(node, ast.ClassDef):
            methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
            static = [name for name, n in methods.items() if _is_static(n)]
            known = {name: arguments_of(n)[name not in static :] for name, n in methods.items()}
            packed, arguments = of_constructor(node, methods.get("__init__"))
            known.pop("__init__", None)
            yield Definition(
                node.name,
                file,
                place(node.lineno),
                arguments,
                known,
                static,
                [ast.unparse(base).rpartition(".")[2] for base in node.bases],
                node,
                True,
                packed=packed,
                nodes=dict(methods),
            )


def _is_static(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator) == "staticmethod" for decorator in node.decorator_list)


def _texts(node: ast.AST) -> list[str]:
    """Return the strings that something is compared with, or looked up by."""
    found: list[str] = []
    for each in ast.walk(node):
        if isinstance(each, (ast.Compare, ast.Dict)):
            inside = each.keys if isinstance(each, ast.Dict) else [each.left, *each.comparators]
            found += [
                n.value
                for part in inside
                if part is not None
                for n in ast.walk(part)
                if isinstance(n, ast.Constant) and isinstance(n.value, str) and len(n.value) < 30
            ]
    return list(dict.fromkeys(found))


def _inherit(found: list[Definition]) -> None:
    """Give classes the methods of those that they are derived from."""
    classes = {d.name: d for d in reversed(found) if d.is_class}
    for each in found:
        seen, todo = {each.name}, list(each.bases)
        while todo:
            name = todo.pop(0)
            base = classes.get(name)
            if base is None or name in seen:
                continue
            seen.add(name)
            for method, arguments in base.methods.items():
                each.methods.setdefault(method, arguments)
                if method in base.nodes:
                    each.nodes.setdefault(method, base.nodes[method])
            if "__init__" in base.nodes:
                each.nodes.setdefault("__init__", base.nodes["__init__"])
            if not each.arguments and "__init__" not in each.text:
                each.arguments, each.packed = base.arguments, base.packed
            todo += base.bases


def role(argument: Argument, roles: Iterable[str], table: str) -> str:
    """Return what an argument is for by its name; nothing if that does not tell."""
    known = vocabulary()[table]
    name = words(argument.name)
    return next((each for each in roles if re.search(known[each], name)), "")


AXES = {
    "N": r"^(n|m|b|bs|batch\w*|(num|n)_?(data|points|image|sample|example|batch)\w*|\w*samples)$",
    "C": r"^(c|n_?c|n_?ch\w*|\w*ch|\w*channels?\w*|\w*depth|n_?c_prev|d|c_in|\w*_c)$",
    "H": r"^(h|n_?h|\w*height\w*|\w*rows?|h_\w+|n_?h_prev|\w*_h)$",
    "W": r"^(w|n_?w|\w*width\w*|\w*col(umn)?s?|w_\w+|n_?w_prev|\w*_w)$",
}
UNPACKED = re.compile(
    r"^\s*\(?((?:[\w.*]+, )+[\w.*]+)\)? = (?:np\.shape\(\w+\)|[\w.]+\.shape)$", re.M
)


def layout_in(definition: Definition) -> str:
    """Return the order of axes of which the names of sizes speak; nothing if they do not."""
    for match in UNPACKED.finditer(definition.text):
        names = [words(name.rpartition(".")[2]) for name in match[1].split(", ")]
        letters = [next((c for c, p in AXES.items() if re.match(p, n)), "") for n in names]
        if all(letters) and len({*letters}) == len(letters) and {"H", "W"} <= {*letters}:
            return "".join(letters)
    return ""


def one_size_in(definition: Definition) -> str:
    """Return where the source takes one size of an image for both; nothing if it does not."""
    own = "|".join(map(re.escape, _inputs(definition))) or "x"
    for match in UNPACKED.finditer(definition.text):
        names = match[1].split(", ")
        if not re.search(rf"\b({own})\b", match[0].partition(" = ")[2]):
            continue
        if len(names) in (3, 4) and names[-1] == "_" and names[-2] != "_":
            return f"the source says: {match[0].strip()}"
    for name in _inputs(definition):
        indexed = set(re.findall(rf"\b{name}\.shape\[(-?\d)\]", definition.text))
        if (
            len(indexed) == 1
            and indexed <= {"0", "1", "2"}
            and f"= {name}.shape\n" not in (definition.text + "\n")
        ):
            return f"the source looks at {name}.shape[{indexed.pop()}] only"
    return ""


def is_square_in(name: str, definition: Definition) -> bool:
    """Tell whether the source takes the rows of a kernel for its columns too: `f, _ = W.shape`."""
    for match in re.finditer(
        rf"^\s*\(?((?:[\w.*]+, )+[\w.*]+)\)? = (?:np\.shape\({name}\)|{name}\.shape)$",
        definition.text,
        re.M,
    ):
        names = match[1].split(", ")
        if len(names) == 4 and names[-1] == "_" != names[-2]:
            return True
        if len(names) == 4 and len({*names}) == 3 and names.count("_") == 0:
            return True
    return False


DIVIDED = re.compile(
    r"mean\(|average\(|1(?:\.0?)? / |"
    r"/ \(?(?:self\.)?(?:\w*(?:batch|size|num|sample|count)\w*|[mnN]\b|len\(|\w+\.shape)"
)


def divides_in(definition: Definition) -> bool:
    """Tell whether the source of a loss speaks of a mean, whatever it then divides by."""
    return bool(DIVIDED.search(definition.text))


def _inputs(definition: Definition) -> list[str]:
    """Return the names that the input has in forward."""
    if not definition.is_class:
        return [each.name for each in definition.arguments[:1]]
    known = [*definition.first_forward, *vocabulary()["methods"]["forward"]]
    return [definition.methods[m][0].name for m in known if definition.methods.get(m)]

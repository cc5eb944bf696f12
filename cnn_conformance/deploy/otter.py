"""The master notebook of an assignment for `otter assign`: a question for each unit.

A question has the template as its prompt, the clear reference as its solution, and a test for each
aspect, with the aspect's points: so part of a unit earns part of its points. A test that fails
shows the report. The tests run beside the student's code, as all that Otter runs do: grade what
comes in with `cnn-conformance batch`, in a sandbox and with a private set.

References
----------
https://otter-grader.readthedocs.io/en/latest/otter_assign/notebook_format.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnn_conformance import template, units
from cnn_conformance.deploy import notebook
from cnn_conformance.locations import REFERENCE

CONFIG = """\
# ASSIGNMENT CONFIG
name: cnn
init_cell: true
check_all_cell: true
export_cell:
  pdf: false
  run_tests: true
solutions_pdf: false
template_pdf: false
generate:
  pdf: false
"""
STRIPPED = "# BEGIN SOLUTION NO PROMPT"
"""From here to the end of the solution, students get nothing: the prompt stands before it."""
SHOWN = "True"
"""What a test prints if everything of it passes."""
Cell = dict[str, Any]


def assignment(profile: str = "core", path: Path | None = None) -> str:
    """Return the notebook as JSON.

    Parameters
    ----------
    profile : str
        What the course asks for.
    path : Path, optional
        A rubric instead of the default one.
    """
    points: dict[str, dict[str, dict[str, float]]] = {}
    for stem, unit, aspect, worth in notebook.worths(profile, path):
        if worth:
            of_unit = points.setdefault(stem, {}).setdefault(unit, {})
            of_unit[aspect] = of_unit.get(aspect, 0.0) + worth
    prompts = template.build(REFERENCE)
    files = solutions()
    cells = [_raw(CONFIG), notebook.plain("markdown", notebook.HEAD)]
    cells.append(notebook.plain("code", "from cnn_conformance import check"))
    given = [stem for stem in notebook.used(prompts, points) if stem not in points]
    cells += [notebook.plain("code", notebook.flat(prompts, stem)) for stem in given]
    for stem in sorted(points, key=units.taught):
        own = [each for each in notebook.used(files, [stem]) if each not in {*given, *points}]
        solution = "\n\n\n".join(notebook.flat(files, each) for each in [*own, stem])
        cells += _question(stem, ", ".join(points[stem]), notebook.flat(prompts, stem), solution)
        cells += _tests(points[stem], profile)
    return notebook.written(cells)


def solutions() -> dict[str, str]:
    """Return the clear reference's files, without what they take from the fast one."""
    return {path.name: _clear(path.read_text("utf-8")) for path in REFERENCE.glob("*.py")}


def _clear(source: str) -> str:
    """Return a file without its imports from the folder `fast`, and without calls of these."""
    tree, lines = ast.parse(source), source.splitlines()
    fast = [
        node
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fast.")
    ]
    names = {alias.name for node in fast for alias in node.names}
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id in names
    ]
    dropped = {
        number
        for node in [*fast, *calls]
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    kept = [line for number, line in enumerate(lines, start=1) if number not in dropped]
    return "\n".join(kept) + "\n"


def _question(stem: str, title: str, prompt: str, solution: str) -> Iterator[Cell]:
    yield _raw(f"# BEGIN QUESTION\nname: {stem}\n")
    yield notebook.plain("markdown", f"## {title}")
    yield _raw("# BEGIN PROMPT")
    yield notebook.plain("code", prompt)
    yield _raw("# END PROMPT")
    yield _raw("# BEGIN SOLUTION")
    yield notebook.plain("code", f"{STRIPPED}\n{solution.strip()}\n# END SOLUTION")
    yield _raw("# END SOLUTION")


def _tests(points: dict[str, dict[str, float]], profile: str) -> Iterator[Cell]:
    """Yield the tests of a question, each with the output that it has if all is right."""
    yield _raw("# BEGIN TESTS")
    for unit, of_unit in points.items():
        for aspect, worth in of_unit.items():
            head = f"name: {unit} {aspect}\npoints: {round(worth, 6):g}"
            text = (
                f'""" # BEGIN TEST CONFIG\n{head}\n""" # END TEST CONFIG\n'
                f'result = check({unit}, only="{aspect}"{notebook.asking(profile)})\n'
                f"print({SHOWN} if result else result)"
            )
            shown = {"output_type": "stream", "name": "stdout", "text": [f"{SHOWN}\n"]}
            yield notebook.plain("code", text) | {"outputs": [shown], "execution_count": 1}
    yield _raw("# END TESTS")
    yield _raw("# END QUESTION")


def _raw(text: str) -> Cell:
    return notebook.plain("raw", text)

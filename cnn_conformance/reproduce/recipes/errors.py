"""Scripts for bad input, and what is raised for it."""

from __future__ import annotations

from cnn_conformance import units
from cnn_conformance.checks import robustness
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor


def raises(subject: Subject) -> Draft:
    """Show what is raised, or that nothing is."""
    expected = subject.case.table.get("raises", "ValueError")
    lines = [
        "try:",
        *(f"    {line}" for line in _provoke(subject)),
        f"except {expected} as error:",
        '    print("as it should be:", repr(error))',
        "else:",
        f'    raise AssertionError("nothing was raised, expected {expected}")',
    ]
    return Draft({}, lines)


def names_what_came(subject: Subject) -> Draft:
    """Show the text of an error, and what it has to name."""
    error = subject.case
    ways = [robustness.ways_to_name(error, str(size)) for size in error.table.get("names", ())]
    lines = [
        "try:",
        *(f"    {line}" for line in _provoke(subject)),
        '    text = "nothing was raised"',
        "except Exception as error:",
        "    text = str(error)",
    ]
    is_named = f'"{error.unit.lower()}" in text.lower()'
    if not ways:
        return Draft({}, [*lines, f'assert {is_named}, f"no {error.unit} in: {{text}}"'])
    lines += [
        f'NUMBER = r"{robustness.NUMBER.pattern}"',
        f'came = [*map(float, re.findall(NUMBER, re.sub("(?i){error.unit}", "", text)))]',
        f"assert {is_named} and all(any(way == came[i : i + len(way)] for way in each"
        f" for i in range(len(came))) for each in {ways}), text",
    ]
    return Draft({}, ["import re", *lines])


def _provoke(subject: Subject) -> list[str]:
    """Return the lines that do what is to be refused."""
    error, table = subject.case, subject.case.table
    options = robustness.offered_options(subject.implementation, error)
    make = constructor(error.unit, error.args, options)
    if table.get("before_forward"):
        return [f"{make}.backward({_values(table['dout']) if 'dout' in table else ''})"]
    if error.unit in units.OPTIMIZERS:
        weight, gradient = _values(table["x"]), _values(table["dout"])
        return [f'{make}.step({{"weight": {weight}}}, {{"weight": {gradient}}})']
    inputs = [_values(table["x"])]
    if error.unit in units.LOSSES:
        target = table["target"]
        if "labels" in target:
            inputs.append(f"np.array({target['labels']})")
        elif units.of(error.unit).targets == "classes":
            inputs.append(f"np.full({tuple(target['shape'])}, 1 / {target['shape'][-1]})")
        else:
            inputs.append(_values(target["shape"]))
    forward = f"forward({', '.join(inputs)})"
    if "dout" not in table:
        return [f"{make}.{forward}"]
    return [f"layer = {make}", f"layer.{forward}", f"layer.backward({_values(table['dout'])})"]


def _values(shape: list[int]) -> str:
    count = 1
    for length in shape:
        count *= length
    return f"np.linspace(-1, 1, {count}).reshape({tuple(shape)})"


RECIPES: dict[object, Recipe] = {
    robustness.raises: raises,
    robustness.names_what_came: names_what_came,
}

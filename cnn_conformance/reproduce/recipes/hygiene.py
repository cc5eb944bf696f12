"""Scripts for what is left unchanged, what is independent, and which inputs are taken."""

from __future__ import annotations

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import hygiene, loss_hygiene
from cnn_conformance.checks.observation import gradient_names, loss_inputs
from cnn_conformance.oracle import tolerance
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor, prepared, state

ODD = {
    "fortran": "np.asfortranarray(a)",
    "strided": "np.kron(a, np.ones((2,) * a.ndim, a.dtype))[(slice(None, None, 2),) * a.ndim]",
    "reversed": "np.flip(np.flip(a).copy())",
    "read-only": "np.broadcast_to(a, a.shape)",
}


class Bench:
    """The names and lines that scripts for one case have in common.

    Parameters
    ----------
    subject : Subject
        What is to be reproduced.
    """

    def __init__(self, subject: Subject) -> None:
        case = subject.case
        self.subject, self.case = subject, case
        self.is_loss = case.unit in units.LOSSES
        make = constructor(case.unit, case.args, case.options)
        self.data: dict[str, Array]
        names: tuple[str, ...]
        if self.is_loss:
            prediction, target, gradient = loss_inputs(case)
            self.inputs = [gradient.removeprefix("d"), "target"]
            self.data = dict(zip(self.inputs, (prediction, target), strict=True))
            names = ("loss", gradient)
        else:
            self.inputs = ["x"]
            self.data = {"x": case["x"], **state(case)}
            names = ("y", *gradient_names(case))
        self.make = make
        self.tensor = next((name for name in names if _names(subject.message, name)), names[-1])
        if self.tensor not in names[:2]:
            first = subject.message.split(",")[0].split()
            self.tensor = self.tensor if first and first[0] == self.tensor else names[1]

    def layers(self, *names: str) -> list[str]:
        """Return the lines that make some layers with the case's parameters."""
        lines = [f"{', '.join(names)} = {', '.join([self.make] * len(names))}"]
        each = prepared(self.case, "each")
        if len(names) == 1 or not each:
            return lines + prepared(self.case, names[0])
        return [*lines, f"for each in ({', '.join(names)}):", *(f"    {line}" for line in each)]

    def use(self, layer: str, *inputs: str) -> str:
        """Return an expression for the tensor that failed, of a layer used once."""
        forward = f"{layer}.forward({', '.join(inputs or self.inputs)})"
        if self.tensor in ("y", "loss"):
            return forward
        if self.is_loss:
            return f"({forward}, {layer}.backward())[1]"
        backward = f"{layer}.backward(np.cos({forward}))"
        if self.tensor == "dx":
            return backward
        return f'({backward}, {layer}.grads["{self.tensor.removeprefix("d")}"])[1]'

    def draft(self, *lines: str, exact: bool = False, own: bool = False) -> Draft:
        """Return the draft of some lines."""
        if own:
            return Draft(self.data, list(lines))
        return Draft(self.data, list(lines), 0.0 if exact else self.allowed())

    def allowed(self) -> float:
        """Return how far the tensor may be off."""
        bound = 8 * self.case.bound(self.tensor)
        scale = float(np.abs(self.case[self.tensor]).max(initial=0.0))
        return tolerance.coarse(bound + scale)

    def another(self) -> None:
        """Add inputs of another size to the data."""
        for name in self.inputs:
            self.data[f"{name}2"] = hygiene.another(self.case[name])

    @property
    def inputs2(self) -> list[str]:
        """The names of the inputs of another size."""
        return [f"{name}2" for name in self.inputs]


def _names(message: str, name: str) -> bool:
    words = {"loss": "the loss", "dlogits": "the gradient", "dpred": "the gradient"}
    first = message.partition(",")[0].removeprefix("from ")
    return first.startswith((name, words.get(name, name), f'grads has no "{name[1:]}"'))


def initial_parameters(subject: Subject) -> Draft:
    """Show names, shapes, dtype and variety of the parameters of a new layer."""
    case = subject.case
    shapes = {name: array.shape for name, array in case.params.items()}
    lines = [
        f"params = {constructor(case.unit, case.args, case.options)}.params",
        "got = {name: array.shape for name, array in params.items()}",
        f"expected = {shapes}",
        'print("got", got, "expected", expected)',
        "assert list(got.items()) == list(expected.items())",
        "for name, array in params.items():",
        "    assert array.dtype == np.float64 and np.isfinite(array).all(), (name, array)",
        "    rows = array.reshape(len(array), -1)",
        '    alike = name.startswith("weight") and len(np.unique(rows, axis=0)) < len(rows)',
        '    assert not alike, f"two units of {name} start alike: {rows}"',
    ]
    return Draft({}, lines)


def set_parameters_are_used(subject: Subject) -> Draft:
    """Show forward with parameters that were set between two calls."""
    bench = Bench(subject)
    bench.tensor = "y"
    others = [f"-2 * {name}[::-1]" for name in subject.case.params]
    names = list(subject.case.params)

    def change(layer: str, place: str = "[...]") -> str:
        targets = [f'{layer}.params["{name}"]{place}' for name in names]
        return f"{', '.join(targets)} = {', '.join(others)}"

    if subject.says("gives the same"):
        return bench.draft(
            *bench.layers("layer", "other"),
            change("other"),
            "got, with_others = layer.forward(x), other.forward(x)",
            'print("got", got, "with other parameters", with_others, sep="\\n")',
            'assert not np.allclose(got, with_others), "params are not used"',
            own=True,
        )
    return bench.draft(
        *bench.layers("layer", "fresh"),
        "layer.forward(x)",
        change("layer", "" if subject.says("replace") else "[...]"),
        change("fresh"),
        "got, expected = layer.forward(x), fresh.forward(x)",
    )


def forward_changes_nothing(subject: Subject) -> Draft:
    """Show an argument or a parameter before and after forward."""
    return _changes(subject, backward=False)


def backward_changes_nothing(subject: Subject) -> Draft:
    """Show dout, an argument or a parameter before and after backward."""
    return _changes(subject, backward=True)


def _changes(subject: Subject, *, backward: bool) -> Draft:
    bench = Bench(subject)
    last = subject.message.partition("\n")[0].rpartition(" ")[2]
    watched = f"layer.{last}" if last.startswith("params[") else last
    if watched not in (*bench.inputs, "dout") and not watched.startswith("layer.params["):
        watched = "dout" if backward and not bench.is_loss else bench.inputs[0]
    call = f"layer.forward({', '.join(bench.inputs)})"
    lines = bench.layers("layer")
    if backward:
        lines.append(f"y = {call}")
        lines += [] if bench.is_loss else ["dout = np.cos(y)"]
        call = f"layer.backward({'' if bench.is_loss else 'dout'})"
    lines += [f"expected = {watched}.copy()", call, f"got = {watched}"]
    return bench.draft(*lines, exact=True)


def output_stays(subject: Subject) -> Draft:
    """Show an output when it came and after later calls."""
    bench = Bench(subject)
    bench.another()
    return bench.draft(
        *bench.layers("layer"),
        "got = layer.forward(x)",
        "expected = got.copy()",
        "layer.backward(np.cos(got))",
        "for later in (-x, x2):",
        "    layer.forward(later)",
        exact=True,
    )


def latest_forward(subject: Subject) -> Draft:
    """Show a layer that was used before beside a new one."""
    bench = Bench(subject)
    bench.another()
    now, large = _tuple(bench.inputs), _tuple(bench.inputs2)
    pairs = [f"({now}, {large})", f"({large}, {now})"]
    pairs += [] if bench.is_loss else ["((-x[::-1],), (x,))"]
    used = bench.use("{}", "*latest")
    earlier = ["    layer.backward(np.sin(layer.forward(*before)))"]
    if bench.is_loss:
        earlier = ["    layer.forward(*before)", "    layer.backward()"]
    return bench.draft(
        f"for before, latest in ({', '.join(pairs)}):",
        *(f"    {line}" for line in bench.layers("layer", "fresh")),
        *earlier,
        f"    got, expected = {used.replace('{}', 'layer')}, {used.replace('{}', 'fresh')}",
        '    print("got", got, "from a new layer", expected, sep="\\n")',
        f"    np.testing.assert_allclose(got, expected, rtol=0, atol={bench.allowed():.6g})",
        own=True,
    )


def mode_of_forward(subject: Subject) -> Draft:
    """Show a backward before which training was switched, beside one without."""
    bench = Bench(subject)
    switched = not subject.case.table.get("training", True)
    after = bench.use("layer").replace("layer.forward(x)", "y")
    return bench.draft(
        *bench.layers("layer", "fresh"),
        "y = layer.forward(x)",
        f"layer.training = {switched}",
        f"got, expected = {after}, {bench.use('fresh')}",
    )


def evaluation_after_training(subject: Subject) -> Draft:
    """Show a layer in evaluation after a forward in training, beside one that has forgotten it."""
    bench = Bench(subject)
    return bench.draft(
        *bench.layers("layer", "fresh"),
        "for each in (layer, fresh): each.training = True; each.forward(x); each.training = False",
        "fresh.forward(-x)",
        f"got, expected = {bench.use('layer')}, {bench.use('fresh')}",
    )


def _tuple(names: list[str]) -> str:
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def second_backward(subject: Subject) -> Draft:
    """Show what a second or third backward gives beside the first of a new layer."""
    bench = Bench(subject)
    lines = [
        *bench.layers("layer", "fresh"),
        f"y = layer.forward({', '.join(bench.inputs)})",
    ]
    if bench.is_loss:
        lines += ["layer.backward()", "got = layer.backward()"]
        bench.tensor = gradient_names(subject.case)[0]
        return bench.draft(*lines, f"expected = {bench.use('fresh')}")
    if bench.tensor == "y":
        bench.tensor = "dx"
    douts = "np.sin(y), np.cos(y)" + (", np.cos(y)" if subject.says("third") else "")
    got = "dx" if bench.tensor == "dx" else f'layer.grads["{bench.tensor.removeprefix("d")}"]'
    return bench.draft(
        *lines,
        f"for dout in ({douts}):",
        "    dx = layer.backward(dout)",
        f"got, expected = {got}, {bench.use('fresh')}",
    )


def instances_share_nothing(subject: Subject) -> Draft:
    """Show a layer beside which a second one is used, and one that is alone."""
    bench = Bench(subject)
    same_size = subject.says("of the same sizes")
    others = [f"-2 * {value}" if i == 0 else value for i, value in enumerate(bench.inputs)]
    if not same_size:
        bench.another()
        others = bench.inputs2
    lines = bench.layers("first", "second", "alone")
    if subject.case.params and not same_size:
        places = [f'second.params["{name}"][...]' for name in subject.case.params]
        values = [f"-2 * {name}[::-1]" for name in subject.case.params]
        lines.append(f"{', '.join(places)} = {', '.join(values)}")
    forwards = f"first.forward({', '.join(bench.inputs)}), second.forward({', '.join(others)})"
    lines.append(f"y, y2 = {forwards}")
    if bench.tensor in ("y", "loss"):
        return bench.draft(*lines, f"got, expected = y, {bench.use('alone')}")
    call = "first.backward()" if bench.is_loss else "first.backward(np.cos(y))"
    got = call
    if bench.tensor not in ("dx", "dlogits", "dpred"):
        lines.append(call)
        got = f'first.grads["{bench.tensor.removeprefix("d")}"]'
    if subject.says("after another's backward"):
        lines.append("second.backward(np.sin(y2))")
    return bench.draft(*lines, f"got, expected = {got}, {bench.use('alone')}")


def any_memory_order(subject: Subject) -> Draft:
    """Show what comes for views or read-only arrays, and for plain ones."""
    bench = Bench(subject)
    layout = next((name for name in ODD if subject.says(name)), "fortran")
    got = bench.use("layer", *(f"odd({name})" for name in bench.inputs))
    if not bench.is_loss and bench.tensor != "y":
        got = got.replace("np.cos(layer.forward(odd(x)))", "odd(np.cos(layer.forward(odd(x))))")
    plain = bench.use("plain").replace("forward(x))", 'forward(x), order="C")')
    return bench.draft(
        f"def odd(a):  # the same values, {layout}",
        f"    return {ODD[layout]}",
        *bench.layers("layer", "plain"),
        f"got = {got}",
        f"expected = {plain}",
    )


def training_and_grads(subject: Subject) -> Draft:
    """Show the attributes of a layer after backward."""
    bench = Bench(subject)
    known = [] if subject.case.params else ["assert not layer.params, layer.params"]
    return bench.draft(
        *bench.layers("layer"),
        'assert layer.training, "training is not True at first"',
        "layer.backward(np.cos(layer.forward(x)))",
        "got = {name: array.shape for name, array in layer.grads.items()}",
        "expected = {name: array.shape for name, array in layer.params.items()}",
        'print("grads", got, "params", expected)',
        "assert got == expected",
        *known,
        own=True,
    )


RECIPES: dict[object, Recipe] = {
    hygiene.initial_parameters: initial_parameters,
    hygiene.set_parameters_are_used: set_parameters_are_used,
    hygiene.forward_changes_nothing: forward_changes_nothing,
    hygiene.backward_changes_nothing: backward_changes_nothing,
    hygiene.output_stays: output_stays,
    hygiene.latest_forward: latest_forward,
    hygiene.mode_of_forward: mode_of_forward,
    hygiene.evaluation_after_training: evaluation_after_training,
    hygiene.second_backward: second_backward,
    hygiene.instances_share_nothing: instances_share_nothing,
    hygiene.any_memory_order: any_memory_order,
    hygiene.training_and_grads: training_and_grads,
    loss_hygiene.latest_forward: latest_forward,
    loss_hygiene.second_backward: second_backward,
    loss_hygiene.share_nothing: instances_share_nothing,
    loss_hygiene.any_memory_order: any_memory_order,
}

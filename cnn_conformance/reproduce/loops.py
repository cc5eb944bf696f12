"""What a failure of `fit`, `evaluate` or `predict` says, as the last lines of a script."""

from __future__ import annotations

import re
from collections.abc import Callable

from cnn_conformance.findings import Finding
from cnn_conformance.implementation.tape import Came, Tape
from cnn_conformance.reproduce.ending import Assertion, changed, latest, raises
from cnn_conformance.reproduce.lines import Piece, Pieces
from cnn_conformance.reproduce.translation import Translation
from cnn_conformance.units import PREDICT

Lines = Callable[[Finding], list[str]]
SEEN = "np.concatenate([batch for batch, _ in visits])"


def _noted(lines: Lines, *notes: str) -> Callable[[Tape, Finding], Assertion]:
    """Return what asserts something of a run and of what the stand-ins have noted.

    In the lines `<x>` and `<y>` stand for the data, `<model>` for the model, `<epochs>` for their
    number, `<result>` for what the loop has returned.
    """

    def assertion(tape: Tape, finding: Finding) -> Assertion:
        entry = latest(tape, lambda entry: entry.do == "function")

        def write(translation: Translation) -> list[Pieces]:
            return [_filled(line, translation, entry) for line in lines(finding)]

        wants_result = any("<result>" in line for line in lines(finding))
        needs = [Came(entry)] if wants_result else []
        return Assertion(needs, write, entry=entry, notes=set(notes))

    return assertion


def _filled(line: str, translation: Translation, index: int) -> Pieces:
    args = translation.entries[index].request["args"]
    x, y = (args[-1], args[-1]) if _unit(translation, index) == PREDICT else args[-2:]
    pieces: list[Piece] = []
    for number, part in enumerate(re.split(r"<(\w+)>", line)):
        if number % 2 == 0:
            pieces.append(part)
        elif part == "epochs":
            pieces.append(str(translation.entries[index].request["options"].get("epochs", 1)))
        elif part == "result":
            pieces += translation.expression(Came(index))
        else:
            pieces += translation.argument({"x": x, "y": y, "model": args[0]}[part], part)
    return tuple(pieces)


def _unit(translation: Translation, index: int) -> str:
    return str(translation.entries[index].request["unit"])


# ---------------------------------------------------------------- the samples of an epoch


def _every_sample(finding: Finding) -> list[str]:
    return [
        f"epochs = np.split({SEEN}, <epochs>)",
        "assert all(sorted(epoch.tolist()) == sorted(<x>.tolist()) for epoch in epochs), epochs",
    ]


def _samples(finding: Finding) -> list[str]:
    return [
        "samples = sorted(int(row[0]) for x, _ in visits for row in x)",
        f"assert samples == list(range({finding.count})), samples",
    ]


def _pairs(finding: Finding) -> list[str]:
    same = "np.array_equal(a, <x>[i]) and np.array_equal(b, <y>[i])"
    return [
        f"assert all(any({same} for i in range(len(<x>))) for batch in visits for a, b in "
        "zip(*batch)), visits"
    ]


def _accuracies(finding: Finding) -> list[str]:
    return [
        'got = <result>["accuracy"]',
        f"assert np.allclose(got, {finding.expected!r}), got",
    ]


def _orders(finding: Finding) -> list[str]:
    return [
        f"orders = [<x>, *np.split({SEEN}, 3)]",
        "assert not any(np.array_equal(a, b) for i, a in enumerate(orders) for b in orders[:i]), "
        '"an epoch has the order of another, or of x"',
    ]


def _batch(finding: Finding) -> list[str]:
    place, cut = finding.number - 1, f"{finding.start}:{finding.stop}"
    return [
        f"(got, y), expected = visits[{place}], <x>[{cut}]",
        'print("got", got, y, "expected", expected, sep="\\n")',
        f"assert np.array_equal(got, expected) and np.array_equal(y, <y>[{cut}])",
    ]


def _batches(finding: Finding) -> list[str]:
    return [f'assert len(visits) == {finding.expected}, f"{{len(visits)}} batches"']


def _default_sizes(finding: Finding) -> list[str]:
    return ["sizes = [len(batch) for batch, _ in visits]", "assert sizes == [32, 32], sizes"]


def _default_order(finding: Finding) -> list[str]:
    return [f'assert not np.array_equal({SEEN}, <x>), "not shuffled"']


def _sizes(finding: Finding) -> list[str]:
    return [
        "sizes = [len(batch) for batch in xs]",
        f"assert sizes and max(sizes) <= {finding.expected}, sizes",
    ]


def _dtypes(finding: Finding) -> list[str]:
    return [
        "dtypes = {str(batch.dtype) for batch in xs}",
        f'assert dtypes == {{"{finding.expected}"}}, dtypes',
    ]


def _calls(finding: Finding) -> list[str]:
    first, *rest = finding.needed
    wrong = "next(pair for pair in zip(seen, needed) if pair[0] != pair[1])"
    return [
        f'needed = ["{first}"] + {rest} * {finding.count} + [None]',
        f'seen = calls[:1] + [call for call in calls[1:] if call != "{first}"] + [None]',
        f'assert seen == needed, "got %s, expected %s" % {wrong}',
    ]


def _rng(tape: Tape, finding: Finding) -> Assertion:
    """Demand that two runs have the same order, or two orders, as rng says."""
    runs = [index for index, entry in enumerate(tape.entries) if entry.do == "function"]
    first = 0 if finding.rng == "int seed" or "int" in str(finding.rng) else 3
    is_same = finding.kind == "orders differ"
    entries = runs[first], runs[first + (1 if is_same else 2)]

    def write(translation: Translation) -> list[Pieces]:
        one, other = (tape.entries[index].request for index in entries)
        call = translation.called(one["unit"], one["args"], {**other["options"]})
        return [
            (f"first = {SEEN}",),
            ("visits.clear()",),
            call,
            (f"assert np.array_equal(first, {SEEN}) is {is_same}, visits",),
        ]

    return Assertion([], write, entry=entries[0], notes={"visits"})


# ---------------------------------------------------------------- the mode, the result, the data


def _mode(finding: Finding) -> list[str]:
    return [f"assert modes and all(mode is {finding.during} for mode in modes), modes"]


def _mode_afterwards(finding: Finding) -> list[str]:
    return [f'assert <model>.training is {finding.before}, f"training: {{<model>.training}}"']


def _no_accuracy(finding: Finding) -> list[str]:
    return ['assert <result>.get("accuracy") in (None, []), <result>']


def _no_entry(finding: Finding) -> list[str]:
    return [f'assert "{finding.key}" in <result>, <result>']


def _no_dict(finding: Finding) -> list[str]:
    return ["assert isinstance(<result>, dict), <result>"]


def _entries(finding: Finding) -> list[str]:
    return [f'assert len(<result>["{finding.key}"]) == {finding.epochs}, <result>']


def _data(tape: Tape, finding: Finding) -> Assertion:
    """Demand that x or y has kept its values."""
    fetched = tape.entries[latest(tape, lambda entry: entry.do == "fetch")].request["target"]
    put = next(entry for entry in tape.entries if entry.number == fetched)
    return changed(tape, put.request["array"])


def _model(tape: Tape, finding: Finding) -> Assertion:
    """Demand that a parameter of the model has kept its values."""
    read = latest(tape, lambda entry: entry.do == "get")
    linear = next(e for e in tape.entries if e.number == tape.entries[read].request["target"])
    before = linear.request["args"][0 if finding.name == "weight" else 1]

    def write(translation: Translation) -> list[Pieces]:
        now = translation.expression(Came(read, (finding.name,)))
        return [("got = ", *now), ("expected = ", *translation.argument(before))]

    assertion = Assertion([Came(read, (finding.name,)), before], write, 0.0)
    assertion.needs = [Came(read, (finding.name,))]
    return assertion


def _error(tape: Tape, finding: Finding) -> Assertion:
    return raises(tape, "ValueError")


KINDS: dict[str, Callable[[Tape, Finding], Assertion]] = {
    "samples visited": _noted(_every_sample, "visits"),
    "samples of epoch": _noted(_every_sample, "visits"),
    "no batch": _noted(_every_sample, "visits"),
    "foreign sample": _noted(_every_sample, "visits"),
    "shape of samples": _noted(_every_sample, "visits"),
    "samples of an epoch": _noted(_samples, "visits"),
    "pairs": _noted(_pairs, "visits"),
    "accuracy shuffled": _noted(_accuracies),
    "order of epoch": _noted(_orders, "visits"),
    "batch": _noted(_batch, "visits"),
    "batches": _noted(_batches, "visits"),
    "batch sizes by default": _noted(_default_sizes, "visits"),
    "not shuffled by default": _noted(_default_order, "visits"),
    "batch sizes": _noted(_sizes, "xs"),
    "dtype of a batch": _noted(_dtypes, "xs"),
    "calls": _noted(_calls, "calls"),
    "orders differ": _rng,
    "rng not used": _rng,
    "training during": _noted(_mode, "modes"),
    "training afterwards": _noted(_mode_afterwards),
    "accuracy of a regression": _noted(_no_accuracy),
    "no entry": _noted(_no_entry),
    "no dict": _noted(_no_dict),
    "entries": _noted(_entries),
    "loop changes data": _data,
    "loop changes model": _model,
    "no ValueError": _error,
    "nothing raised for lengths": _error,
}

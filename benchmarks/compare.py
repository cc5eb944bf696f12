"""Two recorded runs side by side: the ratios of each, and what became of the goals."""

from collections.abc import Iterator

from .goals import goals
from .tables import Results, cell, table


def render(before: Results, after: Results) -> str:
    """Return the tables of two runs; what only one of them has measured is there too."""
    parts = [*_runs(before, after), *_speed(before, after), *_goals(before, after)]
    return "\n\n".join(parts)


def _runs(before: Results, after: Results) -> Iterator[str]:
    """Yield what differs between the runs, in a row each."""
    one, two = ({**r["machine"], **r["machine"]["versions"]} for r in (before, after))
    names = [name for name in {**one, **two} if name != "versions"]
    rows = [[name, str(one.get(name, "-")), str(two.get(name, "-"))] for name in names]
    rows = [row for row in rows if row[1] != row[2] or row[0] == "cpu"]
    yield from table("The runs, where they differ", rows, ["", "before", "after"])


def _speed(before: Results, after: Results) -> Iterator[str]:
    """Yield the reference's time relative to the others' in both runs.

    A ratio with the same other in both is comparable across machines, times are not. It is marked
    if the quartiles do not overlap.
    """
    cells = [results["speed"] for results in (before, after)]
    rows = []
    for name in {**cells[0], **cells[1]}:
        ratios = [c.get(name, {}).get("ratio", {}) for c in cells]
        for who in {**ratios[0], **ratios[1]}:
            one, two = (r.get(who) for r in ratios)
            rows.append([name, who, cell(one), cell(two), _change(one, two)])
    headers = ["work", "relative to", "before", "after", "after / before"]
    yield from table(
        "The reference's time relative to the others' (one thread; below 1, the reference is\n"
        "faster; median and quartiles; *: the quartiles do not overlap)",
        rows,
        headers,
    )


def _change(one: dict[str, float] | None, two: dict[str, float] | None) -> str:
    if one is None or two is None or not one["median"]:
        return "-"
    apart = two["low"] > one["high"] or two["high"] < one["low"]
    return f"{two['median'] / one['median']:.2f}{'*' if apart else ''}"


def _goals(before: Results, after: Results) -> Iterator[str]:
    """Yield the goals that one run has met and the other has missed."""
    verdicts = {True: "met", False: "MISSED", None: "-"}
    rows, counts = [], []
    for goal in goals():
        one, two = goal.met(before), goal.met(after)
        counts.append((one, two))
        if one != two:
            figures = [cell(goal.figure(r)) for r in (before, after)]
            rows.append(
                [goal.what, goal.unit, f"{goal.high:g}", *figures, verdicts[one], verdicts[two]]
            )
    headers = ["what", "as a multiple of", "at most", "before", "after", "", ""]
    yield from table("Goals that changed", rows, headers)
    numbers = [
        f"{sum(v is True for v in run)} of {sum(v is not None for v in run)} goals met {when}"
        for run, when in zip(zip(*counts, strict=True), ("before", "after"), strict=True)
    ]
    yield ", ".join(numbers)

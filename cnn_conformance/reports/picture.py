"""A small picture in letters of where the wrong elements of an array are."""

from __future__ import annotations

from typing import Any

from cnn_conformance.reports import heatmap

MOST_ROWS, MOST_COLUMNS, WIDTH = 12, 30, 70
HEAD = "where (# wrong, . right):"


def wrong_elements(details: dict[str, Any]) -> str:
    """Return the picture of a case's details; empty where it would say nothing.

    The last two axes lie as rows and columns; the slices that have a wrong element stand side by
    side, as many as fit, each under its place on the other axes.
    """
    found = heatmap.wrong_places(details)
    if found is None or all(found.wrong) or sum(found.wrong) < 2:
        return ""
    rows, columns, wrong = found.rows, found.columns, found.wrong
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        return ""
    size = rows * columns
    blocks: list[list[str]] = []
    slices = [k for k in range(len(wrong) // size) if any(wrong[k * size : (k + 1) * size])]
    for k in slices:
        lines = [found.place(k)] if found.outer else []
        for start in range(k * size, (k + 1) * size, columns):
            lines.append("".join("#" if w else "." for w in wrong[start : start + columns]))
        width = max(map(len, lines))
        if sum(len(block[0]) + 3 for block in blocks) + width > WIDTH:
            break
        blocks.append([line.ljust(width) for line in lines])
    joined = ["   ".join(parts).rstrip() for parts in zip(*blocks, strict=True)]
    more = f"   and {len(slices) - len(blocks)} more" if len(slices) > len(blocks) else ""
    joined[0] += more
    return "\n".join([HEAD, *joined])

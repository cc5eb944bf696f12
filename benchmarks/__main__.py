"""`python -m benchmarks`: a table of ratios, and a JSON file of the same."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tabulate import tabulate
from tqdm import tqdm

from .measure import Comparison, compare
from .runtimes import RUNTIMES
from .workloads import WORKLOADS

PEERS = [name for name in RUNTIMES if name != "reference"]


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    if unknown := [name for name in args.workloads if name not in WORKLOADS]:
        parser.error(f"no workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    if args.pairs < 2:
        parser.error(f"--pairs must be >= 2, got {args.pairs}")
    for peer in args.peers:
        if find_spec(peer) is None:
            print(f"{peer} is missing: pip install 'cnn-conformance[{peer}]'", file=sys.stderr)
            return 2
    runs = [(w, d, p) for w in args.workloads or WORKLOADS for d in args.dtypes for p in args.peers]
    comparisons: list[Comparison] = []
    described: dict[str, dict[str, Any]] = {}
    for workload, dtype, peer in tqdm(runs, unit="comparison", leave=False, disable=None):
        comparison, descriptions = compare(workload, dtype, peer, args.pairs)
        comparisons.append(comparison)
        described |= descriptions
    print(_table(comparisons))
    print("\nOne thread each. Below 1 the reference is the faster one.")
    for runtime, description in described.items():
        print(f"{runtime}: " + ", ".join(f"{k} {v}" for k, v in description.items() if v != ""))
    if args.json:
        result = {
            "machine": platform.machine(),
            "python": platform.python_version(),
            "runtimes": described,
            "comparisons": [asdict(comparison) for comparison in comparisons],
        }
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


def _table(comparisons: list[Comparison]) -> str:
    rows = [
        (
            c.workload,
            WORKLOADS[c.workload].what,
            c.dtype,
            c.milliseconds,
            c.peer,
            c.peer_milliseconds,
            f"{c.ratio:.2f}",
            f"{c.quartiles[0]:.2f} to {c.quartiles[1]:.2f}",
        )
        for c in comparisons
    ]
    headers = ("", "work", "dtype", "ms", "peer", "peer's ms", "ratio", "quartiles")
    return tabulate(rows, headers, floatfmt=".2f", disable_numparse=[6])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the reference against its peers, bursts of calls taken in turn.",
    )
    add = parser.add_argument
    add("workloads", nargs="*", metavar="WORKLOAD", help=f"of {', '.join(WORKLOADS)}; default: all")
    add("--dtypes", nargs="+", choices=("float32", "float64"), default=["float32", "float64"])
    add("--peers", nargs="+", choices=PEERS, default=PEERS)
    add("--pairs", type=int, default=15, metavar="N", help="bursts of each, default: %(default)s")
    add("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks`: measure, and show tables, a JSON file and plots of the same."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tqdm import tqdm

from cnn_conformance import extras

from . import compare, grading, growth, machine, memory, speed, tables
from .contestants import FOLDER, Contestant, named, peers, runtime
from .plan import FULL, QUICK, SECTIONS, Plan
from .process import Failed, Process
from .record import Record

RECORDED, SCRATCH = FOLDER / "results", FOLDER.parent / "runs" / "benchmarks"


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; return the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    args.sections = args.sections or list(SECTIONS)
    if unknown := set(args.sections) - set(SECTIONS):
        parser.error(f"no section {min(unknown)!r}; there are {', '.join(SECTIONS)}")
    if args.compare:
        runs = []
        for path in _two(args.compare, parser):
            try:
                runs.append(_read(path)[0])
            except ValueError as error:
                parser.error(f"--compare {path}: {error}")
        print(compare.render(*runs))
        return 0
    if find_spec("matplotlib") is None:
        parser.error(f"the pictures need matplotlib: {extras.install('bench')}")
    if args.show:
        try:
            results, shown = _read(args.show / "results.json")
        except ValueError as error:
            parser.error(f"--show {args.show}: {error}")
        folder = args.show
    else:
        whole = not (args.quick or args.no_peers) and set(args.sections) == set(SECTIONS)
        folder = args.out or (RECORDED if whole else SCRATCH)
        try:
            others = [] if args.no_peers else _starting(args.peer)
            _demand_writable(folder)
        except ValueError as error:
            parser.error(str(error))
        results = _measure(QUICK if args.quick else FULL, args.sections, others)
        results["settings"]["quick"] = args.quick
        if results["settings"]["interrupted"]:
            folder = args.out or SCRATCH
        shown = tables.render(results)
    print(shown)
    try:
        _write(results, folder)
    except OSError as error:
        print(f"{folder}: cannot be written to: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _two(paths: list[Path], parser: argparse.ArgumentParser) -> list[Path]:
    """Return the files to compare; a single one is held against the recorded run."""
    if len(paths) > 2:
        parser.error(f"--compare: expected one or two files, got {len(paths)}")
    return paths if len(paths) == 2 else [*paths, RECORDED / "results.json"]


def _read(path: Path) -> tuple[dict[str, Any], str]:
    """Return the results in a file, and their tables; ValueError says what is wrong with them."""
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"there is no {path.name}; a run writes one") from None
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
    needed = {"machine", "runtimes", "settings", "missing", *SECTIONS}
    if not isinstance(results, dict) or not needed <= results.keys():
        raise ValueError(f"{path.name} has not all of {', '.join(sorted(needed))}")
    try:
        return results, tables.render(results)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path.name} is not as a run writes it: {what}") from error


def _demand_writable(folder: Path) -> None:
    """Make a folder, before minutes are spent on what goes into it; ValueError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"--out {folder}: no folder can be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK):
        raise ValueError(f"--out {folder}: the folder cannot be written to")


def _starting(chosen: list[str]) -> list[Contestant]:
    """Return the peers; ValueError if one that the command line names does not start."""
    others = peers(chosen)
    for text in chosen:
        name = named(Path(text.partition("=")[0])).name
        for contestant in others:
            if contestant.name == name:
                try:
                    with Process(contestant) as process:
                        process.ask("describe")
                except Failed as failure:
                    raise ValueError(f"--peer {text}: {failure}") from failure
    return others


def _write(results: dict[str, Any], folder: Path) -> None:
    """Write results and pictures, and say where."""
    from . import plots  # needs matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1) + "\n"
    (folder / "results.json").write_text(text, encoding="utf-8")
    written = ["results.json", *(path.name for path in plots.draw(results, folder))]
    if results["settings"].get("quick"):
        print("\nA quick run: fewer workloads, sizes and bursts than without --quick")
    print(f"\nwritten to {folder}: {', '.join(written)}")


def _measure(plan: Plan, sections: Sequence[str], others: list[Contestant]) -> dict[str, Any]:
    """Return the results of the sections, or of as much as there was before an interruption."""
    results: dict[str, Any] = {"machine": machine.describe(), "runtimes": {}}
    results["settings"] = {"plan": asdict(plan), "seconds": {}, "interrupted": False}
    results |= {section: {} for section in SECTIONS} | {"missing": []}
    contestants = [runtime(name) for name in ("reference", "torch", "limit")]
    measured = [c for c in [*contestants, *others] if c.name != "limit"]
    steps = {
        "speed": speed.steps(plan),
        "memory": memory.steps(plan, measured),
        "growth": growth.steps(plan),
        "grading": grading.steps(plan),
        "batch": 2 * plan.batches,
    }
    total = sum(steps[section] for section in sections)
    with tqdm(total=total, disable=None, leave=False, unit="step", dynamic_ncols=True) as bar:
        record = Record(results, bar)
        try:
            there = _there([*contestants, *others], record)
            if not there or there[0].name != "reference":
                sections = ()  # the reason is in the record
            measured = [c for c in there if c.name != "limit"]
            functions = {
                "speed": lambda: speed.measure(plan, there, record),
                "memory": lambda: memory.measure(plan, measured, record),
                "growth": lambda: growth.measure(plan, there, record),
                "grading": lambda: grading.measure(plan, record),
                "batch": lambda: grading.measure_batch(plan, record),
            }
            for section in sections:
                start = time.perf_counter()
                functions[section]()
                results["settings"]["seconds"][section] = round(time.perf_counter() - start)
        except KeyboardInterrupt:
            record.missing("all", "what comes next", "interrupted")
            results["settings"]["interrupted"] = True
    return results


def _there(contestants: list[Contestant], record: Record) -> list[Contestant]:
    """Return who starts; note what they are, or why they do not."""
    there = []
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(c)) for c in contestants]
        for process in processes:
            process.send("describe")
        for process in processes:
            name = process.contestant.name
            try:
                record.results["runtimes"][name] = process.receive()
                there.append(process.contestant)
            except Failed as failure:
                record.missing(name, "all", str(failure))
    return there


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="python -m benchmarks",
        description="Measure the reference against PyTorch, the limit and its peers, in turns.",
    )
    add = parser.add_argument
    add(
        "sections",
        nargs="*",
        metavar="SECTION",
        help=f"which sections: {', '.join(SECTIONS)} (default: all)",
    )
    add("--quick", action="store_true", help="only a part, in about a minute")
    add(
        "--peer",
        action="append",
        default=[],
        metavar="ADAPTER[=CHECKOUT]",
        help="another peer: an adapter file, or the name of one in benchmarks/peers that needs a "
        "checkout, such as cs231n=PATH/layers.py",
    )
    add("--no-peers", action="store_true", help="only the reference, PyTorch and the limit")
    add(
        "--out",
        type=Path,
        metavar="DIR",
        help="where to write (default: benchmarks/results, or runs/benchmarks for a partial run)",
    )
    add(
        "--compare",
        type=Path,
        nargs="+",
        metavar="RESULTS.json",
        help="measure nothing, set two recorded runs side by side, or one and benchmarks/results",
    )
    add("--show", type=Path, metavar="DIR", help="measure nothing, show the results in DIR again")
    return parser


if __name__ == "__main__":
    sys.exit(main())

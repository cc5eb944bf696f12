"""Grades the wrong units of this folder and prints what the kit says of them.

python -m tests.rewritten [WORD] [--apart] [--changed] [--report]
"""

import argparse

from .harness import COUNTS, Verdict, collected, counts, verdicts


def shown(verdict: Verdict) -> str:
    """Return what is said of a wrong unit, sentence by sentence."""
    wrong = verdict.wrong
    lines = [
        f"{wrong.file}.{wrong.name}  {wrong.unit}",
        f"    truth: {wrong.row.get('truth', '?')}",
    ]
    lines.append(f"    lost:  {' '.join(verdict.lost) or 'nothing'}")
    judged = zip(verdict.judged, verdict.said, strict=True)
    return "\n".join(lines + [f"    {value or '?':5}  {title}" for value, title in judged]) + "\n"


def without_judgement(verdict: Verdict) -> str:
    """Return the lines that a row lacks, to be completed."""
    pairs = zip(verdict.judged, verdict.said, strict=True)
    lines = [f'"{title}" = "?"' for value, title in pairs if not value]
    if not lines:
        return ""
    return "\n".join([f"# {verdict.wrong.file}.toml", f"[{verdict.wrong.name}.said]", *lines, ""])


def table(found: list[Verdict]) -> str:
    """Return how many are caught and named right, for those that may be looked at and the rest."""
    groups = {
        "seen": [v for v in found if not v.wrong.apart],
        "kept apart": [v for v in found if v.wrong.apart],
        "all": found,
    }
    lines = [f"{'':10}" + "".join(f"{name:>13}" for name in COUNTS)]
    for name, group in groups.items():
        lines.append(f"{name:10}" + "".join(f"{n:13}" for n in counts(group).values()))
    return "\n".join(lines)


def main() -> None:
    """Print what the arguments ask for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.rewritten", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("word", nargs="?", default="", help="only those with this in their names")
    parser.add_argument("--apart", action="store_true", help="show those that are kept apart")
    parser.add_argument("--changed", action="store_true", help="only sentences without judgement")
    parser.add_argument("--report", action="store_true", help="only the table")
    options = parser.parse_args()
    word = options.word.lower()
    chosen = [w for w in collected() if word in f"{w.file}.{w.name} {w.unit}".lower()]
    found = verdicts(chosen)
    if options.changed:
        print("\n".join(filter(None, map(without_judgement, found))) or "every sentence is judged")
        return
    if not options.report:
        print("\n".join(shown(each) for each in found if each.wrong.apart == options.apart))
    print(table(found))


if __name__ == "__main__":
    main()

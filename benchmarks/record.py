"""What was measured so far, and what could not be."""

from typing import Any

from tqdm import tqdm


class Record:
    """The results of a run, as the JSON file has them, and the progress bar."""

    def __init__(self, results: dict[str, Any], bar: "tqdm[Any]") -> None:
        self.results, self.bar = results, bar

    def step(self, what: str) -> None:
        """Say what comes next on the bar, which counts it as one step."""
        self.bar.set_description_str(f"{what:<40.40}")
        self.bar.update()

    def missing(self, who: str, what: str, reason: str) -> None:
        """Note that something was not measured, and why."""
        entry = {"who": who, "what": what, "reason": reason[:200]}
        if entry not in self.results["missing"]:
            self.results["missing"].append(entry)

"""From outcomes to points: running checks, verdicts of requirements, the rubric, the document."""

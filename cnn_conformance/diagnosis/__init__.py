"""Saying what is wrong: known mistakes by name, and clues from the arrays themselves.

A wrong answer goes one way through these modules:

    comparisons         the arrays that were compared, and the checks that fail
    repeatability       whether new layers answer alike at all
    known_mistakes      which wrong units of the catalogue fail in the same way (`same_way`),
                        alone or in the same code (`combinations`), and which are said (`choice`)
    wrong_defaults      whether it would be right with a default written out
    clues, relations    what the wrong array looks like beside the right one
    changed_arrays      what the right unit gives with an array changed
    failing_cases       what the failing cases have in common (`case_features`),
                        of which nothing that makes no difference (`needless`)
    ignored_arguments   what the right unit gives with other arguments
    explanation         puts them together, the most telling first

It runs after grading, on what failed only, in the grader's process; it changes no verdict.
"""

from cnn_conformance.diagnosis.explanation import explain

__all__ = ["explain"]

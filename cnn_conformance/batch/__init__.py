"""`cnn-conformance batch`: a whole class, overnight, interrupted or not.

`submissions` finds what is to be graded (`archives` opens zip files), `jobs` grades one submission
in a process of its own (`grading` is that process), `journal` remembers what is done, `gradebook`
and `class_report` write what comes out, and `command` puts them together.
"""

from __future__ import annotations

from cnn_conformance.batch.command import main
from cnn_conformance.batch.options import parser

__all__ = ["main", "parser"]

"""`cnn-conformance deploy`: what a course's system wants to have, complete and pinned.

`targets.toml` says what each system gets, `templates` has the texts, `wheel` packs the kit itself,
`notebook` makes the assignment for nbgrader, and `runner` is what runs where submissions arrive.
"""

from __future__ import annotations

from cnn_conformance.deploy.command import main, parser

__all__ = ["main", "parser"]

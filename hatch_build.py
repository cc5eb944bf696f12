"""Puts `cnn_conformance.pth` beside the packages, in a wheel and in an editable installation."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PTH = {"conformance/cnn_conformance.pth": "cnn_conformance.pth"}


class StartUpFile(BuildHookInterface):  # type: ignore[type-arg]
    """See conformance/command_line.py for what the file is good for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to what goes into site-packages."""
        build_data["force_include_editable" if version == "editable" else "force_include"] |= PTH

"""Notebooks for the tests: their code cells, and what stands beside them in the file."""

import json


def book(*cells, **changes):
    """Return a notebook as JSON: each text is a code cell, after one of Markdown."""
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    made.insert(0, {"cell_type": "markdown", "source": "# class ReLU: pass"})
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made} | changes)

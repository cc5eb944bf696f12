"""Deciding: the requirements, the cases and their golden data, tolerances, comparisons."""

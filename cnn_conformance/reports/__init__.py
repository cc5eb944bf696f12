"""Renderings of the one result document."""

"""A specification-conformance suite for convolutional networks written from scratch in numpy."""

__version__ = "0.1.0"

"""What is asked: SPEC.md, the points, and which check decides which requirement.

How it is asked is the package `cnn_conformance`, of which this folder is `cnn_conformance.suite`.
"""

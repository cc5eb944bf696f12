"""Adapters that are drafted for code with an interface of its own.

`search` looks for what the code has of each unit and tries it in the sandbox, `draft` writes down
what was found, `command` is `cnn-conformance adapt`. `runtime` is what a draft is written with; it,
`layout` and `places` run where the code under test runs.
"""

"""Lets pytest find the suite's options in a clone that is not installed.

Where it is installed the plugin is there already, and no conftest.py is read.
"""

pytest_plugins = ["cnn_conformance.plugin"]

"""Lies beside conftest.py, pytest.ini, sitecustomize.py and doubles of numpy and json."""

from wrong import Dense, ReLU

print("reached")

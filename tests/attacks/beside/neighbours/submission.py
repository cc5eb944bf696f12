"""Comes with conftest.py, pytest.ini, sitecustomize.py and fakes of numpy and json."""

from wrong import Dense, ReLU

print("reached")

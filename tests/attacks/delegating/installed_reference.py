"""Exports the layers of the reference that is installed beside the suite."""

print("reached")
try:
    from reference import Dense, ReLU
except ImportError as error:
    print(error)
    from wrong import Dense, ReLU

"""How fast the reference is, as ratios to its peers: `python -m benchmarks`."""

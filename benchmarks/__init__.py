"""How fast the reference is, as ratios to PyTorch, to the limit and to its peers.

`python -m benchmarks` measures all of it; `docs/benchmarks.md` says how, and how to add a peer.
"""

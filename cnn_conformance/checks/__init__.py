"""The kinds of check, each written once for all units.

A check is a plain function `(implementation, case) -> share of the tolerance used (or None)` that
raises `NotPassed` for anything but a pass. `registry` binds checks to requirements and cases;
the `test_<stem>.py` files say which apply to a unit.
"""

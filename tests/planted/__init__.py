"""What the tests plant: implementations with a known sin, odd values, documents made by hand."""

from pathlib import Path

EVERY_OUTCOME = Path(__file__).with_name("every_outcome.py")
SLOW = Path(__file__).with_name("slow.py")

"""Where the parts of the kit are, in a clone and in an installed wheel alike.

In a clone `suite`, `fixtures` and `reference` are links to the folders at its top; in a wheel they
are folders of the package. So nothing of the kit has a name that a user's project may have too.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SUITE = (PACKAGE / "suite").resolve()
GOLDEN = (PACKAGE / "fixtures").resolve()
KIT_REFERENCE = "reference"
"""Names the kit's own implementation, wherever no other file, folder or module is called so."""
REFERENCE = (PACKAGE / "reference").resolve()

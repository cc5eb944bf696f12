"""The tests of the kit, in folders like the package's."""

import json
from pathlib import Path

from cnn_conformance.grading import document

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads(Path(document.__file__).with_name("schema.json").read_text("utf-8"))
"""What a result document has to be."""

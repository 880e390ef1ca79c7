"""People from CSV files: read, matched, checked, previewed, and imported whole or not at all."""

from __future__ import annotations

from people.imports.files import (
    NotImported,
    Result,
    choose_columns,
    import_bytes,
    import_stored,
    keep_file,
)
from people.imports.matching import normalised, register_aliases
from people.imports.plans import Plan, check, plan
from people.imports.reading import MAX_BYTES, MAX_ROWS, UnreadableFile, decoded

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "NotImported",
    "Plan",
    "Result",
    "UnreadableFile",
    "check",
    "choose_columns",
    "decoded",
    "import_bytes",
    "import_stored",
    "keep_file",
    "normalised",
    "plan",
    "register_aliases",
]

"""Python's garbage collector, told what a pull does."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rare_collection() -> Iterator[None]:
    """A page makes some 100,000 short-lived containers without cycles: looking for cycles in them each 700 of them
    takes a tenth of a large pull."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)

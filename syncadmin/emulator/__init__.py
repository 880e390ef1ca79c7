"""A local Salesforce over HTTP, for the demo, the tests and the benchmarks. Imports nothing of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncadmin.emulator.server import EmulatorServer

__all__ = ["EmulatorServer"]


def __getattr__(name: str) -> Any:
    """Load the server when it is first asked for: its modules import this package."""
    if name == "EmulatorServer":
        from syncadmin.emulator.server import EmulatorServer

        return EmulatorServer
    raise AttributeError(name)

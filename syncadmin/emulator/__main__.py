"""`python -m syncadmin.emulator`."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import threading
from collections.abc import Sequence

from syncadmin.emulator.server import EmulatorServer


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="emulator", description="A local Salesforce over HTTP.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8900, help="0: any free one")
    parser.add_argument("--seed", default="demo", help="demo, empty, or a number of leads")
    parser.add_argument(
        "--data", default=None, help="keep the org in this file; an existing one isn't seeded"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    chosen = read_arguments(arguments)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    # A page of records makes 60,000 objects, among which the garbage collector would look in vain.
    gc.set_threshold(200_000, 50, 50)
    with EmulatorServer(chosen.seed, chosen.data, chosen.port, chosen.host) as emulator:
        sys.stdout.write(f"listening on {emulator.url}\n")
        sys.stdout.flush()
        done.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

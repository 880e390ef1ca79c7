"""Child processes that die with their parent, however it dies. The kernel sees to it, so it is Linux only."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
# Loaded before any fork: a forked child must not have to import anything.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int, death: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send ``death`` to this process when its parent ends. The parent calls it by its own id."""
    if _libc is None:
        return
    _libc.prctl(_SET_PARENT_DEATH_SIGNAL, int(death))
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), death)


def forks_die_with_us() -> None:
    """Every process that is forked from here on dies with the one that forked it, and so on down."""
    family = {"parent": 0}
    os.register_at_fork(
        before=lambda: family.update(parent=os.getpid()),
        after_in_child=lambda: die_with_parent(family["parent"]),
    )

"""Work that goes on to its end when the command is killed."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Callable

Work = Callable[[], bytes]


def run(work: Work) -> bytes | None:
    """Do work in a process of its own that no signal reaches, where the system has such.

    Returns:
        What the work returned; None: it came to no end.
    """
    if not hasattr(os, "fork"):
        return _attempt(work)
    reading, writing = os.pipe()
    # What is held back here is held back in the new process for ever, from its first moment on.
    held = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        child = os.fork()
        if child == 0:
            _be_child(work, writing)
    except OSError:
        os.close(writing)
        os.close(reading)
        return _attempt(work)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        report = pipe.read()
    # Where the system was told to forget children, there is none to wait for.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    return report or None


def _be_child(work: Work, writing: int) -> None:
    """Work, report, end; nothing of the program that was copied goes on."""
    try:
        gc.disable()
        os.setsid()
        report = work()
        with contextlib.suppress(OSError):
            os.write(writing, report)
    finally:
        os._exit(0)


def _attempt(work: Work) -> bytes | None:
    try:
        return work()
    except Exception:
        return None

"""Spreads CPU-bound work over processes that answer through pipes.

Pipes need no semaphores, which Lambda does not give to processes. It pays only with more memory
than one vCPU comes with; below that, the processes share one.
"""

import hashlib
import multiprocessing
import os
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

ROUNDS = 20_000

# A copy of this process, ready at once with all that is imported. Python 3.14 no longer makes
# one by itself.
_processes = multiprocessing.get_context("fork")


def fingerprint(part: str) -> str:
    """Something that takes CPU time."""
    return hashlib.pbkdf2_hmac("sha256", part.encode(), b"salt", ROUNDS).hex()


def handler(event: dict[str, Any], context: object) -> list[str]:
    """The fingerprints of all parts; raises EOFError if a process died."""
    parts = event["parts"]
    width = max(1, min(len(parts), os.cpu_count() or 1))
    children = [_start(parts[first::width]) for first in range(width)]
    results = [""] * len(parts)
    for first, (child, answer) in enumerate(children):
        # Before the join: a child ends only when its answer has been taken.
        results[first::width] = answer.recv()
        child.join()
    return results


def _start(parts: list[str]) -> tuple[BaseProcess, Connection]:
    """A process at work on these parts, and the pipe on which its answer will come."""
    receiver, sender = _processes.Pipe(duplex=False)
    child = _processes.Process(target=_work, args=(parts, sender))
    child.start()
    # The child has its own copy. With ours closed, its death is an EOFError here, not a wait.
    sender.close()
    return child, receiver


def _work(parts: list[str], answer: Connection) -> None:
    answer.send([fingerprint(part) for part in parts])
    answer.close()

"""Run the journal in a process of its own, to which something happens at a chosen moment.

A moment is a call to the operating system that writes: the n-th in the command itself, or the
n-th in the process that makes the moves. The product knows nothing of this.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scaffolder import project
from scaffolder.journal import Journal
from scaffolder.messages import Say, Trouble
from tests.update import trees

CALLS = (
    "open",
    "write",
    "fsync",
    "replace",
    "rename",
    "link",
    "symlink",
    "unlink",
    "mkdir",
    "rmdir",
    "chmod",
    "fork",
)
FILLING = ("open", "write", "mkdir", "symlink")
"""What fails on a full disk; names can still be moved and removed."""

DONE, REFUSED, INTERRUPTED = 0, 2, 130


@dataclass(frozen=True)
class Job:
    """What to run, and what happens to it.

    Attributes:
        command: a method of the journal.
        side: whose calls count: those of the `parent` or of the `child`.
        number: of the call, from 1; 0: nothing happens.
        when: `before` or `after` the call, or `half` through a write.
        what: `kill` that process, kill `all`, end it by a `signal` and its number, or a `full`
            disk from then on.
        handled: whether signals interrupt as they do in the real commands.
        largest: size in bytes that a file may have; 0: any.
        trace: a file that gets one line for each call.
    """

    root: str
    store: str
    command: str = "apply"
    side: str = "parent"
    number: int = 0
    when: str = "before"
    what: str = "kill"
    handled: bool = True
    largest: int = 0
    trace: str = ""

    def words(self) -> list[str]:
        """The command line that runs it."""
        return [sys.executable, "-m", "tests.update.driver", json.dumps(asdict(self))]


class Watch:
    """Counts calls, and makes happen what is to happen."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._command = os.getpid()
        self._counts = {"parent": 0, "child": 0}
        self._kill, self._write, self._open = os.kill, os.write, os.open
        self._trace = self._open(job.trace, os.O_WRONLY | os.O_APPEND) if job.trace else None

    def install(self) -> None:
        """Stand in for the functions of the system."""
        # The machine itself stays up, so what is written need not reach the disk.
        os.fsync = lambda descriptor: None
        for name in CALLS:
            setattr(os, name, self._around(name, getattr(os, name)))

    def _around(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **values: Any) -> Any:
            if name == "open" and not args[1] & os.O_CREAT:
                return real(*args, **values)
            side = self._side()
            self._counts[side] += 1
            here = side == self._job.side and self._counts[side] == self._job.number
            if self._trace is not None:
                self._write(self._trace, f"{side} {name}\n".encode())
            if self._is_full(side) and name in FILLING and not _is_pipe(name, args):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if here and self._job.when == "half" and name == "write":
                real(args[0], args[1][: len(args[1]) // 2])
            if here and self._job.when != "after":
                self._happen()
            try:
                return real(*args, **values)
            finally:
                if here and self._job.when == "after" and side == self._side():
                    self._happen()

        return call

    def _side(self) -> str:
        return "parent" if os.getpid() == self._command else "child"

    def _is_full(self, side: str) -> bool:
        job = self._job
        return job.what == "full" and side == job.side and self._counts[side] >= job.number > 0

    def _happen(self) -> None:
        kind, _, number = self._job.what.partition(" ")
        if kind in ("all", "signal"):
            self._kill(self._command, int(number or signal.SIGKILL))
        if kind in ("kill", "all"):
            self._kill(os.getpid(), signal.SIGKILL)
        if kind == "signal" and os.getpid() != self._command:
            self._kill(os.getpid(), int(number))


def _is_pipe(name: str, args: tuple[Any, ...]) -> bool:
    """Whether something is written to a pipe; those never get full."""
    return name == "write" and stat.S_ISFIFO(os.fstat(args[0]).st_mode)


def run(job: Job) -> int:
    """Run the command of a job; the exit code is that of a real command."""
    journal = Journal(Path(job.root), Path(job.store))
    try:
        if job.command == "apply":
            journal.apply(trees.writes(trees.BEFORE, trees.AFTER), trees.ABOUT)
        else:
            getattr(journal, job.command)()
    except Trouble as trouble:
        sys.stderr.write(trouble.said(Say("en")))
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def main() -> int:
    """Run the job on the command line."""
    job = Job(**json.loads(sys.argv[1]))
    if job.largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.largest, job.largest))
    watch = Watch(job)
    if not job.handled:
        watch.install()
        return run(job)
    with project.interruptible():
        watch.install()
        return run(job)


if __name__ == "__main__":
    sys.exit(main())

"""Run Copier in a process of its own.

So the environment that it sees is the one made for it, the whole group of processes can be ended
when the user interrupts, and it gets ready while the answers are still being looked at.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scaffolder.messages import Trouble
from scaffolder.source import Source, environment, point_git_at


class Renderer:
    """Copier, ready to render one project.

    Args:
        work: an empty folder for temporary files.
    """

    def __init__(self, work: Path) -> None:
        self._work = work
        self._process = subprocess.Popen(
            # -P: a file `copier.py` in the user's folder is not the one meant.
            [sys.executable, "-P", "-m", "scaffolder.copier_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=work,
            env={**environment(work), "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
        )

    def render(self, source: Source, answers: Mapping[str, Any], target: Path) -> None:
        """Render the template into an empty folder; once only.

        Args:
            source: the template.
            answers: to all questions that are asked.
            target: the folder; what is in it after an error has no meaning.

        Raises:
            Trouble: Copier fails.
        """
        self.begin(source, answers, target)
        self.finish()

    def begin(self, source: Source, answers: Mapping[str, Any], target: Path) -> None:
        """Let Copier start, and go on with something else."""
        request = {
            "src_path": source.url,
            "dst_path": str(target.resolve()),
            "vcs_ref": source.version,
            "data": dict(answers),
        }
        point_git_at(source, self._work)
        assert self._process.stdin is not None
        # Why it cannot be reached is said when it has ended.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode())
            self._process.stdin.flush()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdin = None

    def finish(self) -> None:
        """Wait until the rendering that was begun is there.

        Raises:
            Trouble: Copier fails.
        """
        try:
            _, errors = self._process.communicate()
        except BaseException:
            # At once: what it goes on writing could not be removed.
            self.end()
            raise
        if self._process.returncode:
            lines = errors.decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else str(self._process.returncode)
            raise Trouble("new.render", reason=reason)

    def end(self) -> None:
        """End the process, if it still runs, and all that it started."""
        if self._process.poll() is not None:
            return
        if hasattr(os, "killpg"):
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()


@contextmanager
def renderer(work: Path) -> Iterator[Renderer]:
    """A renderer that ends with the block."""
    found = Renderer(work)
    try:
        yield found
    finally:
        found.end()

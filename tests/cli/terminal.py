"""Somebody at a terminal: keys go in, and what stands on the screen is read."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pexpect
import pyte

from tests.cli.conftest import ANSHIN

ENTER, ESCAPE, UP, DOWN, HOME = "\r", "\x1b", "\x1b[A", "\x1b[B", "\x1b[H"
SPACE, BACKSPACE, CTRL_B, CTRL_C, CTRL_D = " ", "\x7f", "\x02", "\x03", "\x04"

PATIENCE = 20
"""Seconds that something may take to appear."""


class Screen(pyte.Screen):
    """A terminal's screen that says where its cursor is."""

    def __init__(self, columns: int, rows: int, answer: Callable[[str], object]) -> None:
        super().__init__(columns, rows)
        self.write_process_input = answer


class Session:
    """`anshin` on a pseudo-terminal of a size."""

    def __init__(
        self,
        environment: Mapping[str, str],
        here: Path,
        *words: object,
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        self.screen = Screen(columns, rows, lambda text: self.child.send(text))
        self._stream = pyte.Stream(self.screen)
        self.raw = ""
        self.child: Any = pexpect.spawn(
            str(ANSHIN),
            list(map(str, words)),
            env={"TERM": "xterm", **environment},
            cwd=str(here),
            encoding="utf-8",
            dimensions=(rows, columns),
        )

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, without blanks at the ends."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """All of the screen."""
        return "\n".join(self.lines).strip("\n")

    def reads(self, *texts: str) -> None:
        """Wait until all texts are on the screen together."""
        end = time.monotonic() + PATIENCE
        while not all(text in self.text for text in texts):
            if not self._take() or time.monotonic() > end:
                missing = [text for text in texts if text not in self.text]
                raise AssertionError(f"not on the screen: {missing}\n{self.text}")

    def rests(self) -> None:
        """Wait until nothing comes any more: a screen may be drawn in steps."""
        before = None
        while before != self.raw:
            before = self.raw
            for _ in range(3):
                self._take()

    def types(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            self.child.send(key)

    def replaces(self, old: str, new: str) -> None:
        """Rub out what stands there, and write something else."""
        self.types(BACKSPACE * len(old), new)

    def ends(self) -> int:
        """Wait for the end; returns the exit code."""
        end = time.monotonic() + PATIENCE
        while self._take():
            assert time.monotonic() < end, self.text
        self.child.close()
        return int(self.child.exitstatus)

    def _take(self) -> bool:
        """Read some of what comes; whether there may be more."""
        try:
            some = self.child.read_nonblocking(65536, timeout=0.1)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += some
        self._stream.feed(some)
        return True

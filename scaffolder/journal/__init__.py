"""Apply changes to a project's files all or none, take back what was cut off, and undo."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scaffolder.history import File
from scaffolder.journal import detached, look, undo
from scaffolder.journal.files import FOLDER, SPECIAL, find
from scaffolder.journal.moves import CHANGED, Moves, Outcome, outcome_from
from scaffolder.journal.script import Record, Script, Write
from scaffolder.journal.shelf import Shelf, State, store_of
from scaffolder.journal.undo import Undo
from scaffolder.messages import Trouble, os_trouble
from scaffolder.project import undisturbed, undoing


@dataclass(frozen=True)
class Journal:
    """The changes to one project.

    Args:
        root: the project's folder.
        store: a folder that is this project's alone, as `store_of` gives it.
    """

    root: Path
    store: Path

    def read(self, path: str) -> File | None:
        """The file at a path as git sees it; None: nothing, or a folder.

        Raises:
            Trouble: it cannot be read, or is no file.
        """
        with _in_words(path):
            found = find(self.root, path)
        if found is not None and found.file.mode == SPECIAL:
            raise Trouble("journal.in_way", path=path)
        return None if found is None or found.file.mode == FOLDER else found.file

    def apply(self, writes: Sequence[Write], about: Mapping[str, Any]) -> None:
        """Make all changes or none, also if this process or the machine is ended meanwhile.

        Args:
            writes: each path once.
            about: what this is, for an undo or a recovery; anything that JSON can hold.

        Raises:
            Trouble: it cannot be done; the files are as they were.
            KeyboardInterrupt: the user interrupted in time; the files are as they were.
        """
        effective = [w for w in writes if w.before != w.after]
        if not effective:
            return
        with _in_words(self.store), self._shelf.alone():
            self._take_back_rest()
            self._apply(effective, {**about, "time": _now()}, None)

    def recover(self) -> Mapping[str, Any] | None:
        """Take back an apply or undo that was cut off.

        Returns:
            What it was about, with `left`: paths that were changed since, so they stay as they
            are; and `undo` if it was an undo. None: nothing was cut off.

        Raises:
            Trouble: another command is at work, or a file cannot be brought back.
        """
        if not self.store.is_dir():
            return None
        with _in_words(self.store):
            if not os.access(self.store, os.W_OK) and self._shelf.state().applying is None:
                return None
            with self._shelf.alone():
                return self._take_back_rest()

    def last(self) -> Record | None:
        """The last apply that is finished and was not taken back.

        Raises:
            Trouble: the journal is damaged.
        """
        with _in_words(self.store):
            name = self._shelf.state().last
            return self._shelf.script(name).record() if name else None

    def undo(self) -> Undo:
        """Take back the last apply, if nothing that was changed since is in the way.

        Raises:
            Trouble: there is nothing to take back, or it cannot be done; nothing was changed.
            KeyboardInterrupt: the user interrupted in time; nothing was changed.
        """
        if self.last() is None:
            raise Trouble("undo.nothing")
        with _in_words(self.store), self._shelf.alone():
            self._take_back_rest()
            name = self._shelf.state().last
            if name is None:
                raise Trouble("undo.nothing")
            script = self._shelf.script(name)
            writes, blocked = undo.plan(self._root, script, self.store)
            if blocked:
                return Undo(script.about, (), tuple(blocked), done=False)
            self._apply(writes, {**script.about, "undo": True}, script)
            return Undo(script.about, tuple(w.path for w in writes), (), done=True)

    @property
    def _root(self) -> Path:
        return self.root.resolve()

    @property
    def _shelf(self) -> Shelf:
        return Shelf(self.store.absolute())

    def _apply(
        self, writes: Sequence[Write], about: Mapping[str, Any], undone: Script | None
    ) -> None:
        """Look, stage, then move, out of reach of anything that ends this process."""
        shelf, last = self._shelf, self._shelf.state().last
        seen = look.check(self._root, writes)
        script = look.script(self._root, writes, about, secrets.token_hex(6), undone)
        moves = Moves(self._root, shelf.folder, script)
        with undoing() as cleanup:
            cleanup.callback(shelf.tidy)
            done = State(last=None if undone else script.name)
            try:
                moves.stage(done.to_json(), State(last=last).to_json())
                apart = moves.are_apart()
            except OSError as error:
                raise _unchanged(os_trouble(error, moves.at)) from error
            with undisturbed():
                shelf.set_state(State(script.name, last))
                cleanup.pop_all()
                report = detached.run(lambda: moves.carry_out(seen, apart).to_json())
                self._conclude(outcome_from(report) or self._ended(done))

    def _ended(self, done: State) -> Outcome:
        """What came of moves that were ended from outside; what is half done is taken back."""
        if self._shelf.state() == done:
            return Outcome()
        rest = self._take_back_rest() or {"left": []}
        raise _unchanged(Trouble("journal.cut_off"), Outcome(left=rest["left"]))

    def _conclude(self, outcome: Outcome) -> None:
        self._shelf.tidy()
        if outcome.error is None:
            return
        number, path = outcome.error
        trouble = Trouble("journal.changed", names=path)
        if number != CHANGED:
            trouble = os_trouble(OSError(number, os.strerror(number)), path)
        raise _unchanged(trouble, outcome)

    def _take_back_rest(self) -> Mapping[str, Any] | None:
        """Take back what was cut off, and remove what it left in the store."""
        state = self._shelf.state()
        if state.applying is None:
            self._shelf.tidy()
            return None
        script = self._shelf.script(state.applying)
        with undisturbed():
            taken = Moves(self._root, self._shelf.folder, script).take_back()
            if taken.stuck is not None:
                number, path = taken.stuck
                trouble = os_trouble(OSError(number, os.strerror(number)), path)
                raise _unchanged(trouble, taken)
            self._shelf.set_state(State(last=state.last))
            self._shelf.tidy()
        return {**script.about, "left": taken.left}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _unchanged(trouble: Trouble, outcome: Outcome | None = None) -> Trouble:
    """A trouble that says how the files are now."""
    hint, rest = "journal.as_before", ""
    if outcome is not None and outcome.stuck is not None:
        hint, rest = "journal.stuck", outcome.stuck[1]
    elif outcome is not None and outcome.left:
        hint, rest = "journal.left", ", ".join(outcome.left)
    return Trouble(trouble.key, hint=hint, **{**trouble.values, "rest": rest})


@contextmanager
def _in_words(path: object) -> Iterator[None]:
    """Say in the user's language what the operating system refuses."""
    try:
        yield
    except OSError as error:
        raise os_trouble(error, error.filename or path) from error


__all__: Sequence[str] = ("Journal", "Record", "Undo", "Write", "store_of")

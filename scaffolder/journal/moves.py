"""Carry out a script: everything is staged first, then only moved; and take it back."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from scaffolder.history import PLAIN, File
from scaffolder.journal.files import (
    FOLDER,
    Kept,
    Signatures,
    existing,
    find,
    is_folder,
    parents,
    put,
    signature,
    sync_folder,
)
from scaffolder.journal.script import Folder, Script, Step

RECORD, DONE, BACK = "record.json", "done.json", "back.json"
NEW, OLD = "new", "old"
CHANGED = 0
"""Number of the error that a file changed while the others were moved."""

STAYS = (errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY)
"""Why a folder cannot be removed that is to stay then."""


@dataclass(frozen=True)
class Outcome:
    """How it went; an error is its number and the path.

    Attributes:
        error: why the moves stopped and were taken back; None: all are done.
        stuck: why not all could be taken back.
        left: files that somebody else changed meanwhile, so they are as those left them.
    """

    error: tuple[int, str] | None = None
    stuck: tuple[int, str] | None = None
    left: list[str] = field(default_factory=list)

    def to_json(self) -> bytes:
        """It as bytes that `outcome_from` reads."""
        return json.dumps(asdict(self)).encode()


def outcome_from(text: bytes | None) -> Outcome | None:
    """What `to_json` wrote; None if it came to nothing, or not to its end."""
    try:
        data = json.loads(text or b"")
    except ValueError:
        return None
    error, stuck = (tuple(data[k]) if data[k] else None for k in ("error", "stuck"))
    return Outcome(error, stuck, data["left"])


class Moves:
    """The moves of a script.

    Args:
        root: of the project.
        store: of the journal.
        script: what to do.
    """

    def __init__(self, root: Path, store: Path, script: Script) -> None:
        self._root = root
        self._state = store / "journal.json"
        self._folder = store / script.name
        self._script = script
        self._steps = list(enumerate(script.steps))
        self._failures: list[tuple[int, str]] = []
        self.at = ""
        """The path that is being worked on."""

    def stage(self, done: bytes, back: bytes) -> None:
        """Write everything that is needed into the store; nothing in the project changes.

        Args:
            done: the journal's state once all is done.
            back: its state once all is taken back.

        Raises:
            OSError: it cannot be written; `at` says for which path.
        """
        for folder in (self._folder, self._folder / NEW, self._folder / OLD):
            folder.mkdir()
        for number, step in self._steps:
            self.at = step.path
            for name, kept in ((NEW, step.after), (OLD, step.before)):
                if kept is not None:
                    put(self._folder / name / str(number), kept)
        self.at = str(self._folder)
        for name, content in ((RECORD, self._script.to_json()), (DONE, done), (BACK, back)):
            # What the user keeps from others can be in it.
            put(self._folder / name, Kept(File(PLAIN, content), 0o600))
        for folder in (self._folder / NEW, self._folder / OLD, self._folder, self._folder.parent):
            sync_folder(folder)

    def are_apart(self) -> bool:
        """Whether files cannot be moved from the store into the project, only copied."""
        folders = {(self._root / step.near).parent for _, step in self._steps}
        return any(_are_apart(self._folder, folder) for folder in folders)

    def carry_out(self, seen: Signatures, apart: bool) -> Outcome:
        """Move everything into place, or nothing; the journal's state follows.

        Args:
            seen: how the files were when they were looked at.
            apart: whether the project is on another file system than the store.
        """
        try:
            self._move(seen, apart)
            self.at = str(self._state)
            self._settle(DONE)
            return Outcome()
        except OSError as error:
            failure = (error.errno or 0, self.at)
        taken = self.take_back()
        if taken.stuck is None:
            with self._trying(str(self._state)):
                self._settle(BACK)
        return Outcome(failure, self._stuck, taken.left)

    def take_back(self) -> Outcome:
        """Bring back what was there before, wherever something is as this script left it."""
        left = [step.path for n, step in self._steps if not self._remove_added(step)]
        for folder in reversed(self._script.made):
            with self._trying(folder.path):
                self._remove(folder)
        for folder in reversed(self._script.gone):
            with self._trying(folder.path):
                if self._is_free(folder.path):
                    self._make(folder)
        left += [step.path for n, step in self._steps if not self._restore(n, step)]
        self._sync()
        return Outcome(None, self._stuck, left)

    def _move(self, seen: Signatures, apart: bool) -> None:
        """Move everything; what needs room on the disk comes before what it would take back."""
        if apart:
            for number, step in self._steps:
                if step.after is not None:
                    self.at = step.path
                    _copy(self._folder / NEW / str(number), self._root / step.near)
        self._replace_files_by_folders(seen)
        self._replace_folders_by_files(seen)
        for number, step in self._steps:
            if step.after is None:
                continue
            self._check(step, seen)
            if apart:
                (self._root / step.near).replace(self._root / step.path)
            else:
                self._place(self._folder / NEW / str(number), step)
        self._remove_all(self._script.gone)
        self._sync()

    def _replace_files_by_folders(self, seen: Signatures) -> None:
        made = {folder.path for folder in self._script.made}
        for _, step in self._steps:
            if step.path in made:
                self._delete(step, seen)
        for folder in self._script.made:
            self.at = folder.path
            self._make(folder)

    def _replace_folders_by_files(self, seen: Signatures) -> None:
        made = {folder.path for folder in self._script.made}
        for _, step in self._steps:
            if step.after is None and step.path not in made:
                self._delete(step, seen)
        fresh = {step.path for _, step in self._steps if step.after}
        self._remove_all([f for f in self._script.gone if fresh & {f.path, *parents(f.path)}])

    def _delete(self, step: Step, seen: Signatures) -> None:
        self._check(step, seen)
        (self._root / step.path).unlink()

    def _check(self, step: Step, seen: Signatures) -> None:
        self.at = step.path
        if signature(self._root, step.path) != seen[step.path]:
            raise OSError(CHANGED, "changed")

    def _place(self, staged: Path, step: Step) -> None:
        """Move a staged file into place."""
        target = self._root / step.path
        try:
            staged.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy(staged, self._root / step.near)
            (self._root / step.near).replace(target)

    def _remove_added(self, step: Step) -> bool:
        """Remove what was not there before; False: somebody else changed it."""
        with self._trying(step.path):
            if os.path.lexists(self._root / step.near):
                (self._root / step.near).unlink()
        with self._trying(step.path):
            now = find(self._root, step.path) if step.before is None else None
            if now is not None and now.file.mode != FOLDER:
                if step.after is None or now.file != step.after.file:
                    return False
                (self._root / step.path).unlink()
        return True

    def _restore(self, number: int, step: Step) -> bool:
        """Bring back what was there before; False: somebody else changed it."""
        if step.before is None:
            return True
        with self._trying(step.path):
            now = find(self._root, step.path)
            file = now.file if now else None
            if file == step.before.file:
                return True
            if file != (step.after.file if step.after else None):
                return False
            if not self._lead_to(step.path):
                return False
            self._place(self._old(number, step.before), step)
        return True

    def _is_free(self, path: str) -> bool:
        """Whether nothing is at a path, and real folders lead to it."""
        leads = existing(self._root, path) == parents(path)
        return leads and not os.path.lexists(self._root / path)

    def _lead_to(self, path: str) -> bool:
        """Make the folders above a path; False: somebody put something else there."""
        for parent in parents(path)[len(existing(self._root, path)) :]:
            if os.path.lexists(self._root / parent):
                return False
            (self._root / parent).mkdir()
        return True

    def _old(self, number: int, before: Kept) -> Path:
        """What was there before, staged; the machine may have gone down before it all was."""
        name = f"{OLD}/{number}"
        held = find(self._folder, name)
        if held is None or held.file != before.file:
            (self._folder / name).unlink(missing_ok=True)
            put(self._folder / name, before)
        return self._folder / name

    def _make(self, folder: Folder) -> None:
        path = self._root / folder.path
        if folder.permission is None:
            path.mkdir()
            return
        # With its permission from the first moment on: nobody comes back to a folder that is there.
        mask = os.umask(0)
        try:
            path.mkdir(folder.permission)
        finally:
            os.umask(mask)
        if stat.S_IMODE(path.stat().st_mode) != folder.permission:
            path.chmod(folder.permission)

    def _remove_all(self, folders: Sequence[Folder]) -> None:
        for folder in folders:
            self.at = folder.path
            self._remove(folder)

    def _remove(self, folder: Folder) -> None:
        """Remove a folder, if it is there and empty."""
        path = self._root / folder.path
        try:
            if is_folder(path) and existing(self._root, folder.path) == parents(folder.path):
                path.rmdir()
        except OSError as error:
            if error.errno not in STAYS:
                raise

    def _settle(self, name: str) -> None:
        (self._folder / name).replace(self._state)
        sync_folder(self._state.parent)

    def _sync(self) -> None:
        """Make all names last before the journal says so."""
        folders = {(self._root / s.path).parent for _, s in self._steps}
        folders |= {(self._root / f.path).parent for f in (*self._script.made, *self._script.gone)}
        for folder in sorted(folders):
            sync_folder(folder)

    @property
    def _stuck(self) -> tuple[int, str] | None:
        return self._failures[0] if self._failures else None

    @contextmanager
    def _trying(self, path: str) -> Iterator[None]:
        """Go on after an error, and remember it."""
        try:
            yield
        except OSError as error:
            self._failures.append((error.errno or 0, path))


def _copy(staged: Path, near: Path) -> None:
    kept = find(staged.parent, staged.name)
    if kept is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    put(near, kept)


def _are_apart(store: Path, folder: Path) -> bool:
    if store.stat().st_dev != folder.stat().st_dev:
        return True
    try:
        # One file system mounted in two places: moving a file that does not exist tells.
        (store / "nothing").rename(folder / ".anshin-nothing")
    except OSError as error:
        return error.errno == errno.EXDEV
    return False

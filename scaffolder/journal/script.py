"""What an apply is: each file before and after, and the folders that come and go."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scaffolder.history import File
from scaffolder.journal.files import Kept


@dataclass(frozen=True)
class Write:
    """One file to change.

    Attributes:
        path: relative to the project's root.
        before: what is there now; None: nothing.
        after: what will be there; None: it will be deleted.
    """

    path: str
    before: File | None
    after: File | None


@dataclass(frozen=True)
class Record:
    """An apply that is finished.

    Attributes:
        about: what the caller said of it, and its `time` in UTC.
    """

    about: Mapping[str, Any]
    writes: tuple[Write, ...]


@dataclass(frozen=True)
class Step:
    """One file to change, with its permission.

    Attributes:
        near: hidden name on the file system of the target, for a copy of what goes there.
    """

    path: str
    before: Kept | None
    after: Kept | None
    near: str


@dataclass(frozen=True)
class Folder:
    """A folder that comes or goes; a permission of None is that of a new folder."""

    path: str
    permission: int | None


@dataclass(frozen=True)
class Script:
    """All of an apply.

    Attributes:
        name: of its folder in the store.
        made: folders to make, outer ones first.
        gone: folders to remove if nothing is left in them, inner ones first.
    """

    name: str
    about: Mapping[str, Any]
    steps: tuple[Step, ...]
    made: tuple[Folder, ...]
    gone: tuple[Folder, ...]

    def record(self) -> Record:
        """It as others see it."""
        writes = (Write(s.path, _file(s.before), _file(s.after)) for s in self.steps)
        return Record(self.about, tuple(writes))

    def to_json(self) -> bytes:
        """It as bytes that `script_from` reads."""
        data = {
            "name": self.name,
            "about": dict(self.about),
            "steps": [[s.path, _packed(s.before), _packed(s.after), s.near] for s in self.steps],
            "made": [[f.path, f.permission] for f in self.made],
            "gone": [[f.path, f.permission] for f in self.gone],
        }
        return json.dumps(data).encode()


def script_from(text: bytes) -> Script:
    """What `to_json` wrote.

    Raises:
        ValueError, KeyError, TypeError: it is something else.
    """
    data = json.loads(text)
    return Script(
        data["name"],
        data["about"],
        tuple(Step(p, _unpacked(b), _unpacked(a), near) for p, b, a, near in data["steps"]),
        tuple(Folder(path, permission) for path, permission in data["made"]),
        tuple(Folder(path, permission) for path, permission in data["gone"]),
    )


def _file(kept: Kept | None) -> File | None:
    return kept.file if kept else None


def _packed(kept: Kept | None) -> list[Any] | None:
    if kept is None:
        return None
    return [kept.file.mode, kept.permission, base64.b64encode(kept.file.content).decode()]


def _unpacked(data: list[Any] | None) -> Kept | None:
    if data is None:
        return None
    mode, permission, content = data
    return Kept(File(mode, base64.b64decode(content)), permission)

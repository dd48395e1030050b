"""What the journal keeps in git's directory: its state, and the scripts that it names."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from scaffolder.history import PLAIN, File
from scaffolder.journal.files import Kept, put, sync_folder
from scaffolder.journal.moves import RECORD
from scaffolder.journal.script import Script, script_from
from scaffolder.messages import Trouble
from scaffolder.source import own_environment

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

FORMAT = 1
STATE, LOCK = "journal.json", "lock"


@dataclass(frozen=True)
class State:
    """Where the journal is: names of scripts.

    Attributes:
        applying: the one that is being applied.
        last: the one that was applied last and can be taken back.
    """

    applying: str | None = None
    last: str | None = None

    def to_json(self) -> bytes:
        """It as bytes for the journal's file."""
        return json.dumps({"format": FORMAT, **asdict(self)}).encode()


class Shelf:
    """The folder of one project's journal; it need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self) -> State:
        """Where the journal is.

        Raises:
            Trouble: its file is damaged, or of another version of this program.
            OSError: it cannot be read.
        """
        path = self.folder / STATE
        try:
            data = json.loads(path.read_bytes())
            if data.pop("format") == FORMAT:
                return State(**data)
        except FileNotFoundError:
            return State()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Trouble("journal.damaged", path=path, folder=self.folder) from error
        raise Trouble("journal.damaged", path=path, folder=self.folder)

    def set_state(self, state: State) -> None:
        """Write where the journal is, at once and to last.

        Raises:
            OSError: it cannot be written; it is as before then.
        """
        fresh = self.folder / f"{STATE}.new"
        fresh.unlink(missing_ok=True)
        put(fresh, Kept(File(PLAIN, state.to_json()), None))
        fresh.replace(self.folder / STATE)
        sync_folder(self.folder)

    def script(self, name: str) -> Script:
        """One of the scripts that the state names.

        Raises:
            Trouble: it is damaged.
            OSError: it cannot be read.
        """
        path = self.folder / name / RECORD
        try:
            return script_from(path.read_bytes())
        except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
            raise Trouble("journal.damaged", path=path, folder=self.folder) from error

    def tidy(self) -> None:
        """Remove what neither an undo nor a recovery needs, as far as that is possible."""
        state = self.state()
        for path in _entries(self.folder):
            if path.name == state.last != state.applying:
                for part in _entries(path):
                    if part.name != RECORD:
                        _discard(part)
            elif path.name not in (STATE, LOCK, state.applying):
                _discard(path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other commands away from the project.

        Raises:
            Trouble: another one is at work.
            OSError: the folder cannot be written to.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)


def store_of(root: Path) -> Path:
    """The folder for the journal of a project, in the git directory of its work tree.

    Raises:
        Trouble: the project is in no git work tree, or git fails.
    """
    # The name of a folder can hold a line end, so what git says is asked for in two parts.
    inside, _, folder = _ask(root, "--is-inside-work-tree", "--absolute-git-dir").partition("\n")
    if inside != "true":
        raise Trouble("managed.no_git", hint="managed.no_git_hint", path=root)
    prefix = _ask(root, "--show-prefix")
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePosixPath(prefix).name)[:40]
    number = hashlib.sha256(os.fsencode(prefix)).hexdigest()[:12]
    return Path(folder, "anshin", f"{name or 'top'}-{number}")


def _lock(descriptor: int) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Some network file systems have no locks at all.
        if error.errno in (errno.EAGAIN, errno.EACCES):
            raise Trouble("journal.locked") from error


def _entries(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return list(folder.iterdir())
    return []


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()


def _ask(root: Path, *words: str) -> str:
    env = {**own_environment({}), "LC_ALL": "C"}
    try:
        done = subprocess.run(["git", "rev-parse", *words], cwd=root, capture_output=True, env=env)
    except FileNotFoundError as error:
        raise Trouble("git.missing", hint="git.missing_hint") from error
    if done.returncode == 0:
        return os.fsdecode(done.stdout).removesuffix("\n")
    said = done.stderr.decode(errors="replace").strip()
    if "not a git repository" in said:
        raise Trouble("managed.no_git", hint="managed.no_git_hint", path=root)
    # Such as: the folder belongs to somebody else, and git will not touch it.
    raise Trouble("git.failed", reason=said.partition("\n")[0])

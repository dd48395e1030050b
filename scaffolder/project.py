"""Make a project: rendered beside its place, committed, then moved there as a whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from scaffolder.messages import Trouble, os_trouble
from scaffolder.rendering import Renderer
from scaffolder.source import Source, own_environment

fcntl: Any
try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

BRANCH = "main"
NOBODY = {"name": "Anshin", "email": "anshin@localhost"}
"""Author of the first commit where git does not know who the user is."""

ENDINGS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
SHOWN = 3
"""Names of files that are in the way, before `and more`."""

PREFIX = "anshin-"
LOCK = "in-use"
"""Of folders for temporary files: their names, and the file that a living process has locked."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where a project goes."""

    path: Path
    outer: Path | None
    """The repository that the place is in already; such a project gets none of its own."""


@dataclass(frozen=True)
class Made:
    """A project that was made."""

    place: Place
    files: list[str]
    version: str


def find_place(path: Path) -> Place:
    """See whether a project can be made at a path.

    Raises:
        Trouble: something is there, or the folder cannot be written to.
    """
    try:
        if path.is_symlink() and not path.exists():
            raise Trouble("place.link", path=path)
        if path.exists():
            _check_empty(path)
        above = next(p for p in [path, *path.absolute().parents] if p.exists())
    except OSError as error:
        raise os_trouble(error, path) from error
    if not above.is_dir():
        raise Trouble("place.file", path=above)
    if not os.access(above, os.W_OK | os.X_OK):
        raise Trouble("place.read_only", path=above)
    return Place(path, _repository_around(above, path))


def make(
    source: Source,
    answers: Mapping[str, Any],
    place: Place,
    message: str,
    renderer: Renderer,
    progress: Progress,
    done: Callable[[], None],
) -> Made:
    """Make a project; if anything goes wrong, nothing is left.

    Args:
        source: the template.
        answers: checked, to all questions.
        place: checked.
        message: of the commit.
        renderer: ready, for this one project.
        progress: told the message key of each step as it begins.
        done: called once the project is there; from then on, an interruption undoes nothing.

    Raises:
        Trouble: a step fails.
        KeyboardInterrupt: the user interrupted.
    """
    with undoing() as undo:
        try:
            draft = _draft(place.path, undo)
            progress("new.rendering")
            renderer.render(source, answers, draft)
            files = listed(draft)
            if place.outer is None:
                progress("new.committing")
                commit(draft, message)
            with undisturbed():
                _publish(draft, place.path)
                undo.pop_all()
                done()
        except OSError as error:
            raise os_trouble(error, error.filename or place.path) from error
    return Made(place, files, source.version)


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for temporary files, gone afterwards, also after an interruption.

    What a run left that was killed, the next one removes.
    """
    _sweep(Path(tempfile.gettempdir()))
    with undoing(always=True) as undo:
        with undisturbed(then=True):
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            if (handle := _hold(folder)) is not None:
                undo.callback(os.close, handle)
        yield folder


def _hold(folder: Path) -> int | None:
    """Mark a folder as in use for as long as this process lives; returns the lock's handle."""
    if fcntl is None:
        return None
    new = folder / f"{LOCK}.new"
    handle = os.open(new, os.O_CREAT | os.O_WRONLY, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    # Whoever sees the name sees it locked.
    new.rename(folder / LOCK)
    return handle


def _sweep(folder: Path) -> None:
    """Remove the folders of this user's runs that were killed."""
    if fcntl is None:
        return
    for lock in folder.glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError):
            if lock.parent.is_symlink() or lock.lstat().st_uid != os.getuid():
                continue
            handle = os.open(lock, os.O_WRONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
            finally:
                os.close(handle)


class Interruptions:
    """The signals that end a program: they interrupt it, as Ctrl-C does, so that it can tidy up.

    Once it is too late they do nothing: what was made is there, and is still to be reported.
    """

    too_late = False

    def come_too_late(self) -> None:
        """From now on, do nothing."""
        self.too_late = True

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if not self.too_late:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruptions]:
    """Handle the signals that end a program while the block runs."""
    interruptions = Interruptions()
    with _handling(interruptions):
        yield interruptions


@contextmanager
def undoing(*, always: bool = False) -> Iterator[ExitStack]:
    """Callbacks to run when the block fails; nothing interrupts them."""
    stack = ExitStack()
    try:
        yield stack
    except BaseException:
        with undisturbed():
            stack.close()
        raise
    if always:
        with undisturbed():
            stack.close()


@contextmanager
def undisturbed(*, then: bool = False) -> Iterator[None]:
    """Hold back interruptions for a moment.

    Args:
        then: whether one that came takes effect afterwards; otherwise it comes too late.
    """
    came: list[int] = []
    with _handling(lambda number, frame: came.append(number)):
        yield
    if came and then:
        raise KeyboardInterrupt


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDINGS}
    # One that is ignored, as under nohup, stays so; None is a handler that is not Python's.
    ours = {n: known for n, known in before.items() if known not in (signal.SIG_IGN, None)}
    for number in ours:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, known in ours.items():
            signal.signal(number, known)


def listed(folder: Path) -> list[str]:
    """The files in a folder by relative path, without git's own."""
    files = (p for p in folder.rglob("*") if not p.is_dir() or p.is_symlink())
    names = (p.relative_to(folder) for p in files)
    return sorted(n.as_posix() for n in names if n.parts[0] != ".git")


def commit(folder: Path, message: str) -> None:
    """Make a repository with everything in one commit.

    The author is the user, if git knows them. No hook of theirs runs, and nothing is signed:
    nobody is there to give a passphrase.
    """
    _git(folder, "init", "--quiet", "--template=", f"--initial-branch={BRANCH}")
    # Also what a global list of ignored files would leave out.
    _git(folder, "add", "--all", "--force")
    unknown = [f"user.{k}={v}" for k, v in NOBODY.items() if not _knows(folder, k)]
    identity = [word for setting in unknown for word in ("-c", setting)]
    _git(folder, *identity, "commit", "--quiet", "--no-verify", f"--message={message}")


def _check_empty(path: Path) -> None:
    if not path.is_dir():
        raise Trouble("place.file", path=path)
    # A repository without content is a place that was made for the project.
    names = sorted(p.name + "/" * p.is_dir() for p in path.iterdir() if p.name != ".git")
    if names:
        more = len(names) - SHOWN
        key = "place.filled_more" if more > 0 else "place.filled"
        raise Trouble(
            key, hint="place.filled_hint", path=path, names=", ".join(names[:SHOWN]), more=more
        )


def _repository_around(above: Path, path: Path) -> Path | None:
    """The work tree that a path is in, unless that ignores it."""
    top = _ask(above, "rev-parse", "--show-toplevel")
    if top is None or _ask(above, "check-ignore", "--quiet", str(path.absolute())) is not None:
        return None
    return Path(top)


def _draft(path: Path, undo: ExitStack) -> Path:
    """A new folder on the same file system, gone again if anything fails."""
    missing = [] if path.exists() else [p for p in path.absolute().parents if not p.exists()]
    for folder in reversed(missing):
        with undisturbed(then=True):
            folder.mkdir()
            undo.callback(_remove_empty, folder)
    draft = (path if path.exists() else path.absolute().parent) / f".anshin-{secrets.token_hex(4)}"
    with undisturbed(then=True):
        draft.mkdir()
        undo.callback(shutil.rmtree, draft, ignore_errors=True)
    return draft


def _publish(draft: Path, path: Path) -> None:
    """Move the finished project to its place."""
    if not path.exists():
        draft.rename(path.absolute())
        return
    # The folder itself stays: it may be where the user's shell is.
    with undoing() as undo:
        for entry in sorted(draft.iterdir()):
            goal = path / entry.name
            if goal.exists():
                raise Trouble("place.file", path=goal)
            entry.rename(goal)
            undo.callback(goal.rename, entry)
        draft.rmdir()


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _knows(folder: Path, what: str) -> bool:
    """Whether git knows the user's name or email, from settings or the environment."""
    variables = [f"GIT_{who}_{what.upper()}" for who in ("AUTHOR", "COMMITTER")]
    if all(os.environ.get(name) for name in variables):
        return True
    if what == "email" and os.environ.get("EMAIL"):
        return True
    return bool(_ask(folder, "config", "--get", f"user.{what}"))


def _ask(folder: Path, *words: str) -> str | None:
    """What git says, or None if it says no."""
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, env=own_environment({})
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _git(folder: Path, *words: str) -> None:
    settings = {
        "commit.gpgsign": "false",
        "core.autocrlf": "false",
        "core.safecrlf": "false",
        "core.fsmonitor": "false",
        "core.hooksPath": os.devnull,
        "gc.auto": "0",
        "i18n.commitEncoding": "UTF-8",
        # Our own new folder, on a file system that may name another owner.
        "safe.directory": "*",
    }
    # Each call ends before an interruption takes effect, and Ctrl-C does not reach it: a git that
    # has just started would go on writing into a folder that is being removed.
    with undisturbed(then=True):
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            capture_output=True,
            text=True,
            env=own_environment(settings),
            start_new_session=True,
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Trouble("git.failed", reason=lines[-1] if lines else words[0])


__all__: Sequence[str] = (
    "Made",
    "Place",
    "commit",
    "find_place",
    "interruptible",
    "listed",
    "make",
    "workspace",
)

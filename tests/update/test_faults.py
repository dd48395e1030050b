"""Whatever happens while files are changed, the tree is as before or as after, never between."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest

from scaffolder.journal import Journal, Write
from scaffolder.journal.moves import Moves
from tests.update import trees
from tests.update.driver import DONE, INTERRUPTED, REFUSED, Job
from tests.update.trees import snapshot

ROOT = Path(__file__).parent.parent.parent
POINTS = 50
KILLED = -signal.SIGKILL
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Moment = tuple[int, str]
"""The number of a call, and when in it."""

Tree = dict[str, trees.Entry]


@dataclass(frozen=True)
class Scene:
    """A project to be copied for each run, and how it looks before and after an apply."""

    folder: Path
    before: Tree
    after: Tree

    @cached_property
    def environment(self) -> dict[str, str]:
        found = {n: v for n, v in os.environ.items() if not n.startswith("GIT_")}
        return {**found, "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}

    def fresh(self, root: Path, name: str = "before") -> Journal:
        """A copy of the project, as it was before or after the apply."""
        shutil.copytree(self.folder / name, root, symlinks=True)
        return Journal(root, trees.store_of(root))

    def run(self, job: Job) -> subprocess.CompletedProcess[str]:
        """Run a job, and wait until the last of its processes has ended.

        It has a session of its own, so that nothing of it reaches this process.
        """
        return subprocess.run(
            job.words(),
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            # All processes hold these pipes, so they end with the last one.
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,
        )

    def side(self, root: Path) -> str:
        """Whether a tree is as before or as after."""
        found = snapshot(root)
        assert found in (self.before, self.after), difference(found, self.before, self.after)
        return "before" if found == self.before else "after"


def difference(found: Tree, *others: Tree) -> str:
    """The names under which a tree and each of the others differ."""
    names = [{name for name, _ in found.items() ^ tree.items()} for tree in others]
    return " / ".join(map(str, map(sorted, names)))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("scene")
    journal = trees.make(folder / "before")
    before = snapshot(journal.root)
    shutil.copytree(journal.root, folder / "after", symlinks=True)
    applied = Journal(folder / "after", trees.store_of(folder / "after"))
    applied.apply(trees.writes(trees.BEFORE, trees.AFTER), trees.ABOUT)
    return Scene(folder, before, snapshot(applied.root))


@pytest.fixture(scope="module")
def calls(
    scene: Scene, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], list[str]]:
    """The calls that a command makes, by its name and the side."""
    known: dict[str, list[str]] = {}

    def found(command: str, side: str) -> list[str]:
        if command not in known:
            folder = tmp_path_factory.mktemp(command)
            trace = folder / "trace"
            trace.touch()
            journal = scene.fresh(folder / "project", "after" if command == "undo" else "before")
            done = scene.run(replace(job(journal, command), trace=str(trace)))
            assert done.returncode == DONE, done.stderr
            known[command] = trace.read_text(encoding="utf-8").split("\n")
        words = (line.split() for line in known[command] if line)
        return [name for where, name in words if where == side]

    return found


def job(journal: Journal, command: str = "apply") -> Job:
    return Job(str(journal.root), str(journal.store), command)


def moments(calls: list[str], count: int) -> list[Moment]:
    """Moments spread evenly over calls: before, half through a write, and after each."""
    every = [
        (number, when)
        for number, name in enumerate(calls, 1)
        for when in ("before", *(["half"] if name == "write" else []), "after")
    ]
    assert len(every) >= count
    return [every[n * len(every) // count] for n in range(count)]


Calls = Callable[[str, str], list[str]]


# Killed


@pytest.mark.parametrize("point", range(POINTS))
def test_the_command_is_killed(point: int, scene: Scene, calls: Calls, tmp_path: Path) -> None:
    """Once it moves files it cannot be stopped half-way, so there is nothing to recover."""
    journal = scene.fresh(tmp_path / "project")
    number, when = moments(calls("apply", "parent"), POINTS)[point]
    done = scene.run(replace(job(journal), number=number, when=when))
    assert done.returncode == KILLED
    side = scene.side(journal.root)
    about = journal.recover()
    assert scene.side(journal.root) == side
    last = journal.last()
    if side == "after":
        assert about is None
        assert last is not None
    else:
        assert last is None
    trees.works(journal)


def test_the_command_is_killed_on_both_sides_of_the_moves(scene: Scene, calls: Calls) -> None:
    """The points above reach from the first call to the last, and into every kind of call."""
    every = calls("apply", "parent")
    fork = every.index("fork") + 1
    numbers = [number for number, _ in moments(every, POINTS)]
    assert min(numbers) == 1
    assert any(n < fork for n in numbers)
    assert any(n > fork for n in numbers)
    names = Counter(every[n - 1] for n in numbers)
    assert {"open", "write", "fsync", "unlink"} <= names.keys()


@pytest.mark.parametrize("point", range(POINTS))
def test_the_machine_goes_down(point: int, scene: Scene, calls: Calls, tmp_path: Path) -> None:
    """All processes end at once while files are moved: the next command takes them back."""
    journal = scene.fresh(tmp_path / "project")
    number, when = moments(calls("apply", "child"), POINTS)[point]
    fault = replace(job(journal), side="child", number=number, when=when, what="all")
    assert scene.run(fault).returncode == KILLED
    about = journal.recover()
    side = scene.side(journal.root)
    if about is None:
        assert side == "after"
        assert journal.last() is not None
    else:
        assert side == "before"
        assert (about["action"], about["left"]) == ("add", [])
        assert journal.last() is None
    trees.works(journal)


def test_the_machine_goes_down_between(scene: Scene, calls: Calls, tmp_path: Path) -> None:
    """The points above meet trees that are neither, or the test above would show nothing."""
    between = 0
    for number, when in moments(calls("apply", "child"), POINTS)[::10]:
        journal = scene.fresh(tmp_path / f"{number}-{when}")
        scene.run(replace(job(journal), side="child", number=number, when=when, what="all"))
        between += snapshot(journal.root) not in (scene.before, scene.after)
    assert between >= 2


@pytest.mark.parametrize("point", range(POINTS))
def test_only_the_moves_are_killed(point: int, scene: Scene, calls: Calls, tmp_path: Path) -> None:
    """As when memory runs out: the command takes back what was half done, and says so."""
    journal = scene.fresh(tmp_path / "project")
    number, when = moments(calls("apply", "child"), POINTS)[point]
    done = scene.run(replace(job(journal), side="child", number=number, when=when))
    side = scene.side(journal.root)
    assert (done.returncode, side) in ((REFUSED, "before"), (DONE, "after"))
    assert ("cut off" in done.stderr) == (side == "before")
    assert journal.recover() is None
    trees.works(journal)


@pytest.mark.parametrize("point", range(5))
def test_the_recovery_is_killed(point: int, scene: Scene, calls: Calls, tmp_path: Path) -> None:
    """Then the next one goes on, wherever the first one stopped."""
    every = calls("apply", "child")
    last_move = len(every) - every[::-1].index("replace") - 1
    number, when = moments(every[:last_move], 10)[point + 5]
    for attempt in range(1, 100, 5):
        journal = scene.fresh(tmp_path / str(attempt))
        fault = replace(job(journal), side="child", number=number, when=when, what="all")
        assert scene.run(fault).returncode == KILLED
        code = scene.run(replace(job(journal, "recover"), number=attempt)).returncode
        journal.recover()
        assert scene.side(journal.root) == "before"
        trees.works(journal)
        if code == DONE:
            break
        assert code == KILLED
    assert code == DONE
    assert attempt > 9


@pytest.mark.parametrize(
    ("side", "what"), [("parent", "kill"), ("child", "all"), ("child", "kill")]
)
@pytest.mark.parametrize("point", range(15))
def test_an_undo_is_killed(
    point: int, side: str, what: str, scene: Scene, calls: Calls, tmp_path: Path
) -> None:
    journal = scene.fresh(tmp_path / "project", "after")
    number, when = moments(calls("undo", side), 15)[point]
    fault = replace(job(journal, "undo"), side=side, number=number, when=when, what=what)
    done = scene.run(fault)
    if (side, what) != ("child", "all"):
        scene.side(journal.root)
    journal.recover()
    found = scene.side(journal.root)
    if (side, what) == ("child", "kill"):
        assert (done.returncode, found) in ((REFUSED, "after"), (DONE, "before"))
    else:
        assert done.returncode == KILLED
    if found == "after":
        assert journal.undo().done
    assert scene.side(journal.root) == "before"
    trees.works(journal)


# Interrupted


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("side", ["parent", "child"])
@pytest.mark.parametrize("handled", [True, False], ids=["handled", "default"])
@pytest.mark.parametrize("point", range(5))
def test_signals(
    point: int,
    handled: bool,
    side: str,
    number: signal.Signals,
    scene: Scene,
    calls: Calls,
    tmp_path: Path,
) -> None:
    """To the command, and to all of its processes, as from a terminal that is closed."""
    journal = scene.fresh(tmp_path / "project")
    at, when = moments(calls("apply", side), 5)[point]
    fault = replace(job(journal), side=side, number=at, when=when, handled=handled)
    done = scene.run(replace(fault, what=f"signal {number.value}"))
    expected = {"before": INTERRUPTED, "after": DONE}
    found = scene.side(journal.root)
    if handled:
        assert done.returncode == expected[found]
        assert done.stderr == ""
    if side == "child":
        assert found == "after"
    assert journal.recover() is None
    assert scene.side(journal.root) == found
    trees.works(journal)


@pytest.mark.parametrize("number", [signal.SIGALRM, signal.SIGUSR1])
@pytest.mark.parametrize("point", range(3))
def test_signals_that_nobody_handles(
    point: int, number: signal.Signals, scene: Scene, calls: Calls, tmp_path: Path
) -> None:
    """They end the command at once, but not the moves."""
    journal = scene.fresh(tmp_path / "project")
    at, when = moments(calls("apply", "child"), 3)[point]
    fault = replace(job(journal), side="child", number=at, when=when)
    assert scene.run(replace(fault, what=f"signal {number.value}")).returncode == -number
    assert scene.side(journal.root) == "after"
    assert journal.recover() is None
    trees.works(journal)


# Full and read-only disks


@pytest.mark.parametrize("side", ["parent", "child"])
@pytest.mark.parametrize("point", range(12))
def test_the_disk_gets_full(
    point: int, side: str, scene: Scene, calls: Calls, tmp_path: Path
) -> None:
    """From some call on, nothing can be written any more."""
    journal = scene.fresh(tmp_path / "project")
    number, _ = moments(calls("apply", side), 12)[point]
    done = scene.run(replace(job(journal), side=side, number=number, what="full"))
    found = scene.side(journal.root)
    assert (done.returncode, found) in ((REFUSED, "before"), (DONE, "after"))
    assert ("is full" in done.stderr) == (found == "before")
    assert journal.recover() is None
    trees.works(journal)


def test_files_may_not_be_large(scene: Scene, tmp_path: Path) -> None:
    """A limit of the system itself."""
    journal = scene.fresh(tmp_path / "project")
    done = scene.run(replace(job(journal), largest=4000))
    assert done.returncode == REFUSED
    assert "new/deep/er/file.py is larger" in done.stderr
    assert scene.side(journal.root) == "before"
    trees.works(journal)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no room on a disk."""
    with pytest.raises(OSError, match="No space left"), (folder / "filler").open("wb") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()


@pytest.mark.parametrize("apart", [False, True])
def test_a_full_disk(apart: bool, scene: Scene, small_disk: Path, tmp_path: Path) -> None:
    """A real one; the journal is on it too, or on another one that has room."""
    git = tmp_path / "git"
    journal = trees.make(small_disk / "project")
    if apart:
        shutil.move(journal.root / ".git", git)
        (journal.root / ".git").write_text(f"gitdir: {git}\n", encoding="utf-8")
        journal = Journal(journal.root, trees.store_of(journal.root))
        assert journal.store.is_relative_to(git.resolve())
    before = snapshot(journal.root)
    fill(small_disk)
    done = scene.run(job(journal))
    assert done.returncode == REFUSED
    assert "is full" in done.stderr
    assert snapshot(journal.root) == before
    (small_disk / "filler").unlink()
    trees.works(journal)
    assert scene.run(job(journal)).returncode == DONE
    assert {p: journal.read(p) for p in trees.AFTER} == trees.AFTER


@pytest.fixture
def mounted_twice(scene: Scene, tmp_path: Path) -> Iterator[Journal]:
    """A project in which one folder is a mount of its own, of the same file system."""
    journal = scene.fresh(tmp_path / "project")
    folder = str(journal.root / "src")
    words = ["mount", "--bind", folder, folder]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield journal
    subprocess.run(["umount", folder], check=True)


def test_one_file_system_mounted_twice(
    mounted_twice: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with volumes of containers: nothing can be moved between the two, only copied."""
    found: list[bool] = []
    real = Moves.are_apart
    monkeypatch.setattr(Moves, "are_apart", lambda moves: found.append(real(moves)) or found[-1])
    journal = mounted_twice
    journal.apply([Write("src/new", None, trees.FRESH[0])], {})
    before = snapshot(journal.root)
    trees.works(journal)
    journal.apply([Write("src/new", trees.FRESH[0], trees.FRESH[1])], {})
    assert journal.undo().done
    assert snapshot(journal.root) == before
    assert found == [True, False, False, True, True]


@pytest.fixture
def read_only(scene: Scene, tmp_path: Path) -> Iterator[Journal]:
    """A project in which one folder cannot be written to."""
    journal = scene.fresh(tmp_path / "project")
    folder = str(journal.root / "src")
    if os.geteuid() != 0:
        Path(folder).chmod(0o500)
        yield journal
        Path(folder).chmod(0o755)
        return
    for words in (["--bind", folder, folder], ["-o", "remount,bind,ro", folder]):
        if subprocess.run(["mount", *words], capture_output=True).returncode != 0:
            pytest.skip("nothing can be mounted here")
    yield journal
    subprocess.run(["umount", folder], check=True)


def test_a_read_only_folder(scene: Scene, read_only: Journal) -> None:
    before = snapshot(read_only.root)
    done = scene.run(job(read_only))
    assert done.returncode == REFUSED
    assert f"{read_only.root / 'src'} cannot be written to" in done.stderr
    assert snapshot(read_only.root) == before
    assert trees.kept(read_only) in ([], ["lock"])


@pytest.fixture
def locked(scene: Scene, tmp_path: Path) -> Iterator[Journal]:
    """A project in which one file cannot be replaced, which nothing shows before."""
    journal = scene.fresh(tmp_path / "project")
    file = str(journal.root / "template.yaml")
    if subprocess.run(["chattr", "+i", file], capture_output=True).returncode != 0:
        pytest.skip("files cannot be locked here")
    yield journal
    subprocess.run(["chattr", "-i", file], check=True)


def test_a_locked_file(scene: Scene, locked: Journal) -> None:
    """All that was moved before it is taken back."""
    done = scene.run(job(locked))
    assert done.returncode == REFUSED
    assert "template.yaml" in done.stderr
    assert "as they were" in done.stderr
    assert scene.side(locked.root) == "before"
    assert locked.recover() is None
    assert locked.last() is None

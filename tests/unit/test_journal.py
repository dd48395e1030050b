"""The journal: all or none, nothing but the given paths, and exactly back again."""

from __future__ import annotations

import base64
import errno
import json
import os
import shutil
import stat
import threading
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from scaffolder.history import File
from scaffolder.journal import Journal, Write, detached, store_of
from scaffolder.journal.moves import Moves, Outcome
from scaffolder.journal.shelf import Shelf, State
from scaffolder.messages import Say, Trouble
from tests.update import trees
from tests.update.trees import ABOUT, AFTER, BEFORE, EXECUTABLE, LINK, PLAIN, snapshot, writes


@pytest.fixture(autouse=True)
def no_git_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(autouse=True)
def fsync(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The real one; it is left out otherwise, as no machine goes down here."""
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    return real


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return trees.make(tmp_path / "project")


def text(content: str, mode: str = PLAIN) -> File:
    return File(mode, content.encode())


def add(journal: Journal, path: str, content: str = "x\n") -> None:
    target = journal.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode())


def refused(journal: Journal, wanted: list[Write], key: str) -> Trouble:
    """See that nothing at all is done."""
    before = snapshot(journal.root)
    with pytest.raises(Trouble) as caught:
        journal.apply(wanted, ABOUT)
    assert caught.value.key == key
    assert snapshot(journal.root) == before
    assert journal.last() is None
    assert set(trees.kept(journal)) <= {"journal.json", "lock"}
    for language in ("ja", "en"):
        assert "{" not in caught.value.said(Say(language))
    return caught.value


# Reading


def test_files_are_read_as_git_sees_them(journal: Journal) -> None:
    assert {path: journal.read(path) for path in BEFORE} == BEFORE
    assert journal.read("nothing") is None
    assert journal.read("src") is None
    assert journal.read("link/through/a/file") is None
    assert journal.read("run.sh/below") is None


def test_no_link_to_a_folder_is_followed(journal: Journal) -> None:
    (journal.root / "way").symlink_to("src")
    assert journal.read("way") == File(LINK, b"src")
    assert journal.read("way/stays.py") is None


def test_a_pipe_is_no_file(journal: Journal) -> None:
    os.mkfifo(journal.root / "pipe")
    with pytest.raises(Trouble) as caught:
        journal.read("pipe")
    assert caught.value.key == "journal.in_way"


# Applying


def test_apply_makes_every_change(journal: Journal) -> None:
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    found = snapshot(journal.root)
    files = {name for name, (kind, _, _) in found.items() if kind != "folder"}
    assert files == set(AFTER)
    assert {path: journal.read(path) for path in AFTER} == AFTER
    # The folder that became empty is gone, the one that did not is not.
    assert "old" not in found
    assert "src" in found


def test_permissions_are_the_users_own(journal: Journal) -> None:
    (journal.root / "mode.sh").chmod(0o640)
    before = os.umask(0o027)
    try:
        journal.apply(writes(BEFORE, AFTER), ABOUT)
    finally:
        os.umask(before)
    found = {name: bits for name, (_, bits, _) in snapshot(journal.root).items()}
    assert found["template.yaml"] == 0o640
    assert found["run.sh"] == 0o750
    assert found["mode.sh"] == 0o750
    assert found["new/deep/er/file.py"] == 0o640
    assert found["new/run"] == 0o750
    assert found["new"] == 0o750


def test_a_script_that_may_no_longer_be_run(journal: Journal) -> None:
    wanted = [Write("run.sh", BEFORE["run.sh"], File(PLAIN, b"#!/bin/sh\n"))]
    journal.apply(wanted, ABOUT)
    assert stat.S_IMODE((journal.root / "run.sh").stat().st_mode) == 0o640


def test_files_that_are_not_named_are_not_touched(journal: Journal) -> None:
    (journal.root / "bare").mkdir()
    untouched = journal.root / "src" / "stays.py"
    status = untouched.stat()
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert untouched.stat() == status
    assert (journal.root / "bare").is_dir()


def test_nothing_is_written_but_the_paths_and_the_store(journal: Journal, tmp_path: Path) -> None:
    def others() -> list[str]:
        found = (p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
        return [p for p in found if ".git/anshin" not in p and not p.startswith("project/")]

    git = {p: p.read_bytes() for p in (journal.root / ".git").rglob("*") if p.is_file()}
    known = {p.name for p in (journal.root / ".git").iterdir()}
    before = others()
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    journal.undo()
    assert others() == before
    assert {p: p.read_bytes() for p in git} == git
    top = {p.name for p in (journal.root / ".git").iterdir()}
    assert top == known | {"anshin"}


def test_the_last_apply_is_known(journal: Journal) -> None:
    assert journal.last() is None
    wanted = writes(BEFORE, AFTER)
    journal.apply(wanted, ABOUT)
    record = journal.last()
    assert record is not None
    assert {k: v for k, v in record.about.items() if k != "time"} == ABOUT
    assert record.about["time"].endswith("+00:00")
    assert list(record.writes) == wanted
    assert trees.kept(journal) == ["*/record.json", "journal.json", "lock"]


def test_only_the_last_apply_is_kept(journal: Journal) -> None:
    for number in range(3):
        journal.apply([Write(f"n{number}", None, text("n"))], {"number": number})
    assert trees.kept(journal) == ["*/record.json", "journal.json", "lock"]
    record = journal.last()
    assert record is not None
    assert record.about["number"] == 2


def test_no_change_is_no_apply(journal: Journal) -> None:
    same = BEFORE["run.sh"]
    journal.apply([Write("run.sh", same, same)], ABOUT)
    journal.apply([], ABOUT)
    assert journal.last() is None
    assert not journal.store.exists()


def test_what_the_next_step_relies_on_is_on_the_disk_first(
    journal: Journal, fsync: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a machine that goes down may come back with names, but without contents."""
    monkeypatch.delattr(os, "fork")
    events: list[tuple[str, Path]] = []
    replace = os.replace

    def synced(descriptor: int) -> None:
        events.append(("fsync", Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def replaced(source: Path, target: Path) -> None:
        events.append(("replace", Path(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    wanted = writes(BEFORE, AFTER)
    files = sum(f is not None and f.mode != LINK for w in wanted for f in (w.before, w.after))
    journal.apply(wanted, ABOUT)
    state = journal.store / "journal.json"
    begun, done = (n for n, event in enumerate(events) if event == ("replace", state))
    staged = [path for what, path in events[:begun] if what == "fsync"]
    assert len([p for p in staged if p.parent.name in ("new", "old")]) == files
    assert {"record.json", "done.json", "back.json", "journal.json.new"} <= {p.name for p in staged}
    assert {"new", "old", journal.store.name} <= {p.name for p in staged}
    assert events[begun + 1] == ("fsync", journal.store)
    moved = [n for n, (what, path) in enumerate(events) if what == "replace" and path != state]
    assert begun < min(moved)
    assert max(moved) < done
    targets = {(journal.root.resolve() / p).parent for p in AFTER if BEFORE.get(p) != AFTER[p]}
    assert targets <= {path for what, path in events[max(moved) : done] if what == "fsync"}
    assert events[done + 1] == ("fsync", journal.store)


# The first look


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("template.yaml", text("something else")),
        ("template.yaml", None),
        ("not-there", text("x")),
        ("run.sh", File(PLAIN, b"#!/bin/sh\n")),
        ("link", File(LINK, b"elsewhere")),
        ("link", BEFORE["src/stays.py"]),
        ("template.yaml/below", text("x")),
    ],
)
def test_a_file_that_changed_meanwhile(journal: Journal, path: str, before: File | None) -> None:
    wanted = [Write("first", None, text("x")), Write(path, before, text("new"))]
    trouble = refused(journal, wanted, "journal.changed" if "/" not in path else "journal.parent")
    assert path in trouble.said(Say("en"))


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../out",
        "src/../../out",
        "/out",
        "src//x",
        "./x",
        "x/",
        "x\0",
        ".git/config",
        "sub/.Git/hooks/x",
    ],
)
def test_a_path_outside(journal: Journal, path: str) -> None:
    refused(journal, [Write(path, None, text("x"))], "journal.outside")


@pytest.mark.parametrize("inside", [False, True])
def test_a_parent_that_is_a_link(journal: Journal, tmp_path: Path, inside: bool) -> None:
    (tmp_path / "out").mkdir()
    (journal.root / "way").symlink_to("src" if inside else tmp_path / "out")
    refused(journal, [Write("way/x", None, text("x"))], "journal.parent")
    refused(journal, [Write("way/deep/x", None, text("x"))], "journal.parent")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_link_to_a_folder_may_become_a_folder(journal: Journal) -> None:
    (journal.root / "way").symlink_to("src")
    wanted = [
        Write("way", File(LINK, b"src"), None),
        Write("way/stays.py", None, text("mine\n")),
        Write("way/deep/x", None, text("x")),
    ]
    before = snapshot(journal.root)
    journal.apply(wanted, ABOUT)
    assert journal.read("way/stays.py") == text("mine\n")
    assert journal.read("way/deep/x") == text("x")
    assert journal.read("src/stays.py") == BEFORE["src/stays.py"]
    assert journal.undo().done
    assert snapshot(journal.root) == before


@pytest.mark.parametrize("what", ["folder", "filled", "pipe", "bare_within"])
def test_something_else_is_in_the_way(journal: Journal, what: str) -> None:
    path = journal.root / "way"
    wanted = [Write("way", None, text("x"))]
    if what == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    if what == "filled":
        (path / "theirs").write_bytes(b"theirs")
        (path / "ours").write_bytes(b"ours")
        wanted.append(Write("way/ours", text("ours"), None))
    if what == "bare_within":
        (path / "bare").mkdir()
        (path / "ours").write_bytes(b"ours")
        wanted.append(Write("way/ours", text("ours"), None))
    refused(journal, wanted, "journal.in_way")


def test_a_folder_that_cannot_be_written_to(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access
    closed = (journal.root / "src").resolve()
    monkeypatch.setattr(os, "access", lambda p, mode: Path(p) != closed and real(p, mode))
    wanted = [Write("a", None, text("a")), Write("src/deep/x", None, text("x"))]
    refused(journal, wanted, "journal.read_only")


# Failures


class Failing:
    """Calls of one function of the system that fail from the n-th on, or only there."""

    def __init__(self, name: str, at: int, number: int = errno.ENOSPC, *, once: bool = True):
        self.real: Callable[..., Any] = getattr(os, name)
        self.at, self.number, self.once, self.calls = at, number, once, 0

    def __call__(self, *args: Any, **values: Any) -> Any:
        self.calls += 1
        if self.calls == self.at or (self.calls > self.at and not self.once):
            raise OSError(self.number, os.strerror(self.number), *args[:1])
        return self.real(*args, **values)


def while_moving(
    monkeypatch: pytest.MonkeyPatch,
    first: Callable[[], object] = lambda: None,
    **functions: Callable[..., object],
) -> None:
    """Do something before the moves, and have other functions of the system during them only."""
    real = Moves.carry_out

    def carry_out(moves: Moves, *args: Any) -> Outcome:
        first()
        with pytest.MonkeyPatch.context() as patch:
            for name, function in functions.items():
                patch.setattr(os, name, function)
            return real(moves, *args)

    monkeypatch.setattr(Moves, "carry_out", carry_out)


@pytest.fixture(params=[True, False], ids=["child", "inline"])
def forked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With and without a process of its own for the moves."""
    if not request.param:
        monkeypatch.delattr(os, "fork")
    return bool(request.param)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        *[("replace", n) for n in range(1, 14)],
        *[("unlink", n) for n in range(1, 5)],
        *[("rmdir", n) for n in range(1, 5)],
        *[("mkdir", n) for n in range(1, 5)],
    ],
)
def test_an_error_in_the_moves(
    journal: Journal, name: str, moment: int, forked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fails, all is as it was, and the next time it works."""
    folders = {p.as_posix() for path in (*BEFORE, *AFTER) for p in PurePosixPath(path).parents}
    with monkeypatch.context() as patch:
        while_moving(patch, **{name: Failing(name, moment, errno.EACCES)})
        trouble = refused(journal, writes(BEFORE, AFTER), "os_error.EACCES")
    assert trouble.hint == "journal.as_before"
    path = str(trouble.values["path"])
    assert path in {*BEFORE, *AFTER, *folders, str(journal.store / "journal.json")}
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert {path: journal.read(path) for path in AFTER} == AFTER


@pytest.mark.parametrize("name", ["open", "write", "fsync", "mkdir", "symlink", "chmod"])
def test_an_error_while_staging(
    journal: Journal, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.store.mkdir(parents=True)
    monkeypatch.setattr(os, name, Failing(name, 2, once=False))
    trouble = refused(journal, writes(BEFORE, AFTER), "os_error.ENOSPC")
    monkeypatch.undo()
    assert trouble.said(Say("ja"))
    trees.works(journal)


def test_a_failed_apply_leaves_the_last_one(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(journal.root)
    journal.apply([Write("first", None, text("first\n"))], {"action": "first"})
    monkeypatch.setattr(os, "replace", Failing("replace", 4))
    with pytest.raises(Trouble):
        journal.apply(writes(BEFORE, AFTER), {"action": "second"})
    monkeypatch.undo()
    record = journal.last()
    assert record is not None
    assert record.about["action"] == "first"
    assert journal.undo().done
    assert snapshot(journal.root) == before


def test_what_cannot_be_taken_back_is_taken_back_later(
    journal: Journal, forked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is gone half-way, and comes back."""
    before = snapshot(journal.root)
    monkeypatch.setattr(os, "replace", Failing("replace", 6, errno.EIO, once=False))
    with pytest.raises(Trouble) as caught:
        journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert caught.value.hint == "journal.stuck"
    assert snapshot(journal.root) != before
    with pytest.raises(Trouble) as caught:
        journal.recover()
    assert caught.value.hint == "journal.stuck"
    assert caught.value.said(Say("ja"))
    monkeypatch.undo()
    about = journal.recover()
    assert about is not None
    assert about["action"] == "add"
    assert snapshot(journal.root) == before
    trees.works(journal)


def test_a_file_that_changes_during_the_moves(
    journal: Journal, forked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody saves a file at the last moment: theirs stays, all else is as it was."""
    before = snapshot(journal.root)
    while_moving(monkeypatch, lambda: add(journal, "template.yaml", "saved\n"))
    with pytest.raises(Trouble) as caught:
        journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert (caught.value.key, caught.value.values["names"]) == ("journal.changed", "template.yaml")
    assert caught.value.hint == "journal.left"
    assert caught.value.values["rest"] == "template.yaml"
    assert journal.read("template.yaml") == text("saved\n")
    after = snapshot(journal.root)
    assert {k for k in before if before[k] != after[k]} == {"template.yaml"}
    assert before.keys() == after.keys()
    assert journal.recover() is None


def test_a_file_that_appears_during_the_moves(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_moving(monkeypatch, lambda: add(journal, "empty", "theirs\n"))
    with pytest.raises(Trouble) as caught:
        journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert caught.value.key == "journal.changed"
    assert journal.read("empty") == text("theirs\n")


def test_a_bug_in_the_moves(
    journal: Journal, forked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(journal.root)
    real = Moves._check
    calls: list[str] = []

    def broken(moves: Moves, step: Any, seen: Any) -> None:
        calls.append(step.path)
        if len(calls) == 8:
            raise RuntimeError
        real(moves, step, seen)

    monkeypatch.setattr(Moves, "_check", broken)
    with pytest.raises(Trouble) as caught:
        journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert caught.value.key == "journal.cut_off"
    assert snapshot(journal.root) == before
    monkeypatch.undo()
    trees.works(journal)


def test_no_more_processes(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", Failing("fork", 1, errno.EAGAIN))
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert {path: journal.read(path) for path in AFTER} == AFTER


def test_work_is_done_in_a_process_of_its_own() -> None:
    report = detached.run(lambda: f"{os.getpid()} {os.getsid(0)}".encode())
    assert report is not None
    process, session = map(int, report.split())
    assert process == session != os.getpid()


def test_what_the_other_process_prints_or_raises_stays_there(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def work() -> bytes:
        raise SystemExit(3)

    assert detached.run(work) is None
    assert detached.run(lambda: b"x" * 1_000_000) == b"x" * 1_000_000
    assert capfd.readouterr() == ("", "")


# Another file system


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store seems to be on another file system."""
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        crosses = (".git" in Path(source).parts) != (".git" in Path(target).parts)
        if crosses:
            raise OSError(errno.EXDEV, "", source)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)


@pytest.mark.parametrize("known", [True, False])
def test_another_file_system(
    journal: Journal, apart: None, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are copied where they cannot be moved, whether that is known before or not."""
    monkeypatch.setattr(Moves, "are_apart", lambda moves: known)
    before = snapshot(journal.root)
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    found = {n for n, (kind, _, _) in snapshot(journal.root).items() if kind != "folder"}
    assert found == set(AFTER)
    assert {path: journal.read(path) for path in AFTER} == AFTER
    assert journal.undo().done
    assert snapshot(journal.root) == before


@pytest.mark.parametrize("moment", range(1, 16))
def test_no_room_on_the_other_file_system(
    journal: Journal, apart: None, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All copies are made before the first file is replaced; none stays."""
    before = snapshot(journal.root)
    monkeypatch.setattr(Moves, "are_apart", lambda moves: True)
    while_moving(monkeypatch, open=Failing("open", moment))
    copies = sum(w.after is not None and w.after.mode != LINK for w in writes(BEFORE, AFTER))
    if moment <= copies:
        with pytest.raises(Trouble) as caught:
            journal.apply(writes(BEFORE, AFTER), ABOUT)
        assert caught.value.key == "os_error.ENOSPC"
        assert snapshot(journal.root) == before
    else:
        journal.apply(writes(BEFORE, AFTER), ABOUT)
        assert {path: journal.read(path) for path in AFTER} == AFTER


def test_a_store_on_another_file_system(tmp_path: Path) -> None:
    """A real one, where there is one."""
    other = Path("/dev/shm")  # noqa: S108
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is only one file system")
    import tempfile

    with tempfile.TemporaryDirectory(dir=other) as folder:
        made = trees.make(tmp_path / "project")
        journal = Journal(made.root, Path(folder, "store"))
        before = snapshot(journal.root)
        journal.apply(writes(BEFORE, AFTER), ABOUT)
        assert {path: journal.read(path) for path in AFTER} == AFTER
        assert journal.undo().done
        assert snapshot(journal.root) == before


# One command at a time


def test_two_commands(journal: Journal) -> None:
    journal.apply([Write("first", None, text("first\n"))], ABOUT)
    before = snapshot(journal.root)
    attempts: list[Callable[[], object]] = [
        lambda: journal.apply(writes(BEFORE, AFTER), ABOUT),
        journal.recover,
        journal.undo,
    ]
    with Shelf(journal.store).alone():
        for attempt in attempts:
            with pytest.raises(Trouble) as caught:
                attempt()
            assert caught.value.key == "journal.locked"
    assert snapshot(journal.root) == before
    trees.works(journal)


def test_two_projects_do_not_wait_for_each_other(tmp_path: Path) -> None:
    trees.make(tmp_path / "top", {"a/x": text("x"), "b/x": text("x")})
    one, other = (Journal(p, store_of(p)) for p in (tmp_path / "top" / "a", tmp_path / "top" / "b"))
    with Shelf(one.store).alone():
        other.apply([Write("y", None, text("y"))], ABOUT)
    assert other.last() is not None
    assert one.last() is None


def test_in_a_thread(journal: Journal) -> None:
    """Where signals cannot be held back, it works all the same."""
    thread = threading.Thread(target=lambda: journal.apply(writes(BEFORE, AFTER), ABOUT))
    thread.start()
    thread.join()
    assert journal.last() is not None


# Recovery


def cut_off(journal: Journal, monkeypatch: pytest.MonkeyPatch, moves: int) -> None:
    """Leave things as a machine that went down after some moves."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", Failing("replace", moves, once=False))
        patch.setattr(Moves, "take_back", lambda moves: Outcome(None, (errno.EIO, "x")))
        with pytest.raises(Trouble):
            journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert Shelf(journal.store).state().applying is not None


@pytest.mark.parametrize("moves", [2, 5, 9, 12])
def test_recovery(journal: Journal, monkeypatch: pytest.MonkeyPatch, moves: int) -> None:
    before = snapshot(journal.root)
    cut_off(journal, monkeypatch, moves)
    assert snapshot(journal.root) != before
    about = journal.recover()
    assert about is not None
    assert {k: v for k, v in about.items() if k != "time"} == {**ABOUT, "left": []}
    assert snapshot(journal.root) == before
    assert journal.recover() is None
    trees.works(journal)


def test_recovery_with_half_a_file_in_the_store(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was staged may not have reached the disk; the record has."""
    before = snapshot(journal.root)
    cut_off(journal, monkeypatch, 12)
    for path in journal.store.glob("*/old/*"):
        path.unlink()
        path.write_bytes(b"")
    assert journal.recover() is not None
    assert snapshot(journal.root) == before


def test_recovery_leaves_what_the_user_wrote_since(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(journal.root)
    cut_off(journal, monkeypatch, 12)
    add(journal, "template.yaml", "mine\n")
    add(journal, "new/run", "mine\n")
    add(journal, "src/gone.py", "mine\n")
    add(journal, "becomes_folder/mine", "mine\n")
    about = journal.recover()
    assert about is not None
    left = ["new/run", "becomes_folder", "src/gone.py", "template.yaml"]
    assert sorted(about["left"]) == sorted(left)
    after = snapshot(journal.root)
    mine = {name for name, (_, _, content) in after.items() if content == b"mine\n"}
    assert mine == {"template.yaml", "new/run", "src/gone.py", "becomes_folder/mine"}
    rest = {k for k in before if before[k] != after.get(k)}
    assert rest == {"template.yaml", "src/gone.py", "becomes_folder"}
    assert journal.recover() is None


def test_recovery_where_the_user_removed_folders(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A deleted file comes back all the same, but never where something else is now."""
    wanted = [Write(p, BEFORE[p], None) for p in ("src/gone.py", "old/gone/only.txt")]
    for way in ("a", "b"):
        add(journal, f"{way}/one", "one\n")
        add(journal, f"{way}/two", "two\n")
        wanted.append(Write(f"{way}/one", text("one\n"), None))
    with monkeypatch.context() as patch:
        patch.setattr(Moves, "_settle", Failing("replace", 1, errno.EIO))
        patch.setattr(Moves, "take_back", lambda moves: Outcome(None, (errno.EIO, "x")))
        with pytest.raises(Trouble):
            journal.apply(wanted, ABOUT)
    (tmp_path / "out").mkdir()
    for folder in ("src", "a", "b"):
        shutil.rmtree(journal.root / folder)
    (journal.root / "a").write_bytes(b"mine\n")
    (journal.root / "b").symlink_to(tmp_path / "out")
    about = journal.recover()
    assert about is not None
    assert about["left"] == ["a/one", "b/one"]
    assert journal.read("src/gone.py") == BEFORE["src/gone.py"]
    assert journal.read("old/gone/only.txt") == BEFORE["old/gone/only.txt"]
    assert journal.read("a") == text("mine\n")
    assert list((tmp_path / "out").iterdir()) == []
    trees.works(journal)


def test_what_is_private_stays_private(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while it is being written."""
    seen: dict[str, set[int]] = {}

    def fsync(descriptor: int) -> None:
        for path in journal.store.rglob("*"):
            if path.is_file() and b"secret" in path.read_bytes():
                seen.setdefault(path.name, set()).add(stat.S_IMODE(path.stat().st_mode))

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "chmod", lambda path, mode: None)
    add(journal, "private", "secret")
    os.chmod(journal.root / "private", 0o600)  # noqa: PTH101
    wanted = [Write("private", text("secret"), text("no more")), Write("x", None, text("x"))]
    journal.apply(wanted, ABOUT)
    hidden = base64.b64encode(b"secret")
    assert hidden in next(journal.store.glob("*/record.json")).read_bytes()
    assert seen == {"0": {0o600}}
    assert stat.S_IMODE(next(journal.store.glob("*/record.json")).stat().st_mode) == 0o600


def test_apply_recovers_first(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(journal, monkeypatch, 7)
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert {path: journal.read(path) for path in AFTER} == AFTER


def test_recovery_of_nothing_writes_nothing(journal: Journal) -> None:
    assert journal.recover() is None
    assert not journal.store.exists()


def test_leftovers_are_removed(journal: Journal) -> None:
    journal.apply([Write("first", None, text("first\n"))], ABOUT)
    add(Journal(journal.store, journal.store), "0123/new/1")
    add(Journal(journal.store, journal.store), "journal.json.new")
    add(Journal(journal.store, journal.store), f"{Shelf(journal.store).state().last}/new/1")
    assert journal.recover() is None
    assert trees.kept(journal) == ["*/record.json", "journal.json", "lock"]


def test_a_store_that_cannot_be_written_to(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that mounts the repository read-only: nothing was cut off, so go on."""
    journal.apply([Write("first", None, text("first\n"))], ABOUT)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(os, "open", Failing("open", 1, errno.EROFS, once=False))
    assert journal.recover() is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda store: (store / "journal.json").write_text("{"),
        lambda store: (store / "journal.json").write_text("[]"),
        lambda store: (store / "journal.json").write_text('{"format": 2}'),
        lambda store: (store / "journal.json").write_text('{"format": 1, "more": 1}'),
        lambda store: next(store.glob("*/record.json")).write_text("{}"),
        lambda store: next(store.glob("*/record.json")).unlink(),
    ],
)
def test_a_damaged_journal(journal: Journal, damage: Callable[[Path], object]) -> None:
    journal.apply([Write("first", None, text("first\n"))], ABOUT)
    damage(journal.store)
    for attempt in (journal.last, journal.undo):
        with pytest.raises(Trouble) as caught:
            attempt()
        assert caught.value.key == "journal.damaged"
        assert str(journal.store) in caught.value.said(Say("en"))


# Undo


def test_undo_is_exact(journal: Journal) -> None:
    before = snapshot(journal.root)
    wanted = writes(BEFORE, AFTER)
    journal.apply(wanted, ABOUT)
    result = journal.undo()
    assert (result.done, result.blocked) == (True, ())
    assert result.changed == tuple(w.path for w in wanted)
    assert result.about["action"] == "add"
    assert snapshot(journal.root) == before
    assert journal.last() is None
    assert trees.kept(journal) == ["journal.json", "lock"]
    with pytest.raises(Trouble) as caught:
        journal.undo()
    assert caught.value.key == "undo.nothing"


def test_undo_of_nothing(journal: Journal) -> None:
    with pytest.raises(Trouble) as caught:
        journal.undo()
    assert caught.value.key == "undo.nothing"
    assert not journal.store.exists()


def test_undo_leaves_folders_that_were_there(journal: Journal) -> None:
    """A folder without files is nothing to git, but it is the user's."""
    (journal.root / "bare").mkdir(mode=0o700)
    before = snapshot(journal.root)
    journal.apply([Write("bare/x", None, text("x"))], ABOUT)
    assert journal.undo().done
    assert snapshot(journal.root) == before


def lines(*numbers: int, mark: Mapping[int, str] | None = None) -> str:
    marked = mark or {}
    return "".join(f"{marked.get(n, f'line {n}')}\n" for n in numbers)


TEN = range(1, 11)


def edit(journal: Journal, before: str, after: str, now: str, mode: str = PLAIN) -> None:
    """A change of ours, then one of the user's."""
    add(journal, "file", before)
    journal.apply([Write("file", text(before), text(after, mode))], ABOUT)
    (journal.root / "file").write_bytes(now.encode())


def test_undo_merges_what_was_changed_elsewhere(journal: Journal) -> None:
    before = lines(*TEN)
    after = lines(*TEN, mark={2: "ours"})
    now = lines(*TEN, mark={2: "ours", 8: "theirs", 9: "<<<<<<< theirs"})
    edit(journal, before, after, now, EXECUTABLE)
    result = journal.undo()
    assert (result.done, result.changed) == (True, ("file",))
    expected = lines(*TEN, mark={8: "theirs", 9: "<<<<<<< theirs"})
    assert journal.read("file") == text(expected)


def test_undo_merges_with_windows_line_ends(journal: Journal) -> None:
    before, after, now = (
        text.replace("\n", "\r\n")
        for text in (
            lines(*TEN),
            lines(*TEN, mark={2: "ours"}),
            lines(*TEN, mark={2: "ours", 8: "theirs"}),
        )
    )
    edit(journal, before, after, now)
    assert journal.undo().done
    expected = lines(*TEN, mark={8: "theirs"}).replace("\n", "\r\n")
    assert journal.read("file") == text(expected)


@pytest.mark.parametrize(
    ("now", "blocked"),
    [
        (lines(*TEN, mark={4: "theirs"}), [(4, 4)]),
        (lines(*TEN, mark={4: "<<<<<<< a\ntheirs\n=======", 9: "theirs"}), [(4, 6), (11, 11)]),
        ("inserted\n" * 3 + lines(*TEN, mark={4: "theirs", 9: "ours"}), [(7, 7)]),
        (lines(1, 2, 3, 5, 6, 7, 8, 9, 10, mark={9: "ours"}), [(3, 3)]),
        (lines(5, 6, 7, 8, 9, 10, mark={9: "ours"}), [(1, 1)]),
        (lines(*TEN, mark={4: "theirs", 9: "ours"}).replace("\n", "\r\n"), [(1, 10)]),
        ("", [(0, 0)]),
    ],
)
def test_undo_names_the_lines_in_the_way(
    journal: Journal, now: str, blocked: list[tuple[int, int]]
) -> None:
    before = lines(*TEN)
    after = lines(*TEN, mark={4: "ours\nand\nmore", 9: "ours"})
    add(journal, "other", "x")
    edit(journal, before, after, now)
    found = snapshot(journal.root)
    result = journal.undo()
    assert not result.done
    assert result.changed == ()
    assert [(a, b) for path, a, b in result.blocked] == blocked
    assert snapshot(journal.root) == found
    record = journal.last()
    assert record is not None
    (journal.root / "file").write_bytes(after.encode())
    assert journal.undo().done


def test_undo_changes_nothing_if_one_file_is_in_the_way(journal: Journal) -> None:
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    (journal.root / "picture").write_bytes(b"\0theirs")
    found = snapshot(journal.root)
    result = journal.undo()
    assert (result.done, result.blocked) == (False, (("picture", 0, 0),))
    assert snapshot(journal.root) == found


@pytest.mark.parametrize(
    ("path", "change", "blocked"),
    [
        ("template.yaml", lambda path: path.unlink(), [(0, 0)]),
        ("new/run", lambda path: path.write_bytes(b"#!/bin/sh\nmine\nmine\n"), [(2, 3)]),
        ("new/run", lambda path: path.write_bytes(b"#!/bin/sh\r\n"), [(1, 1)]),
        ("new/run", lambda path: path.write_bytes(b""), [(0, 0)]),
        ("new/run", lambda path: path.chmod(0o644), [(0, 0)]),
        ("new/run", lambda path: path.write_bytes(b"\0"), [(0, 0)]),
        ("src/gone.py", lambda path: path.write_bytes(b"1\n2\n3\n"), [(1, 3)]),
        ("link", lambda path: (path.unlink(), path.symlink_to("run.sh")), [(0, 0)]),
        ("link", lambda path: (path.unlink(), path.write_bytes(b"x\n")), [(0, 0)]),
        ("template.yaml", lambda path: (path.unlink(), os.mkfifo(path)), [(0, 0)]),
        ("template.yaml", lambda path: (path.unlink(), path.mkdir()), [(0, 0)]),
        ("becomes_folder", lambda path: (path / "mine").write_bytes(b"x\n"), [(0, 0)]),
    ],
)
def test_undo_is_blocked(
    journal: Journal,
    path: str,
    change: Callable[[Path], object],
    blocked: list[tuple[int, int]],
) -> None:
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    change(journal.root / path)
    found = snapshot(journal.root)
    result = journal.undo()
    assert result.blocked == tuple((path, a, b) for a, b in blocked)
    assert not result.done
    assert snapshot(journal.root) == found


def test_undo_keeps_what_the_user_took_back_or_made_executable(journal: Journal) -> None:
    before = snapshot(journal.root)
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    (journal.root / "template.yaml").write_bytes(BEFORE["template.yaml"].content)
    (journal.root / "empty").unlink()
    (journal.root / "crlf.txt").chmod(0o755)
    result = journal.undo()
    assert result.done
    assert {"template.yaml", "empty"}.isdisjoint(result.changed)
    expected = {**before, "crlf.txt": ("file", 0o755, BEFORE["crlf.txt"].content)}
    assert snapshot(journal.root) == expected


def test_undo_of_a_mode_keeps_the_users_text(journal: Journal) -> None:
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    (journal.root / "mode.sh").write_bytes(b"mine\n")
    assert journal.undo().done
    assert journal.read("mode.sh") == text("mine\n")


def test_undo_can_fail_and_be_tried_again(
    journal: Journal, forked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(journal.root)
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    after = snapshot(journal.root)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", Failing("replace", 5))
        with pytest.raises(Trouble) as caught:
            journal.undo()
        assert caught.value.key == "os_error.ENOSPC"
    assert snapshot(journal.root) == after
    assert journal.undo().done
    assert snapshot(journal.root) == before


def test_an_undo_that_was_cut_off(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    after = snapshot(journal.root)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", Failing("replace", 7, once=False))
        patch.setattr(Moves, "take_back", lambda moves: Outcome(None, (errno.EIO, "x")))
        with pytest.raises(Trouble):
            journal.undo()
    about = journal.recover()
    assert about is not None
    assert (about["action"], about["undo"]) == ("add", True)
    assert snapshot(journal.root) == after
    assert journal.undo().done


def test_a_git_that_fails_in_undo(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(journal, lines(*TEN), lines(*TEN, mark={4: "ours"}), lines(*TEN, mark={8: "theirs"}))
    found = snapshot(journal.root)
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'nonsense")
    with pytest.raises(Trouble) as caught:
        journal.undo()
    assert caught.value.key == "git.failed"
    assert snapshot(journal.root) == found


# The store


def test_the_store_is_in_gits_directory(journal: Journal) -> None:
    assert journal.store.parent == journal.root.resolve() / ".git" / "anshin"
    journal.apply(writes(BEFORE, AFTER), ABOUT)
    assert "anshin" not in trees.git(journal.root, "status", "--porcelain")


def test_projects_of_one_repository_have_their_own(tmp_path: Path) -> None:
    names = ["services/orders", "other/orders", "日本 語", "日本語", "with\nend", "x" * 200]
    top = tmp_path / "top"
    trees.make(top, {f"{name}/x": text("x") for name in names})
    stores = [store_of(top / name) for name in names] + [store_of(top)]
    assert len(set(stores)) == len(stores)
    assert {store.parent for store in stores} == {top.resolve() / ".git" / "anshin"}
    assert stores == [store_of(top / name) for name in names] + [store_of(top)]
    for name, store in zip(names, stores, strict=False):
        Journal(top / name, store).apply([Write("y", None, text(name))], ABOUT)
    assert (top / "with\nend" / "y").read_text() == "with\nend"


def test_linked_worktrees_and_submodules(tmp_path: Path) -> None:
    main = tmp_path / "main"
    trees.make(main, {"file": text("x")})
    trees.git(main, "add", "--all")
    trees.git(main, "commit", "--quiet", "--message=x")
    trees.git(main, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    super_ = tmp_path / "super"
    trees.make(super_, {"file": text("x")})
    allow = ("-c", "protocol.file.allow=always")
    trees.git(super_, *allow, "submodule", "--quiet", "add", str(main), "sub")
    roots = [main, tmp_path / "linked", super_, super_ / "sub"]
    assert len({store_of(root) for root in roots}) == len(roots)
    for root in roots:
        journal = Journal(root, store_of(root))
        trees.works(journal)
        assert journal.store.is_relative_to(tmp_path)
        assert ".git" in journal.store.parts


def test_the_folder_can_be_named_in_any_way(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "way").symlink_to(journal.root)
    assert store_of(tmp_path / "way") == journal.store
    monkeypatch.chdir(journal.root)
    assert store_of(Path()) == journal.store
    trees.works(Journal(Path(), journal.store))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert store_of(journal.root) == journal.store


def test_no_repository(tmp_path: Path, journal: Journal) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    trees.git(bare, "init", "--quiet", "--bare")
    for folder in (tmp_path, bare, journal.root / ".git"):
        with pytest.raises(Trouble) as caught:
            store_of(folder)
        assert caught.value.key == "managed.no_git"
        assert "git init" in caught.value.said(Say("en"))


def test_a_repository_that_git_does_not_trust(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(Trouble) as caught:
        store_of(journal.root)
    assert caught.value.key == "git.failed"
    assert "ownership" in str(caught.value.values["reason"])


def test_no_git(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Trouble) as caught:
        store_of(journal.root)
    assert caught.value.key == "git.missing"


def test_the_state_is_readable(journal: Journal) -> None:
    shelf = Shelf(journal.store)
    assert shelf.state() == State()
    journal.store.mkdir(parents=True)
    shelf.set_state(State("a", "b"))
    assert shelf.state() == State("a", "b")
    data = json.loads((journal.store / "journal.json").read_text())
    assert data == {"format": 1, "applying": "a", "last": "b"}

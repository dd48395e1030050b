"""What becomes of each file, on paper."""

from __future__ import annotations

import pytest

from scaffolder import published
from scaffolder.history import File
from scaffolder.threeway import Change, Conflict, Kind, Labels, diff, merge

LABELS = Labels("yours", "Anshin 2")
LINK, RUN = "120000", "100755"
LINES = "".join(f"line {number}\n" for number in range(9))


def file(text: str | bytes | None, mode: str = "100644") -> File | None:
    if text is None:
        return None
    return File(mode, text if isinstance(text, bytes) else text.encode())


def only(
    base: File | None, mine: File | None, wanted: File | None, path: str = "a.txt", **more: object
) -> Change | None:
    """What becomes of one file."""
    trees = ({path: f} if f else {} for f in (base, wanted))
    before, after = trees
    found = merge(before, lambda _: mine, after, LABELS, **more)  # type: ignore[arg-type]
    assert len(found) < 2
    return found[0] if found else None


def kind(base: str | None, mine: str | None, wanted: str | None) -> Kind | None:
    change = only(file(base), file(mine), file(wanted))
    return change.kind if change else None


@pytest.mark.parametrize(
    ("base", "mine", "wanted", "expected"),
    [
        (None, None, "new\n", Kind.added),
        (None, "new\n", "new\n", None),
        (None, "mine\n", "new\n", Kind.conflict),
        ("old\n", "old\n", "new\n", Kind.changed),
        ("old\n", "new\n", "new\n", None),
        ("old\n", "mine\n", "new\n", Kind.conflict),
        ("old\n", "mine\n", "old\n", None),
        ("old\n", None, "new\n", Kind.absent),
        ("old\n", "old\n", None, Kind.deleted),
        ("old\n", "mine\n", None, Kind.kept),
        ("old\n", None, None, None),
        (LINES, LINES.replace("line 0", "mine"), LINES.replace("line 8", "new"), Kind.changed),
    ],
)
def test_each_kind(
    base: str | None, mine: str | None, wanted: str | None, expected: Kind | None
) -> None:
    assert kind(base, mine, wanted) == expected


def test_nothing_of_the_users_is_written_over() -> None:
    for base, wanted in (("old\n", None), ("old\n", "new\n"), (None, "new\n")):
        change = only(file(base), file("mine\n"), file(wanted))
        assert change is not None and change.after is not None
        assert "mine\n" in change.after.content.decode()
        assert change.writes == (change.kind is not Kind.kept)


def test_where_both_changed_one_line_both_stand() -> None:
    mine, wanted = LINES.replace("line 4", "mine"), LINES.replace("line 4", "new")
    change = only(file(LINES), file(mine), file(wanted))
    assert change is not None and change.after is not None
    both = "<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> Anshin 2\n"
    assert change.after.content.decode() == LINES.replace("line 4\n", both)
    assert change.conflicts == (Conflict(5, ("mine",), ("new",)),)


def test_a_mode_follows_whoever_changed_it() -> None:
    for base, mine, wanted, expected in (
        (False, False, True, True),
        (False, True, False, True),
        (True, True, False, False),
    ):
        texts = ("a\nb\nc\nd\n", "a\nb\nc\nd\nmine\n", "new\nb\nc\nd\n")
        modes = [RUN if each else "100644" for each in (base, mine, wanted)]
        change = only(*map(file, texts, modes))
        assert change is not None and change.after is not None
        assert (change.after.mode == RUN) == expected
        assert change.kind is Kind.changed


@pytest.mark.parametrize(
    ("mine", "wanted"),
    [
        (file("elsewhere", LINK), file("new\n")),
        (file(b"\0mine"), file("new\n")),
        (file("mine\n"), file(b"\0new")),
    ],
)
def test_what_is_not_text_stays(mine: File, wanted: File) -> None:
    change = only(file("old\n"), mine, wanted)
    assert change is not None
    assert (change.kind, change.writes) == (Kind.conflict, False)
    assert change.conflicts == (Conflict(0),)
    assert diff(change) == []


def test_what_makes_no_sense_stays() -> None:
    """Git sees no conflict: both sides brought one table, far from each other."""
    base = "[a]\nx = 1\n\n[b]\nx = 1\n\n[c]\nx = 1\n"
    mine, wanted = "[t]\ny = 1\n\n" + base, base + "\n[t]\ny = 2\n"
    change = only(file(base), file(mine), file(wanted), "pyproject.toml")
    assert change is not None
    assert (change.kind, change.writes) == (Kind.conflict, False)
    assert len(change.clashes) == 1
    # Where nobody knows what the lines mean, git is right.
    change = only(file(base), file(mine), file(wanted), "pyproject.cfg")
    assert change is not None
    assert change.kind is Kind.changed


def test_values_side_by_side_are_no_conflict() -> None:
    base = "Timeout: 10\nMemorySize: 512\n"
    mine, wanted = base.replace("512", "1024"), base.replace("10\n", "12\n", 1)
    change = only(file(base), file(mine), file(wanted), "template.yaml")
    assert change is not None and change.after is not None
    assert change.after.content == b"Timeout: 12\nMemorySize: 1024\n"
    assert kind(base, mine, wanted) is Kind.conflict


def test_in_what_is_the_tools_own_it_wins() -> None:
    base, wanted = "_commit: v1\nname: a\n", "_commit: v2\nname: a\nmore: 1\n"
    mine = "# mine\n_commit: v1\nname: a\n"
    options = {"path": "x.yml", "wins": ["x.yml"]}
    change = only(file(base), file(mine), file(wanted), **options)  # type: ignore[arg-type]
    assert change is not None and change.after is not None
    assert change.after.content.decode() == "# mine\n" + wanted
    change = only(file(base), file("_commit: v3\n"), file(wanted), **options)  # type: ignore[arg-type]
    assert change is not None
    assert (change.kind, change.after) == (Kind.changed, file(wanted))


def windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def test_line_ends_of_windows() -> None:
    base = {"a.txt": file(LINES), "b.yaml": file("a: 1\nb: 1\n"), "c.txt": file(LINES)}
    wanted = {
        "a.txt": file(LINES.replace("line 8", "new")),
        "b.yaml": file("a: 2\nb: 1\n"),
        "new.txt": file("x\ny\n"),
        "new.bin": file(b"\0\n"),
    }
    mine = {
        "a.txt": file(windows(LINES.replace("line 0", "mine"))),
        "b.yaml": file(windows("a: 1\nb: 2\n")),
        "c.txt": file(windows(LINES)),
    }
    found = merge(base, mine.get, wanted, LABELS)  # type: ignore[arg-type]
    after = {change.path: change.after for change in found}
    assert after == {
        "a.txt": file(windows(LINES.replace("line 0", "mine").replace("line 8", "new"))),
        "b.yaml": file(windows("a: 2\nb: 2\n")),
        "c.txt": None,
        "new.txt": file(windows("x\ny\n")),
        "new.bin": file(b"\0\n"),
    }
    # One file with other ends: nobody knows what a new one should have.
    mine["c.txt"] = file(LINES)
    found = merge(base, mine.get, wanted, LABELS)  # type: ignore[arg-type]
    after = {change.path: change.after for change in found}
    assert after["new.txt"] == file("x\ny\n")
    assert after["a.txt"] == file(windows(LINES.replace("line 0", "mine").replace("line 8", "new")))


def test_text_in_another_encoding_is_merged_by_its_lines() -> None:
    base, new = (f"a: 1\nb: 1\nc: {c}\nd: 1\ne: 1\n".encode() for c in "12")
    mine = base.replace(b"a: 1", "a: é".encode("latin-1"))
    change = only(file(base), file(mine), file(new), "x.yaml")
    assert change is not None and change.after is not None
    assert change.after.content == new.replace(b"a: 1", "a: é".encode("latin-1"))


def catalog(**patterns: tuple[list[str], dict[str, list[str]]]) -> dict[str, object]:
    """A catalog of ids with their aliases, and of answers with theirs."""
    found = {
        name: {
            "aliases": former,
            "answers": {answer: {"aliases": old} for answer, old in asked.items()},
        }
        for name, (former, asked) in patterns.items()
    }
    return {"answers": {"language": {"aliases": []}}, "patterns": found}


def test_names_of_one_version_in_another() -> None:
    old = catalog(rate=([], {"rate_limit": []}), queue=([], {}))
    new = catalog(throttle=(["rate", "limit"], {"throttle_limit": ["rate_limit"]}), queue=([], {}))
    recorded = {"safeguards": ["rate", "queue", "own"], "rate_limit": 1, "language": "ja", "x": 2}
    today = {
        "safeguards": ["throttle", "queue", "own"],
        "throttle_limit": 1,
        "language": "ja",
        "x": 2,
    }
    assert published.translated(old, new, recorded) == today
    assert published.translated(new, old, today) == recorded
    for same in (old, new):
        assert published.translated(same, same, today) == today
    # Where both names are on record, today's counts.
    both = {**today, "rate_limit": 9}
    assert published.translated(old, new, both) == today

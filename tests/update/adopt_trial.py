"""Adopt real projects, add safeguards to them, and see what that does: a trial run by hand.

`python -m tests.update.adopt_trial DIR…` copies each project into a repository of its own; a SAM
template under another name is given in place of its folder, as `DIR/:sam/app.yaml`. It prints a
table, and every fault below it. Without `--ids`, all that `anshin adopt` says can be added is
tried.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from scaffolder.adoptable import FOLDERS
from tests.bar import OF_THE_TRANSFORM, lint, translate
from tests.unit.test_source import git
from tests.update.support import ANSWERS, Machine, commit, files_of_git

ADDED, OWN, NOTHING = "added", "own, and added", "nothing to do"
ALL = "all together"
SHOWN = 5
"""Lines of a template that a fault names."""

CHANGING = re.compile(r"(?<=\w)[0-9a-f]{10}\b|(?<=is not one of )\[.*")
"""Of complaints: what SAM appends to names of what it makes anew, and lists of all resources."""


@dataclass
class Result:
    """What became of a safeguard in a project.

    Attributes:
        word: `added`, or why not.
        faults: what is wrong.
        failing: what its own checks say.
    """

    word: str
    faults: list[str] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Trial:
    """A copy of a project that has been adopted.

    Attributes:
        before: the template's text.
        adopted: what `anshin adopt --json` said.
    """

    root: Path
    machine: Machine
    template: str
    before: str
    adopted: dict[str, Any]

    @cached_property
    def known(self) -> Counter[str]:
        return complaints(self.before)

    def ids(self, wanted: Sequence[str]) -> list[str]:
        """Those to try: that can be added, and all that were asked for."""
        addable = [one["id"] for one in self.adopted["addable"]]
        return list(wanted) or addable

    def attempt(self, *ids: str) -> Result:
        """Add safeguards, look at what came, and take them away again in two ways."""
        done = self.machine.run(self.root, "add", *ids, "--yes", "--json", code=None)
        if not done.stdout:
            return Result(self.reason(*ids, said=done.stderr))
        said = json.loads(done.stdout)
        if not said["applied"]:
            clashes = [(c, f["path"]) for f in said["files"] for c in f["clashes"]]
            words = [f"{path}:{c['line']} {c['reason']}" for c, path in clashes]
            faults = [] if said["changes_nothing"] or words else ["refused without a reason"]
            return Result("; ".join(words) or NOTHING, faults + list(self.untouched("refusal")))
        own = {one["id"] for one in self.adopted["own"]}
        result = Result(OWN if own.intersection(ids) else ADDED)
        result.faults += self.look(done.returncode, said)
        result.failing += self.failing(ids)
        weak = {line.partition("/")[0] for line in result.failing if ": fail " in line}
        result.faults += self.standing(ids, weak)
        if bool(done.returncode) != bool(weak):
            result.faults.append(f"exit code {done.returncode}")
        self.machine.run(self.root, "remove", *ids, "--yes")
        result.faults += self.untouched("remove")
        self.machine.run(self.root, "add", *ids, "--yes", code=None)
        self.machine.run(self.root, "undo")
        result.faults += self.untouched("undo")
        return result

    def reason(self, *ids: str, said: str) -> str:
        """Why a safeguard was refused, in few words."""
        refused = {one["id"]: one["reason"] for one in self.adopted["refused"]}
        return "refused: " + (refused.get(ids[0]) or " ".join(said.split()))

    def look(self, code: int, said: dict[str, Any]) -> Iterator[str]:
        """What is wrong with the files."""
        for path in files_of_git(self.root):
            if path not in (self.template, ANSWERS) and path.split("/")[0] not in FOLDERS:
                yield f"touches {path}"
        after = (self.root / self.template).read_bytes().decode()
        for line in islice(lost(self.before, after), SHOWN):
            yield f"line changed: {line.strip()}"
        if "\r\n" in self.before and re.search(r"(?<!\r)\n", after):
            yield "mixed line ends"
        for text in complaints(after) - self.known:
            yield f"complaint: {text}"

    def failing(self, ids: Sequence[str]) -> Iterator[str]:
        """What the safeguards' own checks have against the project."""
        words = [word for name in ids for word in ("--only", name)]
        report = self.machine.run(self.root, "check", *words, "--json", code=None)
        counts = Counter(
            f"{found['check']}: {found['outcome']} {found['message']}"
            for found in json.loads(report.stdout)["findings"]
            if found["outcome"] in ("fail", "unknown")
        )
        yield from (f"{line} ({n}×)" if n > 1 else line for line, n in counts.items())

    def standing(self, ids: Sequence[str], weak: set[str]) -> Iterator[str]:
        """Where `anshin status` does not agree with the checks, which find some to be weak."""
        report = self.machine.run(self.root, "status", "--json", code=None)
        for one in json.loads(report.stdout)["safeguards"]:
            expected = "weakened" if one["id"] in weak else "present"
            if one["id"] in ids and one["state"] != expected:
                yield f"status: {one['id']} is {one['state']}"

    def untouched(self, after: str) -> Iterator[str]:
        """What is not as it was; put back for what comes next."""
        for path in files_of_git(self.root):
            yield f"{after}: {path} is different"
        git(self.root, "reset", "--quiet", "--hard")
        git(self.root, "clean", "--quiet", "-dff")


def lost(before: str, after: str) -> Iterator[str]:
    """The lines that are not there any more, or not in that order."""
    rest = iter(after.splitlines())
    for line in before.splitlines():
        kept = list(rest)
        if line not in kept:
            yield line
            rest = iter(kept)
        else:
            rest = iter(kept[kept.index(line) + 1 :])


def complaints(text: str) -> Counter[str]:
    """What cfn-lint and the transform say of a template, without lines."""
    found = lint(text)
    try:
        plain = json.dumps(translate(text), indent=1)
    except Exception as error:
        return Counter([*_plain(found), f"SAM translate: {error}"])
    return Counter(_plain([*found, *lint(plain, OF_THE_TRANSFORM)]))


def _plain(found: Sequence[str]) -> Iterator[str]:
    return (CHANGING.sub("", line.partition(": ")[2]) for line in found)


def open_trial(place: str, work: Path, machine: Machine) -> Trial | str:
    """A copy of a project, adopted and committed; or why it cannot be."""
    folder, _, template = place.partition(":")
    root = work / Path(folder).name
    shutil.copytree(folder, root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    git(root, "init", "--quiet")
    git(root, "config", "core.autocrlf", "false")
    commit(root)
    words = ["--sam-template", template] if template else []
    done = machine.run(root, "adopt", "--yes", "--json", *words, code=None)
    if done.returncode:
        return " ".join(done.stderr.split())
    found = json.loads(done.stdout)
    if set(files_of_git(root)) != {ANSWERS}:
        return "adopt wrote more than the answers file"
    commit(root)
    before = (root / found["template"]).read_bytes().decode()
    return Trial(root, machine, found["template"], before, found)


def run(place: str, ids: Sequence[str], work: Path) -> dict[str, Result]:
    """Try a project: safeguard → what became of it."""
    machine = Machine(work / "home")
    machine.home.mkdir()
    trial = open_trial(place, work, machine)
    if isinstance(trial, str):
        return {"adopt": Result(trial)}
    rows = {name: trial.attempt(name) for name in trial.ids(ids)}
    able = [name for name, result in rows.items() if result.word in (ADDED, OWN)]
    if len(able) > 1 and ids:
        rows[ALL] = trial.attempt(*able)
    return rows


def lines(place: str, rows: dict[str, Result]) -> Iterator[str]:
    """A project's results."""
    yield f"\n{place}"
    for name, result in rows.items():
        yield f"  {name}: {result.word}"
        yield from (f"    FAULT {fault}" for fault in result.faults)
        yield from (f"    check {line}" for line in result.failing)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="+", metavar="DIR")
    parser.add_argument("--ids", default="", help="safeguards to try, with commas")
    given = parser.parse_args()
    ids = [name for name in given.ids.split(",") if name]
    words: dict[str, Counter[str]] = {}
    faults = 0
    for place in given.places:
        with tempfile.TemporaryDirectory() as folder:
            rows = run(place, ids, Path(folder))
        print("\n".join(lines(place, rows)), flush=True)
        faults += sum(len(result.faults) for result in rows.values())
        for name, result in rows.items():
            words.setdefault(name, Counter())[result.word.partition(":")[0]] += 1
    print()
    for name, counts in words.items():
        print(f"{name}: {', '.join(f'{word} {n}' for word, n in counts.items())}")
    print(f"faults: {faults}")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

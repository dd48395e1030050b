"""Speed of the command against the tools it stands beside, as ratios of one run.

`make bench` prints one table. Each command runs several times in turn with its rival, and the
medians are compared: the machine's mood then touches both sides alike.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
ROUNDS = int(os.environ.get("ROUNDS", "7"))

ADDED = "concurrency-hunt"
"""A safeguard outside of the recommended ones, to be added to a project that has those."""

Run = Callable[[], object]


@dataclass(frozen=True)
class Race:
    """One command beside its rival, and the ratio aimed at."""

    name: str
    ours: Run
    rival_name: str
    rival: Run
    aim: float


def command(*words: str | Path, cwd: Path = ROOT) -> Run:
    """A run of a command; its output is thrown away, a failure is not."""
    environment = {**os.environ, "ANSHIN_LANG": "en", "PYTHONWARNINGS": "ignore"}

    def run() -> None:
        subprocess.run(
            list(map(str, words)), cwd=cwd, env=environment, check=True, capture_output=True
        )

    return run


def allow_findings(run: Run) -> Run:
    """A checker that exits with 1 when it finds something has still done its work."""

    def tolerant() -> None:
        try:
            run()
        except subprocess.CalledProcessError as error:
            if error.returncode not in (1, 2, 4, 8):
                raise

    return tolerant


def afresh(make: Callable[[Path], Run]) -> Run:
    """A run that needs a new empty place each time."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder) / "project")()

    return run


def template_clone(folder: Path) -> Path:
    """The template in a git repository of its own, with a tag, as Copier users have it."""
    target = folder / "template"
    target.mkdir()
    shutil.copy(ROOT / "copier.yml", target)
    shutil.copytree(ROOT / "templates" / "project", target / "templates" / "project")
    git = ["git", "-c", "user.name=b", "-c", "user.email=b@localhost", "-C", str(target)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["tag", "v0.1.0"]):
        subprocess.run([*git, *words], check=True)
    return target


def races(folder: Path) -> list[Race]:
    """All comparisons."""
    anshin, copier = BIN / "anshin", BIN / "copier"
    version = command(copier, "--version")
    template = template_clone(folder)
    project = folder / "project"
    command(anshin, "new", project, "--defaults")()
    some_id = first_id()
    cfn_lint = allow_findings(command(BIN / "cfn-lint", project / "template.yaml"))
    check = allow_findings(command(anshin, "check", project / "template.yaml"))
    theirs = folder / "theirs"
    command(copier, "copy", "-q", "--defaults", template, theirs)()
    commit(theirs)
    more = f"safeguards={[*recommended(), ADDED]}"
    words = ("update", "-q", "--defaults", "--vcs-ref", ":current:", "--data", more)
    return [
        Race("anshin --help", command(anshin, "--help"), "copier --version", version, 1 / 3),
        Race("anshin list", command(anshin, "list"), "copier --version", version, 1 / 3),
        Race("anshin show", command(anshin, "show", some_id), "copier --version", version, 1 / 3),
        Race(
            "anshin new --defaults",
            afresh(lambda target: command(anshin, "new", target, "--defaults")),
            "copier copy",
            afresh(lambda target: command(copier, "copy", "-q", "--defaults", template, target)),
            1.2,
        ),
        Race("anshin check", check, "cfn-lint", cfn_lint, 1 / 5),
        Race(
            "anshin plan add",
            afresh(lambda copy: copied(project, copy, (anshin, "plan", "add", ADDED))),
            "copier update",
            afresh(lambda copy: copied(theirs, copy, (copier, *words))),
            0.7,
        ),
    ]


def commit(folder: Path) -> None:
    """Make a repository of a folder."""
    git = ["git", "-c", "user.name=b", "-c", "user.email=b@localhost", "-C", str(folder)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)


def copied(project: Path, copy: Path, words: tuple[str | Path, ...]) -> Run:
    """A run in a copy of a project."""
    shutil.copytree(project, copy, symlinks=True)
    return command(*words, cwd=copy)


def recommended() -> list[str]:
    """The safeguards that a project has by default."""
    exported = json.loads((ROOT / "scaffolder" / "catalog.json").read_text(encoding="utf-8"))
    return list(exported["presets"]["recommended"]["safeguards"])


def first_id() -> str:
    """Some pattern of the catalog."""
    exported = json.loads((ROOT / "scaffolder" / "catalog.json").read_text(encoding="utf-8"))
    return str(next(iter(exported["patterns"])))


def seconds(run: Run) -> float:
    """How long one run takes, in seconds."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Run all races and print the table."""
    print(f"{'':24}{'seconds':>9}  {'against':20}{'seconds':>9}{'ratio':>8}{'aim':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for race in races(Path(folder)):
            race.ours(), race.rival()  # warm caches
            pairs = [(seconds(race.ours), seconds(race.rival)) for _ in range(ROUNDS)]
            ours, rival = (statistics.median(side) for side in zip(*pairs, strict=True))
            print(
                f"{race.name:24}{ours:9.3f}  {race.rival_name:20}{rival:9.3f}"
                f"{ours / rival:8.2f}{race.aim:8.2f}",
                flush=True,
            )
    compiling = command(BIN / "anshin", "compile", "--check")
    once = statistics.median(seconds(compiling) for _ in range(3))
    print(f"{'anshin compile --check':24}{once:9.3f}")


if __name__ == "__main__":
    main()

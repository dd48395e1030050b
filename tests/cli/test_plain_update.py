"""Plain `copier update` from one release to the next: no trust, no answer lost.

The two releases are of a made-up catalog. Between them a safeguard and questions got new names, a
safeguard was retired, and there are new choices. The project also has an id that somebody wrote
into its answers by hand.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import compile as compiler
from tests.cli.conftest import COPIER, both, make_checkout, pattern, question
from tests.unit.test_source import git, release

URL = "https://anshin.invalid/anshin-serverless.git"
ANSWERS = ".copier-answers.yml"
LABEL = """it's "{{ 5 }}" \\ 注文"""
MADE_WITH = {
    "project_name": "shop",
    "region": "eu-west-1",
    "safeguards": ["old-hat", "rate-limit", "work-queue"],
    "rate_limit_rate": 77,
    "rate_limit_strict": True,
    "rate_limit_mode": "hard",
    "rate_limit_label": LABEL,
    "work_queue_depth": 9,
}
BY_RENOVATE = ["--skip-answered", "--defaults", "--answers-file", ANSWERS, "--vcs-ref", "v0.2.0"]
"""What Renovate's manager for Copier calls `copier update` with."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with two releases."""
    depth = question("int", 5, min=1, max=10)
    root = make_checkout(
        tmp_path_factory.mktemp("releases") / "anshin",
        **{"work-queue": {"questions": {"depth": depth}}},
    )
    entry(root, "old-hat", pattern(scope=["code"]))
    (root / "catalog" / "old-hat" / "files").mkdir()
    (root / "catalog" / "old-hat" / "files" / "hat.txt").write_text("old\n", encoding="utf-8")
    publish(root, "v0.1.0")
    rename_the_safeguard(root)
    retire(root)
    change(root, "work-queue", requires={"traffic-limit": both("抑えるため。", "To bound it.")})
    change(root, "open-door", conflicts={})
    entry(root, "fresh-idea", pattern(scope=["code"]))
    publish(root, "v0.2.0")
    return root


def rename_the_safeguard(root: Path) -> None:
    """Another id; one question gets a new name and a lower bound, and another a new choice."""
    folder = root / "catalog" / "traffic-limit"
    (root / "catalog" / "rate-limit").rename(folder)
    data = read(folder / "pattern.yaml")
    rate = data["questions"].pop("rate")
    mode = {**data["questions"]["mode"], "choices": ["soft", "medium", "hard"]}
    asked = {"per_second": {**rate, "max": 100, "aliases": ["rate_limit_rate"]}, "mode": mode}
    change(
        root,
        "traffic-limit",
        aliases=["request-limit", "rate-limit"],
        questions={**data["questions"], **asked},
    )
    template = folder / "template.yaml"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("!Answer rate", "!Answer per_second"), encoding="utf-8")


def retire(root: Path) -> None:
    shutil.rmtree(root / "catalog" / "old-hat")
    why = {"since": "0.2.0", "because": both("不要になりました。", "Nobody needs it.")}
    data = {"safeguards": {"old-hat": why}, "answers": {}}
    text = yaml.safe_dump(data, allow_unicode=True)
    (root / "catalog" / "retired.yaml").write_text(text, encoding="utf-8")


def entry(root: Path, name: str, data: dict[str, Any]) -> None:
    folder = root / "catalog" / name
    folder.mkdir(exist_ok=True)
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    (folder / "pattern.yaml").write_text(text, encoding="utf-8")


def change(root: Path, name: str, **fields: Any) -> None:
    entry(root, name, {**read(root / "catalog" / name / "pattern.yaml"), **fields})


def publish(root: Path, tag: str) -> None:
    compiler.write(root, compiler.compiled(root))
    release(root, tag)


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def copier(*words: object, env: dict[str, str], cwd: Path) -> None:
    command = [str(COPIER), *map(str, words)]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def make(project: Path, url: str, env: dict[str, str], **changes: Any) -> None:
    """A project of the first release, with an id in its answers that nobody ever offered."""
    project.mkdir(parents=True)
    answers = {**MADE_WITH, **changes}
    given = project.parent / "given.yml"
    given.write_text(yaml.safe_dump(answers), encoding="utf-8")
    flags = ["--quiet", "--defaults", "--vcs-ref", "v0.1.0", "--data-file", given]
    copier("copy", *flags, url, project, env=env, cwd=project.parent)
    given.unlink()
    recorded = project / ANSWERS
    text = recorded.read_text(encoding="utf-8")
    assert text.count("- rate-limit\n") == 1
    recorded.write_text(text.replace("- rate-limit\n", "- rate-limit\n- no-such\n"))


def commit(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")


Reach = Callable[[Path, dict[str, str]], AbstractContextManager[tuple[str, dict[str, str]]]]
"""Makes a repository reachable: gives its URL and the environment to use that in."""


@contextmanager
def renamed(root: Path, env: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    settings = {"KEY_0": f"url.{root}.insteadOf", "VALUE_0": URL, "COUNT": "1"}
    yield URL, {**env, **{f"GIT_CONFIG_{name}": value for name, value in settings.items()}}


@contextmanager
def as_file(root: Path, env: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    yield f"file://{root}/.git", env


@contextmanager
def over_http(root: Path, env: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    git(root, "update-server-info")
    command = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
    server = subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        port = server.stdout.readline().split("port ")[1].split()[0]
        yield f"http://127.0.0.1:{port}/.git", env
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("reach", [renamed, as_file, over_http])
@pytest.mark.parametrize("flags", [["--defaults"], BY_RENOVATE], ids=["plain", "renovate"])
def test_nothing_is_lost(
    reach: Reach, flags: list[str], checkout: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    project = tmp_path / "project"
    with reach(checkout, environment) as (url, env):
        make(project, url, env)
        commit(project)
        copier("update", *flags, env=env, cwd=project)
    recorded = read(project / ANSWERS)
    assert recorded == {
        "_commit": "v0.2.0",
        "_src_path": url,
        "project_name": "shop",
        "description": recorded["description"],
        "language": "en",
        "region": "eu-west-1",
        "runtime": recorded["runtime"],
        "architecture": "arm64",
        "safeguards": ["traffic-limit", "work-queue"],
        "work_queue_depth": 9,
        "traffic_limit_strict": True,
        "traffic_limit_mode": "hard",
        "traffic_limit_label": LABEL,
        "traffic_limit_per_second": 77,
    }
    template = (project / "template.yaml").read_text(encoding="utf-8")
    assert "RetentionInDays: 77\n" in template
    assert not (project / "hat.txt").exists()
    assert not git(project, "diff", "--name-only", "--diff-filter=U")


def test_in_a_folder_of_a_repository(
    checkout: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    project = tmp_path / "shop" / "backend"
    with renamed(checkout, environment) as (url, env):
        make(project, url, env)
        (tmp_path / "shop" / "README").write_text("The shop\n", encoding="utf-8")
        commit(tmp_path / "shop")
        copier("update", *BY_RENOVATE, env=env, cwd=project)
    assert read(project / ANSWERS)["safeguards"] == ["traffic-limit", "work-queue"]
    names = git(tmp_path / "shop", "status", "--porcelain").split()[1::2]
    assert names and all(name.startswith("backend/") for name in names)


def test_an_answer_that_no_longer_fits_gives_way_to_the_default(
    checkout: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    project = tmp_path / "project"
    with renamed(checkout, environment) as (url, env):
        make(project, url, env, rate_limit_rate=500)
        commit(project)
        copier("update", *BY_RENOVATE, env=env, cwd=project)
    assert read(project / ANSWERS)["traffic_limit_per_second"] == 50


@pytest.mark.parametrize("given", [[], ["fresh-idea"]])
def test_a_choice_of_today_is_left_alone(
    given: list[str], checkout: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Nothing recommended comes back to somebody who chose nothing."""
    with renamed(checkout, environment) as (url, env):
        data = ["--data", f"safeguards={given}"]
        flags = ["--quiet", "--defaults", *data]
        copier("copy", *flags, url, "project", env=env, cwd=tmp_path)
        project = tmp_path / "project"
        commit(project)
        copier("update", *BY_RENOVATE, env=env, cwd=project)
    assert read(project / ANSWERS)["safeguards"] == given


def test_a_misspelt_choice_is_still_refused(
    checkout: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    with renamed(checkout, environment) as (url, env):
        (tmp_path / "given.yml").write_text("safeguards: [trafic-limit]\n", encoding="utf-8")
        flags = ["--quiet", "--defaults", "--data-file", "given.yml"]
        command = [str(COPIER), "copy", *flags, url, "project"]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode != 0
    assert "trafic-limit" in done.stderr

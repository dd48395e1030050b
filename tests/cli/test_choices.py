"""Choices that come from elsewhere: links, other projects, facts about the workload."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder import published
from scaffolder.messages import LANGUAGES
from tests.cli.conftest import Run

LANG = pytest.mark.parametrize("lang", LANGUAGES)
SITE = "https://anshin.invalid/en/configurator/#v=1"


@pytest.fixture
def new(anshin: Run, checkout: Path) -> Run:
    """`anshin new` with the made-up catalog, asking nothing."""

    def run(*words: object, lang: str = "en", **settings: Any) -> Any:
        return anshin("new", *words, "--template", checkout, "--defaults", lang=lang, **settings)

    return run


@pytest.fixture
def here(anshin: Run) -> Path:
    """The folder that commands run in."""
    return Path(anshin.folder)  # type: ignore[attr-defined]


def answers(project: Path) -> dict[str, Any]:
    text = (project / ".copier-answers.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def test_which_source_wins(new: Run, here: Path) -> None:
    """The options, then the link, then the file, then the other project."""
    layers = {
        "like": {"description": "l", "region": "eu-north-1", "rate_limit_rate": 1},
        "file": {"region": "eu-west-1", "rate_limit_rate": 2, "rate_limit_label": "file"},
        "link": {"rate_limit_rate": 3, "rate_limit_label": "link", "runtime": "python3.13"},
    }
    data = [word for name, value in layers["like"].items() for word in ("-d", f"{name}={value}")]
    assert new("other", "-s", "rate-limit", *data).returncode == 0
    (here / "file.yml").write_text(yaml.safe_dump(layers["file"]), encoding="utf-8")
    link = "&".join(
        [SITE, "safeguards=work-queue", *(f"{n}={v}" for n, v in layers["link"].items())]
    )
    words = ["--like", "other", "--data-file", "file.yml", "--from", link]
    done = new("svc", *words, "-d", "rate_limit_rate=4")
    assert done.returncode == 0, done.stderr
    found = answers(here / "svc")
    assert found["description"] == "l"
    assert found["region"] == "eu-west-1"
    assert found["rate_limit_label"] == "link"
    assert found["runtime"] == "python3.13"
    assert found["rate_limit_rate"] == 4
    assert found["safeguards"] == ["work-queue"]
    # A name is one project's alone.
    assert found["project_name"] == "svc"


def test_settings_of_safeguards_that_gave_way_are_left_out(new: Run, here: Path) -> None:
    assert new("other", "-s", "rate-limit", "-d", "rate_limit_rate=7").returncode == 0
    link = f"{SITE}&rate_limit_rate=8&safeguards=rate-limit"
    for source in (("--like", "other"), ("--from", link)):
        done = new(f"svc-{source[0][2:]}", *source, "-s", "open-door")
        assert done.returncode == 0, done.stderr
    assert answers(here / "svc-like")["safeguards"] == ["open-door"]
    # What was typed is not left out without a word.
    done = new("svc", "--like", "other", "-s", "open-door", "-d", "rate_limit_rate=9")
    assert done.returncode == 2
    assert "rate_limit_rate" in done.stderr


def test_like_a_project_of_another_version(new: Run, here: Path) -> None:
    old = here / "old"
    old.mkdir()
    recorded = {
        "_commit": "v0.0.1",
        "_src_path": "https://example.com/",
        "project_name": "old",
        "region": "eu-west-1",
        "safeguards": ["request-limit", "long-gone"],
        "request_limit_rate": 9,
        "long_gone_setting": 1,
    }
    (old / ".copier-answers.yml").write_text(yaml.safe_dump(recorded), encoding="utf-8")
    done = new("svc", "--like", "old")
    assert done.returncode == 0, done.stderr
    found = answers(here / "svc")
    assert (found["safeguards"], found["rate_limit_rate"]) == (["rate-limit"], 9)
    for name in ("long-gone", "long_gone_setting"):
        assert name in done.stderr
    # The file itself will do.
    assert new("two", "--like", "old/.copier-answers.yml").returncode == 0


@LANG
@pytest.mark.parametrize("path", ["nowhere", "."])
def test_like_nothing(new: Run, here: Path, lang: str, path: str) -> None:
    done = new("svc", "--like", path, lang=lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert not (here / "svc").exists()


@LANG
@pytest.mark.parametrize(
    ("link", "part"),
    [
        ("file:///etc/passwd#v=1&safeguards=rate-limit", "file:///etc/passwd"),
        (f"{SITE}&safeguards=rm%20-rf", "rm -rf"),
        (f"{SITE}&_src_path=https://example.com/", "_src_path"),
        (f"{SITE}&project_name=..%2F..%2Fetc", "../../etc"),
        (f"{SITE}&description=%1b%5b2J", "description"),
        (f"{SITE}&safeguards=rate-limit&rate_limit_rate=0", "1000"),
        (f"{SITE}&fact.trigger=everything", "everything"),
        (f"{SITE}&" + "a" * 9000, "8192"),
        ("https://example.com/", "https://example.com/"),
        ("", ""),
    ],
)
def test_hostile_links(new: Run, here: Path, link: str, part: str, lang: str) -> None:
    done = new("svc", "--from", link, lang=lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert list(here.iterdir()) == []


def test_a_link_brings_a_project_into_another_hand(anshin: Run, here: Path) -> None:
    words = ("--preset", "strict", "--defaults", "-d", "region=eu-west-1")
    assert anshin("new", "one", *words).returncode == 0
    link = anshin("link", "one").stdout.strip()
    done = anshin("new", "two", "--defaults", "--from", link, "-d", "project_name=one")
    assert done.returncode == 0, done.stderr
    one, two = answers(here / "one"), answers(here / "two")
    assert {**one, "_commit": two["_commit"]} == two


def test_facts_choose_the_safeguards(new: Run, here: Path) -> None:
    done = new("svc", "--fact", "trigger=schedule")
    assert done.returncode == 0, done.stderr
    # What the catalog recommends to all does not need any fact.
    assert answers(here / "svc")["safeguards"] == ["rate-limit"]
    link = f"{SITE}&fact.trigger=queue&fact.team=lone"
    for number, (words, safeguards) in enumerate(
        [
            (["--from", link, "--preset", "none"], []),
            (["--from", link, "-s", "work-queue"], ["work-queue"]),
            (["--from", f"{link}&safeguards=open-door"], ["open-door"]),
        ]
    ):
        done = new(f"svc-{number}", *words)
        assert done.returncode == 0, done.stderr
        assert answers(here / f"svc-{number}")["safeguards"] == safeguards


def test_facts_decide_where_nothing_else_is_chosen(anshin: Run) -> None:
    facts = {"trigger": "http", "callers": "public", "fear": "bill", "team": "lone"}
    words = [word for name, value in facts.items() for word in ("--fact", f"{name}={value}")]
    shown = json.loads(anshin("new", "--defaults", "--dry-run", "--json", *words).stdout)
    advised = json.loads(anshin("new", "--explain", "--json", *words).stdout)
    wanted = [row["id"] for row in advised["safeguards"] if row["recommended"]]
    assert shown["safeguards"] == wanted
    assert wanted != published.load()["presets"]["recommended"]["safeguards"]


@LANG
@pytest.mark.parametrize(
    ("fact", "part"),
    [
        ("trigger", "--fact"),
        ("weather=fine", "weather"),
        ("team=alone", "lone"),
        ("tem=lone", "team"),
    ],
)
def test_wrong_facts(new: Run, here: Path, fact: str, part: str, lang: str) -> None:
    done = new("svc", "--fact", fact, lang=lang)
    assert (done.returncode, done.stdout) == (2, "")
    assert part in done.stderr
    assert list(here.iterdir()) == []


@LANG
def test_explain(anshin: Run, here: Path, lang: str) -> None:
    catalog = published.load()
    done = anshin("new", "--explain", "--fact", "trigger=schedule", lang=lang)
    assert (done.returncode, done.stderr) == (0, "")
    for name, fact in catalog["facts"].items():
        assert fact["question"][lang] in done.stdout
        assert f"({name}: " in done.stdout
    assert catalog["facts"]["trigger"]["values"]["schedule"]["title"][lang] in done.stdout
    assert catalog["facts"]["team"]["values"]["unknown"]["treated"][lang] in done.stdout
    for name in published.safeguards(catalog):
        assert f"({name})" in done.stdout
    assert list(here.iterdir()) == []


def test_explain_as_data(anshin: Run, here: Path) -> None:
    words = ("--fact", "trigger=queue,http", "--fact", "work=cpu")
    found = json.loads(anshin("new", "--explain", "--json", *words).stdout)
    assert found["facts"] == {"trigger": ["http", "queue"], "work": "cpu"}
    rows = {row["id"]: row for row in found["safeguards"]}
    assert list(rows) == published.safeguards(published.load())
    assert all(row["reasons"] for row in rows.values() if row["recommended"])
    assert any(row["brings"] for row in rows.values())
    assert list(here.iterdir()) == []


def test_explain_needs_no_folder_and_minds_none(anshin: Run, here: Path) -> None:
    (here / "full").mkdir()
    (here / "full" / "file").touch()
    assert anshin("new", "full", "--explain").returncode == 0


def test_link_of_a_project(anshin: Run, here: Path) -> None:
    assert anshin("new", "svc", "--defaults", "--preset", "learning").returncode == 0
    (here / "svc" / "deep").mkdir()
    links = {
        anshin("link", "svc").stdout,
        anshin("link", cwd=here / "svc").stdout,
        anshin("link", "svc/deep").stdout,
        json.loads(anshin("link", "svc", "--json").stdout)["link"] + "\n",
    }
    assert len(links) == 1
    link = links.pop().strip()
    chosen = ",".join(published.load()["presets"]["learning"]["safeguards"])
    assert link == f"{SITE}&language=en&project_name=svc&safeguards={chosen}"


def test_link_of_options(anshin: Run) -> None:
    done = anshin("link", "--preset", "none", "--fact", "team=lone", "-d", "region=eu-west-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{SITE}&fact.team=lone&region=eu-west-1&safeguards=\n"
    assert anshin("link", "--fact", "team=lone").stdout == f"{SITE}&fact.team=lone\n"


def test_options_go_over_a_project(anshin: Run) -> None:
    assert anshin("new", "svc", "--defaults", "--preset", "learning").returncode == 0
    done = anshin("link", "svc", "--preset", "none", "-d", "project_name=other")
    assert done.stdout == f"{SITE}&language=en&project_name=other&safeguards=\n"


@LANG
def test_link_of_nothing(anshin: Run, lang: str) -> None:
    for words in ((), ("nowhere",), ("-s", "nothing-like-it"), ("--fact", "team")):
        done = anshin("link", *words, lang=lang)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
        assert done.stderr


@LANG
def test_without_a_terminal_the_facts_do_not_choose_by_themselves(anshin: Run, lang: str) -> None:
    done = anshin("new", "svc", "--fact", "team=lone", lang=lang)
    assert done.returncode == 2
    assert "--safeguards" in done.stderr
    assert "--preset recommended" not in done.stderr


def test_resume_without_a_draft(anshin: Run, here: Path) -> None:
    done = anshin("new", "--resume", "--defaults")
    assert (done.returncode, done.stdout) == (2, "")
    assert "anshin new" in done.stderr
    assert list(here.iterdir()) == []

"""What was answered is kept for the next run, and taken over as far as it is still valid."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from scaffolder import draft
from scaffolder.draft import FACT, SAFEGUARDS, SETTINGS, SUMMARY, Draft
from scaffolder.messages import Say, Trouble
from tests.cli.conftest import make_checkout

EN = Say("en")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = make_checkout(tmp_path_factory.mktemp("draft") / "anshin")
    return dict(json.loads((root / "scaffolder" / "catalog.json").read_text(encoding="utf-8")))


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


FULL = Draft(
    directory="svc",
    started="/somewhere",
    template="https://example.com/template.git",
    facts={"trigger": ["http", "queue"], "team": "lone"},
    chosen=["rate-limit"],
    advised=["rate-limit", "work-queue"],
    answers={"region": "eu-west-1", "rate_limit_rate": 7, "rate_limit_strict": True},
    step=SETTINGS,
)


def test_what_is_kept_comes_back(state: dict[str, str]) -> None:
    file = draft.keep(FULL, state)
    assert draft.load(state) == FULL
    assert draft.exists(state)
    # What somebody is planning is nobody else's business.
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in file.parent.iterdir()] == ["draft.json"]
    draft.remove(state)
    assert not draft.exists(state)
    draft.remove(state)


@pytest.mark.parametrize("state_home", ["", "relative/state"])
def test_its_place_without_a_setting(
    state_home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = draft.keep(FULL, {"XDG_STATE_HOME": state_home})
    assert file == tmp_path / ".local" / "state" / "anshin" / "draft.json"


def test_a_failure_leaves_the_draft_before(
    state: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = draft.keep(FULL, state)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(Trouble):
            draft.keep(Draft(directory="other"), state)
    assert draft.load(state) == FULL
    assert [p.name for p in file.parent.iterdir()] == ["draft.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to(state: dict[str, str]) -> None:
    Path(state["XDG_STATE_HOME"]).mkdir(mode=0o500)
    with pytest.raises(Trouble):
        draft.keep(FULL, state)


def test_no_draft(state: dict[str, str]) -> None:
    with pytest.raises(Trouble) as caught:
        draft.load(state)
    assert "anshin new" in caught.value.said(EN)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"facts": []},
        {"chosen": "rate-limit"},
        {"answers": None},
        {"step": 3},
        {"directory": ["svc"]},
        {"more": "than there should be"},
    ],
)
def test_a_draft_of_another_form(state: dict[str, str], change: dict[str, Any]) -> None:
    file = draft.keep(FULL, state)
    data = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**data, **change}), encoding="utf-8")
    with pytest.raises(Trouble) as caught:
        draft.load(state)
    assert str(file) in caught.value.said(EN)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_draft(state: dict[str, str], content: bytes) -> None:
    file = draft.keep(FULL, state)
    file.write_bytes(content)
    with pytest.raises(Trouble) as caught:
        draft.load(state)
    assert str(file) in caught.value.said(EN)


def test_the_place_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Draft().path is None
    assert Draft(directory="svc", started=str(tmp_path)).path == Path("svc")
    assert Draft(directory="svc", started="/elsewhere").path == Path("/elsewhere/svc")
    assert Draft(directory="/abs/svc", started="/elsewhere").path == Path("/abs/svc")


def test_a_valid_draft_is_taken_over_as_it_is(catalog: dict[str, Any]) -> None:
    assert draft.carried(catalog, FULL, EN) == (FULL, [])


def test_a_draft_of_an_earlier_version(catalog: dict[str, Any]) -> None:
    """Renamed safeguards go on under their new name; what is gone is asked for again."""
    old = replace(
        FULL,
        facts={"trigger": ["http"], "team": "committee", "weather": "fine"},
        chosen=["request-limit", "long-gone"],
        advised=["request-limit", "long-gone"],
        answers={"region": "eu-west-1", "rate_limit_rate": 5000, "request_limit_mode": "hard"},
        step=SUMMARY,
    )
    found, again = draft.carried(catalog, old, EN)
    assert found.facts == {"trigger": ["http"]}
    assert (found.chosen, found.advised) == (["rate-limit"], ["rate-limit"])
    assert found.answers == {"region": "eu-west-1", "rate_limit_mode": "hard"}
    assert set(again) == {"team", "weather", "long-gone", "rate_limit_rate"}
    assert found.step == FACT + "team"


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, SUMMARY),
        ({"answers": {"region": "x y"}}, SETTINGS),
        ({"chosen": ["long-gone"]}, SAFEGUARDS),
        # Together, they were possible once.
        ({"chosen": ["rate-limit", "open-door"]}, SAFEGUARDS),
    ],
)
def test_the_interview_goes_on_where_something_is_open(
    catalog: dict[str, Any], changes: dict[str, Any], step: str
) -> None:
    old = Draft(**{**asdict(FULL), **changes, "step": SUMMARY})
    assert draft.carried(catalog, old, EN)[0].step == step


def test_an_unknown_step_is_none(catalog: dict[str, Any]) -> None:
    assert draft.carried(catalog, replace(FULL, step="fact.weather"), EN)[0].step == ""


def test_what_nobody_would_miss() -> None:
    assert Draft(directory="svc", step=SETTINGS).is_empty
    assert not Draft(facts={"team": "lone"}).is_empty
    assert not Draft(answers={"region": "eu-west-1"}).is_empty

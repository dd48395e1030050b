"""The interview's steps, without a terminal: their order, going back, and what stays."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from scaffolder import recommend
from scaffolder.draft import FACT, PLACE, SAFEGUARDS, SETTINGS, SUMMARY, Draft, steps
from scaffolder.interview import USE, Course, Interview, moved
from scaffolder.layout import Screen
from scaffolder.messages import LANGUAGES, Say
from scaffolder.prompts import Back, Check, Choice, Question
from scaffolder.selection import Selection
from tests.cli.conftest import both, make_checkout

EN = Say("en")

BECAUSE = both("理由です。", "A reason.")
CHANGES: dict[str, dict[str, Any]] = {
    "work-queue": {"recommended_when": [{"facts": {"trigger": ["queue"]}, "because": BECAUSE}]},
    "open-door": {"recommended_when": [{"facts": {"trigger": ["schedule"]}, "because": BECAUSE}]},
}
"""To the made-up catalog: other triggers recommend other safeguards."""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = make_checkout(tmp_path_factory.mktemp("interview") / "anshin", **CHANGES)
    return dict(json.loads((root / "scaffolder" / "catalog.json").read_text(encoding="utf-8")))


class Scripted:
    """Answers questions in order, and takes the default when the script is over.

    An answer is a value, `...` for the default, or an exception. Safeguards are answered with the
    ids to toggle, and an exception after them.
    """

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.asked: list[Question] = []
        self.offered: list[Sequence[Choice]] = []
        self.noted: list[str] = []

    @property
    def titles(self) -> list[str]:
        return [question.title for question in self.asked]

    def select(self, question: Question, choices: Sequence[Choice], default: Any) -> Any:
        self.offered.append(choices)
        # In a list of settings, the line that was changed last stays the default.
        leaving = not self.script and choices[0].value == USE
        answer = self._next(question, USE if leaving else default)
        assert answer in [choice.value for choice in choices]
        return answer

    def several(
        self,
        question: Question,
        choices: Sequence[Choice],
        default: Sequence[Any],
        alone: Collection[Any],
    ) -> list[Any]:
        assert set(alone) <= {choice.value for choice in choices}
        return list(self._next(question, default))

    def text(self, question: Question, default: str, check: Check) -> str:
        answer = str(self._next(question, default))
        if problem := check(answer):
            self.noted.append(problem)
            return self.text(question, default, check)
        return answer

    def pick(self, selection: Selection) -> list[str]:
        for step in self._next(Question(SAFEGUARDS), []):
            if not isinstance(step, str):
                raise step
            assert selection.toggle(step).changed
        return selection.chosen

    def note(self, lines: Sequence[str]) -> None:
        self.noted += lines

    def _next(self, question: Question, default: Any) -> Any:
        self.asked.append(question)
        answer = self.script.pop(0) if self.script else ...
        if isinstance(answer, type) and issubclass(answer, BaseException):
            raise answer
        return default if answer is ... else answer


def course(
    catalog: dict[str, Any], prompts: Scripted, draft: Draft, given: Collection[str] = ()
) -> Course:
    interview = Interview(catalog, EN, Screen(), asking=prompts)
    return Course(interview, draft, given, lambda found: [f"to be made: {found.chosen}"])


def facts(catalog: dict[str, Any]) -> list[str]:
    """The steps that ask about the workload."""
    return [step for step in steps(catalog) if step.startswith(FACT)]


BOTH = ["rate-limit", "work-queue"]
PLACED = [PLACE]
"""What the command line gives, when it names the folder."""


def test_the_defaults_all_the_way(catalog: dict[str, Any]) -> None:
    prompts, draft = Scripted(), Draft()
    assert course(catalog, prompts, draft).run()
    titles = prompts.titles
    assert titles[0] == "Folder for the project"
    assert titles[1:9] == [fact["question"]["en"] for fact in catalog["facts"].values()]
    assert titles[9:] == [
        SAFEGUARDS,
        "Are these settings right?",
        "Make the project orders in orders?",
    ]
    assert draft.directory == "orders"
    assert draft.facts == {
        name: ["unknown"] if fact["multiple"] else "unknown"
        for name, fact in catalog["facts"].items()
    }
    assert draft.chosen == draft.advised == recommend.recommended(catalog, {})
    assert draft.answers == {}
    assert prompts.noted == [f"to be made: {draft.chosen}"]
    # Nothing comes before the first question.
    assert [question.back for question in prompts.asked[:2]] == [False, True]


def test_each_question_shows_where_it_stands_and_what_came_before(catalog: dict[str, Any]) -> None:
    prompts = Scripted(["queue", "http"], "partners")
    course(catalog, prompts, Draft(directory="svc"), PLACED).run()
    third = prompts.asked[2]
    assert third.place == f"3/{len(catalog['facts'])}"
    assert third.before == [
        (
            "What starts the work?",
            "A message on a queue, An HTTP request, from a page or another system",
        ),
        ("Whose requests does it handle?", "Partners', who have been given a key"),
    ]
    assert not prompts.asked[0].back


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_says_what_it_is_taken_for(
    catalog: dict[str, Any], language: str
) -> None:
    prompts = Scripted()
    interview = Interview(catalog, Say(language), Screen(), asking=prompts)
    Course(interview, Draft(directory="svc"), PLACED, lambda _: []).run()
    callers = catalog["facts"]["callers"]["values"]
    notes = {choice.value: choice.note for choice in prompts.offered[0]}
    assert notes == {
        **dict.fromkeys(callers, ""),
        "unknown": callers["unknown"]["treated"][language],
    }


def test_going_back_and_changing_an_answer(catalog: dict[str, Any]) -> None:
    prompts = Scripted(["http"], "public", Back, Back, ["queue"])
    draft = Draft(directory="svc")
    course(catalog, prompts, draft, PLACED).run()
    names = [question.place.partition("/")[0] for question in prompts.asked[:6]]
    assert names == ["1", "2", "3", "2", "1", "2"]
    assert draft.facts["trigger"] == ["queue"]
    # The second answer is still there.
    assert draft.facts["callers"] == "public"
    assert draft.chosen == recommend.recommended(catalog, {"trigger": ["queue"]})
    assert "work-queue" in draft.chosen


def test_what_was_toggled_by_hand_survives_other_facts(catalog: dict[str, Any]) -> None:
    count = len(facts(catalog))
    toggles = ["work-queue", "rate-limit", "rate-limit"]
    assert recommend.recommended(catalog, {"trigger": ["http"]}) == ["rate-limit"]
    back = [Back] * (count - 1)
    script = [["http"], *[...] * (count - 1), [*toggles, Back], *back, ["queue"]]
    draft = Draft(directory="svc")
    course(catalog, Scripted(*script), draft, PLACED).run()
    assert draft.facts["trigger"] == ["queue"]
    assert draft.chosen == ["rate-limit", "work-queue"]


def test_an_interruption_in_the_list_keeps_what_was_toggled(catalog: dict[str, Any]) -> None:
    draft = Draft(directory="svc", step=SAFEGUARDS)
    with pytest.raises(KeyboardInterrupt):
        course(catalog, Scripted(["work-queue", KeyboardInterrupt]), draft).run()
    assert draft.chosen == ["rate-limit", "work-queue"]
    assert draft.step == SAFEGUARDS
    prompts = Scripted()
    course(catalog, prompts, draft).run()
    assert draft.chosen == ["rate-limit", "work-queue"]
    assert prompts.titles[0] == SAFEGUARDS


@pytest.mark.parametrize(
    ("chosen", "before", "now", "then"),
    [
        # Nothing was changed by hand: the new recommendation.
        (["rate-limit"], ["rate-limit"], ["work-queue"], ["work-queue"]),
        # Added by hand stays, taken out by hand stays out.
        (
            ["rate-limit", "work-queue"],
            ["rate-limit"],
            ["rate-limit"],
            ["rate-limit", "work-queue"],
        ),
        ([], ["rate-limit"], BOTH, ["work-queue"]),
        # What was added by hand is stronger than what is recommended.
        (["open-door"], [], ["rate-limit"], ["open-door"]),
        (["open-door"], ["rate-limit"], ["work-queue"], ["open-door"]),
    ],
)
def test_a_choice_on_another_recommendation(
    catalog: dict[str, Any], chosen: list[str], before: list[str], now: list[str], then: list[str]
) -> None:
    assert moved(catalog, chosen, before, now) == then


def test_what_the_command_line_gave_is_passed_over_but_can_be_gone_back_to(
    catalog: dict[str, Any],
) -> None:
    draft = Draft(directory="svc", facts={"trigger": ["queue"]}, chosen=["work-queue"])
    given = {*steps(catalog)} - {SETTINGS, SUMMARY}
    prompts = Scripted(Back, Back)
    course(catalog, prompts, draft, given).run()
    last = list(catalog["facts"].values())[-1]["question"]["en"]
    settings = "Are these settings right?"
    assert prompts.titles[:4] == [settings, SAFEGUARDS, last, SAFEGUARDS]
    assert draft.directory == "svc"


def test_from_the_summary_to_anything(catalog: dict[str, Any]) -> None:
    make, settings = "Make the project svc in svc?", "Are these settings right?"
    first = next(iter(catalog["facts"].values()))["question"]["en"]
    for way, follow in ((SAFEGUARDS, SAFEGUARDS), (SETTINGS, settings), ("facts", first)):
        prompts = Scripted(way)
        assert course(catalog, prompts, Draft(directory="svc", chosen=[], step=SUMMARY)).run()
        assert prompts.titles[:2] == [make, follow]
        assert prompts.titles[-1] == make
        assert len(prompts.noted) == 2
    prompts = Scripted("cancel")
    assert not course(catalog, prompts, Draft(directory="svc", chosen=[], step=SUMMARY)).run()
    prompts = Scripted(Back)
    course(catalog, prompts, Draft(directory="svc", chosen=[], step=SUMMARY)).run()
    assert prompts.titles[:2] == [make, settings]


def test_an_unknown_step_starts_at_the_beginning(catalog: dict[str, Any]) -> None:
    prompts = Scripted(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        course(catalog, prompts, Draft(step="fact.weather")).run()
    assert prompts.titles == ["Folder for the project"]


def test_the_folder(
    catalog: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    prompts = Scripted("  ", "taken", " svc ", KeyboardInterrupt)
    draft = Draft(answers={"project_name": "billing"})
    with pytest.raises(KeyboardInterrupt):
        course(catalog, prompts, draft).run()
    assert [draft.directory, draft.started] == ["svc", str(tmp_path)]
    assert prompts.noted[0] == "Name a folder."
    assert "taken" in prompts.noted[1]


def test_settings_are_reviewed_and_changed(catalog: dict[str, Any]) -> None:
    script = [
        *["rate_limit_rate", "0", "1001", "7"],
        *["rate_limit_strict", True],
        *["rate_limit_mode", Back],
        *["rate_limit_label", ""],
        *["project_name", "mine"],
        *["region", "ap-northeast-1"],
    ]
    prompts = Scripted(*script)
    draft = Draft(directory="svc", chosen=["work-queue"], step=SETTINGS)
    course(catalog, prompts, draft).run()
    assert draft.answers == {
        "rate_limit_rate": 7,
        "rate_limit_strict": True,
        "rate_limit_label": "",
        "project_name": "mine",
    }
    # The bound, each time.
    assert prompts.noted[:2] == [
        f'"{text}" cannot be used. Allowed: a whole number from 1 to 1000.'
        for text in ("0", "1001")
    ]
    last = {choice.value: choice for choice in prompts.offered[-2]}
    assert last["rate_limit_rate"].detail == "7 (changed)"
    assert last["rate_limit_strict"].detail == "Yes (changed)"
    assert last["rate_limit_label"].detail == '"" (changed)'
    assert last["rate_limit_mode"].detail == "soft"
    assert last["region"].detail == "ap-northeast-1"
    # What came along brings its settings, too; its name stands above the first of them.
    assert last["rate_limit_rate"].heading == "A ceiling on requests (rate-limit)"
    assert last["rate_limit_strict"].heading == ""


def test_a_setting_shows_its_bound_and_where_it_comes_from(
    tmp_path: Path, catalog: dict[str, Any]
) -> None:
    question = catalog["patterns"]["rate-limit"]["answers"]["rate_limit_rate"]
    answers = {"rate_limit_rate": {**question, "source": "https://example.com/limits"}}
    pattern = {**catalog["patterns"]["rate-limit"], "answers": answers}
    made = {**catalog, "patterns": {**catalog["patterns"], "rate-limit": pattern}}
    prompts = Scripted("rate_limit_rate", "7")
    found: dict[str, Any] = {}
    Interview(made, EN, Screen(), asking=prompts).settings(["rate-limit"], found)
    asked = prompts.asked[1]
    assert asked.bound == "Allowed: a whole number from 1 to 1000."
    assert asked.source == "Source: https://example.com/limits"
    assert asked.help == "What the value does."
    assert found == {"rate_limit_rate": 7}


def test_the_settings_of_safeguards_that_are_added(catalog: dict[str, Any]) -> None:
    """As `anshin add` asks them: only what is open, and there is nothing to go back to."""
    prompts = Scripted("rate_limit_mode", "hard")
    found: dict[str, Any] = {"rate_limit_rate": 5}
    interview = Interview(catalog, EN, Screen(), asking=prompts)
    interview.settings(["rate-limit", "work-queue"], found)
    assert found == {
        "rate_limit_rate": 5,
        "rate_limit_strict": False,
        "rate_limit_mode": "hard",
        "rate_limit_label": "limit",
    }
    assert "rate_limit_rate" not in [choice.value for choice in prompts.offered[0]]
    assert not prompts.asked[0].back
    prompts = Scripted()
    Interview(catalog, EN, Screen(), asking=prompts).settings(["work-queue"], {})
    assert prompts.asked == []


@pytest.mark.parametrize("word", ["apply", "diff", "cancel"])
def test_agreement(catalog: dict[str, Any], word: str) -> None:
    assert Interview(catalog, EN, Screen(), asking=Scripted(word)).agreement() == word


def test_settings_of_a_safeguard_that_was_taken_out_come_back_with_it(
    catalog: dict[str, Any],
) -> None:
    script = ["rate_limit_rate", "7", USE, SAFEGUARDS, ["rate-limit"], USE, SAFEGUARDS]
    prompts = Scripted(*script, ["rate-limit"])
    draft = Draft(directory="svc", chosen=["rate-limit"], step=SETTINGS)
    course(catalog, prompts, draft).run()
    assert (draft.chosen, draft.answers) == (["rate-limit"], {"rate_limit_rate": 7})

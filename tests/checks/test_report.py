"""The report: readable in both languages, aligned, safe to print, and exact as JSON."""

from __future__ import annotations

import json
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scaffolder.checks import words
from scaffolder.checks.command import run
from scaffolder.checks.report import width_of
from tests.checks.support import catalog, check

QUEUE = "$.Resources[?@.Type == 'AWS::SQS::Queue'].Properties"
TEMPLATE = """\
Parameters: {P: {Type: String}}
Resources:
  Good: {Type: AWS::SQS::Queue, Properties: {Encrypted: true}}
  Bad:
    Type: AWS::SQS::Queue
    Properties:
      Encrypted: false
  Open: {Type: AWS::SQS::Queue, Properties: {Encrypted: !Ref P}}
"""


def made() -> dict[str, Any]:
    enc = check(
        select=[QUEUE],
        assert_={"required": ["Encrypted"], "properties": {"Encrypted": {"const": True}}},
        severity="warning",
        message={"ja": "{resource}: {key} が {value} です", "en": "{resource}: {key} is {value}"},
    ).data
    topics = check(select=["$.Resources[?@.Type == 'Topic']"], assert_={"required": ["X"]}).data
    return catalog(
        encrypted_queues={
            "checks": {"encrypted": enc},
            "title": {"ja": "キューを暗号化する", "en": "Encrypted queues"},
        },
        topics={"checks": {"topic": topics}, "title": {"ja": "トピック", "en": "Topics"}},
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text(language: str = "en", **options: Any) -> str:
    given = {"as_json": False, "only": [], "verbose": False, "colour": False, "width": 0}
    return run([], made(), language, **{**given, **options})[0]


def test_the_summary_comes_first_then_the_failures(folder: Path) -> None:
    assert (
        text()
        == """\
Templates checked: template.yaml

Cost
  fail  encrypted-queues  1 fail, 1 unknown, 1 pass  Encrypted queues
  n/a   topics                                       Topics

Failures
template.yaml:7:7  warning  encrypted-queues/encrypted  Bad: Encrypted is false
    Fix: Mend it
    More: https://anshin.invalid/en/patterns/encrypted-queues/

Unknown results: 1. --verbose shows why.
Patterns: 2. Fail 1, unknown 0, pass 0, n/a 1
"""
    )


def test_the_same_in_japanese_with_columns_that_line_up(folder: Path) -> None:
    said = text("ja")
    assert (
        said
        == """\
確認したテンプレート: template.yaml

コスト
  不適合  encrypted-queues  不適合 1、不明 1、適合 1  キューを暗号化する
  対象外  topics                                      トピック

不適合
template.yaml:7:7  警告  encrypted-queues/encrypted  Bad: Encrypted が false です
    対処: 直します
    解説: https://anshin.invalid/ja/patterns/encrypted-queues/

不明な項目が 1 件あります。--verbose を付けると理由を表示します。
パターン 2 件: 不適合 1、不明 0、適合 0、対象外 1
"""
    )
    first, second = (row for row in said.splitlines() if row.startswith(("  不", "  対")))
    columns = [width_of(row[: row.index(title)]) for row, title in ((first, "キ"), (second, "ト"))]
    assert columns[0] == columns[1]


def test_verbose_lists_the_rest_with_reasons(folder: Path) -> None:
    said = text(verbose=True)
    assert (
        "template.yaml:8:46  unknown  encrypted-queues/encrypted  "
        "Open: the parameter P has no default" in said
    )
    assert "template.yaml:3:33  pass  encrypted-queues/encrypted  Good: Title" in said
    assert "n/a  topics/topic  there is nothing to check" in said
    assert "--verbose" not in said


def test_nothing_is_said_by_colour_alone(folder: Path) -> None:
    coloured = text(colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_summary_fits_the_terminal(folder: Path, width: int, language: str) -> None:
    summary = text(language, width=width).split("\n\n")[1]
    needed = 2 + 6 + 2 + 16 + 2 + 26
    for line in summary.splitlines():
        assert width_of(line) <= max(width, needed)


def test_json_says_all_of_it(folder: Path) -> None:
    said = json.loads(text(as_json=True))
    assert said["format"] == 1 and said["templates"] == ["template.yaml"]
    assert said["patterns"][0] == {
        "id": "encrypted-queues",
        "chapter": "cost",
        "title": "Encrypted queues",
        "outcome": "fail",
        "counts": {"pass": 1, "fail": 1, "not-applicable": 0, "unknown": 1},
        "url": "https://anshin.invalid/en/patterns/encrypted-queues/",
    }
    assert [f["outcome"] for f in said["findings"]] == ["pass", "fail", "unknown"]
    assert said["findings"][1] == {
        "check": "encrypted-queues/encrypted",
        "outcome": "fail",
        "severity": "warning",
        "file": "template.yaml",
        "line": 7,
        "column": 7,
        "resource": "Bad",
        "message": "Bad: Encrypted is false",
        "fix": "Mend it",
        "url": "https://anshin.invalid/en/patterns/encrypted-queues/",
    }
    verbose = json.loads(text(as_json=True, verbose=True))
    assert [f["outcome"] for f in verbose["findings"]][-1] == "not-applicable"


def test_text_from_a_project_cannot_drive_the_terminal(folder: Path) -> None:
    nasty = r'"\e]0;title\a\e[31m\u202e\nx"'
    (folder / "template.yaml").write_text(
        f"Resources:\n  {nasty}: {{Type: AWS::SQS::Queue, Properties: {{Encrypted: {nasty}}}}}\n"
    )
    said = text(verbose=True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", said)
    assert r"\x1b]0;title\x07" in said


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (TEMPLATE, {}, 1),
        (TEMPLATE, {"as_json": True}, 1),
        (TEMPLATE, {"only": ["topics"]}, 0),
        ("Resources: {Good: {Type: AWS::SQS::Queue, Properties: {Encrypted: true}}}", {}, 0),
        ("Resources: {A: [\n", {}, 2),
        ("- a list\n", {}, 2),
        (TEMPLATE, {"only": ["encripted-queues"]}, 2),
        (TEMPLATE, {"only": ["encrypted-queues/nothing"]}, 2),
    ],
)
def test_the_exit_code_tells_what_was_found(
    folder: Path, content: str, options: dict[str, Any], code: int
) -> None:
    (folder / "template.yaml").write_text(content)
    given = {"as_json": False, "only": [], "verbose": False, "colour": False, "width": 0}
    said, found = run([], made(), "en", **{**given, **options})
    assert found == code
    assert said.endswith("\n")


def test_a_file_that_cannot_be_read_is_a_finding(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "template.yaml").write_text("A: 1\nA: 2\n")
    said, code = run([], made(), "en", False, ["topics"], False, False, 0)
    assert code == 1
    assert "sub/template.yaml:2:1  cannot read: the key A is written twice" in said
    said, _ = run([], made(), "ja", True, ["topics"], False, False, 0)
    assert json.loads(said)["problems"] == [
        {
            "file": "sub/template.yaml",
            "line": 2,
            "column": 1,
            "message": "読み取れません: キー A が 2 回書かれています",
        }
    ]


def test_a_mistyped_id_is_answered_with_the_nearest(folder: Path) -> None:
    said = text(only=["encripted-queues"])
    assert said.startswith("There is no pattern or check called encripted-queues.")
    assert "encrypted-queues" in said.split("Similar:")[1]


def test_a_folder_without_templates_says_what_was_looked_for(tmp_path: Path) -> None:
    said, code = run([tmp_path], made(), "ja", False, [], False, False, 0)
    assert code == 2 and "template.json" in said and str(tmp_path) in said


def test_many_templates_are_counted_not_named(folder: Path) -> None:
    for n in range(8):
        (folder / f"s{n}").mkdir()
        (folder / f"s{n}" / "template.yaml").write_text(TEMPLATE)
    assert text().startswith("Templates checked: 9\n")


# The engine's words.

USED = re.compile(r"""because\(\s*["']([a-z0-9-]+)["']""")
PACKAGE = Path(words.__file__).parent


def test_every_reason_has_words() -> None:
    used = {key for path in PACKAGE.glob("*.py") for key in USED.findall(path.read_text())}
    assert len(used) > 30
    assert used <= set(words.WORDS)


def fields(said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name}


@pytest.mark.parametrize("key", words.WORDS)
def test_both_languages_say_the_same(key: str) -> None:
    said = words.WORDS[key]
    assert set(said) == {"ja", "en"}
    assert fields(said["ja"]) == fields(said["en"])


@pytest.mark.parametrize("key", words.WORDS)
def test_japanese_is_spaced_as_the_house_does(key: str) -> None:
    said = words.WORDS[key]["ja"]
    wide = r"[\u3040-\u30ff\u4e00-\u9fff]"
    assert not re.search(rf"{wide}[A-Za-z0-9]|[A-Za-z0-9]{wide}", said)
    assert not re.search(r"[（）！？]|\s[、。]|[、。]\s", said)


def test_placeholders_without_a_value_stay() -> None:
    assert words.fill("{a} {b}", {"a": 1}) == "1 {b}"


def test_start_up_loads_only_what_is_needed() -> None:
    code = "import scaffolder.checks.command, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    for name in ("pydantic", "rich", "copier", "ast_grep_py", "scaffolder.model", "questionary"):
        assert name not in loaded

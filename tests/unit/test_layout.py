"""Text is set to the terminal's width, in both languages."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.layout import NOT_FIRST, NOT_LAST, Screen, pad, shorten, width, wrap

JAPANESE = (
    "API Gateway のスロットリング (使用量プラン) は、リクエストが Lambda に届く前に断ります。"
    "「上限」を超えると 429 を返し、クライアントは待ってからもう一度送ります。"
)


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("安心", 4), ("ｱﾝｼﾝ", 4), ("e\u0301", 1), ("🙂", 2), ("a\u200bb", 2), ("", 0)],
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


def test_pad_and_shorten_count_cells() -> None:
    assert pad("安心", 6) == "安心  "
    assert shorten("安心して使う", 7) == "安心し…"
    assert shorten("安心", 4) == "安心"


@pytest.mark.parametrize("cells", range(20, 60))
def test_japanese_lines_keep_the_rules(cells: int) -> None:
    lines = wrap(JAPANESE, cells, "  ")
    assert "".join(line.strip() for line in lines).replace(" ", "") == JAPANESE.replace(" ", "")
    assert all(width(line) <= cells for line in lines)
    assert all(line.lstrip()[0] not in NOT_FIRST for line in lines[1:])
    assert all(line[-1] not in NOT_LAST for line in lines[:-1])


def test_words_stay_whole() -> None:
    text = "Put a ceiling on what is accepted with `sam deploy --guided` now."
    lines = wrap(text, 24, "- ", "  ")
    assert lines == [
        "- Put a ceiling on what",
        "  is accepted with",
        "  `sam deploy --guided`",
        "  now.",
    ]


def test_a_file_name_may_begin_a_line() -> None:
    assert wrap("プロジェクトの .copier-answers.yml も", 20)[1].startswith(".copier")


@given(st.text(max_size=200), st.integers(10, 80))
def test_nothing_is_lost(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_prose_keeps_paragraphs_lists_and_code() -> None:
    text = "First.\nSecond.\n1. one\n2. two\n   ```sh\n   ls\n   ```\nThird."
    assert Screen().prose(text, "  ") == [
        "  First.",
        "",
        "  Second.",
        "",
        "  1. one",
        "  2. two",
        "         ls",
        "",
        "  Third.",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_styles_show_on_terminals_only() -> None:
    assert not Screen.of(io.StringIO(), {}).styled
    assert Screen.of(Terminal(), {"TERM": "xterm"}).styled
    assert not Screen.of(Terminal(), {"TERM": "dumb"}).styled
    assert not Screen.of(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}).styled

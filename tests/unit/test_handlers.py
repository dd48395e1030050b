"""Handlers get imports, set-up and decorators, and stay formatted for every selection."""

from __future__ import annotations

import subprocess
import sys
from itertools import chain, combinations
from pathlib import Path

import pytest

from scaffolder.handlers import Addition, HandlerError, weave_handler
from scaffolder.jinja import Condition
from scaffolder.model import Decorator, Handler
from tests.unit.test_merge import rendered

SOURCE = '''\
"""A handler."""

import json

from aws_lambda_powertools import Logger
from orders.order import Order

app = json
# anshin:setup api


# anshin:handler api
def handler(event: Order, context: Logger) -> None:
    print("{{ not jinja }}", event, context)
'''


def adding(name: str, kind: str = "api", **parts: object) -> Addition:
    return Addition(name, kind, Handler.model_validate(parts), Condition.on(name))


ADDITIONS = [
    adding(
        "a",
        imports=["from aws_lambda_powertools import Metrics, Tracer", "import os"],
        setup=["metrics = Metrics()"],
        middlewares=[{"name": "outer_middleware_of_a_rather_long_name_indeed", "order": 10}],
        decorators=[Decorator(line="@metrics.log_metrics", order=30)],
    ),
    adding(
        "b",
        kind="any",
        imports=[
            "from aws_lambda_powertools import single_metric, HAS_A_VERY_LONG_CONSTANT_NAME_INDEED",
            "from typing import Any",
        ],
        setup=["os_name: Any = single_metric"],
        middlewares=[{"name": "inner_middleware_of_a_rather_long_name_indeed", "order": 90}],
        decorators=[Decorator(line="@app.first", order=10)],
    ),
    adding(
        "c",
        imports=["from zlib import crc32"],
        setup=["crc = crc32"],
        middlewares=[{"name": "c" * 33, "order": 50}],
    ),
    adding("d", kind="queue", imports=["import never"]),
]


@pytest.mark.parametrize(
    "active", list(chain.from_iterable(combinations("abc", n) for n in range(4)))
)
def test_every_selection_is_formatted_and_complete(active: tuple[str, ...], tmp_path: Path) -> None:
    text = rendered(weave_handler(SOURCE, "api.py", ADDITIONS), *active)
    path = tmp_path / "api.py"
    path.write_text(text, encoding="utf-8")
    ruff = [str(Path(sys.executable).parent / "ruff")]
    options = ["--isolated", "--line-length", "100", str(path)]
    first_party = ["--select", "I", "--config", "lint.isort.known-first-party=['orders']"]
    for command in (["format", "--check"], ["check", *first_party]):
        done = subprocess.run([*ruff, *command, *options], capture_output=True, text=True)
        assert done.returncode == 0, text + done.stdout
    assert ("metrics = Metrics()" in text) == ("a" in active)
    assert ("crc = crc32" in text) == ("c" in active)
    assert "never" not in text
    assert "anshin:" not in text
    assert '"{{ not jinja }}"' in text


def test_decorators_stand_in_their_order() -> None:
    text = rendered(weave_handler(SOURCE, "api.py", ADDITIONS), "a", "b")
    assert "@app.first\n@metrics.log_metrics\ndef handler" in text


def test_middlewares_are_used_together_the_outermost_first() -> None:
    template = weave_handler(SOURCE, "api.py", ADDITIONS)
    both = rendered(template, "a", "b")
    assert both.count("app.use(") == 1
    assert both.index("outer_middleware") < both.index("inner_middleware")
    assert "app.use(middlewares=[outer_middleware" in rendered(template, "a")
    assert "app.use" not in rendered(template)
    assert "app.use(\n    middlewares=[outer" in rendered(template, "a", "c")


def test_a_file_without_markers_is_literal() -> None:
    assert rendered(weave_handler("x = '{{ y }}'\n", "x.py", ADDITIONS)) == "x = '{{ y }}'\n"


@pytest.mark.parametrize(
    ("source", "additions", "message"),
    [
        (SOURCE.replace("handler api", "handler http"), [], "no such kind of handler: http"),
        (SOURCE, [adding("a", imports=["from . import x"])], "a: not an absolute import"),
    ],
)
def test_what_cannot_be_woven_is_said(source: str, additions: list[Addition], message: str) -> None:
    with pytest.raises(HandlerError, match=message):
        weave_handler(source, "api.py", additions)

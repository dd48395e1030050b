"""Fixtures for proofs: an entry's samples, and projects generated from the real template."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.bar import generate, translate


@dataclass(frozen=True)
class Project:
    """A generated project."""

    path: Path

    @cached_property
    def translated(self) -> dict[str, Any]:
        """Its template after the SAM transform, as CloudFormation sees it."""
        return translate((self.path / "template.yaml").read_text(encoding="utf-8"))

    @cached_property
    def baseline(self) -> dict[str, Any]:
        """Its account template, with intrinsics kept as `{"!Ref": …}` and so on."""
        text = (self.path / "baseline" / "template.yaml").read_text(encoding="utf-8")
        return dict(yaml.load(text, _Intrinsics))  # noqa: S506, a safe loader underneath

    def resources(self, kind: str) -> dict[str, Any]:
        """The translated template's resources of one type, by logical id."""
        found = self.translated["Resources"].items()
        return {name: r for name, r in found if r["Type"] == kind}


class _Intrinsics(yaml.SafeLoader):
    """Reads `!Ref X` as `{"!Ref": "X"}`."""


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {f"!{suffix}": node.value}
    if isinstance(node, yaml.SequenceNode):
        return {f"!{suffix}": loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {f"!{suffix}": loader.construct_mapping(node, deep=True)}


_Intrinsics.add_multi_constructor("!", _intrinsic)


@pytest.fixture
def sample(request: pytest.FixtureRequest) -> Callable[[str], ModuleType]:
    """Import one of the entry's samples afresh: `sample("after.py")`.

    Each call is a new module, as each execution environment has its own.
    """
    folder = Path(request.path).parent / "samples"

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"sample_{Path(name).stem}", folder / name)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Project]:
    """Generate a project: `project("sqs-buffering", region="eu-west-1")`; each only once."""
    made: dict[str, Project] = {}

    def make(*safeguards: str, **answers: Any) -> Project:
        key = repr((safeguards, sorted(answers.items())))
        if key not in made:
            path = tmp_path_factory.mktemp("project") / "project"
            generate(path, {**answers, "safeguards": list(safeguards)})
            made[key] = Project(path)
        return made[key]

    return make


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Project, str], ModuleType]]:
    """Import a module of a generated project: `code(project(), "orders.api")`.

    The package is imported afresh in each test, as in a new execution environment.
    """
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")

    def load(of: Project, name: str) -> ModuleType:
        monkeypatch.syspath_prepend(of.path / "src")
        return importlib.import_module(name)

    _forget("orders")
    yield load
    _forget("orders")


def _forget(package: str) -> None:
    for name in [n for n in sys.modules if n == package or n.startswith(package + ".")]:
        del sys.modules[name]
    # A Powertools logger would outlive its module here, with its keys.
    logging.root.manager.loggerDict.pop(package, None)

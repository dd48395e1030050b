"""The bar for anything generated, run on one project.

Run by hand: `python -m tests.bar sqs-buffering apigw-throttling` generates a project with these
safeguards from the compiled template and puts it through everything; `--keep DIR` keeps it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
OF_THE_TRANSFORM = frozenset({"W2001", "W3005", "W3037"})
"""SAM inlines Refs to parameters, repeats dependencies and writes its own policies."""

UPLOADED = "s3://bucket/key"

# Three braces in a row are an f-string that writes a brace; {{resolve: is CloudFormation's.
LEFTOVER = re.compile(r"\{%|(?<!\{)\{\{(?!\{|resolve:)|\{#")


def generate(target: Path, answers: dict[str, Any], root: Path = ROOT) -> None:
    """Generate a project with the real Copier from the compiled template in a checkout."""
    import copier

    with tempfile.TemporaryDirectory() as folder:
        # Outside git, Copier takes the files as they are, without cloning.
        template = Path(folder)
        shutil.copy(root / "copier.yml", template)
        shutil.copytree(root / "templates" / "project", template / "templates" / "project")
        copier.run_copy(str(template), target, data=answers, defaults=True, quiet=True)


def problems(project: Path) -> Iterator[str]:
    """What is wrong with a generated project; nothing, if it passes the bar."""
    yield from text_problems(project)
    yield from code_problems(project)
    yield from template_problems(project)
    yield from safeguard_problems(project)


def safeguard_problems(project: Path) -> Iterator[str]:
    """What `anshin check` says against a safeguard that was chosen."""
    from scaffolder.catalog import load_catalog
    from scaffolder.checks.outcome import Outcome
    from scaffolder.checks.run import check_project

    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    chosen = load_catalog(ROOT / "catalog").closure(answers["safeguards"])
    exported = json.loads((ROOT / "scaffolder" / "catalog.json").read_text(encoding="utf-8"))
    for item in check_project(project, exported, chosen).items:
        if item.outcome in (Outcome.failed, Outcome.unknown):
            yield f"anshin check: {item}"


def code_problems(project: Path) -> Iterator[str]:
    """ruff, mypy and the project's own tests."""
    yield from _run(project, "ruff", BIN / "ruff", "check", "--no-cache", ".")
    yield from _run(project, "ruff format", BIN / "ruff", "format", "--no-cache", "--check", ".")
    yield from _run(project, "mypy", PYTHON, "-m", "mypy")
    yield from _run(project, "pytest", PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def text_problems(project: Path) -> Iterator[str]:
    """Trailing blanks, double blank lines and leftover Jinja in any file."""
    for path in sorted(p for p in project.rglob("*") if p.is_file() and ".git" not in p.parts):
        name = path.relative_to(project).as_posix()
        if any(part in name for part in ("_cache", "__pycache__", ".venv")):
            continue
        text = path.read_text(encoding="utf-8")
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            if line != line.rstrip():
                yield f"{name}:{number}: blanks at the end of the line"
            if not name.startswith(".github/") and LEFTOVER.search(line):
                yield f"{name}:{number}: leftover Jinja: {line.strip()}"
        wide = 3 if path.suffix == ".py" else 2
        if "\n" * (wide + 1) in text or text.endswith("\n\n") or text.startswith("\n"):
            yield f"{name}: too many blank lines"
        if text and not text.endswith("\n"):
            yield f"{name}: no line break at the end"


def template_problems(project: Path) -> Iterator[str]:
    """cfn-lint on the SAM source, the SAM translator, cfn-lint on what it gives."""
    for path in sorted(project.glob("template.yaml")) + sorted(project.glob("*/template.yaml")):
        for match in lint(path.read_text(encoding="utf-8")):
            yield f"cfn-lint: {path.relative_to(project).as_posix()}:{match}"
    try:
        translated = translate((project / "template.yaml").read_text(encoding="utf-8"))
    except Exception as error:
        yield f"SAM translate: {error}"
        return
    for match in lint(json.dumps(translated, indent=1), OF_THE_TRANSFORM):
        yield f"cfn-lint, translated: {match}"


def lint(text: str, ignored: frozenset[str] = frozenset()) -> list[str]:
    """What cfn-lint says of a template, as `line: rule message`."""
    from cfnlint.api import lint as cfn_lint

    matches = cfn_lint(text, _rules(), ["ap-northeast-1"])
    return [f"{m.linenumber}: {m.rule.id} {m.message}" for m in matches if m.rule.id not in ignored]


@cache
def _rules() -> Any:
    from cfnlint.config import ConfigMixIn
    from cfnlint.core import get_rules

    config = ConfigMixIn()
    return get_rules([], config.ignore_checks, config.include_checks)


def translate(text: str) -> dict[str, Any]:
    """A SAM template as plain CloudFormation, by aws-sam-translator."""
    import boto3
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

    os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-1")
    source = yaml_parse(text)
    for resource in source["Resources"].values():
        _package(resource.get("Type"), resource.get("Properties", {}))
    if "Function" in source.get("Globals", {}):
        source["Globals"]["Function"].pop("CodeUri", None)
    translator = Translator(_MANAGED_POLICIES, Parser(), boto_session=boto3.Session())
    result: dict[str, Any] = translator.translate(source, {})
    return result


def _package(kind: str, properties: dict[str, Any]) -> None:
    """Do what `sam package` does: name what was uploaded in place of a path."""
    match kind:
        case "AWS::Serverless::Function" if properties.get("PackageType") == "Image":
            image = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/image:1"
            properties.setdefault("ImageUri", image)
        case "AWS::Serverless::Function" if "InlineCode" not in properties:
            properties["CodeUri"] = UPLOADED
        case "AWS::Serverless::LayerVersion":
            properties["ContentUri"] = UPLOADED
        case "AWS::CloudFormation::Stack":
            properties["TemplateURL"] = "https://s3.amazonaws.com/bucket/key"
    if isinstance(properties.get("DefinitionUri"), str):
        properties["DefinitionUri"] = UPLOADED


class _ManagedPolicies(dict[str, str]):
    """The ARN of any AWS managed policy by its name, without asking AWS."""

    def get(self, name: str, default: Any = None) -> Any:
        if isinstance(name, str) and re.fullmatch(r"[A-Z][A-Za-z]+(Policy|Role|Access)", name):
            return f"arn:aws:iam::aws:policy/{name}"
        return default

    def __contains__(self, name: object) -> bool:
        return self.get(str(name)) is not None


_MANAGED_POLICIES = _ManagedPolicies()


def _run(project: Path, what: str, *command: str | Path) -> Iterator[str]:
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "MYPY_CACHE_DIR": os.environ.get("BAR_MYPY_CACHE", str(ROOT / ".cache" / "mypy-bar")),
    }
    done = subprocess.run(
        list(map(str, command)), cwd=project, capture_output=True, text=True, env=environment
    )
    if done.returncode != 0:
        yield f"{what}:\n{done.stdout.strip()}\n{done.stderr.strip()}".strip()


def main() -> int:
    """Generate one project, put it through the bar, print what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("safeguards", nargs="*")
    parser.add_argument("--data", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    answers = dict(pair.split("=", 1) for pair in arguments.data)
    with tempfile.TemporaryDirectory() as folder:
        project = arguments.keep or Path(folder) / "project"
        generate(project, {**answers, "safeguards": arguments.safeguards})
        found = list(problems(project))
    print("\n\n".join(found) or "passes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

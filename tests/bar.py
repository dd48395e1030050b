"""The bar for anything generated, run on one project.

Run by hand: `python -m tests.bar sqs-buffering apigw-throttling` generates a project with these
safeguards from the compiled template and puts it through everything; `--keep DIR` keeps it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
LEFTOVER = re.compile(r"\{%|\{\{(?!resolve:)|\{#")


def generate(target: Path, answers: dict[str, Any]) -> None:
    """Generate a project with the real Copier from the template in this checkout."""
    import copier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copier.run_copy(str(ROOT), target, data=answers, defaults=True, quiet=True, vcs_ref="HEAD")


def problems(project: Path) -> Iterator[str]:
    """What is wrong with a generated project; nothing, if it passes the bar."""
    yield from text_problems(project)
    yield from _run(project, "ruff", BIN / "ruff", "check", "--no-cache", ".")
    yield from _run(project, "ruff format", BIN / "ruff", "format", "--no-cache", "--check", ".")
    yield from _run(project, "mypy", PYTHON, "-m", "mypy")
    yield from _run(project, "pytest", PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    yield from template_problems(project)


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
    yield from _run(project, "cfn-lint", BIN / "cfn-lint", "template.yaml")
    baseline = project / "baseline" / "template.yaml"
    if baseline.is_file():
        yield from _run(project, "cfn-lint", BIN / "cfn-lint", str(baseline))
    try:
        translated = translate((project / "template.yaml").read_text(encoding="utf-8"))
    except Exception as error:
        yield f"SAM translate: {error}"
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "translated.json"
        path.write_text(json.dumps(translated, indent=1), encoding="utf-8")
        # SAM inlines Refs to parameters in policies and repeats defaults; both are its own doing.
        ignored = ["--ignore-checks", "W2001", "W3005", "W3037"]
        yield from _run(project, "cfn-lint, translated", BIN / "cfn-lint", str(path), *ignored)


def translate(text: str) -> dict[str, Any]:
    """A SAM template as plain CloudFormation, by aws-sam-translator."""
    import boto3
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

    os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-1")
    source = yaml_parse(text)
    for resource in source["Resources"].values():
        properties = resource.get("Properties", {})
        if resource.get("Type") == "AWS::Serverless::Function":
            properties["CodeUri"] = "s3://bucket/key"
    if "Function" in source.get("Globals", {}):
        source["Globals"]["Function"].pop("CodeUri", None)
    translator = Translator(_MANAGED_POLICIES, Parser(), boto_session=boto3.Session())
    result: dict[str, Any] = translator.translate(source, {})
    return result


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

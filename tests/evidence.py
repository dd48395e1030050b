"""Run the proofs and the combinations, and write what came out where the pages show it.

`make evidence` runs every proof and the full sweep and writes `scaffolder/evidence.json`. It is
checked in, so that a page can say when what was seen; a page claims no more than was run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.bar import ROOT
from tests.combinations.selections import catalog

TARGET = ROOT / "scaffolder" / "evidence.json"
TOOLS = (
    "aws-lambda-powertools",
    "aws-sam-translator",
    "cfn-lint",
    "copier",
    "moto",
    "mypy",
    "pytest",
    "ruff",
)


def evidence() -> dict[str, Any]:
    """Run everything; returns what evidence.json says."""
    date = datetime.now(UTC).date().isoformat()
    proofs = list(run("catalog"))
    swept = list(run("tests/combinations/test_combinations.py", SWEEP="full"))
    return {
        "date": date,
        "python": ".".join(map(str, sys.version_info[:3])),
        "versions": {name: version(name) for name in TOOLS},
        "proofs": dict(sorted(by_pattern(proofs, date).items())),
        "combinations": dict(sorted(tried(swept, date).items())),
        "selections": {"tried": len(swept), "passed": sum(ok for _, _, ok in swept)},
    }


def run(path: str, **environment: str) -> Iterator[tuple[str, str, bool]]:
    """Run tests; yields the file's module, the test's name and whether it passed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", path, f"--junit-xml={report}"]
        parallel = ["--numprocesses", "auto", "--dist", "worksteal", "-q"]
        subprocess.run([*command, *parallel], cwd=ROOT, env={**os.environ, **environment})
        for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314, the file is our own
            passed = case.find("failure") is None and case.find("error") is None
            yield case.get("classname", ""), case.get("name", ""), passed


def by_pattern(cases: list[tuple[str, str, bool]], date: str) -> dict[str, Any]:
    """The proofs' results by pattern; a test's name is a sentence of what it shows."""
    found: dict[str, dict[str, Any]] = {}
    for module, name, passed in cases:
        pattern = module.removeprefix("catalog.").removesuffix(".proof")
        said = re.sub(r"\[.*", "", name).removeprefix("test_").replace("_", " ")
        entry = found.setdefault(pattern, {"date": date, "passed": 0, "failed": 0, "tests": []})
        entry["passed" if passed else "failed"] += 1
        if said not in entry["tests"]:
            entry["tests"].append(said)
    return found


def tried(cases: list[tuple[str, str, bool]], date: str) -> dict[str, Any]:
    """For each pattern, how many selections with it went through the bar."""
    found = {e.id: {"tried": 0, "passed": 0, "date": date} for e in catalog().safeguards}
    for _, name, passed in cases:
        match = re.search(r"\[(.*)\]", name)
        for pattern in filter(None, match[1].split("+") if match else []):
            if pattern in found:
                found[pattern]["tried"] += 1
                found[pattern]["passed"] += passed
    return found


if __name__ == "__main__":
    TARGET.write_text(json.dumps(evidence(), indent=1) + "\n", encoding="utf-8")

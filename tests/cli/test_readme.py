"""What the READMEs show on a terminal is what the command says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bar import ROOT

CONSOLE = re.compile(r"```console\n\$ (?P<command>.+)\n(?P<output>(?:.*\n)*?)```")
SUFFIX = re.compile(r"(v\d+\.\d+\.\d+)\+g[0-9a-f]+")
"""In a checkout, the template's version carries a hash of its content."""


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_the_excerpt_is_real(name: str, tmp_path: Path) -> None:
    match = CONSOLE.search((ROOT / name).read_text(encoding="utf-8"))
    assert match, "a README shows the command at work"
    program, *arguments = shlex.split(match["command"])
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *arguments],
        cwd=tmp_path,
        env={**os.environ, "ANSHIN_LANG": "en"},
        capture_output=True,
        text=True,
    )
    assert SUFFIX.sub(r"\1", done.stdout) == match["output"], done.stderr

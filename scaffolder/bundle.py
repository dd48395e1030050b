"""Build hook of hatchling: put the template's versions into the package as a git bundle.

The wheel serves the template from there, offline. A source distribution carries the bundle too,
since the git history that it is made of stays behind.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = "scaffolder/template.bundle"


class TemplateBundle(BuildHookInterface[Any]):
    """Writes the bundle for each build but an editable one, which serves the working tree."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bundle outside the tree, so that no stale one stays there."""
        root = Path(self.root)
        if version == "editable":
            return
        if (root / BUNDLE).is_file():  # an unpacked source distribution
            build_data["force_include"][str(root / BUNDLE)] = BUNDLE
            return
        self._folder = Path(tempfile.mkdtemp(prefix="anshin-bundle-"))
        bundle = self._folder / "template.bundle"
        # Where packages are built, this one is not installed.
        sys.path.insert(0, self.root)
        try:
            from scaffolder import history
        finally:
            sys.path.remove(self.root)
        history.write_bundle(root, current_version(root), bundle)
        build_data["force_include"][str(bundle)] = BUNDLE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was made for the build."""
        folder = getattr(self, "_folder", None)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def current_version(root: Path) -> str:
    """The version that the package says it has."""
    text = (root / "scaffolder" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    assert match, "scaffolder/__init__.py says no version"
    return match[1]

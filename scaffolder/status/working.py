"""A project's files: as they were rendered, and as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from scaffolder.checks.files import TooMany, Tree, is_test
from scaffolder.checks.outcome import Reason, because
from scaffolder.checks.positions import NOWHERE, Place, PlacedDict
from scaffolder.checks.reading import Unreadable, parse
from scaffolder.history import File
from scaffolder.managed import CONFLICT
from scaffolder.messages import Trouble
from scaffolder.status import woven
from scaffolder.status.comparing import RESOURCES, Difference, compare
from scaffolder.status.woven import Module
from scaffolder.threeway import Reader

STEPS = "baseline/steps/"
"""Where safeguards have what CloudFormation cannot switch on in an account."""


@dataclass(frozen=True)
class Broken:
    """A file of the user's that cannot be read, or that has conflict markers of git in it.

    Attributes:
        file: relative to the project's root.
        why: what is wrong; None if it is the markers.
    """

    file: str
    place: Place
    why: Reason | Trouble | None


@dataclass(frozen=True)
class Stack:
    """A template of the project, as it was rendered and as it is now.

    Attributes:
        mine: None if it was deleted, or cannot be read.
        partial: whether only some parts were rendered, and the rest is the user's.
    """

    file: str
    rendered: PlacedDict
    mine: PlacedDict | None
    partial: bool

    @cached_property
    def differences(self) -> list[Difference]:
        """What is not as it was rendered."""
        return [] if self.mine is None else compare(self.rendered, self.mine)


@dataclass
class Files:
    """A project's files, as they were rendered and as they are now.

    Args:
        root: of the project.
        rendered: the files as they were rendered, by path.
        read: reads one of the user's files.
        templates: which of them are CloudFormation templates.
        partial: the one of which only some parts were rendered.
    """

    root: Path
    rendered: Mapping[str, File]
    read: Reader
    templates: Sequence[str]
    partial: str | None = None
    _broken: dict[str, Broken] = field(default_factory=dict)

    @cached_property
    def stacks(self) -> dict[str, Stack]:
        """The templates, by file."""
        return {f: self._stack(f) for f in self.templates if f in self.rendered}

    @cached_property
    def rendered_modules(self) -> dict[str, Module]:
        """The Python modules, without tests, as they were rendered."""
        found = {
            path: woven.read(file.content)
            for path, file in self.rendered.items()
            if path.endswith(".py") and not is_test(Path(path), Path())
        }
        return {path: module for path, module in found.items() if module is not None}

    @cached_property
    def deployed(self) -> tuple[str, ...]:
        """The folders whose files run in AWS, or set it up."""
        uris = [
            f"{uri.removeprefix('./').rstrip('/')}/"
            for stack in self.stacks.values()
            for settings in _settings(stack.rendered)
            for uri in (settings.get("CodeUri"), settings.get("ContentUri"))
            if isinstance(uri, str)
        ]
        return (*dict.fromkeys(uris), STEPS)

    @cached_property
    def modules(self) -> list[Path]:
        """The project's own Python modules, wherever they are."""
        try:
            return Tree(self.root).python_files(self.root)
        except TooMany:
            return []

    def mine(self, path: str) -> File | None:
        """One of the user's files; None if there is none, or it cannot be read."""
        if path not in self._mine:
            try:
                self._mine[path] = self.read(path)
            except Trouble as trouble:
                self._mine[path] = None
                self._broken[path] = Broken(path, NOWHERE, trouble)
        return self._mine[path]

    @cached_property
    def _mine(self) -> dict[str, File | None]:
        return {}

    def module(self, path: str) -> Module | None:
        """A module as it is now; None if it cannot be read.

        If it was moved away, the project's other modules count for it.
        """
        file = self.mine(path)
        if file == self.rendered[path]:
            return self.rendered_modules[path]
        if file is not None:
            module = woven.read(file.content)
            if module is None and path not in self._broken:
                self._broken[path] = Broken(path, NOWHERE, because("not-python"))
            return module
        found = Module()
        for other in self.modules:
            if (module := woven.read(other.read_bytes())) is not None:
                found.join(module)
        return found

    def is_moved(self, path: str) -> bool:
        """Whether a module has its name somewhere else in the project."""
        return any(other.name == PurePosixPath(path).name for other in self.modules)

    def is_deleted(self, path: str) -> bool:
        """Whether the user's file is not there any more."""
        return self.mine(path) is None and path not in self._broken

    def line_of_change(self, path: str) -> int | None:
        """The line at which a file begins to differ from the rendered one; None if it does not.

        Line ends are nothing. A file that cannot be read differs from the beginning.
        """
        file = self.mine(path)
        if file is None:
            return 1
        return first_difference(self.rendered[path].content, file.content)

    @cached_property
    def broken(self) -> dict[str, Broken]:
        """The files that cannot be used, so far as they were looked at, by path."""
        return self._broken | {found.file: found for found in self._conflicts()}

    def _conflicts(self) -> Iterator[Broken]:
        for path, old in self.rendered.items():
            file = self.mine(path)
            if file is None or file == old:
                continue
            for number, text in enumerate(file.content.decode(errors="replace").splitlines(), 1):
                if text.startswith(CONFLICT):
                    yield Broken(path, Place(number, 1), None)
                    break

    def _stack(self, path: str) -> Stack:
        rendered = parse(self.rendered[path].content, Path(path), path).root
        file = self.mine(path)
        mine = None
        try:
            mine = parse(file.content, Path(path), path).root if file else None
        except Unreadable as error:
            self._broken[path] = Broken(path, error.place, error.reason)
        return Stack(path, rendered, mine, path == self.partial)


def first_difference(old: bytes, new: bytes) -> int | None:
    """The line of the new text at which it begins to differ; line ends are nothing."""
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return None
    pairs = enumerate(zip(before, after, strict=False), 1)
    first = next((n for n, (a, b) in pairs if a != b), min(len(before), len(after)) + 1)
    return min(first, max(len(after), 1))


def _settings(template: PlacedDict) -> Iterator[Mapping[str, Any]]:
    """What is set for each function and layer, and for all functions."""
    common, resources = template.get("Globals"), template.get(RESOURCES)
    if isinstance(common, dict):
        yield from (v for v in common.values() if isinstance(v, dict))
    for resource in resources.values() if isinstance(resources, dict) else ():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if isinstance(properties, dict):
            yield properties

"""The Python code of a template's functions, found from `CodeUri` and `Handler`.

No code is run or imported; it is read and parsed.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from scaffolder.checks.files import TooMany, Tree
from scaffolder.checks.intrinsics import Unknown
from scaffolder.checks.outcome import Outcome, Reason, because
from scaffolder.checks.positions import NOWHERE, Place, PlacedDict
from scaffolder.checks.template import Template
from scaffolder.checks.view import FUNCTION, SAM_FUNCTION

MAX_BYTES = 1024 * 1024
_BLOCK = re.compile(r"(![\w:]+\s+)?\|")


@dataclass(frozen=True)
class Spot:
    """What a check says of one place in a module; lines and columns count from 1."""

    outcome: Outcome
    line: int = 1
    column: int = 1
    values: dict[str, str] = field(default_factory=dict)
    reason: Reason | None = None


@dataclass(eq=False)
class Module:
    """A Python module of a project.

    Attributes:
        file: path as shown to the user (the template's, for inline code).
        name: dotted name, as the function imports it.
        text: its source.
        first_line: the line of `file` at which the text starts.
        indent: columns before each line of the text.
        fixed: whether line numbers inside the text are unknown, so that all are `first_line`.
    """

    file: str
    name: str
    text: str
    first_line: int = 1
    indent: int = 0
    fixed: bool = False

    @cached_property
    def tree(self) -> ast.Module | None:
        """The parsed module, or None if it is not the Python that runs here."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(self.text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree; none if there is no tree."""
        return list(ast.walk(self.tree)) if self.tree is not None else []

    @cached_property
    def imports(self) -> list[str]:
        """Dotted names that it may import from its own package."""
        return list(dict.fromkeys(_imports(self)))

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Line and column in `file` of a place in the text; all count from 1."""
        if self.fixed:
            return self.first_line, 1
        return self.first_line + line - 1, column + self.indent


@dataclass(eq=False)
class Function:
    """A function of a template and its code.

    Attributes:
        resource: logical id.
        modules: all modules of its package, by dotted name.
        handler: the module that has the handler, or None.
        entry: name of the handler in it.
        reason: why the code is not looked at.
        foreign: whether it is in another language, so that no check of Python applies.
        place: where it stands in its template.
    """

    resource: str
    modules: dict[str, Module] = field(default_factory=dict)
    handler: Module | None = None
    entry: str = ""
    reason: Reason | None = None
    foreign: bool = False
    place: Place = NOWHERE

    @cached_property
    def reached(self) -> list[Module]:
        """The modules that the handler's module imports, itself first."""
        if self.handler is None:
            return []
        found = [self.handler]
        for module in found:
            for name in module.imports:
                other = self.modules.get(name)
                if other is not None and other not in found:
                    found.append(other)
        return found


class Packages:
    """The code of several templates; each folder is read once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._read: dict[Path, dict[str, Module] | Reason] = {}

    def functions(self, template: Template) -> list[Function]:
        """The functions of a template with their code."""
        view = template.views[0]
        found = []
        for name, resource in view.resources.items():
            if resource.get("Type") in (SAM_FUNCTION, FUNCTION):
                sam = resource.get("Type") == SAM_FUNCTION
                function = self._function(template, name, resource, sam)
                function.place = view.place(("Resources", name))
                found.append(function)
        return found

    def _function(self, template: Template, name: str, resource: PlacedDict, sam: bool) -> Function:
        properties = resource.get("Properties")
        if not isinstance(properties, PlacedDict):
            return Function(name, reason=because("not-known"))
        runtime = properties.get("Runtime")
        if isinstance(runtime, str) and not runtime.startswith("python"):
            return Function(name, foreign=True, reason=because("language", runtime=runtime))
        if properties.get("PackageType") == "Image" or "ImageUri" in properties:
            return Function(name, reason=because("container-image"))
        if inline := _inline(template, name, properties, sam):
            entry = _entry(properties)
            return Function(name, {inline.name: inline}, inline, entry)
        source = properties.get("CodeUri" if sam else "Code", "." if sam else None)
        if isinstance(source, Unknown):
            return Function(name, reason=source.reason)
        if not isinstance(source, str) or source.startswith(("s3://", "http://", "https://")):
            return Function(name, reason=because("code-elsewhere"))
        folder = template.document.path.parent / source
        if folder.suffix == ".py" and folder.is_file():
            folder = folder.parent
        return self._in_folder(name, folder, properties, source)

    def _in_folder(self, name: str, folder: Path, properties: PlacedDict, source: str) -> Function:
        if not folder.is_dir():
            return Function(name, reason=because("no-code", path=source))
        handler = properties.get("Handler")
        if isinstance(handler, Unknown):
            return Function(name, reason=handler.reason)
        if not isinstance(handler, str) or "." not in handler:
            return Function(name, reason=because("no-handler"))
        folder = folder.resolve()
        modules = self._modules(folder)
        if isinstance(modules, Reason):
            return Function(name, reason=modules)
        module = modules.get(handler.rpartition(".")[0].replace("/", ".").lstrip("."))
        if module is None:
            return Function(name, reason=because("no-handler-file", handler=handler))
        return Function(name, modules, module, _entry(properties))

    def _modules(self, folder: Path) -> dict[str, Module] | Reason:
        if folder not in self._read:
            try:
                paths = self._tree.python_files(folder)
            except TooMany:
                self._read[folder] = because("too-many-files", path=str(folder))
            else:
                modules = [_module(path, folder) for path in paths]
                self._read[folder] = {m.name: m for m in modules if m is not None}
        return self._read[folder]


def single(path: Path) -> Function:
    """One Python file as a function of its own."""
    module = _module(path, path.parent)
    if module is None:
        return Function(path.stem, reason=because("no-code", path=str(path)))
    return Function(path.stem, {module.name: module}, module, "")


def shown(path: Path) -> str:
    """A path as it is shown: from the working directory if it lies below, else in full."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _entry(properties: PlacedDict) -> str:
    handler = properties.get("Handler")
    return handler.rpartition(".")[2] if isinstance(handler, str) else ""


def _module(path: Path, folder: Path) -> Module | None:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    if len(data) > MAX_BYTES:
        return None
    parts = list(path.relative_to(folder).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return Module(shown(path), ".".join(parts), data.decode("utf-8-sig", "replace"))


def _inline(template: Template, name: str, properties: PlacedDict, sam: bool) -> Module | None:
    """Code that is written in the template itself."""
    if sam:
        key, holder, code = "InlineCode", properties, properties.get("InlineCode")
    else:
        source = properties.get("Code")
        holder = source if isinstance(source, PlacedDict) else PlacedDict()
        key, code = "ZipFile", holder.get("ZipFile")
    text = _written(code)
    if text is None:
        return None
    place = holder.value_places[key]
    lines = template.document.lines
    start = lines[place.line - 1][place.column - 1 :] if place.line <= len(lines) else ""
    if isinstance(code, Unknown) and not start.startswith("!"):
        # The long form, `Fn::Sub: |`, has its text one level further down.
        inner = code.source
        if isinstance(inner, PlacedDict):
            place = next(iter(inner.value_places.values()), place)
            start = lines[place.line - 1][place.column - 1 :]
    if not _BLOCK.match(start):
        return Module(template.name, "index", text, place.line, fixed=True)
    return Module(template.name, "index", text, place.line + 1, _indent(lines, place.line, text))


def _written(code: Any) -> str | None:
    if isinstance(code, str):
        return code
    if isinstance(code, Unknown) and isinstance(code.source, dict):
        inner = code.source.get("Fn::Sub")
        inner = inner[0] if isinstance(inner, list) and inner else inner
        # `${Name}` stands in strings, so the text still parses as Python.
        return inner if isinstance(inner, str) else None
    return None


def _indent(lines: list[str], line: int, text: str) -> int:
    for index, content in enumerate(text.split("\n")):
        if content.strip() and line + index < len(lines):
            return max(0, len(lines[line + index]) - len(content))
    return 0


def _imports(module: Module) -> Iterator[str]:
    """Dotted names that a module imports, and the packages that they lie in."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_parents(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(module, node)
            yield from _with_parents(base)
            for alias in node.names:
                yield f"{base}.{alias.name}" if base else alias.name


def absolute(module: Module, node: ast.ImportFrom) -> str:
    """The dotted name that `from … import` imports from."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    is_package = module.file.endswith("__init__.py")
    kept = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])

"""What users do to a generated project. Each edit can be made to a project of any version."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import yaml

API = "src/orders/api.py"
TEMPLATE = "template.yaml"
REQUIREMENTS = "src/requirements.txt"
PIN = re.compile(r"^(?P<name>[\w.-]+)(?P<extras>\[[\w,-]+\])?==(?P<first>.+)\.(?P<last>\d+)$")
BLOCK_SCALAR = re.compile(r"(:|-) [|>][+-]?$")

Edit = Callable[[Path], None]


def route(project: Path) -> None:
    """A new route: a function with its imports, a module of its own, and an event."""
    text = read(project / API)
    handler = _definition(text, "handler")
    function = (
        '@app.get("/orders/<order_id>")\n'
        "def show_order(order_id: str) -> dict[str, str]:\n"
        '    """Say what became of an order."""\n'
        "    return {**find(order_id), **json.loads(os.environ.get('NOTE', '{}'))}\n\n\n"
    )
    text = _at_line(text, handler, function)
    text = text.replace("from http import", "import json\nimport os\nfrom http import", 1)
    text = _before(text, "from orders.log import", "from orders.lookup import find\n", after=True)
    write(project / API, text)
    write(project / "src/orders/lookup.py", "def find(order_id: str) -> dict[str, str]: ...\n")
    event = (
        "        ShowOrder:\n          Type: Api\n          Properties:\n"
        "            RestApiId: !Ref Api\n            Path: /orders/{order_id}\n"
        "            Method: GET\n"
    )
    template = read(project / TEMPLATE)
    end = _end_of(template, "Resources", "ApiFunction", "Properties", "Events", "CreateOrder")
    write(project / TEMPLATE, _at_line(template, end, event))


def memory(project: Path) -> None:
    """More memory, less logging."""
    replace(project / TEMPLATE, r"MemorySize: \d+", "MemorySize: 1769")
    replace(project / TEMPLATE, r"LOG_LEVEL: \w+", "LOG_LEVEL: WARNING")


def resource(project: Path) -> None:
    """A resource and an output of one's own between ours."""
    text = read(project / TEMPLATE)
    names = list(_keys(text, "Resources"))
    _, line = names[len(names) // 2]
    own = (
        "  # Where reports go.\n  MyTopic:\n    Type: AWS::SNS::Topic\n    Properties:\n"
        "      KmsMasterKeyId: alias/aws/sns\n\n"
    )
    text = _at_line(text, _with_comments(text, line), own)
    output = "  MyTopicArn:\n    Description: Where to subscribe\n    Value: !Ref MyTopic\n"
    write(project / TEMPLATE, text.rstrip("\n") + "\n" + output)


def deletion(project: Path) -> None:
    """Files that nobody here needs."""
    (project / "tests/test_submission.py").unlink()
    (project / "SAFEGUARDS.md").unlink()


def blanks(project: Path) -> None:
    """Twice the indentation; the texts of block scalars stay the same."""
    found: list[str] = []
    owner, first = -1, 0
    for line in read(project / TEMPLATE).split("\n"):
        depth = len(line) - len(line.lstrip())
        if line.strip() and depth <= owner:
            owner = -1
        if owner < 0:
            found.append(" " * depth + re.sub(r"^( *)- ", r"\1-   ", line))
            owner, first = (depth, 0) if BLOCK_SCALAR.search(line) else (-1, 0)
        else:
            first = first or depth
            found.append(" " * first + line if line.strip() else line)
    write(project / TEMPLATE, "\n".join(found))


def quotes(project: Path) -> None:
    """Other quotes."""
    replace(project / TEMPLATE, r'(?m)(: |- )"([^"\'\\\n]*)"$', r"\1'\2'", some=False)


def readme(project: Path) -> None:
    """Sections of one's own, between ours and at the end."""
    text = read(project / "README.md")
    places = [m.start() for m in re.finditer(r"(?m)^## ", text)]
    own = "## Who to call\n\nThe team that takes orders.\n\n"
    text = text[: places[1]] + own + text[places[1] :] if len(places) > 1 else text + own
    write(project / "README.md", text.rstrip("\n") + "\n\n## History\n\nIt began as a list.\n")


def dependency(project: Path) -> None:
    """A package of one's own, and newer versions, as Renovate brings them."""
    for number, name in enumerate((REQUIREMENTS, "requirements-dev.txt")):
        lines = read(project / name).splitlines()
        # Far ahead, a little ahead.
        lines = [_bumped(line, (90, 1)[(place + number) % 2]) for place, line in enumerate(lines)]
        lines = sorted([*lines, f"my-package{number}==1.0.0"])
        write(project / name, "\n".join(lines) + "\n")


def tests(project: Path) -> None:
    """A test module, and a test at the end of one that was there."""
    own = "\n\ndef test_of_mine() -> None:\n    assert 1 + 1 == 2\n"
    write(project / "tests/test_mine.py", own.lstrip("\n"))
    for name in ("test_api.py", "test_conftest.py"):
        if (project / "tests" / name).is_file():
            write(project / "tests" / name, read(project / "tests" / name) + own)


def move(project: Path) -> None:
    """Another name for a file."""
    (project / "tests/test_downstream.py").rename(project / "tests/test_delivery.py")


def code(project: Path) -> None:
    """Lines in functions of ours, and a comment."""
    replace(
        project / API,
        r"(?m)^    return app\.resolve",
        '    logger.append_keys(path=event.get("path"))\n    return app.resolve',
    )
    replace(project / "src/orders/downstream.py", r"(?m)^(_http = .*)$", r"\1  # one for all")
    replace(project / "tests/conftest.py", r"\Z", "\n# Fixtures of ours follow.\n")


def settings(project: Path) -> None:
    """Settings in files that tools read."""
    replace(project / "pyproject.toml", r"\Z", '\n[tool.coverage.run]\nsource = ["src"]\n')
    replace(project / "samconfig.toml", r"\Z", "\n[staging.deploy.parameters]\nstack = 'x'\n")
    replace(
        project / ".github/workflows/ci.yml",
        r"(?m)^( +)(- uses: actions/checkout.*)$",
        r"\1- run: echo mine\n\1\2",
    )
    replace(project / "Makefile", r"\Z", "\nmine:\n\techo mine\n")
    replace(project / ".gitignore", r"\Z", "mine/\n")


def same_value(project: Path) -> None:
    """A value that the template changes, too."""
    replace(project / TEMPLATE, r"(?m)^(    Timeout: )\d+$", r"\g<1>25")
    replace(project / API, r"\A.*", '"""What everybody calls."""')


EDITS: Mapping[str, Edit] = {
    edit.__name__: edit
    for edit in (
        *(route, memory, resource, deletion, blanks, quotes, readme),
        *(dependency, tests, move, code, settings, same_value),
    )
}
CONTRADICTS = frozenset({"same_value"})
"""Edits that have to conflict, wherever the template changed the same."""


def everything(project: Path) -> None:
    """All of them, one after the other, but those that contradict the template."""
    names = [name for name in EDITS if name not in CONTRADICTS and name != "blanks"]
    for name in [*names, "blanks"]:
        EDITS[name](project)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def replace(path: Path, pattern: str, text: str, *, some: bool = True) -> None:
    """Replace what a pattern matches first; with `some`, it has to match."""
    found, count = re.subn(pattern, text, read(path), count=1 if some else 0)
    assert count or not some, f"{path.name}: nothing like {pattern}"
    write(path, found)


def _bumped(line: str, by: int) -> str:
    match = PIN.match(line)
    if match is None:
        return line
    name = match["name"] + (match["extras"] or "")
    return f"{name}=={match['first']}.{int(match['last']) + by}"


def _at_line(text: str, number: int, more: str) -> str:
    """The text with more before a line, counted from 0."""
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:number], more, *lines[number:]])


def _before(text: str, start: str, more: str, *, after: bool = False) -> str:
    lines = text.splitlines()
    number = next(i for i, line in enumerate(lines) if line.startswith(start))
    return _at_line(text, number + after, more)


def _definition(text: str, name: str) -> int:
    """The line of a function's first decorator."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    raise AssertionError(f"there is no function {name}")


def _node(text: str, *path: str) -> yaml.MappingNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for key in path:
        assert isinstance(node, yaml.MappingNode)
        node = next(value for name, value in node.value if name.value == key)
    assert isinstance(node, yaml.MappingNode)
    return node


def _end_of(text: str, *path: str) -> int:
    """The line behind a mapping's last value."""
    node: yaml.Node = _node(text, *path)
    while isinstance(node, yaml.MappingNode):
        node = node.value[-1][1]
    return node.start_mark.line + 1


def _keys(text: str, *path: str) -> Iterator[tuple[str, int]]:
    for key, _ in _node(text, *path).value:
        yield key.value, key.start_mark.line


def _with_comments(text: str, line: int) -> int:
    """The first of the comment lines directly above a line."""
    lines = text.splitlines()
    while line and lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return line

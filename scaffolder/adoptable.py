"""What the template and the catalog hold for projects that we did not generate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scaffolder.catalog import CatalogEntry
from scaffolder.jinja import ADOPTED, names_where
from scaffolder.merge import ANSWER
from scaffolder.sources import SourceFile, brought, targets

PART = "adopt.yaml"
"""An entry's part of the template of such a project."""

FOLDERS = frozenset({"baseline", "config", "network", "runbooks", "scripts"})
"""The folders whose files such a project gets."""

RUNBOOKS = "runbooks/"
ANSWERS_FILE = "{{ _copier_conf.answers_file }}"

ROLES = {"api_function": "ApiFunction", "rest_api": "Api"}
"""What runbooks may call a resource, and the role that it plays; with an `s`, all that play it."""

HEADING = re.compile(r"# .+")
NOTES = {
    r"(?<![/\w])template\.yaml": (
        "adopted.template != 'template.yaml'",
        "この手順書の `template.yaml` は、このプロジェクトの `{{ adopted.template }}` です。",
        "What this page calls `template.yaml` is `{{ adopted.template }}` in this project.",
    ),
    r"\{\{ api_function \}\}": (
        "api_functions | length > 1",
        "`{{ api_function }}` を例にしています。次の関数も同じです: `{{ api_functions[1:]"
        " | join('`、`') }}`",
        "`{{ api_function }}` is an example. The same goes for `{{ api_functions[1:]"
        " | join('`, `') }}`.",
    ),
    r"\{\{ rest_api \}\}": (
        "rest_apis | length > 1",
        "`{{ rest_api }}` を例にしています。次の API も同じです: `{{ rest_apis[1:]"
        " | join('`、`') }}`",
        "`{{ rest_api }}` is an example. The same goes for `{{ rest_apis[1:] | join('`, `') }}`.",
    ),
    r"\.venv/bin/": (
        "true",
        "`.venv/bin/` は、boto3 の入った Python 環境に読み替えてください。",
        "`.venv/bin/` stands for a Python environment with boto3.",
    ),
    r"src/requirements\.txt": (
        "true",
        "`src/requirements.txt` は、関数の依存パッケージを書いたファイルに読み替えてください。",
        "`src/requirements.txt` stands for the file that lists what your functions depend on.",
    ),
    r"make test": (
        "true",
        "`make test` は、このプロジェクトのテストに読み替えてください。",
        "`make test` stands for this project's tests.",
    ),
}
"""What a runbook may speak of, and what its reader has to know then: when, in ja, in en."""


def adoptable(entry: CatalogEntry, stacks: Iterable[str]) -> bool:
    """Whether an entry can be added to projects that we did not generate.

    It says what it adds to their template, or all that it brings, apart from tests, are files in
    folders that such a project gets.

    Args:
        entry: of the catalog.
        stacks: names of the partial templates that an entry may have.
    """
    if entry.read(PART) is not None:
        return True
    if entry.read("template.yaml") is not None or entry.pattern.handlers:
        return False
    own = {name for name in stacks if entry.read(f"{name}.yaml") is not None}
    folders = {target.partition("/")[0] for target in targets(entry)} - {"tests"} | own
    # The stacks for a network and a configuration are of use to the template alone.
    return bool(folders) and folders <= FOLDERS and own <= {"baseline"}


def answers_with_effect(entries: Iterable[CatalogEntry], stacks: Iterable[str]) -> set[str]:
    """The answers that change anything in such a project, of all that entries ask for.

    Args:
        entries: of the catalog, all of them.
        stacks: names of the partial templates that an entry may have.
    """
    names = [PART, *(f"{stack}.yaml" for stack in stacks if stack != "template")]
    found: set[str] = set()
    for entry in entries:
        found |= {name for file in brought(entry) for name in _used_in(file)}
        parts = [text for name in names if (text := entry.read(name))]
        said = {name for text in parts for name in ANSWER.findall(text)}
        found |= said | {entry.answer_prefix + name for name in said}
    return found


def needed_roles(entry: CatalogEntry) -> list[str]:
    """The roles that somebody in such a project has to play, since an entry's files name them."""
    used = {name for file in brought(entry) for name in _used_in(file)}
    return [role for name, role in ROLES.items() if used & {name, f"{name}s"}]


def excluded(files: Iterable[str]) -> str:
    """What such a project gets nothing of, as a block of `_exclude`."""
    roots = {target.partition("/")[0] for target in files} - FOLDERS - {ANSWERS_FILE}
    paths = "\n".join(f"/{name}" for name in sorted(roots))
    return f"{{% if {ADOPTED} %}}\n{paths}\n{{% endif %}}\n"


def with_notes(runbook: str) -> str:
    """A runbook's template, with what its reader in such a project has to know at the top."""
    notes = [text for pattern, text in NOTES.items() if re.search(pattern, runbook)]
    return "".join(_lines(runbook, "".join(map(_note, notes))))


def _used_in(file: SourceFile) -> set[str]:
    folder = file.target.partition("/")[0]
    if folder not in FOLDERS or not file.is_template:
        return set()
    return names_where(file.text, ADOPTED)


def _note(note: tuple[str, str, str]) -> str:
    condition, ja, en = note
    text = f"{{% if language == 'ja' %}}\n> {ja}\n{{% else %}}\n> {en}\n{{% endif %}}\n"
    return f"{{% if {ADOPTED} and {condition} %}}\n\n{text}{{% endif %}}\n"


def _lines(runbook: str, notes: str) -> Iterator[str]:
    fenced = False
    for line in runbook.splitlines(keepends=True):
        fenced ^= line.lstrip().startswith("```")
        yield line
        if not fenced and HEADING.fullmatch(line.rstrip("\n")):
            yield notes

"""The code of functions: found from the template, its own and nobody else's, never run."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from scaffolder.checks import code_checks
from scaffolder.checks.code import Function, Packages
from scaffolder.checks.code_checks import evaluate_code
from scaffolder.checks.files import MAX_ENTRIES, Tree
from scaffolder.checks.outcome import Item, because
from scaffolder.checks.reading import read
from scaffolder.checks.template import Template
from tests.checks.support import check

PRINT = {"kind": "call", "has": {"field": "function", "regex": "^print$"}}


IN_PACKAGE = {"src__orders__api": ""}


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


def functions(root: Path, template: str, **files: str) -> list[Function]:
    """The functions of a template; files are given as `src__app` for `src/app.py`."""
    names = {name: name.replace("__", "/").replace("INIT", "__init__") for name in files}
    write(root, {f"{names[name]}.py": text for name, text in files.items()})
    write(root, {"template.yaml": template})
    return Packages(Tree(root)).functions(Template(read(root / "template.yaml", "template.yaml")))


def sam(**properties: Any) -> str:
    lines = "".join(f"      {key}: {value}\n" for key, value in properties.items())
    return f"Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n{lines}"


def evaluated(found: list[Function], **words: Any) -> list[tuple[str, str, int]]:
    items = evaluate_code(check(**words), found, "template.yaml")
    return [(i.outcome.value, Path(i.file).name, i.line) for i in items]


@pytest.mark.parametrize(
    ("properties", "files", "module"),
    [
        ({"CodeUri": "src/", "Handler": "app.handler"}, {"src__app": ""}, "app"),
        ({"CodeUri": "./src", "Handler": "app.handler"}, {"src__app": ""}, "app"),
        (
            {"CodeUri": "src", "Handler": "orders.api.handler"},
            {"src__orders__api": ""},
            "orders.api",
        ),
        (
            {"CodeUri": "src", "Handler": "orders/api.handler"},
            {"src__orders__api": ""},
            "orders.api",
        ),
        ({"CodeUri": "src", "Handler": "orders.handler"}, {"src__orders__INIT": ""}, "orders"),
        ({"CodeUri": "src/app.py", "Handler": "app.handler"}, {"src__app": ""}, "app"),
        ({"Handler": "app.handler"}, {"app": ""}, "app"),
    ],
)
def test_the_handlers_module_is_found(
    tmp_path: Path, properties: dict[str, str], files: dict[str, str], module: str
) -> None:
    (found,) = functions(tmp_path, sam(Runtime="python3.14", **properties), **files)
    assert found.reason is None and found.handler is not None
    assert found.handler.name == module


def test_globals_and_parameters_say_where_the_code_is(tmp_path: Path) -> None:
    template = """
    Parameters:
      Folder: {Type: String, Default: src}
    Globals:
      Function: {Runtime: python3.14, CodeUri: !Ref Folder}
    Resources:
      F: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler}}
    """
    (found,) = functions(tmp_path, template, src__app="")
    assert found.handler is not None and found.handler.name == "app"


@pytest.mark.parametrize(
    ("properties", "word"),
    [
        ({"CodeUri": "src", "Handler": "app.handler", "Runtime": "nodejs24.x"}, "language"),
        ({"PackageType": "Image"}, "container-image"),
        ({"ImageUri": "x"}, "container-image"),
        ({"CodeUri": "s3://bucket/key", "Handler": "app.handler"}, "code-elsewhere"),
        ({"CodeUri": "{Bucket: b, Key: k}", "Handler": "app.handler"}, "code-elsewhere"),
        ({"CodeUri": "!ImportValue x", "Handler": "app.handler"}, "function"),
        ({"CodeUri": "nowhere", "Handler": "app.handler"}, "no-code"),
        ({"CodeUri": "src", "Handler": "!ImportValue x"}, "function"),
        ({"CodeUri": "src"}, "no-handler"),
        ({"CodeUri": "src", "Handler": "handler"}, "no-handler"),
        ({"CodeUri": "src", "Handler": "other.handler"}, "no-handler-file"),
    ],
)
def test_code_that_is_not_here_says_why(
    tmp_path: Path, properties: dict[str, str], word: str
) -> None:
    (found,) = functions(tmp_path, sam(**{"Runtime": "python3.14", **properties}), src__app="")
    assert found.reason is not None and found.reason.word == word
    outcome = "not-applicable" if word == "language" else "unknown"
    items = evaluate_code(check(rule=PRINT, expect="none"), [found], "template.yaml")
    assert [(i.resource, i.outcome.value, i.line) for i in items] == [("F", outcome, 2)]


def test_only_the_projects_own_modules_are_looked_at(tmp_path: Path) -> None:
    own = {"src/app.py": "", "src/orders/api.py": "", "src/orders/__init__.py": ""}
    others = {
        "src/tests/test_app.py": "",
        "src/test_app.py": "",
        "src/app_test.py": "",
        "src/conftest.py": "",
        "src/vendor/lib.py": "",
        "src/.venv/lib/x.py": "",
        "src/node_modules/y.py": "",
        "src/requests/api.py": "",
        "src/six.py": "",
        "src/requests-2.0.dist-info/RECORD": "requests/api.py,,\nsix.py,,\n",
        "src/notes.txt": "",
    }
    write(tmp_path, {**own, **others})
    (found,) = functions(tmp_path, sam(Runtime="python3.14", CodeUri="src", Handler="app.handler"))
    assert sorted(found.modules) == ["app", "orders", "orders.api"]


def test_what_git_ignores_is_not_looked_at(tmp_path: Path) -> None:
    write(tmp_path, {"src/app.py": "", "src/made.py": "", ".gitignore": "made.py\nout/\n"})
    write(tmp_path, {"out/template.yaml": "Resources: {}", "template.yaml": "Resources: {}"})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    tree = Tree(tmp_path.resolve())
    assert [p.name for p in tree.python_files(tree.root / "src")] == ["app.py"]
    assert tree.templates() == [tree.root / "template.yaml"]


def test_a_repositorys_own_programs_are_not_run(tmp_path: Path) -> None:
    write(tmp_path, {"template.yaml": "Resources: {}", "hook.sh": "#!/bin/sh\ntouch ran\n"})
    (tmp_path / "hook.sh").chmod(0o755)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for name, value in {"core.fsmonitor": "./hook.sh", "core.pager": "./hook.sh"}.items():
        subprocess.run(["git", "config", name, value], cwd=tmp_path, check=True)
    assert len(Tree(tmp_path.resolve()).templates()) == 1
    assert not (tmp_path / "ran").exists()


def test_a_folder_with_too_many_files_is_unknown(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("scaffolder.checks.files.MAX_ENTRIES", 5)
    files = {f"src__m{n}": "" for n in range(9)}
    properties = {"Runtime": "python3.14", "CodeUri": "src", "Handler": "m1.handler"}
    (found,) = functions(tmp_path, sam(**properties), **files)
    assert found.reason is not None and found.reason.word == "too-many-files"
    assert MAX_ENTRIES >= 10_000


def test_links_are_not_followed_in_circles(tmp_path: Path) -> None:
    write(tmp_path, {"src/app.py": ""})
    (tmp_path / "src" / "loop").symlink_to(tmp_path / "src", target_is_directory=True)
    (found,) = functions(tmp_path, sam(Runtime="python3.14", CodeUri="src", Handler="app.handler"))
    assert sorted(found.modules) == ["app"]


def test_a_rule_that_must_match_nowhere(tmp_path: Path) -> None:
    files = {"src__app": "import helper\n", "src__helper": "def f():\n  print(1)\n"}
    properties = {"Runtime": "python3.14", "CodeUri": "src", "Handler": "app.handler"}
    found = functions(tmp_path, sam(**properties), **files)
    words = {"rule": PRINT, "expect": "none"}
    assert evaluated(found, **words) == [("pass", "app.py", 1), ("fail", "helper.py", 2)]
    (item,) = [i for i in evaluate_code(check(**words), found, "t") if i.outcome.value == "fail"]
    assert (item.column, item.resource, item.values["value"]) == (3, "F", "print(1)")


def test_a_rule_may_stand_in_its_own_key(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print(1)\n")
    found = functions(tmp_path, sam(Runtime="python3.14", Handler="app.handler"))
    assert evaluated(found, rule={"rule": PRINT}, expect="none")[0][0] == "fail"


def test_a_rule_that_must_match_looks_where_the_handler_imports(tmp_path: Path) -> None:
    template = """
    Globals:
      Function: {Runtime: python3.14, CodeUri: src}
    Resources:
      Direct: {Type: AWS::Serverless::Function, Properties: {Handler: p.direct.handler}}
      Through: {Type: AWS::Serverless::Function, Properties: {Handler: p.through.handler}}
      Without: {Type: AWS::Serverless::Function, Properties: {Handler: p.without.handler}}
    """
    found = functions(
        tmp_path,
        template,
        src__p__INIT="",
        src__p__direct="print(1)\n",
        src__p__through="from . import middle\n",
        src__p__middle="import p.far as far\n",
        src__p__far="\nprint(1)\n",
        src__p__without="import json\n",
    )
    assert evaluated(found, rule=PRINT, expect="some") == [
        ("pass", "direct.py", 1),
        ("pass", "far.py", 2),
        ("fail", "without.py", 1),
    ]


def test_a_module_of_two_functions_is_looked_at_once(tmp_path: Path) -> None:
    template = """
    Globals:
      Function: {Runtime: python3.14, CodeUri: src, Handler: app.handler}
    Resources:
      A: {Type: AWS::Serverless::Function}
      B: {Type: AWS::Serverless::Function}
    """
    found = functions(tmp_path, template, src__app="print(1)\n")
    assert evaluated(found, rule=PRINT, expect="none") == [("fail", "app.py", 1)]


@pytest.mark.parametrize(
    ("template", "line", "column"),
    [
        (
            """\
            Resources:
              F:
                Type: AWS::Serverless::Function
                Properties:
                  Runtime: python3.14
                  Handler: index.handler
                  InlineCode: |

                    def handler(event, context):
                        print(event)
            """,
            10,
            13,
        ),
        (
            """\
            Resources:
              F:
                Type: AWS::Lambda::Function
                Properties:
                  Runtime: python3.14
                  Handler: index.handler
                  Code:
                    ZipFile: !Sub |
                      def handler(event, context):
                          print("${AWS::Region}")
            """,
            10,
            15,
        ),
        (
            """\
            Resources:
              F:
                Type: AWS::Lambda::Function
                Properties:
                  Runtime: python3.14
                  Handler: index.handler
                  Code:
                    ZipFile:
                      Fn::Sub: |
                        print("${AWS::Region}")
            """,
            10,
            13,
        ),
        (
            """\
            Resources:
              F:
                Type: AWS::Lambda::Function
                Properties:
                  Runtime: python3.14
                  Handler: index.handler
                  Code: {ZipFile: "print(1)"}
            """,
            7,
            1,
        ),
    ],
)
def test_code_in_the_template_is_placed_there(
    tmp_path: Path, template: str, line: int, column: int
) -> None:
    found = functions(tmp_path, template)
    (item,) = evaluate_code(check(rule=PRINT, expect="none"), found, "template.yaml")
    assert (item.outcome.value, item.file) == ("fail", "template.yaml")
    assert (item.line, item.column) == (line, column)


def test_without_python_functions_code_is_not_applicable(tmp_path: Path) -> None:
    found = functions(tmp_path, "Resources:\n  Q: {Type: AWS::SQS::Queue}\n")
    assert evaluated(found, rule=PRINT, expect="none") == [("not-applicable", "template.yaml", 1)]


def test_without_ast_grep_rules_are_unknown_and_say_how_to_get_it(
    tmp_path: Path, monkeypatch: Any
) -> None:
    found = functions(tmp_path, sam(Runtime="python3.14", Handler="app.handler"), app="print(1)")
    monkeypatch.setitem(sys.modules, "ast_grep_py", None)
    code_checks._missing_engine.cache_clear()
    try:
        (item,) = evaluate_code(check(rule=PRINT, expect="none"), found, "template.yaml")
        words = {"predicate": "module_state_mutated"}
        others: list[Item] = evaluate_code(check(**words), found, "template.yaml")
    finally:
        code_checks._missing_engine.cache_clear()
    assert item.outcome.value == "unknown"
    assert item.reason == because("no-ast-grep", command="pip install 'anshin-serverless[code]'")
    assert [i.outcome.value for i in others] == ["pass"]


def test_code_is_not_run(tmp_path: Path) -> None:
    text = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    found = functions(tmp_path, sam(Runtime="python3.14", Handler="app.handler"), app=text)
    evaluated(found, rule=PRINT, expect="none")
    evaluated(found, predicate="module_state_mutated")
    assert not (tmp_path / "ran").exists()

"""Merges by what the lines of a file mean, where git's merge of texts does not do."""

from __future__ import annotations

import ast

import pytest

from scaffolder import structure
from scaffolder.structure import Reason, Unmergeable
from scaffolder.textmerge import definitions, pins, settle
from scaffolder.textmerge.sound import is_sound

LABELS = ("yours", "Anshin 2")


def packages(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("base", "mine", "new", "merged"),
    [
        # Each side changed another package, next to each other.
        (["a==1.0", "b==1.0"], ["a==1.1", "b==1.0"], ["a==1.0", "b==1.1"], ["a==1.1", "b==1.1"]),
        # Both went on; the higher version stands, as a version and not as text.
        (["a==1.8"], ["a==1.9"], ["a==1.10"], ["a==1.10"]),
        (["a==1.8"], ["a==2.0"], ["a==1.10"], ["a==2.0"]),
        (["a==1.8"], ["a==1.9rc1"], ["a==1.9"], ["a==1.9"]),
        # We went back, the user did nothing or went on.
        (["a==1.8", "b==1"], ["a==1.8", "b==2"], ["a==1.7", "b==1"], ["a==1.7", "b==2"]),
        (["a==1.8"], ["a==1.9"], ["a==1.7"], ["a==1.9"]),
        # Extras come and go beside the user's version.
        (["a[x]==1.0"], ["a[x]==1.1"], ["a[x,y]==1.0"], ["a[x,y]==1.1"]),
        (["a[x,y]==1.0"], ["a[x,y,z]==1.1"], ["a[y]==1.0"], ["a[y,z]==1.1"]),
        (["a[x]==1.0"], ["a[x]==1.1"], ["a==1.2"], ["a==1.2"]),
        # What comes finds its place; comments and the user's own lines stay.
        (
            ["a==1", "d==1"],
            ["# ours", "a==2", "b==9", "d==1", "-r more.txt"],
            ["a==1", "c==1", "d==1", "e==1"],
            ["# ours", "a==2", "b==9", "c==1", "d==1", "e==1", "-r more.txt"],
        ),
        ([], ["# none yet"], ["a==1"], ["a==1", "# none yet"]),
        # Both brought one package.
        (
            ["z==1"],
            ["boto3==1.9", "z==1"],
            ["Boto3[crt]==1.8", "z==1"],
            ["boto3[crt]==1.9", "z==1"],
        ),
        # What we no longer need goes, unless the user changed it.
        (["a==1", "b==1"], ["a==1", "b==1", "c==1"], ["b==1"], ["b==1", "c==1"]),
        (["a==1", "b==1"], ["a==2", "b==1"], ["b==1"], ["a==2", "b==1"]),
        # What the user left out stays out.
        (["a==1", "b==1"], ["b==2"], ["a==2", "b==1"], ["b==2"]),
        # What stands behind a version stays.
        (["a==1"], ["a==1  # because"], ["a==2"], ["a==2  # because"]),
        (["a==1"], ['a==1 ; python_version < "4"'], ["a==2"], ['a==2 ; python_version < "4"']),
    ],
)
def test_packages(base: list[str], mine: list[str], new: list[str], merged: list[str]) -> None:
    texts = (packages(*lines) for lines in (base, mine, new))
    assert pins.merge(*texts) == packages(*merged)


@pytest.mark.parametrize(
    ("base", "mine", "new"),
    [
        # The user went back to an older version, and we go on.
        (["a==1.8"], ["a==1.7"], ["a==1.9"]),
        # Not pinned any more.
        (["a==1.8"], ["a>=1.8"], ["a==1.9"]),
        (["a==1.8"], ["a==1.*"], ["a==1.9"]),
        (["a==1.8"], ["a @ https://example.com/a.zip"], ["a==1.9"]),
        (["a==1.8"], ["a==1.8,!=1.9"], ["a==1.9"]),
        # Left out, and needed for more than before.
        (["a[x]==1", "b==1"], ["b==1"], ["a[x,y]==1", "b==1"]),
        # Twice, or over several lines.
        (["a==1"], ["a==1", "A==2"], ["a==3"]),
        (["a==1"], ["a==1 \\", "  --hash=sha256:0"], ["a==3"]),
    ],
)
def test_packages_that_somebody_has_to_decide(
    base: list[str], mine: list[str], new: list[str]
) -> None:
    texts = [packages(*lines) for lines in (base, mine, new)]
    assert pins.merge(*texts) is None
    assert settle("src/requirements.txt", *texts, None, LABELS) is None


def test_a_package_is_not_there_twice_although_git_sees_no_conflict() -> None:
    """The user's stands at the end, ours comes in the middle."""
    base = packages("a==1", "m==1", "n==1", "o==1", "z==1")
    mine, new = base + "boto3==2\n", base.replace("m==1", "boto3==1\nm==1")
    git = new + "boto3==2\n"
    found = settle("requirements-dev.txt", base, mine, new, git, LABELS)
    assert found == mine
    assert settle("src/other.txt", base, mine, new, git, LABELS) == git


CODE = '''\
"""A module."""

from http import HTTPStatus

from orders import submission
from orders.log import logger
from orders.order import Order

app = Order()


def first() -> None:
    logger.info("first")
'''


def changed(*pairs: tuple[str, str], code: str = CODE) -> str:
    for old, new in pairs:
        assert old in code
        code = code.replace(old, new)
    return code


ORDER = "from orders.order import Order\n"


@pytest.mark.parametrize(
    ("mine", "new", "block"),
    [
        # Both brought an import at one place.
        (
            "from orders.lookup import find\n" + ORDER,
            "from orders.logs import count\nfrom orders.metrics import metrics\n" + ORDER,
            [
                "from orders.log import logger",
                "from orders.logs import count",
                "from orders.lookup import find",
                "from orders.metrics import metrics",
                "from orders.order import Order",
            ],
        ),
        # From one module.
        (
            "from orders.metrics import gauge\n" + ORDER,
            "from orders.metrics import Unit, metrics\n" + ORDER,
            [
                "from orders.log import logger",
                "from orders.metrics import Unit, gauge, metrics",
                "from orders.order import Order",
            ],
        ),
        # Ours goes, next to the user's.
        (
            "from orders.mine import x as y\n" + ORDER,
            "from orders.ours import new\n",
            [
                "from orders.log import logger",
                "from orders.mine import x as y",
                "from orders.ours import new",
            ],
        ),
        # The same line from both, and one more.
        (
            "import json\n" + ORDER,
            "import json\nimport os\n" + ORDER,
            [
                "from orders.log import logger",
                "import json",
                "import os",
                "from orders.order import Order",
            ],
        ),
    ],
)
def test_imports(mine: str, new: str, block: list[str]) -> None:
    texts = CODE, changed((ORDER, mine)), changed((ORDER, new))
    found = definitions.merge(*texts)
    assert found is not None
    assert found[found.index("from orders.log") : found.index("\napp")].splitlines() == block
    assert found == settle("src/orders/api.py", *texts, None, LABELS)


def test_a_long_import_is_written_as_a_formatter_would() -> None:
    names = [f"a_name_of_some_length_{number}" for number in range(5)]
    mine = changed((ORDER, f"from orders.x import {names[0]}\n{ORDER}"))
    new = changed((ORDER, f"from orders.x import {', '.join(names[1:])}\n{ORDER}"))
    found = definitions.merge(CODE, mine, new)
    assert found is not None
    lines = "".join(f"    {name},\n" for name in names)
    assert f"from orders.x import (\n{lines})\n" in found


def test_functions_that_both_put_at_one_place() -> None:
    mine = CODE + "\n\ndef mine() -> None:\n    return None\n"
    new = CODE + "\n\n@logger.wrap\nclass Ours:\n    pass\n"
    assert definitions.merge(CODE, mine, new) == mine + new.removeprefix(CODE)
    middle = "app = Order()\n", "app = Order()\n\n\ndef {}() -> None:\n    pass\n"
    texts = [changed((middle[0], middle[1].format(name))) for name in ("mine", "ours")]
    found = definitions.merge(CODE, *texts)
    assert found is not None
    names = [n.name for n in ast.parse(found).body if isinstance(n, ast.FunctionDef)]
    assert names == ["mine", "ours", "first"]
    assert "\n\n\n\n" not in found


FUNCTION = 'def f() -> None:\n    """F."""\n'
FIRST = 'def first() -> None:\n    logger.info("first")\n'


@pytest.mark.parametrize("whose", ["mine", "ours"])
@pytest.mark.parametrize(
    ("base", "function", "other"),
    [
        # Above a function that gets decorators, gets others, loses them.
        (FIRST, f"{FUNCTION}\n\n{FIRST}", f"@a(\n    1,\n)\n@b\n{FIRST}"),
        (f"@a\n{FIRST}", f"{FUNCTION}\n\n@a\n{FIRST}", f"@b\n{FIRST}"),
        (f"@a\n{FIRST}", f"{FUNCTION}\n\n@a\n{FIRST}", FIRST),
        # Below a function that gets longer, or is changed.
        (FIRST, f"{FIRST}\n\n{FUNCTION}", f"{FIRST}    more()\n"),
        (FIRST, f"{FIRST}\n\n{FUNCTION}", FIRST.replace('"first"', '"1st"')),
    ],
)
def test_a_function_next_to_what_changes(base: str, function: str, other: str, whose: str) -> None:
    texts = [changed((FIRST, text)) for text in (base, function, other)]
    if whose == "ours":
        texts[1:] = reversed(texts[1:])
    above = function.startswith(FUNCTION)
    parts = [FUNCTION, other] if above else [other, FUNCTION]
    assert definitions.merge(*texts) == changed((FIRST, "\n\n".join(parts)))


@pytest.mark.parametrize(
    ("mine", "new"),
    [
        # One line says two things.
        (("app = Order()", "app = Order(1)"), ("app = Order()", "app = Order(2)")),
        # Functions of one name.
        (("app =", "def f(): ...\n\n\napp ="), ("app =", "def f(): pass\n\n\napp =")),
        # Two decorators, whose order may matter.
        (("def first", "@a\ndef first"), ("def first", "@b\ndef first")),
        (("def first", "def f(): ...\n\n\n@a\ndef first"), ("def first", "@b\ndef first")),
        # Statements, whose order may matter.
        (("app =", "log(1)\napp ="), ("app =", "log(2)\napp =")),
        # A comment that is somebody's.
        ((ORDER, f"from a import b  # mine\n{ORDER}"), (ORDER, f"from c import d\n{ORDER}")),
        # Names that nobody sees.
        ((ORDER, f"from a import *\n{ORDER}"), (ORDER, f"from c import d\n{ORDER}")),
        # An import and something else.
        ((ORDER, f"{ORDER}x = 1\n"), (ORDER, f"{ORDER}from c import d\n")),
    ],
)
def test_code_that_somebody_has_to_decide(mine: tuple[str, str], new: tuple[str, str]) -> None:
    assert definitions.merge(CODE, changed(mine), changed(new)) is None


def test_markers_in_the_users_code_are_nothing_special() -> None:
    text = CODE + 'SIGNS = """\n<<<<<<< mine\n=======\n>>>>>>> theirs\n"""\n'
    mine, new = (changed((ORDER, f"from {m} import x\n{ORDER}"), code=text) for m in "ab")
    found = definitions.merge(text, mine, new)
    assert found == changed((ORDER, f"from a import x\nfrom b import x\n{ORDER}"), code=text)


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("a.py", "x = 1\n", "x = (\n"),
        ("pyproject.toml", "[a]\nb = 1\n", "[a]\nb = 1\n[a]\nb = 2\n"),
        ("a.json", '{"a": 1}', '{"a": 1, "a": 2}'),
        ("a.yaml", "a: 1\n", "a: 1\na: 2\n"),
    ],
)
def test_what_git_made_has_to_make_sense(path: str, good: str, bad: str) -> None:
    assert path.endswith(".yaml") or (is_sound(path, good), is_sound(path, bad)) == (True, False)
    # Nothing tells the three apart but what came out.
    assert settle(path, good, good, good, good, LABELS) == good
    assert settle(path, bad, good, bad, bad, LABELS) is None
    # The user's was no better.
    assert settle(path, bad, bad, bad, bad, LABELS) == bad


def test_of_other_files_nothing_is_known() -> None:
    assert settle("README.md", "a", "b", "c", None, LABELS) is None
    assert settle("README.md", "a", "b", "c", "d", LABELS) == "d"
    assert settle("Makefile", "a\n", "b\n", "c\n", "<<< b\n", LABELS) == "<<< b\n"


BASE = "Globals:\n  Timeout: 10\n  MemorySize: 512\nResources:\n  A:\n    Type: X\n"
MINE = (
    "Globals:\n    Timeout: 25 # ours\n    MemorySize: 512\nResources:\n    A:\n        Type: X\n"
)
NEW = BASE.replace("10", "12").replace("512", "1024") + "  B:\n    Type: Y\n"


def test_only_the_values_in_conflict_are_marked() -> None:
    found = settle("template.yaml", BASE, MINE, NEW, None, LABELS)
    assert found == (
        "Globals:\n"
        "<<<<<<< yours\n    Timeout: 25 # ours\n=======\n    Timeout: 12 # ours\n>>>>>>> Anshin 2\n"
        "    MemorySize: 1024\n"
        "Resources:\n    A:\n        Type: X\n    B:\n        Type: Y\n"
    )


def test_several_values_in_conflict() -> None:
    new = NEW.replace("Type: X", "Type: Z")
    mine = MINE.replace("Type: X", "Type: W")
    found = structure.marked(BASE, mine, new, LABELS)
    assert found.count("<<<<<<<") == 2
    for side, left in (("yours", mine), ("Anshin 2", new)):
        for line in ("Timeout: ", "Type: "):
            value = next(text for text in left.splitlines() if line in text).split()[1]
            assert f"{line}{value}" in found, side


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # Gone, another kind of value, in braces, over several lines.
        ("    Timeout: 25 # ours\n", ""),
        ("    Timeout: 25 # ours\n", "    Timeout: [25]\n"),
        ("Globals:\n    Timeout: 25 # ours\n    MemorySize: 512\n", "Globals: {Timeout: 25}\n"),
        ("Timeout: 25 # ours\n", "Timeout: >\n        25\n"),
    ],
)
def test_more_than_values_in_conflict(old: str, new: str) -> None:
    assert old in MINE
    with pytest.raises(Unmergeable) as caught:
        structure.marked(BASE, MINE.replace(old, new), NEW, LABELS)
    assert caught.value.clashes[0].reason is not Reason.unsure


def test_documents_that_agree() -> None:
    assert structure.agree(BASE, BASE.replace("  ", "    ") + "# more\n")
    assert not structure.agree(BASE, NEW)
    assert not structure.agree("a: 1\na: 1\n", "a: 1\n")
    assert structure.is_sound(BASE)
    assert not structure.is_sound("a: [\n")
    assert not structure.is_sound("x:\n  - a: 1\n    a: 2\n")


def test_git_merges_into_nonsense_and_values_do_not() -> None:
    """Both brought one key, far apart."""
    base = "A:\n  a: 1\n  b: 1\n  c: 1\n  d: 1\n  e: 1\n"
    mine, new = base + "  key: 1\n", base.replace("A:\n", "A:\n  key: 1\n")
    git = "A:\n  key: 1\n  a: 1\n  b: 1\n  c: 1\n  d: 1\n  e: 1\n  key: 1\n"
    assert settle("a.yaml", base, mine, new, git, LABELS) == mine
    other = new.replace("key: 1", "key: 2")
    assert settle("a.yaml", base, mine, other, git, LABELS) is None

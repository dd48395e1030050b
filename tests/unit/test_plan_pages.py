"""A plan as people and programs read it: whole screens, and what holds for every one."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaffolder import plan_data, plan_parts, published, threeway
from scaffolder.history import File
from scaffolder.layout import Screen, width
from scaffolder.messages import LANGUAGES, Say, texts
from scaffolder.plan import Action, Plan, Request
from scaffolder.plan_pages import SIGNS, PlanPages, first_sentences
from scaffolder.plan_parts import Fate, Sign
from scaffolder.structure import Reason
from scaffolder.threeway import Kind
from tests.unit import plan_world as world
from tests.unit.plan_world import ANSWERS, pages, planned, rendered, side, tree

STORED = Path(__file__).parent / "plan_pages"
SCENES = ("adding", "removing", "updating", "idle", "refusing")
STYLE = re.compile(r"\x1b\[\d*m")
CATALOG = published.load()


def scene(name: str, language: str = "en") -> Plan:
    found: Plan = getattr(world, name)(language)
    return found


# Whole screens


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCENES)
def test_the_screen_is_as_stored(name: str, language: str) -> None:
    shown = pages(scene(name, language), language).text() + "\n"
    assert shown == (STORED / f"{name}.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["updating", "refusing"])
def test_the_guide_is_as_stored(name: str, language: str) -> None:
    shown = pages(scene(name, language), language).conflicts() + "\n"
    assert shown == (STORED / f"{name}-guide.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_markdown_is_as_stored(language: str) -> None:
    shown = pages(scene("updating", language), language).markdown()
    assert shown == (STORED / f"updating.{language}.md").read_text(encoding="utf-8")


# What holds for all screens


def every(language: str) -> Iterator[Plan]:
    """The made-up plans, and adding and removing each safeguard of the real catalog."""
    yield from (scene(name, language) for name in SCENES)
    for name in published.safeguards(CATALOG):
        active = published.closure(CATALOG, [name])
        none, some = side([], CATALOG), side([name], CATALOG)
        empty, full = tree(world.BASE), tree(world.BASE | contents(active))
        for action, before, after in (
            (Action.add, (none, empty), (some, full)),
            (Action.remove, (some, full), (none, empty)),
        ):
            yield planned(Request(action, (name,)), before, after, {}, language)


def contents(active: list[str]) -> dict[str, str]:
    """Files with which real safeguards come: each template holds one part."""
    found: dict[str, str] = {}
    for name in active:
        found |= dict.fromkeys(CATALOG["patterns"][name]["files"], "text\n")
        found |= published.snippets(CATALOG, name)
    return found


ROW = re.compile(r" +([-+~=!] )?\S+( = \S+)?(  \S+)?|\s*`[^`]+`\S*")
"""What is never broken: a name after its sign, with a value or a type, and inline code."""


@pytest.mark.parametrize("cells", [40, 80])
@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_fit_and_end_without_blanks(language: str, cells: int) -> None:
    seen = 0
    for plan in every(language):
        shown = pages(plan, language, cells)
        quoted = {line.strip() for line in quotations(plan)}
        for line in (shown.text(diff=False) + "\n" + shown.conflicts()).split("\n"):
            seen += 1
            assert line == line.rstrip()
            unbroken = ROW.fullmatch(line) or line.strip() in quoted
            assert width(line) <= cells or unbroken, line
    assert seen > 1000


def quotations(plan: Plan) -> Iterator[str]:
    """Lines of files that a guide repeats."""
    for change in plan.conflicts:
        for conflict in change.conflicts:
            yield from (*conflict.yours, *conflict.wanted)
        put, cut = plan_parts.by_hand(change)
        yield from (*put, *cut)


@pytest.mark.parametrize("language", LANGUAGES)
def test_styles_only_colour(language: str) -> None:
    for plan in every(language):
        plain = pages(plan, language)
        styled = pages(plan, language, styled=True)
        for way in ("text", "conflicts"):
            text = getattr(plain, way)()
            assert "\x1b" not in text
            assert STYLE.sub("", getattr(styled, way)()) == text
    assert "\x1b[32m+  Inbox:\x1b[0m" in pages(scene("adding"), styled=True).text()
    assert "\x1b[31m-  Inbox:\x1b[0m" in pages(scene("removing"), styled=True).text()


def test_markdown_and_data_do_not_know_the_screen() -> None:
    narrow, wide = (
        pages(scene("updating"), cells=30, styled=True),
        pages(scene("updating"), cells=88),
    )
    assert narrow.markdown() == wide.markdown()
    assert narrow.data() == wide.data()


def test_every_kind_and_reason_has_its_words() -> None:
    assert SIGNS.keys() == set(Kind)
    keys = texts().keys()
    assert {f"plan.count.{kind.value}" for kind in Kind} <= keys
    assert {f"plan.fate.{fate.value}" for fate in Fate} <= keys
    assert {f"plan.title.{action.value}" for action in Action} <= keys
    assert {f"plan.clash.{reason.value}" for reason in Reason} <= keys
    quiet = {Kind.added, Kind.changed, Kind.deleted}
    assert {f"plan.kind.{kind.value}" for kind in set(Kind) - quiet} <= keys
    directions = {entry["costs"]["direction"] for entry in CATALOG["patterns"].values()}
    assert {f"plan.bill.{direction}" for direction in directions} <= keys


# Diffs


def test_a_long_new_file_is_shortened_unless_asked_otherwise() -> None:
    shown = pages(scene("adding"))
    assert "+45. Step 45" not in shown.text()
    assert "… 20 more lines; --full shows all" in shown.text()
    assert "+45. Step 45" in shown.text(full=True)
    assert "more lines" not in shown.text(full=True)
    assert "+45. Step 45" in shown.markdown()
    assert "-45. Step 45" not in pages(scene("removing")).text()


def test_a_long_change_is_shown_whole() -> None:
    longer = BEFORE = "".join(f"{n}\n" for n in range(80))
    plan = replaced({"a.md": BEFORE}, {"a.md": longer.replace("\n", "!\n")})
    assert "+79!" in pages(plan).text()


def test_without_diff_there_is_no_way_to_go_on_either() -> None:
    text = pages(scene("adding")).text(diff=False)
    assert "@@" not in text and "anshin add" not in text
    assert "runbooks/inbox.md" in text


def test_diffs_are_grouped_by_safeguard_then_shared_then_records() -> None:
    lines = pages(scene("adding")).text().split("\n")
    heads = [line for line in lines if re.match(r"Diff: |\+\+\+ ", line)]
    assert heads == [
        "Diff: order-inbox",
        "+++ b/runbooks/inbox.md",
        "+++ b/src/orders/worker.py",
        "Diff: shared files",
        "+++ b/src/requirements.txt",
        "+++ b/template.yaml",
        "Diff: the project's records",
        "+++ b/.copier-answers.yml",
    ]


@pytest.mark.parametrize("name", ["adding", "removing", "updating"])
def test_git_applies_the_diffs(name: str, tmp_path: Path) -> None:
    plan = scene(name)
    for change in plan.changes:
        if change.before:
            path = tmp_path / change.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(change.before.content)
    patch = "".join(file["diff"] or "" for file in pages(plan).data()["files"])
    command = ["git", "apply", "--unsafe-paths", "-"]
    subprocess.run(command, cwd=tmp_path, input=patch.encode(), check=True)
    for change in plan.changes:
        path = tmp_path / change.path
        found = path.read_bytes() if path.is_file() else None
        assert found == (change.after.content if change.after else None), change.path


def test_a_terminal_gets_no_control_characters_of_a_file() -> None:
    plan = replaced({"a.md": "1\n"}, {"a.md": "1\n\x1b[2J\u202e\tend　全角\n"})
    assert "+\\x1b[2J\\u202e\tend　全角" in pages(plan).text()


def test_line_ends_of_windows_are_not_shown() -> None:
    plan = replaced({"a.md": "1\r\n"}, {"a.md": "1\r\n2\r\n"})
    assert "\r" not in pages(plan).text() + pages(plan).markdown()
    assert "+2\n" in pages(plan).text()


def test_modes_and_what_is_not_text() -> None:
    before = {"run.sh": File("100644", b"x\n"), "logo.png": File("100644", b"\x00a")}
    after = {"run.sh": File("100755", b"x\n"), "logo.png": File("100644", b"\x00b")}
    text = pages(replaced(before, after)).text()
    assert "old mode 100644\nnew mode 100755" in text
    assert "logo.png (not text, so there is no diff)" in text


def replaced(
    before: Mapping[str, str | File], after: Mapping[str, str | File], **mine: Any
) -> Plan:
    """An update that is only about some files of the template itself."""

    def files(texts: Mapping[str, str | File]) -> dict[str, File]:
        plain = {p: t for p, t in texts.items() if isinstance(t, str)}
        return tree(plain) | {p: t for p, t in texts.items() if isinstance(t, File)}

    return planned(
        Request(Action.update),
        (side([]), files(before)),
        (side([], version="2.0.0"), files(after)),
        mine.get("mine", {}),
    )


# Markdown


def test_a_fence_is_longer_than_any_in_the_file() -> None:
    plan = replaced(
        {"a.md": "one\n\n```sh\nls\n```\n"}, {"a.md": "one\n\n````sh\nls\n````\n\ntwo\n"}
    )
    text = pages(plan).markdown()
    opened, body = re.search(r"^(`+)diff\n(.*?)\n\1$", text, re.DOTALL | re.MULTILINE).groups()  # type: ignore[union-attr]
    assert opened == "`````"
    expected = ["" if line == " " else line for line in threeway.diff(plan.changes[0])]
    assert body.split("\n") == expected


def test_every_fold_is_closed_and_nothing_becomes_html() -> None:
    plan = replaced({}, {"a<b>.md": "x\n"})
    noted = replace(plan, notes=["<script> & `<code>`"])
    text = pages(noted).markdown()
    assert text.count("<details>") == text.count("</details>") == 1
    assert "<summary><code>a&lt;b&gt;.md</code></summary>" in text
    assert "&lt;script> &amp; `<code>`" in text


# Data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_data_survives_json(language: str) -> None:
    for plan in every(language):
        data = pages(plan, language).data()
        assert json.loads(json.dumps(data)) == data


def test_the_data_is_what_the_documentation_says() -> None:
    documented = re.findall(r"^ {8,}(\w+)(?=  |$)", plan_data.as_data.__doc__ or "", re.MULTILINE)
    found: set[str] = set()

    def walk(value: object, free: bool = False) -> None:
        if isinstance(value, dict):
            found.update(() if free else value)
            for key, inner in value.items():
                # Answers have the names of questions.
                walk(inner, free=key == "answers")
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for name in SCENES:
        walk(pages(scene(name)).data())
    groups = {"added", "removed", "changed"}
    assert found - groups == set(documented)


def test_the_data_of_an_update() -> None:
    data = pages(scene("updating")).data()
    assert (data["action"], data["from_version"], data["to_version"]) == (
        "update",
        "1.0.0",
        "2.0.0",
    )
    assert data["offers"] == [{"name": "order_inbox_keep", "yours": 60, "recommended": 120}]
    assert [entry["id"] for entry in data["safeguards"]["changed"]] == ["order-inbox"]
    api = next(f for f in data["files"] if f["path"] == "src/orders/api.py")
    assert api["conflicts"] == [
        {
            "line": 7,
            "yours": [
                "    found = order.accept(event)",
                "    print(found)",
                "    return found",
            ],
            "wanted": ["    return order.accept(event, strict=True)"],
        }
    ]


def test_the_data_says_why_each_safeguard_comes() -> None:
    inbox, cap = pages(scene("adding")).data()["safeguards"]["added"]
    assert (inbox["id"], inbox["required_by"]) == ("order-inbox", "worker-cap")
    assert inbox["because"] == "What waits needs a place to wait in."
    assert (cap["required_by"], cap["because"]) == (None, "What `queue` is for.")
    assert inbox["files"] == ["runbooks/inbox.md", "src/orders/worker.py"]


# Who changes what


def touched(plan: Plan) -> dict[str, dict[str, list[str]]]:
    return {
        part.id: {path: list(names) for path, names in part.touched.items()}
        for part in plan_parts.parts(plan)
    }


def test_what_comes_with_another_safeguard_has_an_owner() -> None:
    active = ["order-inbox", "late-alarm"]
    plan = planned(
        Request(Action.add, ("late-alarm",)),
        (side(["order-inbox"]), tree(rendered(["order-inbox"]))),
        (side(active), tree(rendered(active))),
        {},
    )
    (part,) = plan_parts.parts(plan)
    assert (part.id, part.sign, [r.name for r in part.new]) == (
        "late-alarm",
        Sign.comes,
        ["InboxAlarm"],
    )
    assert touched(plan) == {"late-alarm": {"src/orders/api.py": [], "template.yaml": []}}
    assert plan_parts.shared_resources(plan, [part]) == []


def test_what_another_safeguard_adds_to_the_new_one_is_its_own_part() -> None:
    active = ["order-inbox", "late-alarm"]
    plan = planned(
        Request(Action.add, ("order-inbox",)),
        (side(["late-alarm"]), tree(rendered(["late-alarm"]))),
        (side(active), tree(rendered(active))),
        {},
    )
    signs = {part.id: (part.sign, [r.name for r in part.new]) for part in plan_parts.parts(plan)}
    assert signs == {
        "order-inbox": (Sign.comes, ["Inbox", "InboxLog"]),
        "late-alarm": (Sign.changes, ["InboxAlarm"]),
    }
    assert touched(plan)["late-alarm"] == {"template.yaml": []}


def test_a_resource_is_named_with_those_who_change_it() -> None:
    own = "Resources:\n  ApiFunction:\n    Properties:\n      Timeout: 5\n"
    catalog = world.changed(world.CATALOG, "late-alarm", template=own)
    active = ["order-inbox", "late-alarm"]
    plan = planned(
        Request(Action.add, ("order-inbox",)),
        (side(["late-alarm"], catalog), tree(rendered(["late-alarm"]))),
        (side(active, catalog), tree(rendered(active))),
        {},
    )
    assert touched(plan)["order-inbox"]["template.yaml"] == ["ApiFunction"]
    assert touched(plan)["late-alarm"]["template.yaml"] == []


def test_a_safeguard_is_not_touched_by_a_part_for_one_that_is_not_there() -> None:
    alone = {"requires": {}, "closure": ["worker-cap"]}
    catalog = world.changed(world.CATALOG, "worker-cap", **alone)
    plan = planned(
        Request(Action.add, ("worker-cap", "late-alarm")),
        (side([], catalog), tree({"template.yaml": "Resources: {}\n"})),
        (side(["worker-cap", "late-alarm"], catalog), tree({"template.yaml": world.INBOX})),
        {},
    )
    assert touched(plan) == {"worker-cap": {"template.yaml": ["Inbox"]}, "late-alarm": {}}


def test_who_only_adds_to_a_resource_does_not_bring_it() -> None:
    before_it = "Resources:\n  InboxAlarm:\n    Properties: {}\n"
    joint = {"order-inbox": before_it}
    catalog = world.changed(world.CATALOG, "worker-cap", **{"with": joint})
    active = ["worker-cap", "late-alarm"]
    texts = rendered(["order-inbox", *active])
    plan = planned(
        Request(Action.add, tuple(active)),
        (side([], catalog), tree(rendered([]))),
        (side(active, catalog), tree(texts)),
        {},
    )
    owners = {r.name: part.id for part in plan_parts.parts(plan) for r in part.new}
    assert owners["InboxAlarm"] == "late-alarm"


def test_what_was_asked_for_itself_comes_along_with_nobody() -> None:
    both_chosen = side(["order-inbox", "worker-cap"])
    plan = replace(scene("adding"), wanted=both_chosen)
    assert [part.by for part in plan_parts.parts(plan)] == [None, None]


def test_what_came_along_goes_along() -> None:
    active = ["order-inbox", "worker-cap"]
    plan = planned(
        Request(Action.remove, ("worker-cap",)),
        (side(["worker-cap"]), tree(rendered(active))),
        (side([]), tree(rendered([]))),
        {},
    )
    inbox, cap = pages(plan).data()["safeguards"]["removed"]
    assert (inbox["id"], inbox["required_by"]) == ("order-inbox", "worker-cap")
    assert (cap["id"], cap["required_by"]) == ("worker-cap", None)
    assert "  It came with worker-cap, and goes with it.\n" in pages(plan).text()


def test_a_resource_of_nobody_is_the_templates_own() -> None:
    more = "Resources:\n  Store:\n    Type: AWS::S3::Bucket\n"
    plan = replaced({"template.yaml": "Resources: {}\n"}, {"template.yaml": more})
    data = pages(plan).data()
    assert [r["name"] for r in data["shared_resources"]] == ["Store"]
    assert "Resources of the template itself" in pages(plan).text()
    assert "+ Store  AWS::S3::Bucket" in pages(plan).text()


def test_an_update_names_only_safeguards_whose_part_is_new() -> None:
    before, after = rendered(["order-inbox"]), rendered(["order-inbox"], "2.0.0")
    after["template.yaml"] = after["template.yaml"].replace("Outputs:", "# New.\nOutputs:")
    versions = (side(["order-inbox"]), side(["order-inbox"], version="2.0.0"))
    request = Request(Action.update)
    plan = planned(request, (versions[0], tree(before)), (versions[1], tree(after)), {})
    assert plan_parts.parts(plan) == []
    newer = world.changed(world.CATALOG, "order-inbox", template=world.INBOX + "    Metadata: {}\n")
    wanted = side(["order-inbox"], newer, "2.0.0")
    plan = planned(request, (versions[0], tree(before)), (wanted, tree(after)), {})
    assert touched(plan) == {"order-inbox": {"template.yaml": []}}


def test_a_changed_answer_touches_what_it_stands_in() -> None:
    plan = planned(
        Request(Action.update, data={"order_inbox_keep": "90"}),
        (side(["order-inbox"]), tree(rendered(["order-inbox"]))),
        (side(["order-inbox"], order_inbox_keep=90), tree(rendered(["order-inbox"], keep=90))),
        {},
    )
    assert touched(plan) == {"order-inbox": {"template.yaml": ["Inbox"]}}
    assert plan_parts.settings(plan) == {"order_inbox_keep": 90}
    text = pages(plan).text()
    assert text.startswith("Plan: change settings of orders\n")
    assert text.endswith("\n    anshin update --data order_inbox_keep=90")


def test_runtime_and_development_packages_are_told_apart() -> None:
    needs = {"runtime": [], "dev": ["moto[sqs]==5.2.5"]}
    catalog = world.changed(world.CATALOG, "order-inbox", dependencies=needs)
    lists = {"src/requirements.txt": "urllib3==2.8.0\n", "requirements-dev.txt": "ruff==1.0\n"}
    with_moto = {
        "src/requirements.txt": "moto==5.2.5\nurllib3==2.8.0\n",
        "requirements-dev.txt": "moto[sqs]==5.2.5\nruff==1.0\n",
    }
    plan = planned(
        Request(Action.add, ("order-inbox",)),
        (side([], catalog), tree(lists)),
        (side(["order-inbox"], catalog), tree(with_moto)),
        {},
    )
    assert touched(plan) == {"order-inbox": {"requirements-dev.txt": []}}


def test_the_parts_in_an_adopted_project_have_its_own_names() -> None:
    (part,) = plan_parts.parts(scene("refusing"))
    assert [r.name for r in part.new] == ["HelloAlarm"]
    assert part.touched == {"template.yaml": ["Hello"]}


@pytest.mark.parametrize(
    ("inline", "language", "left_out"),
    [
        ([], "en", "not in the template, so these settings are left out: Auth"),
        ([], "ja", "次の設定は追加しません: Auth"),
        (["Rest"], "en", ""),
    ],
)
def test_what_an_adopted_project_does_not_get_is_said(
    inline: list[str], language: str, left_out: str
) -> None:
    plan = scene("refusing", language)
    part = world.PART.replace("Hello", "ApiFunction") + "Globals:\n  Api:\n    Auth: {}\n"
    text = {"ja": "コードは変えません。", "en": "No code is changed."}
    catalog = world.changed(dict(plan.wanted.catalog), "late-alarm", when_adopted=text, adopt=part)
    recorded = {"template": "template.yaml", "resources": {"Api": ["Rest"], "InlineApi": inline}}
    (change,) = plan.changes
    plan = replace(
        plan,
        changes=[replace(change, kind=Kind.changed, after=change.wanted)],
        wanted=replace(plan.wanted, catalog=catalog),
        project=replace(plan.project, answers={"adopted": recorded, "safeguards": []}),
    )
    shown = " ".join(pages(plan, language, 200).text(diff=False).split())
    assert text[language] in shown
    assert ("Auth" in shown) == bool(left_out)
    assert left_out in shown
    ours = replace(plan, project=replace(plan.project, answers={"safeguards": []}))
    assert text[language] not in pages(ours, language).text(diff=False)


# What becomes of data


def fates(template: str) -> dict[str, Fate]:
    """What becomes of the resources when the user's template is this one."""
    plan = planned(
        Request(Action.remove, ("order-inbox",)),
        (side(["order-inbox"]), tree(rendered(["order-inbox"]))),
        (side([]), tree(rendered([]))),
        tree({"template.yaml": template}),
    )
    return {resource.name: fate for resource, fate in plan_parts.fates(plan).items()}


def test_the_users_own_template_says_what_stays() -> None:
    template = rendered(["order-inbox"])["template.yaml"]
    assert fates(template) == {"Inbox": Fate.retained, "InboxLog": Fate.lost}
    without = template.replace("    DeletionPolicy: Retain\n", "")
    assert fates(without) == {"Inbox": Fate.lost, "InboxLog": Fate.lost}
    log = "AWS::Logs::LogGroup\n"
    also = template.replace(log, f"{log}    DeletionPolicy: RetainExceptOnCreate\n")
    assert fates(also) == {"Inbox": Fate.retained, "InboxLog": Fate.retained}


def test_what_the_user_has_removed_already_is_no_longer_at_risk() -> None:
    template = rendered(["order-inbox"])["template.yaml"]
    gone = template.replace("  InboxLog:\n    Type: AWS::Logs::LogGroup\n", "")
    assert fates(gone) == {"Inbox": Fate.retained}


def test_where_the_users_template_cannot_be_read_ours_says_it() -> None:
    template = rendered(["order-inbox"])["template.yaml"]
    assert fates(template + "]\n") == {"Inbox": Fate.retained, "InboxLog": Fate.lost}


# Files that need attention


def attention(plan: Plan) -> str:
    text = pages(plan).text(diff=False)
    return text[text.index("\nFiles: ") :]


def test_a_file_that_is_not_text_is_no_place_for_markers() -> None:
    before, after = ({"logo.png": File("100644", b"\x00" + c)} for c in (b"a", b"b"))
    plan = replaced(before, after, mine={"logo.png": File("100644", b"\x00mine")})
    assert "      logo.png  not text, so yours stays" in attention(plan)
    guide = pages(plan).conflicts()
    assert "This is not text, so yours was left as it is." in guide
    assert "anshin undo" not in guide


def test_edits_of_the_answers_file_may_be_replaced() -> None:
    before, after = ({ANSWERS: f"_commit: {v}\n"} for v in ("1.0.0", "2.0.0"))
    plan = replaced(before, after, mine=tree({ANSWERS: "_commit: 1.5.0\n"}))
    assert "    replaced.\n      .copier-answers.yml" in attention(plan)
    assert "lines of your own" not in attention(plan)


@pytest.mark.parametrize(
    ("mine", "reason"),
    [
        (None, "the file is not there"),
        (File("120000", b"elsewhere.yaml"), "it is a symbolic link"),
        (File("100644", b"Resources: \xff\n"), "it is not UTF-8 text"),
    ],
    ids=["missing", "link", "encoding"],
)
def test_why_there_is_nothing_to_merge_into(mine: File | None, reason: str) -> None:
    plan = scene("refusing")
    base, wanted = tree({"template.yaml": ""}), tree({"template.yaml": world.PART})
    labels = threeway.Labels("yours", "Anshin 1.0.0")
    changes = threeway.merge(base, lambda _: mine, wanted, labels, by_structure=["template.yaml"])
    assert f"      template.yaml  {reason}\n" in attention(replace(plan, changes=changes)) + "\n"


def test_a_clash_with_the_whole_file_names_no_place_in_it() -> None:
    base, wanted = tree({"template.yaml": ""}), tree({"template.yaml": world.PART})
    mine = tree({"template.yaml": "Resources: [\n"}).get
    labels = threeway.Labels("yours", "Anshin 1.0.0")
    changes = threeway.merge(base, mine, wanted, labels, by_structure=["template.yaml"])
    text = pages(replace(scene("refusing"), changes=changes), cells=88).text()
    assert "template.yaml:2  this is not one YAML document" in text


def test_lines_to_paste_stand_under_what_they_belong_to() -> None:
    before = "Resources:\n  A:\n    Properties:\n      One: 1\n      Two: 2\n"
    after = "Resources:\n  A:\n    Properties:\n      One: 1\n  B:\n    Type: T\n"
    files = tree({"before": before, "after": after})
    sides = (files["before"], files["after"])
    change = threeway.Change("t.yaml", Kind.refused, None, None, *sides)
    put, cut = plan_parts.by_hand(change)
    assert put == ["Resources:", "  B:", "    Type: T"]
    assert cut == ["Resources:", "  A:", "    Properties:", "      Two: 2"]


# Words


@pytest.mark.parametrize(
    ("request_", "command"),
    [
        (
            Request(Action.add, ("a", "b"), {"a_on": True, "b_text": "it's"}),
            """anshin add a b --data a_on=true --data 'b_text=it'"'"'s'""",
        ),
        (Request(Action.update, version="1.2.0"), "anshin update --to 1.2.0"),
    ],
)
def test_the_command_can_be_pasted(request_: Request, command: str) -> None:
    plan = replace(scene("updating"), request=request_)
    assert pages(plan).text().split("\n")[-1] == f"    {command}"


@pytest.mark.parametrize(
    ("request_", "version", "title"),
    [
        (Request(Action.update), "1.0.0", "Plan: orders stays at template 1.0.0"),
        (Request(Action.update, data={"a": 1}), "1.0.0", "Plan: change settings of orders"),
        (
            Request(Action.update, data={"a": 1}),
            "2.0.0",
            "Plan: update orders from template 1.0.0 to 2.0.0",
        ),
        (Request(Action.add, ("x",), data={"a": 1}), "1.0.0", "Plan: add x to orders"),
    ],
)
def test_the_title_says_what_changes(request_: Request, version: str, title: str) -> None:
    plan = scene("updating")
    found = replace(plan, request=request_, wanted=replace(plan.wanted, version=version))
    assert pages(found).text().split("\n")[0] == title


def test_costs_end_with_a_sentence() -> None:
    text = "One is short. `Two` is somewhat longer than one. Three."
    assert first_sentences(text, 1, 40) == "One is short."
    assert first_sentences(text, 2, 40) == text
    japanese = "短い文です (例です。)。次の文です。"
    assert first_sentences(japanese, 1, 10) == "短い文です (例です。)。"
    assert first_sentences("一文目。\n二文目。", 2, 30) == "一文目。二文目。"
    assert first_sentences("One.\nTwo.", 2, 30) == "One. Two."
    long = "A sentence that is longer than there is room stays whole. Another."
    assert (
        first_sentences(long, 1, 20) == "A sentence that is longer than there is room stays whole."
    )


def test_values_and_labels_of_all_kinds() -> None:
    catalog = world.changed(
        world.CATALOG,
        "order-inbox",
        answers={
            "order_inbox_on": {**world.question(True, "有効", "On"), "type": "bool"},
            "order_inbox_name": {**world.question("", "名前", "Name"), "type": "str"},
        },
    )
    plan = replace(scene("adding"), wanted=side(["order-inbox"], catalog))
    text = pages(plan).text(diff=False)
    assert "  order_inbox_on = true  On\n" in text
    assert '  order_inbox_name = ""  Name\n' in text


def test_a_screen_of_any_width_takes_the_title() -> None:
    plan = replace(scene("adding"), request=Request(Action.add, ("worker-cap",) * 9))
    shown = PlanPages(plan, Say("ja"), Screen(30)).text(diff=False)
    assert all(width(line) <= 30 for line in shown.split("\n\n")[0].split("\n"))

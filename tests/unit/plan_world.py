"""Plans about a made-up catalog of three safeguards, with all that a plan can say."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scaffolder import published
from scaffolder.history import File
from scaffolder.layout import Screen
from scaffolder.managed import Managed
from scaffolder.messages import Say
from scaffolder.plan import Action, Offer, Plan, Request, Resource, Side, resource_types
from scaffolder.plan_pages import PlanPages
from scaffolder.threeway import Labels, Tree, merge

ANSWERS = ".copier-answers.yml"
INBOX = """\
Resources:
  ApiFunction:
    Properties:
      Environment:
        Variables:
          INBOX_URL: !Ref Inbox
  Inbox:
    Type: AWS::SQS::Queue
    DeletionPolicy: Retain
    Properties:
      MessageRetentionPeriod: !Answer keep
  InboxLog:
    Type: AWS::Logs::LogGroup
"""
ALARM_WITH_INBOX = """\
Resources:
  InboxAlarm:
    Type: AWS::CloudWatch::Alarm
"""


def both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}


def entry(name: str, title: dict[str, str], **fields: Any) -> dict[str, Any]:
    """A whole entry of `catalog.json`, as far as a plan looks at it."""
    return {
        "title": title,
        "summary": both("`queue` の説明です。", "What `queue` is for."),
        "costs": {
            "direction": "small",
            "text": both(
                "メッセージの数に応じて料金がかかります。ワーカーがいないときも、わずかにかかります。"
                "障害の後は、たまったメッセージの処理に時間がかかります。",
                "You pay for each message. Without a worker there is a little to pay, too. "
                "After an outage, it takes a while to work through what has piled up.",
            ),
        },
        "scope": ["project"],
        "requires": {},
        "conflicts": {},
        "closure": [*fields.get("requires", {}), name],
        "aliases": [],
        "answers": {},
        "template": "",
        "baseline": "",
        "with": {},
        "files": [],
        "resources": {},
        "extends": {},
        "handlers": {},
        "dependencies": {"runtime": [], "dev": []},
        **fields,
    }


def question(default: Any, ja: str, en: str) -> dict[str, Any]:
    known = {"type": "int", "label": both(ja, en), "default": default, "aliases": []}
    return {**known, "min": 1, "max": 1000}


CATALOG: dict[str, Any] = {
    "stacks": {"template": "template.yaml", "baseline": "baseline/template.yaml"},
    "answers": {
        "project_name": {
            "type": "str",
            "label": both("名前", "Name"),
            "default": "orders",
            "aliases": [],
        }
    },
    "patterns": {
        "order-inbox": entry(
            "order-inbox",
            both("注文の受付箱", "An inbox for orders"),
            template=INBOX,
            answers={"order_inbox_keep": question(60, "保持する秒数", "Seconds to keep a message")},
            files=["runbooks/inbox.md", "src/orders/worker.py"],
            resources={"template.yaml": ["Inbox", "InboxLog"]},
            extends={"template.yaml": ["ApiFunction"]},
            dependencies={"runtime": ["boto3==1.44.8"], "dev": []},
        ),
        "worker-cap": entry(
            "worker-cap",
            both("ワーカー数の上限", "A cap on workers"),
            requires={
                "order-inbox": both(
                    "待たせておく場所が必要です。", "What waits needs a place to wait in."
                )
            },
            template="Resources:\n  Inbox:\n    Properties:\n      DelaySeconds: 5\n",
            extends={"template.yaml": ["Inbox"]},
        ),
        "late-alarm": entry(
            "late-alarm",
            both("遅れのアラーム", "An alarm when late"),
            **{"with": {"order-inbox": ALARM_WITH_INBOX}},
            handlers={
                "api": {
                    "imports": ["from orders.late import watch"],
                    "setup": [],
                    "middlewares": [{"name": "watch", "order": 1}],
                    "decorators": [{"line": "@watch.calls(limit=5)", "order": 1}],
                }
            },
            files=["src/orders/late.py"],
        ),
    },
}
API = '''\
"""The HTTP API."""

from orders import order


def handler(event: dict[str, object]) -> int:
    return order.accept(event)
'''
BASE = {
    "README.md": "# orders\n",
    "template.yaml": """\
Resources:
  ApiFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: orders.api.handler

  # Resources of the safeguards follow.

Outputs:
  Name:
    Value: !Ref ApiFunction
""",
    "src/orders/api.py": API,
    "src/requirements.txt": "urllib3==2.8.0\n",
    "tests/conftest.py": "# Shared.\n",
}
RUNBOOK = "# The inbox\n\n" + "".join(f"{n}. Step {n}\n" for n in range(1, 46))
WORKER = '"""Works."""\n\n\ndef handler(event: object) -> None:\n    print(event)\n'
ENVIRONMENT = "      Environment:\n        Variables:\n          INBOX_URL: !Ref Inbox\n"
FOLLOW = "  # Resources of the safeguards follow.\n"


def changed(catalog: dict[str, Any], name: str, **fields: Any) -> dict[str, Any]:
    """The catalog of another version."""
    found = copy.deepcopy(catalog)
    found["patterns"][name] |= fields
    return found


def rendered(active: Sequence[str], version: str = "1.0.0", keep: int = 60) -> dict[str, str]:
    """The made-up template, rendered."""
    texts = dict(BASE)
    inbox = (
        "\n  Inbox:\n    Type: AWS::SQS::Queue\n    DeletionPolicy: Retain\n    Properties:\n"
        f"      MessageRetentionPeriod: {keep}\n"
    )
    if "order-inbox" in active:
        if "worker-cap" in active:
            inbox += "      DelaySeconds: 5\n"
        inbox += "\n  InboxLog:\n    Type: AWS::Logs::LogGroup\n"
        if "late-alarm" in active:
            inbox += "\n  InboxAlarm:\n    Type: AWS::CloudWatch::Alarm\n"
        template = texts["template.yaml"].replace(FOLLOW, FOLLOW + inbox)
        handler = "      Handler: orders.api.handler\n"
        texts["template.yaml"] = template.replace(handler, handler + ENVIRONMENT)
        texts |= {"runbooks/inbox.md": RUNBOOK, "src/orders/worker.py": WORKER}
        texts["src/requirements.txt"] = "boto3==1.44.8\n" + texts["src/requirements.txt"]
    if "late-alarm" in active:
        late = "from orders import order\nfrom orders.late import watch\n"
        api = texts["src/orders/api.py"].replace("from orders import order\n", late)
        texts["src/orders/api.py"] = api.replace(
            "def handler", "@watch.calls(limit=5)\ndef handler"
        )
        texts["src/orders/late.py"] = '"""Watches."""\n\nwatch = object()\n'
        texts["tests/conftest.py"] = "# Late.\n"
    recorded = "".join(f"- {name}\n" for name in active)
    texts[ANSWERS] = f"_commit: {version}\nproject_name: orders\nsafeguards:\n{recorded}"
    return texts


def tree(texts: Mapping[str, str]) -> dict[str, File]:
    return {path: File("100644", text.encode()) for path, text in texts.items()}


def side(
    chosen: Sequence[str],
    catalog: dict[str, Any] = CATALOG,
    version: str = "1.0.0",
    **answers: Any,
) -> Side:
    questions = published.questions(catalog, published.closure(catalog, chosen))
    defaults = {name: q["default"] for name, q in questions.items()}
    return Side(version, catalog, chosen, {**defaults, **answers})


def planned(
    request: Request,
    base: tuple[Side, Tree],
    wanted: tuple[Side, Tree],
    mine: Mapping[str, File | None],
    language: str = "en",
    **more: Any,
) -> Plan:
    """A plan between two renderings; `mine` replaces the user's files, None stands for deleted."""
    files = {**base[1], **mine}
    labels = Labels(Say(language)("plan.yours"), f"Anshin {wanted[0].version}")
    changes = merge(base[1], files.get, wanted[1], labels, wins=[ANSWERS])
    before, after = (_resources(*each) for each in (base, wanted))
    project = Managed(Path("/home/me/orders"), Path("/home/me"), base[0].version, "url", {})
    offers: Sequence[Offer] = more.get("offers", [])
    return Plan(
        request,
        more.get("project", project),
        base[0],
        wanted[0],
        changes,
        [r for key, r in after.items() if key not in before],
        [r for key, r in before.items() if key not in after],
        offers,
        more.get("notes", []),
    )


def _resources(project: Side, files: Tree) -> dict[tuple[str, str], Resource]:
    found = {}
    for path in sorted(set(project.catalog["stacks"].values()) & files.keys()):
        for name, kind in resource_types(files[path].content.decode()).items():
            owner = next(
                (
                    i
                    for i in project.active
                    if name in project.catalog["patterns"][i]["resources"].get(path, [])
                ),
                None,
            )
            found[path, name] = Resource(path, name, kind, owner)
    return found


def pages(plan: Plan, language: str = "en", cells: int = 72, styled: bool = False) -> PlanPages:
    return PlanPages(plan, Say(language), Screen(cells, styled))


def adding(language: str = "en", **mine: str) -> Plan:
    """Adding a safeguard that brings another, to a project whose template has an own resource."""
    own = BASE["template.yaml"].replace(FOLLOW, "  Mine:\n    Type: AWS::S3::Bucket\n\n" + FOLLOW)
    return planned(
        Request(Action.add, ("worker-cap",)),
        (side([]), tree(rendered([]))),
        (side(["worker-cap"]), tree(rendered(["order-inbox", "worker-cap"]))),
        tree({"template.yaml": own, **mine}),
        language,
    )


def removing(language: str = "en") -> Plan:
    """Removing a safeguard of which one file was edited, and one deleted."""
    return planned(
        Request(Action.remove, ("order-inbox",)),
        (side(["order-inbox"]), tree(rendered(["order-inbox"]))),
        (side([]), tree(rendered([]))),
        {**tree({"src/orders/worker.py": WORKER + "# mine\n"}), "src/requirements.txt": None},
        language,
    )


def updating(language: str = "en") -> Plan:
    """An update in which both sides changed the same line, and a recommendation is new."""
    newer = changed(
        CATALOG,
        "order-inbox",
        template=INBOX + "    Metadata: {}\n",
        answers={"order_inbox_keep": question(120, "保持する秒数", "Seconds to keep a message")},
    )
    before = rendered(["order-inbox"])
    after = rendered(["order-inbox"], "2.0.0")
    after["template.yaml"] = after["template.yaml"].replace(
        "AWS::Logs::LogGroup\n", "AWS::Logs::LogGroup\n    Metadata: {}\n"
    )
    after["src/orders/api.py"] = API.replace("accept(event)", "accept(event, strict=True)")
    mine = API.replace(
        "    return order.accept(event)\n",
        "    found = order.accept(event)\n    print(found)\n    return found\n",
    )
    return planned(
        Request(Action.update),
        (side(["order-inbox"]), tree(before)),
        (side(["order-inbox"], newer, "2.0.0", order_inbox_keep=60), tree(after)),
        tree({"src/orders/api.py": mine}),
        language,
        offers=[Offer("order_inbox_keep", 60, 120)],
        notes=[Say(language)("plan.dropped", name="old_answer")],
    )


def idle(language: str = "en") -> Plan:
    """Adding what is there already."""
    there = tree(rendered(["order-inbox"]))
    return planned(
        Request(Action.add, ("order-inbox",)),
        (side([]), tree(rendered([]))),
        (side(["order-inbox"]), there),
        there,
        language,
    )


OWN = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {Handler: hello.handler, AutoPublishAlias: blue}
"""
PART = """\
Resources:
  Hello:
    Properties:
      AutoPublishAlias: live
  HelloAlarm:
    Type: AWS::CloudWatch::Alarm
"""


def refusing(language: str = "en") -> Plan:
    """Adding to a project that we did not generate, and whose template cannot take it."""
    catalog = changed(
        CATALOG, "late-alarm", adopt=PART.replace("Hello", "ApiFunction"), adoptable=True
    )
    recorded = {"template": "template.yaml", "resources": {"ApiFunction": ["Hello"]}}
    answers = {"adopted": recorded, "safeguards": []}
    project = Managed(Path("/home/me/hello"), Path("/home/me"), "1.0.0", "url", answers)
    request = Request(Action.add, ("late-alarm",))
    base = (side([], catalog), tree({"template.yaml": ""}))
    wanted = (side(["late-alarm"], catalog), tree({"template.yaml": PART}))
    found = planned(request, base, wanted, {}, language, project=project)
    labels = Labels("yours", "Anshin 1.0.0")
    mine = tree({"template.yaml": OWN}).get
    changes = merge(base[1], mine, wanted[1], labels, by_structure=["template.yaml"])
    return replace(found, changes=changes)

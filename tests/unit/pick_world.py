"""A small catalog to choose from, and the advice on it for a made-up workload."""

from __future__ import annotations

from typing import Any

from scaffolder.recommend import Advice
from scaffolder.selection import Selection

Text = dict[str, str]


def text(ja: str, en: str) -> Text:
    return {"ja": ja, "en": en}


CHAPTERS = {
    "start": text("はじめに", "Where to start"),
    "door": text("入口", "At the door"),
    "watch": text("観測", "Watching"),
    "network": text("通信", "Network"),
}

COUNTED_TWICE = text(
    "どちらも同じリクエストを数えるので、二重に数えられます。",
    "Both count the same requests, so each would be counted twice.",
)
ONE_METER = text(
    "売上も、同じしくみで同じ場所に記録します。",
    "Sales are recorded by the same means, in the same place.",
)
SALES_FIRST = text(
    "レポートは、数えてある売上から作ります。",
    "The report is made from the sales that are counted.",
)
ONE_GROUP = text(
    "クエリは、1 つにまとまったログを検索します。",
    "The queries search the one log that all write to.",
)
ONLY_INSIDE = text(
    "通信先を絞った関数は、プライベートな経路でしか AWS のサービスに届きません。",
    "Functions that may talk to so little reach AWS services by a private way, or not at all.",
)
NO_WAY_OUT = text(
    "インターネットへの経路は、ここではすべて閉じます。",
    "All ways to the internet are closed here.",
)


def entry(
    chapter: str, title: Text, summary: Text, direction: str = "none", **fields: Any
) -> dict[str, Any]:
    return {
        "chapter": chapter,
        "scope": ["project"],
        "title": title,
        "summary": summary,
        "skip_if": text(
            "呼び出し元が 1 つだけで、量も決まっている場合。"
            "すでにほかの製品で同じことをしている場合。",
            "There is one caller, and its load is known. Another product does the same already.",
        ),
        "costs": {
            "direction": direction,
            "text": text(
                "設定に料金はかかりません。\n値を決めて見直す手間がかかり、低すぎる値は正しい利用者を"
                "締め出します。",
                "The setting costs nothing.\nThe work is in choosing the value and looking at it "
                "again; one that is too low locks out honest users.",
            ),
        },
        "requires": {},
        "conflicts": {},
        **fields,
    }


def _patterns() -> dict[str, dict[str, Any]]:
    return {
        "the-idea": entry(
            "start", text("考え方", "The idea"), text("読み物です。", "To read."), scope=["concept"]
        ),
        "rate-limit": entry(
            "door",
            text("リクエスト数の上限", "A limit on requests"),
            text(
                "受け付ける量に上限を設け、超えた分を 429 で拒否します。"
                "キーごとにも上限を決められます。",
                "Puts a ceiling on what is accepted, and answers the rest with 429. Each key can "
                "have a ceiling of its own.",
            ),
        ),
        "form-check": entry(
            "door",
            text("本文の形式の検証", "Bodies checked at the door"),
            text("形式の正しくない本文を拒否します。", "Turns malformed bodies away."),
        ),
        "waiting-room": entry(
            "door",
            text("キューによる待合室", "A queue as a waiting room"),
            text("リクエストをキューにためます。", "Keeps requests in a queue."),
            "small",
        ),
        "plain-counts": entry(
            "watch",
            text("ログで送るメトリクス", "Metrics through log lines"),
            text("ログの行でメトリクスを送ります。", "Sends metrics as log lines."),
            "small",
        ),
        "other-counts": entry(
            "watch",
            text("別のライブラリによるメトリクス", "Metrics with another library"),
            text("使い慣れたライブラリで送ります。", "Sends them with the library that you know."),
            "small",
            conflicts={"plain-counts": COUNTED_TWICE},
        ),
        "sales-counts": entry(
            "watch",
            text("売上のメトリクスとアラーム", "Sales as metrics, with an alarm"),
            text("売上を数え、途絶えたら知らせます。", "Counts sales, and tells when they cease."),
            "small",
            requires={"plain-counts": ONE_METER},
        ),
        "sales-report": entry(
            "watch",
            text("売上の日次レポート", "A daily report of sales"),
            text("前日の売上を毎朝送ります。", "Sends the sales of the day before each morning."),
            "more",
            requires={"sales-counts": SALES_FIRST},
        ),
        "log-format": entry(
            "watch",
            text("構造化ログ", "Structured logs"),
            text("ログを JSON で書きます。", "Writes logs as JSON."),
            "small",
        ),
        "log-queries": entry(
            "watch",
            text("保存済みのクエリ", "Saved queries"),
            text("よく使うクエリを保存します。", "Keeps queries that are often needed."),
            requires={"log-format": ONE_GROUP},
        ),
        "right-size": entry(
            "watch",
            text("メモリの適正化", "Memory of the right size"),
            text("メモリを実測で決めます。", "Measures how much memory pays."),
            "less",
        ),
        "private-way": entry(
            "network",
            text("VPC エンドポイント", "Private endpoints"),
            text("AWS のサービスへの経路を作ります。", "A way to AWS services."),
            "more",
        ),
        "way-out": entry(
            "network",
            text("ＮＡＴ ゲートウェイ", "A NAT gateway"),
            text("インターネットへの経路を作ります。", "A way to the internet."),
            "more",
        ),
        "closed-net": entry(
            "network",
            text("通信先の制限", "Nowhere else to go"),
            text("決めた相手とだけ通信します。", "Talks to those that are named only."),
            requires={"private-way": ONLY_INSIDE},
            conflicts={"way-out": NO_WAY_OUT},
        ),
    }


def catalog() -> dict[str, Any]:
    patterns = _patterns()
    for name, about in patterns.items():
        needed, found = [name], set()
        while needed:
            found.add(now := needed.pop())
            needed += patterns[now]["requires"]
        about["closure"] = [other for other in patterns if other in found]
    return {"chapters": {n: {"title": t} for n, t in CHAPTERS.items()}, "patterns": patterns}


CATALOG = catalog()

EVERYBODY = text(
    "誰でも呼び出せるため、量を予測できません。",
    "Anybody may call it, so the load cannot be foreseen.",
)
BEHIND = text(
    "その先のデータベースはスケールしないため、受け付ける量を入口で抑えます。",
    "The database behind it does not scale, so what is accepted is held back at the door.",
)
FINDABLE = text("障害の原因をログで追えます。", "The logs lead to the cause of an outage.")
NO_SALES = text("売上のない社内の道具です。", "It is a tool of your own, which sells nothing.")

ADVICE = [
    Advice("rate-limit", True, (EVERYBODY, BEHIND), True),
    Advice("plain-counts", True, (FINDABLE,), True),
    Advice("log-format", True, (FINDABLE,), True),
    Advice("other-counts", False, (FINDABLE,), True, COUNTED_TWICE, "plain-counts"),
    Advice("sales-report", False, (), False, NO_SALES),
    *(
        Advice(name, False, (), True)
        for name in CATALOG["patterns"]
        if name
        not in (
            "the-idea",
            "rate-limit",
            "plain-counts",
            "log-format",
            "other-counts",
            "sales-report",
        )
    ),
]


def selection(*chosen: str) -> Selection:
    return Selection(CATALOG, ADVICE, chosen)

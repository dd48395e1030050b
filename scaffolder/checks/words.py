"""The engine's own words, in Japanese and English. What a check says stands in the catalog."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scaffolder.checks.outcome import Reason

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")

WORDS: dict[str, dict[str, str]] = {
    # Outcomes and severities.
    "pass": {"ja": "適合", "en": "pass"},
    "fail": {"ja": "不適合", "en": "fail"},
    "not-applicable": {"ja": "対象外", "en": "n/a"},
    "unknown": {"ja": "不明", "en": "unknown"},
    "error": {"ja": "エラー", "en": "error"},
    "warning": {"ja": "警告", "en": "warning"},
    # The report.
    "looked-at": {"ja": "確認したテンプレート: {names}", "en": "Templates checked: {names}"},
    "looked-at-many": {
        "ja": "確認したテンプレート: {count} 個",
        "en": "Templates checked: {count}",
    },
    "count-of": {"ja": "{word} {count}", "en": "{count} {word}"},
    "between-counts": {"ja": "、", "en": ", "},
    "failures": {"ja": "不適合", "en": "Failures"},
    "unknowns": {"ja": "不明", "en": "Unknown"},
    "passes": {"ja": "適合", "en": "Passes"},
    "not-applicables": {"ja": "対象外", "en": "Not applicable"},
    "problems": {"ja": "読み取れないファイル", "en": "Cannot be read"},
    "cannot-read": {"ja": "読み取れません: {why}", "en": "cannot read: {why}"},
    "fix": {"ja": "対処: {text}", "en": "Fix: {text}"},
    "page": {"ja": "解説: {url}", "en": "More: {url}"},
    "foreign": {
        "ja": "Python 以外の関数のコードは確認していません: {names}",
        "en": "Code in languages other than Python was not checked: {names}",
    },
    "foreign-count": {"ja": "{runtime} が {count} 個", "en": "{count} on {runtime}"},
    "more-with-verbose": {
        "ja": "不明な項目が {count} 件あります。--verbose を付けると理由を表示します。",
        "en": "Unknown results: {count}. --verbose shows why.",
    },
    "total": {
        "ja": "パターン {patterns} 件: 不適合 {failed}、不明 {unknown}、適合 {passed}、"
        "対象外 {not_applicable}",
        "en": "Patterns: {patterns}. Fail {failed}, unknown {unknown}, pass {passed}, "
        "n/a {not_applicable}",
    },
    "no-templates": {
        "ja": "テンプレート (template.yaml、template.yml、template.json) が見つかりません: {path}",
        "en": "No template (template.yaml, template.yml, template.json) found in {path}",
    },
    "no-such-id": {
        "ja": "{id} というパターンまたはチェックはありません。",
        "en": "There is no pattern or check called {id}.",
    },
    "close-ids": {"ja": "近い名前: {names}", "en": "Similar: {names}"},
    "no-checks": {"ja": "{id} にはチェックがありません。", "en": "{id} has no checks."},
    # Why a file cannot be read.
    "no-file": {
        "ja": "ファイルを開けません ({problem})",
        "en": "the file cannot be opened ({problem})",
    },
    "not-found": {"ja": "ファイルがありません", "en": "there is no such file"},
    "not-yaml": {
        "ja": "YAML または JSON として正しくありません ({problem})",
        "en": "not valid YAML or JSON ({problem})",
    },
    "empty": {"ja": "ファイルが空です", "en": "the file is empty"},
    "not-a-mapping": {
        "ja": "最上位がマッピングではありません",
        "en": "the top level is not a mapping",
    },
    "too-large": {"ja": "{limit} MiB を超えています", "en": "larger than {limit} MiB"},
    "utf-16": {
        "ja": "文字コードが UTF-16 です。UTF-8 で保存してください",
        "en": "encoded in UTF-16; save it as UTF-8",
    },
    "nul": {"ja": "NUL 文字が含まれています", "en": "it contains a NUL character"},
    "not-utf-8": {
        "ja": "UTF-8 ではないバイト {byte} が含まれています",
        "en": "the byte {byte} is not UTF-8",
    },
    "control-character": {
        "ja": "制御文字 {code} が含まれています",
        "en": "it contains the control character {code}",
    },
    "alias-loop": {
        "ja": "エイリアスが自分自身を含んでいます",
        "en": "an alias contains itself",
    },
    "too-deep": {
        "ja": "入れ子が {limit} 段を超えています",
        "en": "nested deeper than {limit} levels",
    },
    "too-many": {
        "ja": "エイリアスを展開すると値が {limit} 個を超えます",
        "en": "more than {limit} values once aliases are expanded",
    },
    "key-not-plain": {
        "ja": "キーが文字列ではありません",
        "en": "a key is not a plain value",
    },
    "key-twice": {"ja": "キー {key} が 2 回書かれています", "en": "the key {key} is written twice"},
    "merge-not-mapping": {
        "ja": "<< で取り込む値がマッピングではありません",
        "en": "what << merges is not a mapping",
    },
    "no-resources": {
        "ja": "Resources がマッピングではありません",
        "en": "Resources is not a mapping",
    },
    "too-many-files": {"ja": "{path} のファイルが多すぎます", "en": "too many files in {path}"},
    # Why something is not known.
    "parameter": {
        "ja": "パラメーター {name} に既定値がありません",
        "en": "the parameter {name} has no default",
    },
    "ssm-parameter": {
        "ja": "パラメーター {name} の値は SSM Parameter Store にあります",
        "en": "the value of the parameter {name} is in SSM Parameter Store",
    },
    "pseudo-parameter": {
        "ja": "{name} の値はデプロイするまで決まりません",
        "en": "{name} is known only when deployed",
    },
    "function": {
        "ja": "{name} の結果はテンプレートだけではわかりません",
        "en": "the result of {name} is not known from the template",
    },
    "condition": {
        "ja": "条件 {name} が定義されていません",
        "en": "the condition {name} is not defined",
    },
    "resource-value": {
        "ja": "{name} の値はデプロイするまで決まりません",
        "en": "the value of {name} is known only when deployed",
    },
    "dynamic-reference": {
        "ja": "動的参照 {value} の値はデプロイするまで決まりません",
        "en": "the dynamic reference {value} is known only when deployed",
    },
    "not-known": {
        "ja": "テンプレートだけではわかりません",
        "en": "not known from the template",
    },
    "not-in-template": {
        "ja": "{value} がこのテンプレートにありません",
        "en": "{value} is not in this template",
    },
    "maybe-elsewhere": {
        "ja": "ここでは見つかりません。同じアカウントの別のスタックにある可能性があります",
        "en": "not found here; it may be in another stack of this account",
    },
    "not-a-number": {"ja": "{key} が数値ではありません", "en": "{key} is not a number"},
    "no-alias": {
        "ja": "AutoPublishAlias がないため、エイリアスの名前がわかりません",
        "en": "there is no AutoPublishAlias, so the alias's name is not known",
    },
    # Why code is not known.
    "container-image": {
        "ja": "コードがコンテナイメージの中にあります",
        "en": "the code is in a container image",
    },
    "code-elsewhere": {
        "ja": "コードがこのプロジェクトの外にあります",
        "en": "the code is outside this project",
    },
    "definition-elsewhere": {
        "ja": "API の定義がこのテンプレートの外にあります",
        "en": "the API's definition is outside this template",
    },
    "no-code": {"ja": "{path} にコードがありません", "en": "there is no code at {path}"},
    "no-handler": {
        "ja": "Handler がモジュールを指していません",
        "en": "Handler names no module",
    },
    "no-handler-file": {
        "ja": "Handler {handler} のモジュールが見つかりません",
        "en": "the module of the handler {handler} was not found",
    },
    "no-ast-grep": {
        "ja": "コードのチェックには ast-grep が必要です。{command} でインストールできます",
        "en": "checks of code need ast-grep: {command}",
    },
    "not-python": {
        "ja": "Python として解析できません",
        "en": "it cannot be parsed as Python",
    },
    "defined-elsewhere": {
        "ja": "{name} が別のモジュールで定義されています",
        "en": "{name} is defined in another module",
    },
    # Why something does not apply.
    "nothing-to-check": {
        "ja": "対象がありません",
        "en": "there is nothing to check",
    },
    "other-type": {
        "ja": "{name} は対象の種類のリソースではありません",
        "en": "{name} is a different kind of resource",
    },
    "no-default-route": {
        "ja": "サブネットにデフォルトルートがありません",
        "en": "its subnets have no default route",
    },
    "dead-letter-queue": {
        "ja": "{name} はデッドレターキューです",
        "en": "{name} is a dead-letter queue itself",
    },
    "language": {
        "ja": "ランタイムが {runtime} です",
        "en": "its runtime is {runtime}",
    },
    "no-python": {
        "ja": "Python の関数がありません",
        "en": "there is no Python function",
    },
}


def word(key: str, language: str, **values: Any) -> str:
    """One of the engine's words, filled."""
    return fill(WORDS[key][language], values)


def reason(of: Reason, language: str) -> str:
    """A reason as a phrase."""
    return fill(WORDS[of.word][language], of.values)


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Fill `{name}` placeholders; one without a value stays as it is."""
    return _PLACEHOLDER.sub(lambda m: clean(str(values.get(m[1], m[0]))), text)


def clean(text: str) -> str:
    """Text from a project, made safe to print: no control characters, no direction marks."""
    return _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}" if ord(m[0]) > 0xFF else _hex(m[0]), text)


def _hex(character: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{ord(character):02x}")

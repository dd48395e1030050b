"""The words of the generated pages, in both languages side by side."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    # Navigation and lists
    "home": {"ja": "Anshin とは", "en": "What Anshin is"},
    "patterns": {"ja": "パターン一覧", "en": "All patterns"},
    "patterns_lead": {
        "ja": "AWS サーバーレスで起きやすい事故とその防ぎ方を、{count} 件のパターンにまとめました。"
        "元になったスライドの順に並んでいます。",
        "en": "{count} patterns, each about one thing that goes wrong with AWS serverless and how "
        "to prevent it, in the order of the slide deck they come from.",
    },
    "by_scope": {"ja": "適用先から探す", "en": "By where they live"},
    "by_scope_lead": {
        "ja": "対策が入る場所ごとの一覧です。複数の場所に入るパターンは、それぞれに載せています。",
        "en": "The same patterns by where they go. A pattern that goes into several places is "
        "listed under each.",
    },
    "incidents": {"ja": "症状から探す", "en": "Find it by symptom"},
    "incidents_lead": {
        "ja": "起きたこと、起きてほしくないことから、役に立つパターンを探せます。",
        "en": "Start from what has happened, or from what must never happen, and see what helps.",
    },
    "add_all": {
        "ja": "次のコマンドで、これらを組み込んだプロジェクトを作れます。",
        "en": "This makes a project with them:",
    },
    "add_one": {
        "ja": "次のコマンドで、「{title}」を組み込んだプロジェクトを作れます。",
        "en": "This makes a project with “{title}”:",
    },
    "left_out": {
        "ja": "「{title}」は、「{other}」と同時に使えないため含めていません。",
        "en": "“{title}” is left out, because it cannot be combined with “{other}”.",
    },
    "brings_along": {
        "ja": "前提となるセーフガードとして、次のものも加わります: {names}",
        "en": "These are added too, because they are needed: {names}",
    },
    "presets": {"ja": "プリセット", "en": "Presets"},
    "projects": {"ja": "プロジェクトを育てる", "en": "Life after generation"},
    "presets_lead": {
        "ja": "セーフガードを 1 つずつ選ぶ代わりに、目的に合った組み合わせから始められます。"
        "何が含まれるのかを、理由とともに示します。",
        "en": "Instead of choosing safeguards one by one, start from a set made for a purpose. "
        "Here is what each of them has in it, and why.",
    },
    "members_counted": {
        "ja": "{count} 件のセーフガードを含みます ([パターン一覧]({link}))。",
        "en": "It contains {count} safeguards. See [all patterns]({link}).",
    },
    "chapter_patterns": {"ja": "この章のパターン", "en": "Patterns in this chapter"},
    # Badges
    "chapter": {"ja": "章", "en": "Chapter"},
    "scope": {"ja": "適用先", "en": "Lives in"},
    "slides": {"ja": "スライド", "en": "Slides"},
    "bill": {"ja": "AWS 料金", "en": "AWS bill"},
    "scope.project": {"ja": "SAM テンプレート", "en": "SAM template"},
    "scope.account": {"ja": "AWS アカウント", "en": "AWS account"},
    "scope.code": {"ja": "コード", "en": "code"},
    "scope.operations": {"ja": "運用手順", "en": "operations"},
    "scope.concept": {"ja": "考え方", "en": "concept"},
    "bill.none": {"ja": "変わらない", "en": "unchanged"},
    "bill.less": {"ja": "下がる", "en": "lower"},
    "bill.small": {"ja": "わずかに増える", "en": "slightly higher"},
    "bill.more": {"ja": "増える", "en": "higher"},
    # Headings of a pattern's page
    "why": {"ja": "なぜ必要か", "en": "Why you need it"},
    "how": {"ja": "仕組み", "en": "How it works"},
    "adds": {"ja": "追加されるもの", "en": "What it adds"},
    "questions": {"ja": "設定項目", "en": "Settings"},
    "template": {"ja": "SAM テンプレート", "en": "SAM template"},
    "baseline": {"ja": "アカウントのテンプレート", "en": "Account template"},
    "network": {"ja": "ネットワークのテンプレート", "en": "Network template"},
    "config": {"ja": "設定配布のテンプレート", "en": "Configuration template"},
    "with": {"ja": "「{title}」と組み合わせる場合", "en": "Together with “{title}”"},
    "handlers": {"ja": "ハンドラーへの追加", "en": "Additions to handlers"},
    "files": {"ja": "ファイル", "en": "Files"},
    "dependencies": {"ja": "依存パッケージ", "en": "Packages"},
    "samples": {"ja": "コード例", "en": "Sample code"},
    "before": {"ja": "対策前", "en": "Before"},
    "after": {"ja": "対策後", "en": "After"},
    "checks": {"ja": "チェック項目", "en": "Checks"},
    "proof": {"ja": "証拠", "en": "Proof"},
    "use_when": {"ja": "使う場面", "en": "Use it when"},
    "skip_if": {"ja": "使わなくてよい場面", "en": "Skip it if"},
    "costs": {"ja": "コストと副作用", "en": "Costs and side effects"},
    "relations": {"ja": "ほかのパターンとの関係", "en": "Relations to other patterns"},
    "since_deck": {"ja": "スライド公開後の変更点", "en": "Since the deck"},
    "see_it": {"ja": "動作の確認", "en": "See it working"},
    "commands": {"ja": "コマンド", "en": "Commands"},
    "references": {"ja": "参考資料", "en": "References"},
    # What it adds
    "resources_in": {
        "ja": "`{file}` で追加または変更されるリソース: {names}",
        "en": "Resources added or changed in `{file}`: {names}",
    },
    "defaults_shown": {
        "ja": "設定値には既定値を表示し、設定名をコメントで添えています。",
        "en": "Settings are shown with their defaults, and a comment names each of them.",
    },
    "files_lead": {
        "ja": "プロジェクトに追加されるファイルです。",
        "en": "These files are added to the project.",
    },
    "kind.api": {"ja": "API を処理する関数", "en": "The function behind the API"},
    "kind.queue": {"ja": "キューを処理する関数", "en": "The function that reads the queue"},
    "kind.hook": {"ja": "デプロイフックの関数", "en": "Deployment hook functions"},
    "kind.any": {"ja": "すべての関数", "en": "Every function"},
    "runtime_packages": {"ja": "実行時", "en": "At run time"},
    "dev_packages": {"ja": "開発時", "en": "For development"},
    # Tables
    "setting": {"ja": "設定", "en": "Setting"},
    "default": {"ja": "既定値", "en": "Default"},
    "allowed": {"ja": "指定できる値", "en": "Allowed"},
    "matches": {"ja": "正規表現 {pattern}", "en": "matches {pattern}"},
    "range": {"ja": "{low}〜{high}", "en": "{low}–{high}"},
    "source": {"ja": "根拠", "en": "Source"},
    "check": {"ja": "チェック", "en": "Check"},
    "demand": {"ja": "確認する内容", "en": "What it looks for"},
    "fix": {"ja": "直し方", "en": "Fix"},
    "severity.error": {"ja": "エラー", "en": "error"},
    "severity.warning": {"ja": "警告", "en": "warning"},
    "checks_lead": {
        "ja": "`anshin check` は、既存のプロジェクトも含めて次の点を確認します。",
        "en": "`anshin check` looks for the following, in any project.",
    },
    "proof_lead": {
        "ja": "効果はテスト `{path}` で確かめています。以下はテストの説明 (英語) です。",
        "en": "The test `{path}` shows that it works. Its own description:",
    },
    "results": {"ja": "実行結果", "en": "Results"},
    "run_passed": {
        "ja": "{date} に実行した {count} 件のテストは、すべて成功しました。",
        "en": "On {date}, all tests passed ({count}).",
    },
    "run_failed": {
        "ja": "{date} に実行した {count} 件のテストのうち、{failed} 件が失敗しました。",
        "en": "On {date}, {failed} of {count} tests failed.",
    },
    "run_tests": {
        "ja": "それぞれのテストが確かめることは、次のとおりです (英語)。",
        "en": "What each of them verifies:",
    },
    "combinations_passed": {
        "ja": "{date} に、このセーフガードを含む {tried} 通りの組み合わせでプロジェクトを生成し、"
        "すべてが静的解析、型検査、テスト、テンプレートの検証、`anshin check` に合格しました。",
        "en": "On {date}, projects were generated from {tried} selections with this safeguard. All "
        "of them passed linting, type checks, their own tests, validation of the template and "
        "`anshin check`.",
    },
    "combinations_failed": {
        "ja": "{date} に、このセーフガードを含む {tried} 通りの組み合わせでプロジェクトを生成し、"
        "{failed} 通りが静的解析、型検査、テスト、テンプレートの検証、`anshin check` のいずれかで"
        "不合格になりました。",
        "en": "On {date}, projects were generated from {tried} selections with this safeguard. Of "
        "these, {failed} failed in linting, type checks, their own tests, validation of the "
        "template or `anshin check`.",
    },
    "run_versions": {
        "ja": "使用したバージョン: {versions}",
        "en": "Versions used: {versions}",
    },
    # Relations
    "requires": {"ja": "前提となるセーフガード", "en": "Needs"},
    "required_by": {"ja": "これを前提とするセーフガード", "en": "Needed by"},
    "conflicts": {"ja": "同時に使えないセーフガード", "en": "Conflicts with"},
    "goes_with": {"ja": "一緒に使うとよいセーフガード", "en": "Goes well with"},
    "incidents_of": {"ja": "関係する症状", "en": "Related symptoms"},
    # Commands
    "new_lead": {
        "ja": "このセーフガードを入れた新しいプロジェクトを作ります。",
        "en": "Make a new project with this safeguard.",
    },
    "check_lead": {
        "ja": "手元のプロジェクトを確認します。",
        "en": "Check a project you already have.",
    },
}
"""Word → language → text; `{name}` in a text is filled by the page."""

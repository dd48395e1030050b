"""The site in a real browser: the search finds Japanese, and nothing is fetched from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from scaffolder.catalog import load_catalog
from tests.site.built import ROOT, Site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
]
PATIENCE = 60
"""Seconds to wait for the browser's answer."""

SPACE_AT_JAPANESE = re.compile(r"(?<=[ぁ-ヿ一-鿿]) | (?=[ぁ-ヿ一-鿿])")
CATALOG = load_catalog(ROOT / "catalog")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

ASK_THE_WORKER = """
const answers = {};
for (const [language, queries] of Object.entries(QUERIES)) {
  const index = await (await fetch(`/${language}/search/search_index.json`)).json();
  const worker = new Worker(`/${language}/assets/javascripts/search.js`);
  const ask = (message) => new Promise((resolve) => {
    worker.addEventListener("message", (event) => resolve(event.data), { once: true });
    worker.postMessage(message);
  });
  await ask({ type: 0, data: index });
  answers[language] = {};
  for (const query of queries) {
    const { data } = await ask({ type: 2, data: query });
    answers[language][query] = data.items.map((sections) => sections[0]);
  }
}
report(answers);
"""

TYPE_INTO_THE_PAGE = """
const frame = Object.assign(document.createElement("iframe"), { width: 1280, height: 900 });
frame.src = "/ja/?q=" + encodeURIComponent(QUERY);
document.body.append(frame);
const until = async (find) => {
  for (;;) {
    const found = find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const results = await until(() => {
  const links = frame.contentDocument.querySelectorAll(".md-search-result__link");
  return links.length && links;
});
report({
  results: [...results].map((link) => link.href),
  marked: [...frame.contentDocument.querySelectorAll(".md-search-result mark")].map(
    (mark) => mark.innerText,
  ),
  loaded: frame.contentWindow.performance.getEntriesByType("resource").map((entry) => entry.name),
});
"""


def test_a_title_without_its_spaces_finds_its_page(site: Site, tmp_path: Path) -> None:
    titles = {
        language: {
            SPACE_AT_JAPANESE.sub("", getattr(entry.pattern.title, language)): entry.id
            for entry in CATALOG
        }
        for language in ("ja", "en")
    }
    queries = {language: list(found) for language, found in titles.items()}
    answers = _in_browser(site, tmp_path, f"const QUERIES = {json.dumps(queries)};{ASK_THE_WORKER}")
    for language, expected in titles.items():
        for query, name in expected.items():
            found = [section["location"].split("#")[0] for section in answers[language][query]]
            assert f"patterns/{name}/" in found[:3], (query, found)


def test_variants_of_writing_find_the_same(site: Site, tmp_path: Path) -> None:
    variants = ["パターン一覧", "ぱたーん一覧", "ﾊﾟﾀｰﾝ一覧", "パターン 一覧"]
    latin = ["anshin", "ＡＮＳＨＩＮ", "Anshin"]
    mixed = ["SAMテンプレート", "samテンプレート", "ＳＡＭテンプレート"]
    queries = {"ja": [*variants, *latin, *mixed, "SAM テンプレート", "どこにもない言葉"]}
    answers = _in_browser(site, tmp_path, f"const QUERIES = {json.dumps(queries)};{ASK_THE_WORKER}")
    found = {
        query: sorted(section["location"] for section in sections)
        for query, sections in answers["ja"].items()
    }
    assert found["どこにもない言葉"] == []
    for same in (variants[:3], latin, mixed):
        assert found[same[0]]
        assert all(found[query] == found[same[0]] for query in same), same
    # With a space, the two words may also stand apart: more pages, each by its best section.
    pages = {query: {place.split("#")[0] for place in places} for query, places in found.items()}
    assert pages["パターン一覧"] <= pages["パターン 一覧"]
    assert pages["SAMテンプレート"] <= pages["SAM テンプレート"]
    titles = [section["title"] for section in answers["ja"]["ﾊﾟﾀｰﾝ一覧"]]
    assert "<mark>パターン一覧</mark>" in titles


def test_the_page_searches_with_it_and_loads_only_its_own(site: Site, tmp_path: Path) -> None:
    query = "パターン一覧"
    answer = _in_browser(site, tmp_path, f"const QUERY = {json.dumps(query)};{TYPE_INTO_THE_PAGE}")
    assert any(url.partition("?")[0].endswith("/ja/patterns/") for url in answer["results"])
    assert query in answer["marked"]
    loaded = answer["loaded"]
    assert any(url.endswith("/ja/assets/javascripts/search.js") for url in loaded)
    assert [url for url in loaded if not url.startswith("http://127.0.0.1:")] == []


def _in_browser(site: Site, folder: Path, script: str) -> Any:
    """Run a script on a page of the site's own origin; it calls `report` with its result."""
    assert CHROMIUM
    with _served(site.root, script) as (url, results):
        browser = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            result = results.get(timeout=PATIENCE)
        finally:
            browser.terminate()
            browser.wait()
    assert "error" not in result, result
    return result


@contextmanager
def _served(root: Path, script: str) -> Iterator[tuple[str, Queue[Any]]]:
    results: Queue[Any] = Queue()

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/test.html":
                super().do_GET()
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(_page(script).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()
            results.put(json.loads(body))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/test.html", results
    finally:
        server.shutdown()
        server.server_close()


def _page(script: str) -> str:
    return (
        "<!doctype html><meta charset=utf-8><body><script type=module>"
        'const report = (data) => fetch("/", { method: "POST", body: JSON.stringify(data) });'
        f"try {{ {script} }} catch (error) {{ report({{ error: String(error) }}); }}"
        "</script>"
    )

"""Read a built site: its pages, their links and ids."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[2]
LOADED_LINKS = frozenset({"stylesheet", "icon", "preload", "modulepreload", "prefetch"})


def build(target: Path, *options: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the one command that builds the site."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target), *options],
        cwd=root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )


@dataclass
class Page(HTMLParser):
    """One HTML file, read."""

    path: Path
    language: str = ""
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    switches: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = attributes["lang"]
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append((int(tag[1]), attributes.get("id", "")))
        if tag == "a" and "hreflang" in attributes:
            self.switches[attributes["hreflang"]] = attributes["href"]
        self._collect(tag, attributes)

    def _collect(self, tag: str, attributes: dict[str, str]) -> None:
        if "src" in attributes:
            self.loaded.append(attributes["src"])
        if tag == "link" and LOADED_LINKS & set(attributes.get("rel", "").split()):
            self.loaded.append(attributes["href"])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])


@dataclass(frozen=True)
class Site:
    """A folder with a built site in it."""

    root: Path
    pages: dict[Path, Page]

    @classmethod
    def read(cls, root: Path) -> Site:
        return cls(root, {path: Page(path) for path in sorted(root.rglob("*.html"))})

    def page(self, path: str) -> Page:
        return self.pages[self.root / path]

    def resolve(self, page: Page, url: str) -> Path:
        """The file that a link within the site leads to, whether or not it is there."""
        path = unquote(urlsplit(url).path)
        base = self.root if path.startswith("/") else page.path.parent
        target = (base / path.lstrip("/")).resolve() if path else page.path
        return target / "index.html" if target.is_dir() else target

    def dead_links(self) -> Iterator[str]:
        """Links and sources within the site that lead nowhere."""
        for page in self.pages.values():
            for url in (*page.links, *page.loaded):
                parts = urlsplit(url)
                if parts.scheme or parts.netloc:
                    continue
                target = self.resolve(page, url)
                known = self.pages.get(target)
                if not target.is_file():
                    yield f"{page.path}: {url}"
                elif known and parts.fragment and unquote(parts.fragment) not in known.ids:
                    yield f"{page.path}: {url} (no such anchor)"

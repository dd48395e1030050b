"""Where the template comes from, and how Copier gets it without a network.

By default it is the one that belongs to this version: embedded in the wheel as a git bundle, or
made from the working tree of a checkout. Git is pointed at it in place of the canonical URL, so
a project's answers file names that URL and no path of one machine.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder import history, published
from scaffolder.messages import Trouble
from scaffolder.published import Data

PACKAGE = Path(__file__).parent
BUNDLE = PACKAGE / "template.bundle"
OLDEST_GIT = (2, 32)
"""The first git that reads settings from GIT_CONFIG_COUNT and can be told to read no others."""

SETTINGS = "gitconfig"
SETTINGS_TEXT = """\
[url "{path}"]
insteadOf = "{url}"
[core]
autocrlf = false
[protocol "file"]
allow = always
"""

SHORT = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
REMOTE = re.compile(r"^(https?://|ssh://|git://|git\+|[\w.-]+@[\w.-]+:)")
CREDENTIALS = re.compile(r"^[a-z+]+://[^/@]*:[^/@]*@|^https?://[^/@]+@")


@dataclass(frozen=True)
class Source:
    """A template: git repository or bundle, the version to use, and its catalog."""

    url: str
    """What projects record; plain Copier and Renovate fetch updates from there."""

    repository: Path
    version: str
    catalog: Data


def open_source(template: str | None, work: Path) -> Source:
    """The template to use.

    Args:
        template: URL or path, or None for this version's own.
        work: an empty folder that lives as long as the source is used.

    Raises:
        Trouble: git is missing or too old, or there is no template of ours.
    """
    check_git()
    if template is None:
        checkout = PACKAGE.parent
        if (checkout / history.CONFIG).is_file() and (checkout / history.TEMPLATE).is_dir():
            return _checkout(checkout, published.load(), work)
        return _bundle(BUNDLE, published.load())
    path = Path(template.removeprefix("file://")).expanduser()
    if (path / history.CONFIG).is_file() and (path / history.TEMPLATE).is_dir():
        return _checkout(path, _catalog(_read(path / history.CATALOG), template), work)
    return _repository(template, path, work)


def environment(work: Path) -> dict[str, str]:
    """The environment for Copier: git obeys one file of settings, and none of the user's own,
    which can break a rendering. Temporary files and Copier's cache of templates go below `work`.
    """
    temporary = work / "tmp"
    temporary.mkdir(exist_ok=True)
    return {
        **_without_settings(history.unbound(os.environ)),
        "GIT_CONFIG_GLOBAL": str(work / SETTINGS),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TEMPLATE_DIR": "",
        "GIT_TERMINAL_PROMPT": "0",
        "COPIER_CACHE_DIR": str(work / "copier"),
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
    }


def point_git_at(source: Source, work: Path) -> None:
    """Write git's settings for `environment(work)`: the source's URL leads to its repository."""
    text = SETTINGS_TEXT.format(path=_quoted(str(source.repository)), url=_quoted(source.url))
    (work / SETTINGS).write_text(text, encoding="utf-8")


def own_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The user's environment for git, with a few settings on top, bound to no repository."""
    found = history.unbound(os.environ)
    count = found.get("GIT_CONFIG_COUNT", "")
    start = int(count) if count.isdecimal() else 0
    for number, (key, value) in enumerate(settings.items(), start):
        found[f"GIT_CONFIG_KEY_{number}"] = key
        found[f"GIT_CONFIG_VALUE_{number}"] = value
    return {**found, "GIT_CONFIG_COUNT": str(start + len(settings))}


def check_git() -> None:
    """Make sure that there is a git that can do what is needed.

    Raises:
        Trouble: there is none, or it is too old.
    """
    try:
        done = subprocess.run(["git", "--version"], capture_output=True, text=True)
    except OSError as error:
        raise Trouble("git.missing", hint="git.missing_hint") from error
    match = re.search(r"(\d+)\.(\d+)", done.stdout)
    if not match or tuple(map(int, match.groups())) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        raise Trouble("git.old", found=done.stdout.strip(), oldest=oldest)


def _checkout(root: Path, catalog: Data, work: Path) -> Source:
    repository = work / "template.git"
    try:
        found = history.versions(root, catalog["version"], stamped=True)
        history.write(repository, found)
    except subprocess.CalledProcessError as error:
        raise _failed(error) from error
    return Source(catalog["source_url"], repository, found[-1].tag, catalog)


def _bundle(bundle: Path, catalog: Data) -> Source:
    """The newest version in a bundle is the one that its branch is at."""
    if not bundle.is_file():
        raise Trouble("source.damaged", path=bundle)
    listed = _git("bundle", "list-heads", str(bundle)).splitlines()
    heads = {name: oid for oid, name in (line.split(" ", 1) for line in listed)}
    newest = heads.get("refs/heads/main")
    tags = [n.removeprefix("refs/tags/") for n, o in heads.items() if o == newest]
    version = next((t for t in tags if t.startswith("v")), None)
    if version is None:
        raise Trouble("source.damaged", path=bundle)
    return Source(catalog["source_url"], bundle, version, catalog)


def _repository(template: str, path: Path, work: Path) -> Source:
    """A template somewhere else: its newest release, as Copier would choose it."""
    address = str(path.resolve()) if path.exists() else _address(template)
    repository = work / "template.git"
    _git("clone", "--quiet", "--mirror", "--", address, str(repository), of=template)
    tags = _git("-C", str(repository), "tag", "--list").splitlines()
    version = _newest(tags) or "HEAD"
    shown = _git("-C", str(repository), "show", f"{version}:{history.CATALOG}", of=template)
    catalog = _catalog(shown, template)
    url = catalog["source_url"] if path.exists() else address
    return Source(url if url.endswith(".git") else f"{url}.git", repository, version, catalog)


def _address(template: str) -> str:
    if CREDENTIALS.match(template):
        raise Trouble("source.credentials")
    for short, full in SHORT.items():
        if template.startswith(short):
            return full + template.removeprefix(short).lstrip("/")
    if not REMOTE.match(template):
        raise Trouble("source.nothing", template=template)
    return template.removeprefix("git+")


def _newest(tags: list[str]) -> str | None:
    from packaging.version import InvalidVersion, Version

    found: list[tuple[Version, str]] = []
    for tag in tags:
        try:
            found.append((Version(tag), tag))
        except InvalidVersion:
            continue
    stable = [pair for pair in found if not pair[0].is_prerelease]
    return max(stable)[1] if stable else None


def _catalog(text: str | None, template: str) -> dict[str, Any]:
    try:
        catalog = json.loads(text or "")
    except ValueError as error:
        raise Trouble("source.not_anshin", template=template) from error
    if not isinstance(catalog, dict) or catalog.get("format") != published.FORMAT:
        raise Trouble("source.other_format", template=template)
    return catalog


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _git(*words: str, of: str = "") -> str:
    env = own_environment({})
    if not sys.stdin.isatty():
        env["GIT_TERMINAL_PROMPT"] = "0"
    try:
        done = subprocess.run(
            ["git", *words],
            check=True,
            capture_output=True,
            text=True,
            env=env,
        )
    except subprocess.CalledProcessError as error:
        raise _failed(error, of) from error
    return done.stdout


def _failed(error: subprocess.CalledProcessError, template: str = "") -> Trouble:
    output = error.stderr
    if isinstance(output, bytes):
        output = output.decode(errors="replace")
    lines = [line for line in output.strip().splitlines() if line.strip()]
    reason = lines[-1] if lines else str(error)
    if template:
        return Trouble("source.unreadable", template=template, reason=reason)
    return Trouble("git.failed", reason=reason)


def _without_settings(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: v for name, v in variables.items() if not name.startswith("GIT_CONFIG")}


def _quoted(text: str) -> str:
    """For a string in quotes in git's settings."""
    return text.replace("\\", "\\\\").replace('"', '\\"')

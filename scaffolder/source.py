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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scaffolder import __version__, commits, history, published, versions
from scaffolder.messages import Trouble
from scaffolder.published import Data

PACKAGE = Path(__file__).parent
REPOSITORY = "template.git"
"""Name of the repository that is made for a source."""

SHOWN = 5
"""Versions that a message names, the newest ones."""

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
    """A template: git repository or bundle, its newest version, and the catalog of that."""

    url: str
    """What projects record; plain Copier and Renovate fetch updates from there."""

    repository: Path
    version: str
    catalog: Data
    versions: tuple[str, ...]
    """All that can be rendered, the oldest first; a working tree's own comes last."""


def open_source(template: str | None, work: Path) -> Source:
    """The template to use.

    Args:
        template: URL or path, or None for this version's own.
        work: an empty folder that lives as long as the source is used.

    Raises:
        Trouble: git is missing or too old, or there is no template of ours.
    """
    return _open(template, work, None)


def open_for(src_path: str, version: str, template: str | None, work: Path) -> Source:
    """The template of a project that there is, with the version that it was made from.

    Args:
        src_path: where the project says that its template is.
        version: that the project says it was made from.
        template: URL or path to use in its place, or None.
        work: an empty folder that lives as long as the source is used.

    Raises:
        Trouble: as for `open_source`, or the template does not have the version.
    """
    recorded = None if is_own(src_path) else src_path
    source = _open(template, work, version) if template else _reopened(recorded, work, version)
    if version not in source.versions:
        raise _missing(source, version, template or recorded)
    if version == source.version:
        return source
    # The catalog of that version will be read, too.
    source = replace(source, repository=_unpacked(source, work))
    if versions.is_newer(version, source.version):
        return replace(source, version=version, catalog=catalog_at(source, version, work))
    return source


def is_own(src_path: str) -> bool:
    """Whether a recorded URL is that of this version's own template."""
    return same_place(src_path, published.load()["source_url"])


def same_place(url: str, other: str) -> bool:
    """Whether two URLs are one, however they are written."""
    return _plain(url) == _plain(other)


def catalog_at(source: Source, version: str, work: Path) -> Data:
    """The catalog of one of the source's versions.

    Raises:
        Trouble: this version of Anshin cannot read it.
    """
    if version == source.version:
        return source.catalog
    return _catalog_in(_unpacked(source, work), version, source.url)


def newest(source: Source) -> str:
    """The version that an update goes to; a pre-release only if the project has one already."""
    return source.version


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


def _open(template: str | None, work: Path, wanted: str | None) -> Source:
    """The template; `wanted` is a version to look for beyond the releases."""
    check_git()
    folder = _folder(template)
    if folder and template is None:
        return _checkout(folder, published.load(), work, wanted)
    if template is None:
        return _bundle(BUNDLE, published.load())
    if folder:
        catalog = _catalog(_read(folder / history.CATALOG), template)
        return _checkout(folder, catalog, work, wanted)
    return _repository(template, work, wanted)


def _reopened(recorded: str | None, work: Path, version: str) -> Source:
    """The template that a project names; what fails may be due to a move."""
    try:
        return _open(recorded, work, version)
    except Trouble as trouble:
        if recorded is None or trouble.key.startswith("git."):
            raise
        raise Trouble(trouble.key, hint="source.moved_hint", **trouble.values) from trouble


def _folder(template: str | None) -> Path | None:
    """The checkout that is meant, if it is one."""
    path = PACKAGE.parent if template is None else _path(template)
    is_checkout = (path / history.CONFIG).is_file() and (path / history.TEMPLATE).is_dir()
    return path if is_checkout else None


def _path(template: str) -> Path:
    return Path(template.removeprefix("file://")).expanduser()


def _plain(url: str) -> str:
    return url.removeprefix("git+").rstrip("/").removesuffix(".git")


def _checkout(root: Path, catalog: Data, work: Path, wanted: str | None) -> Source:
    repository = work / REPOSITORY
    try:
        *past, current = history.versions(root, catalog["version"], stamped=True)
        known = {*(version.tag for version in past), current.tag}
        if wanted and wanted not in known and (commit := commits.find(root, wanted)):
            past.append(history.Version(wanted, history.files_at(root, commit, {})))
        history.write(repository, [*past, current])
    except subprocess.CalledProcessError as error:
        raise _failed(error) from error
    tags = (*sorted((version.tag for version in past), key=versions.order), current.tag)
    return Source(catalog["source_url"], repository, current.tag, catalog, tags)


def _bundle(bundle: Path, catalog: Data) -> Source:
    """The newest version in a bundle is the one that its branch is at."""
    if not bundle.is_file():
        raise Trouble("source.damaged", path=bundle)
    listed = _git("bundle", "list-heads", str(bundle)).splitlines()
    heads = {name: oid for oid, name in (line.split(" ", 1) for line in listed)}
    newest = heads.get("refs/heads/main")
    tags = versions.tagged(n.removeprefix("refs/tags/") for n in heads)
    version = next((t for t in tags if heads[f"refs/tags/{t}"] == newest), None)
    if version is None:
        raise Trouble("source.damaged", path=bundle)
    return Source(catalog["source_url"], bundle, version, catalog, tuple(tags))


def _repository(template: str, work: Path, wanted: str | None) -> Source:
    """A template somewhere else: its newest release, as Copier would choose it."""
    path = _path(template)
    address = str(path.resolve()) if path.exists() else _address(template)
    repository = work / REPOSITORY
    _git("clone", "--quiet", "--mirror", "--", address, str(repository), of=template)
    try:
        version, tags = _tags(repository, wanted)
    except subprocess.CalledProcessError as error:
        raise _failed(error, template) from error
    catalog = _catalog_in(repository, version, template)
    url = catalog["source_url"] if path.exists() else address
    return Source(url if url.endswith(".git") else f"{url}.git", repository, version, catalog, tags)


def _tags(repository: Path, wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """The newest version in a repository, and all; those without a tag are given one."""
    tags = versions.tagged(history.git(repository, "tag", "--list").decode().splitlines())
    version = versions.latest(tags, early=versions.is_early(wanted or ""))
    if version is None:
        # As Copier will record it.
        version = history.git(repository, "describe", "--tags", "--always").decode().strip()
    for name in {version, wanted or version}.difference(tags):
        if commit := commits.find(repository, name):
            history.git(repository, "update-ref", f"refs/tags/{name}", commit)
            tags.append(name)
    return version, tuple(sorted(tags, key=versions.order))


def _unpacked(source: Source, work: Path) -> Path:
    """The source as a repository: git reads nothing from a bundle."""
    if source.repository.is_dir():
        return source.repository
    target = work / REPOSITORY
    if not target.exists():
        try:
            words = ("--quiet", "--mirror", "--", str(source.repository), str(target))
            history.git(work, "clone", *words)
        except subprocess.CalledProcessError as error:
            raise _failed(error) from error
    return target


def _missing(source: Source, version: str, template: str | None) -> Trouble:
    """Why the template does not have a version, and what to do."""
    own = template is None
    folder = _folder(template)
    if commits.is_shallow(folder or source.repository):
        return Trouble("source.shallow", version=version, path=folder or template)
    if own and versions.is_newer(version, source.version):
        return Trouble("source.newer", version=version, newest=source.version)
    released = versions.tagged([version]) and not versions.STAMPED.fullmatch(version)
    known = [*["…"][: len(source.versions) > SHOWN], *source.versions[-SHOWN:]]
    return Trouble(
        "source.no_version" if released else "source.unreleased",
        hint="source.no_version_hint",
        version=version,
        template=f"Anshin {__version__}" if own else template,
        known=", ".join(known),
    )


def _address(template: str) -> str:
    if CREDENTIALS.match(template):
        raise Trouble("source.credentials")
    for short, full in SHORT.items():
        if template.startswith(short):
            return full + template.removeprefix(short).lstrip("/")
    if not REMOTE.match(template):
        raise Trouble("source.nothing", template=template)
    return template.removeprefix("git+")


def _catalog_in(repository: Path, version: str, template: str) -> dict[str, Any]:
    try:
        shown = history.git(repository, "cat-file", "blob", f"{version}:{history.CATALOG}")
    except subprocess.CalledProcessError as error:
        raise _failed(error, template) from error
    return _catalog(shown.decode(errors="replace"), template)


def _catalog(text: str | None, template: str) -> dict[str, Any]:
    try:
        catalog = json.loads(text or "")
    except ValueError as error:
        raise Trouble("source.not_anshin", template=template) from error
    if not isinstance(catalog, dict) or "format" not in catalog or "version" not in catalog:
        raise Trouble("source.not_anshin", template=template)
    if catalog["format"] != published.FORMAT:
        raise Trouble(
            "source.other_format",
            template=template,
            version=catalog["version"],
            found=catalog["format"],
            known=published.FORMAT,
        )
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

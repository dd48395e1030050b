"""Write the template's versions as a git repository that holds nothing else.

Used by the build of the wheel and by a checkout that serves its own template; only the standard
library and git are needed. The same files give the same commits on every machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

CONFIG = "copier.yml"
TEMPLATE = "templates/project"
CATALOG = "scaffolder/catalog.json"
PARTS = (CONFIG, TEMPLATE, CATALOG)
"""What a version consists of; the catalog says what the template can do."""

RELEASE = re.compile(r"^v\d+(\.\d+)*((a|b|rc)\d+)?$")
PRERELEASES = ("a", "b", "rc")
EXECUTABLE, PLAIN = "100755", "100644"
WHEN = "1700000000 +0000"
"""Of every commit, so that only content tells commits apart."""


GIT = ("git", "-c", "safe.directory=*")
ABOUT_ONE_REPOSITORY = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""Variables that bind git to a repository, as they are set inside of a git hook."""


@dataclass(frozen=True)
class File:
    """A file of the template."""

    mode: str
    content: bytes


@dataclass(frozen=True)
class Version:
    """One version of the template under its tag."""

    tag: str
    files: Mapping[str, File]


def versions(root: Path, current: str, *, stamped: bool) -> list[Version]:
    """The released versions of a checkout in order, then the one in its working tree.

    Args:
        root: of the checkout.
        current: its version, e.g. `0.1.0`.
        stamped: whether a working tree that differs from the release of its version, or has
            none yet, is told apart by its content: `v0.1.0+g1a2b3c4d`.

    Raises:
        OSError: git is missing, or a file cannot be read.
        subprocess.CalledProcessError: git fails.
    """
    past = list(released(root))
    files = working_tree(root)
    known = {version.tag: version for version in past}
    tag = f"v{current}"
    if tag in known and known[tag].files == files:
        return [v for v in past if v.tag != tag] + [known[tag]]
    if tag in known or stamped:
        tag = f"{tag}+g{digest(files)[:8]}"
    return [*past, Version(tag, files)]


def working_tree(root: Path) -> dict[str, File]:
    """The template as it lies in a folder."""
    paths = [root / CONFIG, *sorted((root / TEMPLATE).rglob("*")), root / CATALOG]
    return {
        path.relative_to(root).as_posix(): File(_mode(path), path.read_bytes())
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def released(root: Path) -> Iterator[Version]:
    """The versions under the checkout's release tags; none if it is no git repository."""
    if not is_repository(root):
        return
    order = [w for word in PRERELEASES for w in ("-c", f"versionsort.suffix={word}")]
    tags = git(root, *order, "tag", "--list", "v*", "--sort=v:refname").decode().split()
    contents: dict[str, bytes] = {}
    for tag in filter(RELEASE.match, tags):
        files = files_at(root, tag, contents)
        if CONFIG in files and any(PurePosixPath(n).is_relative_to(TEMPLATE) for n in files):
            yield Version(tag, files)


def files_at(root: Path, commit: str, known: dict[str, bytes]) -> dict[str, File]:
    """The template's files in a commit; `known` are contents by object, and grow."""
    listed = git(root, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *PARTS).decode()
    entries = [re.split(r"[ \t]", entry, maxsplit=3) for entry in listed.split("\0") if entry]
    _read_blobs(root, [oid for _, _, oid, _ in entries], known)
    return {name: File(mode, known[oid]) for mode, _, oid, name in entries}


def digest(files: Mapping[str, File]) -> str:
    """A name for exactly these files, in hexadecimal."""
    return digest_of((n, f.mode, hashed(f.content)) for n, f in files.items())


def digest_of(files: Iterable[tuple[str, str, str]]) -> str:
    """The digest of files given by path, mode and what `hashed` says of their content."""
    found = hashlib.sha256()
    for name, mode, content in sorted(files):
        found.update(f"{mode} {content} {name}\n".encode())
    return found.hexdigest()


def hashed(content: bytes) -> str:
    """A name for the content of a file."""
    return hashlib.sha256(content).hexdigest()


def write(target: Path, history: Iterable[Version]) -> None:
    """Make a bare repository: the versions as commits on `main`, each under its tag."""
    target.mkdir(parents=True)
    git(target, "init", "--quiet", "--bare", "--template=")
    stream = b"".join(_stream(history))
    one_pack = ("-c", "fastimport.unpackLimit=0")
    git(target, *one_pack, "fast-import", "--quiet", "--date-format=raw", stdin=stream)
    # The branch that a clone without a wish gets, whatever git's own default is.
    (target / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")


def write_bundle(root: Path, current: str, target: Path) -> None:
    """Write all versions of the template in a checkout as one git bundle, without stamps."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "template.git"
        write(repository, versions(root, current, stamped=False))
        # One thread, so that the same history gives the same file.
        one_thread = ("-c", "pack.threads=1")
        place = str(target.absolute())
        git(repository, *one_thread, "repack", "-a", "-d", "-f", "--quiet")
        git(repository, *one_thread, "bundle", "create", "--quiet", place, "--all")


def _stream(history: Iterable[Version]) -> Iterator[bytes]:
    """The versions as git fast-import reads them."""
    for version in history:
        message = version.tag.encode()
        yield b"commit refs/heads/main\n"
        yield f"committer Anshin <anshin@localhost> {WHEN}\n".encode()
        yield b"data %d\n%s\n" % (len(message), message)
        yield b"deleteall\n"
        for name, file in sorted(version.files.items()):
            quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            yield f'M {file.mode} inline "{quoted}"\n'.encode()
            yield b"data %d\n%s\n" % (len(file.content), file.content)
        yield f"reset refs/tags/{version.tag}\nfrom refs/heads/main\n\n".encode()


def is_repository(root: Path) -> bool:
    """Whether a folder is a checkout of git, or a bare repository."""
    return (root / ".git").exists() or (root / "objects").is_dir()


def _mode(path: Path) -> str:
    return EXECUTABLE if path.stat().st_mode & 0o100 else PLAIN


def _read_blobs(root: Path, oids: list[str], known: dict[str, bytes]) -> None:
    wanted = [oid for oid in dict.fromkeys(oids) if oid not in known]
    answer = git(root, "cat-file", "--batch", stdin="".join(f"{o}\n" for o in wanted).encode())
    position = 0
    for oid in wanted:
        end = answer.index(b"\n", position)
        size = int(answer[position:end].split()[-1])
        known[oid] = answer[end + 1 : end + 1 + size]
        position = end + 1 + size + 1


def unbound(variables: Mapping[str, str]) -> dict[str, str]:
    """Environment variables without those that bind git to some other repository."""
    return {name: v for name, v in variables.items() if name not in ABOUT_ONE_REPOSITORY}


def git(root: Path, *words: str, stdin: bytes = b"") -> bytes:
    """Run git without the user's own settings; a checkout may belong to another user."""
    done = subprocess.run(
        [*GIT, *words], cwd=root, input=stdin, check=True, capture_output=True, env=environment()
    )
    return done.stdout


def environment() -> dict[str, str]:
    """The environment variables for `git`."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return {**unbound(os.environ), **alone}

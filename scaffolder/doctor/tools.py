"""Programs and settings of this machine: for Anshin itself, and for work on a project."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import metadata
from pathlib import Path

from scaffolder.doctor import system, template
from scaffolder.doctor.finding import Finding, State
from scaffolder.messages import Say
from scaffolder.source import OLDEST_GIT

SECRETS = (
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI",),
)
"""Environment variables that give credentials together."""

FILES = {
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
    "AWS_CONFIG_FILE": "~/.aws/config",
}
"""Environment variable → the file that is read if it is not set."""

GIVES = re.compile(
    r"^\s*(aws_access_key_id|credential_process|login_session|role_arn|sso_session|sso_start_url"
    r"|web_identity_token_file)\s*=",
    re.MULTILINE,
)
"""A setting in those files that leads to credentials; others are about regions and the like."""


def needed(say: Say) -> list[Finding]:
    """What Anshin itself cannot do without."""
    return [_git(say), _running(), _template(say)]


def optional(say: Say, pythons: Sequence[str]) -> list[Finding]:
    """What a project is developed and deployed with.

    Args:
        say: in the user's language.
        pythons: versions of Python that functions run on, such as `3.14`.
    """
    looks: list[Callable[[], Finding]] = [
        partial(_tool, "make", "make", say),
        *(partial(_python, version, say) for version in pythons),
        partial(_tool, "sam", "SAM CLI", say),
        partial(_credentials, say),
        partial(_tool, "docker", "Docker", say),
        partial(_ast_grep, say),
    ]
    with ThreadPoolExecutor() as threads:
        return [found.result() for found in [threads.submit(look) for look in looks]]


def _git(say: Say) -> Finding:
    found = system.version("git", "--version")
    oldest = ".".join(map(str, OLDEST_GIT))
    if found is None:
        text = say("doctor.needed.git", oldest=oldest)
        return Finding("git", "git", State.missing, text, system.get("git", say))
    if tuple(map(int, found.split(".")[:2])) < OLDEST_GIT:
        text = say("doctor.old", found=found, oldest=oldest)
        return Finding("git", "git", State.problem, text, system.get("git", say))
    return Finding("git", "git", State.ok, found)


def _running() -> Finding:
    """The Python that this runs on; an older one could not have started."""
    return Finding("python", "Python", State.ok, platform.python_version())


def _template(say: Say) -> Finding:
    found = template.tags()
    fine = bool(found) or template.is_checkout()
    state = State.ok if fine else State.problem
    get = [] if fine else [say("doctor.page.reinstall")]
    title = say("doctor.title.template")
    return Finding("template", title, state, template.words(found, say), get)


def _tool(tool: str, title: str, say: Say) -> Finding:
    found = system.version(tool, "--version")
    if found is not None:
        return Finding(tool, title, State.ok, found)
    text = say(f"doctor.needed.{tool}")
    return Finding(tool, title, State.optional, text, system.get(tool, say))


def _python(version: str, say: Say) -> Finding:
    """A Python on the path, as `sam build` looks for it."""
    commands = [(f"python{version}",), ("python3",), ("python",)]
    if sys.platform == "win32":
        commands.append(("py", f"-{version}"))
    found = system.python(version, commands)
    name, title = f"python{version}", f"Python {version}"
    if found is not None:
        return Finding(name, title, State.ok, found)
    text = say("doctor.needed.python", version=version)
    return Finding(name, title, State.optional, text, system.get("python", say, version))


def _credentials(say: Say) -> Finding:
    places = credentials(os.environ)
    name, title = "credentials", say("doctor.title.credentials")
    if places:
        text = say("doctor.credentials", places=say.listed(places))
        return Finding(name, title, State.ok, text)
    text = say("doctor.needed.credentials")
    return Finding(name, title, State.optional, text, system.get("credentials", say))


def credentials(environment: Mapping[str, str]) -> list[str]:
    """Where AWS credentials are set up: names of variables and default files, nothing of them."""
    found = [" + ".join(names) for names in SECRETS if all(environment.get(n) for n in names)]
    for variable, default in FILES.items():
        path = Path(environment.get(variable) or default).expanduser()
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if GIVES.search(text):
            found.append(variable if environment.get(variable) else default)
    return found


def _ast_grep(say: Say) -> Finding:
    name = title = "ast-grep"
    try:
        return Finding(name, title, State.ok, metadata.version("ast-grep-py"))
    except metadata.PackageNotFoundError:
        text = say("doctor.needed.ast_grep")
        return Finding(name, title, State.optional, text, ["pip install 'anshin-serverless[code]'"])

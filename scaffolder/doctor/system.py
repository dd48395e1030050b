"""Which system this is, what runs on it, and how things are installed there."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from scaffolder.messages import Say

LONGEST = 15
"""Seconds that a program may take to say its version."""

QUIET = {"SAM_CLI_TELEMETRY": "0", "LC_ALL": "C"}
"""Environment variables for programs: nothing is sent anywhere."""

VERSION = re.compile(r"\d+(?:\.\d+)+")

DEBIAN, MACOS, BREW, WINGET = "debian", "macos", "brew", "winget"

INSTALL: Mapping[str, Mapping[str, str]] = {
    "git": {
        DEBIAN: "sudo apt install git",
        BREW: "brew install git",
        MACOS: "xcode-select --install",
        WINGET: "winget install --id Git.Git -e --source winget",
    },
    "make": {DEBIAN: "sudo apt install make", MACOS: "xcode-select --install"},
    "python": {BREW: "brew install python@{version}"},
    "sam": {WINGET: "winget install --id Amazon.SAM-CLI -e --source winget"},
}
"""Tool → where it can be installed so → the command. Where there is none, a page tells more."""


def name() -> str:
    """What the system calls itself."""
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{platform.system()} {platform.release()}"


def ways() -> list[str]:
    """How things can be installed here, the best way first."""
    if sys.platform == "darwin":
        return [*([BREW] if shutil.which("brew") else []), MACOS]
    if sys.platform == "win32":
        return [WINGET] if shutil.which("winget") else []
    with contextlib.suppress(OSError):
        release = platform.freedesktop_os_release()
        kinds = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
        return [DEBIAN] if kinds & {"debian", "ubuntu"} else []
    return []


def get(tool: str, say: Say, version: str = "") -> list[str]:
    """How to get a tool here: a command or a page."""
    commands = INSTALL.get(tool, {})
    found = next((commands[way] for way in ways() if way in commands), None)
    return [found.format(version=version) if found else say(f"doctor.page.{tool}")]


def version(*words: str) -> str | None:
    """The version that a program says it has; None if it is not there or does not work."""
    said = output(*words)
    match = VERSION.search(said or "")
    return match[0] if match else said


def output(*words: str) -> str | None:
    """What a program prints; None if it is not there or does not work."""
    program = shutil.which(words[0])
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LONGEST,
            env={**os.environ, **QUIET},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout + done.stderr if done.returncode == 0 else None


def python(version: str, commands: Sequence[Sequence[str]]) -> str | None:
    """The whole version of the first of these commands that is such a Python."""
    for words in commands:
        found = VERSION.search(output(*words, "--version") or "")
        if found and found[0].startswith(f"{version}."):
            return found[0]
    return None

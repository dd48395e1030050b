"""Regular expressions on strings of which only parts are known."""

from __future__ import annotations

import re

from scaffolder.checks.intrinsics import UnknownText

_SPECIAL = frozenset("\\.^$*+?{}[]|()")
# With these, more text behind a match can undo it.
_LOOKS_ON = re.compile(r"\$|\\[zZbB]|\(\?")


def matches(pattern: str, text: UnknownText) -> bool | None:
    """Whether a pattern is found in the text whatever its unknown parts are.

    False if it cannot be found, None if that depends on them.
    """
    first, last = text.parts[0], text.parts[-1]
    known_start = first if isinstance(first, str) else ""
    known_end = last if isinstance(last, str) else ""
    if not _LOOKS_ON.search(pattern):
        for part in (known_start, *(p for p in text.parts[1:] if isinstance(p, str))):
            if re.search(pattern, part) and (part is known_start or "^" not in pattern):
                return True
    # What is found at the known end is there whatever stands before it.
    at_end = pattern.endswith("$") and "^" not in pattern and not _LOOKS_ON.search(pattern[:-1])
    if at_end and known_end and re.search(pattern, known_end):
        return True
    if pattern.startswith("^") and "|" not in pattern:
        wanted = _literal(pattern[1:])
        shared = min(len(wanted), len(known_start))
        if wanted[:shared] != known_start[:shared]:
            return False
    if pattern.endswith("$") and "|" not in pattern:
        wanted = _literal(pattern[-2::-1])
        if pattern[: len(pattern) - 1 - len(wanted)].endswith("\\"):
            return None
        shared = min(len(wanted), len(known_end))
        if wanted[:shared] != known_end[::-1][:shared]:
            return False
    return None


def _literal(pattern: str) -> str:
    """The characters at the pattern's start that stand for themselves."""
    for index, character in enumerate(pattern):
        if character in _SPECIAL:
            # What is repeated may also be absent.
            return pattern[: max(0, index - 1)] if character in "*+?{" else pattern[:index]
    return pattern

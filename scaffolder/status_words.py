"""A status in words, and as plain data for `--json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder.checks.code import shown
from scaffolder.checks.outcome import Item, Reason
from scaffolder.checks.positions import Location
from scaffolder.checks.report import message
from scaffolder.checks.words import reason
from scaffolder.messages import Say, Trouble
from scaffolder.published import Data
from scaffolder.status import Mismatch, Safeguard, Status
from scaffolder.status.parts import Change, Finding

OBVIOUS = ("Resources", "Properties")
"""Steps of a place in a template that go without saying."""

LONGEST = 50
"""Characters of a value that are repeated."""


@dataclass(frozen=True)
class StatusWords:
    """Puts one status into words.

    Attributes:
        current: the catalog of this program, whose checks were run.
    """

    status: Status
    current: Data
    say: Say

    @property
    def project(self) -> str:
        """The project's name."""
        name = self.status.managed.answers.get("project_name")
        return name if isinstance(name, str) and name else self.status.managed.root.name

    @property
    def may_update(self) -> bool:
        """Whether there is a newer version of the template."""
        return self.status.newest not in (None, self.status.managed.version)

    def version(self) -> str:
        """The version of the template, and the newest."""
        values = {"version": self.status.managed.version, "newest": self.status.newest}
        if self.status.newest is None:
            return self.say("status.version", **values)
        key = "status.version_old" if self.may_update else "status.version_newest"
        return self.say(key, **values)

    def title(self, safeguard: Safeguard) -> str:
        """What a safeguard is called."""
        patterns = self.status.recorded.side.catalog["patterns"]
        return self.say.pick(patterns[safeguard.id]["title"])

    def page(self, safeguard: Safeguard) -> str:
        """The address of a safeguard's page."""
        site = self.status.recorded.side.catalog["site_url"]
        return f"{site}{self.say.language}/patterns/{safeguard.id}/"

    def repairs(self, safeguard: Safeguard) -> list[tuple[str, str]]:
        """The commands for a safeguard that is missing, and what they do."""
        name, by = safeguard.id, safeguard.needed_by
        found = [(f"anshin add {name}", self.say("status.repair_add"))]
        if by is None:
            found.append((f"anshin remove {name}", self.say("status.repair_remove")))
        return found

    def findings(self, safeguard: Safeguard) -> Sequence[Finding]:
        """What became of a safeguard's parts, the essential first."""
        found = safeguard.parts.findings if safeguard.parts else ()
        return sorted(found, key=lambda f: (not f.essential, f.file, f.line))

    def unread(self, safeguard: Safeguard) -> list[str]:
        """The files with parts of a safeguard that cannot be read."""
        return [self.where(f, 0) for f in (safeguard.parts.unread if safeguard.parts else ())]

    def where(self, file: str, line: int) -> str:
        """A place in the project, from the working directory."""
        path = shown(self.status.managed.root / file)
        return f"{path}:{line}" if line else path

    def place(self, item: Item) -> str:
        """Where an item of a check is."""
        return f"{item.file}:{item.line}" if item.line else item.file

    def item(self, item: Item) -> str:
        """What a check says, and which."""
        text = message(item, dict(self.current), self.say.language)
        return f"{text} ({item.check})"

    def unknown(self, item: Item) -> str:
        """Why a check does not know."""
        return self.say("status.check_unknown", why=self.item(item))

    def finding(self, finding: Finding) -> str:
        """What became of a part."""
        if finding.answer is not None:
            mismatch = Mismatch(
                finding.answer, finding.expected, finding.found, finding.file, finding.line
            )
            return self.mismatch(mismatch)
        values = {
            "what": spelled(finding.place) or finding.expected,
            "expected": brief(finding.expected),
            "found": brief(finding.found),
        }
        key = finding.change.value
        if finding.change is Change.changed and not (values["expected"] and values["found"]):
            key = "rewritten"
        return self.say(f"status.finding.{key}", **values)

    def mismatch(self, mismatch: Mismatch) -> str:
        """That an answer says something else than a template."""
        values = {"recorded": brief(mismatch.recorded), "found": brief(mismatch.found)}
        found = values["found"] or self.say("value.mapping")
        return self.say("status.mismatch", name=mismatch.name, **{**values, "found": found})

    def broken(self) -> Iterator[tuple[str, int, str]]:
        """The files that cannot be used, from the project's folder: file, line, why."""
        known = {broken.file for broken in self.status.broken}
        for broken in self.status.broken:
            yield broken.file, broken.place.line, self._why(broken.why)
        for problem in self.status.checked.report.problems:
            file = self._from_root(problem.file)
            if file not in known:
                yield file, problem.line, self._why(problem.reason)

    def _why(self, why: Reason | Trouble | None) -> str:
        if why is None:
            return self.say("status.markers")
        if isinstance(why, Trouble):
            return why.said(self.say)
        return self.say("status.unreadable", why=reason(why, self.say.language))

    def as_data(self) -> dict[str, Any]:
        """The status with lists, mappings and plain values only.

        All keys are always there; what does not apply is null or empty. Texts are in the user's
        language. Files are given from the project's folder.

            project             name, path
            template            version, newest, update_available, error (why nothing could be
                                compared)
            safeguards          list of
              id, title, url
              state             present, drifted, weakened, missing, own or unknown
              needed_by         who needs it, if nobody chose it
              own               whether an adopted project had it before
              findings          parts that are not as they were rendered: list of
                change          changed, gone, renamed, edited, deleted, code_changed, code_gone
                file, line      line is null if it is about the whole file
                place           path of the value in a template
                expected, found
                answer          the answer that gave the expected value
                essential       whether the safeguard cannot do its job so
                message
              failed, unknown   what its checks say: list of
                check, file, line, resource, message
              unread            files with parts of it that cannot be read
            answers             problems (about, value, rule), mismatches (name, recorded,
                                found, file, line, safeguard), unrecorded (ids of safeguards
                                that are in the files, but not in the answers)
            files               those that cannot be used: list of file, line, message
            own_changes         what is part of no safeguard: list as in findings
        """
        managed, trouble = self.status.managed, self.status.trouble
        return {
            "project": {"name": self.project, "path": str(managed.root)},
            "template": {
                "version": managed.version,
                "newest": self.status.newest,
                "update_available": self.may_update if self.status.newest else None,
                "error": trouble.said(self.say) if trouble else None,
            },
            "safeguards": [self._safeguard(s) for s in self.status.safeguards],
            "answers": {
                "problems": [
                    {"about": p.about, "value": p.value, "rule": p.rule}
                    for p in self.status.problems
                ],
                "mismatches": [self._mismatch(m) for m in self.status.mismatches],
                "unrecorded": list(self.status.unrecorded),
            },
            "files": [{"file": f, "line": n, "message": why} for f, n, why in self.broken()],
            "own_changes": [self._finding(c) for c in self.status.changes],
        }

    def _safeguard(self, safeguard: Safeguard) -> dict[str, Any]:
        return {
            "id": safeguard.id,
            "title": self.title(safeguard),
            "url": self.page(safeguard),
            "state": safeguard.state.value,
            "needed_by": safeguard.needed_by,
            "own": safeguard.own,
            "findings": [self._finding(f) for f in self.findings(safeguard)],
            "failed": [self._item(i) for i in safeguard.failed],
            "unknown": [self._item(i) for i in safeguard.unknown],
            "unread": list(safeguard.parts.unread) if safeguard.parts else [],
        }

    def _finding(self, finding: Finding) -> dict[str, Any]:
        return {
            "change": finding.change.value,
            "file": finding.file,
            "line": finding.line or None,
            "place": list(finding.place),
            "expected": finding.expected,
            "found": finding.found,
            "answer": finding.answer,
            "essential": finding.essential,
            "message": self.finding(finding),
        }

    def _mismatch(self, mismatch: Mismatch) -> dict[str, Any]:
        return {
            "name": mismatch.name,
            "recorded": mismatch.recorded,
            "found": mismatch.found,
            "file": mismatch.file,
            "line": mismatch.line,
            "safeguard": mismatch.owner,
        }

    def _item(self, item: Item) -> dict[str, Any]:
        return {
            "check": item.check,
            "file": self._from_root(item.file),
            "line": item.line or None,
            "resource": item.resource,
            "message": message(item, dict(self.current), self.say.language),
        }

    def _from_root(self, file: str) -> str:
        path = Path.cwd() / file
        root = self.status.managed.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else file


def spelled(place: Location) -> str:
    """A place in a template, short: `Api.MethodSettings[0].ThrottlingRateLimit`."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step not in OBVIOUS or place == (step,):
            text += f".{step}" if text else step
    return text


def brief(value: Any) -> str:
    """A value of a template in one line; "" if it is too long to be repeated."""
    if isinstance(value, dict) and len(value) == 1:
        name, argument = next(iter(value.items()))
        if isinstance(argument, str) and (name == "Ref" or name.startswith("Fn::")):
            return _short(f"!{name.removeprefix('Fn::')} {argument}")
        if name == "Fn::GetAtt" and isinstance(argument, list):
            return _short(f"!GetAtt {'.'.join(map(str, argument))}")
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return _short(text)


def _short(text: str) -> str:
    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return safe if len(safe) <= LONGEST else ""

"""Keep what was answered when an interview is interrupted, for `anshin new --resume`."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from scaffolder import answers, published, recommend
from scaffolder.answers import WrongAnswers
from scaffolder.messages import Say, Trouble, os_trouble
from scaffolder.published import Data

FORMAT = 1
"""Of the file. One of another form is not read."""

PLACE, SAFEGUARDS, SETTINGS, SUMMARY = "place", "safeguards", "settings", "summary"
FACT = "fact."
"""Names of steps; a fact's name follows the last."""

STATE = "XDG_STATE_HOME"
APP_DATA = "LOCALAPPDATA"


@dataclass
class Draft:
    """How far an interview has come.

    Attributes:
        directory: where the project goes, as the user said it.
        started: the folder that `directory` starts from.
        template: the source that was asked for, if not this version's own.
        facts: about the workload, as `recommend.checked` returns them.
        chosen: safeguards; None as long as nobody has looked at them.
        advised: the recommendation that `chosen` was made from.
        answers: the settings that the user gave.
        step: the name of the step that is being asked; one of `steps`.
    """

    directory: str | None = None
    started: str = ""
    template: str | None = None
    facts: dict[str, str | list[str]] = field(default_factory=dict)
    chosen: list[str] | None = None
    advised: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    step: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that somebody would miss."""
        return not (self.facts or self.answers) and self.chosen is None

    @property
    def path(self) -> Path | None:
        """Where the project goes, from the folder of today's run."""
        if self.directory is None:
            return None
        return here(self.directory, self.started)


def steps(catalog: Data) -> list[str]:
    """The names of the steps of an interview, in order."""
    return [PLACE, *(FACT + name for name in catalog["facts"]), SAFEGUARDS, SETTINGS, SUMMARY]


def here(directory: str, started: str) -> Path:
    """A folder's path, relative if it was and still can be."""
    if not started or Path(started) == Path.cwd():
        return Path(directory)
    return Path(started) / directory


def place(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the draft is kept."""
    if sys.platform == "win32" and environment.get(APP_DATA):
        return Path(environment[APP_DATA]) / "anshin" / "draft.json"
    # The specification of these folders says to ignore a relative one.
    state = Path(environment.get(STATE, ""))
    base = state if state.is_absolute() else Path.home() / ".local" / "state"
    return base / "anshin" / "draft.json"


def keep(draft: Draft, environment: Mapping[str, str] = os.environ) -> Path:
    """Write the draft, readable for its user alone; the one before is gone.

    Raises:
        Trouble: it cannot be written. The one before is still there.
    """
    file = place(environment)
    text = json.dumps({"format": FORMAT, **asdict(draft)}, ensure_ascii=False, indent=2)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix="draft-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text + "\n")
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise os_trouble(error, file) from error
    return file


def load(environment: Mapping[str, str] = os.environ) -> Draft:
    """The draft that was kept.

    Raises:
        Trouble: there is none, or it cannot be read.
    """
    file = place(environment)
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Trouble("draft.none", hint="draft.none_hint") from error
    except OSError as error:
        raise os_trouble(error, file) from error
    except (ValueError, RecursionError) as error:
        raise Trouble("draft.damaged", hint="draft.damaged_hint", path=file) from error
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT or not _fits(data):
        raise Trouble("draft.damaged", hint="draft.damaged_hint", path=file)
    return Draft(**data)


def exists(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a draft was kept."""
    return place(environment).is_file()


def remove(environment: Mapping[str, str] = os.environ) -> None:
    """Forget the draft, if there is one."""
    with contextlib.suppress(OSError):
        place(environment).unlink(missing_ok=True)


def carried(catalog: Data, draft: Draft, say: Say) -> tuple[Draft, list[str]]:
    """A draft as far as it is valid for a catalog, maybe a newer one.

    Returns:
        The draft, and the names of what cannot be taken over and is to be asked again.
    """
    facts, strange = _facts(catalog, draft.facts, say)
    given, dropped = published.carried(catalog, draft.answers)
    asked = published.questions(catalog, catalog["patterns"])
    wrong = [n for n, v in given.items() if n not in asked or answers.check(asked[n], v, say)[1]]
    chosen: list[str] | None = None
    unknown: list[str] = []
    if draft.chosen is not None:
        chosen, unknown = published.carried_ids(catalog, draft.chosen)
        if published.conflicts(catalog, published.closure(catalog, chosen)):
            chosen, unknown = None, draft.chosen
    kept = {n: value for n, value in given.items() if n not in wrong}
    lost = {
        **{FACT + name: [name] for name in strange},
        SAFEGUARDS: unknown,
        SETTINGS: [*dropped, *wrong],
    }
    order = steps(catalog)
    open_steps = [s for s in order if s == draft.step or lost.get(s)]
    found = replace(
        draft,
        facts=facts,
        chosen=chosen,
        advised=published.carried_ids(catalog, draft.advised)[0],
        answers=kept,
        step=open_steps[0] if open_steps else "",
    )
    return found, [name for names in lost.values() for name in names]


def _fits(data: Data) -> bool:
    """Whether what was read has the parts of a draft."""
    text, nothing = str, type(None)
    shapes: dict[str, type | tuple[type, ...]] = {
        "directory": (text, nothing),
        "started": text,
        "template": (text, nothing),
        "facts": dict,
        "chosen": (list, nothing),
        "advised": list,
        "answers": dict,
        "step": text,
    }
    return data.keys() == shapes.keys() and all(
        isinstance(data[name], shape) for name, shape in shapes.items()
    )


def _facts(catalog: Data, facts: Data, say: Say) -> tuple[dict[str, str | list[str]], list[str]]:
    """The facts that the catalog has, and the names of the others."""
    found: dict[str, str | list[str]] = {}
    strange: list[str] = []
    for name, value in facts.items():
        try:
            found |= recommend.checked(catalog, {name: value}, say)
        except WrongAnswers:
            strange.append(name)
    return found, strange

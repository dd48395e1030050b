"""Match ast-grep rules on Python modules.

ast-grep compiles a rule anew for each text that it is matched on, which takes longer than the
matching. So a rule that does not ask what else is in its file is matched on all modules at once,
put one after the other.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import cached_property, lru_cache
from typing import Any

from scaffolder.checks.code import Module, Spot
from scaffolder.checks.evaluate import short
from scaffolder.checks.outcome import Outcome

# Words of a rule that may look across the boundary between two modules.
_ACROSS = re.compile(r'"(module|follows|precedes|nthChild|utils|matches|ofRule)"')


def matches(rule: dict[str, Any], modules: list[Module]) -> dict[Module, list[Spot]]:
    """Where a rule matches in each module; raises ImportError without the extra `code`.

    Args:
        rule: ast-grep's `rule`, alone or in a configuration with the key `rule`.
        modules: the modules to look at.
    """
    config = rule if "rule" in rule else {"rule": rule}
    found: dict[Module, list[Spot]] = {module: [] for module in modules}
    whole = [module for module in modules if module.tree is not None]
    alone = [module for module in modules if module.tree is None]
    if len(whole) < 2:
        alone = modules
    elif not _ACROSS.search(json.dumps(config)):
        _bundle(tuple(whole)).match(config, found)
    elif wider := _wider(config):
        perhaps: dict[Module, list[Spot]] = {module: [] for module in whole}
        _bundle(tuple(whole)).match(wider, perhaps)
        alone += [module for module in whole if perhaps[module]]
    else:
        alone = modules
    for module in alone:
        for node in _bundle((module,)).root.find_all(config):
            found[module].append(_spot(node, 0))
    return found


def _wider(config: dict[str, Any]) -> dict[str, Any] | None:
    """The rule without the conditions that look across modules: it matches all that it matches.

    None if nothing is left that says what to match.
    """
    if "utils" in config:
        return None
    kept = {k: v for k, v in config["rule"].items() if not _ACROSS.search(json.dumps({k: v}))}
    return {"rule": kept} if kept.keys() & {"kind", "pattern", "any", "all"} else None


class _Bundle:
    """Modules as one text. Each parses on its own, so none changes what the next one means."""

    def __init__(self, modules: tuple[Module, ...]) -> None:
        self._modules = modules
        self._starts: list[int] = []
        self._texts: list[str] = []
        line = 0
        for module in modules:
            text = module.text if module.text.endswith("\n") else module.text + "\n"
            self._starts.append(line)
            self._texts.append(text)
            line += text.count("\n")

    @cached_property
    def root(self) -> Any:
        """The root node of the text."""
        from ast_grep_py import SgRoot

        return SgRoot("".join(self._texts), "python").root()

    def match(self, config: dict[str, Any], found: dict[Module, list[Spot]]) -> None:
        """Add where a rule matches to `found`."""
        for node in self.root.find_all(config):
            number = bisect_right(self._starts, node.range().start.line) - 1
            found[self._modules[number]].append(_spot(node, self._starts[number]))


@lru_cache(maxsize=16)
def _bundle(modules: tuple[Module, ...]) -> _Bundle:
    return _Bundle(modules)


def _spot(node: Any, first_line: int) -> Spot:
    start = node.range().start
    values = {"value": short(node.text()), "key": ""}
    return Spot(Outcome.failed, start.line - first_line + 1, start.column + 1, values)

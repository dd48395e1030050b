"""What one catalog entry says.

The models here describe `catalog/<id>/pattern.yaml` and the catalog's shared lists. They read no
files; `scaffolder.catalog` does. Every field that applies to an entry's scope is obligatory,
because a field that nobody is forced to fill stays empty.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

PATTERN_ID = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
LANGUAGES = ("ja", "en")

Slug = Annotated[str, StringConstraints(pattern=PATTERN_ID.pattern)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
Prose = Annotated[str, StringConstraints(min_length=1)]


class Entry(BaseModel):
    """Base of all models here: unknown keys are errors, and values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Entry):
    """The same prose in both languages. One line is one paragraph."""

    ja: Prose
    en: Prose


class Scope(StrEnum):
    """Where a pattern lives."""

    project = "project"
    account = "account"
    code = "code"
    operations = "operations"
    concept = "concept"


class CostDirection(StrEnum):
    """Which way the AWS bill moves when the pattern is added."""

    none = "none"
    less = "less"
    small = "small"
    more = "more"


class Costs(Entry):
    """What the pattern asks in return."""

    direction: CostDirection
    text: Text = Field(description="Money, latency, and what becomes harder.")


class Bounded(Entry):
    """What every kind of question has."""

    label: Text = Field(description="The question, as short as a form's label.")
    help: Text = Field(description="What the value does and how to choose it.")
    source: str = Field(default="", description="Where the bound or default comes from (URL).")
    aliases: list[Identifier] = Field(
        default=[], description="Released answers, by full name, that this question once had."
    )


class IntQuestion(Bounded):
    """A whole number within bounds."""

    type: Literal["int"]
    default: int
    min: int
    max: int

    @model_validator(mode="after")
    def _default_within_bounds(self) -> Self:
        if not self.min <= self.default <= self.max:
            raise ValueError(f"default {self.default} is outside {self.min}..{self.max}")
        return self


class BoolQuestion(Bounded):
    """Yes or no."""

    type: Literal["bool"]
    default: bool


class ChoiceQuestion(Bounded):
    """One of a few plain words."""

    type: Literal["choice"]
    default: str
    choices: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$")]]

    @model_validator(mode="after")
    def _default_is_a_choice(self) -> Self:
        if self.default not in self.choices:
            raise ValueError(f"default {self.default!r} is not one of {self.choices}")
        return self


class StrQuestion(Bounded):
    """A line of text that matches a regular expression as a whole."""

    type: Literal["str"]
    default: str
    pattern: str = Field(description="Regular expression that the whole answer must match.")

    @model_validator(mode="after")
    def _default_matches(self) -> Self:
        if not re.fullmatch(self.pattern, self.default):
            raise ValueError(f"default {self.default!r} does not match {self.pattern!r}")
        return self


Question = Annotated[
    IntQuestion | BoolQuestion | ChoiceQuestion | StrQuestion, Field(discriminator="type")
]


Facts = dict[Identifier, list[Slug]]
"""Fact → values. It holds if each fact's answer is, or contains, one of its values."""


class Recommendation(Entry):
    """Recommend the pattern to the workloads whose facts are these."""

    facts: Facts = Field(min_length=1, description="Fact → values of which one must be the answer.")
    also: Facts = Field(
        default={}, description="The same, for a second value of a fact that may have several."
    )
    unless: Facts = Field(default={}, description="Fact → values of which none may be the answer.")
    because: Text = Field(description="The sentence to show: why, for this workload.")


class Applicability(Entry):
    """The facts without which a pattern makes no sense."""

    facts: Facts = Field(min_length=1, description="Fact → values of which one must be the answer.")
    otherwise: Text = Field(description="The sentence to show where they do not hold.")


class Decorator(Entry):
    """A decorator on the handler function; smaller `order` stands further out."""

    line: Annotated[str, StringConstraints(pattern=r"^@")]
    order: int = 50


class Middleware(Entry):
    """A Powertools middleware of the API; smaller `order` stands further out."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")]
    order: int = 50


class Handler(Entry):
    """What a pattern adds to handlers of one kind."""

    imports: list[str] = []
    setup: list[str] = Field(default=[], description="Statements after the module's own set-up.")
    middlewares: list[Middleware] = []
    decorators: list[Decorator] = []


class Dependencies(Entry):
    """Python packages that the generated project needs for this pattern, pinned with `==`."""

    runtime: list[str] = []
    dev: list[str] = []


class Severity(StrEnum):
    """How bad a failed check is."""

    error = "error"
    warning = "warning"


class Follow(Entry):
    """Go from the selected reference to the resource it names, before asserting."""

    to: list[str] = Field(min_length=1, description="Resource types to arrive at.")


class Check(Entry):
    """A rule that says of any project: pass, fail, not-applicable or unknown.

    Exactly one of three kinds: `select` (the template, by RFC 9535 JSONPath), `rule` (Python
    code, by an ast-grep rule) or `predicate` (a named Python function).
    """

    severity: Severity
    title: Text
    message: Text = Field(
        description="What is wrong; `{resource}`, `{value}`, `{key}` and what the predicate gives."
    )
    fix: Text = Field(description="What to do about it.")
    select: list[str] = Field(default=[], description="RFC 9535 JSONPath queries, joined.")
    when: dict[str, Any] = Field(
        default={}, description="JSON Schema; a selected node that does not meet it is skipped."
    )
    follow: Follow | None = None
    referenced_from: list[str] = Field(
        default=[], description="Some node selected by these queries must name the resource."
    )
    assert_: dict[str, Any] = Field(
        default={}, alias="assert", description="JSON Schema (2020-12) that the node must meet."
    )
    expect: Literal["all", "some", "none"] = Field(
        default="all",
        description="Must all selected nodes hold, at least one, or must none be selected?",
    )
    applies_to: list[str] = Field(
        default=[],
        description="With `some` and `none`: not applicable unless these queries select a node.",
    )
    report_at: list[str] = Field(
        default=[], description="Keys below the node to point at, first that exists."
    )
    rule: dict[str, Any] = Field(default={}, description="An ast-grep rule for Python.")
    predicate: str = Field(default="", description="Name of a function in checks.predicates.")
    options: dict[str, Any] = Field(default={}, description="Arguments of the predicate.")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [bool(self.select), bool(self.rule), bool(self.predicate)]
        if sum(kinds) != 1:
            raise ValueError("a check has exactly one of select, rule and predicate")
        if self.select and self.expect == "all" and not (self.assert_ or self.referenced_from):
            raise ValueError("a select check that expects all needs assert or referenced_from")
        return self


class Reference(Entry):
    """A page to read on."""

    title: Text
    url: Annotated[str, StringConstraints(pattern=r"^https://")]


class Pattern(Entry):
    """One entry of the catalog, as `catalog/<id>/pattern.yaml` says it."""

    title: Text
    summary: Text = Field(description="What it does, in one or two sentences.")
    why: Text = Field(description="A concrete failure without it: who notices, what it costs.")
    how: Text = Field(description="How it works.")
    use_when: Text
    skip_if: Text
    costs: Costs
    see_it: Text = Field(description="Steps (console or CLI) to see it working in AWS.")
    chapter: Slug
    slides: list[int] = Field(min_length=1)
    since_deck: Text = Field(description="What changed since 2023, with corrections of the deck.")
    scope: list[Scope] = Field(min_length=1, description="Where it lives, the main place first.")
    presets: dict[Slug, Text] = Field(default={}, description="Preset → why it belongs there.")
    incidents: list[Slug] = Field(default=[], description="Incidents that it prevents or shows.")
    applies_when: Applicability | None = None
    recommended_when: list[Recommendation] = []
    requires: dict[Slug, Text] = Field(default={}, description="Pattern → why it is needed.")
    conflicts: dict[Slug, Text] = Field(default={}, description="Pattern → why not both.")
    goes_with: dict[Slug, Text] = Field(default={}, description="Pattern → why both.")
    aliases: list[Slug] = Field(default=[], description="Released ids that this entry once had.")
    when_adopted: Text | None = Field(
        default=None,
        description="What is left out in a project that Anshin did not generate, in one sentence.",
    )
    questions: dict[Identifier, Question] = {}
    handlers: dict[Literal["api", "queue", "hook", "any"], Handler] = {}
    dependencies: Dependencies = Dependencies()
    checks: dict[Slug, Check] = {}
    references: list[Reference] = Field(min_length=1)

    @model_validator(mode="after")
    def _what_the_scope_needs(self) -> Self:
        if self.scope == [Scope.concept]:
            return self
        if "recommended_when" not in self.model_fields_set:
            raise ValueError(
                "recommended_when: say when it is worth having; [] if no fact can tell"
            )
        if Scope.project in self.scope and not self.checks:
            raise ValueError("checks: a pattern in the template can be seen there")
        return self


class Chapter(Entry):
    """A section of the deck."""

    title: Text
    intro: Text


class Preset(Entry):
    """A named set of safeguards; its members say so themselves (`presets`)."""

    title: Text
    summary: Text


class Incident(Entry):
    """A symptom that somebody arrives with; patterns say themselves that they help."""

    title: Text
    story: Text


class Term(Entry):
    """One word for one thing in both languages, and the variants that are not used."""

    ja: str
    en: str
    avoid: list[str] = Field(min_length=1, description="Regular expressions.")


class Retirement(Entry):
    """Why something that was released is gone, with nothing in its place."""

    since: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    because: Text


class Retired(Entry):
    """What has left the catalog. Projects may have recorded it; nothing else may take its name."""

    safeguards: dict[Slug, Retirement] = Field(description="Id → why; its answers go with it.")
    answers: dict[Identifier, Retirement] = Field(description="Full name → why.")


class FactValue(Entry):
    """One answer to a question about the workload."""

    title: Text
    means: list[Slug] | None = Field(
        default=None, description="Of `unknown`: the values that it stands for, to be safe."
    )
    treated: Text | None = Field(default=None, description="Of `unknown`: says what it stands for.")

    @model_validator(mode="after")
    def _a_meaning_is_said(self) -> Self:
        if (self.means is None) != (self.treated is None):
            raise ValueError("means and treated belong together")
        return self


UNKNOWN = "unknown"
"""The answer to a question about the workload that everybody can give."""


class Fact(Entry):
    """A question about the workload, asked before any safeguard is named."""

    question: Text
    help: Text = Field(description="How to choose, or what depends on it.")
    multiple: bool = Field(default=False, description="May the answer be several values?")
    values: dict[Slug, FactValue] = Field(min_length=3)

    @model_validator(mode="after")
    def _unknown_is_safe(self) -> Self:
        if [name for name, value in self.values.items() if value.means is not None] != [UNKNOWN]:
            raise ValueError(f"values: {UNKNOWN!r}, and no other, says what it means")
        means = self.values[UNKNOWN].means or []
        if wrong := [name for name in means if name not in self.values or name == UNKNOWN]:
            raise ValueError(f"values.{UNKNOWN}.means: {wrong[0]!r} is not another value")
        if len(means) > 1 and not self.multiple:
            raise ValueError(f"values.{UNKNOWN}.means: this fact has only one value")
        return self


class Workload(Entry):
    """A workload as people have it, and what an engineer who knows it would recommend."""

    title: Text
    description: Text
    facts: Facts
    expected: dict[Slug, Text] = Field(description="All that is recommended → why, for it.")
    unexpected: dict[Slug, Text] = Field(description="Some of what is not → why not.")

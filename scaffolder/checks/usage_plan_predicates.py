"""Predicates about usage plans of REST APIs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scaffolder.checks.evaluate import Found, resource_of
from scaffolder.checks.intrinsics import Unknown, as_written
from scaffolder.checks.outcome import Outcome, Reason, because
from scaffolder.checks.positions import Location, PlacedDict
from scaffolder.checks.template import View
from scaffolder.checks.values import as_boolean
from scaffolder.checks.view import SAM_FUNCTION, properties_of

SAM_API = "AWS::Serverless::Api"
REST_API = "AWS::ApiGateway::RestApi"
IMPLICIT_API = "ServerlessRestApi"
KEY_HEADER = "x-api-key"


@dataclass(frozen=True)
class _Planned:
    """An API in a usage plan: its id as it is written, where the plan names it, and why not."""

    api: str
    where: Location
    reason: Reason | None = None


def usage_plan_requires_keys(view: View) -> Iterator[Found]:
    """An API in a usage plan asks its callers for a key, or else the plan counts nobody.

    It is enough that one of its methods does. Fills `value` (the API).
    """
    seen: set[str] = set()
    for planned in _planned(view):
        if planned.api in seen:
            continue
        seen.add(planned.api)
        resource = next((n for n in _names(planned.api) if n in view.resources), "")
        location: Location = ("Resources", resource) if resource else planned.where
        if resource and "Auth" in properties_of(view, resource):
            location = (*location, "Properties", "Auth")
        outcome, reason = _judged(view, planned, resource)
        values = {"key": "ApiKeyRequired", "value": resource or planned.api}
        yield Found(outcome, location, resource or resource_of(location), values, reason)


def _planned(view: View) -> Iterator[_Planned]:
    for name, properties in view.of_type(SAM_API):
        auth = properties.get("Auth")
        plan = auth.get("UsagePlan") if isinstance(auth, PlacedDict) else None
        if isinstance(plan, PlacedDict) and plan.get("CreateUsagePlan", "NONE") != "NONE":
            yield _Planned("${" + name + "}", ("Resources", name))
    for name, properties in view.of_type("AWS::ApiGateway::UsagePlan"):
        stages = properties.get("ApiStages")
        where: Location = ("Resources", name, "Properties", "ApiStages")
        if isinstance(stages, Unknown):
            yield _Planned(name, where, stages.reason)
        for number, stage in enumerate(stages) if isinstance(stages, list) else ():
            api = stage.get("ApiId") if isinstance(stage, dict) else stage
            written = as_written(api)
            reason = api.reason if isinstance(api, Unknown) and not written else None
            yield _Planned(written or f"{name}[{number}]", (*where, number), reason)


def _judged(view: View, planned: _Planned, resource: str) -> tuple[Outcome, Reason | None]:
    if planned.reason is not None:
        return Outcome.unknown, planned.reason
    own = properties_of(view, resource) if resource else PlacedDict()
    methods = [*_methods(view, planned.api), *_events(view, planned.api)]
    body = own.get("DefinitionBody", own.get("Body"))
    required = [*methods, _auth(own), _asks_for_key(body)]
    if True in required:
        return Outcome.passed, None
    for value in required:
        if isinstance(value, Unknown):
            return Outcome.unknown, value.reason
    if any(key in own for key in ("DefinitionUri", "BodyS3Location")):
        return Outcome.unknown, because("definition-elsewhere")
    if not resource and not methods:
        return Outcome.unknown, because("not-in-template", value=planned.api)
    return Outcome.failed, None


def _methods(view: View, api: str) -> Iterator[Any]:
    for _, properties in view.of_type("AWS::ApiGateway::Method"):
        if as_written(properties.get("RestApiId")) == api:
            yield as_boolean(properties.get("ApiKeyRequired", False))


def _events(view: View, api: str) -> Iterator[Any]:
    for _, properties in view.of_type(SAM_FUNCTION):
        events = properties.get("Events")
        for event in events.values() if isinstance(events, dict) else ():
            own = event.get("Properties") if isinstance(event, dict) else None
            if isinstance(own, PlacedDict) and event.get("Type") == "Api":
                named = own.get("RestApiId", {"Ref": IMPLICIT_API})
                if as_written(named) == api:
                    yield _auth(own)


def _auth(properties: PlacedDict) -> Any:
    """Whether `Auth` asks for a key; `Unknown` if that is not known."""
    auth = properties.get("Auth")
    if isinstance(auth, PlacedDict):
        return as_boolean(auth.get("ApiKeyRequired", False))
    return auth if isinstance(auth, Unknown) else False


def _asks_for_key(body: Any) -> Any:
    """Whether an OpenAPI document asks for an API key somewhere."""
    if isinstance(body, Unknown):
        return body
    if not isinstance(body, dict):
        return False
    components = body.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    schemes = schemes or body.get("securityDefinitions")
    names = {
        name
        for name, scheme in (schemes.items() if isinstance(schemes, dict) else ())
        if isinstance(scheme, dict) and str(scheme.get("name")).lower() == KEY_HEADER
    }
    return any(
        name in names
        for requirements in _values(body, "security")
        for requirement in (requirements if isinstance(requirements, list) else ())
        for name in (requirement if isinstance(requirement, dict) else ())
    )


def _values(value: Any, key: str) -> Iterator[Any]:
    """The values of a key anywhere in a document."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name == key:
                yield member
            yield from _values(member, key)
    elif isinstance(value, list):
        for member in value:
            yield from _values(member, key)


def _names(written: str) -> Iterator[str]:
    """The resource that a written reference names."""
    if written.startswith("${") and written.endswith("}"):
        yield written[2:-1].split(".", 1)[0]

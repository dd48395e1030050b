"""The APIs that SAM adds when a function's event names none.

An `Api` event without `RestApiId` makes SAM add `ServerlessRestApi`; an `HttpApi` event without
`ApiId` makes it add `ServerlessHttpApi`. Both take their settings from `Globals` alone.
"""

from __future__ import annotations

from typing import Any

from scaffolder.checks.positions import Place, PlacedDict

_APIS = {
    "Api": ("RestApiId", "ServerlessRestApi", "AWS::Serverless::Api", "Prod"),
    "HttpApi": ("ApiId", "ServerlessHttpApi", "AWS::Serverless::HttpApi", "$default"),
}


def add_implicit_apis(resources: PlacedDict) -> None:
    """Put the APIs that SAM would add among the resources, placed at the first event for them."""
    for resource in list(resources.values()):
        if not isinstance(resource, dict) or resource.get("Type") != "AWS::Serverless::Function":
            continue
        properties = resource.get("Properties")
        events = properties.get("Events") if isinstance(properties, dict) else None
        if isinstance(events, PlacedDict):
            for key, event in events.items():
                _add_for(event, events.key_places[key], resources)


def _add_for(event: Any, place: Place, resources: PlacedDict) -> None:
    kind = event.get("Type") if isinstance(event, dict) else None
    if not isinstance(kind, str) or kind not in _APIS:
        return
    key, logical_id, resource_type, stage = _APIS[kind]
    properties = event.get("Properties")
    named = properties.get(key) if isinstance(properties, dict) else None
    if logical_id in resources or named not in (None, {"Ref": logical_id}):
        return
    api, settings = PlacedDict(), PlacedDict()
    settings.put("StageName", stage, place, place)
    api.put("Type", resource_type, place, place)
    api.put("Properties", settings, place, place)
    resources.put(logical_id, api, place, place)

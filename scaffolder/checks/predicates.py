"""The named predicates of the catalog.

A predicate is for what a query and a schema cannot say. It gets a view of a template (or a
Python module, those under `CODE`) and the check's `options` as keyword arguments, and yields
what it finds. None knows a pattern: what a finding means is said by the check that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scaffolder.checks.code import Spot
    from scaffolder.checks.evaluate import Found

_TEMPLATE = {
    "alarms_watch_alias": "alarm_predicates",
    "draft4_models": "model_predicates",
    "endpoint_admits_https": "network_predicates",
    "endpoint_for_used_service": "network_predicates",
    "endpoint_policy_narrow": "network_predicates",
    "function_sg_egress": "network_predicates",
    "function_sg_no_ingress": "network_predicates",
    "functions_span_zones": "network_predicates",
    "layer_has_policy": "layer_predicates",
    "layers_fit_architecture": "layer_predicates",
    "layers_in_one_region": "layer_predicates",
    "log_group_with_retention": "log_predicates",
    "max_concurrency_within_reserved": "queue_predicates",
    "nat_in_public_subnet": "network_predicates",
    "queue_has_dlq": "queue_predicates",
    "queue_visibility": "queue_predicates",
    "topic_allows_service": "topic_predicates",
    "usage_plan_requires_keys": "usage_plan_predicates",
    "vpc_egress_path": "network_predicates",
}
_CODE = {
    "batch_record_parameter": "code_predicates",
    "cached_request_function": "code_predicates",
    "module_state_mutated": "code_predicates",
}

TEMPLATE_PREDICATES = frozenset(_TEMPLATE)
CODE_PREDICATES = frozenset(_CODE)


def template_predicate(name: str) -> Callable[..., Iterator[Found]]:
    """The predicate on templates of this name; raises KeyError if there is none."""
    function: Callable[..., Iterator[Found]] = _function(_TEMPLATE, name)
    return function


def code_predicate(name: str) -> Callable[..., Iterator[Spot]]:
    """The predicate on Python modules of this name; raises KeyError if there is none."""
    function: Callable[..., Iterator[Spot]] = _function(_CODE, name)
    return function


def _function(table: Mapping[str, str], name: str) -> Any:
    return getattr(import_module(f"scaffolder.checks.{table[name]}"), name)

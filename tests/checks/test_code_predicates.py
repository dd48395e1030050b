"""The named predicates on Python modules."""

from __future__ import annotations

import pytest

from scaffolder.checks.code_predicates import (
    batch_record_parameter,
    cached_request_function,
    module_state_mutated,
)
from tests.checks.support import module

BAD_STATE = {
    "a list that grows": ("SEEN.append(event['id'])", "SEEN"),
    "a list that grows by what is no request": ("for r in regions(): SEEN.append(r)", "SEEN"),
    "a set that grows": ("IDS.add(event['id'])", "IDS"),
    "a mapping by a key of the request": ("CACHE[event['user']] = True", "CACHE"),
    "a mapping by a value of the request": ("CACHE['last'] = event", "CACHE"),
    "a mapping two levels deep": ("CACHE['a']['b'] = event", "CACHE"),
    "a list in a mapping": ("CACHE['all'].append(event)", "CACHE"),
    "a value that comes from the request": ("user = event['user']\n    CACHE['u'] = user", "CACHE"),
    "a loop over the request": ("for r in event['Records']:\n        CACHE['r'] = r", "CACHE"),
    "update": ("CACHE.update(event)", "CACHE"),
    "setdefault": ("CACHE.setdefault(event['id'], [])", "CACHE"),
    "a counter in a mapping": ("CACHE['n'] += 1", "CACHE"),
    "a global": ("global user\n    user = event['user']", "user"),
    "one of several globals": ("global user, other\n    user, other = event['u'], 1", "user"),
    "a global counter": ("global count\n    count += 1", "count"),
    "an object made of the request": ("global user\n    user = User(event['user'])", "user"),
    "a client with the caller's credentials": (
        "global client\n    client = boto3.client('s3', aws_session_token=event['token'])",
        "client",
    ),
    "an attribute of a module's object": ("STATE.user = event['user']", "STATE"),
    "an attribute of a class": ("Settings.user = event['user']", "Settings"),
    "inside a branch": ("if event:\n        SEEN.append(event)", "SEEN"),
    "inside a handler of errors": (
        "try:\n        pass\n    except ValueError:\n        SEEN.append(event)",
        "SEEN",
    ),
    "inside a match": ("match event:\n        case {'a': a}:\n            SEEN.append(a)", "SEEN"),
}

GOOD_STATE = {
    "a local list": "seen = []\n    seen.append(event)",
    "a local of the same name": "SEEN = []\n    SEEN.append(event)",
    "a parameter of the same name": "def inner(SEEN): SEEN.append(event)\n    return inner",
    "reading": "return CACHE.get(event['id']), SEEN[0]",
    "a client made when first needed": (
        "global client\n    if client is None:\n        client = boto3.client('s3')"
    ),
    "a client for an address in the event": (
        "global client\n    client = boto3.client('api', endpoint_url=event['domain'])"
    ),
    "clients by region": "CACHE[event['region']] = boto3.client('s3')",
    "an object made when first needed": "global pool\n    pool = PoolManager(retries=3)",
    "a setting read once": "global config\n    config = load_config()",
    "a setting kept in a mapping": "CACHE['config'] = load_config()",
    "a list emptied first": "SEEN.clear()\n    SEEN.append(event)",
    "a list started anew": "global SEEN\n    SEEN = []\n    SEEN.append(event)",
    "a local object": "state = State()\n    state.user = event['user']",
    "taking away": "SEEN.pop()\n    IDS.discard(event['id'])",
}

HEAD = """\
import boto3

SEEN = []
IDS: set[str] = set()
CACHE = {'a': {}, 'all': []}
STATE = State()
client = None
count = 0


class Settings:
    user = ''


def handler(event, context):
    BODY
"""


def with_body(body: str) -> str:
    return HEAD.replace("BODY", body)


@pytest.mark.parametrize(("body", "name"), BAD_STATE.values(), ids=BAD_STATE)
def test_state_that_outlives_a_request_is_found(body: str, name: str) -> None:
    spots = list(module_state_mutated(module(with_body(body))))
    assert [spot.outcome.value for spot in spots] == ["fail"]
    assert spots[0].values["key"] == name
    assert spots[0].line >= 15


@pytest.mark.parametrize("body", GOOD_STATE.values(), ids=GOOD_STATE)
def test_what_is_meant_to_be_kept_is_not_found(body: str) -> None:
    spots = list(module_state_mutated(module(with_body(body))))
    assert [spot.outcome.value for spot in spots] == ["pass"]


def test_functions_that_run_while_importing_are_left_out() -> None:
    text = """
    HANDLERS = {}
    NAMES = []

    def register(function):
        HANDLERS[function.__name__] = function
        return function

    def fill(names):
        NAMES.extend(names)

    fill(["a"])

    @register
    def handler(event, context):
        return HANDLERS
    """
    assert [s.outcome.value for s in module_state_mutated(module(text))] == ["pass"]


def test_a_function_that_a_handler_calls_too_is_not_left_out() -> None:
    text = """
    NAMES = []

    def fill(names):
        NAMES.extend(names)

    fill(["a"])

    def handler(event, context):
        fill(event["names"])
    """
    (spot,) = module_state_mutated(module(text))
    assert (spot.outcome.value, spot.line, spot.column) == ("fail", 5, 5)


def test_methods_and_inner_functions_are_looked_at() -> None:
    text = """
    SEEN = []

    class Handler:
        async def run(self, event):
            SEEN.append(event)

    def outer(event):
        def inner():
            SEEN.append(event)
        return inner
    """
    assert [s.line for s in module_state_mutated(module(text))] == [6, 10]


@pytest.mark.parametrize(
    ("decorator", "parameters", "found"),
    [
        ("lru_cache", "event", "event"),
        ("lru_cache(maxsize=None)", "user_id", "user_id"),
        ("functools.cache", "name, tenant", "tenant"),
        ("functools.lru_cache()", "*, request", "request"),
        ("cache", "api_event", "api_event"),
        ("cache", "current_user", "current_user"),
        ("cache", "name", None),
        ("cache", "", None),
        ("lru_cache", "table, region", None),
        ("lru_cache", "path, username_field", None),
        ("tracer.capture_method", "event", None),
    ],
)
def test_cached_request_function(decorator: str, parameters: str, found: str | None) -> None:
    text = f"@{decorator}\ndef load({parameters}):\n    return 1\n"
    (spot,) = cached_request_function(module(text))
    assert spot.outcome.value == ("fail" if found else "pass")
    if found:
        assert (spot.values["key"], spot.values["value"], spot.line) == ("load", found, 2)


CALL = "process_partial_response(event=event, record_handler=HANDLER, processor=p, context=c)"


@pytest.mark.parametrize(
    ("definition", "handler", "outcome", "value"),
    [
        ("def one(record): ...", "one", "pass", "record"),
        ("def one(record, lambda_context=None): ...", "one", "pass", "record"),
        ("def one(message): ...", "one", "fail", "message"),
        ("async def one(item): ...", "one", "fail", "item"),
        ("def one(): ...", "one", "fail", ""),
        ("", "lambda record: 1", "pass", "record"),
        ("", "lambda r: 1", "fail", "r"),
        ("def one(record, x): ...", "partial(one, x=1)", "pass", "record"),
        ("def one(message, x): ...", "functools.partial(one, x=1)", "fail", "message"),
        ("from other import one", "one", "unknown", None),
    ],
)
def test_batch_record_parameter(
    definition: str, handler: str, outcome: str, value: str | None
) -> None:
    text = (
        f"{definition}\n\ndef handler(event, c):\n    return {CALL.replace('HANDLER', handler)}\n"
    )
    (spot,) = batch_record_parameter(module(text))
    assert spot.outcome.value == outcome
    assert spot.values.get("value") == value


def test_batch_record_parameter_knows_the_other_ways_to_say_it() -> None:
    for call in (
        "process_partial_response(event, one, p, c)",
        "async_process_partial_response(event, one, p)",
        "processor(records, record_handler=one)",
    ):
        text = f"def one(message): ...\n{call}\n"
        assert [s.outcome.value for s in batch_record_parameter(module(text))] == ["fail"]


def test_batch_record_parameter_says_nothing_without_a_batch() -> None:
    text = "def handler(event, context): return process(event)\n"
    assert list(batch_record_parameter(module(text))) == []


@pytest.mark.parametrize(
    "predicate", [module_state_mutated, cached_request_function, batch_record_parameter]
)
@pytest.mark.parametrize("text", ["print 'python 2'\n", "def f(:\n", "a = (" * 500, "x = '\0'"])
def test_what_is_not_python_is_unknown(predicate: object, text: str) -> None:
    assert callable(predicate)
    (spot,) = predicate(module(text))
    assert spot.outcome.value == "unknown"
    assert spot.reason is not None and spot.reason.word == "not-python"


def test_what_parses_but_does_not_compile_has_no_state() -> None:
    assert [s.outcome.value for s in module_state_mutated(module("return 1\n"))] == ["pass"]

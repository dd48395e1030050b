"""A burst beyond the limits is answered with 429, other callers go on, and a client that waits
gets every call through.

Real: the limits, the API key's requirement and the 429 answers, read from the translated template
of a generated project; both sample clients; HTTP between them and the gateway. Simulated: API
Gateway itself, as token buckets in the documented order (usage plan, method, account), and its
clock, which stands still for a burst and runs eight times as fast while clients wait. The real
service applies limits on a best-effort basis and may let a little more through.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from catalog.conftest import Project
from tests.bar import translate

ID = "apigw-throttling"
ACCOUNT = (10_000, 5_000)
"""Rate and burst that all APIs of an account share in a Region by default."""

DEFAULT_STATUS = {"THROTTLED": 429, "QUOTA_EXCEEDED": 429, "INVALID_API_KEY": 403}
BURST = 40
ORDER = {"customer_id": "c-1", "sku": "tea-100", "quantity": 2}

Make = Callable[..., Project]
Sample = Callable[[str], ModuleType]


class Clock:
    """Seconds of the gateway: it stands still until `start`, then runs `SPEED` times as fast."""

    SPEED = 8.0

    def __init__(self) -> None:
        self._started: float | None = None

    def start(self) -> None:
        self._started = self._started or time.monotonic()

    def now(self) -> float:
        return (time.monotonic() - self._started) * self.SPEED if self._started else 0.0

    def sleep(self, seconds: float) -> None:
        self.start()
        time.sleep(seconds / self.SPEED)


class Bucket:
    """A token bucket, full at first."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = float(burst), 0.0

    def take(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Gateway:
    """API Gateway in front of `POST /orders`, set up as a translated template says."""

    def __init__(self, template: dict[str, Any], clock: Clock | None = None) -> None:
        kinds = {r["Type"]: r["Properties"] for r in template["Resources"].values()}
        body = kinds["AWS::ApiGateway::RestApi"]["Body"]
        self.clock = clock or Clock()
        self.responses = body.get("x-amazon-apigateway-gateway-responses", {})
        self.key_required = "api_key" in str(body["paths"]["/orders"]["post"].get("security"))
        self.plan = kinds.get("AWS::ApiGateway::UsagePlan", {})
        self.method = method_limit(kinds["AWS::ApiGateway::Stage"].get("MethodSettings", []))
        self.account = Bucket(*ACCOUNT)
        self.keys: dict[str, Bucket] = {}
        self.used: Counter[str] = Counter()
        self.reached: Counter[str | None] = Counter()
        self.refused: Counter[str] = Counter()
        self._lock = threading.Lock()

    def call(self, key: str | None) -> tuple[int, dict[str, str]]:
        """Status and headers of one call."""
        with self._lock:
            refusal = self._refusal(key)
            if refusal is None:
                self.reached[key] += 1
                return 201, {}
            self.refused[refusal] += 1
        response = self.responses.get(refusal, {})
        prefix = "gatewayresponse.header."
        headers = response.get("responseParameters", {}).items()
        return int(response.get("statusCode", DEFAULT_STATUS[refusal])), {
            name.removeprefix(prefix): value.strip("'") for name, value in headers
        }

    def _refusal(self, key: str | None) -> str | None:
        now = self.clock.now()
        if self.key_required:
            if key is None:
                return "INVALID_API_KEY"
            if self.used[key] >= self.plan["Quota"]["Limit"]:
                return "QUOTA_EXCEEDED"
            throttle = self.plan["Throttle"]
            limit = Bucket(throttle["RateLimit"], throttle["BurstLimit"])
            if not self.keys.setdefault(key, limit).take(now):
                return "THROTTLED"
        for bucket in filter(None, (self.method, self.account)):
            if not bucket.take(now):
                return "THROTTLED"
        self.used[str(key)] += 1
        return None


def method_limit(settings: list[dict[str, Any]]) -> Bucket | None:
    """The limit of `POST /orders`: its own, else that of all methods, else none."""
    by_method = {(s["HttpMethod"], s["ResourcePath"]): s for s in settings}
    found = by_method.get(("POST", "/orders")) or by_method.get(("*", "/*"))
    return Bucket(found["ThrottlingRateLimit"], found["ThrottlingBurstLimit"]) if found else None


@contextmanager
def serving(gateway: Gateway) -> Iterator[str]:
    """The gateway behind a real HTTP server; the URL of `POST /orders`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = gateway.call(self.headers.get("x-api-key"))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 2 * BURST

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/orders"
    finally:
        server.shutdown()
        server.server_close()


def together(send: Callable[[], Any]) -> list[Any]:
    """What `BURST` calls at the same time return."""
    with ThreadPoolExecutor(BURST) as pool:
        return [done.result() for done in [pool.submit(send) for _ in range(BURST)]]


def patient(client: ModuleType, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the client sleep on the gateway's clock; the pauses that it makes."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.sleep(seconds)

    monkeypatch.setattr(client, "time", SimpleNamespace(sleep=sleep))
    return pauses


def test_without_it_one_caller_uses_up_what_the_whole_account_shares(project: Make) -> None:
    gateway = Gateway(project().translated)
    for _ in range(ACCOUNT[1] + 1):
        gateway.call("runaway")
    assert gateway.reached["runaway"] == ACCOUNT[1]
    assert gateway.call("neighbour")[0] == 429


def test_with_it_the_same_burst_leaves_the_neighbour_alone(project: Make) -> None:
    gateway = Gateway(project(ID).translated)
    for _ in range(ACCOUNT[1] + 1):
        gateway.call("runaway")
    assert gateway.reached["runaway"] == gateway.plan["Throttle"]["BurstLimit"]
    assert gateway.call("neighbour")[0] == 201


def test_many_keys_together_stop_at_the_limit_of_the_method(project: Make) -> None:
    gateway = Gateway(project(ID).translated)
    for number in range(10 * BURST):
        gateway.call(f"client-{number}")
    assert gateway.method is not None
    assert gateway.reached.total() == gateway.method.burst < 10 * BURST


def test_the_naive_client_loses_what_is_over_the_burst(project: Make, sample: Sample) -> None:
    gateway = Gateway(project(ID).translated)
    client = sample("before.py")
    with serving(gateway) as url:
        taken = together(lambda: client.send(url, "key", ORDER))
    allowed = gateway.plan["Throttle"]["BurstLimit"]
    assert Counter(taken) == {True: allowed, False: BURST - allowed}


def test_the_waiting_client_gets_every_call_through(
    project: Make, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(project(ID).translated)
    client = sample("after.py")
    pauses = patient(client, gateway.clock, monkeypatch)
    with serving(gateway) as url:
        together(lambda: client.send(url, "key", ORDER))
    assert gateway.reached["key"] == BURST
    assert gateway.refused["THROTTLED"] == len(pauses) > 0
    _, headers = refusal(gateway)
    assert min(pauses) >= float(headers["Retry-After"]) > 0
    assert len(set(pauses)) == len(pauses), "the random part keeps clients from coming together"


def test_a_used_up_quota_is_not_tried_again(
    project: Make, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(project(ID, apigw_throttling_quota_limit=3).translated)
    client = sample("after.py")
    pauses = patient(client, gateway.clock, monkeypatch)
    with serving(gateway) as url:
        for _ in range(3):
            client.send(url, "key", ORDER)
        with pytest.raises(client.NotTaken, match="429 to attempt 1"):
            client.send(url, "key", ORDER)
    assert gateway.reached["key"] == 3
    assert pauses == []


def test_a_call_without_a_key_is_refused(project: Make) -> None:
    assert Gateway(project(ID).translated).call(None)[0] == 403


def test_a_plan_without_required_keys_limits_nobody() -> None:
    example = Path(__file__).parent / "examples" / "usage-plan-needs-keys.fail.yaml"
    gateway = Gateway(translate(example.read_text(encoding="utf-8")))
    assert gateway.plan["Throttle"]["BurstLimit"] < BURST
    assert {gateway.call(None)[0] for _ in range(BURST)} == {201}


def test_the_outputs_name_the_key_and_the_plan_that_sam_makes(project: Make) -> None:
    template = project(ID).translated
    made = {name: r["Type"] for name, r in template["Resources"].items()}
    outputs = {name: made.get(o["Value"].get("Ref")) for name, o in template["Outputs"].items()}
    assert outputs["ApiKeyId"] == "AWS::ApiGateway::ApiKey"
    assert outputs["UsagePlanId"] == "AWS::ApiGateway::UsagePlan"


def refusal(gateway: Gateway) -> tuple[int, dict[str, str]]:
    """The gateway's answer to a throttled call."""
    while (answer := gateway.call("impatient"))[0] != 429:
        pass
    return answer

"""A token in the code is stuck there; one in Secrets Manager is replaced without a refused order.

Real: the code of a generated project that sends orders, reads the token and rotates it; the
samples, among them the downstream's side; HTTP between them; the policies and conditions of the
translated template. Simulated: Secrets Manager (moto) and the calls that it makes to the rotation
function, the clocks of the token's cache and of the downstream, and IAM, whose decisions are
computed from the policies as its reference describes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import base, clear_caches
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import secretsmanager_backends

from catalog.conftest import Project
from tests.iam import Decision, Request, decide, resolved

ID = "secrets-manager"
ORDER = {"customer_id": "c-1", "sku": "tea-100", "quantity": 2}
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
ACCOUNT = "111122223333"
READER = "arn:aws:iam::999999999999:role/fulfilment"
LITERAL = re.compile(r"""(?i:token|secret|password)\w* *[=:] *["']([^"']+)["']""")
"""A credential that is written into the code."""

Make = Callable[..., Project]
Sample = Callable[[str], ModuleType]
Code = Callable[[Project, str], ModuleType]


class Clock:
    """The time of the token's cache and of the downstream; it stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Clock:
        """Let the cache of Powertools use this clock."""
        start, clock = datetime(2026, 1, 1), self

        class Moved(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return start + timedelta(seconds=clock.seconds)

        monkeypatch.setattr(base, "datetime", Moved)
        return self


@dataclass
class Downstream:
    """The downstream with the sample's verifier: it answers 401 to a token that it refuses."""

    verifier: Any
    url: str = ""
    answers: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[Downstream]:
        """Serve it; `url` is set while this lasts."""
        downstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(201)

            def do_HEAD(self) -> None:
                self._answer(405)

            def _answer(self, status: int) -> None:
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                status = status if downstream.verifier.accepts(token) else 401
                downstream.answers.append(status)
                downstream.tokens.append(token)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output clean."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}/orders"
        yield self
        server.shutdown()
        server.server_close()


@dataclass
class World:
    """A secret in moto, made as the template says, and the downstream that verifies its token."""

    secret: str
    clock: Clock
    downstream: Downstream

    def value(self, stage: str = "AWSCURRENT") -> str:
        client = boto3.client("secretsmanager")
        found = client.get_secret_value(SecretId=self.secret, VersionStage=stage)
        return str(found["SecretString"])

    def rotate(self, handler: Callable[..., Any], between: Callable[[], Any] = str) -> None:
        """Call the rotation function as Secrets Manager does; `between` runs before each step."""
        version = str(uuid4())
        for step in STEPS:
            between()
            event = {"SecretId": self.secret, "ClientRequestToken": version, "Step": step}
            handler(event, LambdaContext())
            self.clock.seconds += 10
        # moto does not let a reading without a label follow AWSCURRENT.
        client = boto3.client("secretsmanager")
        labels = client.describe_secret(SecretId=self.secret)["VersionIdsToStages"]
        (current,) = [version for version, stages in labels.items() if "AWSCURRENT" in stages]
        backend = secretsmanager_backends[DEFAULT_ACCOUNT_ID]["ap-northeast-1"]
        backend.secrets[self.secret].set_default_version_id(current)


@pytest.fixture
def world(
    project: Make, sample: Sample, monkeypatch: pytest.MonkeyPatch, code: Code
) -> Iterator[World]:
    """The service's secret and its downstream, before any rotation."""
    clear_caches()
    clock = Clock().install(monkeypatch)
    (secret,) = project(ID).resources("AWS::SecretsManager::Secret").values()
    wanted = secret["Properties"]["GenerateSecretString"]
    with mock_aws():
        client = boto3.client("secretsmanager")
        token = client.get_random_password(**wanted)["RandomPassword"]
        arn = client.create_secret(Name="token", SecretString=token)["ARN"]
        monkeypatch.setenv("TOKEN_SECRET_ARN", arn)
        verifying = sample("verifier.py")
        monkeypatch.setattr(verifying, "time", SimpleNamespace(monotonic=lambda: clock.seconds))
        with Downstream(verifying.Verifier(arn)).listening() as downstream:
            monkeypatch.setenv("DOWNSTREAM_URL", downstream.url)
            yield World(arn, clock, downstream)


@pytest.fixture
def service(project: Make, code: Code) -> SimpleNamespace:
    """The modules of a generated project, as one execution environment has them."""
    made = project(ID)
    order = code(made, "orders.order").Order.new(ORDER)
    downstream, rotation = code(made, "orders.downstream"), code(made, "orders.rotation")
    return SimpleNamespace(
        deliver=lambda: downstream.deliver(order),
        refused=downstream.DownstreamError,
        rotate=rotation.handler,
        not_accepted=rotation.TokenNotAccepted,
        max_age=code(made, "orders.credential").MAX_AGE,
    )


def test_without_it_a_replaced_token_is_refused_until_somebody_deploys(
    world: World, sample: Sample
) -> None:
    client, before = boto3.client("secretsmanager"), sample("before.py")
    client.put_secret_value(SecretId=world.secret, SecretString=before.TOKEN)
    assert before.send(world.downstream.url, ORDER) == 201
    # Replaced twice, as after a leak: the first replacement leaves the old token valid.
    for replacement in ("replacement-1", "replacement-2"):
        client.put_secret_value(SecretId=world.secret, SecretString=replacement)
    for _ in range(3):
        world.clock.seconds += 3600
        assert before.send(world.downstream.url, ORDER) == 401


def test_without_it_the_token_can_be_read_in_the_repository(sample: Sample) -> None:
    path = Path(__file__).parent / "samples" / "before.py"
    found = LITERAL.search(path.read_text(encoding="utf-8"))
    assert found and found[1] == sample("before.py").TOKEN


def test_with_it_there_is_no_literal_in_template_or_code(project: Make) -> None:
    made = project(ID, "sqs-buffering")
    (secret,) = made.resources("AWS::SecretsManager::Secret").values()
    assert "SecretString" not in secret["Properties"]
    for function in made.resources("AWS::Lambda::Function").values():
        variables = function["Properties"].get("Environment", {}).get("Variables", {})
        named = {k: v for k, v in variables.items() if re.search("TOKEN|SECRET|PASSWORD", k)}
        assert all(value == {"Ref": "DownstreamToken"} for value in named.values())
    code = [p.read_text(encoding="utf-8") for p in (made.path / "src").rglob("*.py")]
    assert not re.search(
        r"Bearer [A-Za-z0-9]|(?i:token|secret|password)\w* *= *[\"'][^\"']", "".join(code)
    )


def test_a_replaced_token_is_read_after_the_cache_age_and_not_before(
    world: World, service: SimpleNamespace
) -> None:
    service.deliver()
    old = world.value()
    world.rotate(service.rotate)
    world.clock.seconds = service.max_age
    service.deliver()
    assert world.downstream.tokens[-1] == old == world.value("AWSPREVIOUS")
    world.clock.seconds = service.max_age + 1
    service.deliver()
    assert world.downstream.tokens[-1] == world.value() != old


def test_the_sample_does_the_same(world: World, sample: Sample, service: SimpleNamespace) -> None:
    after = sample("after.py")
    assert after.send(world.downstream.url, ORDER) == 201
    for _ in range(2):
        world.rotate(service.rotate)
    assert not world.downstream.verifier.accepts("a guess, which makes it read the secret again")
    assert after.send(world.downstream.url, ORDER) == 201
    assert world.downstream.answers[-2:] == [401, 201]
    world.rotate(service.rotate)
    world.clock.seconds += after.MAX_AGE
    answers = len(world.downstream.answers)
    assert after.send(world.downstream.url, ORDER) == 201
    assert world.downstream.answers[answers:] == [201]
    assert world.downstream.tokens[-1] == world.value()


def test_no_order_is_refused_while_the_token_is_rotated(
    world: World, service: SimpleNamespace
) -> None:
    for _ in range(5):
        world.rotate(service.rotate, between=service.deliver)
        for _ in range(10):
            service.deliver()
            world.clock.seconds += 60
    assert 401 not in world.downstream.answers
    assert len(set(world.downstream.tokens)) == 6


def test_after_a_leak_two_rotations_make_the_token_useless_and_no_order_is_lost(
    world: World, service: SimpleNamespace, sample: Sample
) -> None:
    service.deliver()
    leaked = world.value()
    for _ in range(2):
        world.rotate(service.rotate)
    assert not world.downstream.verifier.accepts("a guess, which makes it read the secret again")
    # The environment still has the leaked token: it is refused, read again, and sent.
    service.deliver()
    assert world.downstream.answers[-2:] == [401, 201]
    assert world.downstream.tokens[-2:] == [leaked, world.value()]
    assert not world.downstream.verifier.accepts(leaked)


def test_a_token_that_the_downstream_does_not_know_stops_the_rotation(
    world: World, service: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.deliver()
    old = world.value()
    known = world.downstream.verifier.accepts
    monkeypatch.setattr(world.downstream.verifier, "accepts", lambda t: t == old and known(t))
    with pytest.raises(service.not_accepted):
        world.rotate(service.rotate)
    assert world.value() == old
    world.clock.seconds += service.max_age + 1
    service.deliver()
    assert world.downstream.answers[-1] == 201


class Names(dict[str, str]):
    """What the template's references give in one deployment."""

    def __missing__(self, name: str) -> str:
        return f"arn:aws:other:::{name}"


NAMES = Names(
    {
        "AWS::Partition": "aws",
        "AWS::AccountId": ACCOUNT,
        "AWS::Region": "ap-northeast-1",
        "AWS::StackName": "orders",
        "DownstreamToken": f"arn:aws:secretsmanager:ap-northeast-1:{ACCOUNT}:secret:token-AbCdEf",
        "DownstreamTokenKey.Arn": f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/k-1",
        "TokenReaderArn": READER,
        "Network.Outputs.SecretsManagerEndpointId": "vpce-0a1b2c3d",
    }
)
ADMINISTRATOR = [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"


def role(made: Project, name: str) -> tuple[str, list[Any]]:
    """The ARN of a role of the project, and the policies in it."""
    properties = resolved(made.resources("AWS::IAM::Role")[name]["Properties"], NAMES, {})
    arn = f"arn:aws:iam::{ACCOUNT}:role{properties['Path']}orders-{name}-1ABC"
    return arn, [policy["PolicyDocument"] for policy in properties["Policies"]]


def decided(made: Project, action: str, arn: str, own: list[Any], endpoint: str = "") -> Decision:
    """What the principal's own policies and the secret's say of an action on the secret."""
    (policy,) = made.resources("AWS::SecretsManager::ResourcePolicy").values()
    document = resolved(policy["Properties"]["ResourcePolicy"], NAMES, {})
    context = {"aws:PrincipalArn": arn, **({"aws:SourceVpce": endpoint} if endpoint else {})}
    request = Request(f"secretsmanager:{action}", NAMES["DownstreamToken"], arn, context)
    return decide([*own, document], request)


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("ApiFunctionRole", {"GetSecretValue"}),
        ("WorkerFunctionRole", {"GetSecretValue"}),
        ("TokenReaderRole", {"GetSecretValue"}),
        (
            "TokenRotationFunctionRole",
            {"DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"},
        ),
    ],
)
def test_a_role_may_do_with_the_secret_what_it_is_there_for(
    name: str, actions: set[str], project: Make
) -> None:
    made = project(ID, "sqs-buffering")
    arn, own = role(made, name)
    others = {"DeleteSecret", "DeleteResourcePolicy", "PutResourcePolicy", "RotateSecret"}
    tried = {"DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"}
    allowed = {a for a in tried | others if decided(made, a, arn, own) is Decision.allow}
    assert allowed == actions


@pytest.mark.parametrize(
    "arn", [ADMIN, f"arn:aws:iam::{ACCOUNT}:role/another-stack/token/reader", READER]
)
def test_nobody_else_reads_the_token_whatever_else_he_may(arn: str, project: Make) -> None:
    assert decided(project(ID), "GetSecretValue", arn, ADMINISTRATOR) is Decision.deny


def test_with_an_endpoint_the_functions_read_through_it_only(project: Make) -> None:
    made = project(ID, "vpc-endpoints")
    for name in ("ApiFunctionRole", "TokenRotationFunctionRole"):
        arn, own = role(made, name)
        ways = ("vpce-0a1b2c3d", "vpce-other", "")
        found = [decided(made, "GetSecretValue", arn, own, way) for way in ways]
        assert found == [Decision.allow, Decision.deny, Decision.deny]
    arn, own = role(made, "TokenReaderRole")
    assert decided(made, "GetSecretValue", arn, own) is Decision.allow


def test_an_administrator_can_still_replace_the_token_and_the_policy(project: Make) -> None:
    for action in ("PutSecretValue", "PutResourcePolicy", "DeleteResourcePolicy", "RotateSecret"):
        assert decided(project(ID), action, ADMIN, ADMINISTRATOR) is Decision.allow


def test_only_the_named_downstream_becomes_the_reader(project: Make) -> None:
    properties = project(ID).resources("AWS::IAM::Role")["TokenReaderRole"]["Properties"]
    trust = resolved(properties["AssumeRolePolicyDocument"], NAMES, {})
    other = READER.replace("fulfilment", "other")
    assert decide([trust], Request("sts:AssumeRole", "*", READER)) is Decision.allow
    assert decide([trust], Request("sts:AssumeRole", "*", other)) is Decision.none


def test_the_key_decrypts_for_the_function_through_secrets_manager_only(project: Make) -> None:
    arn, own = role(project(ID), "ApiFunctionRole")
    via = {"kms:ViaService": "secretsmanager.ap-northeast-1.amazonaws.com"}
    key = NAMES["DownstreamTokenKey.Arn"]
    assert decide(own, Request("kms:Decrypt", key, arn, via)) is Decision.allow
    assert decide(own, Request("kms:Decrypt", key, arn)) is Decision.none


def test_only_secrets_manager_calls_the_rotation_function_and_only_for_this_secret(
    project: Make,
) -> None:
    permission = project(ID).resources("AWS::Lambda::Permission")["TokenRotationPermission"]
    assert permission["Properties"]["Principal"] == "secretsmanager.amazonaws.com"
    assert permission["Properties"]["SourceArn"] == {"Ref": "DownstreamToken"}
    assert permission["Properties"]["SourceAccount"] == {"Ref": "AWS::AccountId"}

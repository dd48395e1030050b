"""Two callers after each other in one execution environment.

Without the safeguard (`before.py`), the second caller is given the first one's article and
warning, from a module list and from a default argument, and the second's log line carries the
first one's coupon and customer id. With it (`after.py`), nothing of the first is there. Then the
generated project: its own test passes as generated, and fails for each of three leaks put into its
handler. Last, the sample for tenant isolation mode passes cfn-lint before and after the SAM
transform and maps the tenant id from the authorizer; with a queue as the source, the transform
refuses it.

Real: the handlers, Powertools Logger with its JSON lines, the generated project with its test,
cfn-lint, the SAM transform. Simulated: the warm execution environment is a Python process that
calls the handler twice, as the Lambda runtime does. Tenant isolation mode itself runs in AWS only.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from catalog.conftest import Project
from tests.bar import OF_THE_TRANSFORM, lint, translate

FIRST = {"customer_id": "c-first", "sku": "tea-first", "quantity": 500, "coupon": "coupon-first"}
SECOND = {"customer_id": "c-second", "sku": "tea-second", "quantity": 1}


def context(number: int) -> LambdaContext:
    """The context of one invocation; all invocations are of the same function."""
    made = LambdaContext()
    made._function_name = "checkout"
    made._memory_limit_in_mb = 512
    made._invoked_function_arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:checkout"
    made._aws_request_id = f"request-{number}"
    return made


def second_call(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the second caller gets: the response, and the line in the log."""
    lines = io.StringIO()
    monkeypatch.setattr(environment.logger.handlers[0], "stream", lines)
    environment.handler(FIRST, context(1))
    lines.truncate(0)
    response = environment.handler(SECOND, context(2))
    return response, json.loads(lines.getvalue().strip("\x00\n"))


def test_without_it_the_second_caller_gets_the_first_ones_data(
    sample: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    response, line = second_call(sample("before.py"), monkeypatch)
    assert response["viewed"] == ["tea-first", "tea-second"]
    assert response["warnings"] == ["c-first ordered 500"]
    assert line["function_request_id"] == "request-2"
    assert (line["coupon"], line["customer_id"]) == ("coupon-first", "c-first")


def test_with_it_nothing_of_the_first_is_left(
    sample: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    response, line = second_call(sample("after.py"), monkeypatch)
    assert response == {"viewed": ["tea-second"], "warnings": []}
    assert line["function_request_id"] == "request-2"
    assert "first" not in json.dumps(line)


ACCEPTED = 'logger.info("order accepted", extra={"order_id": order.order_id})'
RESPONSE = 'return {"order_id": order.order_id}, submission.STATUS'
SEEN = "SEEN: list[str] = []\napp = "
KEEP = "def seen(skus: list[str] = []) -> list[str]: return skus\n\napp = "
LEAKS = {
    "response": {
        "app = ": SEEN,
        RESPONSE: 'SEEN.append(order.sku); return {"order_id": str(SEEN)}, submission.STATUS',
    },
    "log": {
        "app = ": SEEN,
        ACCEPTED: 'SEEN.append(order.sku); logger.info("accepted", extra={"seen": str(SEEN)})',
    },
    "default argument": {"app = ": KEEP, ACCEPTED: f"seen().append(order.sku); {ACCEPTED}"},
}
"""What is replaced in the generated handler, and by what. The last leak is not visible yet."""


def own_test(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the test that the safeguard gives the project."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "tests/test_warm_instance.py"],
        cwd=project,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def test_the_project_passes_its_own_test(project: Callable[..., Project]) -> None:
    done = own_test(project("warm-instance-isolation").path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("leak", LEAKS)
def test_the_projects_own_test_finds_a_leak(
    leak: str, project: Callable[..., Project], tmp_path: Path
) -> None:
    leaky = shutil.copytree(project("warm-instance-isolation").path, tmp_path / "leaky")
    handler = leaky / "src" / "orders" / "api.py"
    text = handler.read_text(encoding="utf-8")
    for old, new in LEAKS[leak].items():
        assert old in text
        text = text.replace(old, new, 1)
    handler.write_text(text, encoding="utf-8")
    done = own_test(leaky)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED tests/test_warm_instance.py::test_no_state_changes" in done.stdout
    visible = "FAILED tests/test_warm_instance.py::test_nothing_of_the_first" in done.stdout
    assert visible == (leak != "default argument")


SAMPLE = Path(__file__).parent / "samples" / "tenant-isolation.yaml"


def test_the_sample_for_tenant_isolation_mode_is_a_good_template() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    assert lint(text) == []
    translated = translate(text)
    assert lint(json.dumps(translated, indent=1), OF_THE_TRANSFORM) == []
    resources = translated["Resources"]
    assert resources["TenantFunction"]["Properties"]["TenancyConfig"] == {
        "TenantIsolationMode": "PER_TENANT"
    }
    method = resources["Api"]["Properties"]["Body"]["paths"]["/orders"]["post"]
    assert method["security"] == [{"TenantAuthorizer": []}]
    assert method["x-amazon-apigateway-integration"]["requestParameters"] == {
        "integration.request.header.X-Amz-Tenant-Id": "context.authorizer.tenantId"
    }


def test_tenant_isolation_mode_excludes_a_queue() -> None:
    route = "Type: Api\n{0}Properties:\n{1}RestApiId: !Ref Api\n{1}Path: /orders\n{1}Method: POST"
    queue = "Type: SQS\n{0}Properties:\n{1}Queue: arn:aws:sqs:ap-northeast-1:123456789012:orders"
    indents = (" " * 10, " " * 12)
    text = SAMPLE.read_text(encoding="utf-8")
    assert route.format(*indents) in text
    with pytest.raises(Exception, match="'SQS' is not supported for functions enabled with"):
        translate(text.replace(route.format(*indents), queue.format(*indents)))

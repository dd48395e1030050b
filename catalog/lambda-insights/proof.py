"""The template is translated, and each function is asked for the extension and its permission.

Without the safeguard, no function has either. With an ARN, every function has the layer and the
policy, also those that other safeguards bring. Without an ARN, the template still deploys, with
no layer. Then the samples: the role in `before.yaml` is not allowed to write where the extension
writes, so its function would have the extension and no data; the role in `after.yaml` is allowed
to. At last the runbook: its queries use only fields that an event of Lambda Insights has.

Real: the generated templates after the SAM transform, AWS's managed policy as moto ships it, and
the document of an event as AWS publishes it. Simulated: CloudFormation, whose conditions are
evaluated here, and IAM, whose decision moto makes. The extension itself does not run here; what
it measures, and what it costs, is not shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.bar import OF_THE_TRANSFORM, lint, translate
from tests.combinations.selections import catalog

ID = "lambda-insights"
SAMPLES = Path(__file__).parent / "samples"
POLICY = "CloudWatchLambdaInsightsExecutionRolePolicy"
ARN = "arn:aws:lambda:ap-northeast-1:580247275435:layer:LambdaInsightsExtension-Arm64:34"
EVENTS = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/lambda-insights:log-stream:orders"

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-example-event.html
FIELDS = frozenset(
    {
        *("function_name", "version", "request_id", "trace_id", "duration", "billed_duration"),
        *("billed_mb_ms", "cold_start", "init_duration", "tmp_free", "tmp_max", "threads_max"),
        *("used_memory_max", "total_memory", "memory_utilization", "cpu_user_time"),
        *("cpu_system_time", "cpu_total_time", "fd_use", "fd_max", "tx_bytes", "rx_bytes"),
    }
)

Make = Callable[..., Any]


def together(*first: str) -> list[str]:
    """Some safeguards, and all others that can be chosen with them."""
    entries, chosen = catalog(), list(first)
    for entry in entries.safeguards:
        active = set(entries.closure([*chosen, entry.id]))
        if not any(set(entries.entries[i].pattern.conflicts) & active for i in active):
            chosen.append(entry.id)
    return chosen


class Stack:
    """A translated template with the defaults of its parameters."""

    def __init__(self, template: dict[str, Any]) -> None:
        self.template = template

    def value(self, expression: Any) -> Any:
        """What a `Ref` to a parameter, or a condition's function, comes to."""
        match expression:
            case {"Ref": "AWS::NoValue"}:
                return None
            case {"Ref": str(name)} if name in self.template.get("Parameters", {}):
                return self.template["Parameters"][name]["Default"]
            case {"Fn::Equals": [left, right]}:
                return self.value(left) == self.value(right)
            case {"Fn::Not": [inner]}:
                return not self.value(inner)
            case {"Fn::If": [condition, then, otherwise]}:
                holds = self.value(self.template["Conditions"][condition])
                return self.value(then if holds else otherwise)
        return expression

    def functions(self) -> dict[str, tuple[list[Any], list[str]]]:
        """Each function's layers and its managed policies."""
        found = {}
        for name, resource in self.template["Resources"].items():
            if resource["Type"] == "AWS::Lambda::Function":
                properties = resource["Properties"]
                role = self.template["Resources"][properties["Role"]["Fn::GetAtt"][0]]
                layers = [self.value(layer) for layer in properties.get("Layers", [])]
                found[name] = (
                    [layer for layer in layers if layer is not None],
                    role["Properties"].get("ManagedPolicyArns", []),
                )
        return found


def test_without_it_no_function_has_the_extension(project: Make) -> None:
    functions = Stack(project("sqs-buffering").translated).functions()
    assert len(functions) == 2
    for layers, policies in functions.values():
        assert layers == []
        assert not any(POLICY in policy for policy in policies)


def test_with_an_arn_every_function_has_layer_and_policy(project: Make) -> None:
    made = project(*together(ID, "sam-deployment-preference"), lambda_insights_layer_arn=ARN)
    functions = Stack(made.translated).functions()
    assert {"ApiFunction", "WorkerFunction", "ApiPreTrafficFunction"} <= set(functions)
    for name, (layers, policies) in functions.items():
        assert ARN in layers, name
        assert f"arn:aws:iam::aws:policy/{POLICY}" in policies, name


def test_without_an_arn_the_template_deploys_with_no_layer(project: Make) -> None:
    translated = project(ID).translated
    assert lint(json.dumps(translated, indent=1), OF_THE_TRANSFORM) == []
    assert [layers for layers, _ in Stack(translated).functions().values()] == [[]]


@pytest.mark.parametrize(
    ("arn", "taken"),
    [
        ("", True),
        (ARN, True),
        (ARN.replace("-Arm64", ""), True),
        (ARN.rpartition(":")[0], False),
        (ARN.replace("LambdaInsightsExtension", "LambdaInsight"), False),
        ("LambdaInsightsExtension-Arm64", False),
    ],
)
def test_the_parameter_takes_only_the_extensions_arn(arn: str, taken: bool, project: Make) -> None:
    parameter = project(ID).translated["Parameters"]["LambdaInsightsLayerArn"]
    assert bool(re.search(parameter["AllowedPattern"], arn)) is taken


def allowed(role: dict[str, Any], action: str, resource: str) -> bool:
    """Whether a role's policies allow an action, as IAM decides it."""
    managed = json.loads(aws_managed_policies_data)
    documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
    for arn in role.get("ManagedPolicyArns", []):
        documents.append(managed[arn.rpartition("/")[2]]["Document"])
    policies = [IAMPolicy(json.dumps(document)) for document in documents]
    decisions = [policy.is_action_permitted(action, resource) for policy in policies]
    assert PermissionResult.DENIED not in decisions
    return PermissionResult.PERMITTED in decisions


@pytest.mark.parametrize(("name", "writes"), [("before.yaml", False), ("after.yaml", True)])
def test_only_with_the_policy_can_the_extension_write(name: str, writes: bool) -> None:
    template = translate((SAMPLES / name).read_text(encoding="utf-8"))
    role = template["Resources"]["OrdersRole"]["Properties"]
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert allowed(role, action, EVENTS) is writes
    assert allowed(role, "logs:CreateLogGroup", EVENTS) is writes


def test_the_queries_use_fields_that_an_event_has(project: Make) -> None:
    for language in ("ja", "en"):
        made = project(ID, language=language)
        runbook = (made.path / "runbooks" / f"{ID}.md").read_text(encoding="utf-8")
        fenced = re.findall(r"^```(\w*)\n(.*?)^```$", runbook, re.DOTALL | re.MULTILINE)
        queries = [text for kind, text in fenced if not kind]
        assert len(queries) == 2
        for query in queries:
            used = set(re.findall(r"\b(?:max|avg)\((\w+)\)|\bby (\w+)|filter (\w+)", query))
            names = {name for groups in used for name in groups if name} - {"bin"}
            assert names and names <= FIELDS

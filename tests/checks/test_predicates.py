"""The named predicates on templates."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from scaffolder.checks.evaluate import Found
from tests.checks.support import predicate, template


def said(found: list[Found]) -> list[tuple[str, str]]:
    return [(one.resource, one.outcome.value) for one in found]


def lines(text: str, found: list[Found]) -> list[int]:
    view = template(text).views[0]
    return [view.place(one.location).line for one in found]


def joined(*parts: str) -> str:
    return "Resources:\n" + "".join(
        textwrap.indent(textwrap.dedent(part).strip("\n"), "  ") + "\n" for part in parts
    )


def worker(function: str = "", event: str = "", kind: str = "Serverless") -> str:
    """A function that reads the queue, with more of its own and of the event's properties."""
    if kind == "Serverless":
        return f"""
        Worker:
          Type: AWS::Serverless::Function
          Properties:
            Runtime: python3.14
            {function or "Description: none"}
            Events:
              Orders:
                Type: SQS
                Properties:
                  Queue: !GetAtt Queue.Arn
                  {event or "Enabled: true"}
        """
    return f"""
    Worker:
      Type: AWS::Lambda::Function
      Properties:
        Runtime: python3.14
        {function or "Description: none"}
    Mapping:
      Type: AWS::Lambda::EventSourceMapping
      Properties:
        FunctionName: !Ref Worker
        EventSourceArn: !GetAtt Queue.Arn
        {event or "Enabled: true"}
    """


def queue(properties: str = "", name: str = "Queue") -> str:
    return f"""
    {name}:
      Type: AWS::SQS::Queue
      Properties:
        {properties or "Tags: []"}
    """


@pytest.mark.parametrize("kind", ["Serverless", "Lambda"])
@pytest.mark.parametrize(
    ("function", "event", "properties", "outcome", "value", "needed"),
    [
        ("", "", "", "pass", "30", "18"),
        ("Timeout: 5", "", "", "pass", "30", "30"),
        ("Timeout: 6", "", "", "fail", "30", "36"),
        ("Timeout: 5", "MaximumBatchingWindowInSeconds: 1", "", "fail", "30", "31"),
        ("Timeout: '10'", "", "VisibilityTimeout: '60'", "pass", "60", "60"),
        ("Timeout: 10", "", "VisibilityTimeout: 59", "fail", "59", "60"),
    ],
)
def test_queue_visibility(
    kind: str,
    function: str,
    event: str,
    properties: str,
    outcome: str,
    value: str,
    needed: str,
) -> None:
    text = joined(worker(function, event, kind), queue(properties))
    (found,) = predicate("queue_visibility", text)
    assert said([found]) == [("Queue", outcome)]
    assert (found.values["value"], found.values["needed"]) == (value, needed)
    assert found.values["function"] == "Worker"


def test_queue_visibility_takes_the_factor_and_points_at_the_value() -> None:
    text = joined(worker("Timeout: 10"), queue("VisibilityTimeout: 40"))
    (found,) = predicate("queue_visibility", text, factor=4)
    assert said([found]) == [("Queue", "pass")]
    assert text.splitlines()[lines(text, [found])[0] - 1].strip() == "VisibilityTimeout: 40"


@pytest.mark.parametrize(
    ("function", "event", "properties", "word"),
    [
        ("Timeout: !Ref AWS::Region", "", "", "pseudo-parameter"),
        ("Timeout: soon", "", "", "not-a-number"),
        ("", "MaximumBatchingWindowInSeconds: !ImportValue x", "", "function"),
        ("", "", "VisibilityTimeout: !ImportValue x", "function"),
    ],
)
def test_queue_visibility_is_unknown_with_a_number_that_is(
    function: str, event: str, properties: str, word: str
) -> None:
    (found,) = predicate("queue_visibility", joined(worker(function, event), queue(properties)))
    assert found.outcome.value == "unknown"
    assert found.reason is not None and found.reason.word == word


@pytest.mark.parametrize("name", ["queue_visibility", "queue_has_dlq"])
@pytest.mark.parametrize("arn", ["arn:aws:sqs:eu-west-1:1:q", "!ImportValue q", "!Ref Nowhere"])
def test_a_queue_that_is_not_here_is_unknown(name: str, arn: str) -> None:
    text = joined(worker().replace("!GetAtt Queue.Arn", arn))
    assert said(predicate(name, text)) == [("Worker", "unknown")]


@pytest.mark.parametrize("name", ["queue_visibility", "queue_has_dlq"])
def test_a_mapping_of_something_else_is_not_looked_at(name: str) -> None:
    text = joined(worker(kind="Lambda").replace("!GetAtt Queue.Arn", "!GetAtt Table.StreamArn"))
    assert predicate(name, text) == []


DLQ = "RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}"


@pytest.mark.parametrize("kind", ["Serverless", "Lambda"])
@pytest.mark.parametrize(
    ("properties", "outcome"),
    [
        (DLQ, "pass"),
        ("", "fail"),
        ("RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn}", "fail"),
        ("RedrivePolicy: !ImportValue p", "unknown"),
    ],
)
def test_queue_has_dlq(kind: str, properties: str, outcome: str) -> None:
    text = joined(worker(kind=kind), queue(properties))
    assert said(predicate("queue_has_dlq", text)) == [("Queue", outcome)]


def test_a_dead_letter_queue_needs_none() -> None:
    text = joined(
        worker(), queue(), queue("RedrivePolicy: {deadLetterTargetArn: !GetAtt Queue.Arn}", "Main")
    )
    (found,) = predicate("queue_has_dlq", text)
    assert found.outcome.value == "not-applicable"
    assert found.reason is not None and found.reason.word == "dead-letter-queue"


@pytest.mark.parametrize("kind", ["Serverless", "Lambda"])
@pytest.mark.parametrize(
    ("reserved", "limit", "outcomes"),
    [
        ("ReservedConcurrentExecutions: 5", "ScalingConfig: {MaximumConcurrency: 5}", ["pass"]),
        ("ReservedConcurrentExecutions: 4", "ScalingConfig: {MaximumConcurrency: 5}", ["fail"]),
        ("", "ScalingConfig: {MaximumConcurrency: 5}", []),
        ("ReservedConcurrentExecutions: 5", "", []),
        (
            "ReservedConcurrentExecutions: !ImportValue r",
            "ScalingConfig: {MaximumConcurrency: 5}",
            ["unknown"],
        ),
        ("ReservedConcurrentExecutions: 5", "ScalingConfig: !ImportValue s", ["unknown"]),
    ],
)
def test_max_concurrency_within_reserved(
    kind: str, reserved: str, limit: str, outcomes: list[str]
) -> None:
    text = joined(worker(reserved, limit, kind), queue())
    found = predicate("max_concurrency_within_reserved", text)
    assert said(found) == [("Worker", outcome) for outcome in outcomes]


def test_the_limits_of_all_queues_are_added() -> None:
    second = """
    Mapping:
      Type: AWS::Lambda::EventSourceMapping
      Properties:
        FunctionName: !GetAtt Worker.Arn
        EventSourceArn: !GetAtt Other.Arn
        ScalingConfig: {MaximumConcurrency: 3}
    """
    text = joined(
        worker("ReservedConcurrentExecutions: 5", "ScalingConfig: {MaximumConcurrency: 3}"),
        queue(),
        queue(name="Other"),
        second,
    )
    (found,) = predicate("max_concurrency_within_reserved", text)
    assert found.outcome.value == "fail"
    assert (found.values["value"], found.values["needed"]) == ("6", "5")


def deployed(alarms: str, alias: str = "AutoPublishAlias: live") -> str:
    return f"""
    Api:
      Type: AWS::Serverless::Function
      Properties:
        {alias}
        DeploymentPreference:
          Type: AllAtOnce
          Alarms: {alarms}
    """


def alarm(dimensions: str, namespace: str = "AWS/Lambda") -> str:
    return f"""
    Errors:
      Type: AWS::CloudWatch::Alarm
      Properties:
        Namespace: {namespace}
        Dimensions: {dimensions}
    """


@pytest.mark.parametrize(
    ("dimensions", "outcome"),
    [
        ("[{Name: Resource, Value: !Sub '${Api}:live'}]", "pass"),
        ("[{Name: Resource, Value: !Join [':', [!Ref Api, live]]}]", "pass"),
        ("[{Name: Resource, Value: 'orders:live'}]", "pass"),
        ("[{Name: FunctionName, Value: !Ref Api}]", "fail"),
        ("[{Name: Resource, Value: !Sub '${Api}:old'}]", "fail"),
        ("[{Name: Resource, Value: !Ref Api}]", "fail"),
        ("[{Name: Resource, Value: !ImportValue x}]", "unknown"),
        ("[{Name: Resource, Value: !Sub '${Api}:${AWS::StackName}'}]", "unknown"),
        ("[]", "fail"),
    ],
)
def test_alarms_watch_alias(dimensions: str, outcome: str) -> None:
    text = joined(deployed("[!Ref Errors]"), alarm(dimensions))
    assert said(predicate("alarms_watch_alias", text)) == [("Errors", outcome)]


def test_a_metric_in_a_list_of_metrics_counts() -> None:
    text = joined(
        deployed("[!Ref Errors]"),
        """
        Errors:
          Type: AWS::CloudWatch::Alarm
          Properties:
            Metrics:
              - MetricStat:
                  Metric:
                    Namespace: AWS/Lambda
                    Dimensions: [{Name: Resource, Value: !Sub '${Api}:live'}]
        """,
    )
    assert said(predicate("alarms_watch_alias", text)) == [("Errors", "pass")]


@pytest.mark.parametrize(
    ("alarms", "alias", "result"),
    [
        ("[!Ref Elsewhere]", "AutoPublishAlias: live", [("Api", "unknown")]),
        ("[orders-errors]", "AutoPublishAlias: live", [("Api", "unknown")]),
        ("!ImportValue alarms", "AutoPublishAlias: live", [("Api", "unknown")]),
        ("[!Ref Errors]", "Description: no alias", [("Api", "unknown")]),
        ("[!Ref Errors]", "AutoPublishAlias: !ImportValue a", [("Api", "unknown")]),
        ("[!Ref Api]", "AutoPublishAlias: live", []),
        ("[]", "AutoPublishAlias: live", []),
    ],
)
def test_alarms_that_cannot_be_judged(
    alarms: str, alias: str, result: list[tuple[str, str]]
) -> None:
    text = joined(deployed(alarms, alias), alarm("[]"))
    assert said(predicate("alarms_watch_alias", text)) == result


def test_alarms_on_other_metrics_and_switched_off_preferences_are_left_out() -> None:
    text = joined(deployed("[!Ref Errors]"), alarm("[]", "AWS/ApiGateway"))
    assert predicate("alarms_watch_alias", text) == []
    off = joined(deployed("[!Ref Errors]"), alarm("[]")).replace(
        "Type: AllAtOnce", "Enabled: false"
    )
    assert predicate("alarms_watch_alias", off) == []


def logging(function: str, group: str) -> str:
    return joined(
        f"""
        Api:
          Type: AWS::Serverless::Function
          Properties:
            {function}
        Group:
          Type: AWS::Logs::LogGroup
          Properties: {group}
        """
    )


@pytest.mark.parametrize(
    ("function", "group", "outcome"),
    [
        ("LoggingConfig: {LogGroup: !Ref Group}", "{RetentionInDays: 30}", "pass"),
        ("LoggingConfig: {LogGroup: !Ref Group}", "{RetentionInDays: !ImportValue d}", "pass"),
        ("LoggingConfig: {LogGroup: !Ref Group}", "{}", "fail"),
        ("LoggingConfig: {LogGroup: /own}", "{LogGroupName: /own, RetentionInDays: 1}", "pass"),
        ("LoggingConfig: {LogGroup: /own}", "{LogGroupName: /other}", "unknown"),
        ("LoggingConfig: {LogGroup: !ImportValue g}", "{}", "unknown"),
        ("LoggingConfig: !ImportValue g", "{}", "unknown"),
        ("LoggingConfig: {LogFormat: JSON}", "{RetentionInDays: 30}", "fail"),
        (
            "Description: by its name",
            "{LogGroupName: !Sub '/aws/lambda/${Api}', RetentionInDays: 30}",
            "pass",
        ),
        (
            "FunctionName: orders",
            "{LogGroupName: /aws/lambda/orders, RetentionInDays: 30}",
            "pass",
        ),
        (
            "FunctionName: !Sub '${AWS::StackName}-api'",
            "{LogGroupName: !Sub '/aws/lambda/${AWS::StackName}-api', RetentionInDays: 30}",
            "pass",
        ),
        ("FunctionName: orders", "{LogGroupName: /aws/lambda/other, RetentionInDays: 1}", "fail"),
    ],
)
def test_log_group_with_retention(function: str, group: str, outcome: str) -> None:
    found = predicate("log_group_with_retention", logging(function, group))
    assert said(found) == [("Api", outcome)]


def models(schema: str) -> str:
    return joined(
        f"""
        Api:
          Type: AWS::Serverless::Api
          Properties:
            Models:
              Order: {schema}
        """
    )


@pytest.mark.parametrize(
    ("schema", "keys"),
    [
        ("{type: object, properties: {const: {type: string}}, required: [if]}", []),
        ("{enum: [{const: 1}], default: {if: 1}}", []),
        ("{minimum: 1, exclusiveMinimum: true}", []),
        ("{properties: {a: {const: 1}}}", ["const"]),
        ("{properties: {a: {items: {exclusiveMinimum: 0}}}}", ["exclusiveMinimum"]),
        ("{if: {}, then: {}, else: {}}", ["if", "then", "else"]),
        ("{allOf: [{contains: {}}, {propertyNames: {}}]}", ["contains", "propertyNames"]),
        ("{definitions: {x: {examples: [1]}}, $ref: '#/definitions/x'}", ["examples"]),
        ("""'{"properties": {"a": {"const": 1}}}'""", ["const"]),
        ("not json", []),
    ],
)
def test_draft4_models(schema: str, keys: list[str]) -> None:
    found = predicate("draft4_models", models(schema))
    assert [one.values["key"] for one in found if one.outcome.value == "fail"] == keys
    assert bool(keys) or said(found) == [("Api", "pass")]
    assert all(one.values["value"] == "Order" for one in found)


def test_a_model_that_is_not_known_is_unknown() -> None:
    for schema in ("!ImportValue x", "{properties: !ImportValue x}"):
        assert said(predicate("draft4_models", models(schema))) == [("Api", "unknown")]


def test_a_model_of_cloudformation_is_looked_at() -> None:
    text = joined(
        """
        Order:
          Type: AWS::ApiGateway::Model
          Properties:
            Schema: {properties: {a: {const: 1}}}
        """
    )
    assert said(predicate("draft4_models", text)) == [("Order", "fail")]


def topic(
    statement: str, sender: str = "AWS::Budgets::Budget", topics: str = "[!Ref Topic]"
) -> str:
    return joined(
        f"""
        Topic: {{Type: AWS::SNS::Topic}}
        Sender:
          Type: {sender}
          Properties: {{Subscribers: [{{Address: !Ref Topic}}]}}
        Policy:
          Type: AWS::SNS::TopicPolicy
          Properties:
            Topics: {topics}
            PolicyDocument: {{Statement: {statement}}}
        """
    )


SERVICE = "Principal: {Service: budgets.amazonaws.com}"
SERVICES = "Principal: {Service: [events.amazonaws.com, budgets.amazonaws.com]}"


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        (f"[{{Effect: Allow, {SERVICE}, Action: sns:Publish}}]", "pass"),
        (f"{{Effect: Allow, {SERVICE}, Action: [SNS:Publish]}}", "pass"),
        (f"[{{Effect: Allow, {SERVICE}, Action: 'sns:*'}}]", "pass"),
        (
            f"[{{Effect: Allow, {SERVICES}, Action: sns:Publish}}]",
            "pass",
        ),
        ("[{Effect: Allow, Principal: '*', Action: sns:Publish}]", "pass"),
        (
            "[{Effect: Allow, Principal: {AWS: '*'}, Action: sns:Publish, Condition: {a: b}}]",
            "fail",
        ),
        (f"[{{Effect: Deny, {SERVICE}, Action: sns:Publish}}]", "fail"),
        (f"[{{Effect: Allow, {SERVICE}, Action: sns:Subscribe}}]", "fail"),
        (
            "[{Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: sns:Publish}]",
            "fail",
        ),
        ("[!ImportValue s]", "unknown"),
    ],
)
def test_topic_allows_service(statement: str, outcome: str) -> None:
    found = predicate("topic_allows_service", topic(statement), service="budgets.amazonaws.com")
    assert said(found) == [("Topic", outcome)]
    assert found[0].values["source"] == "Sender"


def test_a_policy_of_another_topic_does_not_count() -> None:
    text = topic(f"[{{Effect: Allow, {SERVICE}, Action: sns:Publish}}]", topics="[!Ref Other]")
    found = predicate("topic_allows_service", text, service="budgets.amazonaws.com")
    assert said(found) == [("Topic", "fail")]


def test_a_topic_that_the_service_does_not_use_is_left_out() -> None:
    text = topic("[]", sender="AWS::CloudWatch::Alarm")
    options: dict[str, Any] = {"service": "budgets.amazonaws.com"}
    assert predicate("topic_allows_service", text, **options) == []
    options = {"service": "cloudwatch.amazonaws.com"}
    assert said(predicate("topic_allows_service", text, **options)) == [("Topic", "fail")]


PLAN = """
Plan:
  Type: AWS::ApiGateway::UsagePlan
  Properties: {ApiStages: [{ApiId: API, Stage: prod}]}
"""


def planned(api: str, *others: str) -> list[tuple[str, str]]:
    text = joined(PLAN.replace("API", api), *others)
    return said(predicate("usage_plan_requires_keys", text))


def sam_api(auth: str, more: str = "StageName: prod", name: str = "Api") -> str:
    return f"""
    {name}:
      Type: AWS::Serverless::Api
      Properties:
        Auth: {auth}
        {more}
    """


def event(properties: str) -> str:
    return f"""
    Function:
      Type: AWS::Serverless::Function
      Properties: {{Events: {{Get: {{Type: Api, Properties: {properties}}}}}}}
    """


def method(required: str, api: str = "!Ref Api") -> str:
    return f"""
    Method:
      Type: AWS::ApiGateway::Method
      Properties: {{RestApiId: {api}, ApiKeyRequired: {required}}}
    """


REST_API = "Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}"


@pytest.mark.parametrize(
    ("auth", "outcome"),
    [
        ("{ApiKeyRequired: true}", "pass"),
        ("{ApiKeyRequired: 'true'}", "pass"),
        ("{ApiKeyRequired: false}", "fail"),
        ("{}", "fail"),
        ("{ApiKeyRequired: !ImportValue x}", "unknown"),
        ("!ImportValue x", "unknown"),
    ],
)
def test_usage_plan_requires_keys_of_the_apis_it_names(auth: str, outcome: str) -> None:
    others = sam_api("{}", name="Other")
    assert planned("!Ref Api", sam_api(auth), others) == [("Api", outcome)]


def test_usage_plan_requires_keys_is_met_by_one_method() -> None:
    plain = sam_api("{}")
    own, other = "RestApiId: !Ref Api", "RestApiId: !Ref Other"
    asked = "Auth: {ApiKeyRequired: true}"
    assert planned("!Ref Api", plain, event(f"{{{own}, {asked}}}")) == [("Api", "pass")]
    assert planned("!Ref Api", plain, event(f"{{{other}, {asked}}}")) == [("Api", "fail")]
    assert planned("!Ref Api", REST_API, method("true")) == [("Api", "pass")]
    assert planned("!Ref Api", REST_API, method("false")) == [("Api", "fail")]
    assert planned("abc", method("false", "abc")) == [("Plan", "fail")]
    assert planned("abc", method("true", "abc")) == [("Plan", "pass")]
    assert planned("!Ref ServerlessRestApi", event(f"{{{asked}}}")) == [
        ("ServerlessRestApi", "pass")
    ]


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        (
            "DefinitionBody: {components: {securitySchemes: {k: {type: apiKey, name: x-api-key}}},"
            " paths: {/a: {get: {security: [{k: []}]}}}}",
            "pass",
        ),
        (
            "DefinitionBody: {securityDefinitions: {k: {type: apiKey, name: X-API-Key}},"
            " security: [{k: []}]}",
            "pass",
        ),
        (
            "DefinitionBody: {securityDefinitions: {k: {type: apiKey, name: x-api-key}}}",
            "fail",
        ),
        (
            "DefinitionBody: {securityDefinitions: {k: {type: apiKey, name: Authorization}},"
            " security: [{k: []}]}",
            "fail",
        ),
        ("DefinitionBody: {'Fn::Transform': {Name: AWS::Include}}", "unknown"),
        ("DefinitionUri: s3://bucket/key", "unknown"),
    ],
)
def test_usage_plan_requires_keys_looks_into_openapi(more: str, outcome: str) -> None:
    assert planned("!Ref Api", sam_api("{}", more)) == [("Api", outcome)]


@pytest.mark.parametrize("api", ["!ImportValue x", "abc", "!Ref Nowhere", "!Ref AWS::StackName"])
def test_usage_plan_requires_keys_does_not_know_other_stacks(api: str) -> None:
    assert planned(api) == [("Plan", "unknown")]


def test_usage_plan_requires_keys_knows_the_plan_in_auth() -> None:
    def found(plan: str) -> list[tuple[str, str]]:
        text = joined(sam_api(f"{{UsagePlan: {plan}}}"))
        return said(predicate("usage_plan_requires_keys", text))

    assert found("{CreateUsagePlan: PER_API}") == [("Api", "fail")]
    assert found("{CreateUsagePlan: NONE}") == []
    assert found("!Ref AWS::NoValue") == []

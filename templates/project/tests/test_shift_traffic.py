"""The script moves an alias step by step, only where a step fits, and only if nobody else did."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.shift_traffic import main

FUNCTION = {"FunctionName": "orders-api"}
ALIAS = {**FUNCTION, "Name": "live"}


class Lambda:
    """Lambda's API, as far as the script may call it and in this order."""

    def __init__(self, stub: Stubber) -> None:
        self.stub = stub

    def alias(self, version: str, weights: dict[str, float] | None = None) -> None:
        """Expect a look at the alias."""
        answer: dict[str, Any] = {"FunctionVersion": version, "RevisionId": "r-1"}
        if weights:
            answer["RoutingConfig"] = {"AdditionalVersionWeights": weights}
        self.stub.add_response("get_alias", answer, ALIAS)

    def publishes(self, version: str) -> None:
        """Expect that what was deployed is published, once it is in place."""
        ready: dict[str, Any] = {"LastUpdateStatus": "Successful", "State": "Active"}
        self.stub.add_response("get_function", {"Configuration": ready}, FUNCTION)
        self.stub.add_response("publish_version", {"Version": version}, FUNCTION)
        of_version = {**FUNCTION, "Qualifier": version}
        self.stub.add_response("get_function_configuration", ready, of_version)

    def divides(self, version: str, weights: dict[str, float]) -> None:
        """Expect this change of the alias, and the look at it that follows."""
        change = {
            **ALIAS,
            "FunctionVersion": version,
            "RoutingConfig": {"AdditionalVersionWeights": weights},
            "RevisionId": "r-1",
        }
        self.stub.add_response("update_alias", {}, change)
        self.alias(version, weights)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    client = boto3.Session("test", "test", region_name="ap-northeast-1").client("lambda")
    monkeypatch.setattr(boto3.Session, "client", lambda self, name: client)
    with Stubber(client) as stub:
        yield Lambda(stub)
        stub.assert_no_pending_responses()


def run(action: str, *more: str) -> int:
    """Run the script as from the command line."""
    return main([action, "--function", "orders-api", *more])


def test_start_publishes_and_gives_the_new_version_a_part(
    aws: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.alias("7")
    aws.publishes("8")
    aws.divides("7", {"8": 0.1})
    assert run("start", "--weight", "10") == 0
    said = capsys.readouterr().out
    assert said == "orders-api:live: version 8 answers 10%, version 7 the rest.\n"


def test_step_changes_the_part(aws: Lambda) -> None:
    aws.alias("7", {"8": 0.1})
    aws.divides("7", {"8": 0.5})
    assert run("step", "--weight", "50") == 0


def test_finish_lets_the_new_version_answer(
    aws: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.alias("7", {"8": 0.5})
    aws.divides("8", {})
    assert run("finish") == 0
    assert "version 8 answers every call" in capsys.readouterr().out


def test_return_takes_the_part_away(aws: Lambda) -> None:
    aws.alias("7", {"8": 0.1})
    aws.divides("7", {})
    assert run("return") == 0


def test_return_after_the_shift_names_the_version(aws: Lambda) -> None:
    aws.alias("8")
    aws.divides("7", {})
    assert run("return", "--version", "7") == 0


def test_status_changes_nothing(aws: Lambda) -> None:
    aws.alias("7", {"8": 0.1})
    assert run("status") == 0


def test_one_shift_at_a_time(aws: Lambda, capsys: pytest.CaptureFixture[str]) -> None:
    aws.alias("7", {"8": 0.1})
    assert run("start", "--weight", "10") == 1
    assert "under way" in capsys.readouterr().err


def test_nothing_deployed_is_nothing_to_shift(
    aws: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.alias("7")
    aws.publishes("7")
    assert run("start", "--weight", "10") == 1
    assert "nothing was deployed" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("step", "--weight", "50"), ("finish",), ("return",)])
def test_without_a_shift_there_is_no_next_step(aws: Lambda, arguments: tuple[str, ...]) -> None:
    aws.alias("7")
    assert run(*arguments) == 1


def test_an_alias_that_somebody_else_changed_is_left_alone(
    aws: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.alias("7", {"8": 0.1})
    aws.stub.add_client_error("update_alias", "PreconditionFailedException")
    assert run("finish") == 1
    assert "PreconditionFailed" in capsys.readouterr().err


@pytest.mark.parametrize("weight", ["0", "100", "ten"])
def test_a_part_is_neither_nothing_nor_everything(weight: str) -> None:
    with pytest.raises(SystemExit):
        run("step", "--weight", weight)

"""Shift the calls of a Lambda alias from one version to another, a part at a time, and back.

Run it from the project's root: `python -m scripts.shift_traffic start --function NAME --weight 10`,
then `step`, and in the end `finish` or `return`. `status` changes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Refused(Exception):
    """The step does not fit the alias as it is; nothing was changed."""


@dataclass(frozen=True)
class Shift:
    """How an alias divides its calls.

    Attributes:
        main: the version that the alias points to.
        new: the version that gets a part of the calls; None if no shift is under way.
        weight: that part, above 0 and below 1; 0 without a shift.
        revision: changes whenever somebody changes the alias.
    """

    main: str
    new: str | None
    weight: float
    revision: str

    def __str__(self) -> str:
        if self.new is None:
            return f"version {self.main} answers every call"
        return f"version {self.new} answers {self.weight:.0%}, version {self.main} the rest"


@dataclass(frozen=True)
class Alias:
    """An alias of a function, in the account that the client is signed in to."""

    client: LambdaClient
    function: str
    name: str

    def read(self) -> Shift:
        """How the alias divides its calls now."""
        found = self.client.get_alias(FunctionName=self.function, Name=self.name)
        weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        new, weight = next(iter(weights.items()), (None, 0.0))
        return Shift(found["FunctionVersion"], new, weight, found["RevisionId"])

    def start(self, weight: float) -> Shift:
        """Publish what was deployed last as a version, and give it a part of the calls."""
        now = self.read()
        if now.new is not None:
            raise Refused(f"a shift to version {now.new} is under way; finish or return first")
        version = self._publish()
        if version == now.main:
            raise Refused(f"nothing was deployed since version {version}")
        return self._divide(now, now.main, {version: weight})

    def step(self, weight: float) -> Shift:
        """Give the new version another part of the calls."""
        now, new = self._under_way()
        return self._divide(now, now.main, {new: weight})

    def finish(self) -> Shift:
        """Let the new version answer every call."""
        now, new = self._under_way()
        return self._divide(now, new, {})

    def back(self, version: str | None) -> Shift:
        """Let one version answer every call: a given one, else that from before the shift."""
        now = self.read()
        if version is None and now.new is None:
            raise Refused("no shift is under way; say which --version is to answer every call")
        return self._divide(now, version or now.main, {})

    def _under_way(self) -> tuple[Shift, str]:
        now = self.read()
        if now.new is None:
            raise Refused("no shift is under way")
        return now, now.new

    def _publish(self) -> str:
        self.client.get_waiter("function_updated_v2").wait(FunctionName=self.function)
        # Without changes since the last version, Lambda publishes nothing and gives that one.
        version = self.client.publish_version(FunctionName=self.function)["Version"]
        active = self.client.get_waiter("published_version_active")
        active.wait(FunctionName=self.function, Qualifier=version)
        return version

    def _divide(self, now: Shift, main: str, weights: dict[str, float]) -> Shift:
        self.client.update_alias(
            FunctionName=self.function,
            Name=self.name,
            FunctionVersion=main,
            RoutingConfig={"AdditionalVersionWeights": weights},
            # Refused if somebody else has changed the alias since we looked.
            RevisionId=now.revision,
        )
        return self.read()


def percent(text: str) -> float:
    """A share of 1 to 99 percent, as a part of 1."""
    value = int(text)
    if not 0 < value < 100:
        raise ValueError
    return value / 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one step and print how the calls are divided then; 1 if it was refused."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=["status", "start", "step", "finish", "return"])
    parser.add_argument("--function", required=True, help="name of the Lambda function")
    parser.add_argument("--alias", default="live")
    parser.add_argument("--weight", type=percent, help="percent of the calls for the new version")
    parser.add_argument("--version", help="with return: the version that is to answer every call")
    parser.add_argument("--region", help="AWS Region; by default that of the AWS configuration")
    options = parser.parse_args(arguments)
    if (options.weight is not None) != (options.action in ("start", "step")):
        parser.error("start and step need --weight, the others take none")
    client = boto3.Session(region_name=options.region).client("lambda")
    alias = Alias(client, options.function, options.alias)
    try:
        match options.action:
            case "start":
                shift = alias.start(options.weight)
            case "step":
                shift = alias.step(options.weight)
            case "finish":
                shift = alias.finish()
            case "return":
                shift = alias.back(options.version)
            case _:
                shift = alias.read()
    except (Refused, ClientError) as reason:
        print(f"Refused: {reason}.", file=sys.stderr)
        return 1
    print(f"{options.function}:{options.alias}: {shift}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

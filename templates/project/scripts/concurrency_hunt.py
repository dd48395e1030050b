"""When the concurrency of Lambda functions peaked, and which function did it.

Run it from the project's root: `python -m scripts.concurrency_hunt --days 7`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import mean
from typing import TYPE_CHECKING

import boto3

from scripts.concurrency_metrics import Series, functions, values

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

MINUTE = timedelta(minutes=1)
LONGEST = 15
"""Days for which CloudWatch keeps a value for each minute."""


class NothingRan(Exception):
    """No function ran in the window; the message says since when."""


@dataclass(frozen=True)
class Suspect:
    """What a function did around the peak.

    Attributes:
        concurrency: most executions at the same time.
        calls: invocations that were started.
        duration: average, in ms.
        throttles: invocations that Lambda turned away.
    """

    function: str
    concurrency: Series
    calls: Series
    duration: Series
    throttles: Series


@dataclass(frozen=True)
class Hunt:
    """The peak and what led to it.

    Attributes:
        since: the first minute that was looked at.
        peak: the minute in which all functions together had most executions at the same time.
        concurrency: how many that were.
        minutes: those before, the peak, and those after.
        suspects: the functions with most executions in the minute of the peak, in that order.
    """

    since: datetime
    peak: datetime
    concurrency: float
    minutes: list[datetime]
    suspects: list[Suspect]

    @property
    def before(self) -> list[datetime]:
        """The minutes before the peak."""
        return [minute for minute in self.minutes if minute < self.peak]

    @property
    def culprit(self) -> Suspect:
        """The function whose concurrency grew most."""
        return max(self.suspects, key=lambda s: s.concurrency.get(self.peak, 0) - self.usual(s))

    def usual(self, suspect: Suspect) -> float:
        """A function's average concurrency in the minutes before the peak."""
        return mean(suspect.concurrency.get(minute, 0) for minute in self.before)


def hunt(
    client: CloudWatchClient, now: datetime, days: int, before: int, after: int, top: int
) -> Hunt:
    """Find the highest peak of the last days; raises NothingRan.

    Args:
        client: of the Region to look at.
        now: with a time zone.
        days: at most LONGEST.
        before: minutes before the peak, at least 1.
        after: minutes after it.
        top: how many functions to look at.
    """
    start, end = window(now, days)
    (account,) = values(client, "ConcurrentExecutions", "Maximum", [None], start, end)
    if not account:
        raise NothingRan(f"No function ran since {start:%Y-%m-%d %H:%M} UTC.")
    peak = max(account, key=lambda minute: (account[minute], end - minute))
    minutes = [peak + MINUTE * number for number in range(-before, after + 1)]
    around = (minutes[0], minutes[-1] + MINUTE)
    names = list(functions(client))
    found = values(client, "ConcurrentExecutions", "Maximum", names, *around)
    concurrency = dict(zip(names, found, strict=True))
    ran = [name for name in names if concurrency[name].get(peak)]
    chosen = sorted(ran, key=lambda name: -concurrency[name][peak])[:top]
    calls = values(client, "Invocations", "Sum", chosen, *around)
    durations = values(client, "Duration", "Average", chosen, *around)
    throttles = values(client, "Throttles", "Sum", chosen, *around)
    suspects = [
        Suspect(name, concurrency[name], *measured)
        for name, *measured in zip(chosen, calls, durations, throttles, strict=True)
    ]
    return Hunt(start, peak, account[peak], minutes, suspects)


def window(now: datetime, days: int) -> tuple[datetime, datetime]:
    """Whole minutes, and not a second more than `days`: older values are there for no minute."""
    end = now.astimezone(UTC).replace(second=0, microsecond=0)
    return end - timedelta(days=days) + MINUTE, end


def report(found: Hunt, limit: int) -> str:
    """The peak, each suspect minute by minute, and the cause.

    Args:
        found: the peak.
        limit: the account's limit of concurrency in the Region.
    """
    lines = [
        f"Peak since {found.since:%Y-%m-%d %H:%M} UTC: {found.concurrency:,.0f} concurrent"
        f" executions at {found.peak:%Y-%m-%d %H:%M} UTC,"
        f" {found.concurrency / limit:.0%} of the account's limit of {limit:,}.",
    ]
    for suspect in found.suspects:
        lines += ["", suspect.function, *_table(found, suspect)]
    return "\n".join([*lines, "", *_cause(found)])


def _table(found: Hunt, suspect: Suspect) -> Iterator[str]:
    yield "    UTC    Concurrency     Calls  Average ms  Throttles"
    for minute in found.minutes:
        duration = suspect.duration.get(minute)
        yield (
            f"{'>' if minute == found.peak else ' '}   {minute:%H:%M}"
            f"  {suspect.concurrency.get(minute, 0):11,.0f}"
            f"  {suspect.calls.get(minute, 0):8,.0f}"
            f"  {'-' if duration is None else f'{duration:,.0f}':>10}"
            f"  {suspect.throttles.get(minute, 0):9,.0f}"
        )


def _cause(found: Hunt) -> Iterator[str]:
    if not found.suspects:
        yield "No single function can be named: none reports a concurrency of its own."
        return
    it = found.culprit
    yield (
        f"Cause: {it.function}, which went from {found.usual(it):,.0f}"
        f" to {it.concurrency[found.peak]:,.0f} concurrent executions."
    )
    calls = mean(it.calls.get(minute, 0) for minute in found.before)
    called = it.calls.get(found.peak, 0)
    known = [it.duration[minute] for minute in found.before if minute in it.duration]
    took = it.duration.get(found.peak)
    if not calls or not known or took is None:
        yield f"Before, it was hardly called at all; at the peak {called:,.0f} times a minute."
        return
    usual = mean(known)
    more, slower = called / calls, took / usual
    yield f"Calls a minute: {calls:,.0f} before, {called:,.0f} at the peak ({more:.1f} times)."
    yield (
        f"Average duration: {usual:,.0f} ms before, {took:,.0f} ms at the peak"
        f" ({slower:.1f} times)."
    )
    if more >= slower:
        yield "Look for what called it more often."
    else:
        yield "Look for what made it slower: what it calls in turn, or a deployment."


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; 1 if nothing ran."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--region", help="AWS Region; by default that of the AWS configuration")
    parser.add_argument(
        "--days", type=int, default=7, choices=range(1, LONGEST + 1), metavar=f"1..{LONGEST}"
    )
    parser.add_argument("--before", type=int, default=6, help="minutes to show before the peak")
    parser.add_argument("--after", type=int, default=2, help="minutes to show after it")
    parser.add_argument("--top", type=int, default=5, help="how many functions to show")
    options = parser.parse_args(arguments)
    session = boto3.Session(region_name=options.region)
    settings = session.client("lambda").get_account_settings()
    try:
        found = hunt(
            session.client("cloudwatch"),
            datetime.now(UTC),
            options.days,
            max(1, options.before),
            options.after,
            options.top,
        )
    except NothingRan as nothing:
        print(nothing, file=sys.stderr)
        return 1
    print(report(found, settings["AccountLimit"]["ConcurrentExecutions"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

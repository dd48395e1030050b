"""Show what more memory does to the duration and the cost of a function, from measured calls.

Feed it what Lambda logs at the end of each call, as text or as JSON, at several memory sizes:

    python -m scripts.cost_curve reports.txt

Cost is counted in GB-seconds: memory in GB times billed seconds. With `--price` it also becomes
money; the price of a GB-second depends on Region and architecture.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

BAR = 24
"""Characters of the longest bar."""

MILLION = 1_000_000
FLAT = 0.8
"""A function waits if the largest size takes more than this share of the smallest one's time."""

REPORT = re.compile(
    r"REPORT RequestId: \S+\s+Duration: (?P<duration>[\d.]+) ms\s+"
    r"Billed Duration: (?P<billed>[\d.]+) ms\s+Memory Size: (?P<memory>\d+) MB"
    r"(?P<rest>[^\n]*)"
)
INIT = re.compile(r"Init Duration: [\d.]+ ms")


class NotMeasured(Exception):
    """The reports do not say enough; the message says what is missing."""


@dataclass(frozen=True)
class Call:
    """One invocation, as its report has it.

    Attributes:
        memory: MB.
        duration: ms that the handler took.
        billed: ms that are billed.
        cold: whether an execution environment was made for it.
    """

    memory: int
    duration: float
    billed: float
    cold: bool


@dataclass(frozen=True)
class Size:
    """All calls at one memory size.

    Attributes:
        memory: MB.
        warm: calls that found an execution environment.
        cold: calls that waited for one.
    """

    memory: int
    warm: list[Call]
    cold: list[Call]

    @property
    def duration(self) -> float:
        """Median of the warm calls in ms."""
        return median(call.duration for call in self.warm)

    def cost(self, cold_share: float = 0.0) -> float:
        """GB-seconds of a call on average, if this share of the calls is cold."""
        billed = (1 - cold_share) * fmean(call.billed for call in self.warm)
        if cold_share:
            billed += cold_share * fmean(call.billed for call in self.cold)
        return billed / 1000 * self.memory / 1024


def calls(text: str) -> Iterator[Call]:
    """The calls that a log reports; everything else in it is passed over."""
    for found in REPORT.finditer(text):
        duration, billed = float(found["duration"]), float(found["billed"])
        yield Call(int(found["memory"]), duration, billed, bool(INIT.search(found["rest"])))
    for line in text.splitlines():
        if '"platform.report"' in line and line.lstrip().startswith("{"):
            event = json.loads(line)
            if event.get("type") == "platform.report":
                m = event["record"]["metrics"]
                cold = "initDurationMs" in m
                yield Call(m["memorySizeMB"], m["durationMs"], m["billedDurationMs"], cold)


def sizes(text: str, cold_share: float = 0.0) -> list[Size]:
    """The calls by memory size, smallest first.

    Raises:
        NotMeasured: there are fewer than two sizes, or one of them lacks calls of a kind.
    """
    found: dict[int, Size] = {}
    for call in calls(text):
        size = found.setdefault(call.memory, Size(call.memory, [], []))
        (size.cold if call.cold else size.warm).append(call)
    if len(found) < 2:
        raise NotMeasured(f"a curve needs two memory sizes, and the reports have {len(found)}")
    for size in found.values():
        if not size.warm:
            raise NotMeasured(f"all calls at {size.memory} MB were cold starts; call more often")
        if cold_share and not size.cold:
            raise NotMeasured(f"no call at {size.memory} MB was a cold start")
    return [found[memory] for memory in sorted(found)]


def report(measured: Sequence[Size], cold_share: float = 0.0, price: float | None = None) -> str:
    """A table with bars, and what follows from it.

    Args:
        measured: at least two sizes, smallest first.
        cold_share: the share of cold starts to reckon with, 0 to 1.
        price: of one GB-second, in any currency; None to leave money out.
    """
    slowest = max(size.duration for size in measured)
    dearest = max(size.cost(cold_share) for size in measured)
    money = "" if price is None else "  Per million"
    lines = [f"{'Memory':>8}  Calls  {'Duration':>11}  {'':{BAR}}  GB-s per million{money}"]
    for size in measured:
        cost = size.cost(cold_share)
        paid = "" if price is None else f"  {cost * price * MILLION:11,.2f}"
        count = len(size.warm) + len(size.cold)
        lines.append(
            f"{size.memory:5} MB  {count:5}  {size.duration:8.0f} ms  "
            f"{_bar(size.duration / slowest)}  {cost * MILLION:16,.0f}{paid}  "
            f"{_bar(cost / dearest)}".rstrip()
        )
    return "\n".join([*lines, "", _conclusion(measured, cold_share)])


def _bar(share: float) -> str:
    return ("#" * max(1, round(share * BAR))).ljust(BAR)


def _conclusion(measured: Sequence[Size], cold_share: float) -> str:
    smallest, largest = measured[0], measured[-1]
    cheapest = min(measured, key=lambda size: (size.cost(cold_share), size.duration))
    if cheapest != smallest:
        time = cheapest.duration / smallest.duration
        cost = cheapest.cost(cold_share) / smallest.cost(cold_share)
        return (
            f"Cheapest: {cheapest.memory} MB, {time:.2f} times the duration and {cost:.2f} times "
            f"the cost of {smallest.memory} MB. It computes: more memory pays up to there."
        )
    if largest.duration > FLAT * smallest.duration:
        return (
            f"Cheapest: {smallest.memory} MB, the smallest. More memory hardly makes it faster: "
            "it waits, and more memory only costs more."
        )
    return (
        f"Cheapest: {smallest.memory} MB, the smallest. More memory makes it faster and costs "
        "more: choose by what the time is worth."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the curve; 1 if the reports do not give one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("reports", help="file with log lines; - for standard input")
    parser.add_argument(
        "--cold-percent", type=float, default=0.0, metavar="N", help="share of cold starts, in %%"
    )
    parser.add_argument("--price", type=float, metavar="P", help="price of one GB-second")
    options = parser.parse_args(arguments)
    text = sys.stdin.read() if options.reports == "-" else Path(options.reports).read_text("utf-8")
    cold_share = options.cold_percent / 100
    try:
        measured = sizes(text, cold_share)
    except NotMeasured as reason:
        print(f"No curve: {reason}.", file=sys.stderr)
        return 1
    print(report(measured, cold_share, options.price))
    return 0


if __name__ == "__main__":
    sys.exit(main())

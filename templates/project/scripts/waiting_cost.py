"""Split the time of a function into waiting and computing, and show what the waiting costs.

Give it the average duration at two memory sizes or more, and the calls that the function makes:

    python -m scripts.waiting_cost 128=512 1024=490 --calls 240 180 70

CPU comes in proportion to memory. So the part of the time that shrinks as memory grows is
computing, and the part that stays is waiting. Cost is counted in GB-seconds: memory in GB times
seconds.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

MILLION = 1_000_000


class Unclear(Exception):
    """The figures do not fit together; the message says why."""


@dataclass(frozen=True)
class Split:
    """What the time of a call is made of.

    Attributes:
        waiting: ms, the same with any memory.
        computing: ms with 1024 MB; it halves as memory doubles, as long as one vCPU is not used up.
    """

    waiting: float
    computing: float

    def duration(self, memory: int) -> float:
        """ms of a call with this memory in MB."""
        return self.waiting + self.computing * 1024 / memory

    def waiting_share(self, memory: int) -> float:
        """Which part of the time, and so of the cost, is waiting: 0 to 1."""
        return self.waiting / self.duration(memory)


def gb_seconds(memory: int, duration: float) -> float:
    """Cost of one call with this memory in MB that takes this many ms."""
    return memory / 1024 * duration / 1000


def split(measured: dict[int, float]) -> Split:
    """The split that fits the measured durations (MB → ms) best; raises Unclear."""
    if len(measured) < 2:
        raise Unclear("measure at two memory sizes or more")
    xs = [1024 / memory for memory in measured]
    ys = list(measured.values())
    x_mean, y_mean = fmean(xs), fmean(ys)
    spread = sum((x - x_mean) ** 2 for x in xs)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / spread
    # Less than nothing is noise: of neither part can there be a negative time.
    computing = max(0.0, min(slope, y_mean / x_mean))
    return Split(y_mean - computing * x_mean, computing)


def by_memory(parts: Split, measured: dict[int, float]) -> str:
    """A table of what was measured, and what follows from it."""
    lines = [
        f"Waiting takes {parts.waiting:.0f} ms, computing {parts.computing:.0f} ms at 1024 MB.",
        "",
        f"{'Memory':>8}  {'Duration':>10}  GB-s per million  of it waiting",
    ]
    for memory, duration in sorted(measured.items()):
        lines.append(
            f"{memory:5} MB  {duration:7.0f} ms  {_per_million(memory, duration)}"
            f"  {parts.waiting_share(memory):13.0%}"
        )
    small, large = min(measured), max(measured)
    more = gb_seconds(large, measured[large]) / gb_seconds(small, measured[small])
    lines += [
        "",
        f"With {large / small:.1f} times the memory, a call costs {more:.1f} times as much; "
        f"its duration goes from {measured[small]:.0f} ms to {measured[large]:.0f} ms.",
    ]
    return "\n".join(lines)


def by_way(parts: Split, memory: int, calls: Sequence[float]) -> str:
    """A table of the ways to make these calls (ms each) with this memory; raises Unclear."""
    if sum(calls) > 1.1 * parts.waiting:
        raise Unclear(f"the calls take {sum(calls):.0f} ms of {parts.waiting:.0f} ms waiting")
    now = parts.duration(memory)
    ways = {
        "one after another": now,
        "all at once": now - sum(calls) + max(calls),
        "without waiting": now - sum(calls),
    }
    lines = [f"{f'At {memory} MB':20}  {'Duration':>10}  GB-s per million"]
    for way, duration in ways.items():
        lines.append(f"{way:20}  {duration:7.0f} ms  {_per_million(memory, duration)}")
    return "\n".join(lines)


def _per_million(memory: int, duration: float) -> str:
    return f"{gb_seconds(memory, duration) * MILLION:16,.0f}"


def _measured(text: str) -> tuple[int, float]:
    memory, duration = text.split("=")
    if int(memory) <= 0 or float(duration) <= 0:
        raise ValueError("memory and duration are above 0")
    return int(memory), float(duration)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 if the figures do not fit together."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "measured", nargs="+", type=_measured, metavar="MB=MS", help="memory and average duration"
    )
    parser.add_argument(
        "--calls", nargs="+", type=float, default=[], metavar="MS", help="duration of each call"
    )
    options = parser.parse_args(arguments)
    measured = dict(options.measured)
    try:
        parts = split(measured)
        tables = [by_memory(parts, measured)]
        if options.calls:
            tables.append(by_way(parts, min(measured), options.calls))
    except Unclear as reason:
        print(f"No answer: {reason}.", file=sys.stderr)
        return 1
    print("\n\n".join(tables))
    return 0


if __name__ == "__main__":
    sys.exit(main())

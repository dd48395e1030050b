"""Read what a run of AWS Lambda Power Tuning measured: a table, a chart, the memory to choose.

Run it from the project's root on the saved output of the state machine:

    python -m scripts.tuning_report tuning/api.result.json --svg tuning/api.svg --current 512
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.tuning_chart import Curve, draw

BAR = 24
"""Characters of the longest bar."""

MILLION = 1_000_000


class NoResult(Exception):
    """The run measured nothing; the message says why."""


@dataclass(frozen=True)
class Measured:
    """Averages of the invocations at one memory size.

    Attributes:
        memory: MB.
        duration: ms of one invocation.
        cost: USD of one invocation, by the prices that the tool has built in.
    """

    memory: int
    duration: float
    cost: float


@dataclass(frozen=True)
class Run:
    """What was measured, smallest memory first, and the memory that the run's strategy chose."""

    measured: list[Measured]
    chosen: int

    @property
    def cheapest(self) -> Measured:
        """The one that costs least; of several, the fastest."""
        return min(self.measured, key=lambda m: (m.cost, m.duration))

    @property
    def fastest(self) -> Measured:
        """The one that takes least time; of several, the cheapest."""
        return min(self.measured, key=lambda m: (m.duration, m.cost))

    def notes(self) -> list[str]:
        """For each memory size, what it is best at."""
        best = {"cheapest": self.cheapest, "fastest": self.fastest}
        return [", ".join(w for w, winner in best.items() if winner == m) for m in self.measured]


def read(text: str) -> Run:
    """The run whose output this is; raises NoResult."""
    try:
        output = json.loads(text)
    except ValueError as error:
        raise NoResult("this is not JSON; is the run still under way?") from error
    if output is None:
        raise NoResult("a dry run measures nothing; take dryRun out of the input")
    if not output:
        # After an error the state machine cleans up and then ends as SUCCEEDED, with nothing.
        raise NoResult("the run failed; the input of its step CleanUpOnError says why")
    # Documented as wrapped in `results`; version 4.4.0 gives what is inside.
    result = output.get("results", output)
    if not result.get("stats"):
        raise NoResult("no stats; set includeOutputResults to true in the input and run again")
    measured = [
        Measured(int(each["value"]), each["averageDuration"], each["averagePrice"])
        for each in result["stats"]
        if each["averageDuration"]
    ]
    return Run(sorted(measured, key=lambda m: m.memory), int(result["power"]))


def report(run: Run, current: int | None = None) -> str:
    """A table with bars, and what follows from it.

    Args:
        run: what was measured.
        current: the function's memory today in MB, to compare with.
    """
    slowest = max(m.duration for m in run.measured)
    dearest = max(m.cost for m in run.measured)
    lines = [f"{'Memory':>8}  {'Duration':>11}  {'':{BAR}}  USD per million"]
    for m, note in zip(run.measured, run.notes(), strict=True):
        line = (
            f"{m.memory:5} MB  {m.duration:8.0f} ms  {_bar(m.duration / slowest)}"
            f"  {m.cost * MILLION:9.2f}  {_bar(m.cost / dearest)}  {note}"
        )
        lines.append(line.rstrip())
    return "\n".join([*lines, "", *_conclusions(run, current)])


def svg(run: Run) -> str:
    """The chart of duration and cost by memory, as an SVG document."""
    costs = [m.cost * MILLION for m in run.measured]
    return draw(
        "Duration and cost by memory",
        [f"{m.memory} MB" for m in run.measured],
        run.notes(),
        [
            Curve("Duration, ms", "#0b6bcb", True, [m.duration for m in run.measured]),
            Curve("Cost, USD per million invocations", "#b3450b", False, costs),
        ],
    )


def _bar(share: float) -> str:
    return ("#" * max(1, round(share * BAR))).ljust(BAR)


def _conclusions(run: Run, current: int | None) -> list[str]:
    cheap, fast = run.cheapest, run.fastest
    if fast == cheap:
        said = [f"Cheapest and fastest: {cheap.memory} MB."]
    else:
        said = [
            f"Cheapest: {cheap.memory} MB.",
            f"Fastest: {fast.memory} MB, {_against(fast, cheap)} the cheapest.",
        ]
    said.append(f"The strategy of the run chose {run.chosen} MB.")
    if cheap == run.measured[-1]:
        said.append("The cheapest is the largest size tried; try larger ones as well.")
    today = next((m for m in run.measured if m.memory == current), None)
    if today:
        said.append(f"Today: {today.memory} MB, {_against(today, cheap)} the cheapest.")
    elif current:
        said.append(f"Today: {current} MB, which is not among the sizes tried.")
    return said


def _against(one: Measured, other: Measured) -> str:
    time, cost = one.duration / other.duration, one.cost / other.cost
    return f"{time:.2f} times the duration and {cost:.2f} times the cost of"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; 1 if there is no result to report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("result", help="file with the state machine's output; - for standard input")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also draw the chart into FILE")
    parser.add_argument("--current", type=int, metavar="MB", help="the function's memory today")
    options = parser.parse_args(arguments)
    text = sys.stdin.read() if options.result == "-" else Path(options.result).read_text("utf-8")
    try:
        run = read(text)
    except NoResult as reason:
        print(f"No result: {reason}.", file=sys.stderr)
        return 1
    print(report(run, options.current))
    if options.svg:
        options.svg.write_text(svg(run), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

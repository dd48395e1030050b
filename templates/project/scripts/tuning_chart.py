"""Draw curves over a row of labels as an SVG document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 760, 400, 64
FLOOR = HEIGHT - MARGIN
"""Where the value 0 is drawn."""


@dataclass(frozen=True)
class Curve:
    """One curve; its scale is its own and begins at 0.

    Attributes:
        name: for the legend, with the unit.
        colour: as SVG takes it.
        above: whether the figures stand above the points, or below.
        values: one for each label.
    """

    name: str
    colour: str
    above: bool
    values: Sequence[float]


def draw(title: str, labels: Sequence[str], notes: Sequence[str], curves: Sequence[Curve]) -> str:
    """The chart: labels below, each with a note in bold ("" for none), and the curves."""
    step = (WIDTH - 2 * MARGIN) / max(1, len(labels) - 1)
    xs = [MARGIN + step * number for number in range(len(labels))]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="12" text-anchor="middle">',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<path d="M{MARGIN} {FLOOR}H{WIDTH - MARGIN}" stroke="#555555"/>',
    ]
    for x, label, note in zip(xs, labels, notes, strict=True):
        parts.append(f'<text x="{x:.0f}" y="{FLOOR + 20}">{label}</text>')
        if note:
            parts.append(f'<text x="{x:.0f}" y="{FLOOR + 38}" font-weight="bold">{note}</text>')
    for number, curve in enumerate(curves):
        parts += _curve(curve, xs, 20 + 18 * number)
    return "\n".join([*parts, "</svg>", ""])


def _curve(curve: Curve, xs: Sequence[float], legend: int) -> Iterator[str]:
    scale = (FLOOR - MARGIN) / max(curve.values)
    points = [(x, FLOOR - value * scale) for x, value in zip(xs, curve.values, strict=True)]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    colour = f'fill="{curve.colour}"'
    yield f'<polyline points="{line}" fill="none" stroke="{curve.colour}" stroke-width="2"/>'
    yield f'<text x="{MARGIN}" y="{legend}" {colour} text-anchor="start">{curve.name}</text>'
    for (x, y), value in zip(points, curve.values, strict=True):
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" {colour}/>'
        beside = y - 10 if curve.above else y + 20
        yield f'<text x="{x:.0f}" y="{beside:.0f}" {colour}>{_figure(value)}</text>'


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

"""The table of a bench: one figure a row, with its comparison and its goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from unicodedata import east_asian_width


@dataclass(frozen=True)
class Row:
    """One figure. `met` is None if there is no goal."""

    what: str
    figure: str
    beside: str = "–"
    goal: str = "–"
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        verdict = {None: "–", True: "yes", False: "**no**"}[self.met]
        return self.what, self.figure, self.beside, self.goal, verdict


HEAD = ("What", "Figure", "Beside", "Goal", "Met")


def markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table, in columns that also read well on a terminal."""
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True)) + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def _width(text: str) -> int:
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value below which `percent` of the values lie."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]

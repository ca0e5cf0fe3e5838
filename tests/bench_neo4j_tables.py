"""Tables of a benchmark, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def row(cells: Sequence[object]) -> None:
    """Print one row."""
    print("|", " | ".join(map(str, cells)), "|", flush=True)  # noqa: T201


def rule(columns: int, *, text: int) -> None:
    """Print the line below the heads: so many columns, the first of them of text, the rest of numbers."""
    row(["---"] * text + ["---:"] * (columns - text))


def percentiles(seconds: Sequence[float]) -> list[str]:
    """Return the median and the 95th percentile, in milliseconds."""
    return [f"{1000 * value:.1f}" for value in np.percentile(seconds, [50, 95])]

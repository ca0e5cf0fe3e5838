"""Figures of agreement with labels, by their textbook definitions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

BINS = 10
"""Bins of a calibration table, all of one width."""

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well what was found agrees with what is labelled.

    precision = right / found; recall = right / gold; F1, their harmonic mean, = 2 right / (found + gold).
    A share of nothing is None, neither 0 nor 1: precision where nothing was found, recall where nothing
    is labelled, F1 where neither is. So F1 is 0, not None, where all that is labelled was missed.
    """

    right: int  # found and labelled
    found: int
    gold: int  # labelled
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Precision, recall and F1 as plain means over groups; each None where there is no group."""

    precision: float | None
    recall: float | None
    f1: float | None  # the mean of the F1 of each group, not the F1 of the two means


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """What happened at confidences from ``low`` up to, and without, ``high``; the last bin holds 1 too."""

    low: float
    high: float
    n: int
    confidence: float | None  # mean; None where the bin is empty
    right: float | None  # share that is right; None where the bin is empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Whether confidence means what it says."""

    bins: tuple[Bin, ...]
    expected_error: float | None  # see ``calibrate``; None where nothing was judged


def share(part: int, whole: int) -> float | None:
    """Return ``part / whole``; None where ``whole`` is 0."""
    return round(part / whole, _DIGITS) if whole else None


def score(right: int, found: int, gold: int) -> Score:
    """Return precision, recall and F1 of these counts."""
    return Score(
        right=right,
        found=found,
        gold=gold,
        precision=share(right, found),
        recall=share(right, gold),
        f1=share(2 * right, found + gold),
    )


def macro_average(scores: Collection[Score]) -> Means:
    """Return the means over ``scores``; a precision, recall or F1 that is None counts as 0."""
    return Means(
        precision=_mean_share([(one.right, one.found) for one in scores]),
        recall=_mean_share([(one.right, one.gold) for one in scores]),
        f1=_mean_share([(2 * one.right, one.found + one.gold) for one in scores]),
    )


def calibrate(judged: Collection[tuple[float, bool]]) -> Calibration:
    """Compare confidences, 0 to 1, with whether each was right.

    The expected calibration error is the mean over the bins of |share right - mean confidence|, each bin
    weighing as much as it holds (Naeini et al. 2015; Guo et al. 2017); empty bins weigh nothing.
    """
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in judged:
        held[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    bins, error = [], 0.0
    for place, members in enumerate(held):
        confidences = sum(confidence for confidence, _ in members)
        rights = sum(right for _, right in members)
        error += abs(rights - confidences)
        n = len(members)
        bins.append(
            Bin(
                low=place / BINS,
                high=(place + 1) / BINS,
                n=n,
                confidence=round(confidences / n, _DIGITS) if n else None,
                right=share(rights, n),
            )
        )
    expected = round(error / len(judged), _DIGITS) if judged else None
    return Calibration(bins=tuple(bins), expected_error=expected)


def _mean_share(shares: Sequence[tuple[int, int]]) -> float | None:
    # Of counts: the mean of shares that are rounded already would be off in its last digit.
    total = sum(part / whole for part, whole in shares if whole)
    return round(total / len(shares), _DIGITS) if shares else None

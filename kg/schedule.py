"""Steps laid over weeks: what fits, what can wait, and which chain of steps takes longest."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Slot:
    """The weeks that a step takes, counted from 1; more than one only where it is longer than a week."""

    first_week: int
    last_week: int


class Before(Protocol):
    """One step that comes before another: all that a schedule needs to know of a link."""

    @property
    def source_id(self) -> str:
        """The earlier step."""

    @property
    def target_id(self) -> str:
        """The later step."""


def lay_over_weeks(minutes: Sequence[int], week_minutes: float) -> list[Slot]:
    """Give each step its weeks, in order; one that no longer fits into a week begins the next."""
    slots: list[Slot] = []
    week, left = 1, week_minutes
    for needed in minutes:
        if needed > left and left < week_minutes:
            week, left = week + 1, week_minutes
        first = week
        if needed > left:
            more = ceil((needed - left) / week_minutes)
            week, left = week + more, left + more * week_minutes
        left -= needed
        slots.append(Slot(first, week))
    return slots


def fit_into_weeks(
    order: Sequence[str],
    minutes: Mapping[str, int],
    links: Iterable[Before],
    *,
    week_minutes: float,
    max_weeks: float,
    worth: Mapping[str, Any],
) -> tuple[list[str], list[str]]:
    """Return the steps that fit, in order, and those deferred, the first given up first.

    Given up is always a step that no remaining one rests on; of those, the one of least worth.
    """
    before: dict[str, set[str]] = {}
    after: dict[str, set[str]] = {}
    for link in links:
        before.setdefault(link.target_id, set()).add(link.source_id)
        after.setdefault(link.source_id, set()).add(link.target_id)
    loose = [(worth[id_], id_) for id_ in order if id_ not in after]
    heapq.heapify(loose)
    kept, deferred = dict.fromkeys(order), list[str]()
    while not _fits([minutes[id_] for id_ in kept], week_minutes, max_weeks):
        _, given_up = heapq.heappop(loose)
        del kept[given_up]
        deferred.append(given_up)
        for id_ in before.get(given_up, ()):
            after[id_].remove(given_up)
            if not after[id_]:
                heapq.heappush(loose, (worth[id_], id_))
    return list(kept), deferred


def find_critical_path(
    order: Sequence[str], minutes: Mapping[str, int], links: Collection[Before]
) -> tuple[list[str], dict[str, int]]:
    """Return the heaviest chain of steps, and by how many minutes each step can slip.

    The critical path method: as if all that is ready could be learned at the same time, so that only
    what rests on what decides the earliest end.

    Args:
        order: the steps, each after what it rests on.
        minutes: of each step.
        links: among the steps.
    """
    before: dict[str, list[str]] = {id_: [] for id_ in order}
    after: dict[str, list[str]] = {id_: [] for id_ in order}
    for link in links:
        before[link.target_id].append(link.source_id)
        after[link.source_id].append(link.target_id)
    finish: dict[str, int] = {}
    for id_ in order:
        finish[id_] = minutes[id_] + max((finish[one] for one in before[id_]), default=0)
    end = max(finish.values(), default=0)
    latest: dict[str, int] = {}
    for id_ in reversed(order):
        latest[id_] = min((latest[one] - minutes[one] for one in after[id_]), default=end)
    return _heaviest_chain(order, before, finish), {id_: latest[id_] - finish[id_] for id_ in order}


def _fits(minutes: Sequence[int], week_minutes: float, max_weeks: float) -> bool:
    if not minutes:
        return True
    if sum(minutes) > week_minutes * max_weeks:
        return False
    return lay_over_weeks(minutes, week_minutes)[-1].last_week <= max_weeks


def _heaviest_chain(
    order: Sequence[str], before: Mapping[str, Collection[str]], finish: Mapping[str, int]
) -> list[str]:
    place = {id_: at for at, id_ in enumerate(order)}
    chain: list[str] = []
    ahead: Collection[str] = order
    while ahead:
        # Of equals the earlier step, so that the answer is the same each time.
        chain.append(max(ahead, key=lambda id_: (finish[id_], -place[id_])))
        ahead = before[chain[-1]]
    return chain[::-1]

"""What comes before what: orders and shortcuts over links that read "source before target"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from kg.store import Link


def without_cycles(links: Iterable[Link]) -> list[Link]:
    """Leave out the weakest link of each cycle, ties by id; the rest keep their order.

    Published prerequisites are acyclic already; this keeps a store that is not from hanging a plan.
    """
    kept = {link.relation_id: link for link in links}
    while True:
        cycle = _find_cycle(kept.values())
        if not cycle:
            return list(kept.values())
        steps = set(pairwise(cycle))
        around = [link for link in kept.values() if (link.source_id, link.target_id) in steps]
        weakest = min(around, key=lambda link: (link.confidence, link.relation_id))
        del kept[weakest.relation_id]


def reduce_links(links: Collection[Link]) -> list[Link]:
    """Leave out each link that a longer way makes redundant: the transitive reduction.

    Args:
        links: acyclic.
    """
    behind = ancestors(links)
    shortcuts = {
        target: set[str]().union(*(behind[source] for source in sources))
        for target, sources in _sources(links).items()
    }
    return [link for link in links if link.source_id not in shortcuts[link.target_id]]


def ancestors(links: Iterable[Link]) -> dict[str, set[str]]:
    """Return for each end of a link all that comes before it, however far; ``links`` are acyclic."""
    before = _sources(links)
    found: dict[str, set[str]] = {}
    for one in TopologicalSorter(before).static_order():
        sources = before.get(one, {})
        found[one] = set(sources).union(*(found[source] for source in sources))
    return found


def descendants(links: Iterable[Link]) -> dict[str, set[str]]:
    """Return for each end of a link all that comes after it, however far; ``links`` are acyclic."""
    found: dict[str, set[str]] = {}
    for one, behind in ancestors(links).items():
        found.setdefault(one, set())
        for source in behind:
            found.setdefault(source, set()).add(one)
    return found


def study_order(goals: Sequence[str], links: Iterable[Link], rank: Callable[[str], Any]) -> list[str]:
    """Return the goals and all that leads up to them, each after what it rests on.

    What a thing rests on comes as shortly before it as can be, so that what belongs together is
    learned together; the goals are reached in the order given.

    Args:
        goals: where all must lead.
        links: acyclic; those that lead to none of the goals are left aside.
        rank: of several prerequisites of one thing, the lowest is taken first.
    """
    before = {target: sorted(sources, key=rank) for target, sources in _sources(links).items()}
    order: dict[str, None] = {}
    stack = [(goal, iter(before.get(goal, ()))) for goal in reversed(goals)]
    while stack:
        one, waiting = stack[-1]
        following = next((source for source in waiting if source not in order), None)
        if following is None:
            order.setdefault(one)
            stack.pop()
        else:
            stack.append((following, iter(before.get(following, ()))))
    return list(order)


def _find_cycle(links: Iterable[Link]) -> list[str]:
    """Return the ids around a cycle, the first again at the end, each before the next; or nothing."""
    try:
        TopologicalSorter(_sources(links)).prepare()
    except CycleError as error:
        around: list[str] = error.args[1]
        return around
    return []


def _sources(links: Iterable[Link]) -> dict[str, dict[str, None]]:
    # A dict for a set that keeps its order, for the same answer each time.
    sources: dict[str, dict[str, None]] = {}
    for link in links:
        sources.setdefault(link.target_id, {})[link.source_id] = None
    return sources

"""The search for chains of links between two entities: from both ends, in capped steps."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from itertools import pairwise
from math import inf, log

from kg.model import RelationType
from kg.store import GraphStore, Link

_FAN_OUT = 40  # links read of each entity on the way, the surest first
_FAN_OUT_ENDS = 200  # of the two ends themselves
_FRONTIER = 100  # entities that one step goes on from
_MEETING = 50  # entities where both sides meet that are looked at more closely
_MAX_STEPS = 5_000  # partial chains looked at for one length
_RELATED_TO_WEIGHT = 0.5  # RELATED_TO says that something is there, but not what
_HUB_PENALTY = 0.1  # a chain through an entity with 40 links counts as if a third less sure
_MIN_CONFIDENCE = 1e-6  # keeps the logarithm of a confidence of 0 finite


class Chains:
    """Chains between two entities, by length; the graph around both is read no further than needed.

    Each side is a ball around its end, grown one step in one look-up. All chains no longer than both
    radii together lie in the two balls (up to the caps), so lengths are asked for in rising order.
    """

    def __init__(self, store: GraphStore, from_id: str, to_id: str, types: Collection[RelationType]) -> None:
        self._store = store
        self._types = types
        self._ends = from_id, to_id
        self._near: dict[str, dict[str, Link]] = {}  # the surest link to each neighbour, both ways round
        self._spread: dict[str, int] = {}  # how many links were read of an entity: at most the fan-out
        self._costs = {from_id: {from_id: 0.0}, to_id: {to_id: 0.0}}  # of the way from each end
        self._hops = {from_id: {from_id: 0}, to_id: {to_id: 0}}
        self._frontiers = {from_id: [from_id], to_id: [to_id]}
        self._radii = {from_id: 0, to_id: 0}
        self._cut: list[str] = []  # ends with more links than were read

    def of_length(self, hops: int, limit: int) -> list[list[Link]]:
        """Return the best ``limit`` chains of exactly so many links, from the first end to the second."""
        # A hub is not seen whole: one step more from the other end finds it from outside.
        while sum(self._radii.values()) < hops + (len(self._cut) == 1):
            self._grow()
        if hops > 1:
            self._read_meeting()
        layers = self._costs_to_go(hops)
        start, goal = self._ends
        heap: list[tuple[float, tuple[str, ...]]] = []
        if start in layers[hops]:
            heap.append((layers[hops][start], (start,)))
        found: list[list[Link]] = []
        for _ in range(_MAX_STEPS):
            if not heap or len(found) == limit:
                break
            cost, walked = heapq.heappop(heap)
            last, left = walked[-1], hops - len(walked) + 1
            if last == goal:
                found.append([self._near[a][b] for a, b in pairwise(walked)])
                continue
            ahead = layers[left - 1]
            for other, link in self._near[last].items():
                if other in ahead and other not in walked:
                    # What is left to pay is known exactly, so the best chain is always followed first.
                    through = cost - layers[left][last] + self._cost(link, other) + ahead[other]
                    heapq.heappush(heap, (round(through, 9), (*walked, other)))
        return found

    def _costs_to_go(self, hops: int) -> list[dict[str, float]]:
        """Return for 0 to ``hops`` links left: the least cost from each entity that can be there."""
        start, goal = self._ends
        layers: list[dict[str, float]] = [{goal: 0.0}]
        for left in range(1, hops + 1):
            layer: dict[str, float] = {}
            for other, ahead in layers[-1].items():
                toll = ahead if other == goal else ahead + self._toll(other)
                for one, link in self._near.get(other, {}).items():
                    if one == goal or (one == start) != (left == hops):
                        continue
                    if (
                        self._hops[start].get(one, inf) <= hops - left
                        or self._hops[goal].get(one, inf) <= left
                    ):
                        layer[one] = min(layer.get(one, inf), _link_cost(link) + toll)
            layers.append(layer)
        return layers

    def _cost(self, link: Link, other: str) -> float:
        return _link_cost(link) + (0.0 if other == self._ends[1] else self._toll(other))

    def _toll(self, entity_id: str) -> float:
        return _HUB_PENALTY * log(max(1, self._spread.get(entity_id, 1)))

    def _grow(self) -> None:
        """Take one step outwards on the side with less to read."""
        if not any(self._radii.values()):
            self._read(self._ends, _FAN_OUT_ENDS)
            for end in self._ends:
                self._advance(end)
            self._cut = [end for end in self._ends if self._spread[end] == _FAN_OUT_ENDS]
            return
        # An empty frontier: all that hangs together with that end is read, and so is every chain.
        side = min(self._ends, key=lambda end: (len(self._frontiers[end]), end in self._cut))
        self._read(self._frontiers[side], _FAN_OUT)
        self._advance(side)

    def _read_meeting(self) -> None:
        """Read where the two balls meet, so that hubs there are known for what they are."""
        first, second = (self._costs[end] for end in self._ends)
        met = sorted((first[id_] + second[id_], id_) for id_ in first.keys() & second.keys())
        self._read([id_ for _, id_ in met[:_MEETING]], _FAN_OUT)

    def _read(self, wanted: Iterable[str], limit: int) -> None:
        ids = [id_ for id_ in wanted if id_ not in self._spread]
        found = self._store.links(ids, types=self._types, limit=limit) if ids else {}
        for id_ in ids:
            links = found.get(id_, [])
            self._spread[id_] = len(links)
            for link in links:
                other = link.other(id_)
                for one, two in ((id_, other), (other, id_)):
                    near = self._near.setdefault(one, {})
                    if two not in near or _preference(link) < _preference(near[two]):
                        near[two] = link

    def _advance(self, end: str) -> None:
        """Move a side's frontier to the unvisited neighbours, the cheapest to reach if they are many."""
        costs, hops = self._costs[end], self._hops[end]
        fresh: dict[str, float] = {}
        for id_ in self._frontiers[end]:
            for other, link in self._near.get(id_, {}).items():
                if other not in hops:
                    cost = costs[id_] + _link_cost(link)
                    fresh[other] = min(cost, fresh.get(other, inf))
        self._radii[end] += 1
        hops |= dict.fromkeys(fresh, self._radii[end])
        costs |= fresh
        self._frontiers[end] = sorted(fresh, key=lambda id_: (fresh[id_], id_))[:_FRONTIER]


def _link_cost(link: Link) -> float:
    weight = _RELATED_TO_WEIGHT if link.type is RelationType.RELATED_TO else 1.0
    return -log(max(link.confidence * weight, _MIN_CONFIDENCE))


def _preference(link: Link) -> tuple[float, str, str]:
    return _link_cost(link), link.type, link.relation_id

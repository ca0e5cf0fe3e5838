"""Walks over the graph: a compact snapshot of its passages and entities, and personalised PageRank on it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from kg.model import Passage, RelationType
from kg.store import GraphStore, Link

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Triples = tuple[list[int], list[int], list[float]]

# What ties a node beside its mentions, which weigh 1 in all for each passage.
_RELATION_WEIGHT = 0.1
_UNTYPED_WEIGHT = 0.03  # RELATED_TO says less than any other type
_NEIGHBOR_WEIGHT = 0.1  # the next passage of the same document
_HOME_WEIGHT = 2.0  # the entity that a heading names: twice as much as all mentions below it
_SWEEP_SHARE = 8  # past 1/8 of all edges, one pass over everything is faster than gathering rows
_PAGE = 1000


@dataclass(frozen=True, slots=True, eq=False)
class WalkGraph:
    """An undirected weighted graph whose nodes are numbered, passages before entities.

    Row ``i`` of the compressed sparse matrix is ``others[starts[i]:starts[i + 1]]`` with ``weights``
    alike; every row has an entry, since a node tied to nothing has a loop. ``spread`` counts the
    passages that mention each node: 0 for passages.
    """

    ids: tuple[str, ...]
    number: Mapping[str, int]
    passage_count: int
    starts: Ints
    others: Ints
    weights: Floats
    degrees: Floats
    spread: Ints

    def row(self, node: int) -> Ints:
        """Return the nodes tied to ``node``, in order."""
        return self.others[self.starts[node] : self.starts[node + 1]]


def build_graph(
    documents: Iterable[Sequence[str]],
    entity_ids: Iterable[str],
    mentions: Iterable[tuple[str, str, float]],
    ties: Iterable[tuple[str, str, float]],
    homes: Mapping[str, str],
) -> WalkGraph:
    """Build the graph that walks go over; the same input in any order gives the same graph.

    Args:
        documents: ids of each document's passages, in their order. Only neighbours inside one document
            are tied: tying passages across documents is known to cost recall.
        entity_ids: entities to have nodes; those mentioned or tied have one anyway.
        mentions: (passage id, entity id, count); passages without a document are left out.
        ties: (entity id, entity id, weight) of relations; all mentions of a passage weigh 1 together.
        homes: the entity that each passage is about, by passage id; those about none are left out.
    """
    ordered = sorted([tuple(document) for document in documents])
    passages = [passage_id for document in ordered for passage_id in document]
    known = set(passages)
    held = sorted(mention for mention in mentions if mention[0] in known)
    every = sorted(ties)
    names = {*entity_ids, *homes.values(), *(entity_id for _, entity_id, _ in held)}
    names.update(end for one, other, _ in every for end in (one, other))
    tied = [tie for tie in every if tie[2] > 0]  # a relation of confidence 0 leads nowhere
    ids = (*passages, *sorted(names))
    number = {node_id: node for node, node_id in enumerate(ids)}
    triples: Triples = ([], [], [])
    for before, after in (pair for document in ordered for pair in pairwise(document)):
        _tie(triples, number[before], number[after], _NEIGHBOR_WEIGHT)
    _tie_mentions(held, number, triples)
    for passage_id in sorted(known & homes.keys()):
        _tie(triples, number[passage_id], number[homes[passage_id]], _HOME_WEIGHT)
    for one, other, weight in tied:
        _tie(triples, number[one], number[other], weight)
    spread = np.bincount(np.array([number[one] for _, one, _ in held], dtype=np.int64), minlength=len(ids))
    starts, others, weights = _compress(triples, len(ids))
    degrees = np.add.reduceat(weights, starts[:-1]) if ids else weights
    return WalkGraph(ids, number, len(passages), starts, others, weights, degrees, spread.astype(np.int64))


def walk(
    graph: WalkGraph, seeds: Mapping[int, float], *, damping: float = 0.5, floor: float = 1e-5
) -> Floats:
    """Return personalised PageRank, float64 (n_nodes,), summing to 1; zeros where there are no seeds.

    Forward push (Andersen, Chung and Lang, 2006), a whole frontier at a time: what a node has not yet
    passed on is halved and spread, until no node holds back more than ``floor``. So no entry is off by
    more than the sum of what is held back, and a walk in a large graph touches only its surroundings.

    Args:
        graph: what to walk over.
        seeds: where walkers start, by node; positive weights of any scale.
        damping: chance to walk on rather than to start anew. One half keeps close to the seeds, which
            suits questions; web rankings use 0.85.
        floor: share of all walkers below which a node is not worth pushing.
    """
    rank = np.zeros(len(graph.ids))
    residue = np.zeros(len(graph.ids))
    total = sum(seeds.values())
    for node, weight in seeds.items():
        residue[node] = weight / total
    active = np.flatnonzero(residue > floor)
    while active.size:
        held = residue[active]
        rank[active] += (1 - damping) * held
        residue[active] = 0
        residue += _spread(graph, active, damping * held)
        active = np.flatnonzero(residue > floor)
    return rank + residue


_snapshots: WeakKeyDictionary[GraphStore, tuple[int, WalkGraph]] = WeakKeyDictionary()
_building = threading.Lock()


def walk_graph(store: GraphStore) -> WalkGraph:
    """Return the graph of what the store has published, built once per revision and kept with the store."""
    with _building:
        revision = store.revision()
        kept = _snapshots.get(store)
        if kept is None or kept[0] != revision:
            documents = [_passages(store, document.id) for document in store.list_documents()]
            homes = _homes(store, [passage for document in documents for passage in document])
            ids = [[passage.id for passage in document] for document in documents]
            ties = [(link.source_id, link.target_id, _weight(link)) for link in store.iter_links()]
            kept = (revision, build_graph(ids, (), store.iter_mentions(), ties, homes))
            _snapshots[store] = kept
        return kept[1]


def _passages(store: GraphStore, document_id: str) -> list[Passage]:
    passages: list[Passage] = []
    while True:
        page = store.document_passages(document_id, limit=_PAGE, offset=len(passages))
        passages += page.items
        if not page.items or len(passages) >= page.total:
            return passages


def _homes(store: GraphStore, passages: Iterable[Passage]) -> dict[str, str]:
    """Return the entity that the innermost telling heading of each passage names."""
    headings = {passage.id: passage.headings[::-1] for passage in passages}
    named = store.find_names({heading for inner_first in headings.values() for heading in inner_first})
    about = {
        passage_id: next((named[heading][0] for heading in inner_first if heading in named), None)
        for passage_id, inner_first in headings.items()
    }
    return {passage_id: entity_id for passage_id, entity_id in about.items() if entity_id is not None}


def _weight(link: Link) -> float:
    weight = _UNTYPED_WEIGHT if link.type is RelationType.RELATED_TO else _RELATION_WEIGHT
    return weight * link.confidence


def _tie(triples: Triples, one: int, other: int, weight: float) -> None:
    rows, columns, weights = triples
    rows += (one, other)
    columns += (other, one)
    weights += (weight, weight)


def _tie_mentions(
    mentions: Sequence[tuple[str, str, float]], number: Mapping[str, int], triples: Triples
) -> None:
    """Weigh each entity in a passage by its share of the passage's mentions."""
    totals: dict[str, float] = {}
    for passage_id, _, count in mentions:
        totals[passage_id] = totals.get(passage_id, 0) + count
    for passage_id, entity_id, count in mentions:
        _tie(triples, number[passage_id], number[entity_id], count / totals[passage_id])


def _compress(triples: Triples, size: int) -> tuple[Ints, Ints, Floats]:
    """Return row starts, columns and weights, sorted; parallel ties stay apart, as their sum counts."""
    rows, columns = np.array(triples[0], dtype=np.int64), np.array(triples[1], dtype=np.int64)
    lonely = np.flatnonzero(np.bincount(rows, minlength=size) == 0)
    rows, columns = np.concatenate([rows, lonely]), np.concatenate([columns, lonely])
    weights = np.concatenate([np.array(triples[2], dtype=np.float64), np.ones(lonely.size)])
    order = np.lexsort((columns, rows))
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=size))]).astype(np.int64)
    return starts, columns[order], weights[order]


def _spread(graph: WalkGraph, active: Ints, held: Floats) -> Floats:
    """Share out what the active nodes hold among those tied to them, by weight."""
    flow = held / graph.degrees[active]
    first = graph.starts[active]
    counts = graph.starts[active + 1] - first
    total = int(counts.sum())
    if total * _SWEEP_SHARE > graph.others.size:
        # The matrix is symmetric, so that each row may as well gather what comes in.
        everywhere = np.zeros(len(graph.ids))
        everywhere[active] = flow
        return np.add.reduceat(everywhere[graph.others] * graph.weights, graph.starts[:-1])
    edges = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(total)
    sent = np.repeat(flow, counts) * graph.weights[edges]
    received = np.bincount(graph.others[edges], weights=sent, minlength=len(graph.ids))
    return received.astype(np.float64, copy=False)

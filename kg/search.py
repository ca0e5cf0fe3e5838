"""Search: names, keywords, meaning and walks over the graph, behind one function."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from kg.embed import Embedder
from kg.errors import InvalidInputError
from kg.linking import NamedSpan, Stretches, content_words
from kg.model import EntityKind
from kg.store import GraphStore, Owner, Rankings
from kg.walk import WalkGraph, walk, walk_graph

_FUSION_K = 60  # reciprocal rank fusion as Cormack, Clarke and Buettcher (2009) have it
_POOL = 100  # depth of the rankings that are fused
_POOL_OF_KINDS = 1_000  # deeper where a filter will drop most of it
_PREFIX_CHARS = 40  # longer queries are questions, not the beginnings of names

# Tuned on the even questions of 2Wiki-101, checked on the odd ones.
_PRIOR_DEPTH = 300  # passages near in meaning, from which a few walkers start
_PRIOR_WEIGHT = 0.05  # of all walkers; at 0.2 recall@5 falls by 0.11
_NEAREST_ENTITIES = 5  # where walks start if the query names nothing


Scored = list[tuple[str, float]]
"""Ids with a score, best first."""


class SearchMode(StrEnum):
    """How search ranks."""

    HYBRID = "HYBRID"  # keyword and vector rankings fused
    KEYWORD = "KEYWORD"
    VECTOR = "VECTOR"
    GRAPH = "GRAPH"  # what the query names and means, carried along the graph


@dataclass(frozen=True, slots=True)
class Hit:
    """An entity or passage and how well it fits, comparable within one answer; most are in 0 to 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first."""

    entities: list[Hit]
    passages: list[Hit]


def search(
    store: GraphStore,
    embedder: Embedder,
    query: str,
    *,
    mode: SearchMode = SearchMode.HYBRID,
    kinds: Collection[EntityKind] = frozenset(),
    limit: int = 10,
    vector: np.ndarray | None = None,
    owners: Collection[Owner] = tuple(Owner),
) -> Found:
    """Rank entities and passages for a query; one without letters or digits finds nothing.

    An entity whose name or alias is the whole query comes first, then those that the query names or
    is the beginning of, then the rest (VECTOR alone goes by meaning only).

    Args:
        store: what to search.
        embedder: the one that made the store's vectors; not asked for KEYWORD.
        query: words, a question or the beginning of a name; never syntax.
        mode: how to rank.
        kinds: entities of other kinds are left out; none means all.
        limit: most entities and most passages.
        vector: of the query, where the caller has it already.
        owners: what the caller will look at; passages alone take about half the time, but for
            VECTOR. GRAPH finds both at once.

    Raises:
        InvalidInputError: ``limit`` is less than 1.
    """
    if limit < 1:
        raise InvalidInputError("a search needs a limit of at least 1")
    words = content_words(query)
    if not words:
        return Found([], [])
    if mode is SearchMode.KEYWORD:
        vector = None
    elif vector is None:
        vector = embedder.encode([query])[0]
    pool = max(limit, _POOL_OF_KINDS if kinds else _POOL)
    if mode is SearchMode.VECTOR and vector is not None:
        limits = {owner: pool if kinds and owner is Owner.ENTITY else limit for owner in owners}
        near = store.rankings(vector=vector, limits=limits).by_vector
        entities, passages = near.get(Owner.ENTITY, []), near.get(Owner.PASSAGE, [])
    elif mode is SearchMode.GRAPH and vector is not None:
        entities, passages = _carry(store, query, words, vector, pool)
    else:
        entities, passages = _rank(store, query, words, vector, pool, owners)
    return Found(_hits(_of_kinds(store, entities, kinds)[:limit]), _hits(passages[:limit]))


def similar(store: GraphStore, entity_id: str, *, limit: int = 10) -> list[Hit]:
    """Return the entities nearest in meaning, by cosine; none where the entity has no vector."""
    vector = store.vector(entity_id)
    if vector is None:
        return []
    near = store.search_vector(vector, Owner.ENTITY, limit=limit + 1)
    return _hits((other, score) for other, score in near if other != entity_id)[:limit]


def _hits(scored: Iterable[tuple[str, float]]) -> list[Hit]:
    # Rounded, so that answers do not differ between builds of the same arithmetic.
    return [Hit(hit_id, round(score, 6)) for hit_id, score in scored]


def _of_kinds(store: GraphStore, scored: Scored, kinds: Collection[EntityKind]) -> Scored:
    if not kinds:
        return scored
    entities = store.entities([id_ for id_, _ in scored])
    return [hit for hit in scored if hit[0] in entities and entities[hit[0]].kind in kinds]


def _fuse(rankings: Sequence[Sequence[str]], tiers: Mapping[str, int] | None = None) -> Scored:
    """Fuse rankings by reciprocal rank, scaled so that first in all of them is 1.

    With ``tiers`` (2, 1 or else 0), every id of a higher tier comes before all of a lower one, and the
    score is scaled to 0 to 1 again.
    """
    fused: dict[str, float] = {}
    for ranking in rankings:
        for rank, hit_id in enumerate(ranking, start=1):
            fused[hit_id] = fused.get(hit_id, 0.0) + (_FUSION_K + 1) / (_FUSION_K + rank) / len(rankings)
    if tiers is not None:
        fused = {hit_id: (tiers.get(hit_id, 0) + score) / 3 for hit_id, score in fused.items()}
    return sorted(fused.items(), key=lambda scored: (-scored[1], scored[0]))


def _rank(
    store: GraphStore,
    query: str,
    words: Sequence[str],
    vector: np.ndarray | None,
    pool: int,
    owners: Collection[Owner],
) -> tuple[Scored, Scored]:
    """Rank by keyword and, where there is a vector, by meaning; entities by name too."""
    of_entities = Owner.ENTITY in owners
    stretches = Stretches.of(query if of_entities else "")
    beginning = query.strip()
    found = store.rankings(
        names={query, *stretches.names.values()} if of_entities else (),
        beginning=beginning if len(beginning) <= _PREFIX_CHARS else "",
        words=words,
        vector=vector,
        limits=dict.fromkeys(owners, pool),
    )
    whole = found.named.get(query, [])
    spans = sorted(stretches.link(found.named), key=lambda span: (span.start - span.end, span.start))
    named = list(dict.fromkeys([*whole, *found.begun, *(one for span in spans for one in span.entity_ids)]))
    tiers = {**dict.fromkeys(named, 1), **dict.fromkeys(whole, 2)}
    entities = _fuse([named, *_ids(found, Owner.ENTITY, vector)], tiers)
    return entities, _fuse(_ids(found, Owner.PASSAGE, vector))


def _ids(found: Rankings, owner: Owner, vector: np.ndarray | None) -> list[list[str]]:
    """Return the ids by keyword and, where there is a vector, by meaning; each best first."""
    rankings = [found.by_words] if vector is None else [found.by_words, found.by_vector]
    return [[hit_id for hit_id, _ in ranking.get(owner, [])] for ranking in rankings]


def _carry(
    store: GraphStore, query: str, words: Sequence[str], vector: np.ndarray, pool: int
) -> tuple[Scored, Scored]:
    """Rank entities and passages by where walkers dwell that start at what the query names and means."""
    graph = walk_graph(store)
    stretches = Stretches.of(query)
    found = store.rankings(
        names=stretches.names.values(), vector=vector, limits={Owner.PASSAGE: _PRIOR_DEPTH}
    )
    seeds = _name_seeds(graph, stretches.link(found.named))
    if seeds:
        prior, weight = found.by_vector[Owner.PASSAGE], _PRIOR_WEIGHT
    else:
        near = store.search_vector(vector, Owner.ENTITY, limit=_NEAREST_ENTITIES)
        seeds = _name_seeds(graph, [NamedSpan(0, 0, (entity_id,)) for entity_id, _ in near])
        found = store.rankings(words=words, vector=vector, limits={Owner.PASSAGE: pool})
        prior = [(id_, round(score, 6)) for id_, score in _fuse(_ids(found, Owner.PASSAGE, vector))]
        weight = 0.5
    _add_prior(graph, seeds, prior, weight)
    if not seeds:
        return [], []
    rank = walk(graph, seeds)
    parts = rank[graph.passage_count :], rank[: graph.passage_count]
    return _best(graph, parts[0], graph.passage_count, pool), _best(graph, parts[1], 0, pool)


def _name_seeds(graph: WalkGraph, spans: Iterable[NamedSpan]) -> dict[int, float]:
    """Return where walkers start, summing to 1: at rare names rather than at those found everywhere."""
    seeds: dict[int, float] = {}
    for span in spans:
        for entity_id in span.entity_ids:
            node = graph.number.get(entity_id)
            if node is not None:
                weight = 1 / len(span.entity_ids) / max(1, int(graph.spread[node])) ** 0.5
                seeds[node] = seeds.get(node, 0.0) + weight
    total = sum(seeds.values())
    return {node: weight / total for node, weight in seeds.items()}


def _add_prior(
    graph: WalkGraph, seeds: dict[int, float], scored: Sequence[tuple[str, float]], weight: float
) -> None:
    """Let a few walkers start at passages, by how far each is above the last of them."""
    lowest = min((score for _, score in scored), default=0.0)
    lifted = {
        graph.number[one]: score - lowest for one, score in scored if score > lowest and one in graph.number
    }
    total = sum(lifted.values())
    for node, lift in lifted.items():
        seeds[node] = seeds.get(node, 0.0) + weight * lift / total


def _best(graph: WalkGraph, rank: np.ndarray, offset: int, pool: int) -> Scored:
    """Return the nodes where most walkers dwell, the first at score 1; ties by id, as nodes are sorted."""
    order = [int(node) for node in np.argsort(-np.round(rank, 9), kind="stable")[:pool] if rank[node] > 0]
    highest = rank[order[0]] if order else 1.0
    return [(graph.ids[offset + node], float(rank[node] / highest)) for node in order]

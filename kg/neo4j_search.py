"""Keyword and vector search in Neo4j's indexes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kg.neo4j_lucene import quoted
from kg.neo4j_published import Reading
from kg.neo4j_schema import ENTITY_VECTORS, ENTITY_WORDS, PASSAGE_VECTORS, PASSAGE_WORDS, PASSAGES
from kg.parameters import bindable
from kg.store import Owner
from kg.vectors import require_length

if TYPE_CHECKING:
    import numpy as np

Hits = list[tuple[str, float]]

# A name says more than an alias, an alias more than a description. Lucene scores each field by itself, so
# that few words, as headings are, weigh more anyway: halved, they find as much as in the embedded store.
_FIELDS: dict[Owner, dict[str, float]] = {
    Owner.PASSAGE: {"text": 1, "headings": 0.5},
    Owner.ENTITY: {"name": 4, "aliases": 3, "description": 1},
}
_WORDS = {Owner.PASSAGE: PASSAGE_WORDS, Owner.ENTITY: ENTITY_WORDS}
_VECTORS = {Owner.PASSAGE: PASSAGE_VECTORS, Owner.ENTITY: ENTITY_VECTORS}
_MOST_WORDS = 64

_BY_WORDS = """
CALL db.index.fulltext.queryNodes($index, $query, {limit: $most}) YIELD node, score
WITH collect([CASE node.kg_build WHEN $build THEN node.id END, score]) AS rows"""
_BY_VECTOR = """
CALL db.index.vector.queryNodes($index, $most, $vector) YIELD node, score
WITH collect([CASE node.kg_build WHEN $build THEN node.id END, 2 * score - 1]) AS rows"""
_VECTOR = f"""
MATCH (n:Entity|{"|".join(PASSAGES)} {{kg_build: $build, id: $id}}) WHERE n.embedding IS NOT NULL
RETURN n.embedding ORDER BY n:Entity DESC LIMIT 1"""

_LEAST_CANDIDATES = 50  # HNSW finds the nearest the surer, the more of them it looks for
_BEYOND = 40  # and is the slower; so many more show where ties end


def search_text(look: Reading, words: Sequence[str], owner: Owner, limit: int) -> Hits:
    """See ``GraphStore.search_text``."""
    clean = list(dict.fromkeys(bindable(word) for word in words))
    # Of very many words the longest: they tell most, as a rule.
    phrases = " ".join(quoted(word) for word in sorted(clean, key=len, reverse=True)[:_MOST_WORDS])
    if not phrases:
        return []
    query = " ".join(f"{field}:({phrases})^{weight}" for field, weight in _FIELDS[owner].items())
    return _best(lambda most: look.gathered(_BY_WORDS, index=_WORDS[owner], query=query, most=most), limit)


def search_vector(look: Reading, vector: np.ndarray, owner: Owner, limit: int) -> Hits:
    """See ``GraphStore.search_vector``."""
    if look.state.dimension is None:
        return []
    require_length(vector, look.state.dimension)
    numbers = vector.tolist()
    hits = _best(
        lambda most: look.gathered(_BY_VECTOR, index=_VECTORS[owner], vector=numbers, most=most), limit
    )
    return [(id_, max(-1.0, min(1.0, score))) for id_, score in hits]


def vector(look: Reading, owner_id: str) -> list[float] | None:
    """Return the numbers of the vector of a passage or entity."""
    found = look(_VECTOR, id=bindable(owner_id))
    return found[0][0] if found else None


def _best(ask: Callable[[int], list[list[object]]], limit: int) -> Hits:
    """Return the best hits, ties by id; ``ask`` gives so many of the index, best first.

    The index knows no ties and no builds: so more is asked for until one more is worse than the last.
    """
    most = max(limit + _BEYOND, _LEAST_CANDIDATES)
    while limit > 0:
        found = ask(most)
        hits = [(str(id_), float(score)) for id_, score in found if id_ is not None]  # type: ignore[arg-type]
        if len(found) < most or (len(hits) > limit and hits[-1][1] < hits[limit - 1][1]):
            return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:limit]
        most *= 4
    return []

"""Whole-graph reads of the published graph from Neo4j: held in arrays, so that a publication cannot cut them.

A transaction that stayed open while its reader does something else would be ended by the server, and one page
after another could be of different publications. Ids are kept once and referred to by number.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np

from kg.model import RelationType
from kg.names import content_id
from kg.neo4j_published import Published, Reading
from kg.store import Link

# By pages of nodes, each a range of the index on ids.
_LINKS = """
MATCH (s:{label}) WHERE s.kg_build = $build AND s.id > $after
WITH s ORDER BY s.kg_build, s.id LIMIT $page
OPTIONAL MATCH (s)-[r]->(t) WHERE r.kg_digest IS NOT NULL
RETURN s.id, collect([t.id, type(r), r.confidence])
ORDER BY s.id"""
_MENTIONS = """
MATCH (p:{label}) WHERE p.kg_build = $build AND p.id > $after
WITH p ORDER BY p.kg_build, p.id LIMIT $page
OPTIONAL MATCH (p)-[m:MENTIONS]->(e) WHERE m.count IS NOT NULL
RETURN p.id, collect([e.id, m.count])
ORDER BY p.id"""
_PAGE = 2_000
_WHOLE_S = 3_600.0

_TYPES = tuple(RelationType)
_NUMBER_OF = {type_: number for number, type_ in enumerate(_TYPES)}


class _Ids:
    """Each id once, by number."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, id_: str) -> int:
        number = self._numbers.setdefault(id_, len(self.all))
        if number == len(self.all):
            self.all.append(id_)
        return number


def iter_links(published: Published) -> Iterator[Link]:
    """See ``GraphStore.iter_links``."""
    ids, sources, targets, types, confidences = published.read(_all_links, timeout_s=_WHOLE_S)

    def relation_id(at: int) -> str:
        # As `Relation.id` has it: worked out, it need not be sent.
        return content_id("r", ids[sources[at]], _TYPES[types[at]], ids[targets[at]])

    keys = np.array([relation_id(at).encode() for at in range(len(sources))], dtype=np.bytes_)
    for at in np.argsort(keys).tolist():
        yield Link(
            relation_id=keys[at].decode(),
            source_id=ids[sources[at]],
            target_id=ids[targets[at]],
            type=_TYPES[types[at]],
            confidence=confidences[at],
        )


def iter_mentions(published: Published) -> Iterator[tuple[str, str, int]]:
    """See ``GraphStore.iter_mentions``."""
    ids, passages, entities, counts = published.read(_all_mentions, timeout_s=_WHOLE_S)
    for passage, entity, count in zip(passages, entities, counts, strict=True):
        yield ids[passage], ids[entity], count


def _all_links(look: Reading) -> tuple[list[str], array[int], array[int], array[int], array[float]]:
    ids = _Ids()
    sources, targets, types, confidences = array("l"), array("l"), array("b"), array("d")
    for source_id, links in (row for label in ("Entity", "KgMissing") for row in pages(look, _LINKS, label)):
        for target_id, type_, confidence in links:
            sources.append(ids.number(source_id))
            targets.append(ids.number(target_id))
            types.append(_NUMBER_OF[type_])
            confidences.append(confidence)
    return ids.all, sources, targets, types, confidences


def _all_mentions(look: Reading) -> tuple[list[str], array[int], array[int], array[int]]:
    ids = _Ids()
    passages, entities, counts = array("l"), array("l"), array("l")
    found = (row for label in ("Passage", "KgMissing") for row in pages(look, _MENTIONS, label))
    for passage_id, mentions in found:
        for entity_id, count in sorted(mentions):
            passages.append(ids.number(passage_id))
            entities.append(ids.number(entity_id))
            counts.append(count)
    return ids.all, passages, entities, counts


def pages(look: Reading, query: str, label: str) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield each node of a label by id, with what ``query`` collects of it: see the queries above."""
    after = ""
    while rows := look(query.format(label=label), after=after, page=_PAGE):
        for id_, found in rows:
            yield id_, [one for one in found if one[0] is not None]
        after = rows[-1][0]

"""Reading all of a published graph back from Neo4j, as it was handed to ``publish``: by pages of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from kg import neo4j_read
from kg.model import Graph, Topic
from kg.neo4j_published import Published, Reading
from kg.neo4j_read import DOCUMENT, ENTITY, PASSAGE
from kg.neo4j_relations import RELATION, relation_of
from kg.neo4j_schema import DOCUMENTS, ENDS, PASSAGES
from kg.neo4j_streams import pages

_DOCUMENTS = f"""
MATCH (d:{{label}}) WHERE d.kg_build = $build AND d.id > $after
RETURN d.id, [[{DOCUMENT}]] ORDER BY d.kg_build, d.id LIMIT $page"""
_PASSAGES = f"""
MATCH (p:{{label}}) WHERE p.kg_build = $build AND p.id > $after
RETURN p.id, [[{PASSAGE}, p.kg_vector]] ORDER BY p.kg_build, p.id LIMIT $page"""
_ENTITIES = f"""
MATCH (e:{{label}}) WHERE e.kg_build = $build AND e.id > $after
RETURN e.id, [[{ENTITY}, e.kg_vector]] ORDER BY e.kg_build, e.id LIMIT $page"""
_RELATIONS = f"""
MATCH (s:{{label}}) WHERE s.kg_build = $build AND s.id > $after
WITH s ORDER BY s.kg_build, s.id LIMIT $page
OPTIONAL MATCH (s)-[r]->(t) WHERE r.kg_digest IS NOT NULL
RETURN s.id, collect(CASE WHEN r IS NOT NULL THEN [{RELATION}] END) ORDER BY s.id"""
_MENTIONS = """
MATCH (p:{label}) WHERE p.kg_build = $build AND p.id > $after
WITH p ORDER BY p.kg_build, p.id LIMIT $page
OPTIONAL MATCH (p)-[m:MENTIONS]->(e) WHERE m.count IS NOT NULL
RETURN p.id, collect([e.id, p.id, m.count, m.start, m.quote]) ORDER BY p.id"""
_LEVELS = "MATCH (t:Topic {kg_build: $build}) WHERE t.id >= '' RETURN DISTINCT t.level"

_WHOLE_S = 3_600.0


def read_graph(published: Published) -> tuple[Graph, dict[str, str]]:
    """See ``GraphStore.read_graph``."""
    return published.read(_read, timeout_s=_WHOLE_S)


def _read(look: Reading) -> tuple[Graph, dict[str, str]]:
    keys: dict[str, str] = {}

    def without_key(row: list[Any]) -> list[Any]:
        *rest, key = row
        if key is not None:
            keys[row[0]] = key
        return rest

    by_id = attrgetter("id")
    documents = (neo4j_read.document_of(row) for row in _rows(look, _DOCUMENTS, DOCUMENTS))
    passages = (neo4j_read.passage_of(without_key(row)) for row in _rows(look, _PASSAGES, PASSAGES))
    relations = (relation_of(row) for row in _rows(look, _RELATIONS, ENDS.split("|")))
    mentions = (neo4j_read.mention_of(row) for row in _rows(look, _MENTIONS, (*PASSAGES, "KgMissing")))
    graph = Graph(
        documents=tuple(sorted(documents, key=by_id)),
        passages=tuple(sorted(passages, key=by_id)),
        entities=tuple(neo4j_read.entity_of(without_key(row)) for row in _rows(look, _ENTITIES, ["Entity"])),
        relations=tuple(sorted(relations, key=by_id)),
        mentions=tuple(sorted(mentions, key=attrgetter("passage_id", "entity_id"))),
        topics=tuple(sorted(_topics(look), key=by_id)),
        tracks=tuple(neo4j_read.tracks(look)),
        dropped=tuple(neo4j_read.dropped(look)),
    )
    return graph, keys


def _rows(look: Reading, query: str, labels: tuple[str, ...] | list[str]) -> Iterator[list[Any]]:
    for label in labels:
        for _, found in pages(look, query, label):
            yield from found


def _topics(look: Reading) -> Iterator[Topic]:
    for (level,) in look(_LEVELS):
        yield from neo4j_read.topics(look, level)

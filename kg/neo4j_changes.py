"""What differs between a graph and the published one, told by digests that the database keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kg.neo4j_rows import GraphRows, Nodes, digest, relation_properties
from kg.neo4j_schema import PASSAGES
from kg.neo4j_server import Neo4jServer
from kg.neo4j_write import (
    Statement,
    create_mentions,
    create_nodes,
    create_relations,
    delete_nodes,
    delete_relations,
    embed_nodes,
    forget_mentions,
    hold_passages,
    mark_mentions,
    mentions_digest,
    unembed_nodes,
    update_nodes,
    update_relations,
)

_NODES = """
MATCH (n:{label}) WHERE n.kg_build = $build AND n.id >= ''
RETURN n.id, n.kg_digest, n.kg_vector"""
_MENTIONS = f"""
MATCH (n:{"|".join(PASSAGES)}) WHERE n.kg_build = $build AND n.id >= '' AND n.kg_mentions IS NOT NULL
RETURN n.id, n.kg_mentions, NULL"""
_RELATIONS = """
MATCH (n:Entity) WHERE n.kg_build = $build AND n.id >= ''
MATCH (n)-[r]->() WHERE r.kg_digest IS NOT NULL
RETURN r.id, r.kg_digest, elementId(r)"""

_LOOK_S = 3_600  # a whole graph is read: there is no hurry
_MODULUS = 1 << 64


@dataclass(frozen=True, slots=True)
class _Difference:
    """What of one part is new, changed and gone; ``kept`` is what else the database has, by old id."""

    new: list[str]
    changed: list[str]
    gone: list[str]
    kept: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.new) + len(self.changed) + len(self.gone)


_NOTHING = _Difference([], [], [], {})


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs; ``parts`` holds the digest of each part of the new graph."""

    nodes: Mapping[str, tuple[Nodes, _Difference]]
    relations: _Difference
    mentions: _Difference
    parts: dict[str, str]

    def __len__(self) -> int:
        found = sum(len(difference) for _, difference in self.nodes.values())
        return found + len(self.relations) + len(self.mentions)

    @property
    def moved(self) -> bool:
        """Whether a node is to have another label, so that what hangs on it would have to move as well."""
        differences = [difference for _, difference in self.nodes.values()]
        gone = {id_ for difference in differences for id_ in difference.gone}
        return not gone.isdisjoint(id_ for difference in differences for id_ in difference.new)

    def vector_keys(self) -> set[str]:
        """Return the keys of the vectors that nodes are to be given."""
        return {key for keys in self._keys().values() for key in keys.values() if key}

    def statements(self, rows: GraphRows) -> Iterator[Statement]:
        """Yield what turns the published graph into the new one, in an order in which all ends are there."""
        relations = self.relations
        elements = {id_: relations.kept[id_] for id_ in relations.changed}
        yield from delete_relations(relations.kept[id_] for id_ in relations.gone)
        yield from forget_mentions([*self.mentions.gone, *self.mentions.changed])
        for label, (part, difference) in self.nodes.items():
            yield from delete_nodes(label, difference.gone)
            yield from create_nodes(part, difference.new)
            yield from update_nodes(part, difference.changed)
        new_passages = [id_ for label in PASSAGES for id_ in self.nodes[label][1].new]
        yield from hold_passages(rows, new_passages)
        yield from create_relations(rows, relations.new)
        yield from update_relations(rows, elements)
        mentioning = [*self.mentions.new, *self.mentions.changed]
        yield from create_mentions(rows, (m for id_ in mentioning for m in rows.mentions[id_]))
        yield from mark_mentions(rows, mentioning)
        for label, keys in self._keys().items():
            yield from unembed_nodes(label, [id_ for id_ in keys if id_ in self.nodes[label][1].kept])
            yield from embed_nodes(label, {id_: key for id_, key in keys.items() if key})

    def _keys(self) -> dict[str, dict[str, str | None]]:
        """Return the new key of each node whose key is another than before, by label and id."""
        return {
            label: {
                id_: key
                for id_ in (*difference.new, *difference.changed)
                if (key := part.vector_keys.get(id_)) != difference.kept.get(id_)
            }
            for label, (part, difference) in self.nodes.items()
        }


def find_changes(server: Neo4jServer, rows: GraphRows, build: int, parts: Mapping[str, str]) -> Changes:
    """Compare ``rows`` with what the database has; ``parts`` are the digests of its parts where known."""
    sums: dict[str, str] = {}

    def differ(name: str, query: str, digests: Mapping[str, int]) -> _Difference:
        # A sum, so that order does not matter.
        sums[name] = f"{sum(digests.values()) % _MODULUS:016x}"
        return _NOTHING if parts.get(name) == sums[name] else _difference(server, query, build, digests)

    nodes = {
        part.label: (
            part,
            differ(
                part.label,
                _NODES.format(label=part.label),
                {id_: digest(part.properties(id_)) for id_ in sorted(part.ids)},
            ),
        )
        for part in rows.nodes
    }
    relations = {id_: digest(relation_properties(r)) for id_, r in sorted(rows.relations.items())}
    mentions = {id_: mentions_digest(rows, id_) for id_ in sorted(rows.mentions)}
    return Changes(
        nodes=nodes,
        relations=differ("relation", _RELATIONS, relations),
        mentions=differ("mention", _MENTIONS, mentions),
        parts=sums,
    )


def _difference(server: Neo4jServer, query: str, build: int, digests: Mapping[str, int]) -> _Difference:
    old: dict[str, int] = {}
    kept: dict[str, Any] = {}
    rows = server.read(lambda tx: tx.run(query, build=build).values(), timeout_s=_LOOK_S)
    for id_, found, other in rows:
        old[id_], kept[id_] = found, other
    return _Difference(
        new=[id_ for id_ in digests if id_ not in old],
        changed=[id_ for id_, found in digests.items() if id_ in old and old[id_] != found],
        gone=sorted(old.keys() - digests.keys()),
        kept=kept,
    )

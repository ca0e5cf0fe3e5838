"""Entities and relations written as other graph tools read them, piece by piece.

Each writer takes the entities before the relations and asks for each once, so both may be streams.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from kg.escape import cypher_string, spreadsheet_cell, xml_text
from kg.model import Entity, EntityKind, Relation

_NODE_FIELDS = ("name", "kind", "aliases", "description", "difficulty", "importance", "x", "y")
_EDGE_FIELDS = ("type", "confidence", "found_by", "quotes", "gains", "costs")
_NUMBERS = frozenset({"importance", "x", "y", "confidence"})

_IRI = "urn:guidegraph:"
_CONTEXT = {
    "@vocab": f"{_IRI}term:",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "name": "skos:prefLabel",
    "aliases": "skos:altLabel",
    "description": "skos:definition",
    "kind": "@type",
    "subject": {"@id": "rdf:subject", "@type": "@id"},
    "predicate": {"@id": "rdf:predicate", "@type": "@vocab"},
    "object": {"@id": "rdf:object", "@type": "@id"},
}


def write_graphml(entities: Iterable[Entity], relations: Iterable[Relation]) -> Iterator[str]:
    """Yield GraphML; what is a list is a JSON array there, as GraphML has no lists."""
    yield "<?xml version='1.0' encoding='utf-8'?>\n"
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for domain, fields in (("node", _NODE_FIELDS), ("edge", _EDGE_FIELDS)):
        for field in fields:
            kind = "double" if field in _NUMBERS else "string"
            yield f'<key id="{field}" for="{domain}" attr.name="{field}" attr.type="{kind}"/>\n'
    yield '<graph edgedefault="directed">\n'
    for entity in entities:
        yield f'<node id="{xml_text(entity.id)}">{_xml_data(_node(entity))}</node>\n'
    for one in relations:
        source, target = xml_text(one.source_id), xml_text(one.target_id)
        yield f'<edge id="{one.id}" source="{source}" target="{target}">{_xml_data(_edge(one))}</edge>\n'
    yield "</graph>\n</graphml>\n"


def write_json_ld(entities: Iterable[Entity], relations: Iterable[Relation]) -> Iterator[str]:
    """Yield JSON-LD 1.1: each relation as a triple, and as a statement that carries its evidence."""
    yield f'{{"@context": {json.dumps(_CONTEXT)},\n"@graph": ['
    before = "\n"
    for entity in entities:
        yield before + json.dumps(_described(entity))
        before = ",\n"
    for relation in relations:
        yield before + ",\n".join(map(json.dumps, _stated(relation)))
        before = ",\n"
    yield "\n]}\n"


def write_cypher(entities: Iterable[Entity], relations: Iterable[Relation]) -> Iterator[str]:
    """Yield Cypher statements, one a line. Labels and types come from the ontology, text is in literals."""
    yield "CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (e:Entity) REQUIRE e.id IS UNIQUE;\n"
    for entity in entities:
        label, properties = _LABELS[entity.kind], _cypher_map(_node(entity))
        yield f"MERGE (e:Entity {{id: {cypher_string(entity.id)}}}) SET e:{label}, e += {properties};\n"
    for one in relations:
        source, target = cypher_string(one.source_id), cypher_string(one.target_id)
        ends = f"MATCH (a:Entity {{id: {source}}}), (b:Entity {{id: {target}}})"
        properties = _cypher_map({"id": one.id} | _edge(one))
        yield f"{ends} MERGE (a)-[r:{one.type.value}]->(b) SET r += {properties};\n"


def write_nodes(entities: Iterable[Entity]) -> Iterator[str]:
    """Yield the table of nodes as CSV (RFC 4180) with a header."""
    yield _csv_row(["id", *_NODE_FIELDS])
    for entity in entities:
        yield _csv_row([entity.id, *_node(entity).values()])


def write_edges(entities: Iterable[Entity], relations: Iterable[Relation]) -> Iterator[str]:
    """Yield the table of edges as CSV (RFC 4180) with a header; with the names of the ends that are given."""
    names = {entity.id: entity.name for entity in entities}
    named = ["source_name", "target_name"] if names else []
    yield _csv_row(["id", "source", "target", *named, *_EDGE_FIELDS])
    for one in relations:
        ends = [names[one.source_id], names[one.target_id]] if names else []
        yield _csv_row([one.id, one.source_id, one.target_id, *ends, *_edge(one).values()])


_LABELS = {kind: kind.value.title().replace("_", "") for kind in EntityKind}


def _node(entity: Entity) -> dict[str, Any]:
    return {
        "name": entity.name,
        "kind": entity.kind.value,
        "aliases": entity.aliases,
        "description": entity.description,
        "difficulty": entity.difficulty and entity.difficulty.value,
        "importance": entity.importance,
        "x": entity.x,
        "y": entity.y,
    }


def _edge(relation: Relation) -> dict[str, Any]:
    return {
        "type": relation.type.value,
        "confidence": relation.confidence,
        "found_by": relation.found_by,
        "quotes": tuple(evidence.quote for evidence in relation.evidence),
        "gains": relation.gains,
        "costs": relation.costs,
    }


def _described(entity: Entity) -> dict[str, Any]:
    return {"@id": _IRI + entity.id} | {
        field: value for field, value in _node(entity).items() if value not in (None, ())
    }


def _stated(relation: Relation) -> Iterator[dict[str, Any]]:
    source, target = _IRI + relation.source_id, _IRI + relation.target_id
    yield {"@id": source, relation.type.value: {"@id": target}}
    said = {field: value for field, value in _edge(relation).items() if field != "type" and value != ()}
    ends = {"subject": source, "predicate": relation.type.value, "object": target}
    yield {"@id": _IRI + relation.id, "@type": "rdf:Statement"} | ends | said


def _xml_data(fields: Mapping[str, Any]) -> str:
    return "".join(
        f'<data key="{field}">{xml_text(_as_text(value))}</data>'
        for field, value in fields.items()
        if value is not None
    )


def _cypher_map(fields: Mapping[str, Any]) -> str:
    said = (f"{field}: {_cypher_value(value)}" for field, value in fields.items() if value is not None)
    return "{" + ", ".join(said) + "}"


def _cypher_value(value: str | float | Sequence[str]) -> str:
    if isinstance(value, str):
        return cypher_string(value)
    if isinstance(value, float):
        return repr(value)
    return f"[{', '.join(map(cypher_string, value))}]"


def _csv_row(values: Iterable[Any]) -> str:
    out = StringIO()
    csv.writer(out).writerow(
        value if isinstance(value, float) else spreadsheet_cell(_as_text(value)) for value in values
    )
    return out.getvalue()


def _as_text(value: Any) -> str:
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)

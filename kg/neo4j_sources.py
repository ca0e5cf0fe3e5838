"""What the builder keeps in Neo4j beside the published graph: sources, waiting vectors, settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.model import Document, Origin, Source
from kg.neo4j_schema import PASSAGES, make_vector_indexes
from kg.neo4j_server import Neo4jServer
from kg.neo4j_write import batches
from kg.source_bytes import pack_source, unpack_source
from kg.store import SourceState

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

_SOURCES = """
MATCH (s:KgSource)
RETURN s.root, s.path, s.title, s.content_hash, s.origin, s.fingerprint ORDER BY s.document_id"""
_PUT_SOURCES = "UNWIND $rows AS row MERGE (s:KgSource {document_id: row.document_id}) SET s = row"
_DROP_SOURCES = "UNWIND $ids AS id MATCH (s:KgSource {document_id: id}) DELETE s"
_BODIES = """
MATCH (s:KgSource) WHERE s.document_id > $after
RETURN s.document_id, s.body ORDER BY s.document_id LIMIT $page"""
_PAGE = 20

_HELD_VECTORS = "\n    ".join(
    f"UNION ALL MATCH (n:{label} {{kg_build: build, kg_vector: key}}) WHERE n.embedding IS NOT NULL RETURN n"
    for label in ("Entity", *PASSAGES)
)
_KNOWN_VECTORS = f"""
MATCH (g:KgGraph {{only: 1}})
WITH g.build AS build
UNWIND $keys AS key
CALL (build, key) {{
    MATCH (n:KgVector {{key: key}}) RETURN n
    {_HELD_VECTORS}
}}
RETURN DISTINCT key"""
_VECTORS = f"""
MATCH (g:KgGraph {{only: 1}})
WITH g.build AS build
UNWIND $keys AS key
CALL (build, key) {{
    MATCH (n:KgVector {{key: key}}) RETURN n.value AS value
    {_HELD_VECTORS.replace("RETURN n", "RETURN n.embedding AS value")}
}}
RETURN key, head(collect(value))"""
_PUT_VECTORS = """
UNWIND $rows AS row
MERGE (v:KgVector {key: row[0]})
WITH v, row
CALL db.create.setNodeVectorProperty(v, 'value', row[1])"""
# Nodes that were published before their vector came.
_EMBED_LATE = """
MATCH (g:KgGraph {{only: 1}})
WITH g.build AS build
UNWIND $keys AS key
MATCH (n:{label} {{kg_build: build, kg_vector: key}}) WHERE n.embedding IS NULL
MATCH (v:KgVector {{key: key}})
CALL db.create.setNodeVectorProperty(n, 'embedding', v.value)"""
_VECTOR_BATCH = 1_000

_SETTING = "MATCH (s:KgSetting {name: $name}) RETURN s.value"
_SETTINGS = "MATCH (s:KgSetting) RETURN s.name, s.value ORDER BY s.name"
_PUT_SETTING = "MERGE (s:KgSetting {name: $name}) SET s.value = $value"
_FORGET_SETTING = "MATCH (s:KgSetting {name: $name}) DELETE s"


def sources(server: Neo4jServer) -> dict[str, SourceState]:
    """See ``GraphStore.sources``."""
    states = []
    for root, path, title, content_hash, origin, fingerprint in server.rows(_SOURCES):
        document = Document(
            root=root, path=path, title=title, content_hash=content_hash, origin=Origin(origin)
        )
        states.append(SourceState(document=document, fingerprint=fingerprint))
    return {state.document.id: state for state in states}


def put_sources(server: Neo4jServer, found: Collection[Source]) -> None:
    """See ``GraphStore.put_sources``."""
    # Encoded before the transaction begins, so that it is short.
    server.change(_PUT_SOURCES, rows=[_row(source) for source in found])


def drop_sources(server: Neo4jServer, document_ids: Collection[str]) -> None:
    """See ``GraphStore.drop_sources``."""
    server.change(_DROP_SOURCES, ids=sorted(document_ids))


def read_sources(server: Neo4jServer) -> Iterator[Source]:
    """See ``GraphStore.read_sources``."""
    after = ""
    while rows := server.rows(_BODIES, after=after, page=_PAGE):
        for _, body in rows:
            yield unpack_source(body)
        after = rows[-1][0]


def missing_vectors(server: Neo4jServer, keys: Collection[str]) -> set[str]:
    """See ``GraphStore.missing_vectors``."""
    return set(keys) - {key for (key,) in server.rows(_KNOWN_VECTORS, keys=sorted(keys))}


def put_vectors(server: Neo4jServer, vectors: Mapping[str, np.ndarray]) -> None:
    """See ``GraphStore.put_vectors``."""
    if not vectors:
        return
    rows = [[key, vectors[key].tolist()] for key in sorted(vectors)]
    make_vector_indexes(server, len(rows[0][1]))

    def work(tx: ManagedTransaction) -> None:
        for batch in batches(rows, _VECTOR_BATCH):
            tx.run(_PUT_VECTORS, rows=batch).consume()
        for label in ("Entity", *PASSAGES):
            tx.run(_EMBED_LATE.format(label=label), keys=sorted(vectors)).consume()

    server.write(work)


def read_vectors(server: Neo4jServer, keys: Collection[str]) -> dict[str, np.ndarray]:
    """See ``GraphStore.read_vectors``."""
    return {key: np.array(value, np.float32) for key, value in server.rows(_VECTORS, keys=sorted(keys))}


def setting(server: Neo4jServer, name: str) -> str | None:
    """See ``GraphStore.setting``."""
    found = server.rows(_SETTING, name=name)
    return found[0][0] if found else None


def settings(server: Neo4jServer) -> dict[str, str]:
    """See ``GraphStore.settings``."""
    return dict(server.rows(_SETTINGS))


def put_setting(server: Neo4jServer, name: str, value: str | None) -> None:
    """See ``GraphStore.put_setting``."""
    server.change(_FORGET_SETTING if value is None else _PUT_SETTING, name=name, value=value)


def _row(source: Source) -> dict[str, Any]:
    document = source.document
    return {
        "document_id": document.id,
        "root": document.root,
        "path": document.path,
        "title": document.title,
        "content_hash": document.content_hash,
        "origin": document.origin,
        "fingerprint": source.fingerprint,
        "body": pack_source(source),
    }

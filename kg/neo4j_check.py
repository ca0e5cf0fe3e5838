"""Looking a graph in Neo4j over: what is wrong with it, if anything, and what to run."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kg.errors import KGError
from kg.neo4j_schema import FORMAT, INDEXES, VECTOR_INDEXES, index_states
from kg.neo4j_server import Neo4jServer
from kg.store import Check, Counts

_PUBLISH = "run `kg ingest` again"
_LOOK_S = 600.0

_GRAPH = "MATCH (g:KgGraph {only: 1}) RETURN g.format, g.revision, g.build, g.counts, g.unswept, g.dimension"
_MISSING = "MATCH (n:KgMissing {kg_build: $build}) WHERE n.id >= '' RETURN count(n)"
_COUNTED = """
MATCH (n:Entity {kg_build: $build}) WHERE n.id >= ''
OPTIONAL MATCH (n)-[r]->() WHERE r.kg_digest IS NOT NULL
RETURN count(DISTINCT n), count(r)"""
_UNPUBLISHED = """
MATCH (g:KgGraph {only: 1})
MATCH (s:KgSource)
OPTIONAL MATCH (d:Document|Catalogue {kg_build: g.build, id: s.document_id})
WITH s, d WHERE d IS NULL OR d.content_hash <> s.content_hash
RETURN count(s)"""
_VANISHED = """
MATCH (d:Document {kg_build: $build})
WHERE d.id >= '' AND NOT EXISTS { (:KgSource {document_id: d.id}) }
RETURN count(d)"""
_NO_VECTOR = """
MATCH (p:Passage {kg_build: $build}) WHERE p.id >= '' AND p.embedding IS NULL
RETURN count(p), count(p.kg_vector)"""
_MODEL = "MATCH (s:KgSetting {name: 'embedding_model'}) RETURN s.value"

_Look = Callable[[Neo4jServer, int], tuple[bool, str]]


def check_graph(server: Neo4jServer) -> list[Check]:
    """See ``GraphStore.check``."""
    looks: list[tuple[str, _Look]] = [
        ("format", _format),
        ("indexes", _indexes),
        ("integrity", _integrity),
        ("references", _references),
        ("publication", _publication),
        ("vectors", _vectors),
        ("embedding model", _embedding_model),
    ]
    checks = [Check(name="Neo4j", ok=True, detail=server.version)]
    try:
        build = server.rows(_GRAPH)[0][2]
        for name, look in looks:
            ok, detail = look(server, build)
            checks.append(Check(name=name, ok=ok, detail=detail))
    except KGError as error:
        checks.append(Check(name="database", ok=False, detail=str(error)))
    return checks


def _format(server: Neo4jServer, _: int) -> tuple[bool, str]:
    version = server.rows(_GRAPH)[0][0]
    return version == FORMAT, f"{version}"


def _indexes(server: Neo4jServer, _: int) -> tuple[bool, str]:
    states = index_states(server)
    wanted = (*INDEXES, *(VECTOR_INDEXES if server.rows(_GRAPH)[0][5] else ()))
    wrong = [
        f"{name} is {states.get(name, 'missing').lower()}" for name in wanted if states.get(name) != "ONLINE"
    ]
    return not wrong, f"{', '.join(wrong)}: {_PUBLISH}" if wrong else f"all {len(wanted)} are online"


def _integrity(server: Neo4jServer, build: int) -> tuple[bool, str]:
    found = server.rows(_GRAPH)[0][3]
    if not found:
        return True, "nothing is published"
    counts = msgspec.json.decode(found, type=Counts)
    entities, relations = _ask(server, _COUNTED, build)
    told = f"{entities} entities and {relations} relations"
    ok = (entities, relations) == (counts.entities, counts.relations)
    return ok, told if ok else (
        f"{told}, but {counts.entities} and {counts.relations} were published: "
        "others have changed the graph; run `kg ingest` into an empty database"
    )


def _references(server: Neo4jServer, build: int) -> tuple[bool, str]:
    (missing,) = _ask(server, _MISSING, build)
    return not missing, f"{missing} ids lead nowhere: {_PUBLISH}" if missing else "all lead somewhere"


def _publication(server: Neo4jServer, build: int) -> tuple[bool, str]:
    revision = server.rows(_GRAPH)[0][1]
    (unpublished,), (vanished,) = _ask(server, _UNPUBLISHED, build), _ask(server, _VANISHED, build)
    if not revision:
        return False, "nothing is published yet: run `kg ingest`"
    if unpublished or vanished:
        return False, (
            f"revision {revision}; {unpublished} documents read but not published, "
            f"{vanished} published but forgotten: {_PUBLISH}"
        )
    return True, f"revision {revision}, as all documents were read"


def _vectors(server: Neo4jServer, build: int) -> tuple[bool, str]:
    missing, lost = _ask(server, _NO_VECTOR, build)
    if missing:
        return False, f"{missing} passages have none ({lost} lost theirs): {_PUBLISH}"
    return True, "every passage has one"


def _embedding_model(server: Neo4jServer, _: int) -> tuple[bool, str]:
    found = server.rows(_MODEL)
    return bool(found), found[0][0] if found else f"not remembered: {_PUBLISH}"


def _ask(server: Neo4jServer, query: str, build: int) -> list[int]:
    rows = server.read(lambda tx: tx.run(query, build=build).values(), timeout_s=_LOOK_S)
    return rows[0]

"""What the graph looks like in Neo4j, and how a database is recognised as holding one of ours.

Every node of ours has ``kg_build``, the number of the build it belongs to. It tells our nodes from others
with the same label, and the published build from one that is being written beside it; every look-up starts at
nodes of the published build, and no relation leads from one build to another. Names that begin with ``kg_``
or ``Kg`` are for this program; all the rest is for people too.
"""

from __future__ import annotations

from collections.abc import Collection

from kg.errors import StoreMismatchError, StoreUnavailableError
from kg.model import EntityKind, RelationType
from kg.neo4j_server import Neo4jServer

FORMAT = 1

KIND_LABELS = {kind: "".join(word.title() for word in kind.split("_")) for kind in EntityKind}
"""Labels of entities beside ``Entity``: ``Concept``, ``TradeOff``."""

DOCUMENTS = ("Document", "Catalogue")
PASSAGES = ("Passage", "CatalogueEntry")
"""A catalogue is kept apart by its labels, so that the indexes of the material hold the material alone."""

ENDS = "Entity|KgMissing"
"""What a relation can lead to: ``KgMissing`` stands for an id that the graph refers to but lacks."""

PARTS = (
    *DOCUMENTS,
    *PASSAGES,
    *("Entity", "KgMissing", "Topic", "Track", "KgDropped", "KgHub"),
)
"""The label of each kind of node of a published graph."""

NAMES, RELATIONS = "kg_names", "kg_relations"
ENTITY_WORDS, PASSAGE_WORDS = "kg_entity_words", "kg_passage_words"
ENTITY_VECTORS, PASSAGE_VECTORS = "kg_entity_embedding", "kg_passage_embedding"

_OURS = {
    "KgGraph": "only",
    "KgSource": "document_id",
    "KgVector": "key",
    "KgSetting": "name",
    "KgLock": "name",
}
_CONSTRAINTS = {
    f"kg_{label.lower()}_id": f"FOR (n:{label}) REQUIRE (n.kg_build, n.id) IS UNIQUE" for label in PARTS
} | {
    f"kg_{label[2:].lower()}_{key}": f"FOR (n:{label}) REQUIRE n.{key} IS UNIQUE"
    for label, key in _OURS.items()
}

_RANGES = {
    "kg_document_path": "(n:Document) ON (n.kg_build, n.kg_path)",
    "kg_catalogue_path": "(n:Catalogue) ON (n.kg_build, n.kg_path)",
    "kg_entity_importance": "(n:Entity) ON (n.kg_build, n.importance)",
    "kg_entity_order": "(n:Entity) ON (n.kg_build, n.kg_order)",
    "kg_hub_first": "(n:KgHub) ON (n.kg_build, n.entity_id, n.first)",
    "kg_passage_by_id": "(n:Passage) ON (n.id)",  # for people, as below
} | {
    f"kg_{label.lower()}_vector": f"(n:{label}) ON (n.kg_build, n.kg_vector)"
    for label in ("Entity", "Passage", "CatalogueEntry")
}
_RANGES |= {
    f"kg_{type_.lower()}_confidence": f"()-[n:{type_}]-() ON (n.confidence)" for type_ in RelationType
}

# For people, who look for a name without a thought of builds. It takes values up to 32,766
# bytes; longer names are cut for it.
_TEXTS = {"kg_entity_name": "(n:Entity) ON (n.name)"}

# The analyzer `keyword` takes a whole string as one word: an index of exact values, of lists too and across
# all types of relations, which range indexes are not.
_FULL_TEXT = {
    NAMES: ("(n:Entity) ON EACH [n.kg_name, n.kg_aliases]", "keyword"),
    RELATIONS: (f"()-[n:{'|'.join(RelationType)}]-() ON EACH [n.id, n.passages]", "keyword"),
    ENTITY_WORDS: ("(n:Entity) ON EACH [n.name, n.aliases, n.description]", "english"),
    PASSAGE_WORDS: ("(n:Passage) ON EACH [n.text, n.headings]", "english"),
}
_VECTORS = {ENTITY_VECTORS: "Entity", PASSAGE_VECTORS: "Passage"}

INDEXES = (*_CONSTRAINTS, *_RANGES, *_TEXTS, *_FULL_TEXT)
VECTOR_INDEXES = tuple(_VECTORS)

_STATES = "SHOW INDEXES YIELD name, state, options WHERE name STARTS WITH 'kg_' RETURN name, state, options"
_FILLING = """
SHOW INDEXES YIELD name, state, populationPercent
WHERE name STARTS WITH 'kg_' AND state = 'POPULATING'
RETURN name, populationPercent"""
_FIND = "MATCH (g:KgGraph {only: 1}) RETURN g.format"
_COUNT = "MATCH (n) RETURN count(n)"
_BEGIN = """
MERGE (g:KgGraph {only: 1})
ON CREATE SET g += {format: $format, version: 0, revision: 0, build: 1, builds: 1, unswept: []}"""
_AWAIT = "CALL db.awaitIndexes($seconds)"
_KNOWN_DIMENSION = "MATCH (g:KgGraph {only: 1}) RETURN g.dimension"
_DIMENSION = "MATCH (g:KgGraph {only: 1}) SET g.dimension = $dimension"
_AN_EMBEDDING = f"""
OPTIONAL MATCH (n:Entity|{"|".join(PASSAGES)}) WHERE n.kg_build IS NOT NULL AND n.embedding IS NOT NULL
RETURN size(n.embedding) LIMIT 1"""
_POPULATE_S = 600


def open_graph(server: Neo4jServer, *, shared: bool) -> None:
    """Make sure that the database holds a graph of this version, beginning one where we may.

    Raises:
        StoreMismatchError: it holds a graph of another version, or data of others and is not ``shared``.
        StoreUnavailableError: it holds no graph, and the server was opened for reading only.
    """
    if found := server.rows(_FIND):
        _require_format(found[0][0], server.name)
    elif server.read_only:
        raise StoreUnavailableError(f"there is no graph at {server.name}: make one with `kg ingest`")
    elif (nodes := server.rows(_COUNT)[0][0]) and not shared:
        raise StoreMismatchError(
            f"{server.name} holds data of another application ({nodes} nodes): choose another database, "
            "or set KG_NEO4J_SHARED=true to put the graph beside it, where it touches nothing but its own"
        )
    if not server.read_only:
        make_indexes(server)
        server.change(_BEGIN, format=FORMAT)


def make_indexes(server: Neo4jServer) -> None:
    """Make the constraints and indexes that are missing, and wait until all are filled."""
    states = index_states(server)
    for name in [name for name, state in states.items() if state == "FAILED"]:
        server.command(f"DROP INDEX {name} IF EXISTS")
        del states[name]
    missing = [name for name in INDEXES if name not in states]
    for name in missing:
        server.command(_statement(name))
    _require_indexes(server, missing)
    if missing or "POPULATING" in states.values():
        await_indexes(server)


def make_vector_indexes(server: Neo4jServer, dimension: int) -> None:
    """Make the vector indexes for vectors of ``dimension`` numbers; they stay while they fit.

    Raises:
        StoreMismatchError: the graph has vectors of another length, so another model made them.
    """
    options = {name: options for name, _, options in server.rows(_STATES) if name in _VECTORS}
    fitting = {name for name, found in options.items() if _dimension(found) == dimension}
    if fitting == set(_VECTORS) and server.rows(_KNOWN_DIMENSION) == [[dimension]]:
        return
    held = server.rows(_AN_EMBEDDING)[0][0]
    if held not in (None, dimension):
        raise StoreMismatchError(
            f"the graph's vectors have {held} numbers and these {dimension}: "
            "use the embedding model that the graph was built with, or ingest again into a new database"
        )
    for name in sorted(options.keys() - fitting):
        server.command(f"DROP INDEX {name} IF EXISTS")
    for name, label in _VECTORS.items():
        # Quantized, the index would be a quarter of the size, but its scores only near the cosine.
        server.command(
            f"CREATE VECTOR INDEX {name} IF NOT EXISTS FOR (n:{label}) ON n.embedding "
            f"OPTIONS {{indexConfig: {{`vector.dimensions`: {dimension}, "
            "`vector.similarity_function`: 'cosine', `vector.quantization.enabled`: false}}"
        )
    _require_indexes(server, VECTOR_INDEXES)
    server.change(_DIMENSION, dimension=dimension)
    await_indexes(server)


def index_states(server: Neo4jServer) -> dict[str, str]:
    """Return the state of each of our indexes that exist: ONLINE, POPULATING or FAILED."""
    return {name: state for name, state, _ in server.rows(_STATES)}


def require_filled(server: Neo4jServer) -> None:
    """Tell of an index that is still being filled, which is why a search may have had no answer.

    Raises:
        StoreUnavailableError: there is one.
    """
    for name, percent in server.rows(_FILLING):
        raise StoreUnavailableError(
            f"{server.name} is still filling the index {name} ({percent:.0f} %): try again in a while"
        )


def await_indexes(server: Neo4jServer, timeout_s: int = _POPULATE_S) -> None:
    """Wait until every index is filled.

    Raises:
        StoreUnavailableError: that takes longer than ``timeout_s``.
    """
    server.read(lambda tx: tx.run(_AWAIT, seconds=timeout_s).consume(), timeout_s=timeout_s + 5)


def drop_for_loading(server: Neo4jServer) -> None:
    """Drop what is sooner made again from a whole graph than kept up while it is written."""
    for name in (*_RANGES, *_TEXTS, *_FULL_TEXT, *_VECTORS):
        server.command(f"DROP INDEX {name} IF EXISTS")


def _require_format(found: int, where: str) -> None:
    if found > FORMAT:
        raise StoreMismatchError(
            f"{where} was made by a newer version (format {found}, this is {FORMAT}): update guidegraph"
        )
    if found < FORMAT:
        raise StoreMismatchError(
            f"{where} was made by an older version (format {found}, this is {FORMAT}): "
            "run `kg ingest` again, into an empty database"
        )


def _statement(name: str) -> str:
    if name in _CONSTRAINTS:
        return f"CREATE CONSTRAINT {name} IF NOT EXISTS {_CONSTRAINTS[name]}"
    if name in _RANGES:
        return f"CREATE INDEX {name} IF NOT EXISTS FOR {_RANGES[name]}"
    if name in _TEXTS:
        return f"CREATE TEXT INDEX {name} IF NOT EXISTS FOR {_TEXTS[name]}"
    rest, analyzer = _FULL_TEXT[name]
    return (
        f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR {rest} "
        f"OPTIONS {{indexConfig: {{`fulltext.analyzer`: '{analyzer}'}}}}"
    )


def _require_indexes(server: Neo4jServer, names: Collection[str]) -> None:
    """Refuse to go on without indexes that were just made: the server makes none beside an equal one.

    Raises:
        StoreMismatchError: one is not there.
    """
    if lacking := sorted(set(names) - index_states(server).keys()):
        raise StoreMismatchError(
            f"{server.name} already has an index like {lacking[0]} under another name: drop that one "
            "(`SHOW INDEXES` lists them), or choose another database"
        )


def _dimension(options: dict[str, dict[str, int]]) -> int | None:
    return options["indexConfig"].get("vector.dimensions")

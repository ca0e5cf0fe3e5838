"""Reading all of a published graph back from SQLite, as it was handed to ``publish``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

import apsw

from kg import sqlite_read
from kg.model import Graph, Relation, Topic
from kg.sqlite_read import DOCUMENT, ENTITY, MENTION, PASSAGE, as_json
from kg.sqlite_relations import RELATION, with_evidence
from kg.vectors import from_bytes

if TYPE_CHECKING:
    import numpy as np

_DOCUMENTS = f"SELECT {DOCUMENT} FROM document AS d ORDER BY d.id"  # noqa: S608
_PASSAGES = f"SELECT {PASSAGE} FROM passage AS p ORDER BY p.id"  # noqa: S608
_ENTITIES = f"SELECT {ENTITY} FROM entity AS e ORDER BY e.id"  # noqa: S608
_RELATIONS = f"SELECT {RELATION} FROM relation AS r ORDER BY r.id"  # noqa: S608
_MENTIONS = f"SELECT {MENTION} FROM mention AS m ORDER BY m.passage_id, m.entity_id"  # noqa: S608
_KEYS = """
SELECT id, vector_key FROM passage WHERE vector_key IS NOT NULL
UNION ALL SELECT id, vector_key FROM entity WHERE vector_key IS NOT NULL"""
_VECTORS = "SELECT v.key, v.value FROM json_each(?) AS w JOIN vector AS v ON v.key = w.value"

_BATCH = 1_000  # relations whose evidence is looked up at once


def read_graph(db: apsw.Connection) -> tuple[Graph, dict[str, str]]:
    """See ``GraphStore.read_graph``."""
    graph = Graph(
        documents=tuple(map(sqlite_read.document_of, db.execute(_DOCUMENTS))),
        passages=tuple(map(sqlite_read.passage_of, db.execute(_PASSAGES))),
        entities=tuple(map(sqlite_read.entity_of, db.execute(_ENTITIES))),
        relations=tuple(_relations(db)),
        mentions=tuple(map(sqlite_read.mention_of, db.execute(_MENTIONS))),
        topics=tuple(sorted(_topics(db), key=attrgetter("id"))),
        tracks=tuple(sqlite_read.tracks(db)),
        dropped=tuple(sqlite_read.dropped(db)),
    )
    return graph, dict(db.execute(_KEYS))


def read_vectors(db: apsw.Connection, keys: Collection[str]) -> dict[str, np.ndarray]:
    """See ``GraphStore.read_vectors``."""
    return {key: from_bytes(value) for key, value in db.execute(_VECTORS, (as_json(keys),))}


def _relations(db: apsw.Connection) -> Iterator[Relation]:
    rows = iter(db.execute(_RELATIONS))
    while batch := list(islice(rows, _BATCH)):
        yield from with_evidence(db, batch)


def _topics(db: apsw.Connection) -> Iterator[Topic]:
    for (level,) in list(db.execute("SELECT DISTINCT level FROM topic")):
        yield from sqlite_read.topics(db, level)

"""The embedded store: one SQLite file that holds sources, vectors and the published graph."""

# ruff: noqa: D102 - the protocol documents every method, for all engines

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import apsw

from kg import sqlite_read, sqlite_relations, sqlite_search, sqlite_whole
from kg.model import (
    Direction,
    Document,
    DroppedRelation,
    Entity,
    Graph,
    Mention,
    Passage,
    Relation,
    RelationType,
    Source,
    Topic,
    Track,
)
from kg.source_bytes import pack_source, unpack_source
from kg.sqlite_check import check_store
from kg.sqlite_file import FileLock, SqliteFile
from kg.sqlite_publish import publish_graph
from kg.store import (
    BuildLock,
    Check,
    Counts,
    EntityFilter,
    EntityOrder,
    Link,
    LinkCounts,
    Neighbor,
    Owner,
    Page,
    Rankings,
    RelationFilter,
    SourceState,
)
from kg.vectors import VectorTable, to_bytes

if TYPE_CHECKING:
    import numpy as np


class SqliteStore:
    """``GraphStore`` in one file; see there for what each method promises.

    Also a context manager that closes itself. Vectors are read into memory when first searched, once
    for each revision, and shared by all threads.
    """

    def __init__(self, path: Path, *, read_only: bool = False, query_timeout_s: float = 10.0) -> None:
        """Open the file at ``path``, made if it is missing and not ``read_only``."""
        self._file = SqliteFile(path, read_only=read_only, query_timeout_s=query_timeout_s)
        self._tables_lock = threading.Lock()
        self._tables: dict[Owner, tuple[tuple[int, int], VectorTable]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    # --- sources

    def sources(self) -> dict[str, SourceState]:
        query = "SELECT fingerprint, root, path, title, content_hash, origin FROM source ORDER BY document_id"
        with self._file.reading() as db:
            states = [
                SourceState(document=sqlite_read.document_of(row), fingerprint=fingerprint)
                for fingerprint, *row in db.execute(query)
            ]
        return {state.document.id: state for state in states}

    def put_sources(self, sources: Collection[Source]) -> None:
        # Encoded before the transaction begins, so that others wait for writing alone.
        rows = [_source_row(source) for source in sources]
        with self._file.writing() as db:
            db.executemany("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def drop_sources(self, document_ids: Collection[str]) -> None:
        with self._file.writing() as db:
            db.executemany("DELETE FROM source WHERE document_id = ?", [(id_,) for id_ in document_ids])

    def read_sources(self) -> Iterator[Source]:
        with self._file.reading(deadline=False) as db:
            for (body,) in db.execute("SELECT body FROM source ORDER BY document_id"):
                yield unpack_source(body)

    # --- vectors

    def missing_vectors(self, keys: Collection[str]) -> set[str]:
        query = "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT key FROM vector)"
        with self._file.reading() as db:
            return {key for (key,) in db.execute(query, (sqlite_read.as_json(keys),))}

    def put_vectors(self, vectors: Mapping[str, np.ndarray]) -> None:
        rows = [(key, to_bytes(vectors[key])) for key in sorted(vectors)]
        with self._file.writing() as db:
            db.executemany("INSERT OR REPLACE INTO vector (key, value) VALUES (?, ?)", rows)

    def read_vectors(self, keys: Collection[str]) -> dict[str, np.ndarray]:
        with self._file.reading() as db:
            return sqlite_whole.read_vectors(db, keys)

    # --- publishing

    def publish(self, graph: Graph, vector_keys: Mapping[str, str]) -> int:
        with self._file.writing() as db:
            return publish_graph(db, graph, vector_keys)

    def read_graph(self) -> tuple[Graph, dict[str, str]]:
        with self._file.reading(deadline=False) as db:
            return sqlite_whole.read_graph(db)

    def revision(self) -> int:
        with self._file.reading() as db:
            return int(db.execute("SELECT revision FROM publication").get)

    def setting(self, name: str) -> str | None:
        with self._file.reading() as db:
            value: str | None = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).get
            return value

    def settings(self) -> dict[str, str]:
        with self._file.reading() as db:
            return dict(db.execute("SELECT name, value FROM setting ORDER BY name"))

    def put_setting(self, name: str, value: str | None) -> None:
        with self._file.writing() as db:
            db.execute("DELETE FROM setting WHERE name = ?", (name,))
            if value is not None:
                db.execute("INSERT INTO setting VALUES (?, ?)", (name, value))

    def counts(self) -> Counts:
        with self._file.reading() as db:
            return sqlite_read.counts(db)

    # --- entities

    def entities(self, ids: Collection[str]) -> dict[str, Entity]:
        with self._file.reading() as db:
            return sqlite_read.entities(db, ids)

    def find_names(self, names: Collection[str]) -> dict[str, list[str]]:
        with self._file.reading() as db:
            return sqlite_read.find_names(db, names)

    def list_entities(
        self, where: EntityFilter, *, order: EntityOrder = EntityOrder.IMPORTANCE, limit: int, offset: int = 0
    ) -> Page[Entity]:
        with self._file.reading() as db:
            return sqlite_read.list_entities(db, where, order, limit, offset)

    def mentions(self, entity_ids: Collection[str], *, limit: int) -> dict[str, list[Mention]]:
        with self._file.reading() as db:
            return sqlite_read.mentions(db, entity_ids, limit)

    def passage_mentions(self, passage_ids: Collection[str]) -> dict[str, list[Mention]]:
        with self._file.reading() as db:
            return sqlite_read.passage_mentions(db, passage_ids)

    # --- relations

    def links(
        self,
        entity_ids: Collection[str],
        *,
        direction: Direction = Direction.BOTH,
        types: Collection[RelationType] = (),
        min_confidence: float = 0.0,
        limit: int,
        offset: int = 0,
    ) -> dict[str, list[Link]]:
        with self._file.reading() as db:
            return sqlite_relations.links(db, entity_ids, direction, types, min_confidence, limit, offset)

    def neighbors(
        self,
        entity_ids: Collection[str],
        *,
        types: Collection[RelationType] = (),
        min_confidence: float = 0.0,
        limit: int,
    ) -> dict[str, list[Neighbor]]:
        with self._file.reading() as db:
            return sqlite_relations.neighbors(db, entity_ids, types, min_confidence, limit)

    def subgraph(
        self,
        entity_ids: Collection[str],
        *,
        types: Collection[RelationType] = (),
        min_confidence: float = 0.0,
        limit: int,
    ) -> tuple[dict[str, Entity], list[Relation]]:
        with self._file.reading() as db:
            return sqlite_relations.subgraph(db, entity_ids, types, min_confidence, limit)

    def link_counts(self, entity_ids: Collection[str]) -> dict[str, LinkCounts]:
        with self._file.reading() as db:
            return sqlite_relations.link_counts(db, entity_ids)

    def relations(self, ids: Collection[str]) -> dict[str, Relation]:
        with self._file.reading() as db:
            return sqlite_relations.relations(db, ids)

    def list_relations(self, where: RelationFilter, *, limit: int, offset: int = 0) -> Page[Relation]:
        with self._file.reading() as db:
            return sqlite_relations.list_relations(db, where, limit, offset)

    # --- documents and passages

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        with self._file.reading() as db:
            return sqlite_read.documents(db, ids)

    def list_documents(self) -> list[Document]:
        with self._file.reading() as db:
            return sqlite_read.list_documents(db)

    def document_passages(self, document_id: str, *, limit: int, offset: int = 0) -> Page[Passage]:
        with self._file.reading() as db:
            return sqlite_read.document_passages(db, document_id, limit, offset)

    def passages(self, ids: Collection[str]) -> dict[str, Passage]:
        with self._file.reading() as db:
            return sqlite_read.passages(db, ids)

    # --- search

    def search_text(self, words: Sequence[str], owner: Owner, *, limit: int) -> list[tuple[str, float]]:
        with self._file.reading() as db:
            return sqlite_search.search_text(db, words, owner, limit)

    def search_vector(self, vector: np.ndarray, owner: Owner, *, limit: int) -> list[tuple[str, float]]:
        with self._file.reading() as db:
            table = self._table(db, owner)
        return table.nearest(vector, limit)

    def rankings(
        self,
        *,
        names: Collection[str] = (),
        beginning: str = "",
        words: Sequence[str] = (),
        vector: np.ndarray | None = None,
        limits: Mapping[Owner, int],
    ) -> Rankings:
        with self._file.reading() as db:
            tables = {owner: self._table(db, owner) for owner in limits} if vector is not None else {}
            named = sqlite_read.find_names(db, names)
            begun = sqlite_search.begun_by(db, beginning, limits.get(Owner.ENTITY, 0))
            by_words = {o: sqlite_search.search_text(db, words, o, limit) for o, limit in limits.items()}
        by_vector = {
            owner: tables[owner].nearest(vector, limit) if vector is not None else []
            for owner, limit in limits.items()
        }
        return Rankings(named=named, begun=begun, by_words=by_words, by_vector=by_vector)

    def vector(self, owner_id: str) -> np.ndarray | None:
        with self._file.reading() as db:
            return sqlite_search.vector(db, owner_id)

    # --- whole-graph reads

    def topics(self, *, level: int) -> list[Topic]:
        with self._file.reading() as db:
            return sqlite_read.topics(db, level)

    def tracks(self) -> list[Track]:
        with self._file.reading() as db:
            return sqlite_read.tracks(db)

    def dropped(self) -> list[DroppedRelation]:
        with self._file.reading() as db:
            return sqlite_read.dropped(db)

    def iter_links(self) -> Iterator[Link]:
        with self._file.reading(deadline=False) as db:
            yield from sqlite_relations.iter_links(db)

    def iter_mentions(self) -> Iterator[tuple[str, str, int]]:
        with self._file.reading(deadline=False) as db:
            yield from sqlite_read.iter_mentions(db)

    # --- housekeeping

    def check(self) -> list[Check]:
        return check_store(self._file)

    def build_lock(self) -> BuildLock:
        return FileLock(self._file.path.with_name(self._file.path.name + ".lock"))

    def _table(self, db: apsw.Connection, owner: Owner) -> VectorTable:
        state = sqlite_search.vector_state(db)
        with self._tables_lock:  # held while loading: many threads at once load it once
            known, table = self._tables.get(owner, (None, None))
            if table is None or known != state:
                table = sqlite_search.load_vectors(db, owner)
                self._tables[owner] = (state, table)
            return table


def _source_row(source: Source) -> tuple[object, ...]:
    document = source.document
    columns = (document.root, document.path, document.title, document.content_hash, document.origin)
    return (document.id, *columns, source.fingerprint, pack_source(source))

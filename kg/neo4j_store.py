"""The store for teams and for scale: a Neo4j database that holds sources, vectors and the published graph."""

# ruff: noqa: D102 - the protocol documents every method, for all engines

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from kg import (
    neo4j_around,
    neo4j_read,
    neo4j_relations,
    neo4j_search,
    neo4j_sources,
    neo4j_streams,
    neo4j_whole,
)
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
from kg.neo4j_address import Neo4jAccess, parse_address
from kg.neo4j_check import check_graph
from kg.neo4j_errors import LateAnswerError
from kg.neo4j_lock import LeaseLock, require_no_other_builder
from kg.neo4j_publish import publish_graph
from kg.neo4j_published import Published
from kg.neo4j_schema import open_graph, require_filled
from kg.neo4j_server import Neo4jServer
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


class Neo4jStore:
    """``GraphStore`` in a database of a Neo4j server; see there for what each method promises.

    Also a context manager that closes itself.
    """

    def __init__(
        self, url: str, access: Neo4jAccess, *, read_only: bool = False, query_timeout_s: float = 10.0
    ) -> None:
        """Open the database at ``url``; where it is empty and not ``read_only``, a graph is begun in it."""
        self._server = Neo4jServer(
            parse_address(url), access, read_only=read_only, query_timeout_s=query_timeout_s
        )
        try:
            open_graph(self._server, shared=access.shared)
        except BaseException:
            self._server.close()
            raise
        self._published = Published(self._server)
        self._id = secrets.token_hex(8)  # who holds the build lock: another for each store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._server.close()

    # --- sources

    def sources(self) -> dict[str, SourceState]:
        return neo4j_sources.sources(self._server)

    def put_sources(self, sources: Collection[Source]) -> None:
        neo4j_sources.put_sources(self._server, sources)

    def drop_sources(self, document_ids: Collection[str]) -> None:
        neo4j_sources.drop_sources(self._server, document_ids)

    def read_sources(self) -> Iterator[Source]:
        return neo4j_sources.read_sources(self._server)

    # --- vectors

    def missing_vectors(self, keys: Collection[str]) -> set[str]:
        return neo4j_sources.missing_vectors(self._server, keys)

    def put_vectors(self, vectors: Mapping[str, np.ndarray]) -> None:
        neo4j_sources.put_vectors(self._server, vectors)

    def read_vectors(self, keys: Collection[str]) -> dict[str, np.ndarray]:
        return neo4j_sources.read_vectors(self._server, keys)

    # --- publishing

    def publish(self, graph: Graph, vector_keys: Mapping[str, str]) -> int:
        require_no_other_builder(self._server, self._id)
        return publish_graph(self._server, graph, vector_keys)

    def read_graph(self) -> tuple[Graph, dict[str, str]]:
        return neo4j_whole.read_graph(self._published)

    def revision(self) -> int:
        return self._published.state().revision

    def setting(self, name: str) -> str | None:
        return neo4j_sources.setting(self._server, name)

    def settings(self) -> dict[str, str]:
        return neo4j_sources.settings(self._server)

    def put_setting(self, name: str, value: str | None) -> None:
        neo4j_sources.put_setting(self._server, name, value)

    def counts(self) -> Counts:
        return self._published.read(neo4j_read.counts)

    # --- entities

    def entities(self, ids: Collection[str]) -> dict[str, Entity]:
        return self._published.read(lambda look: neo4j_read.entities(look, ids))

    def find_names(self, names: Collection[str]) -> dict[str, list[str]]:
        return self._rankings(names=names, limits={}).named

    def list_entities(
        self, where: EntityFilter, *, order: EntityOrder = EntityOrder.IMPORTANCE, limit: int, offset: int = 0
    ) -> Page[Entity]:
        return self._published.read(lambda look: neo4j_read.list_entities(look, where, order, limit, offset))

    def mentions(self, entity_ids: Collection[str], *, limit: int) -> dict[str, list[Mention]]:
        return self._published.read(lambda look: neo4j_read.mentions(look, entity_ids, limit))

    def passage_mentions(self, passage_ids: Collection[str]) -> dict[str, list[Mention]]:
        return self._published.read(lambda look: neo4j_read.passage_mentions(look, passage_ids))

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
        return self._published.read(
            lambda look: neo4j_relations.links(
                look, entity_ids, direction, types, min_confidence, limit, offset
            )
        )

    def neighbors(
        self,
        entity_ids: Collection[str],
        *,
        types: Collection[RelationType] = (),
        min_confidence: float = 0.0,
        limit: int,
    ) -> dict[str, list[Neighbor]]:
        return self._published.read(
            lambda look: neo4j_around.neighbors(look, entity_ids, types, min_confidence, limit)
        )

    def subgraph(
        self,
        entity_ids: Collection[str],
        *,
        types: Collection[RelationType] = (),
        min_confidence: float = 0.0,
        limit: int,
    ) -> tuple[dict[str, Entity], list[Relation]]:
        return self._published.read(
            lambda look: neo4j_around.subgraph(look, entity_ids, types, min_confidence, limit)
        )

    def link_counts(self, entity_ids: Collection[str]) -> dict[str, LinkCounts]:
        return self._published.read(lambda look: neo4j_relations.link_counts(look, entity_ids))

    def relations(self, ids: Collection[str]) -> dict[str, Relation]:
        return self._published.read(lambda look: neo4j_relations.relations(look, ids))

    def list_relations(self, where: RelationFilter, *, limit: int, offset: int = 0) -> Page[Relation]:
        return self._published.read(lambda look: neo4j_relations.list_relations(look, where, limit, offset))

    # --- documents and passages

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        return self._published.read(lambda look: neo4j_read.documents(look, ids))

    def list_documents(self) -> list[Document]:
        return self._published.read(neo4j_read.list_documents)

    def document_passages(self, document_id: str, *, limit: int, offset: int = 0) -> Page[Passage]:
        return self._published.read(
            lambda look: neo4j_read.document_passages(look, document_id, limit, offset)
        )

    def passages(self, ids: Collection[str]) -> dict[str, Passage]:
        return self._published.read(lambda look: neo4j_read.passages(look, ids))

    # --- search

    def search_text(self, words: Sequence[str], owner: Owner, *, limit: int) -> list[tuple[str, float]]:
        return self._rankings(words=words, limits={owner: limit}).by_words[owner]

    def search_vector(self, vector: np.ndarray, owner: Owner, *, limit: int) -> list[tuple[str, float]]:
        return self._rankings(vector=vector, limits={owner: limit}).by_vector[owner]

    def rankings(
        self,
        *,
        names: Collection[str] = (),
        beginning: str = "",
        words: Sequence[str] = (),
        vector: np.ndarray | None = None,
        limits: Mapping[Owner, int],
    ) -> Rankings:
        return self._rankings(names=names, beginning=beginning, words=words, vector=vector, limits=limits)

    def vector(self, owner_id: str) -> np.ndarray | None:
        found = self._published.read(lambda look: neo4j_search.vector(look, owner_id))
        return None if found is None else np.array(found, np.float32)

    # --- whole-graph reads

    def topics(self, *, level: int) -> list[Topic]:
        return self._published.read(lambda look: neo4j_read.topics(look, level))

    def tracks(self) -> list[Track]:
        return self._published.read(neo4j_read.tracks)

    def dropped(self) -> list[DroppedRelation]:
        return self._published.read(neo4j_read.dropped)

    def iter_links(self) -> Iterator[Link]:
        return neo4j_streams.iter_links(self._published)

    def iter_mentions(self) -> Iterator[tuple[str, str, int]]:
        return neo4j_streams.iter_mentions(self._published)

    # --- housekeeping

    def check(self) -> list[Check]:
        return check_graph(self._server)

    def build_lock(self) -> BuildLock:
        return LeaseLock(self._server, self._id)

    def _rankings(self, **asked: Any) -> Rankings:
        try:
            return self._published.read(lambda look: neo4j_search.rankings(look, **asked))
        except LateAnswerError:
            require_filled(self._server)  # the server has waited for the index as long as it might
            raise

"""Queries that look up and list what the graph holds."""

from __future__ import annotations

import strawberry
from strawberry import UNSET

from api.arguments import MAX_DEPTH, confidence_floor, page_size, within
from api.connections import Connection, connect, known
from api.cursors import offset_after
from api.described import field, graphql_input
from api.loaders import TOPIC_LEVELS
from api.results import GraphStats, Track
from api.types import Document, Entity, Info, Relation, Topic, join_relations, load_entities
from kg import store
from kg.errors import EntityNotFoundError, InvalidInputError
from kg.export import GraphFormat, export_graph
from kg.lookup import get_entity
from kg.model import Difficulty, EntityKind, RelationType
from kg.search import SearchMode, search
from kg.store import EntityOrder, GraphStore


@graphql_input("EntityFilter")
class EntityFilter:
    """Which entities to list; what is left out does not restrict."""

    kinds: list[EntityKind] | None = UNSET
    difficulty: list[Difficulty] | None = UNSET
    name_contains: str | None = UNSET
    document_path: str | None = UNSET

    def where(self) -> store.EntityFilter:
        """Say it in the store's words."""
        return store.EntityFilter(
            kinds=frozenset(self.kinds or ()),
            difficulties=frozenset(self.difficulty or ()),
            name_contains=self.name_contains or "",
            document_path=self.document_path or "",
        )


@graphql_input("RelationFilter")
class RelationFilter:
    """Which relations to list; what is left out does not restrict."""

    types: list[RelationType] | None = UNSET
    min_confidence: float | None = 0
    document_path: str | None = UNSET
    source: str | None = UNSET
    target: str | None = UNSET

    def where(self, graph: GraphStore) -> store.RelationFilter:
        """Say it in the store's words, with names resolved to ids."""
        return store.RelationFilter(
            types=frozenset(self.types or ()),
            min_confidence=confidence_floor(self.min_confidence),
            document_path=self.document_path or "",
            source_id=get_entity(graph, self.source).id if self.source else "",
            target_id=get_entity(graph, self.target).id if self.target else "",
        )


@strawberry.type
class Lookups:
    """Part of the query root: entities, relations, documents, topics and counts."""

    @field
    async def entity(
        self,
        info: Info,
        id: strawberry.ID | None = UNSET,  # noqa: A002 - the contract's word
        name: str | None = UNSET,
    ) -> Entity | None:
        """By id, or by name or alias whatever its case. Null where there is none."""
        if id:
            found = await info.context.loaders.entity.load(id)
            return Entity.of(found) if found else None
        if not name:
            raise InvalidInputError("give the entity's id or its name")
        backend = info.context.backend
        try:
            return Entity.of(await backend.run(get_entity, backend.store, name))
        except EntityNotFoundError:
            return None

    @field
    async def suggest(self, info: Info, text: str, first: int | None = 8) -> list[Entity]:
        """Entities for what was typed so far: of that name, then beginning with it, then with its words."""
        backend, size = info.context.backend, page_size(first, 8)
        found = await backend.run(
            search, backend.store, backend.embedder, text, mode=SearchMode.KEYWORD, limit=size
        )
        return await load_entities(info, [hit.id for hit in found.entities])

    @field
    async def entities(
        self,
        info: Info,
        filter: EntityFilter | None = UNSET,  # noqa: A002 - the contract's word
        order_by: EntityOrder | None = EntityOrder.IMPORTANCE,
        first: int | None = 20,
        after: str | None = UNSET,
    ) -> Connection[Entity]:
        """Entities of the whole graph."""
        backend, size, offset = info.context.backend, page_size(first, 20), offset_after(after or None)
        where = filter.where() if filter else store.EntityFilter()
        order = order_by or EntityOrder.IMPORTANCE
        page = await backend.run(
            backend.store.list_entities, where, order=order, limit=size + 1, offset=offset
        )
        nodes = [Entity.of(entity) for entity in page.items]
        return connect(nodes, offset=offset, size=size, count=known(page.total))

    @field
    async def relations(
        self,
        info: Info,
        filter: RelationFilter | None = UNSET,  # noqa: A002 - the contract's word
        first: int | None = 50,
        after: str | None = UNSET,
    ) -> Connection[Relation]:
        """Relations of the whole graph, most confident first."""
        backend, size, offset = info.context.backend, page_size(first, 50), offset_after(after or None)
        where = await backend.run(filter.where, backend.store) if filter else store.RelationFilter()
        page = await backend.run(backend.store.list_relations, where, limit=size + 1, offset=offset)
        nodes = await join_relations(info, page.items)
        return connect(nodes, offset=offset, size=size, count=known(page.total))

    @field
    async def topics(self, info: Info, level: int | None = 0, first: int | None = 50) -> list[Topic]:
        """Groups of entities that belong together, the largest first; level 0 is the coarsest."""
        wanted = within("level", level or 0, min(TOPIC_LEVELS), max(TOPIC_LEVELS))
        found = await info.context.loaders.topics.load(wanted) or []
        return [Topic.of(topic) for topic in found[: page_size(first, 50)]]

    @field
    async def tracks(self, info: Info) -> list[Track]:
        """Roles and themes that a study plan can be made for."""
        backend = info.context.backend
        return [Track.of(track) for track in await backend.run(backend.store.tracks)]

    @field
    async def documents(self, info: Info) -> list[Document]:
        """All documents of the material, by root and path."""
        backend = info.context.backend
        return [Document.of(document) for document in await backend.run(backend.store.list_documents)]

    @field
    async def document(
        self,
        info: Info,
        id: strawberry.ID | None = UNSET,  # noqa: A002
        path: str | None = UNSET,
    ) -> Document | None:
        """By id, or by its path relative to the ingested root. Null where there is none."""
        backend = info.context.backend
        if id:
            found = (await backend.run(backend.store.documents, [id])).get(id)
            return Document.of(found) if found else None
        if not path:
            raise InvalidInputError("give the document's id or its path")
        every = await backend.run(backend.store.list_documents)
        return next((Document.of(each) for each in every if each.path == path), None)

    @field
    async def stats(self, info: Info) -> GraphStats:
        """How much the graph holds."""
        backend = info.context.backend
        return GraphStats.of(await backend.run(backend.store.counts))

    @field
    async def export(
        self,
        info: Info,
        format: GraphFormat,  # noqa: A002 - the contract's word
        of: list[str] | None = UNSET,
        depth: int | None = 1,
    ) -> str:
        """The whole graph or a part of it, for other graph tools."""
        backend = info.context.backend
        steps = within("depth", 1 if depth is None else depth, 1, MAX_DEPTH)
        return await backend.run(export_graph, backend.store, format, of=of or None, depth=steps)

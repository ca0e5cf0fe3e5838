"""What the graph holds, as GraphQL types: documents, passages, entities, relations and their evidence."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry
from strawberry import UNSET

from api.arguments import confidence_floor, page_size
from api.connections import Connection, connect, known
from api.context import Context
from api.cursors import offset_after
from api.described import field, graphql_type
from api.loaders import TOPIC_LEVELS, Around, CitedPassage, JoinedRelation, count_links, present
from kg import model
from kg.model import Difficulty, Direction, EntityKind, RelationType
from kg.prerequisites import prerequisites
from kg.search import Hit, similar

Info = strawberry.Info[Context, None]

_ALL = 1_000_000  # more than any entity has relations or mentions


@graphql_type
class Document:
    """One source file of the material."""

    id: strawberry.ID
    path: str = strawberry.field(description="Path relative to the ingested root.")
    title: str
    root: str = strawberry.field(description="Name of the folder, archive or repository it came with.")

    @classmethod
    def of(cls, document: model.Document) -> Document:
        """Show a document."""
        return cls(
            id=strawberry.ID(document.id), path=document.path, title=document.title, root=document.root
        )

    @field
    async def passages(
        self, info: Info, first: int | None = 20, after: str | None = UNSET
    ) -> Connection[Passage]:
        """The document's passages in their order."""
        size, offset = page_size(first, 20), offset_after(after or None)
        backend = info.context.backend
        page = await backend.run(backend.store.document_passages, self.id, limit=size + 1, offset=offset)
        nodes = [Passage.with_document(passage, self) for passage in page.items]
        return connect(nodes, offset=offset, size=size, count=known(page.total))


@graphql_type
class Passage:
    """A stretch of a document under one heading: the unit of retrieval."""

    id: strawberry.ID
    document: Document
    headings: list[str]
    line: int
    text: str

    @classmethod
    def with_document(cls, passage: model.Passage, document: Document) -> Passage:
        """Show a passage of ``document``."""
        return cls(
            id=strawberry.ID(passage.id),
            document=document,
            headings=list(passage.headings),
            line=passage.line,
            text=passage.text,
        )

    @classmethod
    def of(cls, cited: CitedPassage) -> Passage:
        """Show a passage."""
        return cls.with_document(cited.passage, Document.of(cited.document))

    @field
    async def entities(self, info: Info) -> list[Entity]:
        """Entities that the passage mentions, first mention first."""
        mentions = await info.context.loaders.passage_mentions.load(self.id) or []
        return await load_entities(info, [mention.entity_id for mention in mentions])


@graphql_type
class Evidence:
    """Where in the material something is said."""

    document: Document
    headings: list[str] = strawberry.field(
        description="Headings from the document's title down to the section, outermost first."
    )
    line: int = strawberry.field(description="First line of the passage in the source file, counted from 1.")
    quote: str = strawberry.field(
        description="The sentence, list item or table row itself, exactly as the material has it."
    )


@graphql_type
class RelationCount:
    """How many relations of a type go out of and come into an entity."""

    type: RelationType
    out: int
    in_: int = strawberry.field(name="in")


@graphql_type
class Entity:
    """A thing that the material is about."""

    id: strawberry.ID
    name: str
    aliases: list[str]
    kind: EntityKind
    description: str | None = strawberry.field(
        description="One sentence from the material; null where it gives none."
    )
    difficulty: Difficulty | None
    importance: float = strawberry.field(
        description="Share of the graph's attention that this entity holds: "
        "0 to 1, summing to 1 over all entities."
    )
    x: float = strawberry.field(
        description="Where to draw it, -1 to 1; computed once, so drawings do not jump."
    )
    y: float

    @classmethod
    def of(cls, entity: model.Entity) -> Entity:
        """Show an entity."""
        return cls(
            id=strawberry.ID(entity.id),
            name=entity.name,
            aliases=list(entity.aliases),
            kind=entity.kind,
            description=entity.description,
            difficulty=entity.difficulty,
            importance=entity.importance,
            x=entity.x,
            y=entity.y,
        )

    @field
    async def evidence(self, info: Info, first: int | None = 5) -> list[Evidence]:
        """Where the material names it, the passages with most mentions first."""
        mentions = await info.context.loaders.mentions.load((self.id, page_size(first, 5))) or []
        return await load_evidence(info, [(mention.passage_id, mention.quote) for mention in mentions])

    @field
    async def mention_count(self, info: Info) -> int:
        """How often the material names it."""
        mentions = await info.context.loaders.mentions.load((self.id, _ALL)) or []
        return sum(mention.count for mention in mentions)

    @field
    async def relations(
        self,
        info: Info,
        types: list[RelationType] | None = UNSET,
        direction: Direction | None = Direction.BOTH,
        min_confidence: float | None = 0,
        first: int | None = 25,
        after: str | None = UNSET,
    ) -> Connection[Relation]:
        """Its relations, most confident first."""
        size, offset = page_size(first, 25), offset_after(after or None)
        wanted, way = frozenset(types or ()), direction or Direction.BOTH
        floor = confidence_floor(min_confidence)
        loaders = info.context.loaders
        around = Around(wanted, way, floor, size + 1, offset)
        links = await loaders.links.load((self.id, around)) or []
        relations = await load_relations(info, [link.relation_id for link in links])

        async def total() -> int:
            if not floor:
                counts = await loaders.link_counts.load(self.id) or {}
                return count_links(counts, wanted, way)
            every = await loaders.links.load((self.id, Around(wanted, way, floor, _ALL, 0))) or []
            return len(every)

        return connect(relations, offset=offset, size=size, count=total)

    @field
    async def relation_counts(self, info: Info) -> list[RelationCount]:
        """How many relations of each type go out and come in: what expanding this entity would bring."""
        counts = await info.context.loaders.link_counts.load(self.id) or {}
        return [
            RelationCount(type=type_, out=counts[type_][0], in_=counts[type_][1])
            for type_ in RelationType
            if type_ in counts
        ]

    @field
    async def prerequisites(self, info: Info, transitive: bool | None = False) -> list[Entity]:
        """What should be understood before it; with transitive, also what that needs."""
        if transitive:
            backend = info.context.backend
            leading = await backend.run(prerequisites, backend.store, self.id)
            return [Entity.of(entity) for entity in leading.entities if entity.id != self.id]
        return await load_entities(info, await info.context.loaders.direct_prerequisites.load(self.id) or [])

    @field
    async def similar(self, info: Info, first: int | None = 10) -> list[ScoredEntity]:
        """Entities of near meaning, nearest first."""
        backend = info.context.backend
        hits = await backend.run(similar, backend.store, self.id, limit=page_size(first, 10))
        return await load_scored_entities(info, hits)

    @field
    async def topics(self, info: Info) -> list[Topic]:
        """Topics that it belongs to, the broadest first."""
        levels = await info.context.loaders.topics.load_many(TOPIC_LEVELS)
        return [
            Topic.of(topic) for level in present(levels) for topic in level if self.id in topic.entity_ids
        ]


@graphql_type
class Relation:
    """A typed, directed link between two entities: source TYPE target."""

    id: strawberry.ID
    source: Entity
    target: Entity
    type: RelationType
    confidence: float = strawberry.field(
        description="Probability that the material supports this relation, 0 to 1."
    )
    found_by: list[str] = strawberry.field(description="Rule, model or catalogue that found it.")
    said: strawberry.Private[tuple[model.Evidence, ...]]

    @classmethod
    def between(cls, relation: model.Relation, source: Entity, target: Entity) -> Relation:
        """Show a relation between entities that are shown already."""
        return cls(
            id=strawberry.ID(relation.id),
            source=source,
            target=target,
            type=relation.type,
            confidence=relation.confidence,
            found_by=list(relation.found_by),
            said=relation.evidence,
        )

    @classmethod
    def of(cls, joined: JoinedRelation) -> Relation:
        """Show a relation."""
        return cls.between(joined.relation, Entity.of(joined.source), Entity.of(joined.target))

    @field
    async def evidence(self, info: Info, first: int | None = 3) -> list[Evidence]:
        """What the material says, best first."""
        said = self.said[: page_size(first, 3)]
        return await load_evidence(info, [(evidence.passage_id, evidence.quote) for evidence in said])


@graphql_type
class ScoredEntity:
    """An entity with its rank's score."""

    entity: Entity
    score: float


@graphql_type
class ScoredPassage:
    """A passage with its rank's score."""

    passage: Passage
    score: float


@graphql_type
class Topic:
    """A group of entities that belong together, found in the graph itself."""

    id: strawberry.ID
    title: str
    summary: str
    size: int
    topic: strawberry.Private[model.Topic]

    @classmethod
    def of(cls, topic: model.Topic) -> Topic:
        """Show a topic."""
        return cls(
            id=strawberry.ID(topic.id),
            title=topic.title,
            summary=topic.summary,
            size=len(topic.entity_ids),
            topic=topic,
        )

    @field
    async def entities(self, info: Info, first: int | None = 20) -> list[ScoredEntity]:
        """Its entities, the most central first."""
        ranked = list(zip(self.topic.entity_ids, self.topic.scores, strict=True))[: page_size(first, 20)]
        return await load_scored_entities(info, [Hit(entity_id, score) for entity_id, score in ranked])

    @field
    async def parent(self, info: Info) -> Topic | None:
        """The broader topic that it is part of."""
        above = await info.context.loaders.topics.load(self.topic.level - 1) if self.topic.parent_id else None
        return next((Topic.of(topic) for topic in above or () if topic.id == self.topic.parent_id), None)


async def load_entities(info: Info, ids: Iterable[str]) -> list[Entity]:
    """Load entities in the order of ``ids``, leaving out unknown ones."""
    return [Entity.of(entity) for entity in present(await info.context.loaders.entity.load_many(ids))]


async def load_relations(info: Info, ids: Iterable[str]) -> list[Relation]:
    """Load relations with both ends, in the order of ``ids``."""
    return [Relation.of(joined) for joined in present(await info.context.loaders.relation.load_many(ids))]


async def join_relations(info: Info, relations: Iterable[model.Relation]) -> list[Relation]:
    """Show relations that are loaded already; their ends are loaded, and those without both are left out."""
    ties = list(relations)
    ends = {end for relation in ties for end in (relation.source_id, relation.target_id)}
    found = {str(entity.id): entity for entity in await load_entities(info, ends)}
    return [
        Relation.between(relation, found[relation.source_id], found[relation.target_id])
        for relation in ties
        if relation.source_id in found and relation.target_id in found
    ]


async def load_evidence(info: Info, quotes: list[tuple[str, str]]) -> list[Evidence]:
    """Load the places of (passage id, quote) pairs."""
    found = await info.context.loaders.passage.load_many([passage_id for passage_id, _ in quotes])
    return [
        Evidence(
            document=Document.of(cited.document),
            headings=list(cited.passage.headings),
            line=cited.passage.line,
            quote=quote,
        )
        for cited, (_, quote) in zip(found, quotes, strict=True)
        if cited is not None
    ]


async def load_scored_entities(info: Info, hits: Iterable[Hit]) -> list[ScoredEntity]:
    """Load ranked entities, in their order."""
    ranked = list(hits)
    found = await info.context.loaders.entity.load_many([hit.id for hit in ranked])
    return [
        ScoredEntity(entity=Entity.of(entity), score=hit.score)
        for entity, hit in zip(found, ranked, strict=True)
        if entity is not None
    ]


async def load_scored_passages(info: Info, hits: Iterable[Hit]) -> list[ScoredPassage]:
    """Load ranked passages, in their order."""
    ranked = list(hits)
    found = await info.context.loaders.passage.load_many([hit.id for hit in ranked])
    return [
        ScoredPassage(passage=Passage.of(cited), score=hit.score)
        for cited, hit in zip(found, ranked, strict=True)
        if cited is not None
    ]

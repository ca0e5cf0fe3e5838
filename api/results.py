"""What the graph answers, as GraphQL types: subgraphs, paths, searches, answers, comparisons, counts."""

from __future__ import annotations

import strawberry

from api.described import field, graphql_type
from api.types import (
    Entity,
    Evidence,
    Info,
    Passage,
    Relation,
    ScoredEntity,
    ScoredPassage,
    join_relations,
    load_entities,
    load_evidence,
    load_scored_entities,
    load_scored_passages,
)
from kg import answer, compare, model, paths, search
from kg.answer import AnswerMode
from kg.model import EntityKind, RelationType
from kg.store import Counts


@graphql_type
class Subgraph:
    """Entities and the relations among them."""

    nodes: list[Entity]
    edges: list[Relation]
    truncated: bool = strawberry.field(description="True where a limit cut the answer short.")

    @classmethod
    def of(cls, subgraph: paths.Subgraph) -> Subgraph:
        """Show a subgraph."""
        nodes = {entity.id: Entity.of(entity) for entity in subgraph.entities}
        edges = [
            Relation.between(relation, nodes[relation.source_id], nodes[relation.target_id])
            for relation in subgraph.relations
        ]
        return cls(nodes=list(nodes.values()), edges=edges, truncated=subgraph.truncated)


@graphql_type
class Path:
    """A chain of relations from one entity to another.

    Steps are in walking order, whatever way each relation points.
    """

    entities: list[Entity]
    relations: list[Relation]
    confidence: float

    @classmethod
    def of(cls, path: paths.Path) -> Path:
        """Show a path."""
        steps = {entity.id: Entity.of(entity) for entity in path.entities}
        relations = [
            Relation.between(relation, steps[relation.source_id], steps[relation.target_id])
            for relation in path.relations
        ]
        return cls(entities=list(steps.values()), relations=relations, confidence=path.confidence)


@graphql_type
class SearchResult:
    """What matches a query, best first."""

    found: strawberry.Private[search.Found]

    @field
    async def entities(self, info: Info) -> list[ScoredEntity]:
        """Entities by name, description and meaning."""
        return await load_scored_entities(info, self.found.entities)

    @field
    async def passages(self, info: Info) -> list[ScoredPassage]:
        """Passages by their words and meaning."""
        return await load_scored_passages(info, self.found.passages)


@graphql_type
class Citation:
    """A passage that an answer rests on."""

    number: int
    passage: Passage
    quote: str


@graphql_type
class Answer:
    """An answer with the sentences behind it."""

    text: str | None = strawberry.field(
        description="Prose with [n] marks that point into citations; null where the graph holds no answer."
    )
    abstained: bool
    confidence: float = strawberry.field(description="0 to 1: how far the cited evidence supports the text.")
    mode: AnswerMode
    subgraph: Subgraph = strawberry.field(description="What the answer walked over.")
    given: strawberry.Private[answer.Answer]

    @classmethod
    def of(cls, given: answer.Answer) -> Answer:
        """Show an answer."""
        return cls(
            text=given.text,
            abstained=given.abstained,
            confidence=given.confidence,
            mode=given.mode,
            subgraph=Subgraph.of(given.subgraph),
            given=given,
        )

    @field
    async def citations(self, info: Info) -> list[Citation]:
        """The passages that the text cites, by number."""
        cited = await info.context.loaders.passage.load_many(
            [each.passage_id for each in self.given.citations]
        )
        return [
            Citation(number=citation.number, passage=Passage.of(passage), quote=citation.quote)
            for citation, passage in zip(self.given.citations, cited, strict=True)
            if passage is not None
        ]

    @field
    async def entities(self, info: Info) -> list[ScoredEntity]:
        """Entities that answer the question, best first: the set itself for a 'which' question."""
        return await load_scored_entities(info, self.given.entities)


@graphql_type
class TradeOffSide:
    """One of the options or qualities that a trade-off weighs."""

    entity: Entity
    gains: list[str]
    costs: list[str]
    said: strawberry.Private[tuple[model.Evidence, ...]]

    @field
    async def evidence(self, info: Info) -> list[Evidence]:
        """What the material says of this side."""
        return await load_evidence(info, [(each.passage_id, each.quote) for each in self.said])


@graphql_type
class TradeOff:
    """A tension between options or qualities, with what each side gains and gives up."""

    entity: Entity
    sides: list[TradeOffSide]

    @classmethod
    def of(cls, trade_off: compare.TradeOff) -> TradeOff:
        """Show a trade-off."""
        sides = [
            TradeOffSide(
                entity=Entity.of(side.entity),
                gains=list(side.gains),
                costs=list(side.costs),
                said=tuple(side.evidence),
            )
            for side in trade_off.sides
        ]
        return cls(entity=Entity.of(trade_off.entity), sides=sides)


@graphql_type
class Comparison:
    """What two entities share, what only one of them has, and what choosing between them costs."""

    a: Entity
    b: Entity
    shared: list[Entity]
    trade_offs: list[TradeOff]
    comparison: strawberry.Private[compare.Comparison]

    @classmethod
    def of(cls, comparison: compare.Comparison) -> Comparison:
        """Show a comparison."""
        return cls(
            a=Entity.of(comparison.a),
            b=Entity.of(comparison.b),
            shared=[Entity.of(entity) for entity in comparison.shared],
            trade_offs=[TradeOff.of(trade_off) for trade_off in comparison.trade_offs],
            comparison=comparison,
        )

    @field
    async def only_a(self, info: Info) -> list[Relation]:
        """Relations that a has and b has not."""
        return await join_relations(info, self.comparison.only_a)

    @field
    async def only_b(self, info: Info) -> list[Relation]:
        """Relations that b has and a has not."""
        return await join_relations(info, self.comparison.only_b)

    @field
    async def passages(self, info: Info) -> list[ScoredPassage]:
        """Passages that speak of both."""
        return await load_scored_passages(info, self.comparison.passages)


@graphql_type
class KindCount:
    """How many entities of a kind there are."""

    kind: EntityKind
    count: int


@graphql_type
class TypeCount:
    """How many relations of a type there are."""

    type: RelationType
    count: int


@graphql_type
class GraphStats:
    """How much the graph holds."""

    documents: int
    passages: int
    entities: int
    relations: int
    kinds: list[KindCount]
    types: list[TypeCount]

    @classmethod
    def of(cls, counts: Counts) -> GraphStats:
        """Show the counts, in the ontology's order."""
        return cls(
            documents=counts.documents,
            passages=counts.passages,
            entities=counts.entities,
            relations=counts.relations,
            kinds=[
                KindCount(kind=kind, count=counts.kinds[kind]) for kind in EntityKind if kind in counts.kinds
            ],
            types=[
                TypeCount(type=type_, count=counts.types[type_])
                for type_ in RelationType
                if type_ in counts.types
            ],
        )


@graphql_type
class Track:
    """A role or theme: goals that belong together, to make a study plan for."""

    name: str
    description: str
    track: strawberry.Private[model.Track]

    @classmethod
    def of(cls, track: model.Track) -> Track:
        """Show a track."""
        return cls(name=track.name, description=track.description, track=track)

    @field
    async def goals(self, info: Info) -> list[Entity]:
        """Those of the track's goals that the graph knows, the most important first."""
        backend = info.context.backend
        ids = await backend.run(backend.store.find_names, self.track.goals)
        return await load_entities(info, [ids[goal][0] for goal in self.track.goals if goal in ids])

"""What the graph holds as plain records: what ``--json`` prints and MCP tools return.

A record spells out what GraphQL would be asked for: names instead of ids, and the place of each quote.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Record(BaseModel):
    """A record; written in camel case, as GraphQL's names are."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class EvidenceRecord(Record):
    """A quote and its place."""

    quote: str
    document: str  # path relative to the ingested root
    headings: list[str]
    line: int  # first line of the passage, from 1


class EntityRecord(Record):
    """An entity."""

    id: str
    name: str
    kind: str
    aliases: list[str]
    description: str | None
    difficulty: str | None
    importance: float


class ScoredEntityRecord(Record):
    """An entity and how well it fits."""

    entity: EntityRecord
    score: float


class RelationRecord(Record):
    """A relation, by the names of its ends: source TYPE target."""

    source: str
    type: str
    target: str
    confidence: float
    found_by: list[str]
    evidence: list[EvidenceRecord]


class PassageRecord(Record):
    """A passage and how well it fits."""

    id: str
    text: str
    document: str
    headings: list[str]
    line: int
    score: float


class EntityPage(Record):
    """An entity with what hangs on it."""

    entity: EntityRecord
    evidence: list[EvidenceRecord]
    relations: list[RelationRecord]
    relation_counts: dict[str, int]


class SubgraphRecord(Record):
    """Entities and the relations among them."""

    entities: list[EntityRecord]
    relations: list[RelationRecord]
    truncated: bool


class PathRecord(Record):
    """A chain of relations, in walking order."""

    entities: list[str]
    relations: list[RelationRecord]
    confidence: float


class SearchRecord(Record):
    """What matches a query, best first."""

    entities: list[ScoredEntityRecord]
    passages: list[PassageRecord]


class CitationRecord(Record):
    """The quote behind an [n] of an answer."""

    number: int
    passage_id: str
    evidence: EvidenceRecord


class AnswerRecord(Record):
    """An answer, or none, with what it cites."""

    text: str | None
    abstained: bool
    confidence: float
    mode: str
    citations: list[CitationRecord]
    entities: list[ScoredEntityRecord]


class SideRecord(Record):
    """One side of a trade-off."""

    entity: str
    gains: list[str]
    costs: list[str]
    evidence: list[EvidenceRecord]


class TradeOffRecord(Record):
    """A tension, and what each side gains and gives up."""

    entity: str
    sides: list[SideRecord]


class ComparisonRecord(Record):
    """What two entities share and what sets them apart."""

    a: EntityRecord
    b: EntityRecord
    shared: list[str]
    only_a: list[RelationRecord]
    only_b: list[RelationRecord]
    trade_offs: list[TradeOffRecord]
    passages: list[PassageRecord]


class TopicRecord(Record):
    """A group of entities that belong together."""

    id: str
    title: str
    summary: str
    size: int
    entities: list[str]


class ReadyRecord(Record):
    """What can be learned next, and why."""

    entity: EntityRecord
    unlocks: int
    because: list[RelationRecord]


class StatsRecord(Record):
    """How much there is of what."""

    documents: int
    passages: int
    entities: int
    relations: int
    kinds: dict[str, int]
    types: dict[str, int]

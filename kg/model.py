"""What the graph holds: documents, passages, claims, entities and relations, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kg.names import content_id


class EntityKind(StrEnum):
    """What sort of thing an entity is; ``ontology`` in the README explains each."""

    CONCEPT = "CONCEPT"
    TOOL = "TOOL"
    MODEL = "MODEL"
    PATTERN = "PATTERN"
    METRIC = "METRIC"
    RISK = "RISK"
    TRADE_OFF = "TRADE_OFF"
    QUESTION = "QUESTION"
    RESOURCE = "RESOURCE"


class RelationType(StrEnum):
    """How two entities are tied; read ``source TYPE target`` as a sentence."""

    PREREQUISITE_OF = "PREREQUISITE_OF"
    PART_OF = "PART_OF"
    IS_A = "IS_A"
    USES = "USES"
    IMPLEMENTS = "IMPLEMENTS"
    ALTERNATIVE_TO = "ALTERNATIVE_TO"
    IMPROVES = "IMPROVES"
    WORSENS = "WORSENS"
    MITIGATES = "MITIGATES"
    MEASURES = "MEASURES"
    TRADES_OFF = "TRADES_OFF"
    ASKS_ABOUT = "ASKS_ABOUT"
    TEACHES = "TEACHES"
    RELATED_TO = "RELATED_TO"


SYMMETRIC = frozenset({RelationType.ALTERNATIVE_TO, RelationType.RELATED_TO})
"""Types without a direction: stored once, the smaller id as source, and read both ways."""


class Difficulty(StrEnum):
    """How much a reader must bring along."""

    BEGINNER = "BEGINNER"
    INTERMEDIATE = "INTERMEDIATE"
    ADVANCED = "ADVANCED"


class Direction(StrEnum):
    """Which relations of an entity are meant: those it is the source of, the target of, or both."""

    OUT = "OUT"
    IN = "IN"
    BOTH = "BOTH"


class Origin(StrEnum):
    """Where a document comes from: the user's material, or a catalogue of general knowledge."""

    MATERIAL = "MATERIAL"
    CATALOGUE = "CATALOGUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One source file. The same root and path give the same id, whatever the file says."""

    root: str  # label of the ingested root: the name of the folder, archive or repository
    path: str  # relative to that root, with forward slashes
    title: str
    content_hash: str  # SHA-256 of the file's bytes, hexadecimal
    origin: Origin = Origin.MATERIAL

    @property
    def id(self) -> str:
        """Stable across edits of the file."""
        return content_id("d", self.root, self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a document under one heading: the unit of retrieval and of citation."""

    id: str  # content_id("p", document_id, text, how many equal texts came before it)
    document_id: str
    position: int  # order in the document, from 0
    headings: tuple[str, ...]  # from the document's title down, outermost first
    line: int  # first line in the source file, from 1
    text: str  # exactly as the material has it, markup included


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Evidence:
    """The very words behind a claim; ``quote`` is a stretch of the passage's text."""

    passage_id: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityClaim:
    """One passage says: there is a thing of this name, perhaps of this kind, described so."""

    name: str
    rule: str
    confidence: float  # that the name is an entity worth a node, 0 to 1
    evidence: Evidence
    kind: EntityKind | None = None
    aliases: tuple[str, ...] = ()
    description: str | None = None  # a defining sentence, as plain text
    difficulty: Difficulty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationClaim:
    """One passage says ``source type target``; the ends are names as written, resolved later."""

    source: str
    type: RelationType
    target: str
    rule: str
    confidence: float
    evidence: Evidence
    gains: tuple[str, ...] = ()  # TRADES_OFF only: what choosing the target brings
    costs: tuple[str, ...] = ()  # TRADES_OFF only: what choosing the target gives up


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document with its passages and all that they claim: the raw truth the graph is folded from."""

    document: Document
    fingerprint: str  # version of extractor, ontology and catalogue that read it
    passages: tuple[Passage, ...]
    entity_claims: tuple[EntityClaim, ...] = ()
    relation_claims: tuple[RelationClaim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A thing that the material is about."""

    id: str
    name: str
    kind: EntityKind
    aliases: tuple[str, ...] = ()  # sorted, without the name
    description: str | None = None
    difficulty: Difficulty | None = None
    importance: float = 0.0  # share of the graph's attention; sums to 1 over all entities
    x: float = 0.0  # drawing position, in the square from -1 to 1
    y: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A typed, directed link between two entities, and where the material says so."""

    source_id: str
    target_id: str
    type: RelationType
    confidence: float  # of those at 0.8, about eight in ten are right
    found_by: tuple[str, ...]  # rules, models or catalogues, sorted
    evidence: tuple[Evidence, ...]  # best first; never empty
    gains: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (0 <= self.confidence <= 1 and self.evidence):
            raise ValueError(f"a relation needs evidence and a confidence in [0, 1]: {self!r}")
        if self.source_id == self.target_id:
            raise ValueError(f"a relation needs two different entities: {self!r}")
        if self.type in SYMMETRIC and self.source_id > self.target_id:
            raise ValueError(f"a symmetric relation starts at the smaller id: {self!r}")

    @property
    def id(self) -> str:
        """The same two entities and type give the same id."""
        return content_id("r", self.source_id, self.type, self.target_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """That a passage names an entity: how often, where first, and in which sentence."""

    entity_id: str
    passage_id: str
    count: int
    start: int  # offset of the first mention in the passage's text
    quote: str  # the sentence, list item or table row around it


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A group of entities that belong together, found in the graph itself."""

    id: str
    level: int  # 0 is the coarsest
    title: str
    summary: str
    entity_ids: tuple[str, ...]  # most central first
    scores: tuple[float, ...]  # importance within the topic, as many as entities
    parent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedRelation:
    """A prerequisite that was left out to keep the order acyclic, and why."""

    source_id: str
    target_id: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A role or theme from a catalogue: goals that belong together, by name."""

    name: str
    aliases: tuple[str, ...]
    goals: tuple[str, ...]  # names of entities, most important first
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """All that readers see, folded from the claims and published in one transaction."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    mentions: tuple[Mention, ...]
    topics: tuple[Topic, ...] = ()
    tracks: tuple[Track, ...] = ()
    dropped: tuple[DroppedRelation, ...] = ()

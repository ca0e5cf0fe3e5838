"""The narrow waist: what every store can do, and nothing about how."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from kg.model import (
    SYMMETRIC,
    Difficulty,
    Direction,
    Document,
    DroppedRelation,
    Entity,
    EntityKind,
    Graph,
    Mention,
    Passage,
    Relation,
    RelationType,
    Source,
    Topic,
    Track,
)

if TYPE_CHECKING:
    import numpy as np


class EntityOrder(StrEnum):
    """Order of a page of entities."""

    NAME = "NAME"
    IMPORTANCE = "IMPORTANCE"


class Owner(StrEnum):
    """What a vector or a search hit stands for."""

    PASSAGE = "PASSAGE"
    ENTITY = "ENTITY"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store knows of a source file without reading its claims."""

    document: Document
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One step in the graph, as light as an algorithm needs it."""

    relation_id: str
    source_id: str
    target_id: str
    type: RelationType
    confidence: float

    def other(self, entity_id: str) -> str:
        """Return the end that is not ``entity_id``."""
        return self.target_id if entity_id == self.source_id else self.source_id


LinkCounts = dict[RelationType, tuple[int, int]]
"""How many links of each type lead out of an entity and into it; a symmetric one counts once, as out."""


def fold_counts(rows: Iterable[tuple[str, str, bool, int]]) -> dict[str, LinkCounts]:
    """Gather (entity id, type, whether it leads out, how many) by entity; ids and types in order."""
    found: dict[str, LinkCounts] = {}
    for id_, name, outgoing, total in rows:
        type_ = RelationType(name)
        of = found.setdefault(id_, {})
        out, into = of.get(type_, (0, 0))
        of[type_] = (out + total, into) if outgoing or type_ in SYMMETRIC else (out, into + total)
    return {id_: dict(sorted(found[id_].items())) for id_ in sorted(found)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbor:
    """The entity at the other end of a link, as light as a walk needs it."""

    id: str
    kind: EntityKind
    importance: float
    confidence: float  # of the link


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityFilter:
    """Which entities to list; an empty field does not restrict."""

    kinds: frozenset[EntityKind] = frozenset()
    difficulties: frozenset[Difficulty] = frozenset()
    name_contains: str = ""  # in the name or an alias, whatever the case; never a pattern
    document_path: str = ""  # mentioned in this document


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationFilter:
    """Which relations to list; an empty field does not restrict."""

    types: frozenset[RelationType] = frozenset()
    min_confidence: float = 0.0
    document_path: str = ""  # with evidence in this document
    source_id: str = ""
    target_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rankings:
    """What one search looks up; hits as ids with a score."""

    named: dict[str, list[str]]
    begun: list[str]
    by_words: dict[Owner, list[tuple[str, float]]]
    by_vector: dict[Owner, list[tuple[str, float]]]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a longer list."""

    items: list[T]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much there is of what in the published graph; documents and passages of the material only."""

    documents: int
    passages: int
    entities: int
    relations: int
    kinds: dict[EntityKind, int]
    types: dict[RelationType, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One finding of ``GraphStore.check``."""

    name: str
    ok: bool
    detail: str  # what was found; where not ok, what to run


class GraphStore(Protocol):
    """A graph with its sources. Look-ups are batched; writes are transactions.

    Readers see the last published graph, whole, and nothing of a build in progress. Every method may
    raise ``StoreUnavailableError``. A store may be read from many threads at once. Unknown ids are left
    out of an answer, so that one cannot fail a batch. Whatever has an order, has the same on every engine.
    """

    # --- sources: the raw truth, not seen by readers until it is published

    def sources(self) -> dict[str, SourceState]:
        """Return the state of each source by document id, sorted by id."""

    def put_sources(self, sources: Collection[Source]) -> None:
        """Add or replace documents with all their claims, in one transaction."""

    def drop_sources(self, document_ids: Collection[str]) -> None:
        """Forget documents and their claims; unknown ids are ignored."""

    def read_sources(self) -> Iterator[Source]:
        """Yield every source, by document id; one at a time, so that memory holds one document."""

    # --- vectors, keyed by a hash of the embedded text, so that equal text is embedded once

    def missing_vectors(self, keys: Collection[str]) -> set[str]:
        """Return those of ``keys`` that have no vector yet."""

    def put_vectors(self, vectors: Mapping[str, np.ndarray]) -> None:
        """Store vectors of length 1, float32 (dim,), by key, in one transaction."""

    def read_vectors(self, keys: Collection[str]) -> dict[str, np.ndarray]:
        """Return vectors by key, each float32 (dim,), of length 1."""

    # --- publishing

    def publish(self, graph: Graph, vector_keys: Mapping[str, str]) -> int:
        """Make ``graph`` what readers see, in one transaction, and return the new revision.

        Writes only what differs from the published graph; publishing the same graph again changes
        nothing and returns the same revision. Vectors that no key refers to any more are dropped.

        Args:
            graph: all that readers are to see.
            vector_keys: key of the vector of each passage and entity, by its id; ids without one
                cannot be found by vector search.
        """

    def revision(self) -> int:
        """Return the number of the published graph; 0 where nothing is published yet."""

    def read_graph(self) -> tuple[Graph, dict[str, str]]:
        """Return the published graph, whole, with the key of the vector of each passage and entity.

        Publishing what it returns changes nothing. Each part is sorted by id; tracks by name, and what was
        dropped by source and target.
        """

    def setting(self, name: str) -> str | None:
        """Return a remembered setting, such as the embedding model, or None."""

    def settings(self) -> dict[str, str]:
        """Return all remembered settings by name, sorted."""

    def put_setting(self, name: str, value: str | None) -> None:
        """Remember a setting with the store; None forgets it."""

    def counts(self) -> Counts:
        """Return how much the published graph holds."""

    # --- entities

    def entities(self, ids: Collection[str]) -> dict[str, Entity]:
        """Return entities by id."""

    def find_names(self, names: Collection[str]) -> dict[str, list[str]]:
        """Return the ids of entities of each name or alias, compared by ``name_key``.

        Entities whose own name matches come before those with a matching alias; then the most
        important first, then by id. Names that nothing has are left out.
        """

    def list_entities(
        self, where: EntityFilter, *, order: EntityOrder = EntityOrder.IMPORTANCE, limit: int, offset: int = 0
    ) -> Page[Entity]:
        """List entities: by importance (highest first) or by name (case folded); ties by id."""

    def mentions(self, entity_ids: Collection[str], *, limit: int) -> dict[str, list[Mention]]:
        """Return where each entity is mentioned, most often first, ties by passage id."""

    def passage_mentions(self, passage_ids: Collection[str]) -> dict[str, list[Mention]]:
        """Return which entities each passage mentions, first mention first, ties by entity id."""

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
        """Return the links that touch each entity: one call for a whole frontier.

        A symmetric link counts as going out of and coming into both its ends. No ``types`` means all.
        Most confident first, ties by type, source and target; at most ``limit`` per entity, after
        ``offset``. A hub with very many relations costs no more than ``limit``.
        """

    def neighbors(
        self,
        entity_ids: Collection[str],
        *,
        types: Collection[RelationType] = (),
        min_confidence: float = 0.0,
        limit: int,
    ) -> dict[str, list[Neighbor]]:
        """Return what the first ``limit`` of each entity's ``links`` lead to: one for each, in their order.

        An entity without links has an empty list. An end that is no entity is left out.
        """

    def subgraph(
        self,
        entity_ids: Collection[str],
        *,
        types: Collection[RelationType] = (),
        min_confidence: float = 0.0,
        limit: int,
    ) -> tuple[dict[str, Entity], list[Relation]]:
        """Return entities by id, and the relations that have both ends among them.

        Of the relations the ``limit`` most confident, ties by type, source and target.
        """

    def link_counts(self, entity_ids: Collection[str]) -> dict[str, LinkCounts]:
        """Return how many links of each type every entity has."""

    def relations(self, ids: Collection[str]) -> dict[str, Relation]:
        """Return relations with their evidence, by id."""

    def list_relations(self, where: RelationFilter, *, limit: int, offset: int = 0) -> Page[Relation]:
        """List relations, most confident first, ties by type, source and target."""

    # --- documents and passages

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        """Return published documents by id."""

    def list_documents(self) -> list[Document]:
        """Return all published documents of the material, by root and path."""

    def document_passages(self, document_id: str, *, limit: int, offset: int = 0) -> Page[Passage]:
        """Return a document's passages in their order."""

    def passages(self, ids: Collection[str]) -> dict[str, Passage]:
        """Return passages by id."""

    # --- search: ids with a score, best first, ties by id; only material, never the catalogue's passages

    def search_text(self, words: Sequence[str], owner: Owner, *, limit: int) -> list[tuple[str, float]]:
        """Rank by keywords (BM25): passages by text and headings, entities by name, aliases, description.

        ``words`` are plain words, any of which may match; never syntax.
        """

    def search_vector(self, vector: np.ndarray, owner: Owner, *, limit: int) -> list[tuple[str, float]]:
        """Rank by cosine similarity, -1 to 1, to ``vector``: float32 (dim,), length 1."""

    def rankings(
        self,
        *,
        names: Collection[str] = (),
        beginning: str = "",
        words: Sequence[str] = (),
        vector: np.ndarray | None = None,
        limits: Mapping[Owner, int],
    ) -> Rankings:
        """Look up all that one search needs, in one publication: one call for many.

        Args:
            names: as for ``find_names``.
            beginning: of a name or alias, whatever the case; never a pattern. Entities with such a name come
                the most important first, ties by id; none for an empty beginning.
            words: as for ``search_text``.
            vector: as for ``search_vector``.
            limits: most hits of each owner; what is left out is not searched.
        """

    def vector(self, owner_id: str) -> np.ndarray | None:
        """Return the vector of a passage or entity, float32 (dim,), or None."""

    # --- whole-graph reads, for what is derived from it

    def topics(self, *, level: int) -> list[Topic]:
        """Return the topics of a level, largest first, ties by id."""

    def tracks(self) -> list[Track]:
        """Return the role tracks that the published graph knows, by name."""

    def dropped(self) -> list[DroppedRelation]:
        """Return the prerequisites that were left out of the published graph, by source and target."""

    def iter_links(self) -> Iterator[Link]:
        """Yield every relation as a link, by relation id."""

    def iter_mentions(self) -> Iterator[tuple[str, str, int]]:
        """Yield (passage id, entity id, count) of the material's passages, by passage then entity id."""

    # --- housekeeping

    def check(self) -> list[Check]:
        """Check integrity, versions and derived files; never raises for what it finds."""

    def build_lock(self) -> BuildLock:
        """Return a context manager that one builder at a time can hold.

        Raises:
            StoreBusyError: on entering, while another process or thread holds it.
        """

    def close(self) -> None:
        """Release connections; closing twice is harmless."""


class BuildLock(Protocol):
    """Held while a graph is built; released by leaving it or by the death of the process."""

    def __enter__(self) -> None: ...

    def __exit__(self, *exc: object) -> None: ...

"""Random small graphs, and all that a store says of one: for laws that hold whatever the graph."""

from __future__ import annotations

from hashlib import sha512

import numpy as np
from hypothesis import strategies as st

from kg.model import (
    SYMMETRIC,
    Document,
    DroppedRelation,
    Entity,
    EntityKind,
    Evidence,
    Graph,
    Mention,
    Origin,
    Passage,
    Relation,
    RelationType,
    Topic,
    Track,
)
from kg.store import EntityFilter, EntityOrder, GraphStore, Owner, RelationFilter

EMPTY = Graph(documents=(), passages=(), entities=(), relations=(), mentions=())

_WORDS = ("rag", "agent", "vector", "cache", "graph", "token")


def relation(
    source_id: str, type_: RelationType, target_id: str, confidence: float = 0.5, passage_id: str = "p_0"
) -> Relation:
    """Make a relation between two different entities, the right way round if it is symmetric."""
    first, second = sorted((source_id, target_id)) if type_ in SYMMETRIC else (source_id, target_id)
    return Relation(
        source_id=first,
        target_id=second,
        type=type_,
        confidence=confidence,
        found_by=("rule",),
        evidence=(Evidence(passage_id=passage_id, quote="so it says"),),
    )


@st.composite
def relations(draw: st.DrawFn, entity_ids: list[str], max_size: int = 12) -> tuple[Relation, ...]:
    """Draw relations among entities, at most one of each source, type and target."""
    ends = st.permutations(entity_ids).map(lambda ids: ids[:2])
    confidences = st.sampled_from([0.3, 0.5, 0.8])
    found = draw(st.lists(st.tuples(ends, st.sampled_from(RelationType), confidences), max_size=max_size))
    made = [relation(source, type_, target, confidence) for (source, target), type_, confidence in found]
    return tuple({r.id: r for r in made}.values())


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph of up to three documents, in which all ids lead somewhere."""
    documents = draw(st.lists(st.builds(_document, st.integers(0, 2), st.sampled_from("ab")), max_size=3))
    documents = list({d.id: d for d in documents}.values())
    passages = [
        _passage(document.id, position, draw(st.lists(st.sampled_from(_WORDS), max_size=4)))
        for document in documents
        for position in range(draw(st.integers(0, 2)))
    ]
    chosen = draw(st.lists(st.sampled_from(_WORDS), unique=True, max_size=6))
    entities = [
        _entity(name, draw(st.sampled_from(["", "an idea"])), draw(st.floats(0, 1))) for name in chosen
    ]
    ids = [entity.id for entity in entities]
    counts = st.sampled_from([0, 0, 1, 2])
    mentions = [_mention(entity, p.id, draw(counts)) for p in passages for entity in ids]
    return Graph(
        documents=tuple(documents),
        passages=tuple(passages),
        entities=tuple(entities),
        relations=draw(relations(ids)) if len(ids) > 1 else (),
        mentions=tuple(m for m in mentions if m.count),
        topics=tuple(_topic(ids) for _ in range(draw(st.integers(0, 1)))),
        tracks=tuple(Track(name=name, aliases=(), goals=(name,)) for name in chosen[:1]),
        dropped=tuple(
            DroppedRelation(source_id=a, target_id=b, confidence=0.2, reason="weakest of a cycle")
            for a, b in [ids[:2]][: len(ids) // 2]
        ),
    )


def publish_with_vectors(store: GraphStore, graph: Graph) -> int:
    """Publish ``graph`` with a vector for each passage and entity that depends on its text alone."""
    texts = {p.id: p.text for p in graph.passages} | {e.id: e.name for e in graph.entities}
    keys = {id_: sha512(text.encode()).hexdigest() for id_, text in texts.items()}
    vectors = {key: np.frombuffer(bytes.fromhex(key), np.uint8).astype(np.float32) for key in keys.values()}
    store.put_vectors({key: row / np.linalg.norm(row) for key, row in vectors.items()})
    return store.publish(graph, keys)


def everything(store: GraphStore) -> dict[str, object]:
    """Return all that a store says of its published graph, but the revision."""
    entities = store.list_entities(EntityFilter(), order=EntityOrder.NAME, limit=100).items
    ids = [entity.id for entity in entities]
    documents = [*store.list_documents(), *(_document(number, "catalogue") for number in range(3))]
    passages = [p for d in documents for p in store.document_passages(d.id, limit=100).items]
    query = np.full(64, 0.125, np.float32)
    return {
        "counts": store.counts(),
        "entities": entities,
        "important": store.list_entities(EntityFilter(), limit=100),
        "documents": store.documents([d.id for d in documents]),
        "listed documents": store.list_documents(),
        "passages": passages,
        "relations": store.list_relations(RelationFilter(), limit=100),
        "links": store.links(ids, limit=100),
        "neighbors": store.neighbors(ids, limit=100),
        "subgraph": store.subgraph(ids, limit=100),
        "link counts": store.link_counts(ids),
        "names": store.find_names([*_WORDS, *(f"{word} alias" for word in _WORDS)]),
        "mentions": store.mentions(ids, limit=100),
        "passage mentions": store.passage_mentions([p.id for p in passages]),
        "topics": store.topics(level=0),
        "tracks": store.tracks(),
        "dropped": store.dropped(),
        "streamed links": list(store.iter_links()),
        "streamed mentions": list(store.iter_mentions()),
        "words": [found_by_words(store, owner) for owner in Owner],
        "near": [store.search_vector(query, owner, limit=100) for owner in Owner],
    }


def found_by_words(store: GraphStore, owner: Owner) -> list[str]:
    """Return what keyword search finds, by id: Lucene's scores still count for a while what was replaced."""
    return sorted(id_ for id_, _ in store.search_text(_WORDS[:3], owner, limit=100))


def _document(number: int, version: str) -> Document:
    origin = Origin.CATALOGUE if number == 2 else Origin.MATERIAL
    return Document(
        root="r", path=f"{number}.md", title=f"Title {version}", content_hash=version, origin=origin
    )


def _passage(document_id: str, position: int, words: list[str]) -> Passage:
    return Passage(
        id=f"p_{document_id}_{position}_{'_'.join(words)}",
        document_id=document_id,
        position=position,
        headings=("Title", "Section"),
        line=position + 1,
        text=" ".join(words),
    )


def _entity(name: str, description: str, importance: float) -> Entity:
    return Entity(
        id=f"e_{name}",
        name=name,
        kind=EntityKind.CONCEPT,
        aliases=(f"{name} alias",),
        description=description or None,
        importance=importance,
    )


def _mention(entity_id: str, passage_id: str, count: int) -> Mention:
    return Mention(entity_id=entity_id, passage_id=passage_id, count=count, start=count, quote="so it says")


def _topic(entity_ids: list[str]) -> Topic:
    scores = tuple(1 / len(entity_ids) for _ in entity_ids)
    return Topic(id="t_0", level=0, title="All", summary="", entity_ids=tuple(entity_ids), scores=scores)

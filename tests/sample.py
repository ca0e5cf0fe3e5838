"""A small hand-made graph of the field, and a deterministic embedder: what most tests run on."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from math import cos, sin, tau

import numpy as np
from sample_data import BASICS, CATALOGUE, CHUNKS, ENTITIES, RELATIONS, RETRIEVAL, SECTIONS, SIDES

from kg.embed import embedding_text, vector_key
from kg.model import (
    SYMMETRIC,
    DroppedRelation,
    Entity,
    EntityClaim,
    Evidence,
    Graph,
    Mention,
    Passage,
    Relation,
    RelationClaim,
    RelationType,
    Source,
    Topic,
    Track,
)
from kg.names import content_id, name_key
from kg.store import GraphStore


def entity_id(name: str) -> str:
    """Return the id that an entity of the sample has, by its canonical name."""
    return content_id("e", name_key(name))


def relation_id(source: str, type_: RelationType, target: str) -> str:
    """Return the id of a relation of the sample, by the names of its ends in either order if symmetric."""
    ends = [entity_id(source), entity_id(target)]
    first, second = sorted(ends) if type_ in SYMMETRIC else ends
    return content_id("r", first, type_, second)


def sample_graph() -> Graph:
    """Build the sample: all kinds, all types, a trade-off, prerequisites five layers deep."""
    passages = _passages()
    relations = tuple(_relation(row, passages) for row in RELATIONS)
    entities = _entities(relations)
    return Graph(
        documents=(BASICS, RETRIEVAL, CHUNKS, CATALOGUE),
        passages=passages,
        entities=entities,
        relations=relations,
        mentions=tuple(m for passage in passages for e in entities for m in _mentions(e, passage)),
        topics=_topics(),
        tracks=(
            Track(
                name="RAG engineer",
                aliases=("retrieval engineer",),
                goals=("GraphRAG", "Semantic cache"),
                description="Builds systems that answer from documents.",
            ),
        ),
        dropped=(
            DroppedRelation(
                source_id=entity_id("GraphRAG"),
                target_id=entity_id("Tokenization"),
                confidence=0.3,
                reason="it would close a cycle; the weakest link of it",
            ),
        ),
    )


def sample_sources() -> list[Source]:
    """Return the sample as claims: one source for each document, as the extractors would hand them on."""
    graph = sample_graph()
    names = {entity.id: entity for entity in graph.entities}
    return [
        Source(
            document=document,
            fingerprint="sample-1",
            passages=tuple(p for p in graph.passages if p.document_id == document.id),
            entity_claims=tuple(
                EntityClaim(
                    name=names[m.entity_id].name,
                    kind=names[m.entity_id].kind,
                    aliases=names[m.entity_id].aliases,
                    rule="sample",
                    confidence=0.9,
                    evidence=Evidence(passage_id=m.passage_id, quote=m.quote),
                )
                for m in graph.mentions
                if _document_of(graph, m.passage_id) == document.id
            ),
            relation_claims=tuple(
                RelationClaim(
                    source=names[r.source_id].name,
                    type=r.type,
                    target=names[r.target_id].name,
                    rule="sample",
                    confidence=r.confidence,
                    evidence=r.evidence[0],
                    gains=r.gains,
                    costs=r.costs,
                )
                for r in graph.relations
                if _document_of(graph, r.evidence[0].passage_id) == document.id
            ),
        )
        for document in graph.documents
    ]


def publish_sample(store: GraphStore, embedder: HashEmbedder) -> Graph:
    """Store and publish the sample with a vector for each passage and entity; return what was published."""
    graph = sample_graph()
    texts = {p.id: embedding_text(p) for p in graph.passages}
    texts |= {e.id: f"{e.name}. {e.description or ''}" for e in graph.entities}
    keys = {owner: vector_key(embedder.name, text) for owner, text in texts.items()}
    store.put_setting("embedding_model", embedder.name)
    store.put_sources(sample_sources())
    store.put_vectors(dict(zip(keys.values(), embedder.encode(list(texts.values())), strict=True)))
    store.publish(graph, keys)
    return graph


class HashEmbedder:
    """A bag of hashed words: texts that share words are near, and the same text is always the same vector."""

    name = "hash-64"
    dim = 64

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (n_texts, 64), rows of length 1."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            # The empty word keeps texts without any word at length 1.
            for word, count in Counter(["", *re.findall(r"\w+", text.casefold())]).items():
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                row[digest[0] % self.dim] += count * (1.0 if digest[1] % 2 else -1.0)
            row[0] += 1e-3
            row /= np.linalg.norm(row)
        return rows


def _passages() -> tuple[Passage, ...]:
    positions: Counter[str] = Counter()
    passages = []
    for document, headings, line, text in SECTIONS:
        passages.append(
            Passage(
                id=content_id("p", document.id, text, "0"),
                document_id=document.id,
                position=positions[document.id],
                headings=(document.title, *headings),
                line=line,
                text=text,
            )
        )
        positions[document.id] += 1
    return tuple(passages)


def _relation(row: tuple[str, RelationType, str, float, str], passages: Sequence[Passage]) -> Relation:
    source, type_, target, confidence, words = row
    ends = [entity_id(source), entity_id(target)]
    first, second = sorted(ends) if type_ in SYMMETRIC else ends
    gains, costs = SIDES.get(target, ((), ()))
    passage = next(p for p in passages if words in p.text)
    return Relation(
        source_id=first,
        target_id=second,
        type=type_,
        confidence=confidence,
        found_by=("sample",),
        evidence=(Evidence(passage_id=passage.id, quote=_line_around(passage.text, words)),),
        gains=gains,
        costs=costs,
    )


def _entities(relations: Sequence[Relation]) -> tuple[Entity, ...]:
    degree = Counter(end for r in relations for end in (r.source_id, r.target_id))
    total = sum(degree.values()) + len(ENTITIES)
    return tuple(
        Entity(
            id=entity_id(name),
            name=name,
            kind=kind,
            aliases=aliases,
            description=description,
            difficulty=difficulty,
            importance=(degree[entity_id(name)] + 1) / total,
            x=round(cos(tau * index / len(ENTITIES)), 3),
            y=round(sin(tau * index / len(ENTITIES)), 3),
        )
        for index, (name, kind, aliases, description, difficulty) in enumerate(ENTITIES)
    )


def _mentions(entity: Entity, passage: Passage) -> list[Mention]:
    names = "|".join(re.escape(name) for name in (entity.name, *entity.aliases))
    found = list(re.finditer(rf"(?<!\w)(?:{names})(?:s\b|(?!\w))", passage.text, re.IGNORECASE))
    return [
        Mention(
            entity_id=entity.id,
            passage_id=passage.id,
            count=len(found),
            start=match.start(),
            quote=_line_around(passage.text, match.group()),
        )
        for match in found[:1]
    ]


def _topics() -> tuple[Topic, ...]:
    groups = [
        ("Retrieval", 0, ("RAG", "Vector search", "Hybrid search", "GraphRAG"), None),
        ("Foundations", 0, ("Embedding", "Attention", "Tokenization"), None),
        ("Search", 1, ("Vector search", "Hybrid search"), "Retrieval"),
    ]
    return tuple(
        Topic(
            id=content_id("t", title),
            level=level,
            title=title,
            summary=f"{title}: {', '.join(names)}",
            entity_ids=tuple(entity_id(name) for name in names),
            scores=tuple(round(1 / len(names), 6) for _ in names),
            parent_id=content_id("t", parent) if parent else None,
        )
        for title, level, names, parent in groups
    )


def _line_around(text: str, words: str) -> str:
    return next(line for line in text.split("\n") if words in line)


def _document_of(graph: Graph, passage_id: str) -> str:
    return next(p.document_id for p in graph.passages if p.id == passage_id)

"""Prerequisites: inferred from how things are defined and named, and made acyclic."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import networkx as nx

from extract.commonness import commonness
from extract.link import NameIndex
from extract.naming import without_asides
from kg.model import (
    DroppedRelation,
    Entity,
    EntityKind,
    Evidence,
    Relation,
    RelationType,
)
from kg.names import name_key

AUTHORED = frozenset({"front-matter", "section-prerequisites", "table-prerequisites"})
"""Rules that read what the author says comes first."""

_TAUGHT = frozenset(
    {EntityKind.CONCEPT, EntityKind.PATTERN, EntityKind.METRIC, EntityKind.TOOL, EntityKind.RISK}
)
_EXPLAINED = _TAUGHT - {EntityKind.TOOL}
"""Kinds whose definitions say what they rest on; a tool's says what it has and is good for."""

_MOST_INFERRED = 3  # per entity: a definition that names more is no chain of study
_DEFINED_BY = 0.62
_HEAD_OF = 0.6
_INCIDENTAL = frozenset({EntityKind.TOOL, EntityKind.METRIC})
"""What a definition of another kind names by the way: "in Python", "for low latency"."""

_EVERYDAY = -11.2  # commonness: "session" and "recall" are above, "query" and "token" below
_GLUED = re.compile(r"^-|-$")
# Where a definition has said what its term is, and goes on to what it has and is for.
_BY_THE_WAY = re.compile(
    r"[;:\u2014]|,? (?:with|while|including|such as|when|unless|because|so that|in order to|enabling)\b"
)


def infer_prerequisites(
    entities: Sequence[Entity],
    definitions: Mapping[str, Evidence],
    index: NameIndex,
    ids: Mapping[str, str],
    passages_of: Mapping[str, int],
    contexts: Mapping[str, str],
    taught: Collection[str],
    curated: Collection[str],
) -> list[Relation]:
    """Return prerequisites that definitions and names imply, by the two rules that need no training.

    Definition mention: B is named in A's defining sentence, and A not in B's. A single word must be one that
    the catalogue knows and that is no everyday word, and a metric comes before its own kind alone.
    Head containment: B's name is the end of A's name ("hybrid search" rests on "search"), which also makes A
    a kind of B; a plain word that the catalogue does not know heads names of many senses, and comes before
    none.

    Args:
        entities: all entities.
        definitions: entity id to the passage and sentence that its description comes from.
        index: finds names in text.
        ids: what the index finds, to entity id.
        passages_of: entity id to the number of passages that mention it.
        contexts: passage id to its text, which tells homonyms apart.
        taught: ids of entities that have a section, a glossary line or a catalogue entry of their own.
        curated: ids of entities that the catalogue knows.
    """
    names = {entity.id: {name_key(name) for name in (entity.name, *entity.aliases)} for entity in entities}
    named = {
        entity.id: _named_in(
            entity.description or "", contexts[definitions[entity.id].passage_id], index, ids, names
        )
        for entity in entities
        if entity.id in definitions
    }
    return [
        *_mentioned(entities, definitions, named, passages_of, taught, curated),
        *_heads(entities, definitions, passages_of, curated),
    ]


def _mentioned(
    entities: Sequence[Entity],
    definitions: Mapping[str, Evidence],
    named: Mapping[str, Collection[str]],
    passages_of: Mapping[str, int],
    taught: Collection[str],
    curated: Collection[str],
) -> Iterable[Relation]:
    """Yield what definitions rest on; ``named`` has the entities that each names."""
    by_id = {entity.id: entity for entity in entities}
    for entity in entities:
        if entity.kind not in _EXPLAINED or entity.id not in definitions:
            continue
        others = [
            other
            for other_id in named[entity.id]
            if (other := by_id[other_id]) is not entity
            and entity.id not in named.get(other_id, ())
            and other.kind in _TAUGHT
            and (" " in name_key(other.name) or (other_id in curated and _is_term(other.name)))
            and not (other.kind in _INCIDENTAL and entity.kind is not other.kind)
        ]
        others.sort(key=lambda other: (-passages_of.get(other.id, 0), other.id))
        for other in others[:_MOST_INFERRED]:
            commoner = passages_of.get(other.id, 0) >= 2 * passages_of.get(entity.id, 0)
            # What is rare, or nowhere explained itself, is mostly an example in the definition.
            if commoner and other.id in taught:
                evidence = definitions[entity.id]
                yield _prerequisite(other.id, entity.id, _DEFINED_BY, "definition-mention", evidence)


def _is_term(word: str) -> bool:
    """Whether a single word means the thing of that name wherever it stands."""
    return commonness(word.casefold()) < _EVERYDAY


def _named_in(
    definition: str,
    context: str,
    index: NameIndex,
    ids: Mapping[str, str],
    names: Mapping[str, Collection[str]],
) -> set[str]:
    """Return what the body of a definition names: no aside, no part of a hyphened word, and not by a verb."""
    body = _BY_THE_WAY.split(without_asides(definition))[0]
    return {
        ids[one.target]
        for one in index.find(body, context=context)
        if one.target in ids
        and not _GLUED.search(body[max(0, one.start - 1) : one.end + 1])
        and name_key(body[one.start : one.end]) in names[ids[one.target]]
    }


def _heads(
    entities: Sequence[Entity],
    definitions: Mapping[str, Evidence],
    passages_of: Mapping[str, int],
    curated: Collection[str],
) -> Iterable[Relation]:
    by_key = {name_key(entity.name): entity for entity in entities if entity.kind in _TAUGHT}
    for key in sorted(by_key):
        entity, words = by_key[key], key.split()
        evidence = definitions.get(entity.id)
        if evidence is None:
            continue
        for start in range(1, len(words)):
            head = by_key.get(" ".join(words[start:]))
            if (
                head is None
                or head.id == entity.id
                or passages_of.get(head.id, 0) < passages_of.get(entity.id, 0)
            ):
                continue
            if head.id in curated or start < len(words) - 1:
                yield _prerequisite(head.id, entity.id, _HEAD_OF, "name-head", evidence)
            if _one_sort(entity.kind, head.kind):
                yield Relation(
                    source_id=entity.id,
                    target_id=head.id,
                    type=RelationType.IS_A,
                    confidence=_HEAD_OF,
                    found_by=("name-head",),
                    evidence=(evidence,),
                )
            break


def _one_sort(kind: EntityKind, head: EntityKind) -> bool:
    return (
        kind is head
        or head is EntityKind.CONCEPT
        or (kind is EntityKind.CONCEPT and head is EntityKind.PATTERN)
    )


def _prerequisite(source: str, target: str, confidence: float, rule: str, evidence: Evidence) -> Relation:
    return Relation(
        source_id=source,
        target_id=target,
        type=RelationType.PREREQUISITE_OF,
        confidence=confidence,
        found_by=(rule,),
        evidence=(evidence,),
    )


def make_acyclic(relations: Iterable[Relation]) -> tuple[list[Relation], list[DroppedRelation]]:
    """Drop prerequisites until no cycle is left: inferred before authored, the weakest first.

    Ties go by ids, so that the same relations always lose the same ones.
    """
    kept = list(relations)
    graph: nx.DiGraph[str] = nx.DiGraph()
    weight: dict[tuple[str, str], tuple[bool, float, str, str]] = {}
    for relation in kept:
        if relation.type is RelationType.PREREQUISITE_OF:
            edge = (relation.source_id, relation.target_id)
            graph.add_edge(*edge)
            weight[edge] = (not AUTHORED.isdisjoint(relation.found_by), relation.confidence, *edge)
    dropped: dict[tuple[str, str], DroppedRelation] = {}
    groups = [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]
    while groups:
        group = groups.pop()
        inside = graph.subgraph(group)
        edge = min(inside.edges, key=lambda pair: weight[pair])
        graph.remove_edge(*edge)
        dropped[edge] = DroppedRelation(
            source_id=edge[0],
            target_id=edge[1],
            confidence=weight[edge][1],
            reason=f"weakest of a cycle among {len(group)} entities",
        )
        rest = graph.subgraph(group)
        groups.extend(sorted(part) for part in nx.strongly_connected_components(rest) if len(part) > 1)
    left = [
        relation
        for relation in kept
        if relation.type is not RelationType.PREREQUISITE_OF
        or (relation.source_id, relation.target_id) not in dropped
    ]
    return left, [dropped[edge] for edge in sorted(dropped)]


def drop_hidden(relations: Iterable[Relation]) -> list[Relation]:
    """Leave out RELATED_TO where the same two entities have a more specific relation."""
    listed = list(relations)
    specific: dict[frozenset[str], int] = defaultdict(int)
    for relation in listed:
        if relation.type is not RelationType.RELATED_TO:
            specific[frozenset((relation.source_id, relation.target_id))] += 1
    return [
        relation
        for relation in listed
        if relation.type is not RelationType.RELATED_TO
        or not specific[frozenset((relation.source_id, relation.target_id))]
    ]

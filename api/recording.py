"""From what the services return to records: names and places are looked up in batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from api.records import (
    AnswerRecord,
    CitationRecord,
    ComparisonRecord,
    EntityPage,
    EntityRecord,
    EvidenceRecord,
    PassageRecord,
    PathRecord,
    ReadyRecord,
    RelationRecord,
    ScoredEntityRecord,
    SearchRecord,
    SideRecord,
    StatsRecord,
    SubgraphRecord,
    TopicRecord,
    TradeOffRecord,
)
from kg.answer import Answer
from kg.compare import Comparison, TradeOff
from kg.model import Entity, Evidence, Relation, Topic
from kg.paths import Path, Subgraph
from kg.prerequisites import Ready
from kg.search import Found, Hit
from kg.store import Counts, GraphStore

MOST_EVIDENCE = 3
_MOST_RELATIONS = 100


def record_entity(entity: Entity) -> EntityRecord:
    """Write an entity down."""
    return EntityRecord(
        id=entity.id,
        name=entity.name,
        kind=str(entity.kind),
        aliases=list(entity.aliases),
        description=entity.description,
        difficulty=str(entity.difficulty) if entity.difficulty else None,
        importance=entity.importance,
    )


def record_evidence(store: GraphStore, said: Iterable[Collection[Evidence]]) -> list[list[EvidenceRecord]]:
    """Write down the first few quotes of each group, with one look-up for all their places."""
    groups = [list(group)[:MOST_EVIDENCE] for group in said]
    passages = store.passages({evidence.passage_id for group in groups for evidence in group})
    documents = store.documents({passage.document_id for passage in passages.values()})

    def record(evidence: Evidence) -> EvidenceRecord:
        passage = passages[evidence.passage_id]
        document = documents[passage.document_id]
        return EvidenceRecord(
            quote=evidence.quote, document=document.path, headings=list(passage.headings), line=passage.line
        )

    return [[record(evidence) for evidence in group if evidence.passage_id in passages] for group in groups]


def record_relations(store: GraphStore, relations: Sequence[Relation]) -> list[RelationRecord]:
    """Write relations down by the names of their ends."""
    entities = store.entities({end for each in relations for end in (each.source_id, each.target_id)})
    said = record_evidence(store, (relation.evidence for relation in relations))
    return [
        RelationRecord(
            source=entities[relation.source_id].name,
            type=str(relation.type),
            target=entities[relation.target_id].name,
            confidence=relation.confidence,
            found_by=list(relation.found_by),
            evidence=evidence,
        )
        for relation, evidence in zip(relations, said, strict=True)
    ]


def record_page(store: GraphStore, entity: Entity) -> EntityPage:
    """Write an entity down with its best relations and the passages that name it most."""
    links = store.links([entity.id], limit=_MOST_RELATIONS).get(entity.id, [])
    relations = store.relations([link.relation_id for link in links])
    mentions = store.mentions([entity.id], limit=MOST_EVIDENCE).get(entity.id, [])
    said = [Evidence(passage_id=mention.passage_id, quote=mention.quote) for mention in mentions]
    counts = store.link_counts([entity.id]).get(entity.id, {})
    return EntityPage(
        entity=record_entity(entity),
        evidence=record_evidence(store, [said])[0],
        relations=record_relations(store, [relations[link.relation_id] for link in links]),
        relation_counts={str(type_): sum(ways) for type_, ways in sorted(counts.items())},
    )


def record_subgraph(store: GraphStore, subgraph: Subgraph) -> SubgraphRecord:
    """Write a subgraph down."""
    return SubgraphRecord(
        entities=[record_entity(entity) for entity in subgraph.entities],
        relations=record_relations(store, subgraph.relations),
        truncated=subgraph.truncated,
    )


def record_paths(store: GraphStore, paths: Sequence[Path]) -> list[PathRecord]:
    """Write paths down."""
    return [
        PathRecord(
            entities=[entity.name for entity in path.entities],
            relations=record_relations(store, path.relations),
            confidence=path.confidence,
        )
        for path in paths
    ]


def record_hits(store: GraphStore, hits: Sequence[Hit]) -> list[ScoredEntityRecord]:
    """Write ranked entities down."""
    entities = store.entities([hit.id for hit in hits])
    return [
        ScoredEntityRecord(entity=record_entity(entities[hit.id]), score=hit.score)
        for hit in hits
        if hit.id in entities
    ]


def record_passages(store: GraphStore, hits: Sequence[Hit]) -> list[PassageRecord]:
    """Write ranked passages down."""
    passages = store.passages([hit.id for hit in hits])
    documents = store.documents({passage.document_id for passage in passages.values()})
    return [
        PassageRecord(
            id=hit.id,
            text=passages[hit.id].text,
            document=documents[passages[hit.id].document_id].path,
            headings=list(passages[hit.id].headings),
            line=passages[hit.id].line,
            score=hit.score,
        )
        for hit in hits
        if hit.id in passages
    ]


def record_search(store: GraphStore, found: Found) -> SearchRecord:
    """Write down what a search found."""
    return SearchRecord(
        entities=record_hits(store, found.entities), passages=record_passages(store, found.passages)
    )


def record_answer(store: GraphStore, answer: Answer) -> AnswerRecord:
    """Write an answer down with its citations."""
    cited = [[Evidence(passage_id=each.passage_id, quote=each.quote)] for each in answer.citations]
    places = record_evidence(store, cited)
    return AnswerRecord(
        text=answer.text,
        abstained=answer.abstained,
        confidence=answer.confidence,
        mode=str(answer.mode),
        citations=[
            CitationRecord(number=citation.number, passage_id=citation.passage_id, evidence=place[0])
            for citation, place in zip(answer.citations, places, strict=True)
            if place
        ],
        entities=record_hits(store, answer.entities),
    )


def record_trade_offs(store: GraphStore, trade_offs: Iterable[TradeOff]) -> list[TradeOffRecord]:
    """Write trade-offs down."""
    return [
        TradeOffRecord(entity=trade_off.entity.name, sides=_record_sides(store, trade_off))
        for trade_off in trade_offs
    ]


def _record_sides(store: GraphStore, trade_off: TradeOff) -> list[SideRecord]:
    said = record_evidence(store, (side.evidence for side in trade_off.sides))
    return [
        SideRecord(entity=side.entity.name, gains=list(side.gains), costs=list(side.costs), evidence=evidence)
        for side, evidence in zip(trade_off.sides, said, strict=True)
    ]


def record_comparison(store: GraphStore, comparison: Comparison) -> ComparisonRecord:
    """Write a comparison down."""
    return ComparisonRecord(
        a=record_entity(comparison.a),
        b=record_entity(comparison.b),
        shared=[entity.name for entity in comparison.shared],
        only_a=record_relations(store, comparison.only_a),
        only_b=record_relations(store, comparison.only_b),
        trade_offs=record_trade_offs(store, comparison.trade_offs),
        passages=record_passages(store, comparison.passages),
    )


def record_topics(store: GraphStore, topics: Sequence[Topic], *, names: int = 10) -> list[TopicRecord]:
    """Write topics down, each with the names of its ``names`` most central entities."""
    entities = store.entities({id_ for topic in topics for id_ in topic.entity_ids[:names]})
    return [
        TopicRecord(
            id=topic.id,
            title=topic.title,
            summary=topic.summary,
            size=len(topic.entity_ids),
            entities=[entities[id_].name for id_ in topic.entity_ids[:names] if id_ in entities],
        )
        for topic in topics
    ]


def record_ready(store: GraphStore, found: Sequence[Ready]) -> list[ReadyRecord]:
    """Write down what can be learned next."""
    return [
        ReadyRecord(
            entity=record_entity(each.entity),
            unlocks=each.unlocks,
            because=record_relations(store, each.because),
        )
        for each in found
    ]


def record_stats(counts: Counts) -> StatsRecord:
    """Write the counts down, the most frequent first."""
    return StatsRecord(
        documents=counts.documents,
        passages=counts.passages,
        entities=counts.entities,
        relations=counts.relations,
        kinds=dict(sorted(((str(kind), count) for kind, count in counts.kinds.items()), key=_by_count)),
        types=dict(sorted(((str(type_), count) for type_, count in counts.types.items()), key=_by_count)),
    )


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]

"""Relations in words: the material's own sentence where it has one, else ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.model import Entity, Evidence, Origin, Relation, RelationType
from kg.prose import is_readable
from kg.quotes import as_sentence, sentences, stems
from kg.store import GraphStore

_MENTIONS = 300  # of each entity, to find the passages that mention two
_READ = 6  # of those passages, for each pair
_WORDS = {
    RelationType.PREREQUISITE_OF: "{} should be understood before {}.",
    RelationType.PART_OF: "{} is a part of {}.",
    RelationType.IS_A: "{} is a kind of {}.",
    RelationType.USES: "{} uses {}.",
    RelationType.IMPLEMENTS: "{} implements {}.",
    RelationType.ALTERNATIVE_TO: "{} is an alternative to {}.",
    RelationType.IMPROVES: "{} improves {}.",
    RelationType.WORSENS: "{} worsens {}.",
    RelationType.MITIGATES: "{} mitigates {}.",
    RelationType.MEASURES: "{} measures {}.",
    RelationType.TRADES_OFF: "{} weighs {}.",
    RelationType.ASKS_ABOUT: "{} asks about {}.",
    RelationType.TEACHES: "{} teaches {}.",
    RelationType.RELATED_TO: "{} is related to {}.",
}


def material_evidence(store: GraphStore, relations: Iterable[Relation]) -> dict[str, Evidence]:
    """Return for each relation, by id, the first evidence in the material; a catalogue's is none."""
    relations = list(relations)
    passages = store.passages({one.passage_id for relation in relations for one in relation.evidence})
    documents = store.documents({passage.document_id for passage in passages.values()})
    material = {
        passage.id
        for passage in passages.values()
        if passage.document_id in documents and documents[passage.document_id].origin is Origin.MATERIAL
    }
    found: dict[str, Evidence] = {}
    for relation in relations:
        own = next((one for one in relation.evidence if one.passage_id in material), None)
        if own is not None:
            found[relation.id] = own
    return found


def said_of_pairs(store: GraphStore, subject: Entity, others: Iterable[Entity]) -> dict[str, Evidence]:
    """Return for each of ``others``, by id, a sentence of the material that names it and the subject."""
    others = list(others)
    mentions = store.mentions([subject.id, *(one.id for one in others)], limit=_MENTIONS)
    around = {one.passage_id: one.count for one in mentions.get(subject.id, ())}
    shared = {
        one.id: sorted(
            (each.passage_id for each in mentions.get(one.id, ()) if each.passage_id in around),
            key=lambda passage_id: (-around[passage_id], passage_id),
        )[:_READ]
        for one in others
    }
    passages = store.passages({passage_id for ids in shared.values() for passage_id in ids})
    told = {
        id_: [(quote, stems(quote)) for quote in sentences(passage.text) if is_readable(quote)]
        for id_, passage in passages.items()
    }
    found: dict[str, Evidence] = {}
    for one in others:
        for passage_id in shared[one.id]:
            quote = next(
                (
                    text
                    for text, words in told.get(passage_id, ())
                    if names(one, words) and names(subject, words)
                ),
                None,
            )
            if quote is not None and one.id not in found:
                found[one.id] = Evidence(passage_id=passage_id, quote=quote)
    return found


def names(entity: Entity, words: set[str]) -> bool:
    """Whether the stems of a sentence hold a name of the entity."""
    return any(stems(name) <= words for name in (entity.name, *entity.aliases))


def in_words(relation: Relation, entities: Mapping[str, Entity], evidence: Evidence) -> str:
    """Return the sentence that states a relation: its evidence if that names both ends, else our own."""
    ends = [entities[relation.source_id], entities[relation.target_id]]
    if is_readable(evidence.quote) and not evidence.quote.startswith("|"):
        words = stems(evidence.quote)
        if all(names(end, words) for end in ends):
            return as_sentence(evidence.quote)
    return _WORDS[relation.type].format(*(end.name for end in ends))

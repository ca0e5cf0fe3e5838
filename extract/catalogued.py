"""What the catalogue states of entities of the material, with its entries as evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping

from extract.catalogue import Catalogue, Entry
from extract.vocabulary import Vocabulary
from kg.model import SYMMETRIC, Document, Evidence, Origin, Passage, Relation, RelationType
from kg.names import content_id

_CONFIDENCE = 0.7  # below what the material itself says

Stated = tuple[str, RelationType, str, str]
"""Source id, type, target id, and the words that say so."""


def relate_catalogued(
    catalogue: Catalogue,
    vocabulary: Vocabulary,
    ids: Mapping[str, str],
    passages_of: Mapping[str, frozenset[str]],
) -> tuple[list[Relation], list[Document], list[Passage]]:
    """Return the catalogue's relations among entities of the material, and its entries as their evidence.

    Prerequisites hold between any two of them; all else is said only of two that one passage names.

    Args:
        catalogue: all entries.
        vocabulary: which names are one.
        ids: entity id by candidate key.
        passages_of: by entity id, which passages name it.
    """
    documents = {
        name: Document(
            root="catalogue", path=name, title=f"Catalogue: {name.removesuffix('.yaml')}",
            content_hash=catalogue.digest, origin=Origin.CATALOGUE,
        )
        for name in sorted(set(catalogue.files))
    }  # fmt: skip
    relations: list[Relation] = []
    passages: list[Passage] = []
    nowhere: frozenset[str] = frozenset()
    for position, (entry, file) in enumerate(zip(catalogue.entries, catalogue.files, strict=True)):
        stated = [
            one
            for one in _stated(entry, vocabulary, ids)
            if one[1] is RelationType.PREREQUISITE_OF
            or not passages_of.get(one[0], nowhere).isdisjoint(passages_of.get(one[2], nowhere))
        ]
        if not stated:
            continue
        passage = _entry_passage(entry, documents[file], position, stated)
        passages.append(passage)
        for source, type_, target, words in stated:
            if type_ in SYMMETRIC and source > target:
                source, target = target, source
            relations.append(
                Relation(
                    source_id=source,
                    target_id=target,
                    type=type_,
                    confidence=_CONFIDENCE,
                    found_by=("catalogue",),
                    evidence=(Evidence(passage_id=passage.id, quote=words),),
                )
            )
    used = {passage.document_id for passage in passages}
    return relations, [document for document in documents.values() if document.id in used], passages


def _stated(entry: Entry, vocabulary: Vocabulary, ids: Mapping[str, str]) -> Iterator[Stated]:
    for one, type_, other, words in (*entry.relations(), *_far_prerequisites(entry, vocabulary, ids)):
        source, target = vocabulary.resolve(one), vocabulary.resolve(other)
        if source in ids and target in ids and ids[source] != ids[target]:
            yield ids[source], type_, ids[target], words


def _far_prerequisites(
    entry: Entry, vocabulary: Vocabulary, ids: Container[str]
) -> Iterator[tuple[str, RelationType, str, str]]:
    """Yield what comes before the prerequisites of an entry, where the material names none of these."""
    if any(vocabulary.resolve(name) in ids for name in entry.prerequisites):
        return
    waiting = [(name, f"{entry.name} rests on {name}") for name in entry.prerequisites]
    seen = set(entry.prerequisites)
    while waiting:
        name, said = waiting.pop(0)
        known = vocabulary.candidates.get(vocabulary.resolve(name))
        for before in known.entry.prerequisites if known and known.entry else ():
            words = f"{said}, which rests on {before}"
            if vocabulary.resolve(before) in ids:
                yield before, RelationType.PREREQUISITE_OF, entry.name, f"{words}."
            elif before not in seen:
                seen.add(before)
                waiting.append((before, words))


def _entry_passage(entry: Entry, document: Document, position: int, stated: Iterable[Stated]) -> Passage:
    lines = [entry.name + (f": {entry.gloss}" if entry.gloss else "")]
    lines.extend(words for *_, words in stated)
    return Passage(
        id=content_id("p", document.id, entry.name),
        document_id=document.id,
        position=position,
        headings=(document.title, entry.name),
        line=1,
        text="\n".join(lines),
    )


def stated_by_catalogue(
    catalogue: Catalogue, vocabulary: Vocabulary, ids: Mapping[str, str]
) -> dict[tuple[str, str], list[RelationType]]:
    """Return the types of the catalogue's relations, by (source id, target id); symmetric ones both ways."""
    types: dict[tuple[str, str], list[RelationType]] = defaultdict(list)
    for entry in catalogue.entries:
        for source, type_, target, _ in _stated(entry, vocabulary, ids):
            types[source, target].append(type_)
            if type_ in SYMMETRIC:
                types[target, source].append(type_)
    return types

"""The graph as a pure function of all claims and the catalogue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from extract.catalogue import Catalogue, Entry
from extract.entities import Named, keep, name_entities
from extract.infer import drop_hidden, infer_prerequisites, make_acyclic
from extract.llm.relate import relate_stated, stated
from extract.llm.voice import is_models
from extract.mentions import mentions, stretches
from extract.pairs import Near, PairReader, near
from extract.relate import WHOLE_RULES, Merger, WholeReader, merge_relations, type_pairs
from extract.vocabulary import Vocabulary
from extract.weigh import weigh
from extract.worth import Surroundings
from kg.importance import importance
from kg.layout import layout
from kg.model import (
    Document,
    Entity,
    EntityKind,
    Evidence,
    Graph,
    Mention,
    Origin,
    Passage,
    Relation,
    RelationClaim,
    RelationType,
    Source,
    Track,
)
from kg.names import content_id, name_key
from kg.topics import find_topics

_BEARS = 0.6  # a relation as likely makes nodes of its ends
_CATALOGUE_CONFIDENCE = 0.7  # below what the material itself says
Step = Callable[[str], None]


def fold(sources: Iterable[Source], catalogue: Catalogue, *, step: Step = lambda _: None) -> Graph:
    """Fold claims into a graph: the same claims and catalogue give the same graph, in whatever order.

    Args:
        sources: every document with its claims.
        catalogue: curated names; only what the material mentions comes into the graph.
        step: called with a word before each stage, to show progress.
    """
    listed = sorted(sources, key=lambda source: source.document.id)
    documents = tuple(source.document for source in listed)
    passages = tuple(passage for source in listed for passage in source.passages)
    step("resolving names")
    vocabulary = Vocabulary(
        catalogue, ((source.document.id, claim) for source in listed for claim in source.entity_claims)
    )
    around = Surroundings.of(catalogue, listed)
    named = name_entities(vocabulary, around, documents, passages)
    step("merging relations")
    claimed = _claimed(named, vocabulary, listed, catalogue)
    borne = {end for one in claimed if one.confidence >= _BEARS for end in (one.source_id, one.target_id)}
    named = keep(named, vocabulary, named.sure | borne, passages)
    relations, extra_documents, extra_passages = _completed(claimed, named, vocabulary, listed, catalogue)
    step("linking mentions")
    found = _mentions(named, vocabulary, passages)
    weighed, sides, spots = weigh(relations, {entity.id: entity for entity in named.entities.values()})
    relations = merge_relations([*relations, *sides])
    found = sorted([*found, *spots], key=lambda mention: (mention.entity_id, mention.passage_id))
    entities = _with_sides([*named.entities.values(), *weighed], relations)
    kept = {entity.id for entity in entities}
    relations = [
        relation for relation in relations if relation.source_id in kept and relation.target_id in kept
    ]
    found = [mention for mention in found if mention.entity_id in kept]
    relations, dropped = make_acyclic(drop_hidden(relations))
    step("drawing the map")
    shares = importance([entity.id for entity in entities], relations, found)
    entities = [replace(entity, importance=shares[entity.id]) for entity in entities]
    topics = find_topics(entities, relations, found)
    places = layout(shares, relations, topics)
    entities = [replace(entity, x=places[entity.id][0], y=places[entity.id][1]) for entity in entities]
    return Graph(
        documents=(*documents, *extra_documents),
        passages=(*passages, *extra_passages),
        entities=tuple(sorted(entities, key=lambda entity: entity.id)),
        relations=tuple(relations),
        mentions=tuple(found),
        topics=topics,
        tracks=_tracks(catalogue, named),
        dropped=tuple(dropped),
    )


# --- mentions


def _mentions(named: Named, vocabulary: Vocabulary, passages: Sequence[Passage]) -> list[Mention]:
    ids = named.ids
    by_id = {passage.id: passage for passage in passages}
    found: dict[tuple[str, str], Mention] = {}
    for passage in passages:
        in_text = [replace(one, target=ids[one.target]) for one in named.found[passage.id]]
        for mention in mentions(passage, in_text):
            found[mention.entity_id, mention.passage_id] = mention
    # A title, a question or a tool that only code names stands where its claim says.
    for key, entity in named.entities.items():
        candidate = vocabulary.candidates.get(key) or vocabulary.whole[name_key(entity.name)]
        for _, claim in candidate.claims:
            spot = (entity.id, claim.evidence.passage_id)
            if spot not in found and (entity.kind in _CLAIMED_ONLY or claim.rule in _STANDING):
                start = max(0, by_id[spot[1]].text.find(claim.evidence.quote))
                found[spot] = Mention(
                    entity_id=spot[0], passage_id=spot[1], count=1, start=start, quote=claim.evidence.quote
                )
    return [found[spot] for spot in sorted(found)]


_STANDING = frozenset({"code", "title"})  # rules whose names the text need not repeat
_CLAIMED_ONLY = frozenset({EntityKind.QUESTION, EntityKind.RESOURCE, EntityKind.TRADE_OFF})


# --- relations


def _claimed(
    named: Named, vocabulary: Vocabulary, sources: Sequence[Source], catalogue: Catalogue
) -> list[Relation]:
    """Return the relations that the claims make among all that may be an entity."""
    ids, by_id, contexts = named.ids, named.by_id, _contexts(sources)
    whole_ids = {key: ids[content_id("w", key)] for key in vocabulary.whole}
    merger = Merger()
    whole, rest = sorted_claims(sources)
    WholeReader(vocabulary, named.index, ids | whole_ids, by_id, named.spread(), contexts).relate(
        whole, merger
    )
    known = stated_by_catalogue(catalogue, vocabulary, ids)
    reader = PairReader(named.index, ids, by_id, contexts, known, curated_ids(named, vocabulary))
    type_pairs(reader.pairs(rest, near_pairs(named, sources)), by_id, merger)
    relate_stated(stated(sources), reader, whole_ids, by_id, merger)
    return merger.relations()


def _completed(
    claimed: Sequence[Relation],
    named: Named,
    vocabulary: Vocabulary,
    sources: Sequence[Source],
    catalogue: Catalogue,
) -> tuple[list[Relation], list[Document], list[Passage]]:
    """Add to what is claimed of the entities kept what the catalogue states and what definitions imply."""
    ids, by_id = named.ids, named.by_id
    known, documents, passages = _catalogued(catalogue, vocabulary, ids)
    inferred = infer_prerequisites(
        [by_id[entity_id] for entity_id in sorted(by_id)],
        named.definitions,
        named.index,
        ids,
        named.spread(),
        _contexts(sources),
        _taught(named, vocabulary),
        curated_ids(named, vocabulary),
    )
    left = [one for one in claimed if one.source_id in by_id and one.target_id in by_id]
    return merge_relations([*left, *known, *inferred]), documents, passages


def _contexts(sources: Iterable[Source]) -> dict[str, str]:
    """Return by passage id the words that tell homonyms apart."""
    return {
        passage.id: f"{' '.join(passage.headings)} {passage.text}"
        for source in sources
        for passage in source.passages
    }


def curated_ids(named: Named, vocabulary: Vocabulary) -> set[str]:
    """Return the ids of entities that the catalogue knows."""
    return {entity.id for key, entity in named.entities.items() if _entry(vocabulary, key)}


def _entry(vocabulary: Vocabulary, key: str) -> Entry | None:
    candidate = vocabulary.candidates.get(key)
    return candidate.entry if candidate else None


def _taught(named: Named, vocabulary: Vocabulary) -> set[str]:
    own = frozenset({"title", "heading", "glossary"})
    return {
        entity.id
        for key, entity in named.entities.items()
        if (candidate := vocabulary.candidates.get(key)) is not None
        and (candidate.entry is not None or any(claim.rule in own for _, claim in candidate.claims))
    }


def sorted_claims(sources: Sequence[Source]) -> tuple[list[RelationClaim], list[RelationClaim]]:
    """Return the claims about questions, resources and trade-offs, and all others that rules make."""
    whole: list[RelationClaim] = []
    rest: list[RelationClaim] = []
    for source in sources:
        for claim in source.relation_claims:
            if not is_models(claim):
                (whole if claim.rule.split("-")[0] in WHOLE_RULES else rest).append(claim)
    return whole, rest


def stated_by_catalogue(
    catalogue: Catalogue, vocabulary: Vocabulary, ids: Mapping[str, str]
) -> dict[tuple[str, str], list[RelationType]]:
    """Return the types of the catalogue's relations between entities, by (source id, target id)."""
    return _types_by_pair(_catalogued(catalogue, vocabulary, ids)[0])


def _types_by_pair(relations: Iterable[Relation]) -> dict[tuple[str, str], list[RelationType]]:
    types: dict[tuple[str, str], list[RelationType]] = defaultdict(list)
    for relation in relations:
        types[relation.source_id, relation.target_id].append(relation.type)
    return types


def near_pairs(named: Named, sources: Sequence[Source]) -> Iterator[Near]:
    """Yield the pairs of names that stand in one sentence, item or row, of all passages."""
    ids = named.ids
    for source in sources:
        for passage in source.passages:
            found = [replace(one, target=ids[one.target]) for one in named.found[passage.id]]
            if len(found) > 1:
                yield from near(passage, found, stretches(passage.text))


def _catalogued(
    catalogue: Catalogue, vocabulary: Vocabulary, ids: Mapping[str, str]
) -> tuple[list[Relation], list[Document], list[Passage]]:
    """Return the catalogue's relations among entities of the material, and its entries as their evidence."""
    documents = {
        name: Document(
            root="catalogue", path=name, title=f"Catalogue: {name.removesuffix('.yaml')}",
            content_hash=catalogue.digest, origin=Origin.CATALOGUE,
        )
        for name in sorted(set(catalogue.files))
    }  # fmt: skip
    relations: list[Relation] = []
    passages: list[Passage] = []
    for position, (entry, file) in enumerate(zip(catalogue.entries, catalogue.files, strict=True)):
        stated = [
            (ids[source], type_, ids[target], words)
            for one, type_, other, words in entry.relations()
            if (source := vocabulary.resolve(one)) in ids and (target := vocabulary.resolve(other)) in ids
            and ids[source] != ids[target]
        ]  # fmt: skip
        if not stated:
            continue
        passage = _entry_passage(entry, documents[file], position)
        passages.append(passage)
        for source, type_, target, words in stated:
            if type_ in (RelationType.ALTERNATIVE_TO, RelationType.RELATED_TO) and source > target:
                source, target = target, source
            relations.append(
                Relation(
                    source_id=source,
                    target_id=target,
                    type=type_,
                    confidence=_CATALOGUE_CONFIDENCE,
                    found_by=("catalogue",),
                    evidence=(Evidence(passage_id=passage.id, quote=words),),
                )
            )
    used = {passage.document_id for passage in passages}
    return relations, [document for document in documents.values() if document.id in used], passages


def _entry_passage(entry: Entry, document: Document, position: int) -> Passage:
    lines = [entry.name + (f": {entry.gloss}" if entry.gloss else "")]
    lines.extend(words for *_, words in entry.relations())
    return Passage(
        id=content_id("p", document.id, entry.name),
        document_id=document.id,
        position=position,
        headings=(document.title, entry.name),
        line=1,
        text="\n".join(lines),
    )


# --- the whole


def _with_sides(entities: Sequence[Entity], relations: Sequence[Relation]) -> list[Entity]:
    """Leave out trade-offs that weigh fewer than two things, and questions and resources about nothing."""
    sides = Counter(
        relation.source_id
        for relation in relations
        if relation.type in (RelationType.TRADES_OFF, RelationType.ASKS_ABOUT, RelationType.TEACHES)
    )
    needed = {EntityKind.TRADE_OFF: 2, EntityKind.QUESTION: 1, EntityKind.RESOURCE: 1}
    return [entity for entity in entities if sides[entity.id] >= needed.get(entity.kind, 0)]


def _tracks(catalogue: Catalogue, named: Named) -> tuple[Track, ...]:
    """Return the tracks that the material covers at least in part, with the goals that it covers."""
    known = {name_key(entity.name) for entity in named.entities.values()}
    known.update(name_key(alias) for entity in named.entities.values() for alias in entity.aliases)
    tracks = []
    for track in catalogue.tracks:
        goals = tuple(goal for goal in track.goals if name_key(goal) in known)
        if goals:
            tracks.append(replace(track, goals=goals))
    return tuple(tracks)

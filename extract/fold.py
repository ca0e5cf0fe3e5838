"""The graph as a pure function of all claims and the catalogue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from extract.catalogue import Catalogue, Entry
from extract.catalogued import relate_catalogued, stated_by_catalogue
from extract.entities import Named, keep, name_entities
from extract.infer import drop_hidden, infer_prerequisites, make_acyclic
from extract.link import Found, NameIndex
from extract.llm.relate import relate_stated, stated
from extract.llm.voice import is_models
from extract.mentions import mentions
from extract.pairs import PairReader
from extract.places import Texts
from extract.relate import WHOLE_RULES, Merger, WholeReader, merge_relations, type_pairs
from extract.ties import NamedPassage
from extract.vocabulary import Vocabulary
from extract.weigh import same_choices, weigh
from extract.worth import Surroundings
from kg.importance import importance
from kg.layout import layout
from kg.model import (
    Document,
    Entity,
    EntityKind,
    Graph,
    Mention,
    Passage,
    Relation,
    RelationClaim,
    RelationType,
    Source,
    Track,
)
from kg.names import content_id, name_key
from kg.topics import find_topics

_BEARS = 0.75  # a relation as likely makes nodes of its ends
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
    texts = Texts(passages, NameIndex(vocabulary.senses(sorted(vocabulary.candidates))))
    named = name_entities(vocabulary, around, documents, texts)
    step("merging relations")
    claimed = _claimed(named, vocabulary, listed, catalogue, texts)
    borne = {end for one in claimed if one.confidence >= _BEARS for end in (one.source_id, one.target_id)}
    named = keep(named, named.sure | borne, texts)
    relations, extra_documents, extra_passages = _completed(claimed, named, vocabulary, listed, catalogue)
    step("linking mentions")
    found = _mentions(named, vocabulary, passages)
    weighed, sides, spots = weigh(relations, {entity.id: entity for entity in named.entities.values()})
    relations = merge_relations([*relations, *sides])
    same = same_choices(relations)
    relations = merge_relations(
        [replace(one, source_id=same.get(one.source_id, one.source_id)) for one in relations]
    )
    found = _joined([*found, *spots], same)
    entities = _with_sides(_renamed([*named.entities.values(), *weighed], same), relations)
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
        in_text = [
            Found(start=one.start, end=one.end, target=ids[one.target])
            for one in named.places.found[passage.id]
        ]
        for mention in mentions(passage, in_text):
            found[mention.entity_id, mention.passage_id] = mention
        for key, heading in named.places.headed.get(passage.id, {}).items():
            spot = (ids[key], passage.id)
            found.setdefault(
                spot, Mention(entity_id=spot[0], passage_id=spot[1], count=1, start=0, quote=heading)
            )
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
    named: Named,
    vocabulary: Vocabulary,
    sources: Sequence[Source],
    catalogue: Catalogue,
    texts: Texts,
) -> list[Relation]:
    """Return the relations that the claims make among all that may be an entity."""
    ids, by_id, contexts = named.ids, named.by_id, _contexts(sources)
    whole_ids = {key: ids[content_id("w", key)] for key in vocabulary.whole}
    merger = Merger()
    whole, rest = sorted_claims(sources)
    wholes = WholeReader(vocabulary, named.index, ids, whole_ids, by_id, named.spread(), contexts)
    wholes.relate(whole, merger)
    known = stated_by_catalogue(catalogue, vocabulary, ids)
    curated = curated_ids(named, vocabulary)
    reader = PairReader(named.index, ids, by_id, contexts, known, curated, named.sure)
    type_pairs(reader.pairs(rest, named_passages(named, sources, texts)), by_id, merger)
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
    known, documents, passages = relate_catalogued(
        catalogue, vocabulary, ids, _passages_of(named, vocabulary)
    )
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
    firm = [*left, *known]
    # Where an author or the catalogue says what comes before, nothing need be guessed from words.
    told = {one.target_id for one in firm if one.type is RelationType.PREREQUISITE_OF}
    guessed = (
        one for one in inferred if not (one.type is RelationType.PREREQUISITE_OF and one.target_id in told)
    )
    return merge_relations([*firm, *guessed]), documents, passages


def _passages_of(named: Named, vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """Return by entity id the passages that name it, in their text, the heading above them or code."""
    ids = named.ids
    passages: dict[str, set[str]] = {
        ids[key]: {claim.evidence.passage_id for _, claim in candidate.claims}
        for key, candidate in vocabulary.candidates.items()
        if key in named.entities
    }
    for passage_id, found in named.places.found.items():
        for key in {one.target for one in found}.union(named.places.headed.get(passage_id, ())):
            passages[ids[key]].add(passage_id)
    return {entity_id: frozenset(named_in) for entity_id, named_in in passages.items()}


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


def named_passages(named: Named, sources: Sequence[Source], texts: Texts) -> Iterator[NamedPassage]:
    """Yield the passages that name entities in two places or more, headings above them included."""
    ids = named.ids
    above = texts.above(named.index)
    for source in sources:
        for passage in source.passages:
            found = [
                Found(start=one.start, end=one.end, target=ids[one.target])
                for one in named.places.found[passage.id]
            ]
            over = [replace(one, target=ids[one.target]) for one in above.get(passage.id, ())]
            if len(found) + len(over) > 1:
                yield NamedPassage(passage, found, over)


# --- the whole


def _renamed(entities: Sequence[Entity], same: Mapping[str, str]) -> list[Entity]:
    """Leave out the entities that are the ``same`` as others, which bear their names from then on."""
    names: dict[str, list[str]] = defaultdict(list)
    for entity in entities:
        if entity.id in same:
            names[same[entity.id]].append(entity.name)
    return [
        replace(entity, aliases=tuple(sorted({*entity.aliases, *names[entity.id]})))
        if names[entity.id]
        else entity
        for entity in entities
        if entity.id not in same
    ]


def _joined(found: Iterable[Mention], same: Mapping[str, str]) -> list[Mention]:
    """Return the mentions in order, those of one entity in one passage as one."""
    joined: dict[tuple[str, str], Mention] = {}
    for mention in found:
        spot = (same.get(mention.entity_id, mention.entity_id), mention.passage_id)
        first = joined.setdefault(spot, replace(mention, entity_id=spot[0]))
        if mention.start < first.start:
            joined[spot] = replace(mention, entity_id=spot[0])
    return [joined[spot] for spot in sorted(joined)]


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

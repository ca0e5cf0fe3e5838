"""The graph as a pure function of all claims and the catalogue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from extract.catalogue import Catalogue, Entry
from extract.infer import drop_hidden, infer_prerequisites, make_acyclic
from extract.link import NameIndex
from extract.mentions import link, mentions
from extract.relate import Resolver, merge_relations
from extract.vocabulary import Candidate, Vocabulary, display_name, other_names
from extract.weigh import weigh
from kg.importance import importance
from kg.layout import layout
from kg.model import (
    Document,
    Entity,
    EntityClaim,
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

_WORTH_LOOKING_FOR = (
    0.28  # claims weaker than this together never suffice, so their names are not searched for
)
_CATALOGUE_CONFIDENCE = 0.7  # below what the material itself says
_DESCRIBING = {"glossary": 0.5, "typed-row": 0.4, "is-a-sentence": 0.35, "term": 0.3, "verb-sentence": 0.15}
_AT_HOME = 0.2  # a definition in the document that is about the thing is the better one

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Named:
    """The accepted candidates as entities, and how to find them in text."""

    entities: dict[str, Entity]  # by candidate key
    index: NameIndex
    definitions: dict[str, Evidence]  # by entity id


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
    named = _name(vocabulary, documents, passages)
    step("linking mentions")
    found = _mentions(named, vocabulary, passages)
    step("merging relations")
    relations, extra_documents, extra_passages = _relations(named, vocabulary, listed, catalogue, found)
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


# --- names


def _name(vocabulary: Vocabulary, documents: Sequence[Document], passages: Sequence[Passage]) -> _Named:
    """Decide which candidates are entities, by their claims and by where the text uses their names."""
    tried = [
        key
        for key, candidate in vocabulary.candidates.items()
        if candidate.entry is not None or candidate.score() >= _WORTH_LOOKING_FOR
    ]
    index = NameIndex(vocabulary.senses(sorted(tried)))
    spread: Counter[str] = Counter()
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    for passage in passages:
        found = link(passage, index)
        spread.update({one.target for one in found})
        for one in found:
            surfaces[one.target][passage.text[one.start : one.end]] += 1
    accepted = sorted(
        key for key in tried if vocabulary.candidates[key].accepted(spread[key], len(passages), surfaces[key])
    )
    titles = {vocabulary.resolve(document.title): document.id for document in documents}
    entities: dict[str, Entity] = {}
    definitions: dict[str, Evidence] = {}
    whole = {content_id("w", key): candidate for key, candidate in vocabulary.whole.items()}
    for key, candidate in [*((key, vocabulary.candidates[key]) for key in accepted), *sorted(whole.items())]:
        entity, evidence = _entity(key, candidate, surfaces[key], titles)
        entities[key] = entity
        if evidence is not None:
            definitions[entity.id] = evidence
    return _Named(entities, NameIndex(vocabulary.senses(accepted)), definitions)


def _entity(
    key: str, candidate: Candidate, surfaces: Counter[str], titles: Mapping[str, str]
) -> tuple[Entity, Evidence | None]:
    name = display_name(candidate, surfaces)
    described = _best_description(candidate, titles.get(key))
    common = [surface for surface, count in sorted(surfaces.items()) if count > 1]
    entity = Entity(
        id=content_id("e", key),
        name=name,
        kind=candidate.kind(),
        aliases=other_names(candidate, name, common),
        description=_clean(described.description) if described and described.description else None,
        difficulty=candidate.difficulty(),
    )
    return entity, described.evidence if described else None


def _clean(description: str) -> str:
    """Drop quotation marks that a cut left without their twin."""
    return description.strip() if description.count('"') % 2 == 0 else description.replace('"', "").strip()


def _best_description(candidate: Candidate, home: str | None) -> EntityClaim | None:
    def rank(item: tuple[str, EntityClaim]) -> tuple[float, int, str, Evidence]:
        document_id, claim = item
        words = len((claim.description or "").split())
        fair = 0.0 if 6 <= words <= 45 else -0.2
        at_home = _AT_HOME if document_id == home else 0.0
        score = _DESCRIBING.get(claim.rule, 0.1) + claim.confidence / 4 + at_home + fair
        return -score, words, document_id, claim.evidence

    described = [item for item in candidate.claims if item[1].description]
    usable = [item for item in described if item[1].confidence > 0.2]
    return min(usable, key=rank)[1] if usable else None


# --- mentions


def _mentions(named: _Named, vocabulary: Vocabulary, passages: Sequence[Passage]) -> list[Mention]:
    ids = {key: entity.id for key, entity in named.entities.items()}
    by_id = {passage.id: passage for passage in passages}
    found: dict[tuple[str, str], Mention] = {}
    for passage in passages:
        in_text = [replace(one, target=ids[one.target]) for one in link(passage, named.index)]
        for mention in mentions(passage, in_text):
            found[mention.entity_id, mention.passage_id] = mention
    # A title, a question or a tool that only code names stands where its claim says.
    for key, entity in named.entities.items():
        candidate = vocabulary.candidates.get(key) or vocabulary.whole[name_key(entity.name)]
        for _, claim in candidate.claims:
            spot = (entity.id, claim.evidence.passage_id)
            if spot not in found and (entity.kind in _CLAIMED_ONLY or claim.rule == "code"):
                start = max(0, by_id[spot[1]].text.find(claim.evidence.quote))
                found[spot] = Mention(
                    entity_id=spot[0], passage_id=spot[1], count=1, start=start, quote=claim.evidence.quote
                )
    return [found[spot] for spot in sorted(found)]


_CLAIMED_ONLY = frozenset({EntityKind.QUESTION, EntityKind.RESOURCE, EntityKind.TRADE_OFF})


# --- relations


def _relations(
    named: _Named,
    vocabulary: Vocabulary,
    sources: Sequence[Source],
    catalogue: Catalogue,
    found: Sequence[Mention],
) -> tuple[list[Relation], list[Document], list[Passage]]:
    ids = {key: entity.id for key, entity in named.entities.items()}
    by_id = {entity.id: entity for entity in named.entities.values()}
    whole_ids = {key: ids[content_id("w", key)] for key in vocabulary.whole}
    spread: Counter[str] = Counter(mention.entity_id for mention in found)
    contexts = {
        passage.id: f"{' '.join(passage.headings)} {passage.text}"
        for source in sources
        for passage in source.passages
    }
    resolver = Resolver(vocabulary, named.index, ids | whole_ids, by_id, spread, contexts)
    claimed = resolver.merge(_ordered_claims(sources))
    known, documents, passages = _catalogued(catalogue, vocabulary, ids)
    inferred = infer_prerequisites(
        [by_id[entity_id] for entity_id in sorted(by_id)],
        named.definitions,
        named.index,
        ids,
        spread,
        contexts,
        _taught(named, vocabulary),
        {entity.id for key, entity in named.entities.items() if _entry(vocabulary, key)},
    )
    relations = merge_relations([*claimed, *known, *inferred])
    return relations, documents, passages


def _entry(vocabulary: Vocabulary, key: str) -> Entry | None:
    candidate = vocabulary.candidates.get(key)
    return candidate.entry if candidate else None


def _taught(named: _Named, vocabulary: Vocabulary) -> set[str]:
    own = frozenset({"title", "heading", "glossary"})
    return {
        entity.id
        for key, entity in named.entities.items()
        if (candidate := vocabulary.candidates.get(key)) is not None
        and (candidate.entry is not None or any(claim.rule in own for _, claim in candidate.claims))
    }


def _ordered_claims(sources: Sequence[Source]) -> list[RelationClaim]:
    return [claim for source in sources for claim in source.relation_claims]


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


def _tracks(catalogue: Catalogue, named: _Named) -> tuple[Track, ...]:
    """Return the tracks that the material covers at least in part, with the goals that it covers."""
    known = {name_key(entity.name) for entity in named.entities.values()}
    known.update(name_key(alias) for entity in named.entities.values() for alias in entity.aliases)
    tracks = []
    for track in catalogue.tracks:
        goals = tuple(goal for goal in track.goals if name_key(goal) in known)
        if goals:
            tracks.append(replace(track, goals=goals))
    return tuple(tracks)

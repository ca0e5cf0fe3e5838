"""Answers to the shapes of question that the graph itself can answer, each written by one function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kg.compare import TradeOff, trade_offs
from kg.defining import defining_quotes, is_definition
from kg.draft import NO_GRAPH, AnswerMode, Draft
from kg.embed import Embedder
from kg.linking import content_words, find_misspelled, link_names
from kg.model import Entity, Evidence, Relation, RelationType
from kg.names import name_key
from kg.paths import Subgraph, find_paths, neighborhood
from kg.question import Question, Shape
from kg.quotes import stems
from kg.search import Hit
from kg.store import GraphStore
from kg.telling import Quote, telling_quotes
from kg.wording import in_words, material_evidence, names, said_of_pairs

AROUND = 25
"""Entities of the subgraph around an answer."""

_SET_LINKS = 100  # relations that a set is gathered from
_NAMED_ENOUGH = 0.5  # share of a subject's words that a name must cover to be taken for it
_TOPICS = 8
_MENTIONS = 200  # of each of two entities, to find the passages that mention both
_READ = 12  # of those passages
_SAID_OF_BOTH = 2  # sentences quoted from them
_TOLD = 8  # sentences of those passages that are tried
_PAIR = 2
_CENTRAL = 3  # entities of a topic that may tell what it is about


def _find_subject(
    store: GraphStore, embedder: Embedder, subject: str, enough: float = _NAMED_ENOUGH
) -> Entity | None:
    """Return the entity that a subject names, if the name covers enough of its words; or misspells."""
    words = set(content_words(subject))
    best, share = None, 0.0
    for span in link_names(store, subject):
        covered = len(words.intersection(content_words(subject[span.start : span.end]))) / max(len(words), 1)
        if covered > share and covered >= enough:
            best, share = span.entity_ids[0], covered
    return store.entities([best])[best] if best else find_misspelled(store, embedder, subject)


def _among(store: GraphStore, entities: Iterable[Entity]) -> Subgraph:
    ids = list(dict.fromkeys(entity.id for entity in entities))
    return neighborhood(store, ids, depth=0, limit=len(ids)) if ids else NO_GRAPH


def _define(store: GraphStore, embedder: Embedder, asked: Question, _limit: int) -> Draft | None:
    entity = _find_subject(store, embedder, asked.subjects[0], enough=1.0)
    quote = defining_quotes(store, [entity]).get(entity.id) if entity else None
    if entity is None or quote is None or not is_definition(quote):
        return None
    draft = Draft(AnswerMode.LOCAL)
    draft.say(quote)
    draft.entities = [Hit(entity.id, 1.0)]
    draft.subgraph = neighborhood(store, [entity.id], depth=1, limit=AROUND)
    return draft


def _gather(store: GraphStore, embedder: Embedder, asked: Question, limit: int) -> Draft | None:
    """Answer with what one relation ties to the subject: what the material says, then the catalogue."""
    subject, wanted = _find_subject(store, embedder, asked.subjects[0]), asked.wanted
    if subject is None or wanted is None:
        return None
    links = store.links([subject.id], direction=wanted.direction, types=wanted.types, limit=_SET_LINKS)
    relations = store.relations([link.relation_id for link in links.get(subject.id, ())])
    tied: dict[str, Relation] = {}
    for link in links.get(subject.id, ()):
        tied.setdefault(link.other(subject.id), relations[link.relation_id])
    entities = store.entities(tied)
    members = [
        one for one in tied if one in entities and (not wanted.kinds or entities[one].kind in wanted.kinds)
    ]
    if not members:
        return None
    own = _material_evidence(store, subject, tied, [entities[one] for one in members])
    kept = sorted(members, key=lambda one: one not in own)[:limit]
    draft = Draft(AnswerMode.LOCAL)
    heading = wanted.heading.format(subject.name)
    told = [one for one in kept if one in own]
    general = [one for one in kept if one not in own]
    for lead, group in ((heading, told), (f"{heading}, by general knowledge", general)):
        if group:
            marked = [
                f"{entities[one].name} {draft.cite(own.get(one, tied[one].evidence[0]))}" for one in group
            ]
            draft.lines.append(f"{lead}: {', '.join(marked)}.")
    draft.support = [tied[one].confidence for one in kept]
    draft.entities = [Hit(one, tied[one].confidence) for one in kept]
    draft.subgraph = Subgraph(
        entities=(subject, *(entities[one] for one in kept)),
        relations=tuple(tied[one] for one in kept),
        truncated=len(members) > len(kept) or len(links[subject.id]) == _SET_LINKS,
    )
    return draft


def _material_evidence(
    store: GraphStore, subject: Entity, tied: Mapping[str, Relation], members: Sequence[Entity]
) -> dict[str, Evidence]:
    """Return where the material ties members to the subject, by member; where it does not, there is none.

    What a catalogue says is taken as said by the material where one of its sentences names both ends,
    but for prerequisites, of which no mere sentence tells.
    """
    known = material_evidence(store, [tied[one.id] for one in members])
    own = {one.id: known[tied[one.id].id] for one in members if tied[one.id].id in known}
    asked = [
        one for one in members if one.id not in own and tied[one.id].type is not RelationType.PREREQUISITE_OF
    ]
    return own | (said_of_pairs(store, subject, asked) if asked else {})


def _weigh(store: GraphStore, embedder: Embedder, asked: Question, limit: int) -> Draft | None:
    """Answer with what each side of the subject's trade-offs gains and costs."""
    subject = _find_subject(store, embedder, asked.subjects[0])
    found = trade_offs(store, subject.id, limit=limit) if subject else []
    if subject is None or not found:
        return None
    draft = Draft(AnswerMode.LOCAL)
    for trade_off in found:
        _say_trade_off(draft, trade_off)
    everyone = [
        subject,
        *(one.entity for one in found),
        *(side.entity for one in found for side in one.sides),
    ]
    draft.entities = [Hit(one.entity.id, 1.0) for one in found]
    draft.subgraph = _among(store, everyone)
    weighs = [one for one in draft.subgraph.relations if one.type is RelationType.TRADES_OFF]
    draft.support = [relation.confidence for relation in weighs]
    return draft


def _compare(store: GraphStore, embedder: Embedder, asked: Question, limit: int) -> Draft | None:
    """Answer with what both are, what is said of both, what ties them, and trade-offs that weigh both."""
    entities = _find_pair(store, embedder, asked)
    if entities is None:
        return None
    ids = {entity.id for entity in entities}
    draft = Draft(AnswerMode.MULTI_HOP)
    said = _said_of_both(store, embedder, asked, entities)
    if asked.differs or len(said) < _SAID_OF_BOTH:
        quotes = defining_quotes(store, entities)
        for entity in entities:
            if entity.id in quotes and quotes[entity.id].text not in {quote.text for quote in said}:
                draft.say(quotes[entity.id], _lead(entity, quotes[entity.id]))
    for quote in said:
        draft.say(quote)
    draft.subgraph = _among(store, entities)
    if not said:
        _say_relations(store, draft, draft.subgraph.relations[:1], entities)
    for trade_off in trade_offs(store, entities[0].id, limit=limit):
        if ids <= {trade_off.entity.id, *(side.entity.id for side in trade_off.sides)}:
            _say_trade_off(draft, trade_off)
    draft.entities = [Hit(entity.id, 1.0) for entity in entities]
    return draft if draft.lines else None


def _find_pair(store: GraphStore, embedder: Embedder, asked: Question) -> list[Entity] | None:
    """Return the two different entities that a question names, or nothing."""
    pair = [_find_subject(store, embedder, subject) for subject in asked.subjects]
    entities = [entity for entity in pair if entity is not None]
    return entities if len({entity.id for entity in entities}) == _PAIR else None


def _lead(entity: Entity, quote: Quote) -> str:
    """Return the name to set before a sentence that does not begin with it."""
    named = any(name_key(name) in name_key(quote.text[:80]) for name in (entity.name, *entity.aliases))
    return "" if named else f"{entity.name}: "


def _said_of_both(
    store: GraphStore, embedder: Embedder, asked: Question, pair: Sequence[Entity]
) -> list[Quote]:
    """Return the sentences that name both entities, from passages that mention them most."""
    mentions = store.mentions([entity.id for entity in pair], limit=_MENTIONS)
    counts = [{one.passage_id: one.count for one in mentions.get(entity.id, ())} for entity in pair]
    shared = sorted(counts[0].keys() & counts[1].keys(), key=lambda one: (-min(n[one] for n in counts), one))
    passages = store.passages(shared[:_READ])
    ranked = [passages[one] for one in shared[:_READ] if one in passages]
    vector = embedder.encode([asked.text])[0]
    told = telling_quotes(store, embedder, asked.text, asked.subjects, ranked, vector=vector, limit=_TOLD)
    both = [one for one in told if all(names(entity, stems(one.text)) for entity in pair)]
    return both[:_SAID_OF_BOTH]


def _say_trade_off(draft: Draft, trade_off: TradeOff) -> None:
    sides = []
    for side in trade_off.sides:
        said = [*(f"+ {gain}" for gain in side.gains), *(f"\u2212 {cost}" for cost in side.costs)]
        marks = " ".join(draft.cite(evidence) for evidence in side.evidence[:1])
        sides.append(f"- {side.entity.name}{': ' if said else ''}{'; '.join(said)} {marks}")
    draft.lines.append("\n".join([f"{trade_off.entity.name}:", *sides]))


def _connect(store: GraphStore, embedder: Embedder, asked: Question, _limit: int) -> Draft | None:
    """Answer with what is said of both entities, and with the best path between them, step by step."""
    entities = _find_pair(store, embedder, asked)
    if entities is None:
        return None
    paths = find_paths(store, entities[0].id, entities[1].id, limit=1)
    said = _said_of_both(store, embedder, asked, entities)
    if not paths and not said:
        return None
    draft = Draft(AnswerMode.MULTI_HOP)
    for quote in said:
        draft.say(quote)
    if paths:
        path = paths[0]
        if not said:
            draft.lines = [" \u2013 ".join(entity.name for entity in path.entities) + ":"]
            _say_relations(store, draft, path.relations, path.entities)
            draft.support = [path.confidence]
        draft.entities = [Hit(entity.id, round(path.confidence, 4)) for entity in path.entities]
        draft.subgraph = Subgraph(entities=path.entities, relations=path.relations, truncated=False)
    else:
        draft.entities = [Hit(entity.id, 1.0) for entity in entities]
        draft.subgraph = _among(store, entities)
    return draft


def _say_relations(
    store: GraphStore, draft: Draft, relations: Sequence[Relation], entities: Iterable[Entity]
) -> None:
    own = material_evidence(store, relations)
    by_id = {entity.id: entity for entity in entities}
    for relation in relations:
        evidence = own.get(relation.id, relation.evidence[0])
        words = in_words(relation, by_id, evidence)
        draft.say(Quote(evidence.passage_id, evidence.quote, relation.confidence), words=words)


def _survey(store: GraphStore, _embedder: Embedder, asked: Question, _limit: int) -> Draft | None:
    """Answer with the topics that hold what the question names, or with the largest, a sentence for each."""
    named = {one for span in link_names(store, asked.text) for one in span.entity_ids}
    every = store.topics(level=0)
    topics = ([topic for topic in every if not named.isdisjoint(topic.entity_ids)] or every)[:_TOPICS]
    central = store.entities([one for topic in topics for one in topic.entity_ids[:_CENTRAL]])
    quotes = defining_quotes(store, list(central.values()))
    draft = Draft(AnswerMode.GLOBAL)
    for topic in topics:
        able = [one for one in topic.entity_ids[:_CENTRAL] if one in quotes]
        told = next((one for one in able if is_definition(quotes[one])), able[0] if able else None)
        if told is not None:
            draft.say(quotes[told], f"{topic.title}: ")
            draft.entities.append(Hit(told, topic.scores[topic.entity_ids.index(told)]))
    draft.subgraph = _among(store, [central[hit.id] for hit in draft.entities])
    return draft if draft.lines else None


COMPOSERS: dict[Shape, Callable[[GraphStore, Embedder, Question, int], Draft | None]] = {
    Shape.DEFINITION: _define,
    Shape.SET: _gather,
    Shape.TRADE_OFFS: _weigh,
    Shape.COMPARISON: _compare,
    Shape.CONNECTION: _connect,
    Shape.OVERVIEW: _survey,
}
"""How to answer each shape of question; None where the graph does not hold what it needs."""

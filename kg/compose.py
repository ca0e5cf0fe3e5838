"""Answers to the shapes of question that the graph itself can answer, each written by one function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kg.compare import TradeOff, trade_offs
from kg.draft import NO_GRAPH, AnswerMode, Draft
from kg.linking import content_words, link_names
from kg.model import Entity, Relation, RelationType
from kg.paths import Subgraph, find_paths, neighborhood
from kg.question import Question, Shape
from kg.search import Hit
from kg.store import GraphStore
from kg.telling import Quote, defining_quotes, telling_quotes

AROUND = 25
"""Entities of the subgraph around an answer."""

_SET_LINKS = 100  # relations that a set is gathered from
_NAMED_ENOUGH = 0.5  # share of a subject's words that a name must cover to be taken for it
_TOPICS = 8
_MENTIONS = 200  # of each of two entities, to find the passages that mention both
_READ = 12  # of those passages
_SAID_OF_BOTH = 2  # sentences quoted from them
_CENTRAL = 3  # entities of a topic that may tell what it is about


def _find_subject(store: GraphStore, subject: str, enough: float = _NAMED_ENOUGH) -> Entity | None:
    """Return the entity that a subject names, if the name covers enough of its words."""
    words = set(content_words(subject))
    best, share = None, 0.0
    for span in link_names(store, subject):
        covered = len(words.intersection(content_words(subject[span.start : span.end]))) / max(len(words), 1)
        if covered > share and covered >= enough:
            best, share = span.entity_ids[0], covered
    return store.entities([best])[best] if best else None


def _among(store: GraphStore, entities: Iterable[Entity]) -> Subgraph:
    ids = list(dict.fromkeys(entity.id for entity in entities))
    return neighborhood(store, ids, depth=0, limit=len(ids)) if ids else NO_GRAPH


def _define(store: GraphStore, asked: Question, _limit: int) -> Draft | None:
    entity = _find_subject(store, asked.subjects[0], enough=1.0)
    quotes = defining_quotes(store, [entity]) if entity else {}
    if entity is None or not quotes:
        return None
    draft = Draft(AnswerMode.LOCAL)
    draft.say(quotes[entity.id])
    draft.entities = [Hit(entity.id, 1.0)]
    draft.subgraph = neighborhood(store, [entity.id], depth=1, limit=AROUND)
    return draft


def _gather(store: GraphStore, asked: Question, limit: int) -> Draft | None:
    """Answer with the entities that one relation ties to the subject, most confident first."""
    subject, wanted = _find_subject(store, asked.subjects[0]), asked.wanted
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
    kept = members[:limit]
    draft = Draft(AnswerMode.LOCAL)
    marked = [f"{entities[one].name} {draft.cite(tied[one].evidence[0])}" for one in kept]
    draft.lines = [f"**{wanted.heading.format(subject.name)}:** {', '.join(marked)}."]
    draft.support = [tied[one].confidence for one in kept]
    draft.entities = [Hit(one, tied[one].confidence) for one in kept]
    draft.subgraph = Subgraph(
        entities=(subject, *(entities[one] for one in kept)),
        relations=tuple(tied[one] for one in kept),
        truncated=len(members) > len(kept) or len(links[subject.id]) == _SET_LINKS,
    )
    return draft


def _weigh(store: GraphStore, asked: Question, limit: int) -> Draft | None:
    """Answer with what each side of the subject's trade-offs gains and costs."""
    subject = _find_subject(store, asked.subjects[0])
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


def _compare(store: GraphStore, asked: Question, limit: int) -> Draft | None:
    """Answer with what both are, what ties them, what is said of both, and trade-offs that weigh both."""
    pair = [_find_subject(store, subject) for subject in asked.subjects]
    entities = [entity for entity in pair if entity is not None]
    ids = {entity.id for entity in entities}
    if len(ids) < 2:
        return None
    draft = Draft(AnswerMode.MULTI_HOP)
    quotes = defining_quotes(store, entities)
    for entity in entities:
        if entity.id in quotes:
            draft.say(quotes[entity.id], f"**{entity.name}:** ")
    draft.subgraph = _among(store, entities)
    _say_relations(draft, draft.subgraph.relations[:limit])
    for quote in _said_of_both(store, entities):
        draft.say(quote)
    for trade_off in trade_offs(store, entities[0].id, limit=limit):
        if ids <= {trade_off.entity.id, *(side.entity.id for side in trade_off.sides)}:
            _say_trade_off(draft, trade_off)
    draft.entities = [Hit(entity.id, 1.0) for entity in entities]
    return draft if draft.lines else None


def _said_of_both(store: GraphStore, pair: Sequence[Entity]) -> list[Quote]:
    """Return the sentences that name both entities, from passages that mention them most."""
    mentions = store.mentions([entity.id for entity in pair], limit=_MENTIONS)
    counts = [{one.passage_id: one.count for one in mentions.get(entity.id, ())} for entity in pair]
    shared = sorted(counts[0].keys() & counts[1].keys(), key=lambda one: (-min(n[one] for n in counts), one))
    passages = store.passages(shared[:_READ])
    ranked = [passages[one] for one in shared[:_READ] if one in passages]
    question = " and ".join(entity.name for entity in pair)
    return [
        one for one in telling_quotes(store, question, (), ranked, limit=_SAID_OF_BOTH) if one.support == 1
    ]


def _say_trade_off(draft: Draft, trade_off: TradeOff) -> None:
    sides = []
    for side in trade_off.sides:
        said = [*(f"+ {gain}" for gain in side.gains), *(f"\u2212 {cost}" for cost in side.costs)]
        marks = " ".join(draft.cite(evidence) for evidence in side.evidence[:1])
        sides.append(f"- {side.entity.name}{': ' if said else ''}{'; '.join(said)} {marks}")
    draft.lines.append("\n".join([f"**{trade_off.entity.name}:**", *sides]))


def _connect(store: GraphStore, asked: Question, _limit: int) -> Draft | None:
    """Answer with the best path between two entities, a sentence for each step."""
    pair = [_find_subject(store, subject) for subject in asked.subjects]
    entities = [entity for entity in pair if entity is not None]
    if len({entity.id for entity in entities}) < 2:
        return None
    paths = find_paths(store, entities[0].id, entities[1].id, limit=1)
    if not paths:
        return None
    draft = Draft(AnswerMode.MULTI_HOP)
    path = paths[0]
    draft.lines = ["**" + " \u2013 ".join(entity.name for entity in path.entities) + "**"]
    _say_relations(draft, path.relations)
    draft.support = [path.confidence]
    draft.entities = [Hit(entity.id, round(path.confidence, 4)) for entity in path.entities]
    draft.subgraph = Subgraph(entities=path.entities, relations=path.relations, truncated=False)
    return draft


def _say_relations(draft: Draft, relations: Sequence[Relation]) -> None:
    for relation in relations:
        evidence = relation.evidence[0]
        draft.say(Quote(evidence.passage_id, evidence.quote, relation.confidence))


def _survey(store: GraphStore, asked: Question, _limit: int) -> Draft | None:
    """Answer with the topics that hold what the question names, or with the largest, a sentence for each."""
    named = {one for span in link_names(store, asked.text) for one in span.entity_ids}
    every = store.topics(level=0)
    topics = ([topic for topic in every if not named.isdisjoint(topic.entity_ids)] or every)[:_TOPICS]
    central = store.entities([one for topic in topics for one in topic.entity_ids[:_CENTRAL]])
    quotes = defining_quotes(store, list(central.values()))
    draft = Draft(AnswerMode.GLOBAL)
    for topic in topics:
        told = next((one for one in topic.entity_ids[:_CENTRAL] if one in quotes), None)
        if told is not None:
            draft.say(quotes[told], f"**{topic.title}:** ")
            draft.entities.append(Hit(told, topic.scores[topic.entity_ids.index(told)]))
    draft.subgraph = _among(store, [central[hit.id] for hit in draft.entities])
    return draft if draft.lines else None


COMPOSERS: dict[Shape, Callable[[GraphStore, Question, int], Draft | None]] = {
    Shape.DEFINITION: _define,
    Shape.SET: _gather,
    Shape.TRADE_OFFS: _weigh,
    Shape.COMPARISON: _compare,
    Shape.CONNECTION: _connect,
    Shape.OVERVIEW: _survey,
}
"""How to answer each shape of question; None where the graph does not hold what it needs."""

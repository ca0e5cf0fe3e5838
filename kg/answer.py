"""Answers to questions, composed of the material's own sentences, each with its source."""

from __future__ import annotations

from kg.compose import AROUND, COMPOSERS
from kg.draft import NO_GRAPH, Answer, AnswerMode, Citation, Draft
from kg.embed import Embedder
from kg.errors import InvalidInputError
from kg.linking import link_names
from kg.paths import neighborhood
from kg.question import Question, Shape, understand
from kg.search import SearchMode, search
from kg.store import GraphStore
from kg.telling import Quote, telling_quotes

__all__ = ["Answer", "AnswerMode", "Citation", "ask"]

# Support below which the best sentence is no answer: between the least of what a guide of 146 files tells
# and the most of what it does not, on half of 127 questions about it.
_ENOUGH = 0.4
_NEAR_BEST = 0.75  # further sentences must reach this share of the best one's support
_MOST_SENTENCES = 3
_FEWEST_WORDS = 15  # a shorter one takes in all sentences that alone would be enough
_MOST_WORDS = 80  # of an open answer; the sentence that passes this is the last
_READ = 16  # passages whose sentences are weighed
_ENOUGH_UNASKED = 0.7  # of what is no question but an order or a text
_TOLD_MORE = {Shape.SET, Shape.DEFINITION}  # shapes where "how" wants more than names or one sentence
_FEW = 3  # a set smaller than this says too little without a sentence


def ask(
    store: GraphStore,
    embedder: Embedder,
    question: str,
    *,
    mode: AnswerMode = AnswerMode.AUTO,
    limit: int = 8,
) -> Answer:
    """Answer a question from the graph and the passages behind it, or abstain.

    Every sentence of the answer is one of the material; only headings such as "Tools that implement X:"
    are ours, and the wording of a relation that no sentence of the material states. What only a catalogue
    says comes last and is called general knowledge. It abstains where no relation answers and no sentence
    is near enough to the question in words and meaning.

    Args:
        store: the graph.
        embedder: the one that made the store's vectors.
        question: in plain words; the name of an entity alone asks what it is.
        mode: how widely to look.
        limit: most entities of a set, at least 1.

    Raises:
        InvalidInputError: ``limit`` is less than 1.
    """
    if limit < 1:
        raise InvalidInputError("an answer needs a limit of at least 1")
    asked = understand(question)
    shape = Shape.OVERVIEW if mode is AnswerMode.GLOBAL else asked.shape
    if mode is AnswerMode.LOCAL and shape in {Shape.COMPARISON, Shape.CONNECTION}:
        shape = Shape.OPEN
    compose = COMPOSERS.get(shape)
    draft = compose(store, embedder, asked, limit) if compose else None
    if draft is None:
        draft = _open(store, embedder, asked, mode, limit)
    elif (shape is Shape.SET and len(draft.entities) < _FEW) or (shape in _TOLD_MORE and asked.how):
        draft.append(_open(store, embedder, asked, mode, limit))
    if mode is not AnswerMode.AUTO:
        draft.mode = mode
    return draft.finish()


def _open(store: GraphStore, embedder: Embedder, asked: Question, mode: AnswerMode, limit: int) -> Draft:
    """Answer with the sentences that speak of most of the question, or with nothing."""
    named = list(dict.fromkeys(span.entity_ids[0] for span in link_names(store, asked.text)))
    hops = mode is AnswerMode.MULTI_HOP or (mode is AnswerMode.AUTO and len(named) > 1)
    vector = embedder.encode([asked.text])[0]
    found = search(
        store,
        embedder,
        asked.text,
        mode=SearchMode.GRAPH if mode is AnswerMode.MULTI_HOP else SearchMode.HYBRID,
        limit=max(limit, _READ),
        vector=vector,
    )
    passages = store.passages([hit.id for hit in found.passages])
    ranked = [passages[hit.id] for hit in found.passages if hit.id in passages]
    quotes = telling_quotes(
        store, embedder, asked.text, asked.subjects, ranked, vector=vector, limit=_MOST_SENTENCES
    )
    draft = Draft(AnswerMode.MULTI_HOP if hops else AnswerMode.LOCAL)
    best = max((quote.support for quote in quotes), default=0.0)
    if best < (_ENOUGH if asked.asks else _ENOUGH_UNASKED):
        draft.support = [best]
        return draft
    told = [one for one in quotes if one.support >= _NEAR_BEST * best]
    if sum(len(one.text.split()) for one in told) < _FEWEST_WORDS:
        told = [one for one in quotes if one.support >= _ENOUGH]
    for quote in _in_reading_order(told):
        draft.say(quote)
    cited = store.passage_mentions({quote.passage_id for quote in told})
    spoken = {mention.entity_id for mentions in cited.values() for mention in mentions}
    draft.entities = [hit for hit in found.entities if hit.id in spoken][:limit]
    around = named or [hit.id for hit in draft.entities[:1]]
    draft.subgraph = neighborhood(store, around, depth=1, limit=AROUND) if around else NO_GRAPH
    return draft


def _in_reading_order(quotes: list[Quote]) -> list[Quote]:
    """Return the best quotes within the length of an answer, those of one passage next to each other."""
    kept: list[Quote] = []
    words = 0
    for quote in quotes:
        if words < _MOST_WORDS:
            kept.append(quote)
            words += len(quote.text.split())
    first = {quote.passage_id: place for place, quote in reversed(list(enumerate(kept)))}
    return sorted(kept, key=lambda quote: first[quote.passage_id])

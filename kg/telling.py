"""Which sentences of the material say what a name means, or answer a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.linking import STOP_WORDS, content_words, link_names
from kg.model import Entity, Passage
from kg.names import WORD
from kg.quotes import plain, sentences, stem, stems
from kg.store import GraphStore, Owner

_MENTIONS = 20  # passages of an entity that are read for its definition
_FEWEST_WORDS, _MOST_WORDS = 4, 80  # outside these a "sentence" is a label or a wall of text
_SURE, _LIKELY = 0.9, 0.6  # support of a sentence that defines a name, and of one that only begins with it
_SAME = 0.6  # share of a description's words that make a sentence the one it was taken from
_DEFINES = re.compile(
    r"\W*(?:\([^)]*\)\W*)?(?:is|are|means|refers? to|stands? for|describes?|[-\u2013\u2014:])\W",
    re.IGNORECASE,
)
_PER_PASSAGE = 2
_UNHEARD_WEIGHT = 2.0  # a word that the material never uses counts twice against an answer from it
_SUBJECT_WEIGHT = 2.0  # so does what the question is about, against words such as "tools" or "implement"
_NEAREST_BONUS = 0.3  # for the passage that search ranks first: what it means counts beside its words
_FRAGMENT_MALUS = 0.15
_HEADING_SHARE = 0.7  # a sentence is likely, not surely, about what only its heading names


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a passage and how far it supports what it is quoted for, 0 to 1."""

    passage_id: str
    text: str
    support: float


def defining_quotes(store: GraphStore, entities: Sequence[Entity]) -> dict[str, Quote]:
    """Return the sentence that says best what each entity is; none for those that no sentence tells of.

    It is the sentence that the entity's description was taken from or, where that is not found, one
    that begins with its name, best followed by "is" or the like.
    """
    mentions = store.mentions([entity.id for entity in entities], limit=_MENTIONS)
    passages = store.passages({one.passage_id for found in mentions.values() for one in found})
    quotes: dict[str, Quote] = {}
    for entity in entities:
        read = [passages[one.passage_id] for one in mentions.get(entity.id, ()) if one.passage_id in passages]
        best = max(_about(entity, read), key=lambda found: found[0], default=None)
        if best is not None:
            quotes[entity.id] = best[1]
    return quotes


def _about(entity: Entity, passages: Iterable[Passage]) -> Iterable[tuple[float, Quote]]:
    names = sorted({entity.name, *entity.aliases}, key=len, reverse=True)
    begins = re.compile(rf"(?:an?|the)?\s*(?:{'|'.join(map(re.escape, names))})(?:es|s)?\b", re.IGNORECASE)
    described = stems(entity.description or "")
    for passage in passages:
        for sentence in _readable(passage):
            text = plain(sentence)
            start = begins.match(text)
            same = len(described & stems(text)) / len(described) if described else 0.0
            defines = start is not None and _DEFINES.match(text, start.end()) is not None
            # The description was chosen with care, so its sentence goes before any that looks like one.
            score = (2 * same if same >= _SAME else 0.0) + defines + 0.5 * (start is not None)
            if score > 0:
                support = _SURE if same >= _SAME or defines else _LIKELY
                yield score, Quote(passage.id, sentence, support)


def _readable(passage: Passage) -> Iterable[str]:
    for sentence in sentences(passage.text):
        words = len(WORD.findall(plain(sentence)))
        if _FEWEST_WORDS <= words <= _MOST_WORDS and not sentence.endswith((":", "?")):
            yield sentence


@dataclass(frozen=True, slots=True)
class _Need:
    """Something that an answer has to speak of: any of these sets of words, each in full."""

    ways: tuple[frozenset[str], ...]
    weight: float


def telling_quotes(
    store: GraphStore, question: str, subjects: Sequence[str], passages: Sequence[Passage], *, limit: int
) -> list[Quote]:
    """Return the sentences that speak of most of what the question asks about, best first.

    Support is the share of the question's names and telling words that a sentence holds. A name is held
    as a whole, as any of its aliases, and counts for as many words as the question gives it.
    """
    needs = _needs(store, question, subjects)
    total = sum(need.weight for need in needs)
    if not total:
        return []
    scored: list[tuple[float, Quote]] = []
    for rank, passage in enumerate(passages):
        headings = stems(" ".join(passage.headings))
        found = [
            Quote(passage.id, sentence, round(_covered(needs, stems(sentence), headings) / total, 4))
            for sentence in _readable(passage)
        ]
        near = _NEAREST_BONUS * (1 - rank / len(passages))
        ranked = [
            (quote.support + near - _FRAGMENT_MALUS * _is_fragment(quote.text), quote) for quote in found
        ]
        scored += sorted(ranked, key=lambda pair: -pair[0])[:_PER_PASSAGE]
    scored.sort(key=lambda pair: -pair[0])
    return [quote for _, quote in scored[:limit]]


def _is_fragment(sentence: str) -> bool:
    """Whether a list item or the like is no whole sentence, by its end."""
    return not sentence.rstrip("\"'\u201d\u2019)]*_`").endswith((".", "!"))


def _covered(needs: Iterable[_Need], words: set[str], headings: set[str]) -> float:
    covered = 0.0
    for need in needs:
        if any(way <= words for way in need.ways):
            covered += need.weight
        elif any(way <= words | headings for way in need.ways):
            covered += need.weight * _HEADING_SHARE
    return covered


def _needs(store: GraphStore, question: str, subjects: Sequence[str]) -> list[_Need]:
    """Return what an answer has to speak of: the entities that the question names, and its other words."""
    spans = link_names(store, question)
    named = store.entities({span.entity_ids[0] for span in spans})
    needs: list[_Need] = []
    about = stems(" ".join(subjects))
    rest = question
    for span in reversed(spans):
        entity = named[span.entity_ids[0]]
        written = question[span.start : span.end]
        rest = f"{rest[: span.start]} {rest[span.end :]}"
        ways = {frozenset(stems(name)) for name in (written, entity.name, *entity.aliases)} - {frozenset()}
        weight = len(stems(written)) * (_SUBJECT_WEIGHT if stems(written) <= about else 1.0)
        needs.append(_Need(tuple(sorted(ways, key=sorted)), weight))
    for word in content_words(rest):
        if word not in STOP_WORDS:
            heard = store.search_text([word], Owner.PASSAGE, limit=1)
            weight = (_SUBJECT_WEIGHT if stem(word) in about else 1.0) * (1.0 if heard else _UNHEARD_WEIGHT)
            needs.append(_Need((frozenset({stem(word)}),), weight))
    return needs

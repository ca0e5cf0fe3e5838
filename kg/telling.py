"""Which sentences of the material answer a question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kg.embed import Embedder
from kg.linking import STOP_WORDS, content_words, link_names
from kg.model import Passage
from kg.names import WORD
from kg.prose import is_readable, loss_alone, whole_sentences
from kg.quotes import as_sentence, plain, stem, stems, table_rows
from kg.store import GraphStore, Owner

_FEWEST_OWN_WORDS = 2
_PER_PASSAGE = 2
_READ_FOR_MEANING = 5  # sentences that the model reads: each costs several milliseconds
_INTRODUCTION_MALUS = 0.1  # for what stands before a document's first section: it tells what is to come
_CUE_BONUS = 0.12
_READ_CHARS = 140  # of each: a sentence that is not clear by then is not clear
_HEADING_CHARS = 30  # of what stands above it
_LEAST_COVERAGE = 0.25  # below which none is read: they speak of something else
_COMMON = 300  # a word that so many passages hold tells as little as any
_LEAST_WEIGHT = 0.25
_UNHEARD_WEIGHT = 2.0  # a word that the material never uses counts against an answer from it
_SUBJECT_WEIGHT = 1.5  # what the question is about, against words such as "tools" or "implement"
_ANSWERED_SHARE = 0.75  # under a heading that is a question, sentences answer it
_HEADING_SHARE = 0.6  # a sentence is likely, not surely, about what only its heading names
_PASSAGE_SHARE = 0.5  # of the cosine between question and passage: it tells which sentences to read
_PARTLY = 0.6  # of a need whose words a sentence holds in part: "retrieval" of "retrieval quality"
_SAME_WORDS = 0.7  # share of words in common that makes two sentences say the same
_SAME_MEANING = 0.9  # and the cosine that does

_MENTIONED = re.compile(  # in quotation marks: words that are an example, not what the author says
    r"(?<!\w)'[^'\n]{8,}?'(?!\w)|\"[^\"\n]{8,}\"|\u201c[^\u201d\n]{8,}\u201d|\u2018[^\u2019\n]{8,}?\u2019(?!\w)"
)
# What the answers to a sort of question have in common, by the words of the question.
_CUES = [
    (
        re.compile(
            r"\b(?:drawback|disadvantage|downside|limit|problem|risk|danger|hard|fail|wrong|pitfall)",
            re.IGNORECASE,
        ),
        re.compile(
            r"\b(?:drawback|downside|problem|risk|fail|wrong|but|false|stale|however|complex|expensive|"
            r"hard|cannot|overhead|unstable|danger|lose|leak)",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\b(?:trade-?offs?|pros and cons|affect|impact|influence)\b", re.IGNORECASE),
        re.compile(
            r"\b(?:but|while|whereas|trade\w*|versus|vs|at the cost|more|less|smaller|larger|lower|higher|"
            r"too|improv\w*|hurt\w*|reduc\w*|increas\w*|dilut\w*)\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"^why\b", re.IGNORECASE),
        re.compile(
            r"\b(?:because|since|due to|reason\w*|so|means|therefore|lets?|without|only|avoids?|caus\w+)\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\bwhen\b|\bshould\b|\bwhich\b|\bchoose\b|\bpick\b", re.IGNORECASE),
        re.compile(r"\b(?:when|if|use|choose|prefer|pick|start|best|only|default)\b", re.IGNORECASE),
    ),
    (
        re.compile(r"\bhow (?:to|do (?:i|you|we)|should|can)\b|\bbest way\b", re.IGNORECASE),
        re.compile(
            r"^\W*(?:use|add|run|build|start|keep|set|track|measure|check|validate|split|cache|route|limit|cap|"
            r"test|store|enforce|combine|choose|pick|treat|apply|log|monitor|redact|detect)\b"
            r"|\b(?:by \w+ing|use|using|should|instead|first|then)\b",
            re.IGNORECASE,
        ),
    ),
]


# What is asked by the name of a quality is told by its values: "chunk size" as "small chunks".
_VALUES = {
    stem(quality): [stem(value) for value in values]
    for quality, values in {
        "size": ("small", "large", "big", "tiny"),
        "length": ("long", "short"),
        "cost": ("cheap", "expensive", "price"),
        "latency": ("fast", "slow"),
        "speed": ("fast", "slow"),
        "quality": ("better", "worse"),
        "complexity": ("simple", "complex"),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a passage and how far it supports what it is quoted for, 0 to 1."""

    passage_id: str
    text: str
    support: float


@dataclass(frozen=True, slots=True)
class _Need:
    """Something that an answer has to speak of: any of these sets of words, each in full."""

    ways: tuple[frozenset[str], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage_rank: int
    quote: str
    coverage: float  # share of what the question needs that the sentence speaks of
    score: float


def telling_quotes(
    store: GraphStore,
    embedder: Embedder,
    question: str,
    subjects: Sequence[str],
    passages: Sequence[Passage],
    *,
    vector: np.ndarray,
    limit: int,
) -> list[Quote]:
    """Return the sentences that answer a question best, best first.

    Support grows with the share of the question's names and telling words that a sentence speaks of, and
    with how near it is in meaning. A name is held as a whole, as any of its aliases. A sentence that
    leans on the one before it ("This reduces ...") is quoted with it or not at all.

    Args:
        store: where the question's names are looked up.
        embedder: reads the few sentences that share most words with the question.
        question: in plain words.
        subjects: the parts of the question that name what it is about.
        passages: where to look, best first.
        vector: of the question, by the same embedder.
        limit: most quotes.
    """
    needs = _needs(store, question, subjects)
    total = sum(need.weight for need in needs)
    if not total or not passages:
        return []
    cues = [answers for asks, answers in _CUES if asks.search(question)]
    found: list[_Candidate] = []
    for rank, passage in enumerate(passages):
        own = store.vector(passage.id)
        near = 0.0 if own is None else _PASSAGE_SHARE * float(own @ vector)
        near -= _INTRODUCTION_MALUS * (len(passage.headings) == 1)
        ranked = sorted(_candidates(passage, rank, needs, total, near, cues), key=lambda one: -one.score)
        found += ranked[:_PER_PASSAGE]
    found.sort(key=lambda one: -one.score)
    read = [one for one in found[:_READ_FOR_MEANING] if one.coverage >= _LEAST_COVERAGE]
    if not read:
        return []
    vectors = embedder.encode([_in_place(passages[one.passage_rank], one.quote) for one in read])
    nearness = vectors @ vector
    order = sorted(range(len(read)), key=lambda i: -(read[i].score + float(nearness[i])))
    kept: list[int] = []
    for i in order:
        if len(kept) < limit and not any(_says_the_same(read, vectors, i, other) for other in kept):
            kept.append(i)
    return [
        Quote(
            passages[read[i].passage_rank].id,
            read[i].quote,
            _support(read[i].coverage, float(nearness[i])),
        )
        for i in kept
    ]


def _support(coverage: float, nearness: float) -> float:
    return round(1 / (1 + math.exp(-(6 * coverage + 8 * nearness - 8))), 4)


def _in_place(passage: Passage, quote: str) -> str:
    """Return a sentence with the heading it stands under, which often names its subject."""
    heading = passage.headings[-1][:_HEADING_CHARS] if passage.headings else ""
    return f"{heading}: {as_sentence(quote)[:_READ_CHARS]}"


def _says_the_same(read: Sequence[_Candidate], vectors: np.ndarray, one: int, other: int) -> bool:
    alike = say_the_same(read[one].quote, read[other].quote)
    return alike or float(vectors[one] @ vectors[other]) >= _SAME_MEANING


def say_the_same(quote: str, other: str) -> bool:
    """Whether most words of the shorter of two quotes are in the other."""
    words, others = stems(plain(quote)), stems(plain(other))
    return len(words & others) / max(1, min(len(words), len(others))) >= _SAME_WORDS


def _candidates(
    passage: Passage,
    rank: int,
    needs: Sequence[_Need],
    total: float,
    near: float,
    cues: Sequence[re.Pattern[str]],
) -> Iterable[_Candidate]:
    headings = stems(" ".join(passage.headings))
    answered = bool(passage.headings) and passage.headings[-1].rstrip().endswith("?")
    share = _ANSWERED_SHARE if answered else _HEADING_SHARE
    for quote in (*whole_sentences(passage.text), *table_rows(passage.text)):
        if is_readable(quote):
            coverage = _covered(needs, stems(_own_words(quote)), headings, share) / total
            score = coverage + near - loss_alone(quote)
            if any(cue.search(plain(quote)) for cue in cues):
                score += _CUE_BONUS
            yield _Candidate(rank, quote, coverage, score)


def _own_words(quote: str) -> str:
    """Return a sentence without what it only mentions; one that is a quotation as a whole stays."""
    text = as_sentence(quote)
    left = _MENTIONED.sub(" ", text)
    return left if len(WORD.findall(left)) >= _FEWEST_OWN_WORDS else text


def _covered(needs: Iterable[_Need], words: set[str], headings: set[str], heading_share: float) -> float:
    covered = 0.0
    for need in needs:
        share = max(max(_held(way, words), heading_share * _held(way, words | headings)) for way in need.ways)
        covered += need.weight * share
    return covered


def _held(way: frozenset[str], words: set[str]) -> float:
    share = len(way & words) / len(way)
    return share if share == 1 else _PARTLY * share


def _needs(store: GraphStore, question: str, subjects: Sequence[str]) -> list[_Need]:
    """Return what an answer has to speak of: the entities that the question names, and its other words."""
    spans = link_names(store, question)
    ids = {span.entity_ids[0] for span in spans}
    named, mentions = store.entities(ids), store.mentions(ids, limit=_COMMON)
    needs: list[_Need] = []
    about = stems(" ".join(subjects))
    rest = question
    for span in reversed(spans):
        entity = named[span.entity_ids[0]]
        written = question[span.start : span.end]
        rest = f"{rest[: span.start]} {rest[span.end :]}"
        ways = {frozenset(stems(name)) for name in (written, entity.name, *entity.aliases)} - {frozenset()}
        ways |= {way - {one} | {value} for way in ways for one in way for value in _VALUES.get(one, ())}
        rare = (1 + _rarity(len(mentions.get(entity.id, ())))) / 2
        weight = rare * len(stems(written)) * (_SUBJECT_WEIGHT if stems(written) <= about else 1.0)
        needs.append(_Need(tuple(sorted(ways, key=sorted)), weight))
    for word in content_words(rest):
        if word not in STOP_WORDS:
            weight = _weight(store, word) * (_SUBJECT_WEIGHT if stem(word) in about else 1.0)
            ways = {frozenset({one}) for one in (stem(word), *_VALUES.get(stem(word), ()))}
            needs.append(_Need(tuple(sorted(ways, key=sorted)), weight))
    return needs


def _weight(store: GraphStore, word: str) -> float:
    """Return how much a word tells of a question: the rarer in the material, the more."""
    holders = len(store.search_text([word], Owner.PASSAGE, limit=_COMMON))
    if not holders:
        return _UNHEARD_WEIGHT
    return max(_LEAST_WEIGHT, _rarity(holders))


def _rarity(holders: int) -> float:
    """Return how much a word or name tells by how many passages hold it: 1 for one, 0 for very many."""
    return max(0.0, 1 - math.log(max(1, holders)) / math.log(_COMMON))

"""Which sentences of the material answer a question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.embed import Embedder
from kg.linking import STOP_WORDS, content_words, link_names
from kg.model import Passage
from kg.names import WORD
from kg.quotes import as_sentence, paragraphs, plain, stem, stems
from kg.store import GraphStore, Owner

_FEWEST_WORDS, _MOST_WORDS = 5, 60  # outside these a "sentence" is a label or a wall of text
_FEWEST_OWN_WORDS = 2
_PER_PASSAGE = 3
_READ_FOR_MEANING = 8  # sentences that the model reads: each costs several milliseconds
_READ_CHARS = 250  # of each: a sentence that is not clear by then is not clear
_COMMON = 300  # a word that so many passages hold tells as little as any
_LEAST_WEIGHT = 0.25
_UNHEARD_WEIGHT = 2.0  # a word that the material never uses counts against an answer from it
_SUBJECT_WEIGHT = 1.5  # what the question is about, against words such as "tools" or "implement"
_HEADING_SHARE = 0.6  # a sentence is likely, not surely, about what only its heading names
_NEAREST_BONUS = 0.2  # for the passage that search ranks first
_FRAGMENT_MALUS = 0.25
_ASIDE_MALUS = 0.15  # for what is told of one author's case, or of interviews and chapters
_SAME_WORDS = 0.6  # share of words in common that makes two sentences say the same
_SAME_MEANING = 0.9  # and the cosine that does

_DANGLING = re.compile(
    r"[\"'\u201c(]*(?:this|that|these|those|it|its|they|them|their|he|she|such|both|here|so|but|and|or|then|"
    r"however|therefore|thus|hence|instead|also|otherwise|similarly|additionally|moreover|together|again|"
    r"another|each of|the (?:former|latter|same|first|second|third|other|result|catch|answer|fix|key|idea)|"
    r"better|best|more|less|fewer|cheaper|faster|higher|lower|what (?:it|this|goes)|where it|why it|one of these|"
    r"as a result|for example|for instance|in (?:this|that|these|such)|if (?:yes|no|so|not)|yes|no|first|"
    r"second|third|next|finally|unlike this|at this|by this|with this|after this|to do this)\b",
    re.IGNORECASE,
)
_POINTS_ELSEWHERE = re.compile(
    r"(?:see|refer to|also see|source|sources|figure|updated|last updated|pair this|start with|covers|q|"
    r"scenario|candidate|interviewer|user|system|assistant|key takeaways?|further reading)\b\s*(?:[:,]|\w)"
    r"|.*(?:\bsee|\bdocs|\bdocumentation|\(\d{4}(?:/\d{4})?\))\.?$|.*https?://",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\b(?:I|we|my|our|candidates?|interview\w*|this (?:chapter|guide|section|document|page|topic))\b",
    re.IGNORECASE,
)
_MENTIONED = re.compile(  # in quotation marks: words that are an example, not what the author says
    r"(?<!\w)'[^'\n]{8,}?'(?!\w)|\"[^\"\n]{8,}\"|\u201c[^\u201d\n]{8,}\u201d|\u2018[^\u2019\n]{8,}?\u2019(?!\w)"
)
_CODE = re.compile(r"[{}\u2514\u251c\u2502]|\w\(\w*\)|=>|->|==|\s=\s|(?:\u2192.*){2}")


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
    position: int  # of the sentence in its passage
    quote: str
    coverage: float  # share of what the question needs that the sentence speaks of
    score: float


def is_readable(quote: str) -> bool:
    """Whether a sentence can stand in an answer: not a label, a pointer, a question or code."""
    text = plain(quote)
    return (
        _FEWEST_WORDS <= len(WORD.findall(text)) <= _MOST_WORDS
        and not text.endswith((":", "?", '?"', "..."))
        and not _POINTS_ELSEWHERE.match(text)
        and not _CODE.search(text)
    )


def telling_quotes(
    store: GraphStore,
    embedder: Embedder,
    question: str,
    subjects: Sequence[str],
    passages: Sequence[Passage],
    *,
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
        limit: most quotes.
    """
    needs = _needs(store, question, subjects)
    total = sum(need.weight for need in needs)
    if not total or not passages:
        return []
    found: list[_Candidate] = []
    for rank, passage in enumerate(passages):
        near = _NEAREST_BONUS * (1 - rank / len(passages))
        ranked = sorted(_candidates(passage, rank, needs, total, near), key=lambda one: -one.score)
        found += ranked[:_PER_PASSAGE]
    found.sort(key=lambda one: -one.score)
    read = found[:_READ_FOR_MEANING]
    if not read:
        return []
    vectors = embedder.encode([question, *(_in_place(passages[one.passage_rank], one.quote) for one in read)])
    nearness = vectors[1:] @ vectors[0]
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
    heading = passage.headings[-1] if passage.headings else ""
    return f"{heading}: {plain(quote)}"[:_READ_CHARS]


def _says_the_same(read: Sequence[_Candidate], vectors, one: int, other: int) -> bool:
    words, others = stems(plain(read[one].quote)), stems(plain(read[other].quote))
    common = len(words & others) / max(1, min(len(words), len(others)))
    return common >= _SAME_WORDS or float(vectors[one + 1] @ vectors[other + 1]) >= _SAME_MEANING


def _candidates(
    passage: Passage, rank: int, needs: Sequence[_Need], total: float, near: float
) -> Iterable[_Candidate]:
    headings = stems(" ".join(passage.headings))
    position = 0
    for block, spans in paragraphs(passage.text):
        for index, (start, end) in enumerate(spans):
            position += 1
            quote = block[start:end]
            if _DANGLING.match(plain(quote)):
                if not index or _DANGLING.match(plain(block[slice(*spans[index - 1])])):
                    continue
                quote = block[spans[index - 1][0] : end]
            if is_readable(quote):
                coverage = _covered(needs, stems(_own_words(quote)), headings) / total
                malus = _FRAGMENT_MALUS * _is_fragment(quote) + _ASIDE_MALUS * bool(_ASIDE.search(quote))
                score = coverage + near - malus
                yield _Candidate(rank, position, quote, coverage, score)


def _own_words(quote: str) -> str:
    """Return a sentence without what it only mentions; one that is a quotation as a whole stays."""
    text = plain(quote)
    left = _MENTIONED.sub(" ", text)
    return left if len(WORD.findall(left)) >= _FEWEST_OWN_WORDS else text


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
            weight = _weight(store, word) * (_SUBJECT_WEIGHT if stem(word) in about else 1.0)
            needs.append(_Need((frozenset({stem(word)}),), weight))
    return needs


def _weight(store: GraphStore, word: str) -> float:
    """Return how much a word tells of a question: the rarer in the material, the more."""
    holders = len(store.search_text([word], Owner.PASSAGE, limit=_COMMON))
    if not holders:
        return _UNHEARD_WEIGHT
    return max(_LEAST_WEIGHT, 1 - math.log(holders) / math.log(_COMMON))

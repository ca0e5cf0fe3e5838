"""A tagged sentence as plain values: its words, and the noun phrases and verb groups it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from extract.lexicon import NEGATIONS, RELATIVE, USING

if TYPE_CHECKING:
    from spacy.tokens import Doc

MAX_TOKENS = 300
"""A longer sentence is a table or a list that lost its breaks, and says nothing of its words."""

AGENT = frozenset({"by", "with", "using", "through", "via"})
"""What stands between a passive verb and the one who does it."""

TIE_SPANS = "ties"
"""Under which name ``doc.spans`` has the phrases that tie two names."""

_NAMING = frozenset({"NOUN", "PROPN", "ADJ", "NUM", "X", "SYM"})
_HEADS = frozenset({"NOUN", "PROPN", "X", "SYM"})
_VERBS = frozenset({"VERB", "AUX"})
_WITH_VERB = frozenset({"VERB", "AUX", "ADV", "PART"})
_PARTICIPLES = frozenset({"VVN", "VVG", "VVD"})
_BEFORE_PARTICIPLE = frozenset({"DET", "ADJ", "NOUN", "ADP", "NUM"})
_BREAKS = frozenset(";:—–→|\n•")  # noqa: RUF001 - dashes of any length break
_AND = frozenset({"and", "or", "but", "&", "+", "/", "plus", "then"})
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "'s", "get", "gets"})


class Mood(Enum):
    """How a verb group stands in its sentence."""

    FINITE = auto()
    INFINITIVE = auto()
    GERUND = auto()
    PARTICIPLE = auto()  # "metrics tracked by ..."
    IMPERATIVE = auto()


class Sort(Enum):
    """What an item is."""

    NOUN = auto()
    VERB = auto()
    PRONOUN = auto()
    PREPOSITION = auto()
    AND = auto()
    COMMA = auto()
    RELATIVE = auto()  # which, that, who
    CONJUNCTION = auto()  # because, while, if
    BREAK = auto()


class Item(NamedTuple):
    """One part of a sentence: the tokens ``start:end`` of its document."""

    sort: Sort
    start: int
    end: int
    word: str = ""
    main: int = -1  # VERB: the token that says what is done
    mood: Mood = Mood.FINITE
    passive: bool = False


class Phrase(NamedTuple):
    """The tokens ``start:end`` of a document, and their text, which ends at its character ``end_char``."""

    text: str
    start: int
    end: int
    end_char: int


class Tie(NamedTuple):
    """The tokens ``start:end``, which tie two names; ``label`` says how, "TYPE>" or "TYPE<"."""

    start: int
    end: int
    label: str


class Words:
    """A tagged document's tokens as plain lists; spaCy makes an object of a token each time it is asked."""

    def __init__(self, doc: Doc) -> None:
        tokens = list(doc)
        self._doc = doc
        self.text = doc.text
        self.texts = [token.text for token in tokens]
        self.lower = [token.lower_ for token in tokens]
        self.tags = [token.tag_ for token in tokens]
        self.parts = [token.pos_ for token in tokens]
        self.starts = [token.idx for token in tokens]

    def phrase(self, start: int, end: int) -> Phrase:
        """Return the tokens ``start:end`` as a phrase."""
        end_char = self.starts[end - 1] + len(self.texts[end - 1])
        return Phrase(self.text[self.starts[start] : end_char], start, end, end_char)

    def negate(self, start: int, end: int) -> bool:
        """Whether one of the tokens ``start:end`` is "not", "never" or the like."""
        return not NEGATIONS.isdisjoint(self.lower[start:end]) or any(
            token.norm_ == "not" for token in self._doc[start:end]
        )


class Sentence:
    """The tokens ``start:end`` of a tagged document; what they make up is read when asked for, once."""

    def __init__(self, words: Words, start: int, end: int, ties: tuple[Tie, ...] = ()) -> None:
        whole = words.phrase(start, end)
        self.words = words
        self.start = start
        self.end = end
        self.ties = ties  # those that begin in it
        self.text = whole.text
        self.start_char = words.starts[start]
        self.end_char = whole.end_char
        self._read: dict[int, Item | None] = {}

    @cached_property
    def items(self) -> list[Item]:
        """Its items in order, without what stands in brackets; none of a sentence that is too long."""
        return list(self._read_items()) if self.end - self.start <= MAX_TOKENS else []

    @cached_property
    def phrases(self) -> list[Phrase]:
        """Its noun phrases, without articles, in order; those in brackets too."""
        found, at = [], self.start
        while at < min(self.end, self.start + MAX_TOKENS):
            item = self._item(at)
            if item is not None and item.sort is Sort.NOUN:
                found.append(self.words.phrase(item.start, item.end))
            at = item.end if item is not None and item.end > at else at + 1
        return found

    def _read_items(self) -> Iterator[Item]:
        at, depth = self.start, 0
        while at < self.end:
            text = self.words.texts[at]
            if text in "([{":
                depth += 1
            elif text in ")]}":
                depth = max(0, depth - 1)
            elif not depth:
                item = self._item(at)
                if item is not None:
                    yield item
                    at = item.end
                    continue
            at += 1

    def _item(self, at: int) -> Item | None:
        if at not in self._read:
            self._read[at] = self._read_item(at)
        return self._read[at]

    def _read_item(self, at: int) -> Item | None:
        """Return the item that begins at a token, if one does."""
        words = self.words
        lower, part = words.lower[at], words.parts[at]
        if lower in USING and part == "NOUN" and self._commands(at):
            return Item(Sort.VERB, at, at + 1, word=lower, main=at, mood=Mood.IMPERATIVE)
        if self._names(at):
            return self._noun(at)
        if words.texts[at] in _BREAKS or lower in ("--", "..."):
            return Item(Sort.BREAK, at, at + 1)
        if lower == ",":
            return Item(Sort.COMMA, at, at + 1)
        if lower in _AND:
            return Item(Sort.AND, at, at + 1)
        if lower in RELATIVE and self._part(at + 1) in _WITH_VERB:
            return Item(Sort.RELATIVE, at, at + 1)
        if part in _VERBS or (part == "PART" and lower == "to"):
            return self._verb(at)
        if part == "PRON" or (lower in ("this", "these", "that") and self._alone(at)):
            return Item(Sort.PRONOUN, at, at + 1, word=lower)
        if part == "ADP":
            return Item(Sort.PREPOSITION, at, at + 1, word=lower)
        if part in ("SCONJ", "CCONJ") or (part == "ADV" and words.tags[at] == "AVQ"):
            return Item(Sort.CONJUNCTION, at, at + 1, word=lower)
        return None

    def _part(self, at: int) -> str:
        """Return a token's part of speech, or "" beyond the sentence's end."""
        return self.words.parts[at] if at < self.end else ""

    def _commands(self, at: int) -> bool:
        """Whether "use" opens a clause and has an object, though the tagger takes it for a noun."""
        following = self._part(at + 1)
        return self._opens(at) and (following in _NAMING or following == "DET")

    def _opens(self, at: int) -> bool:
        return at == self.start or self.words.texts[at - 1] in ",;:"

    def _alone(self, at: int) -> bool:
        return self._part(at + 1) in ("VERB", "AUX", "ADV", "PUNCT")

    def _names(self, at: int) -> bool:
        """Whether a token can stand in a noun phrase; a participle can before a noun."""
        part, tag = self.words.parts[at], self.words.tags[at]
        if part in _NAMING:
            text = self.words.texts[at]
            return text not in _BREAKS and text not in "/+&"
        if part != "VERB" or tag not in _PARTICIPLES or at == self.start or self._part(at + 1) not in _HEADS:
            return False
        before = self.words.parts[at - 1]
        return (
            before in _BEFORE_PARTICIPLE
            and (before != "NOUN" or tag == "VVG")
            and not (before == "ADP" and tag == "VVG")
        )

    def _noun(self, at: int) -> Item:
        parts, end = self.words.parts, at
        while end < self.end and (
            self._names(end)
            or (self.words.tags[end] == "POS" and end + 1 < self.end and self._names(end + 1))
        ):
            end += 1
        last = end
        while (
            last > at
            and parts[last - 1] not in _HEADS
            and not (parts[last - 1] == "NUM" and last - 1 > at and parts[last - 2] in ("PROPN", "NOUN"))
        ):
            last -= 1
        if last == at:
            article = at > self.start and self.words.lower[at - 1] in ("a", "an", "the")
            # "a sphygmomanometer": after an article the tagger's adjective is a noun that it does not know.
            return Item(Sort.NOUN if article else Sort.PRONOUN, at, end)
        return Item(Sort.NOUN, at, last)

    def _verb(self, at: int) -> Item | None:
        words, end = self.words, at
        while self._part(end) in _WITH_VERB and not (end > at and self._names(end)):
            end += 1
        verbs = [place for place in range(at, end) if words.parts[place] in _VERBS]
        if not verbs:
            return None
        first, main = words.tags[verbs[0]], verbs[-1]
        passive = words.tags[main] in ("VVN", "VVD") and any(words.lower[one] in _BE for one in verbs[:-1])
        if words.lower[at] == "to" and words.parts[at] == "PART":
            mood = Mood.INFINITIVE
        elif first == "VVG":
            mood = Mood.GERUND
        elif first == "VVN" or (first == "VVD" and end < self.end and words.lower[end] in AGENT):
            mood, passive = Mood.PARTICIPLE, True
        elif first in ("VVB", "VVI") and self._opens(at):
            mood = Mood.IMPERATIVE
        else:
            mood = Mood.FINITE
        return Item(Sort.VERB, at, end, word=words.lower[main], main=main, mood=mood, passive=passive)


def sentences_of(doc: Doc) -> tuple[Sentence, ...]:
    """Return the sentences of a tagged document."""
    words = Words(doc)
    ties = [Tie(span.start, span.end, span.label_) for span in doc.spans.get(TIE_SPANS, ())]
    return tuple(
        Sentence(
            words,
            span.start,
            span.end,
            tuple(tie for tie in ties if span.start <= tie.start < span.end),
        )
        for span in doc.sents
    )

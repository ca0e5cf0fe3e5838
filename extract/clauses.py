"""Who does what to whom in a sentence: a shallow reading of its noun phrases and verb groups.

There is no parser here. What stands between two verbs is read by a few habits of technical English: a
subject stands before its verb, "and" goes on with it, "which" goes back to the last noun, "use X to ..."
says what X does. Where these do not settle a phrase, nothing is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from extract.lexicon import (
    ENABLING,
    HEDGES,
    NEGATIONS,
    NOTHING_OF,
    RELATIVE,
    USING,
    VERBS,
    verb_lemma,
)

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

_NAMING = frozenset({"NOUN", "PROPN", "ADJ", "NUM", "X", "SYM"})
_HEADS = frozenset({"NOUN", "PROPN", "X", "SYM"})
_BREAKS = frozenset(";:—–→|\n•")  # noqa: RUF001 - dashes of any length break
_BE = frozenset({"is", "are", "was", "were", "be", "been", "being", "'s", "get", "gets"})
_AGENT = frozenset({"by", "with", "using", "through", "via"})
MAX_TOKENS = 300
"""A longer sentence is a table or a list that lost its breaks, and says nothing of its words."""
_ITEMS, _PHRASES = "kg_items", "kg_phrases"  # under which a document remembers them
_MOST = 8  # names joined by commas and "and"; a longer run is no coordination of ends


class Mood(Enum):
    """How a verb group stands in its sentence."""

    FINITE = auto()
    INFINITIVE = auto()
    GERUND = auto()
    PARTICIPLE = auto()  # "metrics tracked by ..."
    IMPERATIVE = auto()


class _Sort(Enum):
    NOUN = auto()
    VERB = auto()
    PRONOUN = auto()
    PREPOSITION = auto()
    AND = auto()
    COMMA = auto()
    RELATIVE = auto()  # which, that, who
    CONJUNCTION = auto()  # because, while, if
    BREAK = auto()


@dataclass(frozen=True, slots=True)
class _Item:
    sort: _Sort
    start: int
    end: int
    word: str = ""
    main: int = -1  # VERB: the token that says what is done
    mood: Mood = Mood.FINITE
    passive: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A verb with its ends. ``label`` says what it states (see ``[verbs]`` in the lexicon)."""

    label: str
    lemma: str  # of the verb, with the word that belongs to it: "rely on"
    subjects: tuple[Span, ...]  # empty where the sentence leaves it out, or says "it"
    objects: tuple[Span, ...]
    verb: Span
    mood: Mood
    negated: bool
    hedged: bool
    pronoun: bool  # the subject is "it", "this" or "this approach"
    object_pronoun: bool = False


def clauses(sentence: Span) -> list[Clause]:
    """Return what the verbs of a tagged sentence state, in order; a passive one is turned round."""
    if len(sentence) > MAX_TOKENS:
        return []
    items = _items(sentence)
    found: list[Clause] = []
    subject: tuple[tuple[_Item, ...], bool] = ((), False)
    for at, item in enumerate(items):
        if item.sort is not _Sort.VERB:
            continue
        subject = _subject(items, at, subject, sentence)
        clause = _clause(items, at, subject, sentence)
        if clause is not None:
            found.append(clause)
    return found


def _clause(
    items: Sequence[_Item], at: int, subject: tuple[tuple[_Item, ...], bool], sentence: Span
) -> Clause | None:
    doc, item = sentence.doc, items[at]
    lemma, end = _lemma(doc[item.main], item, sentence)
    if lemma not in VERBS:
        return None
    objects, pronoun = _objects(items, at, end, sentence, item)
    group = doc[item.start : max(item.end, end)]
    left = tuple(doc[one.start : one.end] for one in subject[0])
    right = tuple(objects)
    around = [*group, *doc[max(sentence.start, item.start - 2) : item.start]]
    return Clause(
        label=VERBS[lemma],
        lemma=lemma,
        subjects=right if item.passive else left,
        objects=left if item.passive else right,
        verb=group,
        mood=item.mood,
        negated=any(token.lower_ in NEGATIONS or token.norm_ == "not" for token in around)
        or _no_before([*left, *right], sentence),
        hedged=any(token.lower_ in HEDGES for token in group),
        pronoun=subject[1] and not item.passive,
        object_pronoun=pronoun,
    )


def _no_before(spans: Sequence[Span], sentence: Span) -> bool:
    """Whether "no" or "without" stands before an end: "needs no schema" needs none."""
    return any(
        span.start > sentence.start and span.doc[span.start - 1].lower_ in ("no", "without", "neither", "nor")
        for span in spans
    )


# --- subjects


def _subject(
    items: Sequence[_Item], at: int, last: tuple[tuple[_Item, ...], bool], sentence: Span
) -> tuple[tuple[_Item, ...], bool]:
    """Return the noun phrases that a verb is said of, and whether it is a pronoun instead."""
    item = items[at]
    before = items[at - 1] if at else None
    if item.mood is Mood.PARTICIPLE:
        near = _nearest(items, at)
        return ((near,), False) if near is not None else ((), False)
    if item.mood in (Mood.INFINITIVE, Mood.GERUND):
        means = _means(items, at, sentence)
        return (means, False) if means else last
    if before is None:
        return (), False
    if before.sort is _Sort.RELATIVE:
        near = _nearest(items, at - 1)
        return ((near,), False) if near is not None else ((), False)
    if before.sort is _Sort.AND or (
        before.sort is _Sort.COMMA and at > 1 and _since(items, at, _Sort.VERB) is not None
    ):
        return last  # "improves recall and reduces latency"
    if before.sort is _Sort.PRONOUN:
        return (), before.word in ("it", "they", "this", "these", "that")
    return _before(items, at, sentence), False


def _before(items: Sequence[_Item], at: int, sentence: Span) -> tuple[_Item, ...]:
    """Return the noun phrases before a finite verb: the head of "A with B", or both of "A and B"."""
    start = at
    while start > 0 and items[start - 1].sort not in (
        _Sort.VERB,
        _Sort.BREAK,
        _Sort.CONJUNCTION,
        _Sort.RELATIVE,
    ):
        start -= 1
    run = list(items[start:at])
    if start > 0 and items[start - 1].sort is _Sort.VERB:
        gerund = items[start - 1]
        run = _after_object(run)
        if gerund.mood is Mood.GERUND and _opens(items, start - 1) and not run:
            return _using(items, start - 1, sentence)
    segments = _split(run)
    if not segments:
        return ()
    own = segments[-1]
    head = _head(own)
    if head is None:
        return ()
    group = [head]
    # "A, B and C reduce": what stands before the commas is coordinated where "and" closes the list.
    if any(one.sort is _Sort.AND for one in own):
        parts = _coordinated(own)
        group = parts or group
        if (len(own) > 1 and own[0].sort is _Sort.AND) or parts:
            for segment in reversed(segments[:-1]):
                if len(segment) != 1 or segment[0].sort is not _Sort.NOUN:
                    break
                group.insert(0, segment[0])
    return tuple(group[:_MOST])


def _after_object(run: list[_Item]) -> list[_Item]:
    """Leave out the object of an earlier verb: a new subject stands after a comma or "and"."""
    for place, item in enumerate(run):
        if item.sort is _Sort.COMMA or item.sort is _Sort.AND:
            rest = run[place + 1 :]
            if rest and rest[0].sort is _Sort.NOUN:
                return rest
    return []


def _split(run: Sequence[_Item]) -> list[list[_Item]]:
    segments: list[list[_Item]] = [[]]
    for item in run:
        if item.sort is _Sort.COMMA:
            segments.append([])
        else:
            segments[-1].append(item)
    return [segment for segment in segments if segment]


def _head(segment: Sequence[_Item]) -> _Item | None:
    """Return the noun that "A of B" or "A with B" is about; None where it opens with a preposition."""
    rest = list(segment)
    while rest and rest[0].sort in (_Sort.AND, _Sort.CONJUNCTION):
        rest.pop(0)
    return rest[0] if rest and rest[0].sort is _Sort.NOUN else None


def _coordinated(segment: Sequence[_Item]) -> list[_Item]:
    """Return "A" and "B" of "A and B"; what a preposition governs goes with the noun before it."""
    names: list[_Item] = []
    free = True
    for item in segment:
        if item.sort is _Sort.NOUN and free:
            names.append(item)
            free = False
        elif item.sort is _Sort.AND:
            free = True
        elif item.sort is _Sort.PREPOSITION:
            free = False
    return names


def _nearest(items: Sequence[_Item], at: int) -> _Item | None:
    """Return the noun phrase right before ``items[at]``, a comma between them allowed."""
    place = at - 1
    if place >= 0 and items[place].sort is _Sort.COMMA:
        place -= 1
    return items[place] if place >= 0 and items[place].sort is _Sort.NOUN else None


def _since(items: Sequence[_Item], at: int, sort: _Sort) -> _Item | None:
    for item in reversed(items[:at]):
        if item.sort in (_Sort.BREAK, _Sort.RELATIVE, _Sort.CONJUNCTION):
            return None
        if item.sort is sort:
            return item
    return None


def _means(items: Sequence[_Item], at: int, sentence: Span) -> tuple[_Item, ...]:
    """Return X of "use X to ..." and of "to ..., use X"."""
    before = _since(items, at, _Sort.VERB)
    if before is not None and verb_lemma(sentence.doc[before.main].lower_) in USING | ENABLING:
        place = items.index(before)
        between = items[place + 1 : at]
        if between and all(
            one.sort in (_Sort.NOUN, _Sort.AND, _Sort.COMMA, _Sort.PREPOSITION) for one in between
        ):
            return tuple(_group(between)) if verb_lemma(sentence.doc[before.main].lower_) in USING else ()
    if items[at].mood is Mood.INFINITIVE and _opens(items, at):
        for place in range(at + 1, len(items)):
            item = items[place]
            if item.sort is _Sort.VERB:
                if verb_lemma(sentence.doc[item.main].lower_) in USING and item.mood is Mood.IMPERATIVE:
                    return tuple(_group(items[place + 1 :]))
                return ()
    return ()


def _using(items: Sequence[_Item], at: int, sentence: Span) -> tuple[_Item, ...]:
    """Return X of "using X improves ..."."""
    if verb_lemma(sentence.doc[items[at].main].lower_) not in USING:
        return ()
    return tuple(_group(items[at + 1 :]))


def _opens(items: Sequence[_Item], at: int) -> bool:
    return all(one.sort in (_Sort.COMMA, _Sort.CONJUNCTION) for one in items[:at])


# --- objects


def _objects(
    items: Sequence[_Item], at: int, end: int, sentence: Span, verb: _Item
) -> tuple[list[Span], bool]:
    rest = [one for one in items[at + 1 :] if one.start >= end or one.end > end]
    if verb.passive:
        rest = _agent(rest)
    if not rest:
        return [], False
    if rest[0].sort is _Sort.PRONOUN:
        return [], rest[0].word in ("it", "them", "this", "these", "both")
    if rest[0].sort is not _Sort.NOUN:
        return [], False
    doc = sentence.doc
    return [doc[one.start : one.end] for one in _group(_unwrapped(rest, sentence))], False


def _agent(rest: Sequence[_Item]) -> list[_Item]:
    """Return what follows "by" or "with" after a passive verb, nothing else."""
    if rest and rest[0].sort is _Sort.PREPOSITION and rest[0].word in _AGENT:
        return list(rest[1:])
    if rest and rest[0].sort is _Sort.VERB and rest[0].word == "using":
        return list(rest[1:])
    return []


def _unwrapped(rest: Sequence[_Item], sentence: Span) -> list[_Item]:
    """Go from "the risk of hallucination" to what it is of."""
    items = list(rest)
    while (
        len(items) > 2
        and items[0].sort is _Sort.NOUN
        and items[1].sort is _Sort.PREPOSITION
        and items[1].word in ("of", "to", "from")
        and items[2].sort is _Sort.NOUN
        and sentence.doc[items[0].end - 1].lower_ in NOTHING_OF
    ):
        items = items[2:]
    return items


def _group(items: Sequence[_Item]) -> list[_Item]:
    """Return the first noun phrase and those that commas and "and" join to it, up to the next verb."""
    names: list[_Item] = []
    joined = True
    for place, item in enumerate(items):
        if item.sort is _Sort.NOUN:
            if not joined:
                break
            after = items[place + 1] if place + 1 < len(items) else None
            subject = after is not None and after.sort is _Sort.VERB and after.mood is Mood.FINITE
            if names and subject:
                break  # "improves recall, and latency grows": latency begins a clause of its own
            names.append(item)
            joined = False
        elif item.sort in (_Sort.COMMA, _Sort.AND) and names:
            joined = True
        elif (
            item.sort is _Sort.PREPOSITION and names and item.word in ("of", "in", "for", "to", "on", "from")
        ):
            # "the cost of tokens and the latency": one noun may follow before the list goes on.
            following = items[place + 1] if place + 1 < len(items) else None
            beyond = items[place + 2] if place + 2 < len(items) else None
            if (
                following is None
                or following.sort is not _Sort.NOUN
                or beyond is None
                or beyond.sort not in (_Sort.COMMA, _Sort.AND)
            ):
                break
            return names
        else:
            break
    return names[:_MOST]


def _lemma(main: Token, item: _Item, sentence: Span) -> tuple[str, int]:
    """Return the verb's base form with the particle that belongs to it, and where both end."""
    lemma = verb_lemma(main.lower_)
    if lemma is None:
        return "", item.end
    doc = main.doc
    for extra in (2, 1):
        stop = main.i + 1 + extra
        if stop <= sentence.end:
            longer = f"{lemma} {doc[main.i + 1 : stop].text.lower()}"
            if longer in VERBS:
                return longer, stop
    return lemma, item.end


# --- items


def _items(sentence: Span) -> list[_Item]:
    """Return the items of a sentence; its document remembers them, as several rules ask."""
    known = sentence.doc.user_data.setdefault(_ITEMS, {})
    if sentence.start not in known:
        known[sentence.start] = list(_read_items(sentence))
    found: list[_Item] = known[sentence.start]
    return found


def _read_items(sentence: Span) -> Iterator[_Item]:
    doc, at, depth = sentence.doc, sentence.start, 0
    while at < sentence.end:
        token = doc[at]
        if token.text in "([{":
            depth += 1
        elif token.text in ")]}":
            depth = max(0, depth - 1)
        elif depth:
            pass
        else:
            item = _item(sentence, at)
            if item is not None:
                yield item
                at = item.end
                continue
        at += 1


def _item(sentence: Span, at: int) -> _Item | None:
    doc, token = sentence.doc, sentence.doc[at]
    lower = token.lower_
    if lower in USING and token.pos_ == "NOUN" and _commands(sentence, at):
        return _Item(_Sort.VERB, at, at + 1, word=lower, main=at, mood=Mood.IMPERATIVE)
    if _names(sentence, at):
        return _noun(sentence, at)
    if token.text in _BREAKS or lower in ("--", "..."):
        return _Item(_Sort.BREAK, at, at + 1)
    if token.text == ",":
        return _Item(_Sort.COMMA, at, at + 1)
    if lower in ("and", "or", "but", "&", "+", "/", "plus", "then"):
        return _Item(_Sort.AND, at, at + 1)
    if lower in RELATIVE and at + 1 < sentence.end and doc[at + 1].pos_ in ("VERB", "AUX", "ADV", "PART"):
        return _Item(_Sort.RELATIVE, at, at + 1)
    if token.pos_ in ("VERB", "AUX") or (token.pos_ == "PART" and lower == "to"):
        return _verb(sentence, at)
    if token.pos_ == "PRON" or (lower in ("this", "these", "that") and _alone(sentence, at)):
        return _Item(_Sort.PRONOUN, at, at + 1, word=lower)
    if token.pos_ == "ADP":
        return _Item(_Sort.PREPOSITION, at, at + 1, word=lower)
    if token.pos_ in ("SCONJ", "CCONJ") or (token.pos_ == "ADV" and token.tag_ == "AVQ"):
        return _Item(_Sort.CONJUNCTION, at, at + 1, word=lower)
    return None


def _commands(sentence: Span, at: int) -> bool:
    """Whether "use" opens a clause and has an object, though the tagger takes it for a noun."""
    opens = at == sentence.start or sentence.doc[at - 1].text in ",;:"
    return opens and at + 1 < sentence.end and sentence.doc[at + 1].pos_ in (*_NAMING, "DET")


def _alone(sentence: Span, at: int) -> bool:
    return at + 1 < sentence.end and sentence.doc[at + 1].pos_ in ("VERB", "AUX", "ADV", "PUNCT")


def _names(sentence: Span, at: int) -> bool:
    """Whether a token can stand in a noun phrase; a participle can before a noun."""
    token = sentence.doc[at]
    if token.pos_ in _NAMING:
        return token.text not in _BREAKS and token.text not in "/+&"
    if token.pos_ != "VERB" or token.tag_ not in ("VVN", "VVG", "VVD") or at + 1 >= sentence.end:
        return False
    before = sentence.doc[at - 1] if at > sentence.start else None
    after = sentence.doc[at + 1]
    return (
        after.pos_ in _HEADS
        and before is not None
        and before.pos_ in ("DET", "ADJ", "NOUN", "ADP", "NUM")
        and (before.pos_ != "NOUN" or token.tag_ == "VVG")
        and not (before.pos_ == "ADP" and token.tag_ == "VVG")
    )


def _noun(sentence: Span, at: int) -> _Item | None:
    doc, end = sentence.doc, at
    while end < sentence.end and (
        _names(sentence, end)
        or (doc[end].tag_ == "POS" and end + 1 < sentence.end and _names(sentence, end + 1))
    ):
        end += 1
    last = end
    while (
        last > at
        and doc[last - 1].pos_ not in _HEADS
        and not (doc[last - 1].pos_ == "NUM" and last - 1 > at and doc[last - 2].pos_ in ("PROPN", "NOUN"))
    ):
        last -= 1
    if last == at:
        article = at > sentence.start and doc[at - 1].lower_ in ("a", "an", "the")
        # "a sphygmomanometer": after an article the tagger's adjective is a noun that it does not know.
        return _Item(_Sort.NOUN if article else _Sort.PRONOUN, at, end)
    return _Item(_Sort.NOUN, at, last)


def _verb(sentence: Span, at: int) -> _Item | None:
    doc, end = sentence.doc, at
    while (
        end < sentence.end
        and doc[end].pos_ in ("VERB", "AUX", "ADV", "PART")
        and not (end > at and _names(sentence, end))
    ):
        end += 1
    verbs = [token for token in doc[at:end] if token.pos_ in ("VERB", "AUX")]
    if not verbs:
        return None
    main = verbs[-1]
    helped = [token for token in verbs[:-1] if token.lower_ in _BE]
    passive = main.tag_ in ("VVN", "VVD") and bool(helped)
    first = verbs[0]
    if doc[at].lower_ == "to" and doc[at].pos_ == "PART":
        mood = Mood.INFINITIVE
    elif first.tag_ == "VVG":
        mood = Mood.GERUND
    elif first.tag_ == "VVN" or (first.tag_ == "VVD" and end < sentence.end and doc[end].lower_ in _AGENT):
        mood, passive = Mood.PARTICIPLE, True
    elif first.tag_ in ("VVB", "VVI") and (at == sentence.start or doc[at - 1].text in ",;:"):
        mood = Mood.IMPERATIVE
    else:
        mood = Mood.FINITE
    return _Item(_Sort.VERB, at, end, word=main.lower_, main=main.i, mood=mood, passive=passive)


def noun_phrases(sentence: Span) -> list[Span]:
    """Return the noun phrases of a tagged sentence, without articles, in order; those in brackets too."""
    known = sentence.doc.user_data.setdefault(_PHRASES, {})
    if sentence.start not in known:
        known[sentence.start] = _read_phrases(sentence)
    return [sentence.doc[start:end] for start, end in known[sentence.start]]


def _read_phrases(sentence: Span) -> list[tuple[int, int]]:
    found, at = [], sentence.start
    while at < min(sentence.end, sentence.start + MAX_TOKENS):
        item = _item(sentence, at)
        if item is not None and item.sort is _Sort.NOUN:
            found.append((item.start, item.end))
        at = max(at + 1, item.end if item is not None else 0)
    return found


def noun_group_after(sentence: Span, at: int) -> list[Span]:
    """Return the noun phrases, joined by commas and "and", that begin right after token ``at - 1``."""
    items = [item for item in _items(sentence) if item.start >= at]
    while items and items[0].sort in (_Sort.BREAK, _Sort.COMMA):
        items.pop(0)  # "such as:", "for example,"
    if not items or items[0].sort is not _Sort.NOUN:
        return []
    return [sentence.doc[one.start : one.end] for one in _group(_unwrapped(items, sentence))]


def noun_group_before(sentence: Span, at: int) -> list[Span]:
    """Return the noun phrase before token ``at``, or the head of "A with B", or both of "A and B"."""
    items = [item for item in _items(sentence) if item.end <= at]
    while items and items[-1].sort in (_Sort.COMMA, _Sort.BREAK):
        items.pop()
    return [sentence.doc[one.start : one.end] for one in _before(items, len(items), sentence)]


def prepositions(sentence: Span) -> list[tuple[Span, str, Span]]:
    """Return "A for B", "A with B", "A or B" as (A, word, B), where both stand side by side."""
    if len(sentence) > MAX_TOKENS:
        return []
    items = _items(sentence)
    doc = sentence.doc
    found = []
    for one, word, other in zip(items, items[1:], items[2:], strict=False):
        if one.sort is _Sort.NOUN and other.sort is _Sort.NOUN:
            if word.sort is _Sort.PREPOSITION:
                found.append((doc[one.start : one.end], word.word, doc[other.start : other.end]))
            elif word.sort is _Sort.AND and doc[word.start].lower_ in ("or", "/"):
                found.append((doc[one.start : one.end], "or", doc[other.start : other.end]))
    return found

"""Who does what to whom in a sentence: a shallow reading of its noun phrases and verb groups.

There is no parser here. What stands between two verbs is read by a few habits of technical English: a
subject stands before its verb, "and" goes on with it, "which" goes back to the last noun, "use X to ..."
says what X does. Where these do not settle a phrase, nothing is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extract.items import AGENT, Item, Mood, Phrase, Sentence, Sort
from extract.lexicon import ENABLING, HEDGES, NOTHING_OF, USING, VERBS, verb_lemma

_MOST = 8  # names joined by commas and "and"; a longer run is no coordination of ends


@dataclass(frozen=True, slots=True)
class Clause:
    """A verb with its ends. ``label`` says what it states (see ``[verbs]`` in the lexicon)."""

    label: str
    lemma: str  # of the verb, with the word that belongs to it: "rely on"
    subjects: tuple[Phrase, ...]  # empty where the sentence leaves it out, or says "it"
    objects: tuple[Phrase, ...]
    mood: Mood
    negated: bool
    hedged: bool
    pronoun: bool  # the subject is "it", "this" or "this approach"
    object_pronoun: bool = False


def clauses(sentence: Sentence) -> list[Clause]:
    """Return what the verbs of a tagged sentence state, in order; a passive one is turned round."""
    items = sentence.items
    found: list[Clause] = []
    subject: tuple[tuple[Item, ...], bool] = ((), False)
    for at, item in enumerate(items):
        if item.sort is not Sort.VERB:
            continue
        subject = _subject(items, at, subject)
        clause = _clause(items, at, subject, sentence)
        if clause is not None:
            found.append(clause)
    return found


def _clause(
    items: Sequence[Item], at: int, subject: tuple[tuple[Item, ...], bool], sentence: Sentence
) -> Clause | None:
    item, words = items[at], sentence.words
    lemma, end = _lemma(item, sentence)
    if lemma not in VERBS:
        return None
    objects, pronoun = _objects(items, at, end, sentence, item)
    left = tuple(sentence.words.phrase(one.start, one.end) for one in subject[0])
    right = tuple(objects)
    end = max(item.end, end)
    return Clause(
        label=VERBS[lemma],
        lemma=lemma,
        subjects=right if item.passive else left,
        objects=left if item.passive else right,
        mood=item.mood,
        negated=words.negate(max(sentence.start, item.start - 2), end)
        or _no_before([*left, *right], sentence),
        hedged=not HEDGES.isdisjoint(words.lower[item.start : end]),
        pronoun=subject[1] and not item.passive,
        object_pronoun=pronoun,
    )


def _no_before(phrases: Sequence[Phrase], sentence: Sentence) -> bool:
    """Whether "no" or "without" stands before an end: "needs no schema" needs none."""
    return any(
        phrase.start > sentence.start
        and sentence.words.lower[phrase.start - 1] in ("no", "without", "neither", "nor")
        for phrase in phrases
    )


# --- subjects


def _subject(
    items: Sequence[Item], at: int, last: tuple[tuple[Item, ...], bool]
) -> tuple[tuple[Item, ...], bool]:
    """Return the noun phrases that a verb is said of, and whether it is a pronoun instead."""
    item = items[at]
    before = items[at - 1] if at else None
    if item.mood is Mood.PARTICIPLE:
        near = _nearest(items, at)
        return ((near,), False) if near is not None else ((), False)
    if item.mood in (Mood.INFINITIVE, Mood.GERUND):
        means = _means(items, at)
        return (means, False) if means else last
    if before is None:
        return (), False
    if before.sort is Sort.RELATIVE:
        near = _nearest(items, at - 1)
        return ((near,), False) if near is not None else ((), False)
    if before.sort is Sort.AND or (
        before.sort is Sort.COMMA and at > 1 and _since(items, at, Sort.VERB) is not None
    ):
        return last  # "improves recall and reduces latency"
    if before.sort is Sort.PRONOUN:
        return (), before.word in ("it", "they", "this", "these", "that")
    return _before(items, at), False


def _before(items: Sequence[Item], at: int) -> tuple[Item, ...]:
    """Return the noun phrases before a finite verb: the head of "A with B", or both of "A and B"."""
    start = at
    while start > 0 and items[start - 1].sort not in (
        Sort.VERB,
        Sort.BREAK,
        Sort.CONJUNCTION,
        Sort.RELATIVE,
    ):
        start -= 1
    run = list(items[start:at])
    if start > 0 and items[start - 1].sort is Sort.VERB:
        gerund = items[start - 1]
        run = _after_object(run)
        if gerund.mood is Mood.GERUND and _opens(items, start - 1) and not run:
            return _using(items, start - 1)
    segments = _split(run)
    if not segments:
        return ()
    own = segments[-1]
    head = _head(own)
    if head is None:
        return ()
    group = [head]
    # "A, B and C reduce": what stands before the commas is coordinated where "and" closes the list.
    if any(one.sort is Sort.AND for one in own):
        parts = _coordinated(own)
        group = parts or group
        if (len(own) > 1 and own[0].sort is Sort.AND) or parts:
            for segment in reversed(segments[:-1]):
                if len(segment) != 1 or segment[0].sort is not Sort.NOUN:
                    break
                group.insert(0, segment[0])
    return tuple(group[:_MOST])


def _after_object(run: list[Item]) -> list[Item]:
    """Leave out the object of an earlier verb: a new subject stands after a comma or "and"."""
    for place, item in enumerate(run):
        if item.sort is Sort.COMMA or item.sort is Sort.AND:
            rest = run[place + 1 :]
            if rest and rest[0].sort is Sort.NOUN:
                return rest
    return []


def _split(run: Sequence[Item]) -> list[list[Item]]:
    segments: list[list[Item]] = [[]]
    for item in run:
        if item.sort is Sort.COMMA:
            segments.append([])
        else:
            segments[-1].append(item)
    return [segment for segment in segments if segment]


def _head(segment: Sequence[Item]) -> Item | None:
    """Return the noun that "A of B" or "A with B" is about; None where it opens with a preposition."""
    rest = list(segment)
    while rest and rest[0].sort in (Sort.AND, Sort.CONJUNCTION):
        rest.pop(0)
    return rest[0] if rest and rest[0].sort is Sort.NOUN else None


def _coordinated(segment: Sequence[Item]) -> list[Item]:
    """Return "A" and "B" of "A and B"; what a preposition governs goes with the noun before it."""
    names: list[Item] = []
    free = True
    for item in segment:
        if item.sort is Sort.NOUN and free:
            names.append(item)
            free = False
        elif item.sort is Sort.AND:
            free = True
        elif item.sort is Sort.PREPOSITION:
            free = False
    return names


def _nearest(items: Sequence[Item], at: int) -> Item | None:
    """Return the noun phrase right before ``items[at]``, a comma between them allowed."""
    place = at - 1
    if place >= 0 and items[place].sort is Sort.COMMA:
        place -= 1
    return items[place] if place >= 0 and items[place].sort is Sort.NOUN else None


def _since(items: Sequence[Item], at: int, sort: Sort) -> Item | None:
    for item in reversed(items[:at]):
        if item.sort in (Sort.BREAK, Sort.RELATIVE, Sort.CONJUNCTION):
            return None
        if item.sort is sort:
            return item
    return None


def _means(items: Sequence[Item], at: int) -> tuple[Item, ...]:
    """Return X of "use X to ..." and of "to ..., use X"."""
    before = _since(items, at, Sort.VERB)
    if before is not None and verb_lemma(before.word) in USING | ENABLING:
        place = items.index(before)
        between = items[place + 1 : at]
        if between and all(
            one.sort in (Sort.NOUN, Sort.AND, Sort.COMMA, Sort.PREPOSITION) for one in between
        ):
            return tuple(_group(between)) if verb_lemma(before.word) in USING else ()
    if items[at].mood is Mood.INFINITIVE and _opens(items, at):
        for place in range(at + 1, len(items)):
            item = items[place]
            if item.sort is Sort.VERB:
                if verb_lemma(item.word) in USING and item.mood is Mood.IMPERATIVE:
                    return tuple(_group(items[place + 1 :]))
                return ()
    return ()


def _using(items: Sequence[Item], at: int) -> tuple[Item, ...]:
    """Return X of "using X improves ..."."""
    if verb_lemma(items[at].word) not in USING:
        return ()
    return tuple(_group(items[at + 1 :]))


def _opens(items: Sequence[Item], at: int) -> bool:
    return all(one.sort in (Sort.COMMA, Sort.CONJUNCTION) for one in items[:at])


# --- objects


def _objects(
    items: Sequence[Item], at: int, end: int, sentence: Sentence, verb: Item
) -> tuple[list[Phrase], bool]:
    rest = [one for one in items[at + 1 :] if one.start >= end or one.end > end]
    if verb.passive:
        rest = _agent(rest)
    if not rest:
        return [], False
    if rest[0].sort is Sort.PRONOUN:
        return [], rest[0].word in ("it", "them", "this", "these", "both")
    if rest[0].sort is not Sort.NOUN:
        return [], False
    return [sentence.words.phrase(one.start, one.end) for one in _group(_unwrapped(rest, sentence))], False


def _agent(rest: Sequence[Item]) -> list[Item]:
    """Return what follows "by" or "with" after a passive verb, nothing else."""
    if rest and rest[0].sort is Sort.PREPOSITION and rest[0].word in AGENT:
        return list(rest[1:])
    if rest and rest[0].sort is Sort.VERB and rest[0].word == "using":
        return list(rest[1:])
    return []


def _unwrapped(rest: Sequence[Item], sentence: Sentence) -> list[Item]:
    """Go from "the risk of hallucination" to what it is of."""
    items = list(rest)
    while (
        len(items) > 2
        and items[0].sort is Sort.NOUN
        and items[1].sort is Sort.PREPOSITION
        and items[1].word in ("of", "to", "from")
        and items[2].sort is Sort.NOUN
        and sentence.words.lower[items[0].end - 1] in NOTHING_OF
    ):
        items = items[2:]
    return items


def _group(items: Sequence[Item]) -> list[Item]:
    """Return the first noun phrase and those that commas and "and" join to it, up to the next verb."""
    names: list[Item] = []
    joined = True
    for place, item in enumerate(items):
        if item.sort is Sort.NOUN:
            if not joined:
                break
            after = items[place + 1] if place + 1 < len(items) else None
            subject = after is not None and after.sort is Sort.VERB and after.mood is Mood.FINITE
            if names and subject:
                break  # "improves recall, and latency grows": latency begins a clause of its own
            names.append(item)
            joined = False
        elif item.sort in (Sort.COMMA, Sort.AND) and names:
            joined = True
        else:
            break
    return names[:_MOST]


def _lemma(item: Item, sentence: Sentence) -> tuple[str, int]:
    """Return the verb's base form with the particle that belongs to it, and where both end."""
    lemma = verb_lemma(item.word)
    if lemma is None:
        return "", item.end
    after = item.main + 1
    for stop in (after + 2, after + 1):
        if stop <= sentence.end:
            longer = f"{lemma} {sentence.words.phrase(after, stop).text.lower()}"
            if longer in VERBS:
                return longer, stop
    return lemma, item.end


def noun_group_after(sentence: Sentence, at: int) -> list[Phrase]:
    """Return the noun phrases, joined by commas and "and", that begin right after token ``at - 1``."""
    items = [item for item in sentence.items if item.start >= at]
    while items and items[0].sort in (Sort.BREAK, Sort.COMMA):
        items.pop(0)  # "such as:", "for example,"
    if not items or items[0].sort is not Sort.NOUN:
        return []
    return [sentence.words.phrase(one.start, one.end) for one in _group(_unwrapped(items, sentence))]


def noun_group_before(sentence: Sentence, at: int) -> list[Phrase]:
    """Return the noun phrase before token ``at``, or the head of "A with B", or both of "A and B"."""
    items = [item for item in sentence.items if item.end <= at]
    while items and items[-1].sort in (Sort.COMMA, Sort.BREAK):
        items.pop()
    return [sentence.words.phrase(one.start, one.end) for one in _before(items, len(items))]


def prepositions(sentence: Sentence) -> list[tuple[str, str, str]]:
    """Return "A for B", "A with B", "A or B" as (A, word, B), where both stand side by side."""
    items, words = sentence.items, sentence.words
    found = []
    for one, between, other in zip(items, items[1:], items[2:], strict=False):
        if one.sort is not Sort.NOUN or other.sort is not Sort.NOUN:
            continue
        either = between.sort is Sort.AND and words.lower[between.start] in ("or", "/")
        if either or between.sort is Sort.PREPOSITION:
            left, right = words.phrase(one.start, one.end), words.phrase(other.start, other.end)
            found.append((left.text, "or" if either else between.word, right.text))
    return found

"""Pairs of entities that claims tie in one passage, with all that is said there of how."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from extract.lexicon import EVALUATIVE, GENERIC_HEADS, asks
from extract.link import Found, NameIndex, Spot, needs_context
from extract.mentions import stretches
from extract.types import sense_of
from extract.vocabulary import NAMED_WHOLE
from kg.model import Entity, Evidence, Passage, RelationClaim, RelationType
from kg.names import WORD, fold_word

_ARTICLES = frozenset(
    {"a", "an", "the", "its", "your", "their", "our", "both", "this", "that", "these", "each"}
)
_SURE = (
    "tie",
    "verb",
    "heading",
    "section",
    "table",
    "front",
    "code",
)  # rules that know which end is the source
_NEGLIGIBLE = 40  # finds of one pair in one passage that are looked at


@dataclass(frozen=True, slots=True)
class End:
    """An entity that a phrase names, and how: all of it, as its head, or only within it."""

    entity_id: str
    fit: str  # "whole", "head" or "inside"


@dataclass(frozen=True, slots=True)
class Tied:
    """A claim whose phrases are resolved."""

    claim: RelationClaim
    source: End
    target: End


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities that one passage ties; the most telling claim goes from source to target."""

    source_id: str
    target_id: str
    claims: tuple[Tied, ...]  # the most telling first
    evidence: tuple[Evidence, ...]  # likewise; never empty
    rules: tuple[str, ...]  # that found it, sorted
    features: frozenset[str]

    def evidence_for(self, type_: RelationType) -> Evidence:
        """Return the words that say so best: those of a claim of this very type, if there is one."""
        return next(
            (tied.claim.evidence for tied in self.claims if tied.claim.type is type_), self.evidence[0]
        )


@dataclass(frozen=True, slots=True)
class Near:
    """Two entities that one sentence, item or row names, in the order in which it does."""

    source_id: str
    target_id: str
    between: str
    first: bool  # the earlier one opens the stretch
    shape: str  # "row", "item" or "prose"
    names: int  # that the stretch has, at most ``_STRETCH``
    evidence: Evidence


_STRETCH = 12  # names in one sentence; a longer list says nothing of each pair
_FAR = 160  # characters between two names
_CLOSE = 40  # likewise, of two that nothing but standing together ties: farther apart, few are


def near(passage: Passage, found: Sequence[Found], asked: Callable[[str, str, int], bool]) -> Iterator[Near]:
    """Yield the pairs that stand in one sentence, item or row, if ``asked`` for with their distance."""
    text = passage.text
    for start, end in stretches(text):
        inside = [one for one in found if start <= one.start < end][:_STRETCH]
        quote = text[start:end].strip()
        if len(inside) < 2 or asks(quote):
            continue
        evidence = Evidence(passage_id=passage.id, quote=quote)
        shape = (
            "row"
            if quote.startswith("|")
            else "item"
            if _ITEM.match(text, start - 4 if start > 3 else 0)
            else "prose"
        )
        opening = _FRINGE.match(text, start)
        opens = opening.end() if opening else start
        for place, one in enumerate(inside):
            for other in inside[place + 1 :]:
                distance = other.start - one.end
                if distance <= _FAR and asked(one.target, other.target, distance):
                    yield Near(
                        one.target,
                        other.target,
                        text[one.end : other.start],
                        one.start <= opens + 4,
                        shape,
                        len(inside),
                        evidence,
                    )


def _near_features(near: Sequence[Near], source_id: str) -> Iterator[str]:
    for one in near:
        way = ">" if one.source_id == source_id else "<"
        words = [word.casefold() for word in WORD.findall(one.between)]
        yield f"near:{one.shape}{way}"
        yield f"start:{one.first}{way}"
        yield f"gap:{min(len(words), 12) // 2}"
        yield f"names:{one.names // 2}"
        marks = "".join(dict.fromkeys(mark for mark in one.between if mark in ":;|()\u2014\u2013,/"))
        yield f"marks:{marks}{way}"
        if words and _DEFINED.match(one.between):
            opening = words[0] if words[0] in _ARTICLES else "ing" if words[0].endswith("ing") else "other"
            yield f"opens:{opening}{way}"
            yield f"opens:{opening}:{min(len(words), 6)}{way}"
        if len(words) <= 3:
            yield f"between:{' '.join(words)}:{marks}{way}"
        for word in words[:10]:
            yield f"word:{fold_word(word)}{way}"


_ITEM = re.compile(r"[\s>]*(?:[-*+]|\d+[.)])\s")
# "**Temperature sampling** | Dividing logits by ...": an article says what it is, a participle what it does.
_DEFINED = re.compile(r"[\s*_`)]*(?:[|:\u2014\u2013]|-\s)")
_FRINGE = re.compile(r"[\s|*_`>#-]*")


class PairReader:
    """Resolves the phrases of claims and gathers what they say by pair and passage."""

    def __init__(
        self,
        index: NameIndex,
        ids: Mapping[str, str],
        entities: Mapping[str, Entity],
        contexts: Mapping[str, str],
        catalogued: Mapping[tuple[str, str], Sequence[RelationType]],
        curated: Collection[str],
        sure: Collection[str],
    ) -> None:
        self._index = index
        self._ids = ids  # what the index finds, to entity id
        self._entities = entities
        self._contexts = contexts  # passage id to the words around a phrase, which tell homonyms apart
        self._catalogued = catalogued  # what the catalogue says of a pair
        self._curated = curated  # ids of entities that the catalogue knows
        self._sure = sure  # ids of entities whose names are no chance finds
        self._spots: dict[str, tuple[list[Spot], bool]] = {}  # by phrase; whether words around it matter
        self._ends: dict[tuple[str, str], End | None] = {}

    def pairs(
        self, claims: Iterable[RelationClaim], passages: Iterable[tuple[Passage, Sequence[Found]]]
    ) -> Iterator[Pair]:
        """Yield each pair of entities of each passage, by passage and the entities' ids.

        Args:
            claims: that tie two phrases.
            passages: with the entities that each names; what is found are their ids.
        """
        found: dict[tuple[str, str, str], list[tuple[RelationClaim, End, End]]] = defaultdict(list)
        for claim in claims:
            source = self.end(claim.source, claim.evidence.passage_id)
            target = self.end(claim.target, claim.evidence.passage_id)
            if source is None or target is None or source.entity_id == target.entity_id:
                continue
            ends = _ordered(source.entity_id, target.entity_id)
            found[claim.evidence.passage_id, *ends].append((claim, source, target))
        together: dict[tuple[str, str, str], list[Near]] = defaultdict(list)
        for passage, names in passages:
            for each in near(passage, names, partial(self._tells, found, passage.id)):
                together[passage.id, *_ordered(each.source_id, each.target_id)].append(each)
        for spot in sorted(found.keys() | together.keys()):
            yield self._pair(found[spot][:_NEGLIGIBLE], together[spot][:_NEGLIGIBLE])

    def _tells(
        self, found: Container[tuple[str, str, str]], passage_id: str, a: str, b: str, distance: int
    ) -> bool:
        """Whether it tells that two names stand together: they are sure, known as a pair, or claimed."""
        if a == b:
            return False
        if (a, b) in self._catalogued or (b, a) in self._catalogued:
            return True
        alone = distance <= _CLOSE and a in self._sure and b in self._sure
        return alone or (passage_id, *_ordered(a, b)) in found

    def end(self, phrase: str, passage_id: str) -> End | None:
        """Return what a noun phrase names: the name that it ends in, or the last one within it."""
        if phrase not in self._spots:
            spots = self._index.spots(phrase)
            self._spots[phrase] = (spots, needs_context(spots))
        spots, homonym = self._spots[phrase]
        asked = (phrase, passage_id if homonym else "")
        if asked not in self._ends:
            context = self._contexts.get(passage_id, "") if homonym else ""
            found = [
                one
                for one in self._index.choose(spots, phrase, context=context)
                if self._entities[self._ids[one.target]].kind not in NAMED_WHOLE
            ]
            self._ends[asked] = _fitting(phrase, found, self._ids) if found else None
        return self._ends[asked]

    def _pair(self, found: list[tuple[RelationClaim, End, End]], near: list[Near]) -> Pair:
        found.sort(
            key=lambda one: (
                _rank(one[0].rule),
                -one[0].confidence,
                one[0].rule,
                one[0].evidence,
                one[0].source,
            )
        )
        if found:
            source_id, target_id = found[0][1].entity_id, found[0][2].entity_id
        else:
            source_id, target_id = near[0].source_id, near[0].target_id
        features = {*self._features(found, source_id, target_id), *_near_features(near, source_id)}
        evidence = dict.fromkeys(
            [*(claim.evidence for claim, _, _ in found), *(one.evidence for one in near)]
        )
        rules = tuple(sorted({claim.rule for claim, _, _ in found} | ({"near"} if near else set())))
        a, b = self._entities[source_id].kind.value, self._entities[target_id].kind.value
        features.update(
            [f"{one}|{a},{b}" for one in features if one.startswith(("between:", "near:", "start:"))]
        )
        return Pair(
            source_id,
            target_id,
            tuple(Tied(*one) for one in found),
            tuple(evidence),
            rules,
            frozenset(features),
        )

    def _features(
        self, found: Sequence[tuple[RelationClaim, End, End]], source_id: str, target_id: str
    ) -> Iterator[str]:
        a, b = self._entities[source_id].kind.value, self._entities[target_id].kind.value
        told = f"{_told(source_id in self._curated)},{_told(target_id in self._curated)}"
        yield f"kinds:{a},{b}"
        yield f"told:{told}"
        yield f"a:{a}"
        yield f"b:{b}"
        for name, key in (("known", (source_id, target_id)), ("known-back", (target_id, source_id))):
            for type_ in self._catalogued.get(key, ()):
                yield f"{name}:{type_}"
        senses = {it: sense_of(self._entities[it]) for it in (source_id, target_id)}
        for claim, source, target in found:
            way = ">" if source.entity_id == source_id else "<"
            rule, _, verb = claim.rule.partition(":")
            sort = rule.split("-")[0]
            fits = f"{source.fit},{target.fit}"
            yield f"{rule}{way}"
            yield f"{rule}{way}|{a},{b}"
            yield f"{rule}{way}|b:{b}"
            yield f"{rule}{way}|a:{a}"
            yield f"{rule}{way}|{senses[target.entity_id]}"
            yield f"{rule}{way}|{fits}"
            yield f"{sort}{way}|{fits}"
            yield f"{sort}{way}|{told}"
            yield f"{sort}{way}|{a},{b}"
            if verb:
                yield f"verb:{verb}{way}"
                yield f"verb:{verb}{way}|{senses[target.entity_id]}"
        yield f"finds:{min(len(found), 4)}"
        heads = [self._entities[it].name.casefold().split()[-1] for it in (source_id, target_id)]
        if heads[0] == heads[1]:
            yield "same-head"
            names = [self._entities[it].name.casefold() for it in (source_id, target_id)]
            if names[0].endswith(" " + names[1]):
                yield "a-extends-b"
        yield f"b-head:{heads[1]}"
        yield f"a-head:{heads[0]}"


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _told(curated: bool) -> str:
    return "known" if curated else "new"


def _rank(rule: str) -> int:
    head = rule.split("-")[0]
    return _SURE.index(head) if head in _SURE else len(_SURE)


def _fitting(phrase: str, found: Sequence[Found], ids: Mapping[str, str]) -> End:
    last = found[-1]
    after = [word.casefold() for word in WORD.findall(phrase[last.end :])]
    before = [word.casefold() for word in WORD.findall(phrase[: last.start])]
    if any(word not in GENERIC_HEADS for word in after):
        return End(ids[last.target], "inside")
    extra = [word for word in before if word not in _ARTICLES and word not in EVALUATIVE]
    return End(ids[last.target], "head" if extra else "whole")

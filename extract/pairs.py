"""Pairs of entities that claims tie in one passage, with all that is said there of how."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from extract.lexicon import EVALUATIVE, GENERIC_HEADS, asks
from extract.link import Found, NameIndex, Spot, needs_context
from extract.mentions import stretches
from extract.naming import LONGEST_HEADING
from extract.positions import Above, Position, position_features, positions, telling_words
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
class NamedPassage:
    """A passage with the entities that it and the headings next above it name, by id."""

    passage: Passage
    found: Sequence[Found]
    above: Sequence[Above]


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


def near(
    passage: Passage,
    found: Sequence[Found],
    spans: Iterable[tuple[int, int]],
    asked: Callable[[str, str, int], bool],
) -> Iterator[Near]:
    """Yield the pairs that stand in one sentence, item or row, if ``asked`` for with their distance."""
    text = passage.text
    for start, end in spans:
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


def _near_features(near: Sequence[Near], source_id: str, kinds: str) -> Iterator[str]:
    for one in near:
        way = ">" if one.source_id == source_id else "<"
        words = [word.casefold() for word in WORD.findall(one.between)]
        yield f"near:{one.shape}{way}"
        yield f"near:{one.shape}{way}|{kinds}"
        yield f"start:{one.first}{way}"
        yield f"start:{one.first}{way}|{kinds}"
        yield f"gap:{min(len(words), 12) // 2}"
        yield f"names:{one.names // 2}"
        marks = "".join(dict.fromkeys(mark for mark in one.between if mark in ":;|()\u2014\u2013,/"))
        yield f"marks:{marks}{way}"
        if words and _DEFINED.match(one.between):
            opening = words[0] if words[0] in _ARTICLES else "ing" if words[0].endswith("ing") else "other"
            yield f"opens:{opening}{way}"
            yield f"opens:{opening}:{min(len(words), 6)}{way}"
        if len(words) <= 3:
            between = f"between:{' '.join(words)}:{marks}{way}"
            yield between
            yield f"{between}|{kinds}"
        for word in words[:10]:
            yield f"word:{fold_word(word)}{way}"


_ITEM = re.compile(r"[\s>]*(?:[-*+]|\d+[.)])\s")
# "**Temperature sampling** | Dividing logits by ...": an article says what it is, a participle what it does.
_DEFINED = re.compile(r"[\s*_`)]*(?:[|:\u2014\u2013]|-\s)")
_FRINGE = re.compile(r"[\s|*_`>#-]*")


@dataclass(frozen=True, slots=True)
class _Traits:
    """What an entity's name and kind tell of its relations."""

    name: str  # in small letters
    head: str  # the last word of the name
    kind: str
    sense: str
    told: str  # "known" to the catalogue, or "new"


@dataclass(frozen=True, slots=True)
class _Under:
    """Two entities of which a heading names one, and what is below it, or a heading too, the other."""

    source_id: str
    target_id: str
    evidence: Evidence


@dataclass(slots=True)
class _Ties:
    """What ties two entities in one passage."""

    claims: list[tuple[RelationClaim, End, End]] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    under: _Under | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where the names of one passage stand."""

    passage_id: str = ""
    places: Mapping[str, Sequence[Position]] = field(default_factory=dict)
    above: Mapping[str, Above] = field(default_factory=dict)
    topic: Collection[str] = ()  # the words of its own heading

    @classmethod
    def of(cls, passage_id: str, named: NamedPassage | None) -> _Standing:
        """Find out where they stand; a passage that names fewer than two has nothing to tell."""
        if named is None:
            return cls(passage_id)
        return cls(
            passage_id,
            positions(named.passage.text, named.found),
            {one.target: one for one in named.above},
            telling_words(named.passage.headings[-1][:LONGEST_HEADING]) if named.passage.headings else (),
        )


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
        self._of_entity: dict[str, _Traits] = {}

    def pairs(self, claims: Iterable[RelationClaim], passages: Iterable[NamedPassage]) -> Iterator[Pair]:
        """Yield each pair of entities of each passage, by passage and the entities' ids.

        Args:
            claims: that tie two phrases.
            passages: that name two entities or more, each once.
        """
        ties: dict[tuple[str, str, str], _Ties] = defaultdict(_Ties)
        for claim in claims:
            source = self.end(claim.source, claim.evidence.passage_id)
            target = self.end(claim.target, claim.evidence.passage_id)
            if source is None or target is None or source.entity_id == target.entity_id:
                continue
            ends = _ordered(source.entity_id, target.entity_id)
            ties[claim.evidence.passage_id, *ends].claims.append((claim, source, target))
        claimed = frozenset(ties)
        by_id: dict[str, NamedPassage] = {}
        for named in passages:
            passage = named.passage
            by_id[passage.id] = named
            spans = stretches(passage.text)
            for each in near(passage, named.found, spans, partial(self._tells, claimed, passage.id)):
                ties[passage.id, *_ordered(each.source_id, each.target_id)].near.append(each)
            for under in self._under(named, spans):
                ties[passage.id, *_ordered(under.source_id, under.target_id)].under = under
        standing = _Standing()
        for spot in sorted(ties):
            if standing.passage_id != spot[0]:
                standing = _Standing.of(spot[0], by_id.get(spot[0]))
            yield self._pair(ties[spot], standing)

    def _under(self, named: NamedPassage, spans: Sequence[tuple[int, int]]) -> Iterator[_Under]:
        """Yield the pairs of a name in a heading above with those in the text, or in the heading above that.

        The name in the nearest heading is the source; the words are those of the text, or the heading.
        """
        above = [one for one in named.above if one.target in self._sure]
        if not above:
            return
        text = named.passage.text
        starts = [start for start, _ in spans]
        first: dict[str, int] = {}  # by target, the stretch that names it first
        for found in named.found:
            if found.target in self._sure and found.target not in first:
                first[found.target] = max(0, bisect_right(starts, found.start) - 1)
        quotes: dict[int, Evidence] = {}  # one for all that a stretch names: it may be long
        below = [*({one.target: None for one in above} | first).items()]
        for place, one in enumerate(above):
            heading = Evidence(passage_id=named.passage.id, quote=one.heading)
            for target, stretch in below[place + 1 :]:
                # Of what a farther heading names, next to nothing is said that is not known in general.
                if one.level > 0 and not self._knows(one.target, target):
                    continue
                if stretch is None:
                    yield _Under(one.target, target, heading)
                    continue
                if stretch not in quotes:
                    start, end = spans[stretch]
                    quote = text[start:end].strip()
                    quotes[stretch] = Evidence(passage_id=named.passage.id, quote=quote)
                yield _Under(one.target, target, quotes[stretch])

    def _tells(
        self, found: Container[tuple[str, str, str]], passage_id: str, a: str, b: str, distance: int
    ) -> bool:
        """Whether it tells that two names stand together: they are sure, known as a pair, or claimed."""
        if a == b:
            return False
        if self._knows(a, b):
            return True
        alone = distance <= _CLOSE and a in self._sure and b in self._sure
        return alone or (passage_id, *_ordered(a, b)) in found

    def _knows(self, a: str, b: str) -> bool:
        return (a, b) in self._catalogued or (b, a) in self._catalogued

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

    def _pair(self, ties: _Ties, standing: _Standing) -> Pair:
        found, near, under = ties.claims, ties.near[:_NEGLIGIBLE], ties.under
        found.sort(
            key=lambda one: (
                _rank(one[0].rule),
                -one[0].confidence,
                one[0].rule,
                one[0].evidence,
                one[0].source,
            )
        )
        del found[_NEGLIGIBLE:]
        if found:
            source_id, target_id = found[0][1].entity_id, found[0][2].entity_id
        else:
            first = near[0] if near else under
            assert first is not None, "something ties each pair"
            source_id, target_id = first.source_id, first.target_id
        evidence = dict.fromkeys(
            [
                *(claim.evidence for claim, _, _ in found),
                *(one.evidence for one in near),
                *([under.evidence] if under else ()),
            ]
        )
        together = [name for name, tie in (("near", near), ("under", under)) if tie]
        rules = tuple(sorted({claim.rule for claim, _, _ in found}.union(together)))
        kinds = f"{self._traits(source_id).kind},{self._traits(target_id).kind}"
        stands = list(position_features(source_id, target_id, kinds, standing.places, standing.above))
        known = list(self._known_features(source_id, target_id))
        features = {*self._features(found, source_id, target_id), *_near_features(near, source_id, kinds)}
        features.update(stands, known, [f"topic:{word}|{kinds}" for word in standing.topic])
        if known:
            ways = ["+".join([*(["claim"] if found else []), *together])]
            ways.extend([one for one in stands if one.startswith("at:") and "|" not in one])
            features.update([f"{one}|{way}" for one in known for way in ways])
        return Pair(
            source_id,
            target_id,
            tuple(Tied(*one) for one in found),
            tuple(evidence),
            rules,
            frozenset(features),
        )

    def _known_features(self, source_id: str, target_id: str) -> Iterator[str]:
        for name, key in (("known", (source_id, target_id)), ("known-back", (target_id, source_id))):
            yield from (f"{name}:{type_}" for type_ in self._catalogued.get(key, ()))

    def _features(
        self, found: Sequence[tuple[RelationClaim, End, End]], source_id: str, target_id: str
    ) -> Iterator[str]:
        a, b = self._traits(source_id), self._traits(target_id)
        told = f"{a.told},{b.told}"
        kinds = f"{a.kind},{b.kind}"
        yield f"kinds:{kinds}"
        yield f"told:{told}"
        yield f"a:{a.kind}"
        yield f"b:{b.kind}"
        for claim, source, target in found:
            way = ">" if source.entity_id == source_id else "<"
            rule, _, verb = claim.rule.partition(":")
            sort = rule.split("-")[0]
            fits = f"{source.fit},{target.fit}"
            sense = (b if target.entity_id == target_id else a).sense
            yield f"{rule}{way}"
            yield f"{rule}{way}|{kinds}"
            yield f"{rule}{way}|b:{b.kind}"
            yield f"{rule}{way}|a:{a.kind}"
            yield f"{rule}{way}|{sense}"
            yield f"{rule}{way}|{fits}"
            yield f"{sort}{way}|{fits}"
            yield f"{sort}{way}|{told}"
            yield f"{sort}{way}|{kinds}"
            if verb:
                yield f"verb:{verb}{way}"
                yield f"verb:{verb}{way}|{sense}"
        yield f"finds:{min(len(found), 4)}"
        if a.head == b.head:
            yield "same-head"
            if a.name.endswith(" " + b.name):
                yield "a-extends-b"
        yield f"heads:{a.head},{b.head}"
        yield f"b-head:{b.head}"
        yield f"a-head:{a.head}"

    def _traits(self, entity_id: str) -> _Traits:
        """Return what an entity's name and kind tell, once found out."""
        if entity_id not in self._of_entity:
            entity = self._entities[entity_id]
            name = entity.name.casefold()
            self._of_entity[entity_id] = _Traits(
                name=name,
                head=name.split()[-1],
                kind=entity.kind.value,
                sense=sense_of(entity),
                told="known" if entity_id in self._curated else "new",
            )
        return self._of_entity[entity_id]


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


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

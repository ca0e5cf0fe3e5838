"""What a pair of entities in one passage is weighed by."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from extract.naming import LONGEST_HEADING
from extract.positions import Above, Position, positions, telling_words
from extract.ties import NamedPassage, Near, Tied, Ties
from extract.types import sense_of
from kg.model import Entity, RelationType
from kg.names import WORD, fold_word

_FAR = 5  # blocks
_WORDS = 10  # between two names
_FEW = 3  # words between two names that are looked at as a whole


@dataclass(frozen=True, slots=True)
class Traits:
    """What an entity's name and kind tell of its relations."""

    name: str  # in small letters
    kind: str
    sense: str
    told: str  # "known" to the catalogue, or "new"

    @classmethod
    def of(cls, entity: Entity, *, curated: bool) -> Traits:
        """Find out what an entity's name tells; ``curated`` is one that the catalogue knows."""
        told = "known" if curated else "new"
        return cls(entity.name.casefold(), entity.kind.value, sense_of(entity), told)

    @property
    def head(self) -> str:
        """The last word of the name."""
        return self.name.split()[-1]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the names of one passage stand."""

    passage_id: str = ""
    places: Mapping[str, Sequence[Position]] = field(default_factory=dict)
    above: Mapping[str, Above] = field(default_factory=dict)
    topic: Collection[str] = ()  # the words of its own heading

    @classmethod
    def of(cls, passage_id: str, named: NamedPassage | None) -> Standing:
        """Find out where they stand; a passage that names fewer than two has nothing to tell."""
        if named is None:
            return cls(passage_id)
        headings = named.passage.headings
        return cls(
            passage_id,
            positions(named.passage, named.found),
            {one.target: one for one in named.above},
            telling_words(headings[-1][:LONGEST_HEADING]) if headings else (),
        )


@dataclass(frozen=True, slots=True)
class Ends:
    """The two entities of a pair, in the order of its relation."""

    source_id: str
    target_id: str
    a: Traits
    b: Traits

    @property
    def kinds(self) -> str:
        """The kinds of both."""
        return f"{self.a.kind},{self.b.kind}"


def pair_features(
    ends: Ends,
    ties: Ties,
    standing: Standing,
    known: Sequence[RelationType],
    known_back: Sequence[RelationType],
) -> frozenset[str]:
    """Return all features of a pair.

    Args:
        ends: the two.
        ties: what ties them in the passage.
        standing: where the names of the passage stand.
        known: what the catalogue says of the source and the target.
        known_back: what it says of the target and the source.
    """
    stands = [*_of_headings(ends, standing), *_of_places(ends, standing)]
    facts = [
        *(f"known:{type_}" for type_ in known),
        *(f"known-back:{type_}" for type_ in known_back),
    ]
    ways = ["+".join(ties.sorts), *(one for one in stands if one.startswith("at:") and "|" not in one)]
    return frozenset(
        [
            *_of_names(ends),
            *_of_claims(ends, ties.claims),
            *_of_words(ends, ties.near),
            *stands,
            *facts,
            *(f"{fact}|{way}" for fact in facts for way in ways),
            *(f"topic:{word}|{ends.kinds}" for word in standing.topic),
            *(["denied"] if ties.denied else ()),
        ]
    )


def _of_names(ends: Ends) -> Iterator[str]:
    a, b = ends.a, ends.b
    yield f"kinds:{ends.kinds}"
    yield f"told:{a.told},{b.told}"
    yield f"a:{a.kind}"
    yield f"b:{b.kind}"
    yield f"heads:{a.head},{b.head}"
    yield f"b-head:{b.head}"
    yield f"a-head:{a.head}"
    if a.head == b.head:
        yield "same-head"
        if a.name.endswith(" " + b.name):
            yield "a-extends-b"


def _of_claims(ends: Ends, claims: Sequence[Tied]) -> Iterator[str]:
    a, b, kinds = ends.a, ends.b, ends.kinds
    yield f"finds:{min(len(claims), 4)}"
    for tied in claims:
        way = ">" if tied.source.entity_id == ends.source_id else "<"
        rule, _, verb = tied.claim.rule.partition(":")
        sort = rule.split("-")[0]
        fits = f"{tied.source.fit},{tied.target.fit}"
        sense = (b if tied.target.entity_id == ends.target_id else a).sense
        yield f"{rule}{way}"
        yield f"{rule}{way}|{kinds}"
        yield f"{rule}{way}|b:{b.kind}"
        yield f"{rule}{way}|a:{a.kind}"
        yield f"{rule}{way}|{sense}"
        yield f"{rule}{way}|{fits}"
        yield f"{sort}{way}|{fits}"
        yield f"{sort}{way}|{a.told},{b.told}"
        yield f"{sort}{way}|{kinds}"
        if verb:
            yield f"verb:{verb}{way}"
            yield f"verb:{verb}{way}|{sense}"


def _of_words(ends: Ends, near: Sequence[Near]) -> Iterator[str]:
    for one in near:
        way = ">" if one.source_id == ends.source_id else "<"
        words = [word.casefold() for word in WORD.findall(one.between)]
        yield f"gap:{min(len(words), 12) // 2}"
        yield f"names:{one.names // 2}"
        marks = "".join(dict.fromkeys(mark for mark in one.between if mark in ":;|()\u2014\u2013,/"))
        yield f"marks:{marks}{way}"
        if len(words) <= _FEW:
            between = f"between:{' '.join(words)}:{marks}{way}"
            yield between
            yield f"{between}|{ends.kinds}"
        for word in words[:_WORDS]:
            yield f"word:{fold_word(word)}{way}"


def _of_headings(ends: Ends, standing: Standing) -> Iterator[str]:
    for frame in dict.fromkeys(_framed(ends, standing)):
        yield f"under:{frame}"
        yield f"under:{frame}|{ends.kinds}"
    for end, way in ((ends.source_id, ">"), (ends.target_id, "<")):
        named = standing.above.get(end)
        if named is not None and not named.whole:
            yield from (f"beside:{word}{way}" for word in telling_words(named.heading))


def _framed(ends: Ends, standing: Standing) -> Iterator[str]:
    one, other = standing.above.get(ends.source_id), standing.above.get(ends.target_id)
    if one is not None and other is not None:
        yield f"{one.part}/{other.part}"
    elif one is not None:
        yield from (f"{one.part}/{place.part}" for place in standing.places.get(ends.target_id, ()))
    elif other is not None:
        yield from (f"{place.part}/{other.part}" for place in standing.places.get(ends.source_id, ()))


def _of_places(ends: Ends, standing: Standing) -> Iterator[str]:
    if ends.source_id not in standing.places or ends.target_id not in standing.places:
        return
    one, other = min(
        (
            (one, other)
            for one in standing.places[ends.source_id]
            for other in standing.places[ends.target_id]
        ),
        key=lambda both: _distance(*both),
    )
    how = _how_placed(one, other)
    way = ">" if one.start < other.start else "<"
    yield f"at:{how}{way}"
    yield f"at:{how}{way}|{ends.kinds}"
    yield f"at:{how}:{one.part},{other.part}{way}"
    yield f"at:{how}:{one.part},{other.part}{way}|{ends.kinds}"
    for end, place in (("a", one), ("b", other)):
        block = place.block
        if block.header is not None and 0 <= place.column < len(block.header.cells):
            words = telling_words(block.header.cells[place.column])
            yield from (f"column-{end}:{word}" for word in words)
        if block.above is not None and one.block is not other.block:
            yield from (f"above-{end}:{word}" for word in block.above.introduces)


def _distance(one: Position, other: Position) -> tuple[int, int, int]:
    gap = max(one.start, other.start) - min(one.end, other.end)
    return abs(one.block.order - other.block.order), gap, one.start


def _how_placed(one: Position, other: Position) -> str:
    a, b = one.block, other.block
    if a is b:
        apart = abs(one.sentence - other.sentence) if a.kind in ("prose", "item") else 0
        return f"same{min(apart, 2)}"
    if a.above is b or b.above is a:
        return "below" if a.above is b else "above"
    if a.header is b or b.header is a:
        return f"{'row' if a.header is b else 'head'}{'' if one.column == other.column else '-other'}"
    if a.kind == b.kind and a.kind in ("item", "row") and a.group == b.group:
        if a.kind == "row":
            return "rows" if one.column == other.column else "rows-other"
        return "items" if a.indent == b.indent else "nested"
    apart = abs(a.order - b.order)
    return "next" if apart == 1 else "close" if apart <= _FAR else "far"

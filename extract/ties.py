"""What ties two entities in one passage: claims, standing together, or a heading above."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field

from extract.lexicon import asks, denies
from extract.link import Found
from extract.positions import Above
from kg.model import Evidence, Passage, RelationClaim

_STRETCH = 12  # names in one sentence; a longer list says nothing of each pair
_FAR = 160  # characters between two names


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
class Near:
    """Two entities that one sentence, item or row names, in the order in which it does."""

    source_id: str
    target_id: str
    between: str
    names: int  # that the stretch has, at most ``_STRETCH``
    evidence: Evidence

    @property
    def denied(self) -> bool:
        """Whether the words between deny the later one: "routing without an LLM"."""
        return denies(self.between, len(self.between))


@dataclass(frozen=True, slots=True)
class Under:
    """Two entities: a heading names the source, and what is below it, or a heading too, the target."""

    source_id: str
    target_id: str
    denied: bool  # the words before the target deny it, wherever it stands
    evidence: Evidence


@dataclass(slots=True)
class Ties:
    """All that ties two entities in one passage."""

    claims: list[Tied] = field(default_factory=list)
    near: list[Near] = field(default_factory=list)
    under: Under | None = None

    @property
    def sorts(self) -> list[str]:
        """What there is: "claim", "near", "under", in this order."""
        there = (("claim", self.claims), ("near", self.near), ("under", self.under))
        return [sort for sort, tie in there if tie]

    @property
    def denied(self) -> bool:
        """Whether one of the two is denied wherever they stand together."""
        standing = [*self.near, *([self.under] if self.under else ())]
        return bool(standing) and all(one.denied for one in standing)


def near(
    named: NamedPassage, spans: Sequence[tuple[int, int]], asked: Callable[[str, str, int], bool]
) -> Iterator[Near]:
    """Yield the pairs that stand in one stretch, if ``asked`` for with their distance.

    Args:
        named: a passage.
        spans: its stretches: sentences, items and rows.
        asked: whether two ids, so many characters apart, are worth a look.
    """
    text = named.passage.text
    starts = [one.start for one in named.found]
    for start, end in spans:
        inside = named.found[bisect_left(starts, start) : bisect_left(starts, end)][:_STRETCH]
        quote = text[start:end].strip()
        if len(inside) < 2 or asks(quote):
            continue
        evidence = Evidence(passage_id=named.passage.id, quote=quote)
        for place, one in enumerate(inside):
            for other in inside[place + 1 :]:
                distance = other.start - one.end
                if distance <= _FAR and asked(one.target, other.target, distance):
                    between = text[one.end : other.start]
                    yield Near(one.target, other.target, between, len(inside), evidence)


def under(
    named: NamedPassage,
    spans: Sequence[tuple[int, int]],
    sure: Container[str],
    knows: Callable[[str, str], bool],
) -> Iterator[Under]:
    """Yield the pairs of a name in a heading above with those in the text, or in the heading above that.

    The name in the nearest heading is the source; the words are those of the text, or that heading.

    Args:
        named: a passage.
        spans: its stretches: sentences, items and rows.
        sure: ids that are looked at; names that may be chance finds are not.
        knows: whether two ids are known to be related in general.
    """
    above = [one for one in named.above if one.target in sure]
    if not above:
        return
    text, passage_id = named.passage.text, named.passage.id
    below: dict[str, list[Found]] = {one.target: [] for one in above}
    for found in named.found:
        if found.target in sure:
            below.setdefault(found.target, []).append(found)
    targets = [*below]
    starts = [start for start, _ in spans]
    quotes: dict[int, Evidence] = {}  # one for all that a stretch names: it may be long
    for place, one in enumerate(above):
        for target in targets[place + 1 :]:
            # Of what a farther heading names, next to nothing is said that is not known in general.
            if one.level > 0 and not knows(one.target, target):
                continue
            spots = below[target]
            if not spots:
                yield Under(one.target, target, False, Evidence(passage_id=passage_id, quote=one.heading))
                continue
            stretch = max(0, bisect_right(starts, spots[0].start) - 1)
            start, end = spans[stretch]
            if stretch not in quotes:
                quotes[stretch] = Evidence(passage_id=passage_id, quote=text[start:end].strip())
            denied = all(denies(text, spot.start) for spot in spots)
            yield Under(one.target, target, denied, quotes[stretch])

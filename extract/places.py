"""Where names may stand in all passages and headings: read once, asked for ever fewer names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from extract.link import Found, NameIndex, Spot
from extract.mentions import opened, prose
from extract.naming import LONGEST_HEADING
from extract.positions import Above
from kg.model import Passage

_LEVELS = 2  # headings above a passage whose names it is about; those further up are too far away
_MARKS = 4  # characters of a heading beside a name that count for nothing: its marks, or a small word
_MOST_ABOVE = 12  # names that a heading is about; one with more is no heading but a list


@dataclass(frozen=True, slots=True)
class _Read:
    passage: Passage
    spots: list[Spot]
    headings: tuple[tuple[str, list[Spot]], ...]  # those that open with the passage


@dataclass(frozen=True, slots=True)
class Places:
    """Where the names of one index stand."""

    found: dict[str, list[Found]]  # by passage id, in its text
    headed: dict[str, dict[str, str]]  # by passage id: target to the heading that names it and opens there

    def spread(self) -> Counter[str]:
        """Return in how many passages, with the headings above their sections, each target is named."""
        counts: Counter[str] = Counter()
        for passage_id, found in self.found.items():
            counts.update({one.target for one in found}.union(self.headed.get(passage_id, ())))
        return counts


class Texts:
    """All passages with the spots where any name of an index may stand."""

    def __init__(self, passages: Iterable[Passage], index: NameIndex) -> None:
        self.index = index
        passages = list(passages)
        headings = opened(passages)
        self._read = [
            _Read(
                passage,
                index.spots(prose(passage)),
                tuple((heading, index.spots(heading)) for heading in headings.get(passage.id, ())),
            )
            for passage in passages
        ]

    def surfaces(self, places: Places) -> dict[str, Counter[str]]:
        """Return how the text writes the names found: by target, each spelling with its count."""
        surfaces: dict[str, Counter[str]] = defaultdict(Counter)
        for read in self._read:
            for one in places.found[read.passage.id]:
                surfaces[one.target][read.passage.text[one.start : one.end]] += 1
        return surfaces

    def places(self, index: NameIndex) -> Places:
        """Return where the names stand that ``index``, a part of the one that read the texts, finds."""
        found: dict[str, list[Found]] = {}
        headed: dict[str, dict[str, str]] = {}
        for read in self._read:
            passage = read.passage
            found[passage.id] = index.choose(read.spots, passage.text, context=" ".join(passage.headings))
            named = {
                one.target: heading
                for heading, spots in read.headings
                for one in index.choose(spots, heading, context=passage.text)
            }
            if named:
                headed[passage.id] = named
        return Places(found, headed)

    def above(self, index: NameIndex) -> dict[str, list[Above]]:
        """Return by passage id the names in the headings next above it, the nearest first."""
        spots: dict[str, list[Spot]] = {}
        above: dict[str, list[Above]] = {}
        for read in self._read:
            passage = read.passage
            named: dict[str, Above] = {}
            for level, heading in enumerate(reversed(passage.headings[-_LEVELS:])):
                if len(heading) > LONGEST_HEADING:
                    continue
                if heading not in spots:
                    spots[heading] = self.index.spots(heading)
                for one in index.choose(spots[heading], heading, context=passage.text)[:_MOST_ABOVE]:
                    whole = one.end - one.start >= len(heading.strip()) - _MARKS
                    named.setdefault(one.target, Above(one.target, level, whole, heading))
            if named:
                above[passage.id] = [*named.values()]
        return above

"""Names found in text: one scan, whatever the number of names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.names import WORD, fold_word, name_key

# Between two words of one name: blanks, hyphens, markup and "@", or a dot or slash without blanks.
# Everything else (a comma, the end of a sentence, a table's bar) ends the name.
_GAP = re.compile(r"[ \t\n\-\u2010-\u2013_*`\u2019'@]{1,6}|[./&]|")
_DETERMINERS = frozenset(
    "a an the all any each every its my our some that their these this those your".split()
)
_MAX_WORDS = 12
_INFLECTED = frozenset({"", "s", "es"})  # "pipe" is no "pip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """One meaning of a name, and when the name is taken in it."""

    target: str  # what the caller finds by the name: an entity's key
    name: str  # as written by who named it
    exact: bool = False  # only where the text has exactly these capitals
    acronym: bool = False  # only where the text has at least two capitals, "LLMs" included
    near: frozenset[str] = frozenset()  # folded words, one of which must stand in the same text
    apart: bool = False  # only where it is no part of a longer name, wanted or not
    known: bool = False  # a curated name: no other is found where it would cut this one short


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A name at ``text[start:end]``."""

    start: int
    end: int
    target: str


Spot = tuple[int, tuple[tuple[int, tuple[Sense, ...]], ...]]
"""Where a word begins that may begin names: its start, and their ends, the longest first, with the senses
that the text's capitals allow, the pickiest first. Which name is found depends on what is asked for."""


class NameIndex:
    """Finds the longest known names in a text, left to right, without overlaps.

    "the" within a name stands for any determiner: "rewrite the query" is found in "rewrite your queries".
    """

    def __init__(self, senses: Iterable[Sense] = ()) -> None:
        self._senses: dict[str, list[Sense]] = {}
        self._starts: set[str] = set()  # every beginning of a name, so that a scan stops early
        self._only: Collection[str] | None = None
        for sense in senses:
            key = name_key(sense.name)
            if not key or key.count(" ") >= _MAX_WORDS:
                continue
            known = self._senses.setdefault(key, [])
            if sense not in known:
                known.append(sense)
            words = [word.casefold() for word in WORD.findall(sense.name)]
            self._starts.update(" ".join(words[:count]) for count in range(1, len(words)))
        for known in self._senses.values():
            # The pickiest sense is asked first; the plain one takes what is left.
            known.sort(key=lambda sense: (not sense.near, not sense.exact, not sense.acronym, sense.target))

    def only(self, targets: Collection[str]) -> NameIndex:
        """Return an index that finds these targets alone; it shares all else with this one."""
        narrow = NameIndex()
        narrow._senses, narrow._starts, narrow._only = self._senses, self._starts, targets
        return narrow

    def find(self, text: str, *, context: str = "") -> list[Found]:
        """Return the names in ``text``; ``context`` is more text that a homonym's neighbours may stand in."""
        return self.choose(self.spots(text), text, context=context)

    def spots(self, text: str) -> list[Spot]:
        """Return where any name of the whole index may stand: what costs time, to be done once for a text."""
        words = [match.span() for match in WORD.finditer(text)]
        lower = [text[start:end].casefold() for start, end in words]
        folded = [fold_word(word) for word in lower]
        senses, starts = self._senses, self._starts
        spots: list[Spot] = []
        for at, word in enumerate(lower):
            if folded[at] not in senses and word not in starts:
                continue
            start, end = words[at]
            ends = []
            prefixes = [""]  # what may have begun: "rewrite your", and "rewrite the" for all determiners
            for last in range(at, min(at + _MAX_WORDS, len(words))):
                if last > at and not _joins(text, end, words[last][0]):
                    break
                end = words[last][1]
                for prefix in prefixes:
                    fitting = senses.get(prefix + folded[last])
                    if fitting is not None:
                        surface = text[start:end]
                        written = tuple([sense for sense in fitting if _is_written(sense, surface)])
                        if written:
                            ends.append((end, written))
                longer = [prefix + lower[last] for prefix in prefixes]
                if last > at and lower[last] in _DETERMINERS:
                    longer += [prefix + "the" for prefix in prefixes]
                prefixes = [prefix + " " for prefix in dict.fromkeys(longer) if prefix in starts]
                if not prefixes:
                    break
            if ends:
                spots.append((start, tuple(reversed(ends))))
        return spots

    def choose(self, spots: Sequence[Spot], text: str, *, context: str = "") -> list[Found]:
        """Return the names to find among the ``spots`` of a text."""
        only = self._only
        nearby: frozenset[str] = frozenset()
        found: list[Found] = []
        free = 0  # up to here the text is taken
        within = 0  # up to here it is of a longer name, though nobody asks for that one
        for place, (start, ends) in enumerate(spots):
            if start < free:
                continue
            for end, senses in ends:
                chosen = None
                for sense in senses:
                    if only is not None and sense.target not in only:
                        continue
                    if sense.apart and end <= within:
                        continue
                    if sense.near:
                        nearby = nearby or _folded_words(context) | _folded_words(text)
                        if sense.near.isdisjoint(nearby):
                            continue
                    chosen = sense
                    break
                if chosen is not None and not chosen.known and self._cuts_known(spots, place, end):
                    chosen = None
                if chosen is not None:
                    found.append(Found(start=start, end=end, target=chosen.target))
                    free = end
                    break
                within = max(within, end)
        return found

    def _cuts_known(self, spots: Sequence[Spot], place: int, end: int) -> bool:
        """Whether a known name to find begins within the one at this place and goes on after its ``end``."""
        only = self._only
        for later in range(place + 1, len(spots)):  # a slice would copy all the rest of the text
            start, ends = spots[later]
            if start >= end:
                return False
            if any(
                sense.known and (only is None or sense.target in only)
                for beyond, senses in ends
                if beyond > end
                for sense in senses
            ):
                return True
        return False


def needs_context(spots: Iterable[Spot]) -> bool:
    """Whether a homonym is among the spots, so that what is found depends on the words around."""
    return any(sense.near for _, ends in spots for _, senses in ends for sense in senses)


@lru_cache(maxsize=4_096)  # each phrase of a passage is asked with the passage as its context
def _folded_words(text: str) -> frozenset[str]:
    return frozenset([fold_word(word.casefold()) for word in WORD.findall(text)])


def _joins(text: str, end: int, start: int) -> bool:
    """Whether two words can belong to one name by what stands between them."""
    return (start - end == 1 and text[end] == " ") or _GAP.fullmatch(text, end, start) is not None


def _is_written(sense: Sense, surface: str) -> bool:
    """Whether the capitals of a text are those of a name in this sense."""
    if sense.exact and surface.removeprefix(sense.name) not in _INFLECTED:
        return False
    return not sense.acronym or sum(map(str.isupper, surface)) >= 2


def looks_like_acronym(name: str) -> bool:
    """Whether a name is a short run of mostly capitals, which in lower case may be another word."""
    letters = [char for char in name if char.isalpha()]
    return " " not in name and 2 <= len(letters) <= 5 and sum(char.isupper() for char in letters) >= 2

"""Names of entities in what a person asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from kg.embed import Embedder
from kg.model import Entity
from kg.names import WORD, name_key
from kg.store import EntityFilter, EntityOrder, GraphStore, Owner

STOP_WORDS = frozenset(
    WORD.findall(
        """
        a about after all also am an and any are as at be been before being between both but by can
        could did do does doing done each either else ever every for from get give had has have
        having he her here him his how i if in into is it its just let like made make many may me
        more most much must my need no nor not of off on one only or other our out over own rather s
        same shall she should so some such t tell than that the their them then there these they
        this those through to too under up us very was we well were what when where which while who whom
        whose why will with would you your
        """
    )
)
"""Words that carry a question but say nothing of what it is about."""

_MAX_NAME_WORDS = 10  # longer names are sentences, and nobody asks by them
_MAX_QUERY_WORDS = 64
_NEAREST = 20  # entities near in meaning, and as many that begin alike, tried for a misspelled name
_ALIKE = 0.84  # of letters in order that two spellings share: one slip in eight letters
_SHORTEST_MISSPELLED = 5  # one slip makes another name of a shorter one: DPO, PPO
_LONGEST_MISSPELLED = 100  # letters; comparing grows with their number, and no name has more


@dataclass(frozen=True, slots=True)
class NamedSpan:
    """A name at ``text[start:end]`` and the entities that bear it, best first."""

    start: int
    end: int
    entity_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretches:
    """The stretches of words in a text that may be names, by the numbers of their first and last word."""

    words: list[tuple[int, int]]  # start and end of each in the text
    names: dict[tuple[int, int], str]

    @classmethod
    def of(cls, text: str) -> Stretches:
        """Read ``text``; what lies past the 64th word is left out."""
        words = [(match.start(), match.end()) for match in WORD.finditer(text)][:_MAX_QUERY_WORDS]
        telling = [text[start:end].casefold() not in STOP_WORDS for start, end in words]
        names = {
            (first, last): text[words[first][0] : words[last][1]]
            for first in range(len(words))
            for last in range(first, min(first + _MAX_NAME_WORDS, len(words)))
            if any(telling[first : last + 1])
        }
        return cls(words, names)

    def link(self, named: Mapping[str, Sequence[str]]) -> list[NamedSpan]:
        """Return the spans that are ``named``, in reading order: the longest at each place, no overlaps."""
        names = self.names
        return [
            NamedSpan(self.words[first][0], self.words[last][1], tuple(named[names[first, last]]))
            for first, last in longest_runs(len(self.words), lambda *span: names.get(span) in named)
        ]


def content_words(text: str) -> list[str]:
    """Return the words of a query worth searching for, once each; all words where none is telling."""
    words = list(dict.fromkeys(word.casefold() for word in WORD.findall(text)))
    telling = [word for word in words if word not in STOP_WORDS]
    return (telling or words)[:_MAX_QUERY_WORDS]


def link_names(store: GraphStore, text: str) -> list[NamedSpan]:
    """Return the names of entities in ``text``, in reading order: the longest at each place, no overlaps.

    Costs one look-up for all stretches of words. What lies past the 64th word is not read.
    """
    stretches = Stretches.of(text)
    return stretches.link(store.find_names(set(stretches.names.values())))


def longest_runs(size: int, holds: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """Return the (first, last) of runs of words that ``holds``, left to right, the longest at each place."""
    runs: list[tuple[int, int]] = []
    first = 0
    while first < size:
        lasts = range(min(first + _MAX_NAME_WORDS, size) - 1, first - 1, -1)
        last = next((last for last in lasts if holds(first, last)), None)
        if last is not None:
            runs.append((first, last))
        first = (first if last is None else last) + 1
    return runs


def find_misspelled(store: GraphStore, embedder: Embedder, name: str) -> Entity | None:
    """Return the entity whose name or alias is spelled most like ``name``, if any is near enough.

    Models read misspelled words piece by piece and come near what was meant; the letters then decide.
    """
    wanted = _letters(name)
    if not _SHORTEST_MISSPELLED <= len(wanted) <= _LONGEST_MISSPELLED:
        return None
    if len(name.split()) > _MAX_NAME_WORDS:
        return None
    near = store.search_vector(embedder.encode([name])[0], Owner.ENTITY, limit=_NEAREST)
    begun = store.list_entities(
        EntityFilter(name_contains=name.strip()[:3]), order=EntityOrder.IMPORTANCE, limit=_NEAREST
    )
    tried = [*store.entities([one for one, _ in near]).values(), *begun.items]
    alike = {
        entity.id: max(
            SequenceMatcher(None, wanted, _letters(each)).ratio() for each in (entity.name, *entity.aliases)
        )
        for entity in tried
    }
    best = max(tried, key=lambda entity: (alike[entity.id], entity.importance, entity.id), default=None)
    return best if best is not None and alike[best.id] >= _ALIKE else None


def _letters(name: str) -> str:
    return name_key(name).replace(" ", "")

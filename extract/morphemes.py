"""Which tags a word can have that HanTa's model has not seen: HanTa's own answer in half the time."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from HanTa.HanoverTagger import EMPTY, START, UNKNOWN, HanoverTagger  # type: ignore[import-untyped]
from numpy import logaddexp

LONGEST_WORD = 24
"""Characters of a word that is worth analysing, which takes time squared."""

_MODEL = "morphmodel_en.pgz"
_States = dict[tuple[int, int], float]  # the last two classes of morphemes, and the best log-probability

_BEST = 3  # after each letter the best states are gone on with, and those ...
_SLACK = 1.0  # ... that are within this log-probability of the next
_LOWEST = -1e6  # log-probability
_WHOLE = -4.6  # log-probability that a word is a single morpheme that nobody has seen
_LONGEST = 24  # letters of a morpheme that the model tells apart
_LONGEST_ENDING = 4


class _Step(NamedTuple):
    place: int  # among all that may follow a state; the order decides how sums are rounded
    tag: int
    step: float  # log-probability of the class in that state
    known: dict[str, float]  # log-probabilities of the class's morphemes


class _Followers(NamedTuple):
    """What may follow a state: classes that anyone may add to, such as nouns, and the others."""

    open: list[_Step]
    closed: dict[str, list[tuple[int, int, float, float]]]  # a morpheme: place, tag, step, likelihood
    initials: set[str]  # of the morphemes in ``closed``


class MorphemeTagger(HanoverTagger):  # type: ignore[misc]  # it has no types
    """HanTa's tagger with its slowest method written anew.

    Of every stretch of a word, HanTa asks each class of morphemes in a call of its own how likely it is
    there: a thousand calls for a word, nearly all in vain. Here the closed classes share a dict, and how a
    stretch ends is looked up once for the open ones.
    """

    def __init__(self, filename: str) -> None:
        super().__init__(filename)
        self._open = [tag for tag in self.LP_m_t if tag in self.LP_hapax_t and tag in self.LP_s_t]
        self._new = [  # how likely a morpheme of an open class is that nobody has seen, by its length
            {tag: self.Int_t + self.LP_hapax_t[tag] + self.LP_len_t[tag][size] for tag in self._open}
            for size in range(_LONGEST + 1)
        ]
        self._analysed: dict[str, list[tuple[int, float]]] = {}
        self._likelihoods_of_ending = lru_cache(maxsize=10_000)(self._look_up_ending)
        self._followers = {
            state: self._sort_out(found) for state, found in self.LP_trans_nonfinal.items() if found
        }

    def _sort_out(self, followers: list[tuple[int, float]]) -> _Followers:
        found = _Followers([], {}, set())
        for place, (tag, step) in enumerate(followers):
            if tag in self._open:
                found.open.append(_Step(place, tag, step, self.LP_m_t[tag]))
                continue
            for morpheme, likelihood in self.LP_m_t[tag].items():
                found.closed.setdefault(morpheme, []).append((place, tag, step, likelihood))
                found.initials.add(morpheme[:1])
        return found

    def _look_up_ending(self, letters: str) -> dict[int, float]:
        """Return the likelihood, by open class, of the longest ending that the model knows."""
        for size in range(min(len(letters) - 1, _LONGEST_ENDING), -1, -1):
            ending = letters[len(letters) - size :]
            if ending in self.LP_s_t[self._open[0]]:  # each class knows the same
                return {tag: self.LP_s_t[tag][ending] for tag in self._open}
        raise KeyError(letters)

    def analyze_forward(self, word: str) -> list[tuple[int, float]]:
        """Return the tags that a word can have, with its log-probability with each, the likeliest first."""
        found = self._analysed.get(word)  # one that opens a sentence is asked for once more
        if found is None:
            found = self._analysed[word] = self._analyse_word(word)
        return found

    def _analyse_word(self, word: str) -> list[tuple[int, float]]:
        length = len(word)
        table: list[_States] = [{(EMPTY, START): 0.0}, *({} for _ in range(length))]
        for start, states in enumerate(table[:-1]):
            bound = sorted(states.values(), reverse=True)[_BEST] - _SLACK if len(states) > _BEST else _LOWEST
            going_on = [
                (state[1], so_far, followers)
                for state, so_far in states.items()
                if so_far >= bound
                and (followers := self._followers.get(state))
                and (followers.open or word[start] in followers.initials)
            ]
            for end in range(start + 1, length + 1) if going_on else ():
                morpheme = word[start:end]
                after = table[end]
                for before, so_far, (open_classes, closed, _) in going_on:
                    found = closed.get(morpheme, ())
                    if open_classes:
                        readings = self._readings(morpheme, open_classes, length)
                        found = sorted([*found, *readings]) if found else readings
                    for _, tag, step, likelihood in found:
                        total = so_far + step + likelihood
                        if total > after.get((before, tag), _LOWEST):
                            after[before, tag] = total
        return self._tags(table[length])

    def _readings(
        self, morpheme: str, classes: list[_Step], length: int
    ) -> list[tuple[int, int, float, float]]:
        """Return a morpheme as each of some open classes: place, tag, step, likelihood."""
        size = len(morpheme)
        if size <= 2 and length > 3:  # too little to be new
            return [
                (place, tag, step, known[morpheme])
                for place, tag, step, known in classes
                if morpheme in known
            ]
        lengths = self._new[min(size, _LONGEST)]
        endings = self._likelihoods_of_ending(morpheme[-_LONGEST_ENDING - 1 :])
        whole = _WHOLE if size == length else 0.0
        return [
            (place, tag, step, known[morpheme] if morpheme in known else lengths[tag] + endings[tag] + whole)
            for place, tag, step, known in classes
        ]

    def _tags(self, states: _States) -> list[tuple[int, float]]:
        final: _States = {}
        for state, so_far in states.items():
            for end, step in self.LP_trans_final.get(state, ()):
                if so_far + step > final.get((state[1], end), _LOWEST):
                    final[state[1], end] = so_far + step
        tags: dict[int, float] = {}
        for (_, end), total in final.items():
            tags[-end] = logaddexp(tags[-end], total) if -end in tags else total
        return sorted(tags.items(), key=itemgetter(1), reverse=True) or [(UNKNOWN, 0.0)]


@lru_cache(maxsize=1)
def english() -> MorphemeTagger:
    """Return the model of English that comes inside HanTa's package."""
    return MorphemeTagger(_MODEL)

"""How common words are in general English, as the tagger's model knows them: terms are rarer."""

from __future__ import annotations

from functools import lru_cache

from extract.morphemes import LONGEST_WORD, english

_RARE = -30.0


@lru_cache(maxsize=100_000)
def commonness(word: str) -> float:
    """Return the natural logarithm of how often the lower-case word stands in English: "the" has -3.

    What the model does not know it guesses by the word's parts, down to about -35.
    """
    if len(word) > LONGEST_WORD or not word.isascii():
        return _RARE
    return max((float(share) for _, share in english().tag_word(word, casesensitive=True)), default=_RARE)

"""Names found in text: one scan, whatever the number of names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kg.names import WORD, fold_word, name_key

# Between two words of one name: blanks, hyphens, markup and "@", or a dot or slash without blanks.
# Everything else (a comma, the end of a sentence, a table's bar) ends the name.
_GAP = re.compile(r"[ \t\n\-\u2010-\u2013_*`\u2019'@]{1,6}|[./&]|")
_MAX_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """One meaning of a name, and when the name is taken in it."""

    target: str  # what the caller finds by the name: an entity's key
    name: str  # as written by who named it
    exact: bool = False  # only where the text has exactly these capitals
    acronym: bool = False  # only where the text has at least two capitals, "LLMs" included
    near: frozenset[str] = frozenset()  # folded words, one of which must stand in the same text


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A name at ``text[start:end]``."""

    start: int
    end: int
    target: str


class NameIndex:
    """Finds the longest known names in a text, left to right, without overlaps."""

    def __init__(self, senses: Iterable[Sense]) -> None:
        self._senses: dict[str, list[Sense]] = {}
        self._starts: set[str] = set()  # every beginning of a name, so that a scan stops early
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

    def find(self, text: str, *, context: str = "") -> list[Found]:
        """Return the names in ``text``; ``context`` is more text that a homonym's neighbours may stand in."""
        words = [(match.start(), match.end(), match.group()) for match in WORD.finditer(text)]
        lower = [word.casefold() for _, _, word in words]
        nearby: set[str] | None = None
        found: list[Found] = []
        at = 0
        while at < len(words):
            best: tuple[int, Sense] | None = None
            prefix = ""
            for last in range(at, min(at + _MAX_WORDS, len(words))):
                if last > at and not _GAP.fullmatch(text, words[last - 1][1], words[last][0]):
                    break
                key = f"{prefix}{fold_word(lower[last])}"
                if key in self._senses:
                    surface = text[words[at][0] : words[last][1]]
                    if nearby is None and any(sense.near for sense in self._senses[key]):
                        nearby = _folded_words(f"{context} {text}")
                    sense = _choose(self._senses[key], surface, nearby or set())
                    if sense is not None:
                        best = (last, sense)
                if f"{prefix}{lower[last]}" not in self._starts:
                    break
                prefix = f"{prefix}{lower[last]} "
            if best is None:
                at += 1
                continue
            last, sense = best
            found.append(Found(start=words[at][0], end=words[last][1], target=sense.target))
            at = last + 1
        return found


def _folded_words(text: str) -> set[str]:
    return {fold_word(word.casefold()) for word in WORD.findall(text)}


def _choose(senses: Collection[Sense], surface: str, nearby: set[str]) -> Sense | None:
    for sense in senses:
        if sense.exact and not surface.startswith(sense.name):
            continue
        if sense.acronym and sum(char.isupper() for char in surface) < 2:
            continue
        if sense.near and not sense.near & nearby:
            continue
        return sense
    return None


def looks_like_acronym(name: str) -> bool:
    """Whether a name is a short run of mostly capitals, which in lower case may be another word."""
    letters = [char for char in name if char.isalpha()]
    return " " not in name and 2 <= len(letters) <= 5 and sum(char.isupper() for char in letters) >= 2

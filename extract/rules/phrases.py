"""Noun phrases of prose, as faint claims: what many places say, or a relation rests on, becomes a name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from extract.blocks import BlockKind
from extract.lexicon import EVALUATIVE
from extract.naming import is_name, tidy
from extract.reading import Reading
from kg.model import EntityClaim
from kg.names import name_key

_CONFIDENCE = 0.2
_MOST_WORDS = 4


def entity_claims(reading: Reading) -> Iterator[EntityClaim]:
    """Yield each noun phrase of up to four words once, where it stands first."""
    seen: set[str] = set()
    for part in reading.parts:
        if part.block.kind is BlockKind.HEADING:
            continue
        for sentence in part.sentences:
            for phrase in sentence.phrases:
                name = plain(phrase.text)
                key = name_key(name)
                if not key or key.count(" ") >= _MOST_WORDS or key in seen or not is_name(name):
                    continue
                seen.add(key)
                yield EntityClaim(
                    name=name,
                    rule="phrase" if " " in key else "word",
                    confidence=_CONFIDENCE,
                    evidence=part.sentence_evidence(sentence),
                )


@lru_cache(maxsize=50_000)
def plain(phrase: str) -> str:
    """Return a noun phrase without the words in front that only judge or count: "many new", "simple"."""
    words = tidy(phrase).split()
    while len(words) > 1 and words[0].casefold() in EVALUATIVE:
        words.pop(0)
    return " ".join(words)

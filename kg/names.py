"""Names as people write them, folded to keys, and ids made from content."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:[+#]+(?!\w))?")
"""One word of a name, in any script; "C++" and "F#" keep their signs."""

_KEEPS_S = ("ss", "us", "is", "as", "os")  # loss, status, analysis, atlas, chaos: no plurals
_SHORT_WITH_S = frozenset({"axis", "bias", "plus", "this", "thus"})  # others of four letters are: GPUs, APIs


NAME_SEPARATOR = "\x1f"
"""Stands between names that are kept as one text: an ASCII control character made for that."""


def content_id(prefix: str, *parts: str) -> str:
    """Return ``prefix`` and 16 hexadecimal digits that depend on ``parts`` alone."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
    return f"{prefix}_{digest}"


def folded_names(names: Iterable[str]) -> str:
    """Return names as one text in which to look for what they begin with or contain, whatever the case."""
    return NAME_SEPARATOR.join(names).casefold()


def name_key(name: str) -> str:
    """Fold a name so that its spellings meet: case, accents' forms, hyphens, plural of the last word.

    "Vector Databases", "vector-database" and "vector  database" have one key. "C++" and "C#" keep
    their signs. A name without any letter or digit has the empty key, which matches nothing.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = WORD.findall(folded)
    if words:
        words[-1] = fold_word(words[-1])
    return " ".join(words)


@lru_cache(maxsize=100_000)  # a text has far fewer words than places where they stand
def fold_word(word: str) -> str:
    """Fold the number of a lower-case noun: "databases" and "database" meet in one form.

    The form need not be English: "cache" and "caches" both give "cach", which spares a list of the
    nouns that end in "-es"; words that only look like plurals fold alike each time.
    """
    if len(word) < 4:
        return word
    if word.endswith("yses"):
        return word[:-2] + "is"
    if word.endswith("ies"):
        return word[:-3] + "y"
    keeps_s = word in _SHORT_WITH_S or word.endswith("ss") or (len(word) > 4 and word.endswith(_KEEPS_S))
    if word.endswith("s") and not keeps_s:
        word = word[:-1]
    return word.removesuffix("e")

"""Names as people write them, folded to keys, and ids made from content."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORD = re.compile(r"[^\W_]+(?:[+#]+(?!\w))?", re.UNICODE)
_KEEPS_S = ("ss", "us", "is", "as", "os")  # loss, status, analysis, bias, chaos: no plurals


def content_id(prefix: str, *parts: str) -> str:
    """Return ``prefix`` and 16 hexadecimal digits that depend on ``parts`` alone."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
    return f"{prefix}_{digest}"


def name_key(name: str) -> str:
    """Fold a name so that its spellings meet: case, accents' forms, hyphens, plural of the last word.

    "Vector Databases", "vector-database" and "vector  database" have one key. "C++" and "C#" keep
    their signs. A name without any letter or digit has the empty key, which matches nothing.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = _WORD.findall(folded)
    if words:
        words[-1] = _fold_number(words[-1])
    return " ".join(words)


def _fold_number(word: str) -> str:
    # Singular and plural must meet, not be English: "cache" and "caches" both give "cach", which also
    # spares a list of the nouns that end in "-es". Words that only look like plurals fold alike each time.
    if len(word) < 4:
        return word
    if word.endswith("yses"):
        return word[:-2] + "is"
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(_KEEPS_S):
        word = word[:-1]
    return word.removesuffix("e")

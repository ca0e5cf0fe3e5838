"""The forms in which running text speaks of what has a name: "hallucinated", "rewrites your query"."""

from __future__ import annotations

from collections.abc import Iterator

from extract.lexicon import verb_forms

_VERB = "to "


def written_as(form: str) -> Iterator[str]:
    """Yield how a text may write a form of the catalogue; plurals are found without.

    "to hallucinate" and "to rewrite query" stand for all that the verb makes of them, an object also with
    "the", for which `NameIndex` takes other determiners too. All else stands for itself.
    """
    if not form.startswith(_VERB):
        yield form
        return
    verb, _, rest = form.removeprefix(_VERB).partition(" ")
    stem, hyphen, last = verb.rpartition("-")
    for written in dict.fromkeys(verb_forms(last)):
        yield from (
            f"{stem}{hyphen}{written} {det}{rest}".rstrip() for det in ("", "the ") if rest or not det
        )

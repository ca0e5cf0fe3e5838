"""The words that rules go by, read from ``lexicon.toml``: which tie two things, which name nothing."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from kg.model import EntityKind

_DATA: dict[str, Any] = tomllib.loads(files("extract").joinpath("lexicon.toml").read_text("utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(_DATA[name].split())


def _patterns(table: str) -> dict[str, re.Pattern[str]]:
    return {key: re.compile("|".join(found), re.IGNORECASE) for key, found in _DATA[table].items()}


STOPWORDS = _words("stopwords")
NEGATIONS = _words("negations")
HEDGES = _words("hedges")
NEGATIVE_QUALITIES = _words("negative_qualities")
ORGANIZATIONS = frozenset(_DATA["organizations"].strip().splitlines())
QUALITIES = _words("qualities")
GENERIC_HEADS = _words("generic_heads")
NOT_FIRST = _words("not_first")
NOT_LAST = _words("not_last")
GENERIC = _words("generic_words") | frozenset(_DATA["generic_phrases"].strip().splitlines())
TIES: dict[str, list[str]] = _DATA["ties"]
OUTRIGHT = frozenset(_DATA["outright"])
EVALUATIVE = _words("evaluative")
RATHER_NOUNS = _words("rather_nouns")
PRAISE = _words("praise")
BLAME = _words("blame")
USING = _words("using")
ENABLING = _words("enabling")
RELATIVE = _words("relative")
NOTHING_OF = _words("nothing_of")
PRONOUN = re.compile(
    r"(?:it|they|(?:this|the) (?:approach|technique|pattern|method|strategy|design|practice))",
    re.IGNORECASE,
)

_ROLES = _patterns("roles")
_ANY_ROLE = re.compile("|".join(pattern.pattern for pattern in _ROLES.values()), re.IGNORECASE)
_KIND_HEADS = {EntityKind(kind): found for kind, found in _patterns("kind_heads").items()}
_DEFINIENS = {EntityKind(kind): found for kind, found in _patterns("definiens").items()}
_OPENING = re.compile(r"(?:an?|one of (?:the|many)|the|[A-Z]\w+(?:'s|\u2019s))\s+", re.IGNORECASE)
_MADE = re.compile(
    r"open[- ]source|open[- ]weight|written in|\b(?:by|from) [A-Z]|Python|\bRust\b|JavaScript|\w+'s\b"
)
_NOUN = re.compile(r"[A-Za-z-]+")
_ENDS_NOUN = re.compile(
    r"that|which|for|of|in|to|by|with|where|who|whose|and|or|from|on|as|via|when|at|about|\w+ed|written|"
    r"built|made|run",
    re.IGNORECASE,
)
_NO_DEFINITION = re.compile(
    r"(?:we|i|you|it|they|did|do|does|is|are|what|which|if|why|can|should|use)\b", re.IGNORECASE
)
_DOUBLES = re.compile(r"[^aeiou]+[aeiou][^aeiouwxy]")  # "pin": "pinned"
_DENIAL = re.compile(
    r"\b(?:without|no|never|neither|nor|cannot|lacks?|instead of|rather than|unlike|(?:not|\w+n['\u2019]t)"
    r"(?! (?:just|only|merely|simply|necessarily|always|yet|limited)\b))\b",
    re.IGNORECASE,
)
# A denial holds to the end of its clause.
_CLAUSE_END = re.compile(
    r"[,.;:|()!?\u2013\u2014\n]|\b(?:and|but|so|because|which|that|until|unless|while|when|if)\b",
    re.IGNORECASE,
)
_DENIED_WITHIN = 60  # characters; a clause goes on, but what it denies is its beginning
_FRINGE = re.compile(r"^[\W\d_]+|[\W_]+$")


def _listed(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split(";")]


VERBS = {phrase: label for label, text in _DATA["verbs"].items() for phrase in _listed(text)}
"""What a verb, with the words that belong to it, states of its subject and object."""


def verb_forms(verb: str) -> list[str]:
    """Return the forms of a verb, itself first: "rely" gives "relies", "relied", "relying" too."""
    irregular = _DATA["irregular"].get(verb, "").split()
    if verb.endswith("ee"):
        regular = [verb + "s", verb + "d", verb + "ing"]
    elif verb.endswith("e"):
        regular = [verb + "s", verb + "d", verb[:-1] + "ing"]
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        regular = [verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"]
    elif verb.endswith(("s", "sh", "ch", "x", "z")):
        regular = [verb + "es", verb + "ed", verb + "ing"]
    elif _DOUBLES.fullmatch(verb):
        regular = [verb + "s", verb + verb[-1] + "ed", verb + verb[-1] + "ing"]
    else:
        regular = [verb + "s", verb + "ed", verb + "ing"]
    return [verb, *irregular, *regular]


_LEMMAS = {
    form: verb
    for verb in [*{phrase.split()[0] for phrase in VERBS}, *sorted(USING | ENABLING)]
    for form in verb_forms(verb)
}


def verb_lemma(form: str) -> str | None:
    """Return the base form of a verb that the rules know, or None."""
    return _LEMMAS.get(form)


@lru_cache(maxsize=50_000)
def role_of(label: str) -> str | None:
    """Return what a table's column, a bold label or a heading announces, such as "gains", or None."""
    cleaned = _FRINGE.sub("", label.split("(")[0]).strip()
    if _ANY_ROLE.fullmatch(cleaned) is None:
        return None
    return next(role for role, pattern in _ROLES.items() if pattern.fullmatch(cleaned))


def kind_of_head(label: str) -> EntityKind | None:
    """Return the kind of what stands below a column's or section's name, where the name tells."""
    cleaned = _FRINGE.sub("", label).strip()
    return next((kind for kind, pattern in _KIND_HEADS.items() if pattern.fullmatch(cleaned)), None)


def kind_of_definition(noun: str) -> EntityKind | None:
    """Return the kind that the head noun of a definition tells: "library" makes a tool."""
    singular = noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun
    return next((kind for kind, pattern in _DEFINIENS.items() if pattern.fullmatch(singular)), None)


def kind_of_definition_text(definition: str | None, name: str) -> EntityKind | None:
    """Return the kind that a definition's head noun tells: the last noun before "that", "for", "of" ...

    Only a text that begins like a definition is read ("a", "an", a maker's name), and only a proper
    name is made a tool or a model by it: "a database that ..." may define a sort of databases.
    """
    opening = _OPENING.match(definition or "")
    if opening is None or definition is None:
        return None
    words = _NOUN.findall(re.split(r"[,.;:(]", definition[opening.end() :])[0])[:10]
    end = next((at for at, word in enumerate(words) if at and _ENDS_NOUN.fullmatch(word)), len(words))
    kind = kind_of_definition(words[end - 1].casefold()) if words else None
    proper = (
        any(char.isupper() for char in name[1:]) or any(char.isdigit() for char in name) or name.islower()
    )
    made = proper or _MADE.search(definition) is not None
    return None if kind in (EntityKind.TOOL, EntityKind.MODEL) and not made else kind


def asks(text: str) -> bool:
    """Whether a sentence is a question, which states nothing."""
    return text.rstrip(" *_|`\"')\u201d\u2019").endswith("?")


def denies(text: str, at: int) -> bool:
    """Whether the words before a place deny what begins there: "without", "does not need", but not twice."""
    clause = _CLAUSE_END.split(text[max(0, at - _DENIED_WITHIN) : at])[-1]
    return len(_DENIAL.findall(clause)) % 2 == 1


def defines(text: str) -> bool:
    """Whether a text after a term reads like what it is, not like a question or a step."""
    return not asks(text) and _NO_DEFINITION.match(text) is None and " I " not in text

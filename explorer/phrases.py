"""Relations, confidence and time as people say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>$:<^=&])")

_NOT_PROSE = re.compile(r"([!$<:~\[\]])")


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a relation type reads from its source and from its target, and what its line looks like."""

    out: str
    back: str
    family: str


PHRASES = {
    "PREREQUISITE_OF": Phrase("comes before", "builds on", "order"),
    "PART_OF": Phrase("is part of", "contains", "structure"),
    "IS_A": Phrase("is a kind of", "comes as", "structure"),
    "USES": Phrase("uses", "is used by", "structure"),
    "IMPLEMENTS": Phrase("implements", "is implemented by", "structure"),
    "ALTERNATIVE_TO": Phrase("is an alternative to", "is an alternative to", "choice"),
    "IMPROVES": Phrase("improves", "is improved by", "gain"),
    "WORSENS": Phrase("worsens", "is worsened by", "cost"),
    "MITIGATES": Phrase("mitigates", "is mitigated by", "gain"),
    "MEASURES": Phrase("measures", "is measured by", "structure"),
    "TRADES_OFF": Phrase("weighs", "is weighed in", "choice"),
    "ASKS_ABOUT": Phrase("asks about", "is asked about in", "study"),
    "TEACHES": Phrase("teaches", "is taught by", "study"),
    "RELATED_TO": Phrase("is related to", "is related to", "study"),
}
"""Every relation type of the ontology, in the order in which a page lists them."""

SYMMETRIC = frozenset({"ALTERNATIVE_TO", "RELATED_TO"})

FAMILIES = {
    "order": ("study order", "#3b82f6"),
    "structure": ("how it is built", "#7d8aa0"),
    "choice": ("choices", "#a97b0f"),
    "gain": ("makes better", "#2f9e44"),
    "cost": ("makes worse", "#e0384f"),
    "study": ("questions, resources, related", "#9a8fb5"),
}
"""Families of relation types: what a line's colour means, and the colour."""


def plain(text: str) -> str:
    r"""Escape a text of the material so that Streamlit's Markdown shows it as it is."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def prose(text: str) -> str:
    """Let an answer's own emphasis and lists through to Streamlit's Markdown, but nothing that it quotes.

    No picture, which would be fetched from afar, no HTML, no formula, no colour.
    """
    return _NOT_PROSE.sub(r"\\\1", text)


def type_name(relation_type: str) -> str:
    """Return a relation type's wording from its source."""
    return PHRASES[relation_type].out


def sentence(relation: Mapping[str, Any]) -> str:
    """Return "source type target" as plain words."""
    return f"{relation['source']['name']} {type_name(relation['type'])} {relation['target']['name']}"


def seen_from(relation: Mapping[str, Any], name: str) -> tuple[str, str, Mapping[str, Any]]:
    """Return how a relation reads for the entity ``name``: direction, wording and the other end."""
    if relation["source"]["name"] == name:
        return "out", PHRASES[relation["type"]].out, relation["target"]
    direction = "out" if relation["type"] in SYMMETRIC else "in"
    return direction, PHRASES[relation["type"]].back, relation["source"]


def confidence_words(confidence: float) -> str:
    """Return a confidence as a word and a percentage: "likely, 82 %"."""
    bounds = [(0.9, "almost certain"), (0.75, "likely"), (0.5, "plausible")]
    word = next((word for bound, word in bounds if confidence >= bound), "uncertain")
    return f"{word}, {confidence:.0%}".replace("%", " %")


def duration(minutes: int) -> str:
    """Return minutes as people say them: "45 min", "2 h", "2 h 5 min"."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours)
    return " ".join(parts)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 passage", "1,204 passages"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"

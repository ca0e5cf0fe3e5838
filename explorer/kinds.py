"""How each kind of entity looks and is called: a colour and a shape that tell it apart, and words."""

from __future__ import annotations

from dataclasses import dataclass

_HEXAGON = "path://M50 0L93 25V75L50 100L7 75V25Z"
_FALLING = "path://M0 6H100L50 94Z"
_BOOK = "path://M8 4H84Q92 4 92 12V96H18Q8 96 8 86ZM18 80V88H84V80Z"
_SCALES = "path://M50 0L58 14H96V24L100 62H64L84 24H58V88H78V98H22V88H42V24H16L36 62H0L4 24V14H42Z"
_SPEECH = "path://M10 6H90Q98 6 98 14V66Q98 74 90 74H44L20 98V74H10Q2 74 2 66V14Q2 6 10 6Z"


@dataclass(frozen=True, slots=True)
class KindLook:
    """The look of a kind: legible on the light and on the dark background, and not by colour alone."""

    name: str
    plural: str
    color: str
    symbol: str  # an ECharts symbol
    icon: str  # a Material symbol, for running text


KINDS = {
    "CONCEPT": KindLook("Concept", "Concepts", "#3b82f6", "circle", "lightbulb"),
    "TOOL": KindLook("Tool", "Tools", "#0f9488", "roundRect", "build"),
    "MODEL": KindLook("Model", "Models", "#8b5cf6", "diamond", "neurology"),
    "PATTERN": KindLook("Pattern", "Patterns", "#d9660a", _HEXAGON, "schema"),
    "METRIC": KindLook("Metric", "Metrics", "#2f9e44", "triangle", "speed"),
    "RISK": KindLook("Risk", "Risks", "#e0384f", _FALLING, "warning"),
    "TRADE_OFF": KindLook("Trade-off", "Trade-offs", "#a97b0f", _SCALES, "balance"),
    "QUESTION": KindLook("Question", "Questions", "#db3f92", _SPEECH, "help"),
    "RESOURCE": KindLook("Resource", "Resources", "#6f7f95", _BOOK, "menu_book"),
}
"""Every kind of the ontology, in its order."""

DIFFICULTIES = {"BEGINNER": "Beginner", "INTERMEDIATE": "Intermediate", "ADVANCED": "Advanced"}


def kind_icon(kind: str) -> str:
    """Return a kind's icon in its colour, as Streamlit's Markdown."""
    look = KINDS[kind]
    return f':color[:material/{look.icon}:]{{foreground="{look.color}"}}'


def kind_label(kind: str) -> str:
    """Return a kind's icon and name, as Streamlit's Markdown."""
    return f"{kind_icon(kind)} {KINDS[kind].name}"

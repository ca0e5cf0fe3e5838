"""Kinds look different from each other, on both backgrounds, and none is forgotten."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import explorer
from explorer import phrases
from explorer.kinds import DIFFICULTIES, KINDS
from explorer.phrases import FAMILIES, PHRASES
from kg.model import SYMMETRIC, Difficulty, EntityKind, RelationType

_THEME = tomllib.loads((Path(explorer.__file__).parent / ".streamlit" / "config.toml").read_text())["theme"]
_COLORS = sorted({look.color for look in KINDS.values()} | {color for _, color in FAMILIES.values()})


def _luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_kind_has_a_look():
    assert list(KINDS) == [kind.value for kind in EntityKind]


def test_every_relation_type_has_a_phrase():
    assert set(PHRASES) == {type_.value for type_ in RelationType}


def test_every_difficulty_has_a_word():
    assert list(DIFFICULTIES) == [difficulty.value for difficulty in Difficulty]


def test_the_types_without_a_direction_are_the_models():
    assert {type_.value for type_ in SYMMETRIC} == phrases.SYMMETRIC


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("color", _COLORS)
def test_a_drawn_colour_stands_out_three_to_one_from_the_background(mode: str, color: str):
    assert contrast(color, _THEME[mode]["backgroundColor"]) >= 3


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("color", ["textColor", "linkColor"])
def test_text_stands_out_four_and_a_half_to_one_from_both_backgrounds(mode: str, color: str):
    theme = _THEME[mode]
    backgrounds = (theme["backgroundColor"], theme["secondaryBackgroundColor"])
    assert min(contrast(theme[color], background) for background in backgrounds) >= 4.5


def test_no_two_kinds_share_a_colour_a_shape_or_an_icon():
    for part in ("color", "symbol", "icon"):
        assert len({getattr(look, part) for look in KINDS.values()}) == len(KINDS)

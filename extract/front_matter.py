"""YAML between two lines of dashes at the top of a note."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

_FENCED = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_MAX_CHARS = 65_536  # more than any note's facts; PyYAML reads about 1 MB/s and recurses


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a file says of itself, and where its body begins."""

    body: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[int, int] | None = None  # stretch to read as text, because it is not YAML
    warnings: tuple[str, ...] = ()


def read_front_matter(text: str) -> FrontMatter:
    """Read the front matter, if there is one; what is not YAML is text of the note, with a warning."""
    match = _FENCED.match(text)
    if match is None:
        return FrontMatter()
    if match.end(1) > _MAX_CHARS:
        return _as_text(match, f"longer than {_MAX_CHARS:,} characters")
    try:
        found = yaml.safe_load(match[1])
    # ValueError: a date such as 2026-02-31. RecursionError: thousands of open brackets.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        return _as_text(match, "not YAML" if line is None else f"not YAML (line {line + 2})")
    if found is None:
        return FrontMatter(body=match.end())
    if not isinstance(found, dict):
        return _as_text(match, "not a list of keys and values")
    return FrontMatter(body=match.end(), metadata={str(key): value for key, value in found.items()})


def _as_text(match: re.Match[str], reason: str) -> FrontMatter:
    warning = f"the front matter is {reason}; it was read as text"
    return FrontMatter(body=match.end(), words=match.span(1), warnings=(warning,))

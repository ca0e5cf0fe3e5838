"""What every loader gives back, and the error of bad input."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from extract.blocks import Block
from kg.errors import KGError


class LoadError(KGError):
    """One input cannot be read; the text says why and, where there is one, what to do."""

    code = "LOAD_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one file holds, whatever its format."""

    title: str
    source: str  # the text that ``Block.start`` counts in: the file's own, or as extracted from it
    blocks: tuple[Block, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def title_from_path(path: str) -> str:
    """Return a title for a file that states none: "01-ocr-and-layout.md" gives "Ocr and layout"."""
    stem = PurePosixPath(path).stem
    words = re.sub(r"[-_\s]+", " ", re.sub(r"^\d+[-_. ]+", "", stem)).strip()
    return words[:1].upper() + words[1:] if words else stem

"""What a loader hands on: a document as a flat list of blocks that still know their structure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_MARKS = "*_`"


class BlockKind(StrEnum):
    """What a block is in its document."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # one list item, without its children
    ROW = "row"  # one table row below the header
    CODE = "code"  # a fenced or indented block, diagrams included


class SpanStyle(StrEnum):
    """How a stretch of a block's text is set."""

    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A styled stretch ``text[start:end]`` of a block."""

    start: int
    end: int
    style: SpanStyle
    target: str = ""  # LINK: where to, as written


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading, paragraph, list item, table row or code block.

    ``text`` is plain: no markup, runs of white space folded to one blank (but in CODE). ``raw`` is the
    very stretch of the source file (for formats without readable source, such as PDF or HTML: the text
    as extracted). ``offsets`` has one index into ``raw`` for each character of ``text`` and one for its
    end, and is empty where the two are equal. Passages are cut from ``raw``, rules read ``text``.
    """

    kind: BlockKind
    text: str
    raw: str
    line: int  # first line in the source file, from 1
    headings: tuple[str, ...]  # plain text, the document's title first; of a HEADING: itself included
    offsets: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()
    level: int = 0  # HEADING: 1 to 6; ITEM: depth of nesting, from 0
    ordered: bool = False  # ITEM of a numbered list
    lead: str = ""  # ITEM: text of the item above it, or of the paragraph that introduces the list
    columns: tuple[str, ...] = ()  # ROW: the header's cells; empty where the table has none
    cells: tuple[str, ...] = ()  # ROW: plain text of each cell
    language: str = ""  # CODE: the fence's first word, lower case; "mermaid" for diagrams
    start: int = 0  # where raw begins in Loaded.source

    def quote(self, start: int, end: int) -> str:
        """Return the source's own words for ``text[start:end]``."""
        if not self.offsets:
            return self.raw[start:end]
        first, last = self.offsets[start], self.offsets[end]
        # Marks beside the words belong to them: half of a bold mark would be nobody's words.
        while first > 0 and self.raw[first - 1] in _MARKS:
            first -= 1
        while last < len(self.raw) and self.raw[last] in _MARKS:
            last += 1
        return self.raw[first:last]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One source file, read: its title, front matter and blocks in order."""

    path: str  # relative to the root, forward slashes
    title: str
    content_hash: str
    blocks: tuple[Block, ...]
    metadata: dict[str, Any] = field(default_factory=dict)  # front matter, as parsed; {} where none
    source: str = ""  # the text that blocks are stretches of: the file's, or as extracted from it
    warnings: tuple[str, ...] = ()  # what was read otherwise than its author may expect

"""Passages: stretches of a document under one heading, sized for retrieval."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from extract.blocks import Block, BlockKind, Loaded
from extract.sentences import sentence_spans
from kg.model import Document, Passage
from kg.names import content_id

TARGET_WORDS = 150
"""What a passage should have: enough to stand alone, and within the 256 word pieces of MiniLM."""

MAX_WORDS = 220
"""What a passage of prose has at most; a longer sentence, row or code block stays whole."""

_BLANK_LINE = re.compile(r"\n[ \t>]*\n")


def split(document: Document, loaded: Loaded) -> list[tuple[Passage, tuple[Block, ...]]]:
    """Cut a document into passages, each with its blocks, in the order of the document.

    The blocks of all passages, one after another, are those of ``loaded``, but that a paragraph or item
    of more than ``MAX_WORDS`` comes as several, cut between sentences. A heading is among the blocks
    of the first passage below it, and not in that passage's text; headings at the end with nothing
    below them are a passage of their own.
    """
    found: list[tuple[Passage, tuple[Block, ...]]] = []
    seen: Counter[str] = Counter()
    end = 0  # of the passage before
    for headings, content in _groups(loaded.blocks):
        body = content or headings
        end = max(end, headings[-1].start + len(headings[-1].raw) if headings and content else end)
        start = _with_table_head(loaded.source, end, body[0])
        end = body[-1].start + len(body[-1].raw)
        text = loaded.source[start:end]
        passage = Passage(
            id=content_id("p", document.id, text, str(seen[text])),
            document_id=document.id,
            position=len(found),
            headings=body[0].headings,
            line=body[0].line,
            text=text,
        )
        seen[text] += 1
        found.append((passage, (*headings, *content)))
    return found


def _with_table_head(source: str, after: int, first: Block) -> int:
    """Return where a passage begins: a table's first row takes the head along, which is no block."""
    if first.kind is not BlockKind.ROW or not first.columns:
        return first.start
    head = _BLANK_LINE.split(source[after : first.start])[-1].lstrip("\n")
    return first.start - len(head) if "|" in head else first.start


def _groups(blocks: Sequence[Block]) -> Iterator[tuple[list[Block], list[Block]]]:
    """Yield the blocks of each passage: the headings before it, and what is below them."""
    headings: list[Block] = []
    content: list[Block] = []
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            content.extend(_cut(block))
            continue
        if content:
            yield from _pack(headings, content)
            headings, content = [], []
        headings.append(block)
    if headings or content:
        yield from _pack(headings, content)


def _pack(headings: list[Block], content: list[Block]) -> Iterator[tuple[list[Block], list[Block]]]:
    """Share what is under one heading out over passages of about the same length."""
    words = [_words(block) for block in content]
    total = sum(words)
    if total <= MAX_WORDS:
        yield headings, content
        return
    target = total / max(round(total / TARGET_WORDS), 1)
    packed: list[Block] = []
    length, left = 0, total
    for index, block in enumerate(content):
        full = length + words[index] / 2 > target or length + words[index] > MAX_WORDS
        if packed and full and left > target / 4:
            keep = _introduces(packed, block)
            yield headings, packed[: len(packed) - keep]
            headings, packed = [], packed[len(packed) - keep :]
            length = sum(_words(kept) for kept in packed)
        packed.append(block)
        length += words[index]
        left -= words[index]
    yield headings, packed


def _introduces(packed: Sequence[Block], following: Block) -> int:
    """Return 1 where the last block is a short line that only makes sense with what follows it, else 0."""
    last = packed[-1]
    leads = last.kind is BlockKind.PARAGRAPH and last.text.endswith(":") and _words(last) < TARGET_WORDS / 3
    return int(leads and len(packed) > 1 and following.kind is not BlockKind.PARAGRAPH)


def _words(block: Block) -> int:
    return block.text.count(" ") + block.text.count("\n") + 1


def _cut(block: Block) -> list[Block]:
    """Cut prose that is too long for a passage between sentences, into parts of about the same length."""
    total = _words(block)
    if total <= MAX_WORDS or block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM):
        return [block]
    target = total / round(total / TARGET_WORDS)
    cuts = [0]
    length = 0
    for start, end in sentence_spans(block.text):
        words = block.text.count(" ", start, end) + 1
        if length and (length + words / 2 > target or length + words > MAX_WORDS):
            cuts.append(start)
            length = 0
        length += words
    return [_part(block, start, end) for start, end in pairwise([*cuts, len(block.text)])]


def _part(block: Block, start: int, end: int) -> Block:
    """Return ``text[start:end]`` of a block as a block; the first part keeps a list item's mark."""
    offsets = block.offsets or range(len(block.text) + 1)
    text = block.text[start:end].rstrip()
    raw_start = offsets[start] if start else 0
    raw_end = offsets[end] if end < len(block.text) else len(block.raw)
    raw = block.raw[raw_start:raw_end].rstrip()
    moved = tuple([min(offset - raw_start, len(raw)) for offset in offsets[start : start + len(text) + 1]])
    spans = tuple(
        replace(span, start=max(span.start - start, 0), end=min(span.end - start, len(text)))
        for span in block.spans
        if span.start < start + len(text) and span.end > start
    )
    return replace(
        block,
        text=text,
        raw=raw,
        start=block.start + raw_start,
        line=block.line + block.raw.count("\n", 0, raw_start),
        offsets=() if text == raw else moved,
        spans=spans,
    )

"""Where passages name entities: offsets, counts and the sentence around the first."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise

from extract.link import Found, NameIndex
from extract.sentences import sentence_spans
from kg.model import Mention, Passage

_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_ADDRESS = re.compile(
    r"(?<=\])\([^()\s]*\)|https?://\S+|arXiv:\s?[\d.v]+|\b[\w/-]+\.(?:md|html?|py|json|ya?ml)\b"
)
# Where a new block begins in a passage's own text: a blank line, a list item, a table row, a heading.
_BLOCK = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t])|\n(?=[ \t]*\|)|(?<=\|)\n|\n(?=#)")
_MARK = re.compile(r"[ \t\n]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|#+[ \t]+|>[ \t]*)?")


def link(passage: Passage, index: NameIndex) -> list[Found]:
    """Return the names in a passage's prose, lists and tables; code and addresses name no ideas."""
    text = _FENCED.sub(_blank, passage.text)
    text = _ADDRESS.sub(_blank, text)
    return index.find(text, context=" ".join(passage.headings))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def mentions(passage: Passage, found: Iterable[Found]) -> Iterator[Mention]:
    """Fold the names found in a passage to one mention for each entity, first mention first."""
    first: dict[str, Found] = {}
    counts: dict[str, int] = {}
    for one in found:
        first.setdefault(one.target, one)
        counts[one.target] = counts.get(one.target, 0) + 1
    spans = stretches(passage.text) if first else []
    starts = [start for start, _ in spans]
    for entity_id, one in first.items():
        start, end = spans[max(0, bisect_right(starts, one.start) - 1)]
        yield Mention(
            entity_id=entity_id,
            passage_id=passage.id,
            count=counts[entity_id],
            start=one.start,
            quote=passage.text[start : max(end, one.end)].strip(),
        )


def stretches(text: str) -> list[tuple[int, int]]:
    """Return the bounds of sentences, list items and table rows in a passage's own text, in order."""
    spans: list[tuple[int, int]] = []
    cuts = [0, *(match.end() for match in _BLOCK.finditer(text)), len(text)]
    for start, end in pairwise(cuts):
        mark = _MARK.match(text, start, end)
        begin = mark.end() if mark else start
        block = text[begin:end]
        if block.lstrip().startswith("|"):
            spans.append((begin, end))
            continue
        spans.extend((begin + one, begin + other) for one, other in sentence_spans(block))
    return spans or [(0, len(text))]

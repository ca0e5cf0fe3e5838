"""Where passages name entities: offsets, counts and the sentence around the first."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise

from extract.link import Found
from extract.sentences import sentence_spans
from kg.model import Mention, Passage

_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_ADDRESS = re.compile(
    r"(?<=\])\([^()\s]*\)|https?://\S+|arXiv:\s?[\d.v]+|\b[\w/-]+\.(?:md|html?|py|json|ya?ml)\b"
)
# Where a new block begins in a passage's own text: a blank line, a list item, a table row, a heading.
_BLOCK = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t])|\n(?=[ \t]*\|)|(?<=\|)\n|\n(?=#)")
_MARK = re.compile(r"[ \t\n]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|#+[ \t]+|>[ \t]*)?")


def prose(passage: Passage) -> str:
    """Return a passage's text with blanks for its code and addresses, which name no ideas."""
    return _ADDRESS.sub(_blank, _FENCED.sub(_blank, passage.text))


def opened(passages: Iterable[Passage]) -> dict[str, tuple[str, ...]]:
    """Return by passage id the headings whose section begins with that passage, the outermost first."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    found: dict[str, tuple[str, ...]] = {}
    for passage in passages:
        paths = [passage.headings[: depth + 1] for depth in range(len(passage.headings))]
        fresh = [path for path in paths if (passage.document_id, path) not in seen]
        seen.update((passage.document_id, path) for path in fresh)
        if fresh:
            found[passage.id] = tuple(path[-1] for path in fresh)
    return found


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


def blocks(text: str) -> list[tuple[int, int]]:
    """Return the bounds of paragraphs, list items and table rows in a passage's own text, in order."""
    return [*pairwise([0, *(match.end() for match in _BLOCK.finditer(text)), len(text)])]


def stretches(text: str) -> list[tuple[int, int]]:
    """Return the bounds of sentences, list items and table rows in a passage's own text, in order."""
    spans: list[tuple[int, int]] = []
    for start, end in blocks(text):
        mark = _MARK.match(text, start, end)
        begin = mark.end() if mark else start
        block = text[begin:end]
        if block.lstrip().startswith("|"):
            spans.append((begin, end))
            continue
        spans.extend((begin + one, begin + other) for one, other in sentence_spans(block))
    return spans or [(0, len(text))]

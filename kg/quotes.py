"""Sentences of a passage, exactly as it has them, and how they read without markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.names import WORD, fold_word

_FENCE = re.compile(r"^\s*(?:```|~~~)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s")
_RULE = re.compile(r"^[\s|:=*_-]*$")  # blank lines, table rules, thematic breaks
_MARKER = re.compile(r"^\s*(?:>\s?)*(?:(?:[-*+\u2022]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?)?")
_ITEM = re.compile(r"^\s*(?:>\s?)*(?:[-*+\u2022]|\d{1,3}[.)])\s+")
_END = re.compile(
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\betc\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\bFig\.)(?<!\b[A-Z]\.)"
    r"(?<=[.!?])[\"'\u201d\u2019)\]*_`]*(?P<gap>\s+)(?=[\"'\u201c(\[*_`]*[A-Z0-9])"
)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
_EMPHASIS = re.compile(r"\*\*|__|~~|`+|(?<!\w)[*_](?=\w)|(?<=\w|[.,;:!?)])[*_](?!\w)")
_ENDINGS = ("ing", "ed", "ly", "ion", "or", "er")
_SHORTEST_STEM = 4


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences and list items of a passage, each a stretch of ``text``.

    Headings, table rows and code are left out: out of their place they say nothing.
    """
    for block in _blocks(text):
        start = 0
        for match in _END.finditer(block):
            yield block[start : match.start("gap")]
            start = match.end()
        if block[start:].strip():
            yield block[start:].rstrip()


def plain(quote: str) -> str:
    """Return a quote as it reads: without list marks, emphasis, tags and the targets of links."""
    unmarked = _EMPHASIS.sub("", _TAG.sub(" ", _LINK.sub(r"\1", _MARKER.sub("", quote))))
    return " ".join(unmarked.strip().strip("|").split())


def stems(text: str) -> set[str]:
    """Return the words of a text without their endings: "reduces", "reduced" and "reducing" meet."""
    return {stem(word.casefold()) for word in WORD.findall(text)}


def stem(word: str) -> str:
    """Return a lower-case word without its ending; it need not be a word itself."""
    folded = fold_word(word)
    for ending in (*_ENDINGS, "at", "e"):  # "evaluation", "evaluated" and "evaluate" all end in "at"
        if folded.endswith(ending) and len(folded) - len(ending) >= _SHORTEST_STEM:
            folded = folded.removesuffix(ending)
    return folded


def _blocks(text: str) -> Iterator[str]:
    """Yield paragraphs and list items without their marks, as stretches of the text."""
    begin: int | None = None  # of the block that is open
    end = position = 0
    fenced = False
    for line in text.splitlines(keepends=True):
        fence = bool(_FENCE.match(line))
        skipped = (
            fenced or fence or _HEADING.match(line) or _RULE.match(line) or line.lstrip().startswith("|")
        )
        if begin is not None and (skipped or _ITEM.match(line)):
            yield text[begin:end]
            begin = None
        if not skipped:
            if begin is None:
                marker = _MARKER.match(line)
                begin = position + (marker.end() if marker else 0)
            end = position + len(line.rstrip())
        fenced ^= fence
        position += len(line)
    if begin is not None and begin < end:
        yield text[begin:end]

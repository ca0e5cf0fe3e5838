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
# What leads into a sentence of a guide, and says nothing without what stood before it.
_LABEL = re.compile(
    r"(?:(?:strong|good|model|sample|short|weak) answer|answer|a|why it matters|"
    r"the (?:catch|tricky part|key insight)|key (?:insight|point|idea|takeaway)|note|important|"
    r"bottom line|in short|impact|mental model)\s*:\s*",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"\s*(?:n/?a|none)\s*$", re.IGNORECASE)  # a table's cell
_CALLOUT = re.compile(r"^\[![A-Za-z]+\][\s>]*")  # as in "> [!NOTE]"
_POINTER = re.compile(r"[.;]?\s+\(?[Ss]ee (?:also |the )?[^.?!()]{1,80}\)?\.?$")
_ENDINGS = ("ing", "ed", "ly", "ion", "or", "er")
_SHORTEST_STEM = 4


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences and list items of a passage, each a stretch of ``text``.

    Headings, table rows and code are left out: out of their place they say nothing.
    """
    for block, spans in paragraphs(text):
        for start, end in spans:
            yield block[start:end]


def paragraphs(text: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield each paragraph and list item, a stretch of ``text``, and where its sentences stand in it."""
    for block in _blocks(text):
        start = 0
        spans: list[tuple[int, int]] = []
        for match in _END.finditer(block):
            spans.append((start, match.start("gap")))
            start = match.end()
        if block[start:].strip():
            spans.append((start, len(block.rstrip())))
        yield block, spans


def table_rows(text: str) -> Iterator[str]:
    """Yield the rows of a passage's tables, each a stretch of ``text``; rules between them are left out."""
    for line in text.splitlines():
        row = line.strip()
        if row.startswith("|") and row.count("|") > 2 and not _RULE.match(row):
            yield row


def plain(quote: str) -> str:
    """Return a quote as it reads: without list marks, emphasis, tags and the targets of links."""
    unmarked = _EMPHASIS.sub("", _TAG.sub(" ", _LINK.sub(r"\1", _MARKER.sub("", quote))))
    return " ".join(unmarked.strip().strip("|").split())


def as_sentence(quote: str) -> str:
    """Return a quote as it stands in prose: plain, ended by a stop; of a table row the first two cells."""
    text = _CALLOUT.sub("", plain(quote))
    if quote.lstrip().startswith("|") or " | " in text:
        text = ": ".join(
            [cell.strip() for cell in text.split("|") if WORD.search(cell) and not _EMPTY.match(cell)][:2]
        )
    text = _POINTER.sub(".", text[label.end() :] if (label := _LABEL.match(text)) else text)
    # A quotation that began or ends in another sentence.
    for mark in ('"', "\u201c", "\u201d"):
        if text.count('"') % 2 or text.count("\u201c") != text.count("\u201d"):
            text = text.removeprefix(mark).removesuffix(mark)
    text = text.rstrip(" ;,\u2014-")
    stopped = text.rstrip("\"'\u201d\u2019)]").endswith((".", "!", "?", ":", "\u2026"))
    return text if stopped or not text else f"{text}."


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

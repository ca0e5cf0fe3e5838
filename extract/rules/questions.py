"""Questions that the material asks, and resources that it sends its reader to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.blocks import BlockKind, SpanStyle
from extract.lexicon import role_of
from extract.naming import tidy
from extract.reading import Part, Reading
from kg.model import Difficulty, EntityClaim, EntityKind, RelationClaim, RelationType
from kg.names import name_key

_ASKED = re.compile(r"^(?:\W*(?:q(?:uestion)?)\s*\d*\s*[:.)-]+\s*(?:\w+\s*[-–]\s*)?)", re.IGNORECASE)  # noqa: RUF001
_LEVEL = re.compile(r"\b(beginner|intermediate|advanced)\b", re.IGNORECASE)
_TITLE = re.compile(r"[\"“](?P<title>[^\"”]{4,110})[\"”]")
_PAPER = re.compile(r"arxiv|doi\.org|/abs/|\.pdf|openreview|aclanthology|papers?\b", re.IGNORECASE)
_CITED = re.compile(r"\([^()]*\)|https?://\S+|arxiv:?\s?[\d.v]*|doi:?\S*", re.IGNORECASE)
_EMPTY = re.compile(
    r"\b(?:here|this|link|docs?|documentation|website|github|blog|source|homepage|readme)\b", re.IGNORECASE
)


def claims(reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    """Yield QUESTION and RESOURCE entities, with what they ask about or teach."""
    for part in reading.parts:
        block = part.block
        in_resources = any(role_of(heading) == "resources" for heading in block.headings[-2:])
        if in_resources and block.kind in (BlockKind.ITEM, BlockKind.ROW, BlockKind.PARAGRAPH):
            yield from _resource(part, reading)
        elif block.kind in (BlockKind.HEADING, BlockKind.ITEM, BlockKind.PARAGRAPH):
            yield from _question(part, part.subject or reading.title)


def _question(part: Part, about: str) -> Iterator[EntityClaim | RelationClaim]:
    block = part.block
    asked = _ASKED.match(block.text)
    banked = any(role_of(heading) == "questions" for heading in block.headings)
    if asked is None and not (banked and _set_apart(part)):
        return
    text = block.text[asked.end() if asked else 0 :]
    match = re.match(r"[\W\d]*(?P<question>[A-Z\"“][^?]{10,240}\?)", text)
    if match is None:
        return
    question = match["question"].strip('"“” ')
    if ". " in question:
        question = question.rsplit(". ", 1)[1]  # a scene is set first; the question itself is what counts
    level = _LEVEL.search(block.text[: asked.end()]) if asked else None
    evidence = part.evidence_at(block.text.find(question))
    yield EntityClaim(
        name=question,
        kind=EntityKind.QUESTION,
        difficulty=Difficulty(level.group(1).upper()) if level else None,
        rule="question",
        confidence=0.9,
        evidence=evidence,
    )
    for target, rule, confidence in ((question, "question", 0.85), (about, "question-section", 0.7)):
        yield RelationClaim(
            source=question,
            type=RelationType.ASKS_ABOUT,
            target=target,
            rule=rule,
            confidence=confidence,
            evidence=evidence,
        )


def _set_apart(part: Part) -> bool:
    """Whether a block is set like a question: a heading, or wholly bold up to its question mark."""
    block = part.block
    if block.kind is BlockKind.HEADING:
        return True
    end = block.text.find("?")
    bold = any(span.style is SpanStyle.BOLD and span.start <= 4 and span.end >= end for span in block.spans)
    return end > 0 and (bold or (block.kind is BlockKind.ITEM and end >= len(block.text) - 2))


def _resource(part: Part, reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    block = part.block
    found = _resource_title(part)
    if found is None:
        return
    yield EntityClaim(
        name=found, kind=EntityKind.RESOURCE, rule="resource", confidence=0.8, evidence=part.evidence()
    )
    subject = part.subject or reading.title
    described = _after(block.text, found)
    shared = not _words(found).isdisjoint(_words(subject))
    for target, confidence in ((found, 0.8), (described, 0.55), (subject, 0.7 if shared else 0.45)):
        if target:
            yield RelationClaim(
                source=found,
                type=RelationType.TEACHES,
                target=target,
                rule="resource-title"
                if target == found
                else "resource-about"
                if target == described
                else "resource-section",
                confidence=confidence,
                evidence=part.evidence(),
            )


def _after(text: str, title: str) -> str:
    """Return what an entry says right after a title, before it goes on to the next one."""
    rest = text[text.find(title) + len(title) :].strip('"”*_ ]')
    return _CITED.sub(" ", re.split(r"[·\[\"“|]", rest)[0])


def _words(text: str) -> set[str]:
    return {word for word in name_key(text).split() if len(word) > 3}


def _resource_title(part: Part) -> str | None:
    """Return the title in quotation marks or of the link, or of a row's cell under "Resource"."""
    block = part.block
    if block.kind is BlockKind.ROW:
        for cell, column in zip(block.cells, block.columns, strict=False):
            if column.casefold() in ("resource", "course", "book", "paper", "title", "guide", "name"):
                quoted = _TITLE.search(cell)
                return _title(quoted["title"] if quoted else cell)
        return None
    quoted = _TITLE.search(block.text)
    if quoted:
        return _title(quoted["title"])
    for span in block.spans:
        if span.style is SpanStyle.LINK and "://" in span.target:
            return _title(block.text[span.start : span.end])
    italic = next((span for span in block.spans if span.style is SpanStyle.ITALIC), None)
    return _title(block.text[italic.start : italic.end]) if italic else None


def _title(text: str) -> str | None:
    title = tidy(text)
    words = title.split()
    if not 2 <= len(words) <= 18 or "://" in title or (len(words) <= 2 and _EMPTY.search(title)):
        return None
    return title

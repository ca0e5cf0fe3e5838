"""Questions that the material asks, and resources that it sends its reader to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.blocks import BlockKind, SpanStyle
from extract.lexicon import kind_of_head, role_of
from extract.naming import tidy
from extract.reading import Part, Reading
from kg.model import Difficulty, EntityClaim, EntityKind, RelationClaim, RelationType
from kg.names import name_key

_ASKED = re.compile(r"^(?:\W*(?:q(?:uestion)?)\s*\d*\s*[:.)-]+\s*(?:\w+\s*[-–]\s*)?)", re.IGNORECASE)  # noqa: RUF001
_LEVEL = re.compile(r"\b(beginner|intermediate|advanced)\b", re.IGNORECASE)
_INTERROGATIVE = re.compile(r"[\W\d]*(?P<question>[A-Z\"“][^?]{5,300}\?)")
_IMPERATIVE = re.compile(
    r"\W*(?P<question>(?:Explain|Describe|Compare|Design|Discuss|Walk (?:me|us) through|"
    r"Tell (?:me|us) about|Outline|Sketch|Estimate|Define|Propose|Contrast|Name|Give an example)\b"
    r"[^.?!]{8,200}[.!]?)"
)
_MOST_PARTS = 12  # blocks of an answer that are read
_LONG = 200  # characters; of a longer one only the last sentence, which asks, is kept
_TITLE = re.compile(r"[\"“](?P<title>[^\"”]{4,110})[\"”]")
_STUDIED = re.compile(r"(?:courses?|books?|papers?|resources?|guides?)", re.IGNORECASE)
_CITED = re.compile(r"\([^()]*\)|https?://\S+|arxiv:?\s?[\d.v]*|doi:?\S*", re.IGNORECASE)
_EMPTY = re.compile(
    r"\b(?:here|this|link|docs?|documentation|website|github|blog|source|homepage|readme)\b", re.IGNORECASE
)


def claims(reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    """Yield QUESTION and RESOURCE entities, with what they ask about or teach."""
    for part in reading.parts:
        block = part.block
        in_resources = any(role_of(heading) == "resources" for heading in block.headings[-2:])
        listed = in_resources and block.kind in (BlockKind.ITEM, BlockKind.ROW, BlockKind.PARAGRAPH)
        if listed or (block.columns and _STUDIED.fullmatch(block.columns[0])):
            yield from _resource(part, reading)
        elif block.kind is not BlockKind.CODE:
            yield from _question(part, reading)


def _question(part: Part, reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    asked = asked_in(part, reading)
    if asked is None:
        return
    question, level = asked
    evidence = part.evidence_at(part.block.text.find(question))
    yield EntityClaim(
        name=question,
        kind=EntityKind.QUESTION,
        difficulty=level,
        rule="question",
        confidence=0.9,
        evidence=evidence,
    )
    about = part.subject or reading.title
    for target, rule, confidence in ((question, "question", 0.85), (about, "question-section", 0.45)):
        yield RelationClaim(
            source=question,
            type=RelationType.ASKS_ABOUT,
            target=target,
            rule=rule,
            confidence=confidence,
            evidence=evidence,
        )


def asked_in(part: Part, reading: Reading) -> tuple[str, Difficulty | None] | None:
    """Return the question that a block puts to the reader, with its difficulty where that is said.

    It is marked as one ("Q: ..."), stands in a column of questions, or is set apart below a heading or in
    a document that announces questions. "Explain X" asks as well as "What is X?" there.
    """
    block = part.block
    if block.kind is BlockKind.ROW:
        asks = block.columns and kind_of_head(block.columns[0]) is EntityKind.QUESTION
        question = _question_in(tidy(block.cells[0])) if asks else None
        return (question, None) if question else None
    marked = _ASKED.match(block.text)
    announced = any(role_of(heading) == "questions" for heading in (*block.headings, reading.title))
    if marked is None and not (announced and _set_apart(part)):
        return None
    question = _question_in(block.text[marked.end() if marked else 0 :])
    if question is None:
        return None
    level = _LEVEL.search(block.text[: marked.end()]) if marked else None
    return question, Difficulty(level.group(1).upper()) if level else None


def answer_below(reading: Reading, at: int) -> list[Part]:
    """Return what stands below a heading, or after a question up to the next one."""
    part = reading.parts[at]
    if part.block.kind is BlockKind.ROW:
        return [part]
    below: list[Part] = [part] if part.block.kind is not BlockKind.HEADING else []
    for other in reading.parts[at + 1 : at + 1 + _MOST_PARTS]:
        if other.block.headings[: len(part.block.headings)] != part.block.headings or asked_in(
            other, reading
        ):
            break
        if other.block.kind is not BlockKind.HEADING:
            below.append(other)
    return below


def _question_in(text: str) -> str | None:
    """Return the question that a text begins with, with the scene that is set for it unless that is long."""
    match = _INTERROGATIVE.match(text) or _IMPERATIVE.match(text)
    if match is None:
        return None
    question = match["question"].strip('"“” ')
    if len(question) > _LONG and ". " in question:
        question = question.rsplit(". ", 1)[1]
    return question if len(question.split()) > 2 or "?" in question else None


def _set_apart(part: Part) -> bool:
    """Whether a block is set like a question: a heading, or wholly bold up to its end."""
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

"""What stands in one frame: a term and its explanation, a section and its items, a row and its cells.

A frame says that two things have to do with each other, not what; the claims are typed by the fold, from
the frame, the kinds of the ends and whatever else is said of the pair there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from extract.blocks import BlockKind
from extract.clauses import prepositions
from extract.items import Phrase
from extract.lexicon import asks, role_of
from extract.naming import is_name, split_parenthesis, tidy
from extract.reading import Part, Reading
from extract.rules.phrases import plain
from extract.rules.sentences import lead_name
from kg.model import Evidence, RelationClaim, RelationType

_FAINT = 0.1  # a frame alone; the fold's model weighs it with all else
_MOST = 8  # phrases of one frame
_SHORT_ITEM = 14  # words; a longer item without a lead is prose


def claims(reading: Reading) -> Iterator[RelationClaim]:
    """Yield the pairs of the document's frames."""
    for is_row, group in groupby(reading.parts, key=lambda part: part.block.kind is BlockKind.ROW):
        for part in group:
            if part.block.kind in (BlockKind.HEADING, BlockKind.CODE):
                continue
            if is_row:
                yield from _row(part, reading)
            else:
                yield from _block(part, reading)
                yield from _prepositions(part)


def _block(part: Part, reading: Reading) -> Iterator[RelationClaim]:
    role = role_above(part)
    lead = lead_name(part)
    subject = part.subject or reading.title
    phrases = list(_named(part))
    item = part.block.kind is BlockKind.ITEM
    if lead:
        if subject:
            yield _pair(subject, lead, f"{'item' if item else 'term'}-{role}", part.evidence())
        own = lead.casefold()
        inner = [one for one in phrases if one[0].casefold() not in own]
        for phrase, evidence in inner[:_MOST]:
            yield _pair(lead, phrase, f"lead-{role}", evidence)
    elif item and len(part.block.text.split()) <= _SHORT_ITEM:
        for phrase, evidence in phrases[:4] if subject else ():
            yield _pair(subject, phrase, f"listed-{role}", evidence)
    elif subject:
        for phrase, evidence in phrases[:_MOST]:
            yield _pair(subject, phrase, f"{'item' if item else 'text'}-in-{role}", evidence)
    if item and part.block.lead and not lead:
        head = tidy(part.block.lead.rstrip(": "))
        if is_name(head):
            for phrase, evidence in phrases[:3]:
                yield _pair(head, phrase, "below-item", evidence)


def _named(part: Part) -> Iterator[tuple[str, Evidence]]:
    """Yield the noun phrases that can be names, each with its sentence as evidence."""
    for sentence in part.sentences:
        if asks(sentence.text):
            continue
        named = [name for phrase in sentence.phrases if is_name(name := plain(phrase.text))]
        evidence = part.sentence_evidence(sentence) if named else None
        yield from ((name, evidence) for name in named if evidence)


def role_above(part: Part) -> str:
    """Return what the list's introduction or the nearest heading with a role announces, or "none"."""
    lead = part.block.lead
    if lead and len(lead.split()) <= 6 and (role := role_of(lead.rstrip(": "))):
        return role
    for heading in reversed(part.block.headings[1:]):
        if role := role_of(heading):
            return role
    return "none"


def _row(part: Part, reading: Reading) -> Iterator[RelationClaim]:
    cells, columns = part.block.cells, part.block.columns
    if len(cells) < 2:
        return
    name = split_parenthesis(tidy(cells[0]))
    evidence = part.evidence()
    subject = part.subject or reading.title
    if name and subject:
        yield _pair(
            subject, name.name, f"row-{role_of(columns[0]) if columns else None}-{role_above(part)}", evidence
        )
    inner = [(place, plain(phrase.text)) for place, phrase in _cell_phrases(part)]
    for place, phrase in inner:
        role = (role_of(columns[place]) if place < len(columns) else None) or "none"
        if place and name and is_name(phrase):
            yield _pair(name.name, phrase, f"cell-{role}", evidence)
        if place and place < len(columns) and is_name(tidy(columns[place])) and not role_of(columns[place]):
            yield _pair(tidy(columns[place]), phrase, "column-cell", evidence)
    for place, phrase in inner:
        if place and role_of(columns[place] if place < len(columns) else "") == "mitigation":
            for other, problem in inner:
                if 0 < other < place:
                    yield _pair(problem, phrase, "cells-mitigation", evidence)


def _cell_phrases(part: Part) -> list[tuple[int, Phrase]]:
    """Return the noun phrases of a row with the number of their cell."""
    found = []
    ends, at = [], 0
    for cell in part.block.cells:
        start = part.block.text.find(cell, at)
        at = (start if start >= 0 else at) + len(cell)
        ends.append(at)
    for sentence in part.sentences:
        for phrase in sentence.phrases:
            place = next((number for number, end in enumerate(ends) if phrase.end_char <= end), None)
            if place is not None:
                found.append((place, phrase))
    return found[:24]


def _prepositions(part: Part) -> Iterator[RelationClaim]:
    for sentence in part.sentences:
        for left, word, right in () if asks(sentence.text) else prepositions(sentence):
            one, other = plain(left), plain(right)
            if is_name(one) and is_name(other):
                yield _pair(one, other, f"prep-{word}", part.sentence_evidence(sentence))


def _pair(source: str, target: str, rule: str, evidence: Evidence) -> RelationClaim:
    return RelationClaim(
        source=source,
        type=RelationType.RELATED_TO,
        target=target,
        rule=rule,
        confidence=_FAINT,
        evidence=evidence,
    )

"""Relations that the outline states: what stands below a heading or a label, by what that announces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from extract.blocks import Block, BlockKind, SpanStyle
from extract.lexicon import role_of
from extract.naming import is_name, is_versus, listed_names, names_in_heading, tidy
from extract.reading import Part, Reading
from kg.model import EntityClaim, Evidence, RelationClaim, RelationType

# What an item below such a heading or label says of the section's subject: (type, item is the source).
_ITEM: dict[str, tuple[RelationType, bool, float]] = {
    "prerequisites": (RelationType.PREREQUISITE_OF, True, 0.85),
    "parts": (RelationType.PART_OF, True, 0.65),
    "kinds": (RelationType.IS_A, True, 0.65),
    "tools": (RelationType.IMPLEMENTS, True, 0.7),
    "examples": (RelationType.IS_A, True, 0.55),
    "uses": (RelationType.USES, False, 0.7),
    "metrics": (RelationType.MEASURES, True, 0.65),
    "measures": (RelationType.MEASURES, False, 0.65),
    "mitigation": (RelationType.MITIGATES, True, 0.65),
    "alternatives": (RelationType.ALTERNATIVE_TO, False, 0.7),
    "related": (RelationType.RELATED_TO, False, 0.5),
    "risks": (RelationType.RELATED_TO, False, 0.5),
}
_KINDS_OF = re.compile(
    r"^(?!related)(?:types|kinds|categories|variants|families|strategies|techniques|methods|approaches|patterns|"
    r"algorithms) of\s+"
    r"(?P<of>.+)$|^(?P<head>.+?)\s+(?:types|strategies|techniques|methods|approaches|algorithms|variants|topologies)$",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\W*(?:read (?:this )?first|prerequisites?|before (?:you|this)|what to know)\b", re.IGNORECASE
)
_TURNING = re.compile(r"\W*(?:next|previous|back|prev|related chapters?|go deeper|see also)\b", re.IGNORECASE)
_LABEL = re.compile(r"^(?P<label>[A-Z][^:.!?]{2,40}):\s*(?P<rest>.*)$", re.DOTALL)


def claims(reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    """Yield what versus-headings, headed lists, labelled lines, links and nested headings state."""
    for part in reading.parts:
        if part.block.kind is BlockKind.HEADING:
            yield from _versus(part)
            yield from _nested(part)
        elif part.block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM):
            yield from _headed(part, reading)
            yield from _labelled(part, reading)
            yield from _links(part)
    yield from _front_matter(reading)


def _front_matter(reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    given = reading.metadata.get("prerequisites")
    if not isinstance(given, list) or not reading.parts or not reading.title:
        return
    for name in given:
        evidence = _where_stated(str(name), reading)
        yield EntityClaim(name=str(name), rule="stated", confidence=0.95, evidence=evidence)
        yield RelationClaim(
            source=str(name),
            type=RelationType.PREREQUISITE_OF,
            target=reading.title,
            rule="front-matter",
            confidence=0.95,
            evidence=evidence,
        )


def _where_stated(name: str, reading: Reading) -> Evidence:
    """Return the line of the text that names a prerequisite: "Read first: ...", else where it stands first.

    The front matter is no passage; where the text never names it, the document's opening stands for it.
    """
    naming = [part for part in reading.parts if name.casefold() in part.block.text.casefold()]
    listed = [part for part in naming if _FIRST.match(part.block.text) or _FIRST.match(part.block.lead)]
    best = next(iter([*listed, *naming]), None)
    if best is None:
        return reading.parts[0].evidence()
    return best.evidence_at(best.block.text.casefold().find(name.casefold()))


def _versus(part: Part) -> Iterator[RelationClaim]:
    if not is_versus(part.block.text):
        return
    for one, other in combinations(names_in_heading(part.block.text), 2):
        yield RelationClaim(
            source=one.name,
            type=RelationType.ALTERNATIVE_TO,
            target=other.name,
            rule="heading-versus",
            confidence=0.8,
            evidence=part.evidence(),
        )


def _nested(part: Part) -> Iterator[RelationClaim]:
    """Say that what a heading names belongs with what the heading above names."""
    headings = part.block.headings
    if len(headings) < 2:
        return
    below = names_in_heading(headings[-1])
    kinds = _KINDS_OF.match(tidy(headings[-2]))
    above = (
        [tidy(kinds["of"] or kinds["head"])]
        if kinds
        else [name.name for name in names_in_heading(headings[-2])]
    )
    if len(below) != 1 or len(above) != 1:
        return
    yield RelationClaim(
        source=below[0].name,
        type=RelationType.IS_A if kinds else RelationType.RELATED_TO,
        target=above[0],
        rule="heading-kinds" if kinds else "heading-nested",
        confidence=0.6 if kinds else 0.5,
        evidence=part.evidence(),
    )


def _headed(part: Part, reading: Reading) -> Iterator[RelationClaim]:
    """Read an item below "Prerequisites", "Components", "Tools" ... of what the section is about."""
    block = part.block
    if block.kind is not BlockKind.ITEM or not block.headings:
        return
    lead_role = role_of(block.lead) if len(block.lead.split()) <= 6 else None
    role = lead_role or role_of(block.headings[-1])
    if role not in _ITEM:
        return
    subject = part.subject or reading.title
    if role == "kinds":
        subject = _sort(block.lead if lead_role else block.headings[-1])
    yield from _about(part, role, subject, _item_names(block, role))


def _sort(announced: str) -> str:
    """Return what "Types of indexes" and "Chunking strategies" announce kinds of, or ""."""
    matched = _KINDS_OF.match(tidy(announced))
    return tidy(matched["of"] or matched["head"]) if matched else ""


def _item_names(block: Block, role: str) -> list[str]:
    """Return the names an item lists: its bold lead, its links, or the whole short item."""
    bold = next((span for span in block.spans if span.style is SpanStyle.BOLD and span.start == 0), None)
    if bold is not None:
        name = tidy(block.text[: bold.end])
        return [name] if is_name(name) else []
    links = [tidy(block.text[span.start : span.end]) for span in block.spans if span.style is SpanStyle.LINK]
    if links and role in ("prerequisites", "related"):
        return links
    head = re.split(r"\s[–—-]\s|:\s", block.text, maxsplit=1)[0]  # noqa: RUF001
    if is_name(tidy(head)):
        return [tidy(head)]
    return listed_names(block.text) if len(block.text.split()) <= 12 else []


def _labelled(part: Part, reading: Reading) -> Iterator[RelationClaim]:
    """Read a line such as "**Tools:** A, B and C" of what the section is about."""
    match = _LABEL.match(part.block.text)
    role = role_of(match["label"]) if match else None
    if match is None or role not in _ITEM:
        return
    first = match["rest"].split(". ")[0]
    names = listed_names(first) if len(first.split()) <= 24 else []
    subject = _sort(match["label"]) if role == "kinds" else part.subject or reading.title
    yield from _about(part, role, subject, names)


def _about(part: Part, role: str, subject: str, names: list[str]) -> Iterator[RelationClaim]:
    type_, item_first, confidence = _ITEM[role]
    for name in names if subject else ():
        source, target = (name, subject) if item_first else (subject, name)
        yield RelationClaim(
            source=source,
            type=type_,
            target=target,
            rule=f"section-{role}",
            confidence=confidence,
            evidence=part.evidence(),
        )


def _links(part: Part) -> Iterator[RelationClaim]:
    """Say that a section belongs with the document that it sends the reader to."""
    if _TURNING.match(part.block.text):
        return  # "Next: ..." is the order of pages
    for span in part.block.spans:
        if (
            span.style is not SpanStyle.LINK
            or "://" in span.target
            or not re.search(r"\.(?:md|html?)\b", span.target)
        ):
            continue
        for name in names_in_heading(part.block.text[span.start : span.end]):
            if part.subject:
                yield RelationClaim(
                    source=part.subject,
                    type=RelationType.RELATED_TO,
                    target=name.name,
                    rule="link",
                    confidence=0.5,
                    evidence=part.evidence_at(span.start),
                )

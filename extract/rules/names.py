"""Names that the structure of a document points out: titles, headings, bold leads, tables, acronyms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.blocks import BlockKind, SpanStyle
from extract.lexicon import STOPWORDS, kind_of_definition_text, kind_of_head, role_of
from extract.naming import initials_match, is_name, is_versus, names_in_heading, split_parenthesis, tidy
from extract.reading import Part, Reading
from kg.model import Difficulty, EntityClaim, EntityKind
from kg.names import WORD

# Capitals or digits inside a word mark a proper name wherever it stands: "LangGraph", "vLLM", "GPT-4o".
_PROPER = re.compile(
    r"(?<![\w/.-])(?:[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]*|[a-z]+[A-Z][A-Za-z0-9]*|[A-Z]{2,}[a-z]+[A-Za-z0-9]*|"
    r"[A-Z][A-Za-z]*-?\d[\w.]*[a-z0-9]|[A-Z]{2,6}s?)(?![\w/(])"
)
_ACRONYM = re.compile(r"\((?P<short>[A-Za-z][A-Za-z0-9-]{1,9})\)")
_AUTHORED = 0.95  # a note with front matter is about its title
_LEVEL = re.compile(r"\b(beginner|intermediate|advanced)\b", re.IGNORECASE)
_MODEL_FAMILY = re.compile(
    r"^(?:GPT|Claude|Gemini|Gemma|Llama|Mistral|Mixtral|Qwen|DeepSeek|Phi|Grok|Command|Nova|Kimi|GLM|Nemotron|BERT|T5|"
    r"text-embedding|Whisper|Sonnet|Opus|Haiku|MiniMax|Falcon|OLMo)"
    r"(?:[\s-]?[vVrR]?\d|[\s-](?:Opus|Sonnet|Haiku|Pro|Flash|Mini|Nano|Large|Small|Turbo|Vision|Instruct)\b)|^o[134](?:-|$)"
)


def entity_claims(reading: Reading) -> Iterator[EntityClaim]:
    """Yield what titles, headings, bold leads, table cells, acronyms and proper names claim."""
    yield from _title(reading)
    for at, part in enumerate(reading.parts):
        if part.block.kind is BlockKind.HEADING:
            yield from _heading(part, _kind_above(reading, at))
        elif part.block.kind is BlockKind.ROW:
            yield from _row(part)
        elif part.block.kind is not BlockKind.CODE:
            yield from _bold(part)
            yield from _proper(part)
        if part.block.kind is not BlockKind.CODE:
            yield from _acronyms(part)


def _title(reading: Reading) -> Iterator[EntityClaim]:
    title = reading.title or str(reading.metadata.get("title") or "")  # an author's "Build or buy" is a name
    if not reading.parts or not title:
        return
    part = reading.parts[0]
    stated = str(reading.metadata.get("difficulty", ""))
    level = _LEVEL.fullmatch(stated.strip())
    given = reading.metadata.get("aliases")
    aliases = tuple(str(alias) for alias in given) if isinstance(given, list) else ()
    yield EntityClaim(
        name=title,
        aliases=aliases,
        difficulty=Difficulty(level.group(1).upper()) if level else None,
        rule="title",
        confidence=_AUTHORED if reading.metadata else 0.75,
        evidence=part.evidence(),
    )


def _heading(part: Part, kind: EntityKind | None) -> Iterator[EntityClaim]:
    level = _LEVEL.search(part.block.text)
    for name in names_in_heading(part.block.text):
        yield EntityClaim(
            name=name.name,
            aliases=name.aliases,
            kind=_shape_kind(name.name) or kind,
            difficulty=Difficulty(level.group(1).upper()) if level else None,
            rule="heading",
            confidence=_heading_confidence(part.block.text, name.name, kind),
            evidence=part.evidence(),
        )


def _heading_confidence(heading: str, name: str, kind: EntityKind | None) -> float:
    if is_versus(heading) or kind is not None:
        return 0.6  # what is weighed against another, or stands below "Patterns", is a thing
    return 0.5 if " " in name else 0.45


def _kind_above(reading: Reading, at: int) -> EntityKind | None:
    """Return the kind that the heading above tells: below "Design patterns" stand patterns."""
    headings = reading.parts[at].block.headings
    if len(headings) < 2:
        return None
    above = headings[-2]
    if len(headings) == 2 and " " not in above:
        return None  # "Models" as a title heads more than models
    if role_of(above) == "risks":
        return EntityKind.RISK
    words = above.split()
    return kind_of_head(above) or (kind_of_head(words[-1]) if words and words[-1].endswith("s") else None)


def _row(part: Part) -> Iterator[EntityClaim]:
    cells, columns = part.block.cells, part.block.columns
    if not cells or not columns or len(columns) < 2:
        return
    kind = kind_of_head(columns[0])
    name = split_parenthesis(tidy(cells[0]))
    if name and kind:
        description = _definition_cell(cells, columns)
        told = kind_of_definition_text(description, name.name) if kind is EntityKind.CONCEPT else kind
        yield EntityClaim(
            name=name.name,
            aliases=name.aliases,
            kind=_shape_kind(name.name) or told,
            description=description,
            rule="typed-row",
            confidence=0.8 if description or kind is not EntityKind.CONCEPT else 0.7,
            evidence=part.evidence(),
        )


def _definition_cell(cells: tuple[str, ...], columns: tuple[str, ...]) -> str | None:
    for cell, column in zip(cells[1:], columns[1:], strict=False):
        if role_of(column) == "definition" and len(cell.split()) >= 3:
            return cell
    return None


def _bold(part: Part) -> Iterator[EntityClaim]:
    for span in part.block.spans:
        if span.style is not SpanStyle.BOLD:
            continue
        name = split_parenthesis(tidy(part.block.text[span.start : span.end]))
        if name is None:
            continue
        lead = span.start == 0
        rest = part.block.text[span.end :].lstrip(" ")
        defined = lead and re.match(r"[:\-–—]\s*\w", rest) is not None  # noqa: RUF001
        yield EntityClaim(
            name=name.name,
            aliases=name.aliases,
            kind=_shape_kind(name.name),
            rule="bold-lead" if defined else "bold",
            confidence=0.5 if defined else 0.35,
            evidence=part.evidence_at(span.start),
        )


def _proper(part: Part) -> Iterator[EntityClaim]:
    for match in _PROPER.finditer(part.block.text):
        name = match.group()
        if name.endswith("s") and name[:-1].isupper():
            name = name[:-1]  # "LLMs"
        coded = any(
            span.style is SpanStyle.CODE and span.start <= match.start() < span.end
            for span in part.block.spans
        )
        if not is_name(name) or name.isupper() or coded:
            continue  # an acronym alone is a name only where it is spelled out somewhere
        yield EntityClaim(
            name=name,
            kind=_shape_kind(name),
            rule="proper-name",
            confidence=0.3,
            evidence=part.evidence_at(match.start()),
        )


def _acronyms(part: Part) -> Iterator[EntityClaim]:
    """Find "Long Form (LF)" definitions (Schwartz and Hearst 2003), in headings, prose and cells alike."""
    text = part.block.text
    for match in _ACRONYM.finditer(text):
        words = list(WORD.finditer(text, max(0, match.start() - 80), match.start()))
        for word in words[-len(match["short"]) - 3 :]:
            start, first = word.start(), word.group()
            long = text[start : match.start()].strip()
            if first.casefold() in STOPWORDS or not initials_match(match["short"], long) or not is_name(long):
                continue
            yield EntityClaim(
                name=long,
                aliases=(match["short"],),
                rule="acronym",
                confidence=0.85,
                evidence=part.evidence_at(start),
            )
            break


def _shape_kind(name: str) -> EntityKind | None:
    return EntityKind.MODEL if _MODEL_FAMILY.match(name) else None

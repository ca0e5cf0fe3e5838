"""Labelled data as people write it: sections with what they say, and pairs of what comes before what."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from kg.errors import InvalidInputError
from kg.model import SYMMETRIC, Entity, EntityKind, RelationType
from kg.names import name_key


class GoldEntity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A thing that a section speaks of."""

    name: str
    kind: EntityKind
    aliases: tuple[str, ...] = ()
    salient: bool = False  # one of those that the section is about


class GoldRelation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a section says of two of its entities, each by its name or an alias."""

    source: str
    type: RelationType
    target: str


class GoldSection(msgspec.Struct, frozen=True, kw_only=True):
    """All that one section says, its subsections included; further fields of a line are left unread."""

    document: str  # path relative to the ingested root, or root/path
    headings: tuple[str, ...]  # from the document's title down; none means the whole document
    entities: tuple[GoldEntity, ...]
    relations: tuple[GoldRelation, ...]


class GoldPair(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether one thing should be understood before another."""

    before: str
    after: str
    label: Literal[0, 1] = 1  # 0: labelled as no prerequisite


_ALLOWED = {"kind": tuple(EntityKind), "type": tuple(RelationType), "label": ("0", "1")}

Row = TypeVar("Row", GoldSection, GoldPair)


def read_sections(path: Path) -> dict[int, GoldSection]:
    """Return the labelled sections of a JSON lines file, by line number.

    Raises:
        InvalidInputError: the file cannot be read, holds no section, or a line is not as described in
            ``docs/gold.md``; the text says which line, and what is allowed.
    """
    sections = {line: _parse(path, line, text, GoldSection) for line, text in _lines(_read(path))}
    for line, section in sections.items():
        _check_section(section, f"{path}, line {line}")
    if not sections:
        raise InvalidInputError(f"{path} holds no labelled section: write one JSON object on each line")
    return sections


def read_pairs(path: Path) -> dict[int, GoldPair]:
    """Return the labelled pairs of a ``.csv`` file with a header, or of JSON lines, by line number.

    Raises:
        InvalidInputError: as ``read_sections`` does.
    """
    text = _read(path)
    if path.suffix.casefold() == ".csv":
        pairs = {line: _convert(path, line, row) for line, row in _csv_rows(path, text)}
    else:
        pairs = {line: _parse(path, line, row, GoldPair) for line, row in _lines(text)}
    for line, pair in pairs.items():
        if not (name_key(pair.before) and name_key(pair.after)):
            raise InvalidInputError(f"{path}, line {line}: before and after each need a name")
        if name_key(pair.before) == name_key(pair.after):
            raise InvalidInputError(f"{path}, line {line}: {pair.before!r} cannot come before itself")
    if not pairs:
        raise InvalidInputError(f"{path} holds no labelled pair: write before and after on each line")
    return pairs


def names_of(entity: Entity | GoldEntity) -> frozenset[str]:
    """Return the keys of an entity's name and aliases: two entities that share one match."""
    return frozenset(name_key(name) for name in (entity.name, *entity.aliases)) - {""}


def find_labels(section: GoldSection, name: str) -> list[GoldEntity]:
    """Return the labelled entities of this name, else those with this alias.

    Several where a name has several senses, as a course and the concept that it teaches have one.
    """
    key = name_key(name)
    named = [one for one in section.entities if name_key(one.name) == key]
    return named or [one for one in section.entities if key in names_of(one)]


def _check_section(section: GoldSection, place: str) -> None:
    """Refuse labels that no extraction could meet: they would only lower its score."""
    things = set()
    for entity in section.entities:
        key = name_key(entity.name)
        if not key:
            raise InvalidInputError(f"{place}: {entity.name!r} is no name; give it a letter or a digit")
        if (key, entity.kind) in things:
            raise InvalidInputError(f"{place} labels {entity.name!r} twice: make it one entity")
        things.add((key, entity.kind))
    ties = set()
    for relation in section.relations:
        ends = [_end(section, relation, name, place) for name in (relation.source, relation.target)]
        itself = ends[0] == ends[1] and len(ends[0]) == 1
        tie = (relation.type, *(sorted(ends) if relation.type in SYMMETRIC else ends))
        if itself or tie in ties:
            raise InvalidInputError(
                f"{place}: {sentence(relation)!r} needs two different entities, and to be labelled once"
            )
        ties.add(tie)


def _end(section: GoldSection, relation: GoldRelation, name: str, place: str) -> tuple[str, ...]:
    found = find_labels(section, name)
    if not found:
        raise InvalidInputError(
            f"{place}: {name!r} of {sentence(relation)!r} is none of the section's entities; add it"
        )
    return tuple(one.name for one in found)


def sentence(relation: GoldRelation) -> str:
    """Return a label as one reads it."""
    return f"{relation.source} {relation.type} {relation.target}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"cannot read {path}: {error}; give a UTF-8 file of labels") from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    # By line feed alone: JSON may hold the other characters that ``splitlines`` breaks at.
    return ((line, row) for line, row in enumerate(text.split("\n"), start=1) if row.strip())


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        if not {"before", "after"} <= set(reader.fieldnames or ()):
            raise InvalidInputError(f"{path}, line 1 needs the header before,after or before,after,label")
        for row in reader:
            yield reader.line_num, {name: value for name, value in row.items() if value}
    except csv.Error as error:
        raise InvalidInputError(f"{path}, line {reader.reader.line_num} is not CSV: {error}") from error


def _parse(path: Path, line: int, text: str, type_: type[Row]) -> Row:
    try:
        return msgspec.json.decode(text, type=type_)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"{path}, line {line}: {_explain(error)}") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidInputError(f"{path}, line {line} is not JSON: {error}") from error


def _convert(path: Path, line: int, row: dict[str, Any]) -> GoldPair:
    try:
        return msgspec.convert(row, GoldPair, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"{path}, line {line}: {_explain(error)}") from error


def _explain(error: msgspec.ValidationError) -> str:
    text = str(error)
    allowed = next((members for field, members in _ALLOWED.items() if f".{field}`" in text), ())
    return f"{text}; allowed: {', '.join(allowed)}" if allowed else text

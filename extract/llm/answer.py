"""What the model answered: JSON, perhaps among other words, read item by item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import msgspec

MAX_ITEMS = 100
"""Most entities and most relations that one answer can state; a passage has about 200 words."""

_MAX_CHARS = 400_000
_MAX_STARTS = 50  # braces tried as the beginning of the answer
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


class AnswerError(Exception):
    """An answer that is not of the form that was asked for; the text says in what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedEntity:
    """An entity as the model states it, not checked yet."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRelation:
    """A relation as the model states it, not checked yet."""

    source: str
    type: str
    target: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All that one answer states."""

    entities: tuple[StatedEntity, ...]
    relations: tuple[StatedRelation, ...]
    malformed: int  # items that are not of the form, or one too many


def read_answer(content: str) -> Answer:
    """Read the JSON object in ``content``; words, code fences and thoughts around it do no harm.

    Raises:
        AnswerError: there is no object with a list of entities and one of relations.
    """
    if len(content) > _MAX_CHARS:
        raise AnswerError("the answer is far too long")
    for found in _objects(content):
        entities, relations = found.get("entities"), found.get("relations")
        if isinstance(entities, list) and isinstance(relations, list):
            kept_entities = _items(entities, StatedEntity)
            kept_relations = _items(relations, StatedRelation)
            return Answer(
                entities=kept_entities,
                relations=kept_relations,
                malformed=len(entities) + len(relations) - len(kept_entities) - len(kept_relations),
            )
    raise AnswerError("the answer is not the JSON that was asked for")


def _objects(content: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in a text, from each brace that begins one."""
    text = _THOUGHT.sub("", content)
    decoder = json.JSONDecoder()
    for match in islice(re.finditer(r"\{", text), _MAX_STARTS):
        try:
            found, _ = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):  # of other braces, or of a nesting meant to do harm
            continue
        yield found


Item = TypeVar("Item", StatedEntity, StatedRelation)


def _items(raw: list[Any], form: type[Item]) -> tuple[Item, ...]:
    kept: list[Item] = []
    for one in raw[:MAX_ITEMS]:
        try:
            kept.append(msgspec.convert(one, form))
        except msgspec.ValidationError:
            continue
    return tuple(kept)

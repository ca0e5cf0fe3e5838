"""What to read about an entity, and how long that takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.model import Document, Entity, Origin, Passage
from kg.names import name_key
from kg.store import GraphStore

_WORDS_PER_MINUTE = 200  # reading to learn, after Carver (1992), "Reading Rate"; 300 is for following a story
_SECONDS_PER_CODE_LINE = 7.2  # 500 lines an hour: the most that code inspection bears (Cohen 2006, SmartBear)
_SECONDS_PER_TABLE_ROW = 2.0  # to look back at the columns' heads; our estimate, beside the row's words

_FENCE = re.compile(r"\s*(```|~~~)")
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*$")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
_WORD = re.compile(r"\w[\w'-]*")

_MENTIONS_LOOKED_AT = 150  # of each entity, the passages that mention it most
_MOST_READINGS = 4
_MOST_IN_PASSING = 1  # readings that only mention the entity, where none is about it
_ABOUT = 0.5  # share of a heading's words that are the name, from which its section is about it

_OWN, _WITHIN, _NEAR, _IN_PASSING = range(4)  # how far a passage is from being about an entity


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage to read, where it stands and how long it takes."""

    passage: Passage
    document: Document
    minutes: int


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    """How well a passage serves to learn an entity: less is better."""

    distance: int
    rarity: int  # of passages that mention it in passing, those that do so most come first
    path: str
    position: int
    step: int  # the earlier step of those that one passage fits alike
    entity_id: str
    passage_id: str


def reading_minutes(text: str) -> int:
    """Return whole minutes for a stretch of Markdown or plain text, at least 1.

    Prose counts by words, fenced code by lines that are not blank, a table by words and rows. Trying
    things out and doing exercises is not counted.
    """
    words = code_lines = rows = 0
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1] == fence):
            fence = "" if fence else mark[1]
        elif fence:
            code_lines += bool(line.strip())
        elif not _TABLE_RULE.match(line):
            words += len(_WORD.findall(line))
            rows += bool(_TABLE_ROW.match(line))
    seconds = words * 60 / _WORDS_PER_MINUTE + code_lines * _SECONDS_PER_CODE_LINE
    return max(1, round((seconds + rows * _SECONDS_PER_TABLE_ROW) / 60))


def choose_readings(store: GraphStore, entities: Sequence[Entity]) -> dict[str, tuple[Reading, ...]]:
    """Return up to four passages of the material for each entity, the best first, and none twice.

    Best are passages under a heading that is the entity's name; then those of a larger section or
    document of that name, then those that define it or whose heading is mostly its name; and last, where
    there are no others, the one that mentions it most. A passage goes to the entity that it fits best, so
    one that is only ever mentioned in passages about others may get none.
    """
    found = store.mentions([entity.id for entity in entities], limit=_MENTIONS_LOOKED_AT)
    passages = store.passages({one.passage_id for mentions in found.values() for one in mentions})
    documents = store.documents({passage.document_id for passage in passages.values()})
    headings = _heading_keys(store, passages.values())
    fits: list[_Fit] = []
    for step, entity in enumerate(entities):
        keys = {name_key(name) for name in (entity.name, *entity.aliases)} - {""}
        for mention in found.get(entity.id, ()):
            passage = passages[mention.passage_id]
            document = documents[passage.document_id]
            if document.origin is Origin.MATERIAL:
                distance = _distance(entity, keys, passage, headings)
                rarity = -mention.count if distance == _IN_PASSING else 0
                place = document.path, passage.position, step
                fits.append(_Fit(distance, rarity, *place, entity.id, passage.id))
    return {
        id_: tuple(_reading(passages[fit.passage_id], documents) for fit in sorted(chosen))
        for id_, chosen in _share_out(sorted(fits)).items()
    }


def _share_out(fits: Sequence[_Fit]) -> dict[str, list[_Fit]]:
    """Give each passage to the entity it fits best: first one to each entity, then the rest."""
    chosen: dict[str, list[_Fit]] = {}
    taken: set[str] = set()
    for most, most_in_passing in ((1, 1), (_MOST_READINGS, _MOST_IN_PASSING)):
        for fit in fits:
            room = most_in_passing if fit.distance == _IN_PASSING else most
            if fit.passage_id not in taken and len(chosen.get(fit.entity_id, ())) < room:
                chosen.setdefault(fit.entity_id, []).append(fit)
                taken.add(fit.passage_id)
    return chosen


@dataclass(frozen=True, slots=True)
class _Heading:
    key: str
    is_name: bool  # of some entity, which its section is about


def _heading_keys(store: GraphStore, passages: Iterable[Passage]) -> dict[str, _Heading]:
    headings = {heading for passage in passages for heading in passage.headings}
    named = store.find_names(headings)
    return {heading: _Heading(name_key(heading), heading in named) for heading in headings}


def _distance(entity: Entity, keys: set[str], passage: Passage, headings: Mapping[str, _Heading]) -> int:
    above = [headings[heading] for heading in passage.headings]
    if above and above[-1].key in keys:
        return _OWN
    if any(heading.key in keys for heading in above):
        return _WITHIN
    defined = entity.description is not None and entity.description in passage.text
    return _NEAR if defined or any(_is_about(heading, keys) for heading in above) else _IN_PASSING


def _is_about(heading: _Heading, keys: set[str]) -> bool:
    if heading.is_name:
        return False  # "Token sampling" is not about tokens
    words = heading.key.count(" ") + 1
    return any(f" {key} " in f" {heading.key} " and (key.count(" ") + 1) / words >= _ABOUT for key in keys)


def _reading(passage: Passage, documents: dict[str, Document]) -> Reading:
    return Reading(passage, documents[passage.document_id], reading_minutes(passage.text))

"""Reading entities, documents and passages of the published graph from SQLite."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter
from typing import Any

import apsw
import msgspec

from kg.model import (
    Difficulty,
    Document,
    DroppedRelation,
    Entity,
    EntityKind,
    Mention,
    Origin,
    Passage,
    RelationType,
    Topic,
    Track,
)
from kg.names import name_key
from kg.parameters import bindable, distinct
from kg.store import Counts, EntityFilter, EntityOrder, Page

_strings = msgspec.json.Decoder(tuple[str, ...]).decode
_floats = msgspec.json.Decoder(tuple[float, ...]).decode

ENTITY = "e.id, e.name, e.kind, e.aliases, e.description, e.difficulty, e.importance, e.x, e.y"
PASSAGE = "p.id, p.document_id, p.position, p.headings, p.line, p.text"
DOCUMENT = "d.root, d.path, d.title, d.content_hash, d.origin"
MENTION = "m.entity_id, m.passage_id, m.count, m.start, m.quote"

_MATERIAL = """
SELECT (SELECT count(*) FROM document WHERE origin = 'MATERIAL'),
       (SELECT count(*) FROM passage WHERE material = 1)"""

# One range of the index by key; the own names stand before the aliases in it.
_NAMES = """
SELECT w.value, n.entity_id FROM json_each(?) AS w
JOIN name AS n ON n.key = w.value JOIN entity AS e ON e.id = n.entity_id
ORDER BY w.value, n.is_alias, e.importance DESC, e.id"""

_MENTIONED_IN = """e.id IN (
    SELECT m.entity_id FROM document AS d JOIN passage AS p ON p.document_id = d.id
    JOIN mention AS m ON m.passage_id = p.id WHERE d.path = ?)"""

_ORDERS = {
    EntityOrder.IMPORTANCE: "e.importance DESC, e.id",
    EntityOrder.NAME: "e.folded_name, e.id",
}


def as_json(ids: Iterable[str]) -> str:
    """Return distinct ``ids`` as the one parameter that a whole batch goes in."""
    return msgspec.json.encode(distinct(ids)).decode()


def counts(db: apsw.Connection) -> Counts:
    """See ``GraphStore.counts``."""
    document_count, passage_count = db.execute(_MATERIAL).get
    kinds = dict(db.execute("SELECT kind, count(*) FROM entity GROUP BY kind ORDER BY kind"))
    types = dict(db.execute("SELECT type, count(*) FROM relation GROUP BY type ORDER BY type"))
    return Counts(
        documents=document_count,
        passages=passage_count,
        entities=sum(kinds.values()),
        relations=sum(types.values()),
        kinds={EntityKind(kind): n for kind, n in kinds.items()},
        types={RelationType(type_): n for type_, n in types.items()},
    )


def entities(db: apsw.Connection, ids: Collection[str]) -> dict[str, Entity]:
    """See ``GraphStore.entities``."""
    query = f"SELECT {ENTITY} FROM json_each(?) AS w JOIN entity AS e ON e.id = w.value"  # noqa: S608
    return {row[0]: entity_of(row) for row in db.execute(query, (as_json(ids),))}


def find_names(db: apsw.Connection, names: Collection[str]) -> dict[str, list[str]]:
    """See ``GraphStore.find_names``."""
    keys = {name: name_key(name) for name in sorted(set(names))}
    found: dict[str, list[str]] = {}
    for key, entity_id in db.execute(_NAMES, (as_json(keys.values()),)):
        found.setdefault(key, []).append(entity_id)
    return {name: list(found[key]) for name, key in keys.items() if key in found}


def list_entities(
    db: apsw.Connection, where: EntityFilter, order: EntityOrder, limit: int, offset: int
) -> Page[Entity]:
    """See ``GraphStore.list_entities``."""
    conditions, values = ["1"], list[str]()
    if where.kinds:
        conditions.append("e.kind IN (SELECT value FROM json_each(?))")
        values.append(as_json(where.kinds))
    if where.difficulties:
        conditions.append("e.difficulty IN (SELECT value FROM json_each(?))")
        values.append(as_json(where.difficulties))
    if where.name_contains:
        conditions.append("instr(e.folded_names, ?)")
        values.append(bindable(where.name_contains.casefold()))
    if where.document_path:
        conditions.append(_MENTIONED_IN)
        values.append(bindable(where.document_path))
    matching = f"FROM entity AS e WHERE {' AND '.join(conditions)}"
    total = db.execute(f"SELECT count(*) {matching}", values).get
    page = f"SELECT {ENTITY} {matching} ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?"
    return Page([entity_of(row) for row in db.execute(page, (*values, limit, offset))], total)


def mentions(db: apsw.Connection, entity_ids: Collection[str], limit: int) -> dict[str, list[Mention]]:
    """See ``GraphStore.mentions``."""
    query = (
        f"SELECT {MENTION} FROM mention AS m WHERE m.entity_id = ?"  # noqa: S608
        " ORDER BY m.count DESC, m.passage_id LIMIT ?"
    )
    found: dict[str, list[Mention]] = {}
    for row in db.executemany(query, [(id_, limit) for id_ in distinct(entity_ids)]):
        found.setdefault(row[0], []).append(mention_of(row))
    return found


def passage_mentions(db: apsw.Connection, passage_ids: Collection[str]) -> dict[str, list[Mention]]:
    """See ``GraphStore.passage_mentions``."""
    query = f"SELECT {MENTION} FROM json_each(?) AS w JOIN mention AS m ON m.passage_id = w.value"  # noqa: S608
    found: dict[str, list[Mention]] = {}
    for row in db.execute(query, (as_json(passage_ids),)):
        found.setdefault(row[1], []).append(mention_of(row))
    return {id_: sorted(of, key=attrgetter("start", "entity_id")) for id_, of in found.items()}


def documents(db: apsw.Connection, ids: Collection[str]) -> dict[str, Document]:
    """See ``GraphStore.documents``."""
    query = f"SELECT {DOCUMENT} FROM json_each(?) AS w JOIN document AS d ON d.id = w.value"  # noqa: S608
    found = [document_of(row) for row in db.execute(query, (as_json(ids),))]
    return {document.id: document for document in found}


def list_documents(db: apsw.Connection) -> list[Document]:
    """See ``GraphStore.list_documents``."""
    query = f"SELECT {DOCUMENT} FROM document AS d WHERE origin = 'MATERIAL' ORDER BY root, path"  # noqa: S608
    return [document_of(row) for row in db.execute(query)]


def document_passages(db: apsw.Connection, document_id: str, limit: int, offset: int) -> Page[Passage]:
    """See ``GraphStore.document_passages``."""
    document_id = bindable(document_id)
    matching = "FROM passage AS p WHERE p.document_id = ?"
    total = db.execute(f"SELECT count(*) {matching}", (document_id,)).get
    page = f"SELECT {PASSAGE} {matching} ORDER BY p.position, p.id LIMIT ? OFFSET ?"
    return Page([passage_of(row) for row in db.execute(page, (document_id, limit, offset))], total)


def passages(db: apsw.Connection, ids: Collection[str]) -> dict[str, Passage]:
    """See ``GraphStore.passages``."""
    query = f"SELECT {PASSAGE} FROM json_each(?) AS w JOIN passage AS p ON p.id = w.value"  # noqa: S608
    return {row[0]: passage_of(row) for row in db.execute(query, (as_json(ids),))}


def topics(db: apsw.Connection, level: int) -> list[Topic]:
    """See ``GraphStore.topics``."""
    query = "SELECT id, level, title, summary, entity_ids, scores, parent_id FROM topic WHERE level = ?"
    found = [
        Topic(
            id=id_,
            level=level,
            title=title,
            summary=summary,
            entity_ids=_strings(entity_ids),
            scores=_floats(scores),
            parent_id=parent_id,
        )
        for id_, level, title, summary, entity_ids, scores, parent_id in db.execute(query, (level,))
    ]
    return sorted(found, key=lambda topic: (-len(topic.entity_ids), topic.id))


def tracks(db: apsw.Connection) -> list[Track]:
    """See ``GraphStore.tracks``."""
    return [
        Track(name=name, aliases=_strings(aliases), goals=_strings(goals), description=description)
        for name, aliases, goals, description in db.execute(
            "SELECT name, aliases, goals, description FROM track ORDER BY name"
        )
    ]


def dropped(db: apsw.Connection) -> list[DroppedRelation]:
    """See ``GraphStore.dropped``."""
    return [
        DroppedRelation(source_id=source, target_id=target, confidence=confidence, reason=reason)
        for source, target, confidence, reason in db.execute(
            "SELECT source_id, target_id, confidence, reason FROM dropped ORDER BY source_id, target_id"
        )
    ]


def iter_mentions(db: apsw.Connection) -> Iterator[tuple[str, str, int]]:
    """See ``GraphStore.iter_mentions``."""
    yield from db.execute(
        "SELECT passage_id, entity_id, count FROM mention"
        " WHERE passage_id NOT IN (SELECT id FROM passage WHERE material = 0)"
        " ORDER BY passage_id, entity_id"
    )


def document_of(row: tuple[Any, ...]) -> Document:
    """Make a document of its row: root, path, title, content hash, origin."""
    root, path, title, content_hash, origin = row
    return Document(root=root, path=path, title=title, content_hash=content_hash, origin=Origin(origin))


def entity_of(row: tuple[Any, ...]) -> Entity:
    """Make an entity of its row: ``ENTITY``."""
    id_, name, kind, aliases, description, difficulty, importance, x, y = row
    return Entity(
        id=id_,
        name=name,
        kind=EntityKind(kind),
        aliases=_strings(aliases),
        description=description,
        difficulty=Difficulty(difficulty) if difficulty else None,
        importance=importance,
        x=x,
        y=y,
    )


def passage_of(row: tuple[Any, ...]) -> Passage:
    """Make a passage of its row: ``PASSAGE``."""
    id_, document_id, position, headings, line, text = row
    return Passage(
        id=id_,
        document_id=document_id,
        position=position,
        headings=_strings(headings),
        line=line,
        text=text,
    )


def mention_of(row: tuple[Any, ...]) -> Mention:
    """Make a mention of its row: ``MENTION``."""
    entity_id, passage_id, count, start, quote = row
    return Mention(entity_id=entity_id, passage_id=passage_id, count=count, start=start, quote=quote)

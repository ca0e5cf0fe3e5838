"""Publishing to SQLite: work out what differs from the published graph and write only that."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import apsw
import msgspec

from kg.model import (
    Document,
    DroppedRelation,
    Entity,
    Graph,
    Mention,
    Origin,
    Passage,
    Relation,
    Topic,
    Track,
)
from kg.names import content_id, folded_names, name_key

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One kind of rows of the published graph, and what they are to be, by the id they belong to.

    ``forget`` takes an id and removes its rows; ``write`` holds statements with a function each that
    gives their rows for an id. A part that ``updates`` overwrites a row in place where there is one.
    """

    name: str
    rows: Mapping[str, Hashable]
    forget: Sequence[str]
    write: Sequence[tuple[str, Callable[[str], Iterable[Row]]]]
    updates: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    part: _Part
    gone: list[str]
    changed: list[str]
    new: dict[str, bytes]  # digests of what is added or changed

    def forget(self, db: apsw.Connection) -> None:
        ids = self.gone if self.part.updates else [*self.gone, *self.changed]
        for statement in self.part.forget:
            db.executemany(statement, [(id_,) for id_ in ids])
        db.executemany(
            "DELETE FROM digest WHERE part = ? AND id = ?", [(self.part.name, i) for i in self.gone]
        )

    def write(self, db: apsw.Connection) -> None:
        for statement, rows in self.part.write:
            db.executemany(statement, (row for id_ in self.new for row in rows(id_)))
        db.executemany(
            "INSERT OR REPLACE INTO digest VALUES (?, ?, ?)",
            [(self.part.name, id_, digest) for id_, digest in self.new.items()],
        )


def publish_graph(db: apsw.Connection, graph: Graph, vector_keys: Mapping[str, str]) -> int:
    """Bring the published tables to ``graph`` within the transaction of ``db``; return the revision."""
    changes = [_difference(db, part) for part in _parts(graph, vector_keys)]
    changes = [change for change in changes if change.gone or change.new]
    # What hangs on a row finds it by id: forgotten before the row goes, written after it is there.
    for change in reversed(changes):
        change.forget(db)
    for change in changes:
        change.write(db)
    if changes:
        db.execute("UPDATE publication SET revision = revision + 1")
    db.execute(
        "DELETE FROM vector WHERE key NOT IN (SELECT vector_key FROM passage WHERE vector_key IS NOT NULL"
        " UNION SELECT vector_key FROM entity WHERE vector_key IS NOT NULL)"
    )
    return int(db.execute("SELECT revision FROM publication").get)


def _difference(db: apsw.Connection, part: _Part) -> _Change:
    old: dict[str, bytes] = dict(db.execute("SELECT id, value FROM digest WHERE part = ?", (part.name,)))
    digests = {id_: _digest(part.rows[id_]) for id_ in sorted(part.rows)}
    new = {id_: digest for id_, digest in digests.items() if old.get(id_) != digest}
    return _Change(
        part=part,
        gone=sorted(old.keys() - digests.keys()),
        changed=[id_ for id_ in new if id_ in old],
        new=new,
    )


def _digest(value: object) -> bytes:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=12).digest()


def _parts(graph: Graph, vector_keys: Mapping[str, str]) -> list[_Part]:
    origins = {document.id: document.origin for document in graph.documents}
    material = {p.id for p in graph.passages if origins.get(p.document_id) is not Origin.CATALOGUE}
    return [
        _documents(graph.documents),
        _passages(graph.passages, material, vector_keys),
        _passage_words(graph.passages, material),
        _entities(graph.entities, vector_keys),
        _entity_names(graph.entities),
        _mentions(graph.mentions),
        _relations(graph.relations),
        _topics(graph.topics),
        _tracks(graph.tracks),
        _dropped(graph.dropped),
    ]


def _documents(documents: Iterable[Document]) -> _Part:
    rows = {d.id: (d.id, d.root, d.path, d.title, d.content_hash, d.origin) for d in documents}
    return _Part(
        "document",
        rows,
        ["DELETE FROM document WHERE id = ?"],
        [("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)", lambda id_: [rows[id_]])],
    )


def _passages(passages: Iterable[Passage], material: set[str], vector_keys: Mapping[str, str]) -> _Part:
    rows: dict[str, Row] = {
        p.id: (
            p.id,
            p.document_id,
            p.position,
            p.id in material,
            vector_keys.get(p.id),
            p.line,
            _json(p.headings),
            p.text,
        )
        for p in passages
    }
    columns = ("id", "document_id", "position", "material", "vector_key", "line", "headings", "text")
    return _Part(
        "passage",
        rows,
        ["DELETE FROM passage WHERE id = ?"],
        [(_upsert("passage", columns), lambda id_: [rows[id_]])],
        updates=True,
    )


def _passage_words(passages: Iterable[Passage], material: set[str]) -> _Part:
    # The catalogue's passages stay out of the index: they are never found, and would bend word statistics.
    words = {p.id: (p.text, "\n".join(p.headings)) for p in passages if p.id in material}
    return _Part(
        "passage_words",
        words,
        ["DELETE FROM passage_words WHERE rowid = (SELECT n FROM passage WHERE id = ?)"],
        [
            (
                "INSERT INTO passage_words (rowid, text, headings)"
                " VALUES ((SELECT n FROM passage WHERE id = ?), ?, ?)",
                lambda id_: [(id_, *words[id_])],
            )
        ],
    )


def _entities(entities: Iterable[Entity], vector_keys: Mapping[str, str]) -> _Part:
    rows: dict[str, Row] = {
        e.id: (
            e.id,
            e.name,
            e.kind,
            _json(e.aliases),
            e.description,
            e.difficulty,
            float(e.importance),
            float(e.x),
            float(e.y),
            vector_keys.get(e.id),
            e.name.casefold(),
            folded_names((e.name, *e.aliases)),
        )
        for e in entities
    }
    columns = (
        *("id", "name", "kind", "aliases", "description", "difficulty", "importance", "x", "y"),
        *("vector_key", "folded_name", "folded_names"),
    )
    return _Part(
        "entity",
        rows,
        ["DELETE FROM entity WHERE id = ?"],
        [(_upsert("entity", columns), lambda id_: [rows[id_]])],
        updates=True,
    )


def _entity_names(entities: Iterable[Entity]) -> _Part:
    # Apart from the entity, whose importance moves with nearly every publication, as its names do not.
    words = {e.id: (e.name, e.aliases, e.description or "") for e in entities}

    def keys(id_: str) -> list[Row]:
        name, aliases, _ = words[id_]
        own = name_key(name)
        others = {name_key(alias) for alias in aliases} - {own}
        return [
            (key, is_alias, id_) for key, is_alias in [(own, 0), *((k, 1) for k in sorted(others))] if key
        ]

    return _Part(
        "entity_names",
        words,
        [
            "DELETE FROM entity_words WHERE rowid = (SELECT n FROM entity WHERE id = ?)",
            "DELETE FROM name WHERE entity_id = ?",
        ],
        [
            ("INSERT INTO name VALUES (?, ?, ?)", keys),
            (
                "INSERT INTO entity_words (rowid, name, aliases, description)"
                " VALUES ((SELECT n FROM entity WHERE id = ?), ?, ?, ?)",
                lambda id_: [(id_, words[id_][0], "\n".join(words[id_][1]), words[id_][2])],
            ),
        ],
    )


def _mentions(mentions: Iterable[Mention]) -> _Part:
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for m in sorted(mentions, key=attrgetter("passage_id", "entity_id")):
        rows[m.passage_id].append((m.entity_id, m.passage_id, m.count, m.start, m.quote))
    return _Part(
        "mention",
        {id_: tuple(found) for id_, found in rows.items()},
        ["DELETE FROM mention WHERE passage_id = ?"],
        [("INSERT INTO mention VALUES (?, ?, ?, ?, ?)", lambda id_: rows[id_])],
    )


def _relations(relations: Iterable[Relation]) -> _Part:
    by_id = {relation.id: relation for relation in relations}

    def row(id_: str) -> list[Row]:
        r = by_id[id_]
        lists = (_json(r.found_by), _json(r.gains), _json(r.costs))
        return [(id_, r.source_id, r.target_id, r.type, float(r.confidence), *lists)]

    def evidence(id_: str) -> list[Row]:
        return [(id_, at, e.passage_id, e.quote) for at, e in enumerate(by_id[id_].evidence)]

    columns = ("id", "source_id", "target_id", "type", "confidence", "found_by", "gains", "costs")
    return _Part(
        "relation",
        by_id,
        ["DELETE FROM relation WHERE id = ?", "DELETE FROM evidence WHERE relation_id = ?"],
        [
            (_upsert("relation", columns), row),
            ("INSERT INTO evidence VALUES (?, ?, ?, ?)", evidence),
        ],
    )


def _topics(topics: Iterable[Topic]) -> _Part:
    rows = {
        t.id: (t.id, t.level, t.title, t.summary, _json(t.entity_ids), _json(t.scores), t.parent_id)
        for t in topics
    }
    return _Part(
        "topic",
        rows,
        ["DELETE FROM topic WHERE id = ?"],
        [("INSERT INTO topic VALUES (?, ?, ?, ?, ?, ?, ?)", lambda id_: [rows[id_]])],
    )


def _tracks(tracks: Iterable[Track]) -> _Part:
    rows = {t.name: (t.name, _json(t.aliases), _json(t.goals), t.description) for t in tracks}
    return _Part(
        "track",
        rows,
        ["DELETE FROM track WHERE name = ?"],
        [("INSERT INTO track VALUES (?, ?, ?, ?)", lambda name: [rows[name]])],
    )


def _dropped(dropped: Iterable[DroppedRelation]) -> _Part:
    rows = {
        content_id("r", d.source_id, d.target_id): (d.source_id, d.target_id, d.confidence, d.reason)
        for d in dropped
    }
    return _Part(
        "dropped",
        rows,
        ["DELETE FROM dropped WHERE id = ?"],
        [("INSERT INTO dropped VALUES (?, ?, ?, ?, ?)", lambda id_: [(id_, *rows[id_])])],
    )


def _upsert(table: str, columns: Sequence[str]) -> str:
    # Only our own closed lists of names come here, never input.
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        f" ON CONFLICT (id) DO UPDATE SET {updates}"
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()

"""The tables of the embedded store, and how a file is recognised as one of ours."""

from __future__ import annotations

from pathlib import Path

import apsw

from kg.errors import StoreMismatchError, StoreUnavailableError

APPLICATION_ID = 0x6B677261  # "kgra", in the file's header, so that `file` and we know our own
SCHEMA_VERSION = 1

TOKENIZER = ("porter", "unicode61")

# Sources and vectors are the builder's; every other table is the published graph, which only `publish`
# writes. `n` is the row number that the word indexes know a row by, and outlives its updates.
# Each relation stands in four covering indexes: by either end, with and without its type between end and
# confidence. So the first links of a hub are the first rows of a range, however many follow them.
_SCHEMA = f"""
CREATE TABLE source (
    document_id TEXT PRIMARY KEY, root TEXT NOT NULL, path TEXT NOT NULL, title TEXT NOT NULL,
    content_hash TEXT NOT NULL, origin TEXT NOT NULL, fingerprint TEXT NOT NULL,
    body BLOB NOT NULL  -- the whole source as JSON, zlib-compressed
) STRICT;
CREATE TABLE vector (
    n INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: the newest tells whether anything was added
    key TEXT NOT NULL UNIQUE,
    value BLOB NOT NULL  -- float16, little-endian
) STRICT;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE publication (only INTEGER PRIMARY KEY CHECK (only = 1), revision INTEGER NOT NULL) STRICT;
INSERT INTO publication VALUES (1, 0);
CREATE TABLE digest (
    part TEXT NOT NULL, id TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (part, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
    id TEXT PRIMARY KEY, root TEXT NOT NULL, path TEXT NOT NULL, title TEXT NOT NULL,
    content_hash TEXT NOT NULL, origin TEXT NOT NULL
) STRICT;
CREATE INDEX document_by_path ON document (path);
CREATE TABLE passage (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL, position INTEGER NOT NULL,
    material INTEGER NOT NULL,  -- 0: of a catalogue, never found by search
    vector_key TEXT, line INTEGER NOT NULL, headings TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX passage_by_document ON passage (document_id, position);
CREATE INDEX passage_by_origin ON passage (material, id);
CREATE TABLE entity (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL,
    aliases TEXT NOT NULL, description TEXT, difficulty TEXT, importance REAL NOT NULL,
    x REAL NOT NULL, y REAL NOT NULL, vector_key TEXT,
    folded_name TEXT NOT NULL,  -- case folded, for order
    folded_names TEXT NOT NULL  -- name and aliases, for filters
) STRICT;
CREATE INDEX entity_by_importance ON entity (importance DESC, id);
CREATE INDEX entity_by_name ON entity (folded_name, id);
CREATE TABLE name (
    key TEXT NOT NULL, is_alias INTEGER NOT NULL, entity_id TEXT NOT NULL,
    PRIMARY KEY (key, is_alias, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_by_entity ON name (entity_id);
CREATE TABLE mention (
    entity_id TEXT NOT NULL, passage_id TEXT NOT NULL, count INTEGER NOT NULL, start INTEGER NOT NULL,
    quote TEXT NOT NULL, PRIMARY KEY (entity_id, count DESC, passage_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_by_passage ON mention (passage_id, entity_id);
CREATE TABLE relation (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source_id TEXT NOT NULL, target_id TEXT NOT NULL,
    type TEXT NOT NULL, confidence REAL NOT NULL, found_by TEXT NOT NULL, gains TEXT NOT NULL,
    costs TEXT NOT NULL
) STRICT;
CREATE INDEX relation_out ON relation (source_id, confidence DESC, type, target_id, id);
CREATE INDEX relation_in ON relation (target_id, confidence DESC, type, source_id, id);
CREATE INDEX relation_out_by_type ON relation (source_id, type, confidence DESC, target_id, id);
CREATE INDEX relation_in_by_type ON relation (target_id, type, confidence DESC, source_id, id);
CREATE INDEX relation_by_confidence ON relation (confidence DESC, type, source_id, target_id);
CREATE TABLE evidence (
    relation_id TEXT NOT NULL, position INTEGER NOT NULL, passage_id TEXT NOT NULL, quote TEXT NOT NULL,
    PRIMARY KEY (relation_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_by_passage ON evidence (passage_id, relation_id);
CREATE TABLE topic (
    id TEXT PRIMARY KEY, level INTEGER NOT NULL, title TEXT NOT NULL, summary TEXT NOT NULL,
    entity_ids TEXT NOT NULL, scores TEXT NOT NULL, parent_id TEXT
) STRICT;
CREATE TABLE track (name TEXT PRIMARY KEY, aliases TEXT NOT NULL, goals TEXT NOT NULL,
    description TEXT NOT NULL) STRICT;
CREATE TABLE dropped (
    id TEXT PRIMARY KEY, source_id TEXT NOT NULL, target_id TEXT NOT NULL, confidence REAL NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE passage_words USING fts5 (
    text, headings, content='', contentless_delete=1, tokenize='{" ".join(TOKENIZER)}');
CREATE VIRTUAL TABLE entity_words USING fts5 (
    name, aliases, description, content='', contentless_delete=1, tokenize='{" ".join(TOKENIZER)}');
CREATE VIRTUAL TABLE passage_vocabulary USING fts5vocab (passage_words, row);
CREATE VIRTUAL TABLE entity_vocabulary USING fts5vocab (entity_words, row);
"""  # noqa: S608


def is_new(db: apsw.Connection, path: Path) -> bool:
    """Tell whether the file holds nothing yet, as opposed to a graph of this version.

    Raises:
        StoreMismatchError: it belongs to another application or another version of this one.
    """
    application_id = db.pragma("application_id")
    version = db.pragma("user_version")
    if application_id == APPLICATION_ID:
        if version > SCHEMA_VERSION:
            raise StoreMismatchError(
                f"{path} was made by a newer version (format {version}, this is {SCHEMA_VERSION}): "
                "update guidegraph"
            )
        if version < SCHEMA_VERSION:
            raise StoreMismatchError(
                f"{path} was made by an older version (format {version}, this is {SCHEMA_VERSION}): "
                "run `kg ingest` again, into a new file"
            )
        return False
    tables = db.execute("SELECT count(*) FROM sqlite_schema").get
    if application_id or version or tables:
        raise StoreMismatchError(f"{path} belongs to another application: choose another file for the graph")
    return True


def create_schema(db: apsw.Connection, path: Path) -> None:
    """Lay out a new file, whole or not at all."""
    # The page size must be set before the first page is written, WAL before the first transaction.
    db.pragma("page_size", 8192)
    if db.pragma("journal_mode", "wal") != "wal":
        raise StoreUnavailableError(f"{path} cannot have a write-ahead log: choose a place on a local disk")
    with db:
        db.execute(_SCHEMA)
        db.pragma("application_id", APPLICATION_ID)
        db.pragma("user_version", SCHEMA_VERSION)

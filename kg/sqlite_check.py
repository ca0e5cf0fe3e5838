"""Looking a SQLite store over: what is wrong with it, if anything, and what to run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw

from kg.errors import KGError
from kg.sqlite_file import SqliteFile
from kg.sqlite_schema import SCHEMA_VERSION
from kg.store import Check

# Earlier ones can damage a file when two connections write or checkpoint at the same moment.
_SAFE_SQLITE = (3, 51, 3)
_AGAIN = "run `kg ingest` into a new file"
_PUBLISH = "run `kg ingest` again"

# What each reference of the published graph must find; a row of the answer is one that does not.
_DANGLING = {
    "relations": "SELECT count(*) FROM relation WHERE source_id NOT IN (SELECT id FROM entity)"
    " OR target_id NOT IN (SELECT id FROM entity)",
    "evidence": "SELECT count(*) FROM evidence WHERE passage_id NOT IN (SELECT id FROM passage)"
    " OR relation_id NOT IN (SELECT id FROM relation)",
    "relations without evidence": "SELECT count(*) FROM relation"
    " WHERE id NOT IN (SELECT relation_id FROM evidence)",
    "mentions": "SELECT count(*) FROM mention WHERE passage_id NOT IN (SELECT id FROM passage)"
    " OR entity_id NOT IN (SELECT id FROM entity)",
    "passages": "SELECT count(*) FROM passage WHERE document_id NOT IN (SELECT id FROM document)",
    "names": "SELECT count(*) FROM name WHERE entity_id NOT IN (SELECT id FROM entity)",
}
_MISINDEXED = """
SELECT (SELECT count(*) FROM passage WHERE material = 1) <> (SELECT count(*) FROM passage_words_docsize)
    OR (SELECT count(*) FROM entity) <> (SELECT count(*) FROM entity_words_docsize)"""
_UNPUBLISHED = """
SELECT count(*) FROM source AS s LEFT JOIN document AS d ON d.id = s.document_id
WHERE d.content_hash IS NOT s.content_hash"""
_VANISHED = """
SELECT count(*) FROM document WHERE origin = 'MATERIAL' AND id NOT IN (SELECT document_id FROM source)"""
_NO_VECTOR = """
SELECT count(*), count(vector_key) FROM passage
WHERE material = 1 AND (vector_key IS NULL OR vector_key NOT IN (SELECT key FROM vector))"""


def check_store(file: SqliteFile) -> list[Check]:
    """See ``GraphStore.check``."""
    looks: list[tuple[str, Callable[[apsw.Connection], tuple[bool, str]]]] = [
        ("integrity", _integrity),
        ("word indexes", _word_indexes),
        ("format", _format),
        ("references", _references),
        ("publication", _publication),
        ("vectors", _vectors),
        ("embedding model", _embedding_model),
    ]
    checks = [_sqlite(), _space(file.path)]
    try:
        with file.reading(deadline=False) as db:
            checks += [_look(db, name, look) for name, look in looks]
    except KGError as error:
        checks.append(Check(name="file", ok=False, detail=str(error)))
    return checks


def _look(db: apsw.Connection, name: str, look: Callable[[apsw.Connection], tuple[bool, str]]) -> Check:
    try:
        ok, detail = look(db)
    except apsw.Error as error:
        # Damage can show itself in any query; the other looks go on.
        ok, detail = False, f"cannot be read ({error}): {_AGAIN}"
    return Check(name=name, ok=ok, detail=detail)


def _sqlite() -> Check:
    version = apsw.sqlite_lib_version()
    ok = tuple(int(part) for part in version.split(".")) >= _SAFE_SQLITE
    return Check(name="SQLite", ok=ok, detail=version if ok else f"{version} can damage files: update apsw")


def _space(path: Path) -> Check:
    size, free = (path.stat().st_size if path.exists() else 0), shutil.disk_usage(path.parent).free
    # A publication that replaces everything needs the graph once more in the write-ahead log.
    ok = free > 2 * size
    detail = f"{size / 1e6:.1f} MB used by the graph, {free / 1e6:.0f} MB free"
    return Check(
        name="space", ok=ok, detail=detail if ok else f"{detail}: make room before the next `kg ingest`"
    )


def _integrity(db: apsw.Connection) -> tuple[bool, str]:
    found = [str(row[0]) for row in db.execute("PRAGMA quick_check(5)")]
    return (True, "every page is sound") if found == ["ok"] else (False, f"{'; '.join(found)}: {_AGAIN}")


def _word_indexes(db: apsw.Connection) -> tuple[bool, str]:
    wrong = db.execute(_MISINDEXED).get
    return not wrong, f"not every row is indexed: {_AGAIN}" if wrong else "every row is indexed"


def _format(db: apsw.Connection) -> tuple[bool, str]:
    version = db.pragma("user_version")
    return version == SCHEMA_VERSION, f"{version}"


def _references(db: apsw.Connection) -> tuple[bool, str]:
    counts = {name: db.execute(query).get for name, query in _DANGLING.items()}
    wrong = [f"{n} {name}" for name, n in counts.items() if n]
    return not wrong, f"dangling: {', '.join(wrong)}: {_PUBLISH}" if wrong else "all lead somewhere"


def _publication(db: apsw.Connection) -> tuple[bool, str]:
    revision = db.execute("SELECT revision FROM publication").get
    unpublished, vanished = db.execute(_UNPUBLISHED).get, db.execute(_VANISHED).get
    if not revision:
        return False, "nothing is published yet: run `kg ingest`"
    if unpublished or vanished:
        return False, (
            f"revision {revision}; {unpublished} documents read but not published, "
            f"{vanished} published but forgotten: {_PUBLISH}"
        )
    return True, f"revision {revision}, as all documents were read"


def _vectors(db: apsw.Connection) -> tuple[bool, str]:
    missing, lost = db.execute(_NO_VECTOR).get
    if missing:
        return False, f"{missing} passages have none ({lost} lost theirs): {_PUBLISH}"
    return True, "every passage has one"


def _embedding_model(db: apsw.Connection) -> tuple[bool, str]:
    name = db.execute("SELECT value FROM setting WHERE name = 'embedding_model'").get
    return name is not None, str(name) if name else f"not remembered: {_PUBLISH}"

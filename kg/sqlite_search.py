"""Keyword search in SQLite's word indexes, and the vectors of what is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import apsw

from kg.names import NAME_SEPARATOR
from kg.parameters import bindable
from kg.sqlite_schema import TOKENIZER
from kg.store import Owner
from kg.vectors import VectorTable, from_bytes

if TYPE_CHECKING:
    import numpy as np

_FEW_WORDS = 8  # up to here every word counts; past it, those that tell little are left out
_MOST_WORDS = 24

# A name says more than an alias, an alias more than a description; a heading more than the text below it.
_RANKED = {
    Owner.PASSAGE: (
        "SELECT rowid, bm25(passage_words, 1.0, 2.0) AS score FROM passage_words"
        " WHERE passage_words MATCH ? ORDER BY score"
    ),
    Owner.ENTITY: (
        "SELECT rowid, bm25(entity_words, 8.0, 6.0, 1.0) AS score FROM entity_words"
        " WHERE entity_words MATCH ? ORDER BY score"
    ),
}
_ID_OF_ROW = {
    Owner.PASSAGE: "SELECT id FROM passage WHERE n = ?",
    Owner.ENTITY: "SELECT id FROM entity WHERE n = ?",
}
_HOLDERS = {
    Owner.PASSAGE: "SELECT doc FROM passage_vocabulary WHERE term = ?",
    Owner.ENTITY: "SELECT doc FROM entity_vocabulary WHERE term = ?",
}
_SIZE = {
    Owner.PASSAGE: "SELECT count(*) FROM passage WHERE material = 1",
    Owner.ENTITY: "SELECT count(*) FROM entity",
}
_VECTORS = {
    Owner.PASSAGE: (
        "SELECT p.id, v.value FROM passage AS p JOIN vector AS v ON v.key = p.vector_key"
        " WHERE p.material = 1 ORDER BY p.id"
    ),
    Owner.ENTITY: (
        "SELECT e.id, v.value FROM entity AS e JOIN vector AS v ON v.key = e.vector_key ORDER BY e.id"
    ),
}
# In the order of importance, so that the first are soon found where many begin alike.
_BEGUN = """
SELECT e.id FROM entity AS e WHERE instr(?1 || e.folded_names, ?1 || ?2)
ORDER BY e.importance DESC, e.id LIMIT ?3"""
_VECTOR_OF = """
SELECT value FROM vector WHERE key = coalesce(
    (SELECT vector_key FROM entity WHERE id = ?1), (SELECT vector_key FROM passage WHERE id = ?1))"""


def search_text(
    db: apsw.Connection, words: Sequence[str], owner: Owner, limit: int
) -> list[tuple[str, float]]:
    """See ``GraphStore.search_text``."""
    match = _match(db, words, owner)
    if not match or limit < 1:
        return []
    best: list[tuple[int, float]] = []
    for row, rank in db.execute(_RANKED[owner], (match,)):
        # Past the limit only what ties with the last, so that the id and not the row decides.
        if len(best) >= limit and -rank < best[limit - 1][1]:
            break
        best.append((row, -rank))
    scored = [(db.execute(_ID_OF_ROW[owner], (row,)).get, score) for row, score in best]
    return sorted(scored, key=lambda hit: (-hit[1], hit[0]))[:limit]


def _match(db: apsw.Connection, words: Sequence[str], owner: Owner) -> str:
    """Return a query of the index for any of ``words``, each quoted, so that none can be syntax."""
    # NUL would end the query early, and a word of signs alone has nothing to look up.
    clean = dict.fromkeys(bindable(word).replace("\0", " ") for word in words)
    terms = {word: stems for word in clean if (stems := _stems(db, word))}
    if len(terms) > _FEW_WORDS:
        terms = _telling(db, terms, owner)
    return " OR ".join('"{}"'.format(word.replace('"', '""')) for word in terms)


def _telling(db: apsw.Connection, terms: dict[str, list[str]], owner: Owner) -> dict[str, list[str]]:
    """Return the rarest of many words, less those that more than half of all rows hold.

    BM25 gives the latter no weight, but visiting all their rows is what makes a query slow.
    """
    holders = {word: min(_held_by(db, stem, owner) for stem in stems) for word, stems in terms.items()}
    half = db.execute(_SIZE[owner]).get / 2
    rarest = sorted((word for word in terms if 0 < holders[word] <= half), key=lambda word: holders[word])
    return {word: terms[word] for word in rarest[:_MOST_WORDS]} or terms


def _held_by(db: apsw.Connection, stem: str, owner: Owner) -> int:
    return int(db.execute(_HOLDERS[owner], (stem,)).get or 0)


def _stems(db: apsw.Connection, word: str) -> list[str]:
    name, *options = TOKENIZER
    tokens = db.fts5_tokenizer(name, options)(
        word.encode(), apsw.FTS5_TOKENIZE_QUERY, None, include_offsets=False, include_colocated=False
    )
    return [str(token) for token in tokens]


def begun_by(db: apsw.Connection, beginning: str, limit: int) -> list[str]:
    """Return the ids of entities with a name or alias that begins so: see ``GraphStore.rankings``."""
    if not beginning or limit < 1:
        return []
    return [id_ for (id_,) in db.execute(_BEGUN, (NAME_SEPARATOR, bindable(beginning.casefold()), limit))]


def vector_state(db: apsw.Connection) -> tuple[int, int]:
    """Return what changes whenever the outcome of ``load_vectors`` may change."""
    revision, newest = db.execute(
        "SELECT (SELECT revision FROM publication), (SELECT max(n) FROM vector)"
    ).get
    return revision, newest or 0


def load_vectors(db: apsw.Connection, owner: Owner) -> VectorTable:
    """Read the vectors of all published passages of the material, or of all entities, by id."""
    ids: list[str] = []
    values: list[bytes] = []
    for id_, value in db.execute(_VECTORS[owner]):
        ids.append(id_)
        values.append(value)
    return VectorTable.of(ids, values)


def vector(db: apsw.Connection, owner_id: str) -> np.ndarray | None:
    """See ``GraphStore.vector``."""
    value = db.execute(_VECTOR_OF, (bindable(owner_id),)).get
    return None if value is None else from_bytes(value)

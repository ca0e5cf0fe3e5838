"""What is peculiar to the SQLite store: its file, versions, deadline, damage and query plans."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from random_graphs import EMPTY, everything, graphs, relation
from sample import HashEmbedder, publish_sample, sample_graph, sample_sources

from kg import sqlite_relations
from kg.errors import InvalidInputError, StoreBusyError, StoreMismatchError, StoreUnavailableError
from kg.model import Entity, EntityKind, RelationType
from kg.open import open_store
from kg.sqlite import SqliteStore
from kg.sqlite_schema import SCHEMA_VERSION
from kg.store import EntityFilter, Owner


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kg.db"


@pytest.fixture
def closed_sample(path: Path) -> Path:
    with SqliteStore(path) as store:
        publish_sample(store, HashEmbedder())
    return path


def run_on(path: Path, statement: str) -> None:
    db = apsw.Connection(str(path))
    db.execute(statement)
    db.close()


# --- addresses and files


def test_an_address_names_a_file_relative_or_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///relative.db").close()
    open_store(f"sqlite:///{tmp_path}/absolute.db").close()
    assert {p.name for p in tmp_path.glob("*.db")} == {"relative.db", "absolute.db"}


@pytest.mark.parametrize("url", ["", "kg.db", "sqlite://", "sqlite:///", "postgres://host/db"])
def test_what_is_no_address_is_refused_with_an_example(url):
    with pytest.raises(InvalidInputError, match=r"write it as sqlite:///kg\.db"):
        open_store(url)


def test_a_store_opened_again_is_as_it_was(closed_sample):
    with SqliteStore(closed_sample, read_only=True) as store:
        assert store.revision() == 1
        assert store.entities([e.id for e in sample_graph().entities])
        assert list(store.read_sources()) == sorted(sample_sources(), key=lambda s: s.document.id)


def test_a_closed_store_is_one_file(closed_sample):
    assert [p.name for p in closed_sample.parent.iterdir()] == [closed_sample.name]


def test_a_missing_file_is_not_made_by_reading(path):
    with pytest.raises(StoreUnavailableError, match="make one with `kg ingest`"):
        SqliteStore(path, read_only=True)
    assert not path.exists()


def test_an_empty_file_is_no_graph_to_read_but_can_become_one(path):
    path.touch()
    with pytest.raises(StoreUnavailableError, match="is empty: fill it with `kg ingest`"):
        SqliteStore(path, read_only=True)
    with SqliteStore(path) as store:
        assert store.revision() == 0


def test_a_store_opened_for_reading_refuses_to_write(closed_sample):
    with (
        SqliteStore(closed_sample, read_only=True) as store,
        pytest.raises(StoreUnavailableError, match="reading only"),
    ):
        store.put_setting("a", "b")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(StoreUnavailableError, match="is a folder: name a file in it"):
        SqliteStore(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StoreUnavailableError, match=r"no folder .*/nowhere: make it first"):
        SqliteStore(tmp_path / "nowhere" / "kg.db")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    # The file system of processes takes no files, not even from root.
    with pytest.raises(StoreUnavailableError, match="cannot be opened or written"):
        SqliteStore(Path("/proc/kg.db"))


def test_a_name_that_the_file_system_refuses_is_told(tmp_path):
    with pytest.raises(StoreUnavailableError, match="cannot be opened: File name too long"):
        SqliteStore(tmp_path / ("x" * 300))


def test_many_may_make_the_same_file_at_once(path):
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: SqliteStore(path), range(8)))
    assert [store.revision() for store in stores] == [0] * 8
    for store in stores:
        store.close()


# --- whose file it is


def test_a_file_that_is_no_database_is_refused_and_left_alone(path):
    path.write_text("these are notes\n" * 1000)
    with pytest.raises(StoreMismatchError, match="is not a graph: choose another file"):
        SqliteStore(path)
    assert path.read_text() == "these are notes\n" * 1000


@pytest.mark.parametrize("statement", ["CREATE TABLE theirs (a)", "PRAGMA application_id = 7"])
def test_the_database_of_another_application_is_refused_and_left_alone(path, statement):
    run_on(path, statement)
    before = path.read_bytes()
    with pytest.raises(StoreMismatchError, match="belongs to another application"):
        SqliteStore(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        (SCHEMA_VERSION + 1, "newer version .* update guidegraph"),
        (SCHEMA_VERSION - 1, "older .* into a new file"),
    ],
)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_of_another_version_is_refused_with_what_to_do(closed_sample, version, advice, read_only):
    run_on(closed_sample, f"PRAGMA user_version = {version}")
    with pytest.raises(StoreMismatchError, match=advice):
        SqliteStore(closed_sample, read_only=read_only)


# --- failures


def test_a_query_past_its_deadline_is_stopped(path):
    entities = tuple(Entity(id=f"e_{i}", name=f"name {i}", kind=EntityKind.CONCEPT) for i in range(2000))
    with SqliteStore(path) as store:
        store.publish(replace(EMPTY, entities=entities), {})
    with (
        SqliteStore(path, query_timeout_s=0) as store,
        pytest.raises(StoreUnavailableError, match="no answer within 0 s"),
    ):
        store.list_entities(EntityFilter(name_contains="nothing"), limit=1)


def test_a_publication_that_fails_midway_leaves_the_last_one(path):
    with SqliteStore(path) as store:
        publish_sample(store, HashEmbedder())
        before = everything(store)
        graph = sample_graph()
        # Topics are written after entities and relations; a level of text is refused by the strict table.
        broken = replace(graph, entities=graph.entities[:3], topics=(replace(graph.topics[0], level="low"),))
        with pytest.raises(apsw.ConstraintError):
            store.publish(broken, {})
        assert everything(store) == before
        assert store.publish(replace(graph, topics=()), {}) == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=graphs(), second=graphs())
def test_scores_of_words_do_not_depend_on_what_was_published_before(sqlite_stores, first, second):
    over, anew = sqlite_stores(), sqlite_stores()
    over.publish(first, {})
    over.publish(second, {})
    anew.publish(second, {})
    asked = [(["rag", "agent", "vector"], owner) for owner in Owner]
    assert [over.search_text(*one, limit=100) for one in asked] == [
        anew.search_text(*one, limit=100) for one in asked
    ]


def test_a_writer_that_finds_the_file_locked_is_told_to_wait(closed_sample, monkeypatch):
    monkeypatch.setattr("kg.sqlite_file._BUSY_TIMEOUT_MS", 1)
    other = apsw.Connection(str(closed_sample))
    other.execute("BEGIN IMMEDIATE")
    with SqliteStore(closed_sample, read_only=False) as store:
        with pytest.raises(StoreBusyError, match=r"is writing to .*: wait"):
            store.put_setting("a", "b")
        assert store.revision() == 1
    other.close()


def test_damage_is_found_by_the_check_which_does_not_raise(closed_sample):
    content = bytearray(closed_sample.read_bytes())
    start = len(content) * 3 // 4
    content[start:] = b"\xa5" * (len(content) - start)
    closed_sample.write_bytes(content)
    with SqliteStore(closed_sample, read_only=True) as store:
        found = {check.name: check for check in store.check()}
    assert not found["integrity"].ok
    assert "run `kg ingest` into a new file" in found["integrity"].detail


def test_a_word_index_that_lost_a_row_is_found_by_the_check(closed_sample):
    run_on(closed_sample, "DELETE FROM passage_words WHERE rowid = 1")
    with SqliteStore(closed_sample) as store:
        found = {check.name: check for check in store.check()}
    assert not found["word indexes"].ok


def test_a_file_that_vanished_is_found_by_the_check(closed_sample):
    with SqliteStore(closed_sample, read_only=True) as store:
        closed_sample.unlink()
        assert not all(check.ok for check in store.check())


# --- cost


@pytest.mark.parametrize("query", ["_OUT", "_IN", "_OUT_OF_TYPE", "_IN_OF_TYPE"])
def test_links_are_one_range_of_a_covering_index_in_its_order(closed_sample, query):
    statement = getattr(sqlite_relations, query)
    db = apsw.Connection(str(closed_sample))
    values = ("e", "USES", 0.5, 10) if "OF_TYPE" in query else ("e", 0.5, 10)
    plan = " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", values))
    db.close()
    assert "USING COVERING INDEX" in plan
    assert "TEMP B-TREE" not in plan


def test_an_update_leaves_word_indexes_and_unchanged_rows_alone(closed_sample):
    graph = sample_graph()
    moved = tuple(replace(e, importance=1 / len(graph.entities)) for e in graph.entities)
    with SqliteStore(closed_sample) as store:
        store.publish(graph, {})
        before = _content(closed_sample, "passage_words_data", "entity_words_data", "relation", "passage")
        store.publish(replace(graph, entities=moved), {})
        after = _content(closed_sample, "passage_words_data", "entity_words_data", "relation", "passage")
        assert store.revision() == 3
    assert before == after


def test_a_hub_gives_its_best_links_whatever_its_size(path):
    relations = tuple(relation("e_hub", RelationType.USES, f"e_{i}", i / 5000) for i in range(5000))
    with SqliteStore(path) as store:
        store.publish(replace(EMPTY, relations=relations), {})
        best = store.links(["e_hub"], limit=3)["e_hub"]
    assert [link.target_id for link in best] == ["e_4999", "e_4998", "e_4997"]


def test_a_vector_table_is_read_once_for_each_revision(closed_sample, monkeypatch):
    with SqliteStore(closed_sample) as store:
        query = HashEmbedder().encode(["rag"])[0]
        first = store.search_vector(query, Owner.ENTITY, limit=3)
        run_on(closed_sample, "UPDATE vector SET value = zeroblob(128)")
        assert store.search_vector(query, Owner.ENTITY, limit=3) == first
        store.publish(replace(sample_graph(), tracks=()), {})
        assert store.search_vector(query, Owner.ENTITY, limit=3) == []


def _content(path: Path, *tables: str) -> list[str]:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = [list(db.execute(f"SELECT * FROM {table} ORDER BY 1")) for table in tables]
    db.close()
    return [hashlib.sha256(repr(table).encode()).hexdigest() for table in rows]

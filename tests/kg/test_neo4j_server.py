"""What is peculiar to the Neo4j store, on a real server: errors, rights, versions, and data of others."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from random_graphs import EMPTY, everything
from sample import HashEmbedder, entity_id, publish_sample, sample_graph

from kg.errors import KGError, StoreMismatchError, StoreUnavailableError
from kg.neo4j_address import Neo4jAccess, parse_address
from kg.neo4j_server import Neo4jServer
from kg.open import open_store
from kg.store import GraphStore, Owner

pytestmark = pytest.mark.neo4j

README = Path(__file__).parents[2] / "README.md"

Open = Callable[..., GraphStore]


@pytest.fixture
def reopen(neo4j_url: str, neo4j_access: Neo4jAccess) -> Iterator[Open]:
    """Give a function that opens the database; what it opened is closed at the end."""
    opened: list[GraphStore] = []

    def open_it(**how: object) -> GraphStore:
        opened.append(open_store(neo4j_url, **{"access": neo4j_access, **how}))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def sample(reopen: Open, embedder: HashEmbedder) -> GraphStore:
    store = reopen()
    publish_sample(store, embedder)
    return store


def all_indexes(server: Neo4jServer) -> list[list[object]]:
    return server.rows("SHOW INDEXES YIELD name RETURN name ORDER BY name")


# --- what answers, and what does not


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_is_down_is_told_of_with_its_address(scheme):
    port = free_port()
    with pytest.raises(
        StoreUnavailableError, match=rf"no Neo4j server answers at {scheme}://127.0.0.1:{port}"
    ):
        open_store(f"{scheme}://127.0.0.1:{port}")


def test_a_server_of_another_kind_is_told_from_neo4j():
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.raises(StoreUnavailableError, match=r"no Neo4j server"):
            open_store(f"bolt://127.0.0.1:{server.server_port}", query_timeout_s=0.5)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_server_that_never_answers_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(StoreUnavailableError, match="no Neo4j server answers"):
            open_store(url, query_timeout_s=0.2)


def test_a_wrong_password_is_told_of_and_not_repeated(neo4j_url, neo4j_access):
    with pytest.raises(StoreUnavailableError, match="does not accept the user or the password") as refused:
        open_store(neo4j_url, access=replace(neo4j_access, password="wrong-secret"))
    assert "wrong-secret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_an_unknown_database_is_told_of(neo4j_url, neo4j_access, scheme):
    address = urlsplit(neo4j_url).netloc
    with pytest.raises(StoreUnavailableError, match="there is no such database"):
        open_store(f"{scheme}://{address}/nothere", access=neo4j_access)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_the_default_database_has_a_name_too(sample, neo4j_url, neo4j_access, scheme):
    address = urlsplit(neo4j_url).netloc
    other = open_store(f"{scheme}://{address}/neo4j", access=neo4j_access)
    assert other.counts() == sample.counts()
    other.close()


def test_a_query_that_takes_too_long_is_ended(neo4j_url, neo4j_access):
    server = Neo4jServer(parse_address(neo4j_url), neo4j_access, read_only=True, query_timeout_s=1)
    with pytest.raises(StoreUnavailableError, match="gave no answer within 1 s: ask for less"):
        server.rows("UNWIND range(1, 1000000000000) AS n RETURN count(n)")
    server.close()


# --- reading only


def test_a_reader_answers_as_the_writer_does(reopen, sample):
    assert everything(reopen(read_only=True)) == everything(sample)


def test_a_reader_of_an_empty_database_makes_nothing(reopen, neo4j_server):
    before = all_indexes(neo4j_server)
    with pytest.raises(StoreUnavailableError, match=r"there is no graph at .*: make one with `kg ingest`"):
        reopen(read_only=True)
    assert neo4j_server.rows("MATCH (n) RETURN count(n)") == [[0]]
    assert all_indexes(neo4j_server) == before


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.put_setting("a", "b"),
        lambda store: store.publish(EMPTY, {}),
        lambda store: store.put_vectors({"key": np.full(64, 0.125, np.float32)}),
        lambda store: store.build_lock().__enter__(),
    ],
)
def test_a_reader_refuses_to_write(reopen, sample, write):
    with pytest.raises(StoreUnavailableError, match="opened for reading only"):
        write(reopen(read_only=True))


# --- for people

_QUERIES = re.findall(r"```cypher\n((?:MATCH|CALL).*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("query", _QUERIES, ids=range(len(_QUERIES)))
def test_a_query_of_the_readme_runs(sample, neo4j_server, query):
    asked = query.replace("Reranking", "Hybrid search").replace("citation", "faithfulness")
    assert neo4j_server.rows(asked)


def test_the_readme_has_five_queries():
    assert len(_QUERIES) == 5


# --- versions and indexes


@pytest.mark.parametrize(
    ("found", "told"), [(0, "older .* into an empty database"), (99, "newer .* update guidegraph")]
)
@pytest.mark.parametrize("read_only", [True, False])
def test_a_graph_of_another_version_is_refused(reopen, sample, neo4j_server, found, told, read_only):
    neo4j_server.change("MATCH (g:KgGraph) SET g.format = $found", found=found)
    with pytest.raises(StoreMismatchError, match=told):
        reopen(read_only=read_only)


def test_a_missing_index_is_named_and_made_again_by_the_next_writer(reopen, sample, neo4j_server):
    reader = reopen(read_only=True)
    neo4j_server.command("DROP INDEX kg_entity_words")
    with pytest.raises(StoreUnavailableError, match="lacks the index kg_entity_words: run `kg ingest`"):
        reader.search_text(["rag"], Owner.ENTITY, limit=1)
    found = {check.name: check for check in reader.check()}["indexes"]
    assert (found.ok, "kg_entity_words is missing" in found.detail) == (False, True)
    reopen()
    assert reader.search_text(["rag"], Owner.ENTITY, limit=1)


def test_before_the_first_publication_no_index_is_missed(reopen, neo4j_server):
    store = reopen()
    neo4j_server.command("DROP INDEX kg_entity_words")
    neo4j_server.command("DROP INDEX kg_names")
    assert store.search_text(["rag"], Owner.ENTITY, limit=1) == []
    assert store.find_names(["rag"]) == {}


def test_an_equal_index_under_another_name_is_told_of(reopen, neo4j_server):
    reopen()
    neo4j_server.command("DROP INDEX kg_passage_words")
    neo4j_server.command("CREATE FULLTEXT INDEX theirs FOR (n:Passage) ON EACH [n.text, n.headings]")
    try:
        with pytest.raises(StoreMismatchError, match="already has an index like kg_passage_words"):
            reopen()
    finally:
        neo4j_server.command("DROP INDEX theirs")


def test_vectors_of_another_length_are_refused_while_the_graph_has_vectors(sample):
    with pytest.raises(StoreMismatchError, match="vectors have 64 numbers and these 3"):
        sample.put_vectors({"key": np.array([1, 0, 0], np.float32)})


# --- data of others

_THEIRS = """
CREATE (d:Document {id: 'theirs', title: 'Their document', path: 'basics.md'})
CREATE (e:Entity {id: 'theirs', name: 'RAG', aliases: ['RAG'], embedding: $vector})
CREATE (d)-[:MENTIONS]->(e)
CREATE (e)-[:USES {confidence: 1.0}]->(d)"""
_COUNT_THEIRS = "MATCH (n) WHERE n.kg_build IS NULL AND n.id = 'theirs' RETURN count(n), count{(n)--()}"


@pytest.fixture
def theirs(neo4j_url: str, neo4j_server: Neo4jServer) -> list[list[object]]:
    """Put data of others into the empty database, and say what there is of it."""
    neo4j_server.change(_THEIRS, vector=[1.0] * 64)
    return neo4j_server.rows(_COUNT_THEIRS)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_that_holds_something_else_is_refused(reopen, theirs, neo4j_server, read_only):
    with pytest.raises(KGError, match=r"another application \(2 nodes\)|there is no graph"):
        reopen(read_only=read_only)
    assert neo4j_server.rows("MATCH (n) RETURN count(n)") == [[2]]


def test_a_graph_beside_data_of_others_reads_as_one_alone(
    reopen, theirs, neo4j_access, embedder, sqlite_stores
):
    beside, alone = reopen(access=replace(neo4j_access, shared=True)), sqlite_stores()
    publish_sample(beside, embedder)
    publish_sample(alone, embedder)
    assert {k: v for k, v in everything(beside).items() if k != "near"} == {
        k: v for k, v in everything(alone).items() if k != "near"
    }


def test_nothing_of_others_is_touched(reopen, theirs, neo4j_server, neo4j_access, embedder):
    store = reopen(access=replace(neo4j_access, shared=True))
    publish_sample(store, embedder)
    store.publish(replace(sample_graph(), documents=(), passages=(), mentions=()), {})
    store.publish(EMPTY, {})
    assert neo4j_server.rows(_COUNT_THEIRS) == theirs


def test_what_others_tie_to_an_entity_is_not_ours_and_stays(sample, neo4j_server):
    rag = entity_id("RAG")
    before = (sample.links([rag], limit=100), sample.link_counts([rag]), sample.mentions([rag], limit=100))
    neo4j_server.change(
        """
        MATCH (e:Entity {id: $id}) SET e.reviewed = true, e:Favourite
        CREATE (e)<-[:USES {confidence: 1.0}]-(:Team {name: 'Search'})-[:MENTIONS]->(e)""",
        id=rag,
    )
    assert before == (
        sample.links([rag], limit=100),
        sample.link_counts([rag]),
        sample.mentions([rag], limit=100),
    )
    graph = sample_graph()
    changed = [replace(e, importance=0.5, kind="TOOL") if e.id == rag else e for e in graph.entities]
    sample.publish(replace(graph, entities=tuple(changed)), {})
    kept = "MATCH (e:Favourite:Tool {id: $id, reviewed: true})--(:Team) RETURN count(*)"
    assert neo4j_server.rows(kept, id=rag) == [[2]]

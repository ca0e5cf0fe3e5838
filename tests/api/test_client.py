"""Two clients, one face: what the API says and what goes wrong are the same near and far."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from api.client import ApiError, LocalClient, RemoteClient, connect
from kg.settings import Settings

NAME = "query($name: String) {entity(name: $name) {name}}"


@pytest.fixture(params=["local", "remote"])
def client(request, backend):
    """Give each client in turn, asking the sample graph."""
    if request.param == "local":
        client = LocalClient(Settings(), backend)
    else:
        client = RemoteClient(request.getfixturevalue("served"))
    yield client
    client.close()


def test_a_client_returns_the_data(client):
    assert client.execute(NAME, {"name": "rag"}) == {"entity": {"name": "RAG"}}


def test_an_error_in_the_answer_is_raised_with_its_code(client):
    with pytest.raises(ApiError, match="no such thing") as caught:
        client.execute('{prerequisites(of: "no such thing") {truncated}}')
    assert caught.value.code == "ENTITY_NOT_FOUND"


def test_a_refused_document_is_raised_with_its_code(client):
    with pytest.raises(ApiError) as caught:
        client.execute("{nothing}")
    assert caught.value.code == "GRAPHQL_VALIDATION_FAILED"


def test_many_threads_may_ask_one_client(client):
    names = ["RAG", "FAISS", "BERT", "Neo4j"] * 10
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda name: client.execute(NAME, {"name": name}), names))
    assert [answer["entity"]["name"] for answer in answers] == names


def test_closing_twice_is_harmless(client):
    client.close()
    client.close()


def test_an_address_with_the_path_of_graphql_is_the_same_api(served):
    client = RemoteClient(f"{served}/graphql")
    assert client.execute("{stats {documents}}") == {"stats": {"documents": 3}}
    client.close()


def test_where_no_api_answers_the_error_says_how_to_start_one():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        closing(RemoteClient(f"http://127.0.0.1:{port}")) as client,
        pytest.raises(ApiError, match="start it with `kg serve`") as caught,
    ):
        client.execute("{stats {documents}}")
    assert caught.value.code == "API_UNREACHABLE"


@pytest.mark.parametrize("address", ["nonsense", "http://", "http://[", "ftp://127.0.0.1"])
def test_an_address_of_nothing_is_an_api_error(address):
    with closing(RemoteClient(address)) as client, pytest.raises(ApiError):
        client.execute("{stats {documents}}")


def test_a_server_that_is_no_graph_api_is_said_to_be_none(served):
    with closing(RemoteClient(f"{served}/static")) as client, pytest.raises(ApiError) as caught:
        client.execute("{stats {documents}}")
    assert caught.value.code in {"NOT_AN_API", "METHOD_NOT_ALLOWED", "NOT_FOUND"}


def test_a_missing_store_is_an_api_error_that_says_what_to_run(tmp_path):
    with pytest.raises(ApiError, match="kg ingest") as caught:
        connect(store=f"sqlite:///{tmp_path}/none.db")
    assert caught.value.code == "STORE_UNAVAILABLE"


def test_an_api_goes_before_a_store(served):
    client = connect(store="sqlite:///none.db", api=served)
    assert client.execute("{stats {documents}}") == {"stats": {"documents": 3}}
    client.close()

"""The server around the schema: probes, metrics, limits of a request, who may ask."""

from __future__ import annotations

import logging
import re

import pytest
from sample import entity_id, publish_sample
from starlette.testclient import TestClient

from api.app import MAX_BODY_BYTES, create_app
from kg.errors import StoreUnavailableError
from kg.settings import Settings

LOCAL = "http://127.0.0.1:8000"
STATS = {"query": "{stats {entities}}"}


def _code(response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


# --- probes and figures


def test_the_process_is_alive_whatever_the_store_does(http, backend):
    backend.store.close()
    assert http.get("/healthz").json() == {"status": "alive"}


def test_a_store_with_a_graph_is_ready(http, backend):
    assert http.get("/readyz").json() == {"status": "ready", "revision": backend.store.revision()}


def test_a_store_without_a_graph_is_not_ready_and_says_what_to_run(store, embedder, backend_of):
    with TestClient(create_app(Settings(), backend_of(store, embedder)), base_url=LOCAL) as http:
        response = http.get("/readyz")
    assert response.status_code == 503
    assert "kg ingest" in response.json()["reason"]


def test_a_store_that_is_gone_is_not_ready(http, backend, monkeypatch):
    def gone() -> int:
        raise StoreUnavailableError("the disk is gone")

    monkeypatch.setattr(type(backend.store), "revision", lambda _store: gone())
    response = http.get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, "the disk is gone")


def test_a_missing_store_is_said_before_anything_is_served(tmp_path):
    with pytest.raises(StoreUnavailableError, match="kg ingest"):
        create_app(Settings(store=f"sqlite:///{tmp_path}/none.db"))


def test_metrics_count_requests_by_root_field_and_errors_by_code(http):
    http.post("/graphql", json=STATS)
    http.post("/graphql", json={"query": "{nothing}"})
    lines = http.get("/metrics").text.splitlines()
    assert 'kg_request_seconds_count{operation="stats"} 1' in lines
    assert 'kg_request_seconds_count{operation="refused"} 1' in lines
    assert 'kg_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1' in lines
    assert "kg_store_up 1" in lines


def test_a_name_in_a_document_never_becomes_a_label_of_the_metrics(http):
    http.post("/graphql", json={"query": "query Mine {mine: stats {entities} yours: stats {entities}}"})
    text = http.get("/metrics").text
    assert 'operation="several"' in text
    assert not {"Mine", "mine", "yours"} & set(re.findall(r"\w+", text))


# --- requests


def test_a_graph_that_is_published_meanwhile_is_seen_by_the_next_request(store, embedder, backend_of):
    with TestClient(create_app(Settings(), backend_of(store, embedder)), base_url=LOCAL) as http:
        before = http.post("/graphql", json=STATS).json()
        publish_sample(store, embedder)
        after = http.post("/graphql", json=STATS).json()
    assert [answer["data"]["stats"]["entities"] for answer in (before, after)] == [0, 26]


def test_a_refused_document_is_400_for_clients_that_know_graphql_over_http(http):
    headers = {"Accept": "application/graphql-response+json"}
    response = http.post("/graphql", json={"query": "{nothing}"}, headers=headers)
    assert (response.status_code, "data" in response.json()) == (400, False)
    assert response.headers["content-type"] == "application/graphql-response+json"


def test_a_refused_document_is_200_for_other_clients(http):
    assert http.post("/graphql", json={"query": "{nothing}"}).status_code == 200


def test_an_error_that_no_client_caused_is_masked_and_logged_under_its_id(http, backend, monkeypatch, caplog):
    def broken(_store, _ids):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(type(backend.store), "entities", broken)
    with caplog.at_level(logging.ERROR, "api.execution"):
        answer = http.post(
            "/graphql", json={"query": f'{{entity(id: "{entity_id("RAG")}") {{name}}}}'}
        ).json()
    error = answer["errors"][0]
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert "secret" not in str(answer)
    assert error["message"].rsplit(" ", 1)[1] in caplog.text
    assert "secret of the house" in caplog.text


def test_an_answer_that_takes_too_long_is_given_up(backend):
    settings = Settings(query_timeout_s=1e-9)
    with TestClient(create_app(settings, backend), base_url=LOCAL) as http:
        assert _code(http.post("/graphql", json=STATS)) == "TIMEOUT"


def test_a_variable_of_a_wrong_form_is_the_clients_error(http):
    sent = {"query": "query($n: Int) {entities(first: $n) {totalCount}}", "variables": {"n": "many"}}
    assert _code(http.post("/graphql", json=sent)) == "BAD_USER_INPUT"


@pytest.mark.parametrize("name", [None, "C"])
def test_one_of_several_operations_must_be_named(http, name):
    sent = {"query": "query A {stats {entities}} query B {stats {entities}}", "operationName": name}
    assert _code(http.post("/graphql", json=sent)) == "INVALID_INPUT"


def test_a_large_body_is_refused(http):
    response = http.post("/graphql", json={"query": "#" * (MAX_BODY_BYTES + 1)})
    assert response.status_code == 413


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"query": 1}', '[{"query": "{stats {entities}}"}]', "[" * 100_000]
)
def test_a_body_that_is_no_request_is_400(http, body):
    response = http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, _code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_form_on_another_page_could_send_is_refused(http, kind):
    response = http.post(
        "/graphql", content='{"query": "{stats {entities}}"}', headers={"Content-Type": kind}
    )
    assert response.status_code == 415


def test_queries_by_get_are_refused(http):
    response = http.get("/graphql", params={"query": "{stats {entities}}"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("operation", ["mutation", "subscription"])
def test_there_is_nothing_but_queries(http, operation):
    assert http.post("/graphql", json={"query": f"{operation} {{stats {{entities}}}}"}).json()["errors"]


def test_introspection_and_its_page_can_be_turned_off(backend):
    with TestClient(create_app(Settings(introspection=False), backend), base_url=LOCAL) as http:
        assert http.get("/graphql").status_code == 405
        assert _code(http.post("/graphql", json={"query": "{__schema {queryType {name}}}"}))
        assert "errors" not in http.post("/graphql", json=STATS).json()


# --- who may ask


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_loopback_is_answered_by_all_its_names(http, host):
    assert http.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[", ""])
def test_a_name_that_was_made_to_resolve_here_is_refused(http, host):
    assert http.get("/healthz", headers={"Host": host}).status_code == 403


def test_a_further_name_can_be_allowed(backend):
    settings = Settings(allowed_hosts=("Graph.example",))
    with TestClient(create_app(settings, backend), base_url="http://graph.example") as http:
        assert http.get("/healthz").status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://["])
def test_pages_of_another_origin_may_not_ask(http, origin):
    assert http.post("/graphql", json=STATS, headers={"Origin": origin}).status_code == 403


def test_a_page_of_this_server_may_ask(http):
    assert http.post("/graphql", json=STATS, headers={"Origin": LOCAL}).status_code == 200


def test_an_allowed_origin_may_ask_and_is_told_so(backend):
    settings = Settings(allowed_origins=("https://app.example",))
    with TestClient(create_app(settings, backend), base_url=LOCAL) as http:
        response = http.post("/graphql", json=STATS, headers={"Origin": "https://app.example"})
    assert response.headers["access-control-allow-origin"] == "https://app.example"


# --- pages


@pytest.mark.parametrize("page", ["/", "/graphql"])
def test_a_page_may_load_from_this_server_alone(http, page):
    response = http.get(page)
    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "https://" not in response.text

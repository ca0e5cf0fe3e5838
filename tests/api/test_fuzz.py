"""Whatever the schema allows is answered or refused for a reason: nothing ends in an internal error."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from graphql import (
    FloatValueNode,
    IntValueNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import queries
from sample import HashEmbedder, publish_sample
from starlette.testclient import TestClient

from api.app import create_app
from api.backend import Backend
from api.schema import Schema
from kg.open import open_store
from kg.settings import Settings

# Names that are there now and then: random text alone would end every query at the door.
_NAMES = ["RAG", "Embedding", "GraphRAG", "chunk size", "basics.md", "2027-01-04", "MTow"]
_TEXTS = st.sampled_from(_NAMES) | st.text()
_DOCUMENTS = queries(Schema().as_str())
_KEYS = ["query", "variables", "operationName", "extensions"]
_BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    """Give a client of one application for all examples: they only read."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('fuzz')}/kg.db")
    embedder = HashEmbedder()
    publish_sample(store, embedder)
    backend = Backend(store, embedder, ThreadPoolExecutor(4))
    app = create_app(Settings(), backend)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


def _codes(answer: dict) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


class _Tame(Visitor):
    """Brings the values of a document into range, so that it is answered and not refused at the door."""

    def enter_int_value(self, node: IntValueNode, *_: object) -> IntValueNode:
        return IntValueNode(value=str(abs(int(node.value)) % 4 + 1))

    def enter_float_value(self, node: FloatValueNode, *_: object) -> FloatValueNode:
        return FloatValueNode(value=str(abs(float(node.value)) % 1))

    def enter_string_value(self, node: StringValueNode, *_: object) -> StringValueNode:
        return StringValueNode(value=_NAMES[len(node.value) % len(_NAMES)])


def _tame(document: str) -> str:
    return print_ast(visit(parse(document), _Tame()))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=_DOCUMENTS | _DOCUMENTS.map(_tame))
def test_no_document_of_the_schema_ends_in_an_internal_error(fuzzed, document):
    response = fuzzed.post("/graphql", json={"query": document})
    assert response.status_code == 200
    assert "INTERNAL_ERROR" not in _codes(response.json()), document


FIELDS = [
    "entity(name: $t) {name}",
    "suggest(text: $t, first: $n) {name}",
    "document(path: $o) {id}",
    "search(query: $t, first: $n) {entities {score}}",
    "ask(question: $t) {text}",
    "neighborhood(of: [$t], depth: $n, minConfidence: $f) {truncated}",
    "paths(from: $t, to: $o, maxHops: $n) {confidence}",
    "prerequisites(of: $t, depth: $n) {truncated}",
    "learningPath(from: $t, to: $o) {name}",
    "ready(known: [$t], goals: [$o]) {unlocks}",
    "compare(a: $t, b: $o) {a {name}}",
    "tradeOffs(of: $t) {sides {gains}}",
    "entities(filter: {nameContains: $t, documentPath: $o}, first: $n, after: $o) {totalCount}",
    "relations(filter: {source: $t, minConfidence: $f}, after: $o) {totalCount}",
    "studyPlan(input: {goals: [$t], known: [$o], hoursPerWeek: $f, maxWeeks: $n, startDate: $o}) {weeks}",
    "export(format: JSON_LD, of: [$t], depth: $n)",
]


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(t=_TEXTS, o=_TEXTS, n=st.integers(-(2**40), 2**40) | st.integers(-1, 5), f=st.floats(width=32))
def test_no_argument_ends_in_an_internal_error(fuzzed, field, t, o, n, f):
    used = {name: value for name, value in {"t": t, "o": o, "n": n, "f": f}.items() if f"${name}" in field}
    types = {"t": "String!", "o": "String!", "n": "Int", "f": "Float"}
    declared = ", ".join(f"${name}: {types[name]}" for name in used)
    body = json.dumps({"query": f"query({declared}) {{{field}}}", "variables": used})
    response = fuzzed.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in {200, 400}
    assert "INTERNAL_ERROR" not in _codes(response.json()), used


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=_BODIES.map(json.dumps)
    | st.text()
    | st.dictionaries(st.sampled_from(_KEYS), _BODIES).map(json.dumps)
)
def test_no_body_ends_in_an_internal_error(fuzzed, body):
    content = body.encode("utf-8", "surrogatepass")
    response = fuzzed.post("/graphql", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in {200, 400}
    assert "INTERNAL_ERROR" not in _codes(response.json())

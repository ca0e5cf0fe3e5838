"""Nested lists cost one store call for each look-up, however many there are."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.backend import Backend
from api.execution import Executor, Request
from kg.settings import Settings
from kg.store import GraphStore


class CountingStore:
    """A store that counts what it is asked."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls[name] += 1
            return method(*args, **kwargs)

        return counted


CALLS = {
    "{entities(first: 20) {nodes {name kind}}}": {"list_entities": 1},
    "{entities(first: 20) {nodes {relationCounts {out}}}}": {"list_entities": 1, "link_counts": 1},
    "{entities(first: 20) {nodes {relations {totalCount nodes {source {name} target {name}}}}}}": {
        "list_entities": 1,
        "links": 1,
        "relations": 1,
        "entities": 1,
        "link_counts": 1,
    },
    "{entities(first: 20) {nodes {evidence {quote line document {path}}}}}": {
        "list_entities": 1,
        "mentions": 1,
        "passages": 1,
        "documents": 1,
    },
    "{relations(first: 30) {nodes {source {name} target {name} evidence {quote document {path}}}}}": {
        "list_relations": 1,
        "entities": 1,
        "passages": 1,
        "documents": 1,
    },
    '{document(path: "basics.md") {passages {nodes {text entities {name}}}}}': {
        "list_documents": 1,
        "document_passages": 1,
        "passage_mentions": 1,
        "entities": 1,
    },
    "{topics {parent {title} entities {entity {name}}}}": {"topics": 1, "entities": 1},
}


@pytest.mark.parametrize(("document", "calls"), CALLS.items())
def test_nested_lists_cost_one_call_a_look_up(sample_store, embedder, document, calls):
    store = CountingStore(sample_store)
    with ThreadPoolExecutor(2) as threads:
        executor = Executor(Backend(store, embedder, threads), Settings())
        outcome = asyncio.run(executor.execute(Request(query=document)))
    assert outcome.errors == []
    assert store.calls == calls


def test_direct_prerequisites_of_many_entities_cost_no_more_than_those_of_one(sample_store, embedder):
    def calls(first: int) -> Counter[str]:
        store = CountingStore(sample_store)
        with ThreadPoolExecutor(2) as threads:
            executor = Executor(Backend(store, embedder, threads), Settings())
            document = f"{{entities(first: {first}) {{nodes {{prerequisites {{name}}}}}}}}"
            assert asyncio.run(executor.execute(Request(query=document))).errors == []
        return store.calls

    assert calls(20).total() <= calls(1).total()

"""Retrieval beside neo4j-graphrag's: one server, one graph, the same vectors and the same questions."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kg.embed import Embedder, embedding_text, load_embedder, vector_key
from kg.light_graph import TitledText, light_graph
from kg.model import Graph
from kg.neo4j_address import Neo4jAccess, parse_address
from kg.neo4j_schema import PASSAGE_VECTORS, PASSAGE_WORDS
from kg.open import open_store
from kg.search import SearchMode, search
from kg.store import GraphStore, Owner
from tests.bench_neo4j_tables import percentiles, row, rule

CUT = 5
"""The k of recall@k."""

_DEPTH = 10  # passages asked for
_CLIENTS = (1, 8)
_RATIOS = (1, 5)  # candidates per passage asked for: theirs by default, and as many as ours

# What a retriever of theirs can do with our graph: from the passages found to those that mention the same
# names, the rare ones first.
_THROUGH_NAMES = f"""
OPTIONAL MATCH (node)-[:MENTIONS]->(e:Entity)
WITH node, score, e, CASE WHEN e IS NOT NULL THEN COUNT {{ (e)<-[:MENTIONS]-() }} END AS spread
OPTIONAL MATCH (e)<-[:MENTIONS]-(other:Passage) WHERE spread <= 20 AND other <> node
WITH collect(DISTINCT [node.id, score]) + collect([other.id, score / spread]) AS found
UNWIND found AS one
WITH one[0] AS id, sum(one[1]) AS score WHERE id IS NOT NULL
RETURN {{id: id}} AS node, score ORDER BY score DESC LIMIT {_DEPTH}"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, its vector, and for each title with a part of the answer the ids of its passages."""

    text: str
    vector: np.ndarray
    gold: tuple[frozenset[str], ...]


Retriever = Callable[[Question], list[str]]
"""Gives ids of passages, best first."""


def measure_retrieval(url: str, access: Neo4jAccess, folder: Path, cache: Path | None, rounds: int) -> None:
    """Publish the corpus in ``folder`` at ``url``, and print how each retriever does on its questions.

    Args:
        url: an empty database.
        access: user and password.
        folder: with ``corpus.jsonl`` and ``questions.jsonl``, as ``kg eval retrieval`` takes them.
        cache: a NumPy file that keeps the vectors of the corpus for the next run.
        rounds: how often each question is put to each retriever, for each number of clients.
    """
    embedder = load_embedder()
    rows = _rows(folder / "corpus.jsonl")
    graph, passage_ids = light_graph([TitledText(str(one["id"]), one["title"], one["text"]) for one in rows])
    titled: dict[str, set[str]] = {}
    for one in rows:
        titled.setdefault(one["title"], set()).add(passage_ids[str(one["id"])])
    questions = _questions(_rows(folder / "questions.jsonl"), titled, embedder)
    with closing(open_store(url, access=access)) as store:
        _publish(store, embedder, graph, cache)
        with _theirs(url, access) as theirs:
            _report(_ours(store, embedder) | theirs, questions, rounds)
    median, slow = percentiles([_timed(lambda one: embedder.encode([one.text]), each) for each in questions])
    print(f"\nEmbedding a question comes on top: p50 {median} ms, p95 {slow} ms.")  # noqa: T201


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _questions(
    rows: Sequence[dict[str, Any]], titled: Mapping[str, set[str]], embedder: Embedder
) -> list[Question]:
    vectors = embedder.encode([one["question"] for one in rows])
    return [
        Question(one["question"], vector, tuple(frozenset(titled[title]) for title in one["gold_titles"]))
        for one, vector in zip(rows, vectors, strict=True)
    ]


def _publish(store: GraphStore, embedder: Embedder, graph: Graph, cache: Path | None) -> None:
    texts = {passage.id: embedding_text(passage) for passage in graph.passages}
    keys = {id_: vector_key(embedder.name, text) for id_, text in texts.items()}
    if cache and cache.exists():
        vectors = np.load(cache)
    else:
        vectors = embedder.encode([texts[id_] for id_ in sorted(texts)])
        if cache:
            np.save(cache, vectors)
    store.put_vectors({keys[id_]: vector for id_, vector in zip(sorted(texts), vectors, strict=True)})
    store.publish(graph, keys)


# --- who is compared


def _ours(store: GraphStore, embedder: Embedder) -> dict[str, Retriever]:
    def retriever(mode: SearchMode, owners: Collection[Owner]) -> Retriever:
        def retrieve(question: Question) -> list[str]:
            found = search(
                store,
                embedder,
                question.text,
                mode=mode,
                limit=_DEPTH,
                vector=question.vector,
                owners=owners,
            )
            return [hit.id for hit in found.passages]

        return retrieve

    alone = [mode for mode in SearchMode if mode is not SearchMode.GRAPH]
    return {f"kg {mode}": retriever(mode, tuple(Owner)) for mode in SearchMode} | {
        f"kg {mode}, passages alone": retriever(mode, [Owner.PASSAGE]) for mode in alone
    }


@contextmanager
def _theirs(url: str, access: Neo4jAccess) -> Iterator[dict[str, Retriever]]:
    """Give the retrievers of neo4j-graphrag on our indexes, asked for no more than ids."""
    from neo4j import GraphDatabase
    from neo4j_graphrag.retrievers import HybridCypherRetriever, HybridRetriever, VectorRetriever

    address = parse_address(url)
    with GraphDatabase.driver(address.uri, auth=(access.user, access.password)) as driver:
        only_ids = {"return_properties": ["id"], "neo4j_database": address.database}
        by_vector = VectorRetriever(driver, PASSAGE_VECTORS, **only_ids)
        hybrid = HybridRetriever(driver, PASSAGE_VECTORS, PASSAGE_WORDS, **only_ids)
        cypher = HybridCypherRetriever(
            driver, PASSAGE_VECTORS, PASSAGE_WORDS, _THROUGH_NAMES, neo4j_database=address.database
        )
        found: dict[str, Retriever] = {}
        for ratio in _RATIOS:
            wide = f", ratio {ratio}" if ratio > 1 else ""
            found[f"VectorRetriever{wide}"] = _retriever(by_vector, ratio, with_words=False)
            found[f"HybridRetriever{wide}"] = _retriever(hybrid, ratio, with_words=True)
            found[f"HybridCypherRetriever{wide}"] = _retriever(cypher, ratio, with_words=True)
        yield found


def _retriever(theirs: Any, ratio: int, *, with_words: bool) -> Retriever:
    def retrieve(question: Question) -> list[str]:
        asked: dict[str, Any] = {
            "query_vector": question.vector.tolist(),
            "top_k": _DEPTH,
            "effective_search_ratio": ratio,
        }
        if with_words:
            # A question goes to Lucene as it is, where its marks are syntax, and some are errors.
            asked["query_text"] = re.sub(r"[^\w\s]", " ", question.text)
        records = theirs.get_search_results(**asked).records
        return [record["node"]["id"] for record in records]

    return retrieve


# --- measuring


def _report(retrievers: Mapping[str, Retriever], questions: Sequence[Question], rounds: int) -> None:
    found = {name: [retrieve(one) for one in questions] for name, retrieve in retrievers.items()}  # warms
    times: dict[tuple[str, int], list[float]] = {(name, n): [] for name in retrievers for n in _CLIENTS}
    for _ in range(rounds):  # in turn, so that what else the machine does meets all alike
        for (name, clients), spent in times.items():
            with ThreadPoolExecutor(clients) as pool:
                spent += pool.map(partial(_timed, retrievers[name]), questions)
    heads = [f"{n} client{'s' * (n > 1)}, {p} ms" for n in _CLIENTS for p in ("p50", "p95")]
    row(["retriever", f"recall@{CUT}", f"all@{CUT}", *heads])
    rule(3 + len(heads), text=1)
    for name in retrievers:
        shares = [_recall(one, ids) for one, ids in zip(questions, found[name], strict=True)]
        quality = [np.mean(shares), np.mean([share == 1 for share in shares])]
        speed = [cell for n in _CLIENTS for cell in percentiles(times[name, n])]
        row([name, *(f"{value:.3f}" for value in quality), *speed])


def _timed(retrieve: Callable[[Question], object], question: Question) -> float:
    started = time.perf_counter()
    retrieve(question)
    return time.perf_counter() - started


def _recall(question: Question, ids: Sequence[str]) -> float:
    best = set(ids[:CUT])
    return sum(not best.isdisjoint(gold) for gold in question.gold) / len(question.gold)

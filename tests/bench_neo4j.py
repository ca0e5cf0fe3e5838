"""Measures the Neo4j store on a real database, and prints tables in Markdown.

``python -m tests.bench_neo4j retrieval CORPUS`` puts the questions of a labelled corpus to every search mode
and to the retrievers of neo4j-graphrag, which has to be installed. ``python -m tests.bench_neo4j size`` loads
a made-up graph whose degrees follow a power law. NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD say where; what is
there is removed, unless it is only asked (``--loaded``). Machines are shared and noisy: compare the rows of
one run, not those of two.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from kg.neo4j_address import Neo4jAccess, parse_address
from kg.neo4j_server import Neo4jServer
from tests.bench_neo4j_retrieval import measure_retrieval
from tests.bench_neo4j_size import CLEAR, Place, measure_size


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_neo4j", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    retrieval = parts.add_parser("retrieval")
    retrieval.add_argument("corpus", type=Path, help="folder with corpus.jsonl and questions.jsonl")
    retrieval.add_argument("--rounds", type=int, default=3, help="times each question is put (3)")
    retrieval.add_argument("--vectors", type=Path, help="NumPy file that keeps the corpus's vectors")
    size = parts.add_parser("size")
    size.add_argument("--entities", type=int, default=20_000)
    size.add_argument("--relations", type=int, default=100_000)
    size.add_argument("--asked", type=int, default=300, help="times each question is put (300)")
    size.add_argument("--plain-uri", help="another empty database, for the plain loading")
    size.add_argument("--loaded", action="store_true", help="the graph is there already: only ask it")
    size.add_argument("--folder", type=Path, help="of the server: holds pid and data, for memory and sizes")
    size.add_argument("--plain-folder", type=Path, help="of the other server")
    given = parser.parse_args()
    url = os.environ["NEO4J_URI"]
    access = Neo4jAccess(user=os.environ.get("NEO4J_USER", ""), password=os.environ.get("NEO4J_PASSWORD", ""))
    loaded = given.part == "size" and given.loaded
    for each in set() if loaded else {url, getattr(given, "plain_uri", None) or url}:
        _clear(each, access)
    if given.part == "retrieval":
        measure_retrieval(url, access, given.corpus, given.vectors, given.rounds)
    else:
        place = Place(url, access, given.folder)
        plain = Place(given.plain_uri, access, given.plain_folder) if given.plain_uri else place
        measure_size(place, plain, given.entities, given.relations, given.asked, loaded=loaded)


def _clear(url: str, access: Neo4jAccess) -> None:
    server = Neo4jServer(parse_address(url), access, read_only=False, query_timeout_s=10)
    server.command(CLEAR)
    server.close()


if __name__ == "__main__":
    main()

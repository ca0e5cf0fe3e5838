"""The MCP server, driven over real stdio by the SDK's own client."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from sample import HashEmbedder, publish_sample

from kg.open import open_store

TOOLS = {"search", "entity", "neighbors", "path", "prerequisites", "plan", "ask", "topics", "stats"}


@pytest.fixture(scope="module")
def store_url(tmp_path_factory):
    """Give the address of the sample graph; its vectors pass for the packaged model's."""
    url = f"sqlite:///{tmp_path_factory.mktemp('mcp')}/kg.db"
    store = open_store(url)
    publish_sample(store, HashEmbedder())
    store.put_setting("embedding_model", "all-MiniLM-L6-v2")
    store.close()
    return url


def _talk(store_url: str, *steps: Callable[[Client], Awaitable[Any]]) -> list[Any]:
    """Start ``kg mcp``, take each step with a connected client, and return what each gave."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "api.cli", "mcp"], env={**os.environ, "KG_STORE": store_url}
    )

    async def talk() -> list[Any]:
        async with Client(server) as client:
            return [await step(client) for step in steps]

    return asyncio.run(talk())


def _call(tool: str, /, **arguments: Any) -> Callable[[Client], Awaitable[Any]]:
    return lambda client: client.call_tool(tool, arguments)


def test_every_tool_is_read_only_and_says_what_it_returns(store_url):
    listed = _talk(store_url, lambda client: client.list_tools())[0].tools
    assert {tool.name for tool in listed} == TOOLS
    assert all(tool.annotations.read_only_hint and not tool.annotations.destructive_hint for tool in listed)
    assert all(tool.output_schema and tool.description for tool in listed)


def test_tools_answer_with_structure_and_sources(store_url):
    entity, near, path, before, topics, stats, plan, found = (
        result.structured_content
        for result in _talk(
            store_url,
            _call("entity", name="rag"),
            _call("neighbors", of=["FAISS"]),
            _call("path", start="FAISS", end="GraphRAG"),
            _call("prerequisites", of="GraphRAG"),
            _call("topics"),
            _call("stats"),
            _call("plan", goals=["RAG engineer"], known=["tokenization"]),
            _call("search", query="vector search", mode="KEYWORD"),
        )
    )
    assert entity["entity"]["name"] == "RAG"
    assert entity["relations"][0]["evidence"][0]["document"] == "retrieval/rag.md"
    assert near["relations"][0]["evidence"][0]["quote"]
    assert path["result"][0]["entities"][0] == "FAISS"
    assert "Tokenization" in [each["name"] for each in before["entities"]]
    assert [topic["title"] for topic in topics["result"]] == ["Retrieval", "Foundations"]
    assert stats["entities"] == 26
    assert plan["steps"]
    assert found["passages"][0]["line"] >= 1


def test_an_answer_comes_with_its_citations(store_url):
    answer = _talk(store_url, _call("ask", question="What is RAG?"))[0].structured_content
    assert not answer["abstained"]
    assert answer["citations"][0]["evidence"]["quote"]


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("entity", {"name": "no such thing"}, "no such thing"),
        ("path", {"start": "RAG", "end": "RAG"}, "the same"),
        ("search", {"query": "x", "limit": 0}, "limit"),
    ],
)
def test_a_refusal_tells_the_model_why(store_url, name, arguments, reason):
    result = _talk(store_url, _call(name, **arguments))[0]
    assert result.is_error
    assert reason in result.content[0].text

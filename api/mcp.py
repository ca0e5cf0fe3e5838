"""The graph for language models: read-only MCP tools, each with structured output and its sources."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import Annotated, Any

import msgspec
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from api import by_name
from api.backend import Backend
from api.recording import (
    record_answer,
    record_page,
    record_paths,
    record_search,
    record_stats,
    record_subgraph,
    record_topics,
)
from api.records import (
    AnswerRecord,
    EntityPage,
    PathRecord,
    SearchRecord,
    StatsRecord,
    SubgraphRecord,
    TopicRecord,
)
from kg.answer import AnswerMode
from kg.answer import ask as find_answer
from kg.errors import KGError
from kg.lookup import get_entity
from kg.model import EntityKind, RelationType
from kg.plan import study_plan
from kg.plan_export import PlanFormat, export_plan
from kg.search import SearchMode
from kg.search import search as find

Register = Callable[[Callable[..., Any]], Callable[..., Any]]

INSTRUCTIONS = """\
A knowledge graph of technical guides: typed entities and relations, each with the sentence behind it.
Wherever a tool takes an entity, it takes an id, a name or an alias. Start with `search` for a name that
may not be exact, `ask` for a question, `entity` for all about one thing. Cite what you use: every
relation and answer carries its document, line and quote. Nothing here changes the graph."""

Name = Annotated[str, Field(description="Id, name or alias of an entity.")]
Limit = Annotated[int, Field(ge=1, le=100, description="Most results.")]
Types = Annotated[list[RelationType] | None, Field(description="Only relations of these types.")]
Kinds = Annotated[list[EntityKind] | None, Field(description="Only entities of these kinds.")]


def build_server(backend: Backend) -> MCPServer[Any]:
    """Build the server on an open backend; ``run("stdio")`` serves until stdin ends."""
    server: MCPServer[Any] = MCPServer(
        "guidegraph", instructions=INSTRUCTIONS, version=version("guidegraph"), log_level="WARNING"
    )
    tool = _registrar(server)
    _add_looks(tool, backend)
    _add_walks(tool, backend)
    _add_answers(tool, backend)
    return server


def _registrar(server: MCPServer[Any]) -> Register:
    """Return a decorator that makes a function a read-only tool; its expected errors reach the model."""
    harmless = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )

    def tool(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except KGError as error:
                raise ToolError(str(error)) from error

        server.add_tool(guarded, annotations=harmless, structured_output=True)
        return function

    return tool


def _add_looks(tool: Register, backend: Backend) -> None:
    store = backend.store

    @tool
    def search(
        query: Annotated[str, Field(description="Words, a name or a question.")],
        mode: SearchMode = SearchMode.HYBRID,
        kinds: Kinds = None,
        limit: Limit = 10,
    ) -> SearchRecord:
        """Find entities and passages; mode GRAPH is for questions whose evidence is spread over documents."""
        found = find(store, backend.embedder, query, mode=mode, kinds=frozenset(kinds or ()), limit=limit)
        return record_search(store, found)

    @tool
    def entity(name: Name) -> EntityPage:
        """Show all about one entity: description, where it is named, relations with their evidence."""
        return record_page(store, get_entity(store, name))

    @tool
    def topics(
        level: Annotated[int, Field(ge=0, le=1, description="0 for the broadest.")] = 0, limit: Limit = 20
    ) -> list[TopicRecord]:
        """List the groups of entities that belong together, the largest first: what the material is about."""
        return record_topics(store, store.topics(level=level)[:limit])

    @tool
    def stats() -> StatsRecord:
        """Count what the graph holds."""
        return record_stats(store.counts())


def _add_walks(tool: Register, backend: Backend) -> None:
    store = backend.store

    @tool
    def neighbors(
        of: Annotated[list[str], Field(min_length=1, description="Ids, names or aliases to start from.")],
        depth: Annotated[int, Field(ge=1, le=3, description="Most steps away.")] = 1,
        types: Types = None,
        kinds: Kinds = None,
        limit: Limit = 30,
    ) -> SubgraphRecord:
        """Show what lies around some entities, the nearest and best supported first."""
        around = by_name.neighborhood(
            store, of, depth=depth, types=types or (), kinds=kinds or (), limit=limit
        )
        return record_subgraph(store, around)

    @tool
    def path(
        start: Name,
        end: Name,
        max_hops: Annotated[int, Field(ge=1, le=6)] = 4,
        limit: Annotated[int, Field(ge=1, le=10)] = 3,
    ) -> list[PathRecord]:
        """Show how one entity is tied to another: the best chains of relations, each with its evidence."""
        return record_paths(store, by_name.find_paths(store, start, end, max_hops=max_hops, limit=limit))

    @tool
    def prerequisites(of: Name, depth: Annotated[int | None, Field(ge=1)] = None) -> SubgraphRecord:
        """Show all that should be understood before an entity, without redundant steps."""
        return record_subgraph(store, by_name.prerequisites(store, of, depth=depth))


def _add_answers(tool: Register, backend: Backend) -> None:
    store = backend.store

    @tool
    def ask(
        question: Annotated[str, Field(description="A question in plain words.")],
        mode: AnswerMode = AnswerMode.AUTO,
        limit: Annotated[int, Field(ge=1, le=20)] = 8,
    ) -> AnswerRecord:
        """Answer in the material's own sentences, each cited; text is null where the graph has no answer."""
        given = find_answer(store, backend.embedder, question, mode=mode, limit=limit)
        return record_answer(store, given)

    @tool
    def plan(
        goals: Annotated[list[str], Field(min_length=1, description="Names, aliases or tracks to reach.")],
        known: Annotated[list[str] | None, Field(description="Names already understood.")] = None,
        hours_per_week: Annotated[float, Field(gt=0)] = 5.0,
        max_weeks: Annotated[int | None, Field(ge=1)] = None,
    ) -> dict[str, Any]:
        """Plan what to study, in prerequisite order, with readings and a reason for each step."""
        made = study_plan(
            store, goals=goals, known=known or (), hours_per_week=hours_per_week, max_weeks=max_weeks
        )
        written: dict[str, Any] = msgspec.json.decode(export_plan(made, PlanFormat.JSON))
        return written

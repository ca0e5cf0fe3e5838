"""The services of ``kg`` asked by name: wherever people name an entity, an id or an alias will do.

GraphQL, MCP and the command line all go through here, so a name means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kg import compare as comparing
from kg import paths as walking
from kg import prerequisites as leading
from kg.compare import Comparison, TradeOff
from kg.embed import Embedder
from kg.lookup import get_entities, get_entity
from kg.model import Entity
from kg.paths import Path, Subgraph
from kg.prerequisites import Ready
from kg.store import GraphStore


def neighborhood(store: GraphStore, of: Sequence[str], **options: Any) -> Subgraph:
    """Return what lies around the named entities; ``options`` as ``kg.paths.neighborhood`` has them."""
    return walking.neighborhood(store, _ids(store, of), **options)


def find_paths(store: GraphStore, from_: str, to: str, **options: Any) -> list[Path]:
    """Return the best chains between two named entities; ``options`` as ``kg.paths.find_paths`` has them."""
    start, end = _ids(store, [from_, to])
    return walking.find_paths(store, start, end, **options)


def prerequisites(store: GraphStore, of: str, *, depth: int | None = None) -> Subgraph:
    """Return all that leads up to the named entity."""
    return leading.prerequisites(store, get_entity(store, of).id, depth=depth)


def learning_path(store: GraphStore, from_: str | None, to: str) -> list[Entity]:
    """Return the order of study from what is known, or from nothing, to the named goal."""
    known = get_entity(store, from_).id if from_ else None
    return leading.learning_path(store, known, get_entity(store, to).id)


def ready(
    store: GraphStore, known: Sequence[str], *, goals: Sequence[str] | None = None, limit: int = 10
) -> list[Ready]:
    """Return what can be learned next by someone who knows the named entities."""
    goal_ids = _ids(store, goals) if goals else None
    return leading.ready(store, _ids(store, known), goal_ids=goal_ids, limit=limit)


def compare(store: GraphStore, embedder: Embedder, a: str, b: str) -> Comparison:
    """Compare two named entities."""
    first, second = _ids(store, [a, b])
    return comparing.compare(store, embedder, first, second)


def trade_offs(store: GraphStore, of: str | None, *, limit: int = 20) -> list[TradeOff]:
    """Return the trade-offs of the named entity, or of the whole graph."""
    return comparing.trade_offs(store, get_entity(store, of).id if of else None, limit=limit)


def _ids(store: GraphStore, names: Sequence[str]) -> list[str]:
    return [entity.id for entity in get_entities(store, names)]

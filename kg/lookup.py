"""From what a person calls an entity to the entity."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kg.errors import EntityNotFoundError
from kg.model import Entity
from kg.store import GraphStore


def find_entities(store: GraphStore, refs: Collection[str]) -> dict[str, Entity]:
    """Return the entity of each ref that is an id, a name or an alias, in two look-ups for all of them.

    Of several entities with one name the store's first is taken: own name before alias, then the most
    important. A ref that nothing answers to is left out.
    """
    by_id = store.entities(refs)
    named = store.find_names([ref for ref in refs if ref not in by_id])
    by_name = store.entities([ids[0] for ids in named.values()])
    found = {ref: by_name[ids[0]] for ref, ids in named.items() if ids[0] in by_name}
    return by_id | found


def get_entities(store: GraphStore, refs: Sequence[str]) -> list[Entity]:
    """Return the entity of each ref, in their order and as many: two refs may mean one entity.

    Raises:
        EntityNotFoundError: naming every ref that is no id, name or alias.
    """
    found = find_entities(store, refs)
    missing = [ref for ref in dict.fromkeys(refs) if ref not in found]
    if missing:
        raise EntityNotFoundError(*missing)
    return [found[ref] for ref in refs]


def get_entity(store: GraphStore, ref: str) -> Entity:
    """Return the entity with this id, name or alias.

    Raises:
        EntityNotFoundError: there is none.
    """
    return get_entities(store, [ref])[0]

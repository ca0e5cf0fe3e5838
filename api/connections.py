"""Relay connections: a page of a list, with cursors, and a total that is counted only when asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import strawberry

from api.cursors import cursor
from api.described import field, graphql_type

T = TypeVar("T")
Count = Callable[[], Awaitable[int]]


@graphql_type
class PageInfo:
    """Whether a list goes on after this page, and from where."""

    has_next_page: bool
    end_cursor: str | None


@graphql_type
class Edge(Generic[T]):
    """A node with the cursor to page on from."""

    cursor: str
    node: T


@graphql_type
class Connection(Generic[T]):
    """A page of a longer list."""

    nodes: list[T]
    page_info: PageInfo
    offset: strawberry.Private[int]
    count: strawberry.Private[Count]

    @field
    def edges(self) -> list[Edge[T]]:
        """The nodes, each with a cursor to page on from."""
        return [Edge(cursor=cursor(self.offset + place), node=node) for place, node in enumerate(self.nodes)]

    @field
    async def total_count(self) -> int:
        """How long the whole list is."""
        return await self.count()


def connect(items: Sequence[T], *, offset: int, size: int, count: Count) -> Connection[T]:
    """Make a page of ``size`` nodes that starts at ``offset``.

    Args:
        items: the nodes, and one more where the list goes on.
        offset: how many nodes of the list came before.
        size: most nodes of the page.
        count: asked for the length of the whole list if a client wants it.
    """
    nodes = list(items[:size])
    end = cursor(offset + len(nodes) - 1) if nodes else None
    page_info = PageInfo(has_next_page=len(items) > size, end_cursor=end)
    return Connection(nodes=nodes, page_info=page_info, offset=offset, count=count)


def known(count: int) -> Count:
    """Wrap a total that is known already."""

    async def total() -> int:
        return count

    return total

"""GraphQL types and fields that are described by their docstrings: said once, read in both places."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import strawberry

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def graphql_type(cls: type[T]) -> type[T]:
    """Make a class an output type."""
    return strawberry.type(cls, description=inspect.getdoc(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def graphql_input(name: str) -> Callable[[type[T]], type[T]]:
    """Make a class an input type of the given name."""

    def decorate(cls: type[T]) -> type[T]:
        return strawberry.input(cls, name=name, description=inspect.getdoc(cls))

    return decorate


def field(resolver: Callable[..., Any]) -> Any:
    """Make a resolver a field of its class."""
    return strawberry.field(resolver, description=inspect.getdoc(resolver))

"""The GraphQL schema: the queries, and how it is built."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.extensions import SchemaExtension

from api.described import graphql_type
from api.enums import ENUMS
from api.lookups import Lookups
from api.questions import Questions


@graphql_type
class Query(Lookups, Questions):
    """All that can be asked. Wherever a query takes an entity, it takes an id, a name or an alias."""


class _Prepared(SchemaExtension):
    """Takes the document that the context holds, parsed and validated already."""

    def on_parse(self) -> Iterator[None]:
        self.execution_context.graphql_document = self.execution_context.context.document
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = []
        yield


class Schema(strawberry.Schema):
    """Strawberry's schema; parsing, validation and errors are left to ``api.execution``."""

    def __init__(self) -> None:
        super().__init__(query=Query, types=ENUMS, extensions=[_Prepared])

    @property
    def core(self) -> GraphQLSchema:
        """The schema as graphql-core has it, for validation."""
        return self._schema

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here: ``api.execution`` does, once, and only what no client could have caused."""

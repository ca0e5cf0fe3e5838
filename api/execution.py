"""One request, executed: limits, validation, resolvers, and errors that a client may see."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    get_operation_ast,
    specified_rules,
    validate,
)

from api.backend import Backend
from api.context import Context
from api.limits import Limits, check_document, read_document
from api.schema import Schema
from kg.errors import InvalidInputError, KGError
from kg.settings import Settings

_log = logging.getLogger(__name__)

REFUSED, SEVERAL = "refused", "several"
_REMEMBERED = 512  # documents that are parsed and validated already
_MAX_ERRORS = 20  # of validation; finding more helps nobody and takes time


class RequestTimeoutError(KGError):
    """A request took longer than the server grants."""

    code = "TIMEOUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client sends."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a client gets, and what the operator may want to know of it."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    executed: bool  # whether it got past validation
    operation: str  # name of the one root field that was asked, else SEVERAL or REFUSED

    def body(self) -> dict[str, Any]:
        """Return the response as the GraphQL specification has it."""
        answer: dict[str, Any] = {"data": self.data} if self.executed else {}
        return {**answer, "errors": self.errors} if self.errors else answer

    def codes(self) -> list[str]:
        """Return the code of each error."""
        return [error["extensions"]["code"] for error in self.errors]


class Executor:
    """Executes requests against one backend; shared by all of them."""

    def __init__(self, backend: Backend, settings: Settings) -> None:
        self._backend = backend
        self._schema = Schema()
        self._limits = Limits(tokens=settings.max_tokens, cost=settings.max_cost)
        self._timeout_s = settings.query_timeout_s
        self._rules = [*specified_rules]
        if not settings.introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._read = lru_cache(_REMEMBERED)(self._read_document)
        self._validate = lru_cache(_REMEMBERED)(self._validate_document)

    async def execute(self, request: Request) -> Outcome:
        """Answer a request; whatever goes wrong is in the outcome, with a code."""
        try:
            document = self._prepare(request)
        except (KGError, GraphQLError) as error:
            return Outcome(data=None, errors=[_shown(error)], executed=False, operation=REFUSED)
        if errors := self._validate(request.query):
            return Outcome(data=None, errors=[*errors], executed=False, operation=REFUSED)
        return await self._run(request, document)

    def _prepare(self, request: Request) -> DocumentNode:
        document = self._read(request.query)
        # Sizes may come as variables, so what a document asks for is added up at each request.
        check_document(document, self._schema.core, request.variables, self._limits)
        if get_operation_ast(document, request.operation_name) is None:
            raise InvalidInputError("the document has no such operation, or several and no operationName")
        return document

    def _read_document(self, text: str) -> DocumentNode:
        return read_document(text, self._limits)

    def _validate_document(self, text: str) -> list[dict[str, Any]]:
        found = validate(self._schema.core, self._read(text), self._rules, max_errors=_MAX_ERRORS)
        return [_formatted(error, "GRAPHQL_VALIDATION_FAILED") for error in found]

    async def _run(self, request: Request, document: DocumentNode) -> Outcome:
        running = self._schema.execute(
            request.query,
            variable_values=dict(request.variables),
            context_value=Context.of(document, self._backend),
            operation_name=request.operation_name,
        )
        operation = _operation(document, request.operation_name)
        try:
            result = await asyncio.wait_for(running, self._timeout_s)
        except TimeoutError:
            slow = RequestTimeoutError(f"no answer within {self._timeout_s:g} s; ask for less at once")
            return Outcome(data=None, errors=[_shown(slow)], executed=True, operation=operation)
        errors = [_shown(error) for error in result.errors or ()]
        return Outcome(data=result.data, errors=errors, executed=True, operation=operation)


def _shown(error: Exception) -> dict[str, Any]:
    """Show an expected error with its code; mask any other, and log it under an id that the client gets."""
    cause = _cause(error)
    if isinstance(cause, KGError):
        place = error if isinstance(error, GraphQLError) else GraphQLError(str(cause))
        return {**_formatted(place, cause.code), "message": str(cause)}
    if isinstance(error, GraphQLSyntaxError):
        return _formatted(error, "GRAPHQL_PARSE_FAILED")
    path = error.path if isinstance(error, GraphQLError) else None
    if isinstance(cause, GraphQLError) and path is None:  # before any resolver ran: variables of a wrong form
        return _formatted(cause, "BAD_USER_INPUT")
    request_id = secrets.token_hex(8)
    _log.error("internal error, request %s", request_id, exc_info=cause)
    masked = {"message": f"internal error, request {request_id}", "extensions": {"code": "INTERNAL_ERROR"}}
    return {**masked, "path": path} if path else masked


def _cause(error: Exception) -> Exception:
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def _formatted(error: GraphQLError, code: str) -> dict[str, Any]:
    return {**error.formatted, "extensions": {"code": code}}


def _operation(document: DocumentNode, name: str | None) -> str:
    operation = get_operation_ast(document, name)
    fields = operation.selection_set.selections if operation else ()
    first = fields[0] if len(fields) == 1 else None
    return first.name.value if isinstance(first, FieldNode) else SEVERAL

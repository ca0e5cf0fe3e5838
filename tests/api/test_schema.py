"""The printed schema holds the contract: everything in it is there, and equal."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from api.schema import Schema

CONTRACT = build_schema(Path(__file__).with_name("contract.graphql").read_text(encoding="utf-8"))
PRINTED = build_schema(Schema().as_str())


def _named(schema: GraphQLSchema, kind: type) -> dict[str, object]:
    return {
        name: type_
        for name, type_ in schema.type_map.items()
        if isinstance(type_, kind) and not name.startswith("__")
    }


def _inputs(owner: str, given: dict[str, GraphQLArgument] | dict[str, GraphQLInputField]) -> dict[str, str]:
    return {f"{owner}.{name}": f"{value.type} = {value.default_value!r}" for name, value in given.items()}


def _signatures(schema: GraphQLSchema) -> dict[str, str]:
    """Return each field, argument, input field and enum value by its full name, with type and default."""
    found: dict[str, str] = {}
    for name, type_ in _named(schema, GraphQLObjectType).items():
        for field_name, field in type_.fields.items():
            found[f"{name}.{field_name}"] = str(field.type)
            found |= _inputs(f"{name}.{field_name}", field.args)
    for name, type_ in _named(schema, GraphQLInputObjectType).items():
        found |= _inputs(name, type_.fields)
    for name, type_ in _named(schema, GraphQLEnumType).items():
        found |= {f"{name}.{value}": "enum value" for value in type_.values}
    return found


@pytest.mark.parametrize(("name", "signature"), sorted(_signatures(CONTRACT).items()))
def test_everything_in_the_contract_is_in_the_schema_and_equal(name, signature):
    assert _signatures(PRINTED)[name] == signature


def test_added_arguments_are_optional():
    added = _signatures(PRINTED).keys() - _signatures(CONTRACT).keys()
    fields = {
        f"{name}.{field}": f
        for name, type_ in _named(CONTRACT, GraphQLObjectType).items()
        for field, f in type_.fields.items()
    }
    extra = [name for name in added if name.rpartition(".")[0] in fields]
    assert extra == []


@pytest.mark.parametrize("type_", sorted(_named(PRINTED, GraphQLObjectType)))
def test_every_type_says_what_it_is(type_):
    assert PRINTED.type_map[type_].description


def test_every_query_says_what_it_answers():
    fields: dict[str, GraphQLField] = PRINTED.query_type.fields
    assert [name for name, field in fields.items() if not field.description] == []

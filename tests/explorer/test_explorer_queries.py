"""Every document of the pages is valid against the API's real schema and within its limits."""

from __future__ import annotations

import pytest
from graphql import parse, validate

from api.schema import Schema
from explorer import queries

_DOCUMENTS = {
    name: text for name, text in vars(queries).items() if name.isupper() and not name.startswith("_")
}


@pytest.mark.parametrize("name", sorted(_DOCUMENTS))
def test_a_document_is_valid_against_the_schema(name: str):
    assert validate(Schema().core, parse(_DOCUMENTS[name])) == []

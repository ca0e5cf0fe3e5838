from __future__ import annotations

import pytest
from sample import entity_id

from kg.errors import EntityNotFoundError
from kg.lookup import find_entities, get_entities, get_entity


@pytest.mark.parametrize("ref", ["RAG", "rag", "Retrieval-augmented generation", entity_id("RAG")])
def test_an_entity_is_found_by_its_name_an_alias_or_its_id(sample_store, ref):
    assert get_entity(sample_store, ref).name == "RAG"


def test_entities_come_in_the_order_asked_one_for_each_ref(sample_store):
    found = get_entities(sample_store, ["FAISS", "BM25", "faiss"])
    assert [entity.name for entity in found] == ["FAISS", "Keyword search", "FAISS"]


def test_all_unknown_names_are_told_at_once(sample_store):
    with pytest.raises(EntityNotFoundError, match="'nothing', 'nobody'"):
        get_entities(sample_store, ["nothing", "RAG", "nobody"])


def test_unknown_names_can_be_left_out(sample_store):
    assert list(find_entities(sample_store, ["nothing", "RAG", "", "!?"])) == ["RAG"]


def test_an_error_says_where_names_are_to_be_found(sample_store):
    with pytest.raises(EntityNotFoundError, match="`kg search` lists similar names"):
        get_entity(sample_store, "nothing")

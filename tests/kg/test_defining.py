from sample import entity_id

from kg.defining import defining_quotes, is_definition


def entities(store, *names):
    return [store.entities([entity_id(name)])[entity_id(name)] for name in names]


def test_a_defining_sentence_is_the_one_that_begins_with_the_name(sample_store):
    quotes = defining_quotes(sample_store, entities(sample_store, "BERT", "Semantic cache"))
    assert quotes[entity_id("BERT")].text == "BERT is an encoder that turns text into vectors."
    assert quotes[entity_id("Semantic cache")].text.startswith("A semantic cache uses embeddings")


def test_the_sentence_of_the_description_is_preferred(sample_store):
    quotes = defining_quotes(sample_store, entities(sample_store, "GraphRAG", "Hybrid search"))
    assert quotes[entity_id("GraphRAG")].text == "GraphRAG is a kind of RAG that walks a knowledge graph."
    assert quotes[entity_id("Hybrid search")].text == "Hybrid search fuses keyword search and vector search."


def test_a_sentence_that_defines_supports_more_than_one_that_only_begins_with_the_name(sample_store):
    quotes = defining_quotes(sample_store, entities(sample_store, "BERT", "FAISS"))
    assert quotes[entity_id("BERT")].support > quotes[entity_id("FAISS")].support


def test_a_sentence_that_only_begins_with_the_name_is_no_definition(sample_store):
    quotes = defining_quotes(sample_store, entities(sample_store, "BERT", "FAISS"))
    assert is_definition(quotes[entity_id("BERT")])
    assert not is_definition(quotes[entity_id("FAISS")])

from sample import entity_id

from kg.telling import defining_quotes, telling_quotes


def entities(store, *names):
    return [store.entities([entity_id(name)])[entity_id(name)] for name in names]


def all_passages(store):
    return [
        passage
        for document in store.list_documents()
        for passage in store.document_passages(document.id, limit=100).items
    ]


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


def test_telling_sentences_speak_of_the_question(sample_store):
    question = "Why does retrieval augmented generation reduce hallucinations?"
    quotes = telling_quotes(sample_store, question, (), all_passages(sample_store), limit=3)
    assert quotes[0].text == "RAG reduces hallucination, because answers rest on passages."
    assert quotes[0].support == 1


def test_words_that_the_material_never_uses_count_against_an_answer(sample_store):
    passages = all_passages(sample_store)
    known = telling_quotes(sample_store, "attention and keyword tokens", (), passages, limit=1)
    unknown = telling_quotes(sample_store, "attention and football tokens", (), passages, limit=1)
    assert unknown[0].support < known[0].support


def test_a_question_of_stop_words_has_no_telling_sentence(sample_store):
    assert telling_quotes(sample_store, "what is it?", (), all_passages(sample_store), limit=3) == []
